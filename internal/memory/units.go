package memory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/job"
)

// LeastMatch is how like, in per cent, a text has to be for its translation to be offered.
const LeastMatch = 70

// memoryUnit is a unit that was translated.
type memoryUnit struct {
	bun.BaseModel `bun:"table:memory_units,alias:u"`
	ID            string `bun:",pk"`
	FromLocale    i18n.Locale
	ToLocale      i18n.Locale
	Source        string
	Target        string
	SourceKey     string
	Tokens        int
	EntryID       string
	Path          string
	Origin        string
	At            time.Time
	ByAccount     string
}

type memoryWord struct {
	bun.BaseModel `bun:"table:memory_words,alias:w"`
	Word          int64  `bun:",pk"`
	Tokens        int    `bun:",pk"`
	UnitID        string `bun:",pk"`
}

// Match is a translation of a text that is like the one asked about.
type Match struct {
	ID string
	// Score is how like the sources are, in per cent: the share of words that need not be changed. 100 is the same text, 99 one that
	// differs in letters' case, accents, blanks or codes alone.
	Score  int
	Source exchange.Text
	Target exchange.Text
	// Kind, Entry and Title say where it was published; empty where whoever asks may not read that. Origin is the name of a file.
	Kind, Entry, Title, Path, Origin string
	Lang                             i18n.Locale // of the title
	At                               time.Time
}

func digest(parts ...string) []byte {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return h[:]
}

func newMemoryUnit(from, to i18n.Locale, source, target exchange.Text) (memoryUnit, []memoryWord, bool) {
	s, t := strings.TrimSpace(source.String()), strings.TrimSpace(target.String())
	tokens := tokenize(source.Plain())
	if len(tokens) == 0 || len(tokens) > maxTokens || target.Empty() || len(s)+len(t) > maxMemoryText {
		return memoryUnit{}, nil, false
	}
	u := memoryUnit{ID: hex.EncodeToString(digest(string(from), string(to), s, t)[:12]), FromLocale: from, ToLocale: to, Source: s, Target: t,
		SourceKey: sourceKey(source), Tokens: len(tokens)}
	var words []memoryWord
	for _, w := range rarest(from, to, tokens) {
		words = append(words, memoryWord{Word: w, Tokens: len(tokens), UnitID: u.ID})
	}
	return u, words, true
}

const (
	maxTokens     = 1200
	maxMemoryText = 40_000
)

func sourceKey(source exchange.Text) string {
	return hex.EncodeToString(digest(strings.Join(strings.Fields(source.String()), " "))[:10])
}

// tokenize cuts words for comparison, folded: runs of letters and digits, single characters of Chinese, and marks.
func tokenize(s string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range i18n.Fold(i18n.EN, s) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			flush()
			out = append(out, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			flush()
		default:
			flush()
			out = append(out, string(r))
		}
	}
	flush()
	return out
}

// rarest are hashes of those words of a text by which texts that are like it are found. Two texts of which LeastMatch per cent
// of the words are the same share, in whatever order words are put, one of the first of each: as many as may be different, and one.
// Long words stand first, since they are rare. A word that is there twice counts as two.
func rarest(from, to i18n.Locale, tokens []string) []int64 {
	type word struct {
		length int
		hash   int64
	}
	seen := map[string]int{}
	var all []word
	for _, t := range tokens {
		seen[t]++
		h := digest(string(from), string(to), t, strconv.Itoa(seen[t]))
		all = append(all, word{len(t), int64(binary.BigEndian.Uint64(h))})
	}
	slices.SortFunc(all, func(a, b word) int { return cmp.Or(b.length-a.length, cmp.Compare(a.hash, b.hash)) })
	keep := len(all) - (len(all)*LeastMatch+99)/100 + 1
	out := make([]int64, 0, keep)
	for _, w := range all[:min(keep, len(all))] {
		if !slices.Contains(out, w.hash) {
			out = append(out, w.hash)
		}
	}
	return out
}

// likeness is the share of words in per cent that need not be changed, put in or taken out to make one text of the other.
func likeness(a, b []string) int {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return 0
	}
	most := max(n, m)
	row := make([]int, m+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= n; i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= m; j++ {
			above := row[j]
			if a[i-1] == b[j-1] {
				row[j] = before
			} else {
				row[j] = 1 + min(before, above, row[j-1])
			}
			before = above
		}
	}
	return (most - row[m]) * 100 / most
}

