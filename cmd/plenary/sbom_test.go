package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"testing"

	"plenary/admin"
)

// What the binary is made of is all there, and the same each time.
func TestSBOM(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok || len(info.Deps) < 30 {
		t.Fatalf("%v %+v", ok, info)
	}
	var b, again bytes.Buffer
	if err := writeSBOM(&b, info, admin.Packages); err != nil {
		t.Fatal(err)
	}
	_ = writeSBOM(&again, info, admin.Packages)
	if b.String() != again.String() {
		t.Error("not the same twice")
	}
	var got sbom
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "CycloneDX" || got.Spec != "1.5" || got.Version != 1 || got.Metadata.Component.Name != "plenary" || got.Metadata.Component.Version == "" {
		t.Errorf("%+v", got.Metadata)
	}
	purl := regexp.MustCompile(`^pkg:(golang|npm)/(%40)?[A-Za-z0-9._~/-]+@[A-Za-z0-9._%-]+$`)
	found, refs := map[string]component{}, map[string]bool{}
	for _, c := range got.Components {
		if !purl.MatchString(c.PURL) || c.Version == "" || c.Type != "library" || refs[c.Ref] {
			t.Errorf("%+v", c)
		}
		found[c.Name], refs[c.Ref] = c, true
	}
	for _, m := range info.Deps {
		c, ok := found[m.Path]
		if !ok || m.Sum != "" && (len(c.Properties) != 1 || c.Properties[0].Value != m.Sum) {
			t.Errorf("%s: %+v", m.Path, c)
		}
	}
	if found["std"].Version == "" {
		t.Error("Go itself is missing")
	}
	for _, name := range []string{"prosemirror-view", "@github/combobox-nav", "orderedmap"} {
		if c := found[name]; len(c.Hashes) != 1 || len(c.Hashes[0].Content) != 128 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c, ok := found["esbuild"]; ok {
		t.Errorf("only for building: %+v", c)
	}
	if found["@github/combobox-nav"].PURL != "pkg:npm/%40github/combobox-nav@"+found["@github/combobox-nav"].Version {
		t.Error(found["@github/combobox-nav"].PURL)
	}
}
