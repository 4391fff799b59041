package content_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// These tests hold the states of translations to a model that knows words and no hashes: what was public when, and what each
// translation was made from. Paragraphs are single words, so that words to translate are paragraphs.

// madeText is a text of the model.
type madeText struct {
	units []string
	of    []string // what it was made from; nil: nobody vouches for it
	from  i18n.Locale
	seen  int // the revision of that
	// like is what a minor edit made of which former words; whole are former texts that one had other paragraphs in place of.
	like  map[string][]string
	whole [][]string
}

type madePart map[string]madeText

// matrix is an entry of which a model is kept.
type matrix struct {
	*testing.T
	s     *content.Store
	id    string
	words map[i18n.Locale]madePart
	items []string
	// What was saved and what is public, by revision.
	saved      map[i18n.Locale][]madePart
	savedItems [][]string
	live       map[i18n.Locale]int
	liveItems  int
	n          int
	log        []string
}

func newMatrix(t *testing.T, items ...string) *matrix {
	t.Helper()
	m := &matrix{T: t, s: open(t), words: map[i18n.Locale]madePart{i18n.EN: {}}, items: items, saved: map[i18n.Locale][]madePart{}, live: map[i18n.Locale]int{}}
	facts := content.Leaves{}
	facts.Set("blocks", items)
	en := content.Leaves{}
	en.SetText("title", content.Text{Words: "Title"})
	m.words[i18n.EN]["title"] = madeText{units: []string{"Title"}}
	for _, id := range items {
		facts.Set("blocks."+id+".kind", "background")
		w := []string{m.word(), m.word()}
		en.SetText(body(id), content.Text{Words: content.Paragraphs(w...)})
		m.words[i18n.EN][body(id)] = madeText{units: w}
	}
	r, err := m.s.Save(ctx, staff, content.Change{Kind: kind.PageKind, Original: i18n.EN, Set: content.Parts{content.Facts: facts, "en": en}})
	if err != nil {
		t.Fatal(err)
	}
	m.id = r.ID
	m.savedItems = append(m.savedItems, items)
	m.keep(i18n.EN)
	return m
}

func body(item string) string { return "blocks." + item + ".body" }

func (m *matrix) word() string { m.n++; return fmt.Sprintf("w%d", m.n) }

func (m *matrix) keep(l i18n.Locale) { m.saved[l] = append(m.saved[l], maps.Clone(m.words[l])) }

func (m *matrix) say(format string, args ...any) { m.log = append(m.log, fmt.Sprintf(format, args...)) }

func (m *matrix) save(c content.Change) bool {
	m.Helper()
	c.ID = m.id
	r, err := m.s.Save(ctx, staff, c)
	if err != nil {
		m.Fatalf("%s\n%v", strings.Join(m.log, "\n"), err)
	}
	return len(r.Changed) > 0
}

func inWords(path string, units []string) string {
	if path == "title" || len(units) == 0 {
		return strings.Join(units, " ")
	}
	return content.Paragraphs(units...)
}

// write sets a text of the original, or of a translation without a look at its source.
func (m *matrix) write(path string, units []string, minor bool) {
	m.Helper()
	was := m.words[i18n.EN][path]
	m.say("write %s %v, minor %v", path, units, minor)
	if !m.save(content.Change{Set: words(i18n.EN, path, inWords(path, units)), Minor: minor}) {
		return
	}
	now := madeText{units: units, like: map[string][]string{}}
	for _, u := range units {
		now.like[u] = slices.Clone(was.like[u])
	}
	if minor && len(was.units) > 0 {
		if len(was.units) == len(units) && onlyChanged(was.units, units) {
			for i, u := range units {
				if was.units[i] != u {
					now.like[u] = append(append(now.like[u], was.units[i]), was.like[was.units[i]]...)
				}
			}
		} else {
			now.whole = append(slices.Clone(was.whole), was.units)
		}
	}
	m.words[i18n.EN][path] = now
	m.keep(i18n.EN)
}