// candidates is how many texts are compared at most.
const candidates = 120

// Matches gives translations of texts like source, the likest first and of those the latest.
func (s *Store) Matches(ctx context.Context, who *auth.Actor, from, to i18n.Locale, source exchange.Text, most int) ([]Match, error) {
	tokens := tokenize(source.Plain())
	if len(tokens) == 0 || len(tokens) > maxTokens {
		return nil, nil
	}
	q := s.DB.Read()
	var rows []memoryUnit
	if err := q.NewSelect().Model(&rows).Where("u.from_locale = ? AND u.to_locale = ? AND u.source_key = ?", from, to, sourceKey(source)).
		OrderExpr("u.at DESC, u.id").Limit(int64(most)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("memory: %w", db.Normalize(err))
	}
	if len(rows) < most {
		n := len(tokens)
		var ids []string
		if err := q.NewSelect().Model((*memoryWord)(nil)).Column("w.unit_id").Where("w.word IN (?)", bun.List(rarest(from, to, tokens))).
			Where("w.tokens BETWEEN ? AND ?", (n*LeastMatch+99)/100, n*100/LeastMatch).
			GroupExpr("w.unit_id").OrderExpr("COUNT(*) DESC, w.unit_id").Limit(candidates).Scan(ctx, &ids); err != nil {
			return nil, fmt.Errorf("memory: %w", db.Normalize(err))
		}
		if len(ids) > 0 {
			var like []memoryUnit
			if err := q.NewSelect().Model(&like).Where("u.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
				return nil, fmt.Errorf("memory: %w", db.Normalize(err))
			}
			for _, u := range like {
				if !slices.ContainsFunc(rows, func(x memoryUnit) bool { return x.ID == u.ID }) {
					rows = append(rows, u)
				}
			}
		}
	}
	var out []Match
	for _, u := range rows {
		m := Match{ID: u.ID, Source: exchange.ParseText(u.Source), Target: exchange.ParseText(u.Target), Entry: u.EntryID, Path: u.Path, Origin: u.Origin, At: u.At}
		switch m.Score = likeness(tokens, tokenize(m.Source.Plain())); {
		case m.Source.Same(source):
			m.Score = 100
		case m.Score == 100:
			m.Score = 99
		}
		if m.Score >= LeastMatch {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Or(b.Score-a.Score, b.At.Compare(a.At), strings.Compare(a.ID, b.ID)) })
	out = out[:min(len(out), most)]
	return out, s.provenance(ctx, who, to, out)
}

