package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/language"
)

//go:embed locales/*.toml
var sharedFiles embed.FS

// Shared holds the field's words that panel and site both use: one <locale>.toml each.
var Shared, _ = fs.Sub(sharedFiles, "locales") // the path is constant, Sub cannot fail

// pluralForms are the CLDR categories each language needs, as go-i18n spells them.
var pluralForms = map[Locale][]string{
	AR: {"zero", "one", "two", "few", "many", "other"},
	ZH: {"other"},
	EN: {"one", "other"},
	FR: {"one", "many", "other"},
	RU: {"one", "few", "many", "other"},
	ES: {"one", "many", "other"},
	KO: {"other"},
	PT: {"one", "many", "other"},
	SW: {"one", "other"},
}

// message is one text of one language, as it is read.
type message struct {
	other  string
	plural map[string]string // by category, "other" among them; nil of a plain message
	start  int               // of other, among the locale's texts
}

// forms are the message's texts by plural category.
func (m *message) forms() map[string]string {
	if m.plural == nil {
		return map[string]string{"other": m.other}
	}
	return m.plural
}

// many is about how many messages a locale has: maps that grow to it would be moved a dozen times.
const many = 8000

// maxMissing bounds what is remembered, should keys ever be made from input.
const maxMissing = 1000

// part is literal text, or the slot named by slot.
type part struct{ text, slot string }

// Catalogue holds the messages of all locales. It is safe for concurrent use.
// Plain messages are served from memory; plurals go through a go-i18n bundle.
type Catalogue struct {
	index      map[string]int // of a key in each locale's list
	texts      map[Locale][]kept
	localizers map[Locale]*goi18n.Localizer

	mu      sync.Mutex
	missing map[string]bool    // "locale key"
	counts  map[counted]string // forms of numbers with no other argument that were asked for
}

// counted is a message for a number: pages say the same few ("4 pages", "2 hours") again and again, and a form of the bundle is
// a template to execute.
type counted struct {
	locale     Locale
	key, count string // the number as it is written: a language without the message has the English one, with digits of its own
}

// maxCounts bounds how many are kept; beyond it all go.
const maxCounts = 2000

// kept is a message as it is served. There are tens of thousands, so they are small, and the texts of a locale lie in one string.
type kept struct {
	text   string // empty where the locale has no such message
	plural bool   // the bundle has its forms
}