// onlyChanged reports whether each paragraph stands where it stood, or is new.
func onlyChanged(was, now []string) bool {
	for i := range now {
		if was[i] != now[i] && slices.Contains(was, now[i]) {
			return false
		}
	}
	return true
}

func (m *matrix) source(l i18n.Locale, number int) madePart {
	if number == 0 {
		return madePart{}
	}
	return m.saved[l][number-1]
}

// translate writes words of a language, made from another as it is public or as it is.
func (m *matrix) translate(l, from i18n.Locale, path string, units []string, public, fresh bool) {
	m.Helper()
	seen := len(m.saved[from])
	if public && m.live[from] > 0 {
		seen = m.live[from]
	}
	was := m.words[l][path]
	m.say("translate %s from %s/%d: %s %v, fresh %v", l, from, seen, path, units, fresh)
	c := content.Change{Set: words(l, path, inWords(path, units)), Base: map[content.Part]int{content.Part(from): seen}, From: from}
	if v := get(m.T, m.s, m.id).Versions; true {
		c.Base[content.Part(l)], c.Base[content.Facts], c.Base["en"] = v[content.Part(l)], v[content.Facts], seen
		if from != i18n.EN {
			c.Base["en"] = v["en"]
		}
	}
	if fresh {
		c.Fresh = map[content.Part][]string{content.Part(l): {path}}
	}
	if !m.save(c) {
		return
	}
	at := from
	src := m.source(from, seen)[path]
	if from != i18n.EN && len(src.units) == 0 {
		at, seen, src = i18n.EN, len(m.saved[i18n.EN]), m.words[i18n.EN][path]
	}
	now := madeText{units: units, from: at, of: src.units, seen: seen, like: map[string][]string{}}
	for _, u := range units {
		now.like[u] = slices.Clone(was.like[u])
	}
	if len(src.units) == 0 {
		now.of = nil
	} else if len(was.units) > 0 && len(was.of) > 0 && !fresh && (was.from != at || !says(was.of, src)) {
		now.of, now.from, now.seen = was.of, was.from, was.seen
	} else if slices.Equal(was.units, units) && !fresh {
		now = was
	}
	if m.words[l] == nil {
		m.words[l] = madePart{}
	}
	if m.words[l][path] = now; len(units) == 0 {
		delete(m.words[l], path)
	}
	// Where the public sees nothing of a change, it stays public.
	alike := m.live[l] > 0 && m.live[l] == len(m.saved[l]) && slices.Equal(was.units, units)
	m.keep(l)
	if alike {
		m.live[l] = len(m.saved[l])
	}
}

// says reports whether a source says what a translation was made of.
func says(of []string, source madeText) bool {
	if slices.ContainsFunc(source.whole, func(w []string) bool { return slices.Equal(w, of) }) {
		return true
	}
	if len(of) != len(source.units) {
		return false
	}
	for i, u := range source.units {
		if of[i] != u && !slices.Contains(source.like[u], of[i]) {
			return false
		}
	}
	return true
}

func (m *matrix) order(items []string) {
	m.Helper()
	m.say("items %v", items)
	facts := content.Leaves{}
	facts.Set("blocks", items)
	if m.save(content.Change{Set: content.Parts{content.Facts: facts}}) {
		m.items = items
		m.savedItems = append(m.savedItems, items)
	}
}

func (m *matrix) publish(locales ...i18n.Locale) {
	m.Helper()
	locales = slices.DeleteFunc(locales, func(l i18n.Locale) bool { return len(m.words[l]) == 0 })
	m.say("publish %v", locales)
	err := m.s.Publish(ctx, staff, content.PublishChange{ID: m.id, Facts: slices.Contains(locales, i18n.EN), Locales: locales})
	if err != nil {
		m.say("refused: %v", err)
		return
	}
	for _, l := range locales {
		m.live[l] = len(m.saved[l])
	}
	if slices.Contains(locales, i18n.EN) {
		m.liveItems = len(m.savedItems)
	}
}