// provenance tells where matches were published, as far as whoever asks may read it.
func (s *Store) provenance(ctx context.Context, who *auth.Actor, l i18n.Locale, out []Match) error {
	var ids []string
	for _, m := range out {
		if m.Entry != "" && !slices.Contains(ids, m.Entry) {
			ids = append(ids, m.Entry)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, _, err := s.Content.List(ctx, who, content.ListQuery{IDs: ids})
	if err != nil {
		return err
	}
	for i := range out {
		m := &out[i]
		at := slices.IndexFunc(rows, func(r content.ListRow) bool { return r.ID == m.Entry })
		if at < 0 {
			m.Entry, m.Path = "", ""
			continue
		}
		r := rows[at]
		m.Kind, m.Title, m.Lang = r.Kind, r.Title, r.Original
		if t := r.Languages[l].Title; t != "" {
			m.Title, m.Lang = t, l
		}
	}
	return nil
}

const learnKind = "memory.learn"

// Handle says what the tasks of this package do.
func (s *Store) Handle(q *job.Queue) {
	s.jobs = q
	q.Handle(learnKind, func(ctx context.Context, r *job.Run) error {
		var id string
		if err := r.Args(&id); err != nil {
			return job.Never(err)
		}
		return s.Learn(ctx, id)
	})
}

// Changed has what an entry now shows the public remembered, if that is in two languages.
func (s *Store) Changed(ctx context.Context, tx bun.Tx, id string) error {
	n, err := tx.NewSelect().TableExpr("live").Where("entry_id = ? AND part <> ?", id, string(content.Facts)).Count(ctx)
	if err != nil || n < 2 {
		return db.Normalize(err)
	}
	return s.jobs.Enqueue(ctx, tx, job.Task{Kind: learnKind, Args: id, Key: learnKind + ":" + id})
}

// Learn remembers the units of an entry that are published in two languages, one made from the other.
func (s *Store) Learn(ctx context.Context, id string) error {
	who := auth.System("memory")
	e, err := s.Content.Get(ctx, who, id)
	if errors.Is(err, db.ErrNotFound) || err == nil && (e.Deleted != nil || e.Live[content.Part(e.Original)] == 0) {
		return nil
	} else if err != nil {
		return err
	}
	parts := content.Parts{content.Facts: e.Parts[content.Facts]}
	if parts[content.Part(e.Original)], err = s.Content.WordsAsOf(ctx, who, e, e.Original, e.Live[content.Part(e.Original)]); err != nil {
		return err
	}
	b := batch{s: s, who: who.ID, at: db.Now()}
	for _, to := range s.Targets(e) {
		if e.Live[content.Part(to)] == 0 {
			continue
		}
		if parts[content.Part(to)], err = s.Content.WordsAsOf(ctx, who, e, to, e.Live[content.Part(to)]); err != nil {
			return err
		}
		pairs := e.Kind.Pairs(parts, e.Original, to)
		units, blocks := map[string]int{}, map[string]int{} // of the source, and of a translation that has no stamp, by path
		for _, p := range pairs {
			if units[p.Path]++; units[p.Path] > 1 || p.Field.Type != content.TypeProse {
				continue
			}
			if t := parts[content.Part(to)].Text(p.Path); len(t.Of) == 0 {
				blocks[p.Path] = len(content.Blocks(t.Words))
			}
		}
		for _, p := range pairs {
			// Words without a stamp lie beside their source by their place alone: only where there are as many.
			if n, loose := blocks[p.Path]; p.State != content.UnitCurrent || p.Target == "" || loose && n != units[p.Path] {
				continue
			}
			u := unit(p)
			b.add(e.Original, to, u.Source, u.Target, e.ID, p.Path, "")
		}
	}
	_, err = b.store(ctx)
	return err
}

// batch is units to be remembered.
type batch struct {
	s     *Store
	who   string
	at    time.Time
	units []memoryUnit
	words []memoryWord
	seen  map[string]bool
}

func (b *batch) add(from, to i18n.Locale, source, target exchange.Text, entry, path, origin string) bool {
	u, words, ok := newMemoryUnit(from, to, source, target)
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	if !ok || b.seen[u.ID] {
		return ok
	}
	b.seen[u.ID] = true
	u.EntryID, u.Path, u.Origin, u.At, u.ByAccount = entry, path, origin, b.at, b.who
	b.units, b.words = append(b.units, u), append(b.words, words...)
	return true
}

// store writes what was added: a pair that is there already gets a newer date and place, save that a file changes nothing of
// what was published. It tells how many were new.
func (b *batch) store(ctx context.Context) (added int, err error) {
	err = b.s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		added = 0
		words := b.words
		for chunk := range slices.Chunk(b.units, 400) {
			ids := make([]string, len(chunk))
			for i, u := range chunk {
				ids[i] = u.ID
			}
			n, err := tx.NewSelect().Model((*memoryUnit)(nil)).Where("u.id IN (?)", bun.List(ids)).Count(ctx)
			if err != nil {
				return err
			}
			added += len(chunk) - int(n)
			q := tx.NewInsert().Model(&chunk).On("CONFLICT (id) DO NOTHING")
			if chunk[0].EntryID != "" {
				q = tx.NewInsert().Model(&chunk).On("CONFLICT (id) DO UPDATE").Set("entry_id = EXCLUDED.entry_id").Set("path = EXCLUDED.path").
					Set("origin = EXCLUDED.origin").Set("at = EXCLUDED.at")
			}
			if _, err := q.Exec(ctx); err != nil {
				return err
			}
		}
		for chunk := range slices.Chunk(words, 2000) {
			if _, err := tx.NewInsert().Model(&chunk).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("memory: %w", db.Normalize(err))
	}
	return added, nil
}

// MemoryQuery asks for what is remembered; zero fields do not limit.
type MemoryQuery struct {
	Search   string
	From, To i18n.Locale
	auth.Paging
}

// Memory lists what is remembered, the latest first.
func (s *Store) Memory(ctx context.Context, who *auth.Actor, q MemoryQuery) ([]Match, []i18n.Locale, int, error) {
	if !MayRead(who) {
		return nil, nil, 0, auth.ErrForbidden
	}
	limit := func(x *bun.SelectQuery) *bun.SelectQuery {
		if q.From != "" {
			x = x.Where("u.from_locale = ?", q.From)
		}
		if q.To != "" {
			x = x.Where("u.to_locale = ?", q.To)
		}
		if w := strings.TrimSpace(q.Search); w != "" {
			w = "%" + escapeLike.Replace(strings.ToLower(w)) + "%"
			x = x.Where("(LOWER(u.source) LIKE ? ESCAPE '!' OR LOWER(u.target) LIKE ? ESCAPE '!')", w, w)
		}
		return x
	}
	total, err := limit(s.DB.Read().NewSelect().TableExpr("memory_units AS u")).Count(ctx)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("memory: %w", db.Normalize(err))
	}
	var rows []memoryUnit
	if err := q.Apply(limit(s.DB.Read().NewSelect().Model(&rows))).OrderExpr("u.at DESC, u.id").Scan(ctx); err != nil {
		return nil, nil, 0, fmt.Errorf("memory: %w", db.Normalize(err))
	}
	out, pairs := make([]Match, len(rows)), make([]i18n.Locale, 0, 2*len(rows))
	for i, u := range rows {
		out[i] = Match{ID: u.ID, Source: exchange.ParseText(u.Source), Target: exchange.ParseText(u.Target), Entry: u.EntryID, Path: u.Path, Origin: u.Origin, At: u.At}
		pairs = append(pairs, u.FromLocale, u.ToLocale)
	}
	return out, pairs, int(total), s.provenance(ctx, who, "", out)
}

// Forget takes units out of the memory.
func (s *Store) Forget(ctx context.Context, who *auth.Actor, ids []string) (n int, err error) {
	if !MayKeep(who) {
		return 0, auth.ErrForbidden
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*memoryWord)(nil)).Where("unit_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		res, err := tx.NewDelete().Model((*memoryUnit)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		gone, err := res.RowsAffected()
		n = int(gone)
		if err != nil || n == 0 {
			return err
		}
		return auth.Audit(ctx, tx, who, "memory.forget", memoryObject, nil)
	})
	return n, err
}

