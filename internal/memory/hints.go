package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/typography"
)

// Hit is a name of a term in words.
type Hit struct {
	Start, End int // bytes
	Words      string
	Term       string // id
	Status     exchange.TermStatus
	Note       string
	// Use are the names to use: in the other language for a hit in a source, in its own for one that is not to be used.
	Use []string
}

// Hints are what the terms say about a unit.
type Hints struct {
	Source  []Hit // terms of the source; Use are their names in the other language
	Avoid   []Hit // names in the translation that are out of date or not to be used
	Stale   []Hit // the same in the source
	Missing []Hit // terms of the source of which the translation has none of the names to use
}

// glossary is all names by the beginning of their first word. It is read again when a term has changed.
type glossary struct {
	stamp string
	names map[i18n.Locale]map[string][]glossaryName
	terms map[string]*Term
}

type glossaryName struct {
	tokens []string
	term   *Term
	status exchange.TermStatus
}

type glossaryCache struct {
	mu   sync.Mutex
	last *glossary
}

// glossary gives the terms as they are now: two numbers tell whether those in memory are.
func (s *Store) glossary(ctx context.Context) (*glossary, error) {
	var n int
	var latest *time.Time
	var versions int64
	if err := s.DB.Read().NewRaw("SELECT COUNT(*), COALESCE(SUM(version), 0) FROM terms").Scan(ctx, &n, &versions); err != nil {
		return nil, fmt.Errorf("terms: %w", db.Normalize(err))
	}
	if n > 0 {
		if err := s.DB.Read().NewRaw("SELECT updated_at FROM terms ORDER BY updated_at DESC LIMIT 1").Scan(ctx, &latest); err != nil {
			return nil, fmt.Errorf("terms: %w", db.Normalize(err))
		}
	}
	stamp := fmt.Sprint(n, versions, latest)
	s.terms.mu.Lock()
	defer s.terms.mu.Unlock()
	if g := s.terms.last; g != nil && g.stamp == stamp {
		return g, nil
	}
	all, err := s.allTerms(ctx, s.DB.Read())
	if err != nil {
		return nil, err
	}
	g := newGlossary(all)
	g.stamp = stamp
	s.terms.last = g
	return g, nil
}

func newGlossary(all []Term) *glossary {
	g := &glossary{names: map[i18n.Locale]map[string][]glossaryName{}, terms: map[string]*Term{}}
	for i := range all {
		t := &all[i]
		g.terms[t.ID] = t
		for _, n := range t.Names {
			var tokens []string
			for _, x := range placed(n.Locale, n.Name) {
				tokens = append(tokens, x.word)
			}
			if len(tokens) == 0 {
				continue
			}
			if g.names[n.Locale] == nil {
				g.names[n.Locale] = map[string][]glossaryName{}
			}
			key := stem(tokens[0])
			g.names[n.Locale][key] = append(g.names[n.Locale][key], glossaryName{tokens, t, n.Status})
		}
	}
	return g
}

// stem is the beginning of a word by which names are kept.
func stem(w string) string {
	n := 0
	for i := range w {
		if n == 3 {
			return w[:i]
		}
		n++
	}
	return w
}

type placedWord struct {
	word       string // folded
	start, end int
}