func (m *matrix) unpublish(l i18n.Locale) {
	m.Helper()
	m.say("unpublish %s", l)
	if err := m.s.Unpublish(ctx, staff, m.id, []i18n.Locale{l}); err != nil {
		m.Fatal(err)
	}
	if delete(m.live, l); l == i18n.EN {
		m.live, m.liveItems = map[i18n.Locale]int{}, 0
	}
}

func (m *matrix) trash() {
	m.Helper()
	m.say("delete and restore the entry")
	if err := m.s.Delete(ctx, staff, m.id); err != nil {
		m.Fatal(err)
	}
	if err := m.s.Restore(ctx, staff, m.id); err != nil {
		m.Fatal(err)
	}
	m.live, m.liveItems = map[i18n.Locale]int{}, 0
}

// restore brings a former state of a language's words back. Words that are the same keep their stamps.
func (m *matrix) restore(l i18n.Locale, number int) {
	m.Helper()
	m.say("restore %s %d", l, number)
	r, err := m.s.RestoreRevision(ctx, staff, m.id, content.Part(l), number)
	if err != nil {
		m.Fatalf("%s\n%v", strings.Join(m.log, "\n"), err)
	}
	if len(r.Changed) == 0 {
		return
	}
	next := maps.Clone(m.saved[l][number-1])
	for path, t := range m.words[l] {
		if slices.Equal(next[path].units, t.units) {
			next[path] = t
		}
	}
	m.words[l] = next
	m.keep(l)
}

func (m *matrix) restoreItems(number int) {
	m.Helper()
	m.say("restore facts %d", number)
	r, err := m.s.RestoreRevision(ctx, staff, m.id, content.Facts, number)
	if err != nil {
		m.Fatal(err)
	}
	if len(r.Changed) > 0 {
		m.items = m.savedItems[number-1]
		m.savedItems = append(m.savedItems, m.items)
	}
}

// what a translation is measured against: what is public of a language, or what there is.
func (m *matrix) against(l i18n.Locale) madePart {
	if n := m.live[l]; n > 0 {
		return m.source(l, n)
	}
	return m.words[l]
}

func (m *matrix) outdated(text madeText, l i18n.Locale, path string, via ...i18n.Locale) bool {
	if len(text.units) == 0 || len(text.of) == 0 {
		return false
	}
	ahead := m.live[text.from] > 0 && text.seen > m.live[text.from]
	if !ahead && !says(text.of, m.against(text.from)[path]) {
		return true
	}
	if text.from == i18n.EN || slices.Contains(via, text.from) {
		return false
	}
	return m.outdated(m.against(text.from)[path], text.from, path, append(via, l)...)
}

// expected is what the model says of a language.
func (m *matrix) expected(l i18n.Locale) (state content.TranslationState, missing, stale, todo int) {
	items := m.items
	if m.liveItems > 0 {
		items = m.savedItems[m.liveItems-1]
	}
	paths := []string{"title"}
	for _, id := range items {
		paths = append(paths, body(id))
	}
	any, lacking := false, 0
	for _, path := range paths {
		source := m.against(i18n.EN)[path]
		text := m.words[l][path]
		if len(source.units) == 0 {
			continue
		}
		if len(text.units) == 0 {
			missing++
			lacking += len(source.units)
			todo += len(source.units)
			continue
		}
		any = true
		if !m.outdated(text, l, path) {
			continue
		}
		stale++
		if text.from != i18n.EN {
			if s := m.against(text.from)[path]; len(s.units) > 0 {
				source = s
			}
		}
		if m.live[text.from] > 0 && text.seen > m.live[text.from] || says(text.of, source) {
			continue // it is out of date with a translation that is
		}
		left := slices.Clone(text.of)
		for _, u := range source.units {
			i := slices.IndexFunc(left, func(h string) bool { return h == u || slices.Contains(source.like[u], h) })
			if i < 0 {
				todo++
				continue
			}
			left = slices.Delete(left, i, i+1)
		}
	}
	switch {
	case !any:
		state = content.TranslationMissing
	case stale > 0:
		state = content.TranslationOutdated
	case lacking == 0 && m.live[l] > 0 && m.live[l] == len(m.saved[l]):
		state = content.TranslationLive
	case lacking > 0:
		state = content.TranslationInWork
	default:
		state = content.TranslationReady
	}
	return state, missing, stale, todo
}