var memoryObject = auth.Object{Kind: "memory"}

// Remember puts the pairs of a file into the memory and tells how many were new.
func (s *Store) Remember(ctx context.Context, who *auth.Actor, origin string, pairs []exchange.Pair) (added int, err error) {
	if !MayKeep(who) {
		return 0, auth.ErrForbidden
	}
	// In portions, each by itself: a memory is large, and one that stops half-way can be brought again.
	for chunk := range slices.Chunk(pairs, 4000) {
		b := batch{s: s, who: who.ID, at: db.Now()}
		for _, p := range chunk {
			if p.From != p.To && slices.Contains(s.Content.Locales, p.From) && slices.Contains(s.Content.Locales, p.To) {
				b.add(p.From, p.To, p.Source, p.Target, "", "", origin)
			}
		}
		n, err := b.store(ctx)
		added += n
		if err != nil {
			return added, err
		}
	}
	return added, s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return auth.Audit(ctx, tx, who, "memory.import", memoryObject, map[string]any{"name": origin})
	})
}

// MemoryPairs gives what is remembered between two languages, for a file; empty ones are all.
func (s *Store) MemoryPairs(ctx context.Context, who *auth.Actor, from, to i18n.Locale) ([]exchange.Pair, error) {
	if !MayRead(who) {
		return nil, auth.ErrForbidden
	}
	q := s.DB.Read().NewSelect().Model((*memoryUnit)(nil)).Column("from_locale", "to_locale", "source", "target", "at").OrderExpr("u.at DESC, u.id").Limit(exchange.MaxPairs)
	if from != "" {
		q = q.Where("u.from_locale = ?", from)
	}
	if to != "" {
		q = q.Where("u.to_locale = ?", to)
	}
	var rows []memoryUnit
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("memory: %w", db.Normalize(err))
	}
	out := make([]exchange.Pair, len(rows))
	for i, u := range rows {
		out[i] = exchange.Pair{From: u.FromLocale, To: u.ToLocale, Source: exchange.ParseText(u.Source), Target: exchange.ParseText(u.Target), At: u.At}
	}
	return out, nil
}
