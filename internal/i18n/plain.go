package i18n

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is one of a catalogue's tables, as plainly written.
type table struct {
	texts  map[string]string // by the last part of the key
	parent bool              // there are tables in it
}

// readPlain reads what a catalogue nearly always is (comments, [tables], and texts without escapes, a line each) in a tenth of the
// time that a reader of all of TOML takes, which is half of what the program takes to start. It gives false, and nothing, for
// anything else, errors included: these are the other reader's to name.
func readPlain(doc string, out map[string]*message) bool {
	if !utf8.ValidString(doc) || strings.ContainsFunc(doc, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
		return false
	}
	now := &table{texts: map[string]string{}}
	tables := map[string]*table{"": now}
	for line := range strings.SplitSeq(doc, "\n") {
		line = strings.Trim(line, " \t")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name, ok := strings.CutSuffix(line[1:], "]")
			if !ok || slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return !bare(part) }) {
				return false
			}
			if tables[name] != nil {
				return false // twice
			}
			now = &table{texts: map[string]string{}}
			tables[name] = now
		default:
			key, text, ok := strings.Cut(line, "=")
			key, text = strings.TrimRight(key, " \t"), strings.TrimLeft(text, " \t")
			if k, quoted := strings.CutPrefix(key, `"`); quoted {
				key, quoted = strings.CutSuffix(k, `"`)
				ok = ok && quoted && !strings.ContainsAny(key, `"\`)
			} else {
				ok = ok && bare(key)
			}
			if !ok || len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' || strings.ContainsAny(text[1:len(text)-1], `"\`) {
				return false
			}
			if _, twice := now.texts[key]; twice {
				return false
			}
			now.texts[key] = text[1 : len(text)-1]
		}
	}
	for name := range tables {
		for at := strings.LastIndexByte(name, '.'); name != ""; at = strings.LastIndexByte(name, '.') {
			above := name[:max(at, 0)]
			if up := tables[above]; up != nil {
				if _, both := up.texts[name[at+1:]]; both {
					return false // a text and a table of one name
				}
				up.parent = true
			}
			name = above
		}
	}
	found := make(map[string]*message, strings.Count(doc, "\n"))
	for name, t := range tables {
		if forms := t.texts; name != "" && !t.parent && isPlural(forms) {
			if found[name] != nil {
				return false
			}
			found[name] = &message{other: forms["other"], plural: forms}
			continue
		}
		for key, text := range t.texts {
			if name != "" {
				key = name + "." + key
			}
			if found[key] != nil {
				return false
			}
			found[key] = &message{other: text}
		}
	}
	maps.Copy(out, found)
	return true
}

// bare tells whether a key needs no quotes.
func bare(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}