// check holds the store to the model.
func (m *matrix) check() {
	m.Helper()
	e := get(m.T, m.s, m.id)
	all, err := m.s.Translations(ctx, e)
	if err != nil {
		m.Fatal(err)
	}
	for _, l := range []i18n.Locale{i18n.FR, i18n.AR, i18n.ES} {
		state, missing, stale, todo := m.expected(l)
		got, language := all[l], e.Languages[l]
		if got.State != state || got.Words != todo || len(m.words[l]) > 0 && (language.Missing != missing || language.Stale != stale) {
			m.Fatalf("%s\n%s: %+v, %+v\nwant %s, %d leaves missing, %d out of date, %d words", strings.Join(m.log, "\n"), l, got, language, state, missing, stale, todo)
		}
		if public := m.live[i18n.EN] > 0; (got.Gap != nil) != (public && state != content.TranslationLive) {
			m.Fatalf("%s\n%s is %s, the original public %v, and there is a gap since %v", strings.Join(m.log, "\n"), l, state, public, got.Gap)
		}
	}
}

// TestStaleness says what each edit does, one by one.
func TestStaleness(t *testing.T) {
	const en, fr, ar = i18n.EN, i18n.FR, i18n.AR
	b := body("b1")
	begin := func(t *testing.T, public bool) *matrix {
		m := newMatrix(t, "b1", "b2")
		if public {
			m.publish(en)
		}
		for _, path := range []string{"title", b, body("b2")} {
			m.translate(fr, en, path, []string{"fr"}, true, false)
		}
		m.check()
		return m
	}
	for name, x := range map[string]struct {
		public bool
		do     func(m *matrix)
		want   content.TranslationState
	}{
		"nothing":                  {true, func(m *matrix) {}, content.TranslationReady},
		"published":                {true, func(m *matrix) { m.publish(fr) }, content.TranslationLive},
		"a draft of the source":    {true, func(m *matrix) { m.publish(fr); m.write(b, []string{"x"}, false) }, content.TranslationLive},
		"a source nobody sees yet": {false, func(m *matrix) { m.write(b, []string{"x"}, false) }, content.TranslationOutdated},
		"the draft is published":   {true, func(m *matrix) { m.write(b, []string{"x"}, false); m.publish(en) }, content.TranslationOutdated},
		"a minor edit":             {true, func(m *matrix) { m.write(b, []string{"w1x", "w2"}, true); m.publish(en) }, content.TranslationReady},
		"a minor edit twice": {true, func(m *matrix) {
			m.write(b, []string{"y", "w2"}, true)
			m.write(b, []string{"z", "w2"}, true)
			m.publish(en)
		}, content.TranslationReady},
		"a minor edit that joins paragraphs": {true, func(m *matrix) { m.write(b, []string{"w1w2"}, true); m.publish(en) }, content.TranslationReady},
		"a minor edit, and one that is not": {true, func(m *matrix) {
			m.write(b, []string{"y", "w2"}, true)
			m.write(b, []string{"y", "z"}, false)
			m.publish(en)
		}, content.TranslationOutdated},
		"reverted before it was published": {true, func(m *matrix) { m.write(b, []string{"x"}, false); m.restore(en, 1); m.publish(en) }, content.TranslationReady},
		"reverted after it was published":  {true, func(m *matrix) { m.write(b, []string{"x"}, false); m.publish(en); m.restore(en, 1) }, content.TranslationOutdated},
		"and the reverted published":       {true, func(m *matrix) { m.write(b, []string{"x"}, false); m.publish(en); m.restore(en, 1); m.publish(en) }, content.TranslationReady},
		"items in another order":           {true, func(m *matrix) { m.order([]string{"b2", "b1"}); m.publish(en) }, content.TranslationReady},
		"paragraphs in another order":      {true, func(m *matrix) { m.write(b, []string{"w2", "w1"}, false); m.publish(en) }, content.TranslationOutdated},
		"an item deleted": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.publish(en)
			m.order([]string{"b2"})
			m.publish(en)
		}, content.TranslationReady},
		"and brought back": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.order([]string{"b2"})
			m.publish(en)
			m.restoreItems(1)
			m.publish(en)
		}, content.TranslationOutdated},
		"a paragraph deleted": {true, func(m *matrix) { m.write(b, []string{"w1"}, false); m.publish(en) }, content.TranslationOutdated},
		"translated ahead": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.translate(fr, en, b, []string{"neu"}, false, true)
		}, content.TranslationReady},
		"ahead, and the draft goes on": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.translate(fr, en, b, []string{"neu"}, false, true)
			m.write(b, []string{"y"}, false)
		}, content.TranslationReady},
		"and that is published": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.translate(fr, en, b, []string{"neu"}, false, true)
			m.write(b, []string{"y"}, false)
			m.publish(en)
		}, content.TranslationOutdated},
		"a corrected comma": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.publish(en)
			m.translate(fr, en, b, []string{"fr,"}, true, false)
		}, content.TranslationOutdated},
		"it still stands": {true, func(m *matrix) {
			m.publish(fr)
			m.write(b, []string{"x"}, false)
			m.publish(en)
			m.translate(fr, en, b, []string{"fr"}, true, true)
		}, content.TranslationLive},
		"a translation brought back": {true, func(m *matrix) {
			m.write(b, []string{"x"}, false)
			m.publish(en)
			m.translate(fr, en, b, []string{"neu"}, true, true)
			m.restore(fr, 3)
		}, content.TranslationOutdated},
		"the original taken back": {true, func(m *matrix) { m.write(b, []string{"x"}, false); m.unpublish(en) }, content.TranslationOutdated},
		"deleted and restored":    {true, func(m *matrix) { m.publish(fr); m.trash() }, content.TranslationReady},
		"something new in the source": {true, func(m *matrix) {
			m.publish(fr)
			m.write(body("b3"), []string{"x"}, false)
			m.order([]string{"b1", "b2", "b3"})
		}, content.TranslationLive},
	} {
		t.Run(name, func(t *testing.T) {
			m := begin(t, x.public)
			if x.do(m); true {
				m.check()
			}
			if got, _, _, _ := m.expected(fr); got != x.want {
				t.Errorf("it is %s, want %s", got, x.want)
			}
			// Arabic made from the French is as far as that.
			m.translate(ar, fr, b, []string{"ar"}, false, false)
			m.check()
		})
	}
}

