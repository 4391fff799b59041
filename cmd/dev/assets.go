package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bundles are the files that the panel serves, with the most that each may weigh compressed (UX.md section 1).
var bundles = []struct {
	name  string
	limit int // bytes, gzip -9
}{
	{"admin.js", 45_000},
	{"editor.js", 90_000},
	{"admin.css", 12_000},
	{"note.css", 2_500},
	{"translate.css", 2_000},
	{"exchange.css", 1_500},
	{"passkey.js", 1_500},
	{"security.css", 1_000},
}

const notices = "third-party.txt"

// assets builds admin/static from admin/src with the esbuild that package-lock.json names. The result is committed,
// so that running Plenary needs only Go. With --check it builds elsewhere and fails when the committed bytes differ.
func assets(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("assets", flag.ContinueOnError)
	check := flags.Bool("check", false, "compare with the committed files instead of writing them")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	admin := filepath.Join(root, "admin")
	in, err := newInstaller(root, os.Stdout)
	if err != nil {
		return err
	}
	if err := in.npmCI(ctx, admin); err != nil {
		return err
	}
	out, err := os.MkdirTemp("", "plenary-assets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	if err := bundle(ctx, admin, out); err != nil {
		return err
	}

	static := filepath.Join(admin, "static")
	var stale []string
	for _, b := range bundles {
		data, err := os.ReadFile(filepath.Join(out, b.name))
		if err != nil {
			return err
		}
		size := gzipSize(data)
		fmt.Printf("%-10s %7d bytes, %6d compressed\n", b.name, len(data), size)
		if size > b.limit {
			return fmt.Errorf("%s is %d bytes compressed, more than its budget of %d", b.name, size, b.limit)
		}
	}
	if !*check {
		if err := os.MkdirAll(static, 0o755); err != nil {
			return err
		}
	}
	for _, name := range append([]string{notices}, bundleNames()...) {
		made, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		target := filepath.Join(static, name)
		if *check {
			if have, err := os.ReadFile(target); err != nil || !bytes.Equal(have, made) {
				stale = append(stale, name)
			}
			continue
		}
		if err := os.WriteFile(target, made, 0o644); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("admin/static is not what admin/src builds to (%s): run go run ./cmd/dev assets", strings.Join(stale, ", "))
	}
	return nil
}

func bundleNames() []string {
	var names []string
	for _, b := range bundles {
		names = append(names, b.name)
	}
	return names
}

// bundle writes the scripts, the style sheet and the notices of the bundled packages to out.
func bundle(ctx context.Context, admin, out string) error {
	esbuild := filepath.Join(admin, "node_modules", ".bin", "esbuild")
	meta := filepath.Join(out, "meta.json")
	common := []string{"--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning", "--outdir=" + out}
	if err := runIn(ctx, admin, esbuild, append([]string{
		"src/admin.ts", "src/editor.ts", "src/passkey.ts", "--format=esm", "--target=es2022", "--metafile=" + meta}, common...)...); err != nil {
		return err
	}
	if err := runIn(ctx, admin, esbuild, append([]string{"src/admin.css", "src/note.css", "src/translate.css", "src/exchange.css", "src/security.css"}, common...)...); err != nil {
		return err
	}
	text, err := licences(admin, meta)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, notices), text, 0o644)
}

// licences collects the licence of every package that went into the bundles: theirs ask to be kept with copies.
func licences(admin, meta string) ([]byte, error) {
	data, err := os.ReadFile(meta)
	if err != nil {
		return nil, err
	}
	var m struct {
		Inputs map[string]json.RawMessage `json:"inputs"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	var packages []string
	for input := range m.Inputs {
		rest, ok := strings.CutPrefix(input, "node_modules/")
		if !ok {
			continue
		}
		parts := strings.SplitN(rest, "/", 3)
		name := parts[0]
		if strings.HasPrefix(name, "@") && len(parts) > 1 {
			name += "/" + parts[1]
		}
		packages = append(packages, name)
	}
	slices.Sort(packages)
	var text bytes.Buffer
	text.WriteString("The panel's scripts contain these packages, under the licences below.\n")
	for _, name := range slices.Compact(packages) {
		dir := filepath.Join(admin, "node_modules", filepath.FromSlash(name))
		files, err := filepath.Glob(filepath.Join(dir, "LICEN[CS]E*"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("package %s has no licence file", name)
		}
		licence, err := os.ReadFile(files[0])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "\n== %s\n\n%s\n", name, strings.TrimSpace(strings.ReplaceAll(string(licence), "\r\n", "\n")))
	}
	return text.Bytes(), nil
}

func gzipSize(data []byte) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write(data)
	w.Close()
	return b.Len()
}

// runIn runs a command in dir and shows what it says.
func runIn(ctx context.Context, dir, name string, args ...string) error {
	cmd := commandContext(ctx, dir, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(append([]string{filepath.Base(name)}, args...), " "), err)
	}
	return nil
}
