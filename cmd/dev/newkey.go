package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"plenary/internal/i18n"
)

// catalogues are the folders of message files.
var catalogues = map[string]string{
	"admin":  "admin/locales",
	"theme":  "themes/default/locales",
	"shared": "internal/i18n/locales",
}

var messageKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// newKey adds a message in English and says who still owes a translation. It does not put the English text into the
// other files: the check would take it for a translation.
func newKey(_ context.Context, args []string) error {
	fl := flag.NewFlagSet("new-key", flag.ContinueOnError)
	in := fl.String("in", "shared", "catalogue: admin, theme or shared")
	fl.Usage = func() {
		fmt.Fprintln(fl.Output(), `usage: go run ./cmd/dev new-key KEY "English text" [-in admin|theme|shared]`)
	}
	// Flags may follow the words, as in the usage line.
	var words []string
	for rest := args; len(rest) > 0; {
		if err := fl.Parse(rest); err != nil {
			return err
		}
		if rest = fl.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	if len(words) != 2 {
		fl.Usage()
		return errors.New("want a key and its English text")
	}
	dir, ok := catalogues[*in]
	if !ok {
		return fmt.Errorf("no catalogue is called %q: admin, theme or shared", *in)
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	missing, err := addMessage(filepath.Join(root, dir), words[0], words[1])
	if err != nil {
		return err
	}
	fmt.Printf("%s is in %s/en.toml. Still to be translated, by hand:\n", words[0], dir)
	for _, name := range missing {
		fmt.Printf("  %s/%s\n", dir, name)
	}
	return nil
}

// addMessage writes the message into dir/en.toml and names the files of the other languages that lack it.
func addMessage(dir, key, text string) (missing []string, err error) {
	if !messageKey.MatchString(key) {
		return nil, fmt.Errorf("key %q: want lower-case words joined by dots, like event.register_by", key)
	}
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the English text is empty")
	}
	file := filepath.Join(dir, "en.toml")
	old, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	changed, err := insertMessage(string(old), key, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		return nil, err
	}
	for _, l := range i18n.All {
		if l == i18n.EN {
			continue
		}
		name := string(l) + ".toml"
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if _, ok, err := lookup(string(b), key); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		} else if !ok {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// lookup finds a key in a catalogue. A key on the way to it that is a text already is an error.
func lookup(doc, key string) (value any, ok bool, err error) {
	var all map[string]any
	if _, err := toml.Decode(doc, &all); err != nil {
		return nil, false, err
	}
	value = all
	for _, word := range strings.Split(key, ".") {
		table, isTable := value.(map[string]any)
		if !isTable {
			return nil, false, fmt.Errorf("%s cannot be below a message", key)
		}
		if value, ok = table[word]; !ok {
			return nil, false, nil
		}
	}
	return value, true, nil
}

var tomlHeader = regexp.MustCompile(`(?m)^\[([a-z0-9_.]+)\][ \t]*$`)

// insertMessage puts the key at the end of the innermost table that could hold it, or into a new table at the end.
// The rest of the file, comments included, stays as it is.
func insertMessage(doc, key, text string) (string, error) {
	if _, ok, err := lookup(doc, key); err != nil {
		return "", err
	} else if ok {
		return "", fmt.Errorf("%s exists already", key)
	}
	if doc != "" && !strings.HasSuffix(doc, "\n") {
		doc += "\n"
	}
	headers := tomlHeader.FindAllStringSubmatchIndex(doc, -1)
	at, rest, found := len(doc), key, -1
	for i, h := range headers {
		name := doc[h[2]:h[3]]
		if below, ok := strings.CutPrefix(key, name+"."); ok && (found < 0 || len(below) < len(rest)) {
			found, rest = i, below
			at = len(doc)
			if i+1 < len(headers) {
				at = headers[i+1][0]
			}
		}
	}
	line := rest + " = " + strconv.Quote(text) + "\n"
	switch {
	case found >= 0:
		// After the last line that says something: what follows belongs to the next table.
		at = len(strings.TrimRight(stripTrailingComments(doc[:at]), "\n")) + 1
	case strings.Contains(key, "."):
		i := strings.LastIndexByte(key, '.')
		line = "\n[" + key[:i] + "]\n" + key[i+1:] + " = " + strconv.Quote(text) + "\n"
		rest = key[i+1:]
	case len(headers) > 0: // a key of the top level must stand before the first table
		at = len(strings.TrimRight(stripTrailingComments(doc[:headers[0][0]]), "\n"))
		if at > 0 {
			at++
		} else {
			line += "\n"
		}
	}
	changed := doc[:at] + line + doc[at:]
	// Read it back: a table written in another way than by a header of its own could not be extended like this.
	if v, ok, err := lookup(changed, key); err != nil {
		return "", fmt.Errorf("cannot add %s by machine, do it by hand: %w", key, err)
	} else if !ok || v != text {
		return "", fmt.Errorf("cannot add %s by machine, do it by hand", key)
	}
	return changed, nil
}

// stripTrailingComments cuts comment and blank lines off the end.
func stripTrailingComments(s string) string {
	for {
		t := strings.TrimRight(s, "\n")
		i := strings.LastIndexByte(t, '\n')
		if last := strings.TrimSpace(t[i+1:]); t == "" || !strings.HasPrefix(last, "#") {
			return t + "\n"
		}
		s = t[:i+1]
	}
}