// TestStalenessOfAnything makes edits by chance.
func TestStalenessOfAnything(t *testing.T) {
	rounds := 5
	if testing.Short() {
		rounds = 3
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewSource(int64(seed)))
			all := []string{"b1", "b2", "b3"}
			m := newMatrix(t, all...)
			langs := []i18n.Locale{i18n.FR, i18n.AR}
			pick := func() string { return append([]string{"title"}, body("b1"), body("b2"), body("b3"))[r.Intn(4)] }
			for range 40 {
				path := pick()
				l := langs[r.Intn(2)]
				switch r.Intn(12) {
				case 0, 1, 2: // edit the source
					units := slices.Clone(m.words[i18n.EN][path].units)
					if path == "title" {
						m.write(path, []string{m.word()}, r.Intn(3) == 0)
						break
					}
					switch n := r.Intn(5); {
					case n == 0 && len(units) > 1:
						units = slices.Delete(units, 0, 1)
					case n == 1:
						units = slices.Insert(units, r.Intn(len(units)+1), m.word())
					case n == 2 && len(units) > 1:
						slices.Reverse(units)
					case len(units) > 0:
						units[r.Intn(len(units))] = m.word()
					}
					m.write(path, units, r.Intn(3) == 0)
				case 3, 4, 5, 6:
					from := i18n.EN
					if l == i18n.AR && r.Intn(2) == 0 {
						from = i18n.FR
					} else if l == i18n.FR && r.Intn(6) == 0 {
						from = i18n.AR
					}
					units := []string{m.word(), m.word()}
					if path == "title" {
						units = units[:1]
					}
					switch was := m.words[l][path].units; {
					case r.Intn(4) == 0 && len(was) > 0:
						units = was // it still stands
					case r.Intn(15) == 0 && path != "title":
						units = nil
					}
					m.translate(l, from, path, units, r.Intn(3) > 0, r.Intn(3) == 0 && units != nil)
				case 7, 8:
					m.publish([][]i18n.Locale{{i18n.EN}, {i18n.EN, i18n.FR, i18n.AR}, {l}}[r.Intn(3)]...)
				case 9:
					items := slices.Clone(all)
					r.Shuffle(3, func(i, j int) { items[i], items[j] = items[j], items[i] })
					m.order(items[:1+r.Intn(3)])
				case 10:
					if r.Intn(3) == 0 {
						m.restoreItems(1 + r.Intn(len(m.savedItems)))
						break
					}
					at := append(langs, i18n.EN)[r.Intn(3)]
					if n := len(m.saved[at]); n > 0 {
						m.restore(at, 1+r.Intn(n))
					}
				case 11:
					switch r.Intn(4) {
					case 0:
						m.trash()
					case 1:
						if m.live[i18n.EN] > 0 {
							m.unpublish(i18n.EN)
						}
					default:
						if m.live[l] > 0 {
							m.unpublish(l)
						}
					}
				}
				m.check()
			}
		})
	}
}