// Load reads <locale>.toml at the root of each file system; later ones override
// earlier ones key by key. A locale without a file is allowed: CheckCatalogue,
// not Load, judges completeness.
func Load(fsyss ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{index: make(map[string]int, many), texts: map[Locale][]kept{}, localizers: map[Locale]*goi18n.Localizer{}, missing: map[string]bool{}}
	raw := make([]map[string]*message, len(All))
	var g errgroup.Group // reading is much of what starting takes
	for i, l := range All {
		g.Go(func() (err error) { raw[i], err = readLocale(l, fsyss); return err })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, msgs := range raw {
		for key := range msgs {
			if _, ok := c.index[key]; !ok {
				c.index[key] = len(c.index)
			}
		}
	}
	bundle := goi18n.NewBundle(language.English)
	for i, l := range All {
		if err := c.keep(l, raw[i], bundle); err != nil {
			return nil, err
		}
	}
	for _, l := range All {
		c.localizers[l] = goi18n.NewLocalizer(bundle, string(l))
	}
	return c, nil
}

// keep takes over the messages of a locale.
func (c *Catalogue) keep(l Locale, msgs map[string]*message, bundle *goi18n.Bundle) error {
	var all strings.Builder
	for key, m := range msgs {
		if _, err := cut(m.other); err != nil {
			return fmt.Errorf("i18n: %s.toml: %s: %w", l, key, err)
		}
		if f := m.plural; f != nil {
			err := bundle.AddMessages(language.Make(string(l)), &goi18n.Message{ID: key,
				Zero: f["zero"], One: f["one"], Two: f["two"], Few: f["few"], Many: f["many"], Other: f["other"]})
			if err != nil {
				return fmt.Errorf("i18n: %s.toml: %s: %w", l, key, err)
			}
		}
		m.start = all.Len()
		all.WriteString(m.other)
	}
	list := make([]kept, len(c.index))
	text := all.String()
	for key, m := range msgs {
		list[c.index[key]] = kept{text[m.start : m.start+len(m.other)], m.plural != nil}
	}
	c.texts[l] = list
	return nil
}

// readLocale merges one locale's messages of all file systems: fr.toml, and where a catalogue is long its parts by
// subject, form.fr.toml.
func readLocale(l Locale, fsyss []fs.FS) (map[string]*message, error) {
	out := make(map[string]*message, many)
	for _, fsys := range fsyss {
		names, err := fs.Glob(fsys, "*."+string(l)+".toml")
		if err != nil {
			return nil, fmt.Errorf("i18n: %w", err)
		}
		for _, name := range append([]string{string(l) + ".toml"}, names...) {
			b, err := fs.ReadFile(fsys, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("i18n: %w", err)
			}
			if readPlain(string(b), out) {
				continue
			}
			var doc map[string]any
			if err := toml.Unmarshal(b, &doc); err != nil {
				return nil, fmt.Errorf("i18n: %s: %w", name, err)
			}
			if err := flatten(doc, "", out); err != nil {
				return nil, fmt.Errorf("i18n: %s: %w", name, err)
			}
		}
	}
	return out, nil
}

// flatten turns nested tables into dotted keys. A table is one plural message
// only if it has "other" and nothing but plural categories: go-i18n's own
// reader would also swallow enumerations with an "other" among their values.
func flatten(doc map[string]any, prefix string, out map[string]*message) error {
	for k, v := range doc {
		key := prefix + k
		switch v := v.(type) {
		case string:
			out[key] = &message{other: v}
		case map[string]any:
			if forms, ok := asPlural(v); ok {
				out[key] = &message{other: forms["other"], plural: forms}
			} else if err := flatten(v, key+".", out); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: a message must be text, not %T", key, v)
		}
	}
	return nil
}

func asPlural(t map[string]any) (map[string]string, bool) {
	forms := make(map[string]string, len(t))
	for k, v := range t {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		forms[k] = s
	}
	return forms, isPlural(forms)
}

// isPlural tells whether these are the forms of one message.
func isPlural(texts map[string]string) bool {
	if _, ok := texts["other"]; !ok {
		return false
	}
	for k := range texts {
		if !slices.Contains(pluralForms[AR], k) { // Arabic has all six
			return false
		}
	}
	return true
}

// cut splits a text at its {{.Name}} slots. Nothing else may stand in braces:
// a message is text, not a program.
func cut(s string) ([]part, error) {
	var parts []part
	for {
		before, rest, found := strings.Cut(s, "{{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			return parts, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		name = strings.TrimSpace(name)
		if !closed || len(name) < 2 || name[0] != '.' || strings.ContainsAny(name[1:], " .|()\"'`$") {
			return nil, fmt.Errorf("only {{.Name}} slots are allowed in %q", s)
		}
		parts = append(parts, part{slot: name[1:]})
		s = after
	}
}

// T is the text of key in locale l. args are alternating slot names and values.
// A key missing in l gives English and is recorded; missing everywhere gives
// the key itself.
func (c *Catalogue) T(l Locale, key string, args ...any) string {
	m := c.find(l, key)
	if m == nil {
		return key
	}
	return fill(m.text, args)
}

// fill puts arguments into a text's slots; that it is sound was seen when it was read.
func fill(s string, args []any) string {
	before, rest, found := strings.Cut(s, "{{")
	if !found {
		return s
	}
	var b strings.Builder
	for found {
		b.WriteString(before)
		var slot string
		slot, rest, _ = strings.Cut(rest, "}}")
		b.WriteString(argument(args, strings.TrimSpace(slot)[1:]))
		before, rest, found = strings.Cut(rest, "{{")
	}
	b.WriteString(before)
	return b.String()
}

// N is the text of key for the number n, its form chosen by CLDR plural rules.
// The slot Count holds n as the language writes it; args as in T.
func (c *Catalogue) N(l Locale, key string, n int, args ...any) string {
	m := c.find(l, key)
	if m == nil {
		return key
	}
	count := Number(l, n)
	if !m.plural {
		return c.T(l, key, append(args[:len(args):len(args)], "Count", count)...)
	}
	if !c.Has(l, key) {
		l = EN
	}
	if len(args) == 0 {
		return c.count(l, key, n, count)
	}
	return c.form(l, key, n, count, args)
}

// count is form for a number with no other argument.
func (c *Catalogue) count(l Locale, key string, n int, count string) string {
	at := counted{l, key, count}
	c.mu.Lock()
	s, known := c.counts[at]
	c.mu.Unlock()
	if known {
		return s
	}
	s = c.form(l, key, n, count, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil || len(c.counts) >= maxCounts {
		c.counts = map[counted]string{}
	}
	c.counts[at] = s
	return s
}

// form is a plural message for n, which is written as count.
func (c *Catalogue) form(l Locale, key string, n int, count string, args []any) string {
	data := map[string]string{"Count": count}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = text(args[i+1])
		}
	}
	s, err := c.localizers[l].Localize(&goi18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
	if err != nil || s == "" { // the language lacks this category
		return c.T(l, key, append(args[:len(args):len(args)], "Count", count)...)
	}
	return s
}

func (c *Catalogue) find(l Locale, key string) *kept {
	if m := c.in(l, key); m != nil {
		return m
	}
	c.mu.Lock()
	if len(c.missing) < maxMissing {
		c.missing[string(l)+" "+key] = true
	}
	c.mu.Unlock()
	return c.in(EN, key)
}

// in gives a locale's own message, nil if it has none.
func (c *Catalogue) in(l Locale, key string) *kept {
	if i, ok := c.index[key]; ok {
		if list := c.texts[l]; list != nil && list[i].text != "" {
			return &list[i]
		}
	}
	return nil
}

func argument(args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return text(args[i+1])
		}
	}
	return "{" + name + "}" // a forgotten argument stays visible
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return fmt.Sprint(v)
}

// Has reports whether locale l itself has key.
func (c *Catalogue) Has(l Locale, key string) bool { return c.in(l, key) != nil }

// Keys lists the flattened keys of locale l, sorted.
func (c *Catalogue) Keys(l Locale) []string {
	var out []string
	for key := range c.index {
		if c.Has(l, key) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// Missing lists what T and N could not find so far, as "locale key", sorted.
func (c *Catalogue) Missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.missing))
}
