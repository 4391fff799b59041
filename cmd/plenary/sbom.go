package main

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"plenary/admin"
)

// sbomCommand tells what this very binary is made of, from what the compiler wrote into it.
type sbomCommand struct{}

func (sbomCommand) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary does not know what it was built from")
	}
	return writeSBOM(os.Stdout, info, admin.Packages)
}

// The parts of CycloneDX 1.5 that are used. There is neither a time nor a serial number in it: the same binary gives the same file.
type (
	sbom struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Version    int         `json:"version"`
		Metadata   sbomAbout   `json:"metadata"`
		Components []component `json:"components"`
	}
	sbomAbout struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl,omitempty"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// writeSBOM lists the modules of a build, Go itself, and the packages of the panel's scripts, of which lock is npm's list. A Go
// module's checksum is a property of its own: it is of a folder's list of files and not of a file, as CycloneDX wants a hash.
func writeSBOM(w io.Writer, info *debug.BuildInfo, lock []byte) error {
	version := info.Main.Version
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if version == "" || version == "(devel)" {
		version = cmp.Or(settings["vcs.revision"], "unversioned")
	}
	out := sbom{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: sbomAbout{component{Type: "application", Ref: "plenary", Name: "plenary", Version: version}}}
	for _, key := range []string{"vcs.revision", "vcs.modified", "GOOS", "GOARCH", "-tags"} {
		if v := settings[key]; v != "" {
			out.Metadata.Component.Properties = append(out.Metadata.Component.Properties, property{"go:build:" + key, v})
		}
	}
	library := func(name, version, purl string) component {
		return component{Type: "library", Ref: purl, Name: name, Version: version, PURL: purl}
	}
	golang := strings.TrimPrefix(info.GoVersion, "go")
	out.Components = append(out.Components, library("std", golang, "pkg:golang/std@"+golang))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := library(m.Path, m.Version, "pkg:golang/"+m.Path+"@"+strings.ReplaceAll(m.Version, "+", "%2B"))
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		out.Components = append(out.Components, c)
	}
	scripts, err := bundled(lock)
	if err != nil {
		return err
	}
	out.Components = append(out.Components, scripts...)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// bundled are the packages of npm's list that get into the panel's scripts: those not only for building and testing them.
func bundled(lock []byte) ([]component, error) {
	var l struct {
		Packages map[string]struct {
			Version, Integrity string
			Dev                bool
		}
	}
	if err := json.Unmarshal(lock, &l); err != nil {
		return nil, fmt.Errorf("list of the panel's packages: %w", err)
	}
	var out []component
	for _, at := range slices.Sorted(maps.Keys(l.Packages)) {
		p := l.Packages[at]
		if at == "" || p.Dev {
			continue
		}
		_, name, _ := strings.Cut(at, "node_modules/")
		purl := "pkg:npm/" + path.Join(strings.Replace(path.Dir(name), "@", "%40", 1), path.Base(name)) + "@" + p.Version
		c := component{Type: "library", Ref: purl, Name: name, Version: p.Version, PURL: purl}
		if sum, ok := strings.CutPrefix(p.Integrity, "sha512-"); ok {
			b, err := base64.StdEncoding.DecodeString(sum)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			c.Hashes = []hash{{"SHA-512", hex.EncodeToString(b)}}
		}
		out = append(out, c)
	}
	return out, nil
}