// A change that comes from outside brings no stamps of its own.
func TestStampsAreTheStores(t *testing.T) {
	m := newMatrix(t, "b1")
	raw, err := json.Marshal(map[string]any{"t": "Titre", "of": []string{"feedfeedfeed"}, "from": "ar", "ahead": 99, "like": map[string][]string{"*": {"x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if !m.save(content.Change{Set: content.Parts{"fr": {"title": raw}, "en": {"title": raw}}}) {
		t.Fatal("nothing changed")
	}
	e := get(t, m.s, m.id)
	if x := e.Parts["fr"].Text("title"); x.From != "" || x.Like != nil || x.Ahead == 99 || slices.Contains(x.Of, "feedfeedfeed") {
		t.Errorf("fr: %+v", x)
	}
	if x := e.Parts["en"].Text("title"); x.From != "" || x.Like != nil || x.Ahead != 0 || x.Of != nil {
		t.Errorf("en: %+v", x)
	}
}

// Saying that a text still stands takes no word and nothing public; taking it back gives the stamps back.
func TestVouching(t *testing.T) {
	m := newMatrix(t, "b1")
	m.publish(i18n.EN)
	m.translate(i18n.FR, i18n.EN, "title", []string{"Titre"}, true, false)
	m.translate(i18n.FR, i18n.EN, body("b1"), []string{"un", "deux"}, true, false)
	m.publish(i18n.FR)
	m.write("title", []string{"Name"}, false)
	m.publish(i18n.EN)
	m.check()
	was := get(t, m.s, m.id)
	seen := map[content.Part]int{"en": was.SourceVersion("en"), "fr": was.Versions["fr"]}
	if _, err := m.s.Vouch(ctx, staff, m.id, i18n.FR, i18n.EN, []string{"title"}, seen); err != nil {
		t.Fatal(err)
	}
	e := get(t, m.s, m.id)
	if e.Languages["fr"].Stale != 0 || e.Live["fr"] != e.Versions["fr"] || e.Languages["fr"].State != content.StatePublished {
		t.Errorf("it still stands: %+v, live %d of %d", e.Languages["fr"], e.Live["fr"], e.Versions["fr"])
	}
	if _, err := m.s.Unvouch(ctx, staff, m.id, i18n.FR, was.Versions["fr"], []string{"title"}); err != nil {
		t.Fatal(err)
	}
	e = get(t, m.s, m.id)
	if e.Languages["fr"].Stale != 1 || e.Live["fr"] != e.Versions["fr"] || !slices.Equal(e.Parts["fr"].Text("title").Of, was.Parts["fr"].Text("title").Of) {
		t.Errorf("taken back: %+v, live %d of %d: %+v", e.Languages["fr"], e.Live["fr"], e.Versions["fr"], e.Parts["fr"].Text("title"))
	}
}

// TestTheWholeBroughtBack: an entry brought back as it was is as far translated as it was, whatever its translations were made
// from since, and also where only that has changed of one.
func TestTheWholeBroughtBack(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("One"))
	do := func(c content.Change) {
		t.Helper()
		c.ID = id
		if _, err := s.Save(ctx, staff, c); err != nil {
			t.Fatal(err)
		}
	}
	do(content.Change{Set: words(i18n.FR, "title", "Un", "summary", "Résumé")})
	do(content.Change{Set: words(i18n.ES, "title", "Uno")})
	stale := func(l i18n.Locale) int { t.Helper(); return get(t, s, id).Languages[l].Stale }
	then := get(t, s, id).Updated
	time.Sleep(2 * time.Millisecond)
	do(content.Change{Set: words(i18n.EN, "title", "Two")})
	if stale(i18n.FR) != 1 || stale(i18n.ES) != 1 {
		t.Fatalf("out of date: %d, %d", stale(i18n.FR), stale(i18n.ES))
	}
	between := get(t, s, id).Updated
	time.Sleep(2 * time.Millisecond)
	do(content.Change{Set: words(i18n.FR, "title", "Deux"), Fresh: map[content.Part][]string{"fr": {"title"}}})
	if _, err := s.Vouch(ctx, staff, id, i18n.ES, i18n.EN, []string{"title"}, nil); err != nil {
		t.Fatal(err)
	}
	if stale(i18n.FR) != 0 || stale(i18n.ES) != 0 {
		t.Fatalf("brought up to date: %d, %d", stale(i18n.FR), stale(i18n.ES))
	}
	if saved, err := s.RestoreAt(ctx, staff, id, then); err != nil || saved == nil {
		t.Fatal(saved, err)
	}
	if e := get(t, s, id); e.Title != "One" || e.Parts["fr"].Text("title").Words != "Un" || stale(i18n.FR) != 0 || stale(i18n.ES) != 0 {
		t.Errorf("as it was at first: %q, %q, out of date: %d, %d", e.Title, e.Parts["fr"].Text("title").Words, stale(i18n.FR), stale(i18n.ES))
	}
	if saved, err := s.RestoreAt(ctx, staff, id, then); err != nil || saved != nil {
		t.Errorf("again, nothing differs: %+v %v", saved, err)
	}
	if saved, err := s.RestoreAt(ctx, staff, id, between); err != nil || saved == nil {
		t.Fatal(saved, err)
	}
	if e := get(t, s, id); e.Title != "Two" || stale(i18n.FR) != 1 || stale(i18n.ES) != 1 {
		t.Errorf("as it was in between: %q, out of date: %d, %d", e.Title, stale(i18n.FR), stale(i18n.ES))
	}
}