// placed cuts words where they stand: as tokenize, without marks. Arabic words lose the article and what is written on to them.
func placed(l i18n.Locale, s string) []placedWord {
	var out []placedWord
	start := -1
	flush := func(end int) {
		if start < 0 {
			return
		}
		w := i18n.Fold(l, s[start:end])
		if l == i18n.AR {
			w = bareArabic(w)
		}
		if w != "" {
			out = append(out, placedWord{w, start, end})
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			flush(i)
			out = append(out, placedWord{string(r), i, i + utf8.RuneLen(r)})
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	flush(len(s))
	return out
}

var arabicBefore = []string{"وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال"}

func bareArabic(w string) string {
	for _, p := range arabicBefore {
		if rest, ok := strings.CutPrefix(w, p); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return w
}

// alike says whether a word is a form of a name's: languages bend the ends of words, and Korean writes particles on to them.
func alike(l i18n.Locale, word, name string) bool {
	if word == name {
		return true
	}
	n := utf8.RuneCountInString(name)
	if l == i18n.ZH || n < 2 {
		return false
	}
	if l == i18n.KO {
		return strings.HasPrefix(word, name) && utf8.RuneCountInString(word) <= n+3
	}
	if n < 4 {
		return false
	}
	for _, r := range name { // "2030" is not a form of "2031"
		if unicode.IsDigit(r) {
			return false
		}
	}
	common := 0
	a, b := []rune(word), []rune(name)
	for common < len(a) && common < len(b) && a[common] == b[common] {
		common++
	}
	keep := n - 1
	if l == i18n.RU || l == i18n.AR {
		keep = n - 2
	}
	return common >= max(keep, 3) && len(a) <= n+3
}

// find gives the names in words: the longest of those that begin at the same place.
func (g *glossary) find(l i18n.Locale, words string) []Hit {
	tokens := placed(l, words)
	var out []Hit
	for i := 0; i < len(tokens); i++ {
		var best *glossaryName
		names := g.names[l][stem(tokens[i].word)]
		for j := range names {
			n := &names[j]
			if i+len(n.tokens) > len(tokens) || best != nil && len(n.tokens) < len(best.tokens) {
				continue
			}
			fits, exact := true, true
			for k, t := range n.tokens {
				if w := tokens[i+k]; !alike(l, w.word, t) || k > 0 && apart(words[tokens[i+k-1].end:w.start]) {
					fits = false
					break
				} else if w.word != t {
					exact = false
				}
			}
			if fits && (best == nil || len(n.tokens) > len(best.tokens) || exact) {
				best = n
			}
		}
		if best == nil {
			continue
		}
		h := Hit{Start: tokens[i].start, End: tokens[i+len(best.tokens)-1].end, Term: best.term.ID, Status: best.status, Note: best.term.Note}
		h.Words = words[h.Start:h.End]
		out = append(out, h)
		i += len(best.tokens) - 1
	}
	return out
}

// apart says that what stands between two words keeps them from being one name.
func apart(between string) bool { return strings.ContainsAny(between, ".;:!?،؛؟。；：！？\n") }

func use(t *Term, l i18n.Locale) []string {
	return append(t.In(l, exchange.Preferred), t.In(l, exchange.Admitted)...)
}

// hints compares a unit with the terms.
func (g *glossary) hints(from, to i18n.Locale, source, target string) *Hints {
	out := &Hints{Source: g.find(from, source)}
	there := g.find(to, target)
	bad := func(h Hit) bool { return h.Status == exchange.OldName || h.Status == exchange.Forbidden }
	met := map[string]bool{} // terms that stand in the translation, or have been told to be missing
	for _, h := range there {
		met[h.Term] = true
	}
	for i := range out.Source {
		h := &out.Source[i]
		if bad(*h) {
			x := *h
			x.Use = use(g.terms[h.Term], from)
			out.Stale = append(out.Stale, x)
		}
		h.Use = use(g.terms[h.Term], to)
		if target != "" && len(h.Use) > 0 && !met[h.Term] {
			met[h.Term] = true
			out.Missing = append(out.Missing, *h)
		}
	}
	for _, h := range there {
		if bad(h) {
			h.Use = use(g.terms[h.Term], to)
			out.Avoid = append(out.Avoid, h)
		}
	}
	return out
}

// Hints tells which terms stand in a source, with their names in the other language, and what the terms say against a translation.
// Both are plain words.
func (s *Store) Hints(ctx context.Context, from, to i18n.Locale, source, target string) (*Hints, error) {
	g, err := s.glossary(ctx)
	if err != nil {
		return nil, err
	}
	return g.hints(from, to, source, target), nil
}

// Glossary gives Hints for many units: it reads the terms once.
func (s *Store) Glossary(ctx context.Context) (func(from, to i18n.Locale, source, target string) *Hints, error) {
	g, err := s.glossary(ctx)
	if err != nil {
		return nil, err
	}
	return g.hints, nil
}

// Tidy puts right in a text what is not as its language sets it.
func Tidy(l i18n.Locale, t exchange.Text) exchange.Text {
	for range 8 { // what is put right may show what is wrong beside it
		all := typography.Check(l, t.Plain())
		if len(all) == 0 {
			break
		}
		t = replace(t, all...)
	}
	return t
}

// Help is what a translator is shown beside a unit.
type Help struct {
	Source, Target exchange.Text
	Codes          []exchange.Code
	Matches        []Suggestion
	Hints          *Hints
	// Typography is what is not as the language sets it, in the words of Target without codes: the first MostFixes.
	Typography []Fix
}

// Suggestion is a match with its translation as it would be put in: plain words for a line, HTML for a block of prose.
type Suggestion struct {
	Match
	Words string
}

// Fix is a finding with the whole unit as it would be once it is put right: plain words, or HTML.
type Fix struct {
	typography.Finding
	Words string
}

// MostFixes is how many findings of typography are shown of a unit: each comes with the whole unit, and more nobody puts right one
// by one.
const MostFixes = 30

// Help gives what memory, terms and typography say about a unit. target is what stands in the translation, perhaps not saved yet:
// plain words for a line, HTML for a block of prose.
func (s *Store) Help(ctx context.Context, who *auth.Actor, from, to i18n.Locale, t content.Type, source, target string) (*Help, error) {
	h := &Help{}
	if t == content.TypeProse {
		h.Source, h.Codes = exchange.Markup(source, nil)
		h.Target, h.Codes = exchange.Markup(target, h.Codes)
	} else {
		h.Source, h.Target = exchange.Line(source), exchange.Line(target)
	}
	words := func(x exchange.Text) string {
		if t == content.TypeProse {
			return strings.TrimSpace(exchange.HTML(x, h.Codes))
		}
		return x.Plain()
	}
	matches, err := s.Matches(ctx, who, from, to, h.Source, 5)
	if err != nil {
		return nil, err
	}
	for _, m := range matches {
		x := m.Target
		// Marks mean the same only where the sources have the same ones.
		if !sameCodes(m.Source, h.Source) || exchangeBars(exchange.Check(h.Source, nil, x, h.Codes)) {
			x = exchange.Line(x.Plain())
		}
		h.Matches = append(h.Matches, Suggestion{m, words(x)})
	}
	if h.Hints, err = s.Hints(ctx, from, to, h.Source.Plain(), h.Target.Plain()); err != nil {
		return nil, err
	}
	found := typography.Check(to, h.Target.Plain())
	for _, f := range found[:min(len(found), MostFixes)] {
		h.Typography = append(h.Typography, Fix{f, words(replace(h.Target, f))})
	}
	return h, nil
}

func exchangeBars(all []exchange.Trouble) bool {
	return slices.ContainsFunc(all, exchange.Trouble.Bars)
}

func sameCodes(a, b exchange.Text) bool {
	of := func(t exchange.Text) (out []exchange.Piece) {
		for _, p := range t {
			if p.Code != 0 {
				out = append(out, exchange.Piece{Code: p.Code, Part: p.Part})
			}
		}
		return out
	}
	return slices.Equal(of(a), of(b))
}

// replace puts findings right in a text with codes, in one walk: they are in order and do not overlap. What is to be put in stands
// with the words before it.
func replace(t exchange.Text, all ...typography.Finding) exchange.Text {
	var out exchange.Text
	end, done := 0, false // done: the fix of all[0] is put in, and some of what it replaces stands behind a code
	for _, p := range t {
		if p.Code != 0 {
			out = append(out, p)
			continue
		}
		var b strings.Builder
		start, at := end, end
		end += len(p.Words)
		for len(all) > 0 && (all[0].Start < end || all[0].Start == end && all[0].End == end) {
			f := all[0]
			if from := max(f.Start, start); from > at {
				b.WriteString(p.Words[at-start : from-start])
			}
			if !done {
				b.WriteString(f.Fix)
			}
			at = min(f.End, end)
			if done = f.End > end; done {
				break
			}
			all = all[1:]
		}
		b.WriteString(p.Words[at-start:])
		if p.Words = b.String(); p.Words != "" {
			out = append(out, p)
		}
	}
	return out
}
