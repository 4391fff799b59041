package demo

import (
	"embed"
	"fmt"
	"html"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// The words lie in words/<locale>/*.txt, so that a reader of a language can check them without reading Go:
//
//	=== event/opening-the-register
//	title: Opening the Register
//	blocks.background.body:
//	First paragraph.[^A footnote.]
//
//	Second paragraph.
//	blocks.objectives.points:
//	- present national experience
//
// A key is the path of a field of the entry's kind. A list of points makes its items, and a path through a list
// (blocks.background…) makes the item; so the English words also say which blocks an entry has and in which order.
//
//go:embed words
var wordFiles embed.FS

// wording is what one file says of one entry in one language.
type wording struct {
	keys   []string // in the order of the file
	values map[string]string
}

// wordings holds the words of all entries by their name, "event/opening-the-register".
type wordings map[string]map[i18n.Locale]*wording

var (
	headLine = regexp.MustCompile(`^=== ([a-z]+/[a-z0-9-]+)$`)
	keyLine  = regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*):(?: (.*))?$`)
)

func readWords() (wordings, error) {
	all := wordings{}
	err := fs.WalkDir(wordFiles, "words", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		l, ok := i18n.Parse(path.Base(path.Dir(name)))
		if !ok {
			return fmt.Errorf("%s: not a language", name)
		}
		b, err := fs.ReadFile(wordFiles, name)
		if err != nil {
			return err
		}
		var w *wording
		key := ""
		for i, line := range strings.Split(string(b), "\n") {
			if m := headLine.FindStringSubmatch(line); m != nil {
				if all[m[1]] == nil {
					all[m[1]] = map[i18n.Locale]*wording{}
				}
				if all[m[1]][l] != nil {
					return fmt.Errorf("%s:%d: %s is there twice", name, i+1, m[1])
				}
				w, key = &wording{values: map[string]string{}}, ""
				all[m[1]][l] = w
				continue
			}
			if m := keyLine.FindStringSubmatch(line); m != nil && w != nil {
				key = m[1]
				if _, twice := w.values[key]; twice {
					return fmt.Errorf("%s:%d: %s is there twice", name, i+1, key)
				}
				w.keys, w.values[key] = append(w.keys, key), m[2]
				continue
			}
			if key != "" {
				w.values[key] += "\n" + line
			} else if strings.TrimSpace(line) != "" {
				return fmt.Errorf("%s:%d: words without a key", name, i+1)
			}
		}
		return nil
	})
	for _, locales := range all {
		for _, w := range locales {
			for k, v := range w.values {
				w.values[k] = strings.TrimSpace(v)
			}
		}
	}
	return all, err
}

// line gives one value in every language that has it, for facts that repeat words of another entry.
func (w wordings) line(name, key string) content.Line {
	var out content.Line
	for l, x := range w[name] {
		if v := x.values[key]; v != "" {
			out.Set(l, content.Text{Words: v})
		}
	}
	return out
}

// blockKinds are the kinds of blocks by the ids that the words use; ids have no underscores. Others are custom.
var blockKinds = map[string]string{"background": "background", "objectives": "objectives", "audience": "target_audience", "results": "expected_results",
	"format": "format", "questions": "key_questions", "themes": "themes", "methodology": "methodology", "practical": "practical_info",
	"eligibility": "eligibility", "followup": "follow_up", "quote": "quote"}

// join puts the words of an entry into the parts that its facts were split into, and takes out the words of languages
// that the entry is not written in: names and titles come in more languages than the entry that repeats them.
func (w wordings) join(name string, k *content.Kind, original i18n.Locale, parts content.Parts) error {
	locales := w[name]
	if locales[original] == nil {
		return fmt.Errorf("%s has no words in %s", name, original)
	}
	for p := range parts {
		if p != content.Facts && locales[p.Locale()] == nil {
			delete(parts, p)
		}
	}
	order := []i18n.Locale{original}
	for _, l := range i18n.All {
		if l != original && locales[l] != nil {
			order = append(order, l)
		}
	}
	for _, l := range order {
		if parts[content.Part(l)] == nil {
			parts[content.Part(l)] = content.Leaves{}
		}
		for _, key := range locales[l].keys {
			if err := put(k, parts, l, l == original, key, locales[l].values[key]); err != nil {
				return fmt.Errorf("%s in %s: %s: %w", name, l, key, err)
			}
		}
	}
	return nil
}

func put(k *content.Kind, parts content.Parts, l i18n.Locale, original bool, key, value string) error {
	f := k.Field(key)
	if f == nil {
		return fmt.Errorf("not a field")
	}
	if err := enlist(k, parts[content.Facts], original, key); err != nil {
		return err
	}
	words := parts[content.Part(l)]
	switch f.Type {
	case content.TypeLine:
		words.SetText(key, content.Text{Words: value})
	case content.TypeProse:
		words.SetText(key, content.Text{Words: prose(value)})
	case content.TypeList:
		var ids []string
		for _, line := range strings.Split(value, "\n") {
			if line == "" {
				continue
			}
			text, ok := strings.CutPrefix(line, "- ")
			if !ok {
				return fmt.Errorf("%q is not an item", line)
			}
			id := "p" + strconv.Itoa(len(ids)+1)
			ids = append(ids, id)
			text, to, _ := strings.Cut(text, " → ")
			words.SetText(key+"."+id+".text", content.Text{Words: text})
			words.SetText(key+"."+id+".addressee", content.Text{Words: to})
		}
		if original {
			parts[content.Facts].Set(key, ids)
		} else if have, err := content.ItemIDs(parts[content.Facts][key]); err != nil || !slices.Equal(have, ids) {
			return fmt.Errorf("%d items instead of %d", len(ids), len(have))
		}
	default:
		return fmt.Errorf("not words")
	}
	return nil
}

// enlist sees that the items a path goes through are in their lists.
func enlist(k *content.Kind, facts content.Leaves, original bool, key string) error {
	segs := strings.Split(key, ".")
	for i := 1; i < len(segs); i++ {
		list := strings.Join(segs[:i], ".")
		if f := k.Field(list); f == nil || f.Type != content.TypeList {
			continue
		}
		ids, err := content.ItemIDs(facts[list])
		if err != nil {
			return err
		}
		if slices.Contains(ids, segs[i]) {
			continue
		}
		if !original {
			return fmt.Errorf("%s has no %s", list, segs[i])
		}
		facts.Set(list, append(ids, segs[i]))
		if list == "blocks" {
			kind := blockKinds[segs[i]]
			if kind == "" {
				kind = "custom"
			}
			facts.Set("blocks."+segs[i]+".kind", kind)
		}
	}
	return nil
}

// prose makes HTML of plain words: paragraphs apart by blank lines, "## " headings, "- " and "1. " lists, "> "
// quotations, "| " tables, [^footnotes], [links](address) and **strong** words.
func prose(s string) string {
	var b strings.Builder
	for _, block := range strings.Split(s, "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		switch first := lines[0]; {
		case first == "":
		case strings.HasPrefix(first, "## "):
			b.WriteString("<h2>" + inline(first[3:]) + "</h2>")
		case strings.HasPrefix(first, "### "):
			b.WriteString("<h3>" + inline(first[4:]) + "</h3>")
		case strings.HasPrefix(first, "- "):
			list(&b, "ul", lines, "- ")
		case strings.HasPrefix(first, "1. "):
			list(&b, "ol", lines, "1. ")
		case strings.HasPrefix(first, "> "):
			b.WriteString("<blockquote><p>" + inline(first[2:]) + "</p></blockquote>")
		case strings.HasPrefix(first, "| "):
			table(&b, lines)
		default:
			b.WriteString("<p>" + inline(strings.Join(lines, " ")) + "</p>")
		}
	}
	return b.String()
}

func list(b *strings.Builder, tag string, lines []string, mark string) {
	b.WriteString("<" + tag + ">")
	for _, l := range lines {
		b.WriteString("<li>" + inline(strings.TrimPrefix(l, mark)) + "</li>")
	}
	b.WriteString("</" + tag + ">")
}

func table(b *strings.Builder, lines []string) {
	b.WriteString("<table>")
	for i, l := range lines {
		open, shut := "<td>", "</td>"
		if i == 0 {
			b.WriteString("<thead>")
			open, shut = `<th scope="col">`, "</th>"
		}
		b.WriteString("<tr>")
		for _, c := range strings.Split(strings.Trim(l, "| "), " | ") {
			b.WriteString(open + inline(c) + shut)
		}
		b.WriteString("</tr>")
		if i == 0 {
			b.WriteString("</thead><tbody>")
		}
	}
	b.WriteString("</tbody></table>")
}

var (
	footnote = regexp.MustCompile(`\[\^([^\]]+)\]`)
	link     = regexp.MustCompile(`\[([^\]^]+)\]\(([^)]+)\)`)
	strong   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

func inline(s string) string {
	s = html.EscapeString(s)
	s = footnote.ReplaceAllString(s, `<span data-footnote="$1"></span>`)
	s = link.ReplaceAllString(s, `<a href="$2">$1</a>`)
	return strong.ReplaceAllString(s, `<strong>$1</strong>`)
}
