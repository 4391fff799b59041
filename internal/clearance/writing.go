package clearance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/settings"
	"plenary/internal/writing"
)

// Waiver lets stand what a check of the writing marks: who said so, when, and why. It is about the very words: when they
// change, the finding has another key and the waiver means nothing any more; when they come back, it does again.
type Waiver struct {
	bun.BaseModel `bun:"table:waivers,alias:wv"`
	EntryID       string      `bun:"entry_id,pk"`
	Locale        i18n.Locale `bun:"locale,pk"`
	Mark          string      `bun:"mark,pk"`
	Check         string      `bun:"check_name"`
	Quote         string      `bun:"quote"`
	Why           string      `bun:"why"`
	Author        string      `bun:"author"`
	At            time.Time   `bun:"at"`
}

// Found is something that a check marks, and what comes of it.
type Found struct {
	writing.Finding
	Blocks bool    // it forbids publishing, unless it is waived
	Waiver *Waiver // nil if nobody lets it stand
}

// Stops reports whether it keeps the language from being published.
func (f Found) Stops() bool { return f.Blocks && f.Waiver == nil }

// Problem is the finding as publishing reports it.
func (f Found) Problem() content.Problem {
	return content.Problem{Path: f.Path, Locale: f.Locale, Blocks: f.Blocks, Key: "writing.rule." + f.Check, Args: []any{"Quote", f.Quote, "Other", f.Other}}
}

// Findings are what the checks that the office has on mark in a language of the working entry. e was read by somebody who may.
func (s *Store) Findings(ctx context.Context, e *content.Entry, l i18n.Locale) ([]Found, error) {
	return s.findings(ctx, s.DB.Read(), e, e.Value, e.Parts[content.Facts], l)
}

func (s *Store) findings(ctx context.Context, q bun.IDB, e *content.Entry, value any, facts content.Leaves, l i18n.Locale) ([]Found, error) {
	site := s.Site()
	o := writing.Options{Locale: l, Known: writing.ShortForms(site.ShortForms[l])}
	o.From, o.To, o.Dates = e.Kind.Days(facts)
	var out []Found
	for _, x := range writing.Find(content.Texts(e.Kind, value, l), o) {
		switch site.Severity(x.Check) {
		case settings.CheckAdvises:
			out = append(out, Found{Finding: x})
		case settings.CheckBlocks:
			out = append(out, Found{Finding: x, Blocks: true})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	waived, err := s.waivers(ctx, q, e.ID, l)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Waiver = waived[out[i].Key]
	}
	return out, nil
}

func (s *Store) waivers(ctx context.Context, q bun.IDB, id string, l i18n.Locale) (map[string]*Waiver, error) {
	var rows []Waiver
	if err := q.NewSelect().Model(&rows).Where("wv.entry_id = ? AND wv.locale = ?", id, l).Scan(ctx); err != nil {
		return nil, fmt.Errorf("waivers of %s: %w", id, db.Normalize(err))
	}
	out := make(map[string]*Waiver, len(rows))
	for i := range rows {
		out[rows[i].Mark] = &rows[i]
	}
	return out, nil
}

// WritingGate forbids to publish words in which a check marks something that the office does not let pass, and nobody has
// waived. What is public already may stay.
func (s *Store) WritingGate(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, next map[content.Part]int) ([]content.Problem, error) {
	if who.IsProgram() || !s.Site().ChecksBlock() {
		return nil, nil
	}
	var out []content.Problem
	var value any
	var of content.Parts
	for _, p := range parts(next) {
		if p == content.Facts {
			continue
		}
		if live := e.Live[p]; live > 0 {
			if same, err := s.Content.Alike(ctx, tx, e, p, live, next[p]); err != nil {
				return nil, err
			} else if same {
				continue
			}
		}
		if value == nil {
			var err error
			if of, err = s.Content.Public(ctx, tx, e, next); err != nil {
				return nil, err
			}
			if value, err = e.Kind.Join(of); err != nil {
				return nil, err
			}
		}
		found, err := s.findings(ctx, tx, e, value, of[content.Facts], p.Locale())
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.Stops() {
				out = append(out, f.Problem())
			}
		}
	}
	return out, nil
}

// MayWaive reports whether the actor may let stand what checks mark in a language: who answers for its being public.
func MayWaive(who *auth.Actor, e *content.Entry, l i18n.Locale) bool {
	return e.Deleted == nil && who.Can(auth.Publish, e.TextObject(l))
}

// Waive lets stand what is found in a language under these keys, for a reason. Keys under which nothing is found any more are
// passed over: somebody has mended it meanwhile. If nothing is left, the answer says so.
func (s *Store) Waive(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, keys []string, why string) error {
	why, ok := cleanNote(why)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		switch {
		case !MayWaive(who, e, l):
			return auth.ErrForbidden
		case !ok:
			return invalid(l, "problem.note_long")
		case why == "":
			return invalid(l, "writing.why_missing")
		}
		found, err := s.findings(ctx, tx, e, e.Value, e.Parts[content.Facts], l)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		byCheck := map[string][]string{}
		var rows []Waiver
		for _, f := range found {
			if f.Waiver != nil || seen[f.Key] || !slices.Contains(keys, f.Key) {
				continue
			}
			seen[f.Key] = true
			rows = append(rows, Waiver{EntryID: id, Locale: l, Mark: f.Key, Check: f.Check, Quote: f.Quote, Why: why, Author: who.ID, At: s.now()})
			byCheck[f.Check] = append(byCheck[f.Check], f.Quote)
		}
		if len(rows) == 0 {
			return invalid(l, "writing.nothing_chosen")
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("waivers of %s: %w", id, db.Normalize(err))
		}
		for _, check := range writing.Checks {
			if quotes := byCheck[check]; len(quotes) > 0 {
				detail := map[string]any{"title": e.Title, "check": check, "quotes": quotes[:min(len(quotes), 10)], "why": why}
				if err := auth.Audit(ctx, tx, who, "waive", e.TextObject(l), detail); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Unwaive takes a waiver back. One that is not there is no error.
func (s *Store) Unwaive(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, key string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !MayWaive(who, e, l) {
			return auth.ErrForbidden
		}
		all, err := s.waivers(ctx, tx, id, l)
		w := all[key]
		if err != nil || w == nil {
			return err
		}
		if _, err := tx.NewDelete().Model(w).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("waiver of %s: %w", id, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, "unwaive", e.TextObject(l), map[string]any{"title": e.Title, "check": w.Check, "quotes": []string{w.Quote}})
	})
}
