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
	"plenary/internal/job"
)

// Joint clearance: what several organisations answer for, each signs off in its own name. A sign-off is of one language and the
// facts at exact revisions, and its row never changes. Whether it still holds is computed for each part by itself, as for a
// clearance: an edit reopens the part that it changes, and what did not change stays signed.

// JointJob is the kind of the tasks that write to those whom a sign-off concerns.
const JointJob = "joint"

// States of a sign-off.
const (
	Requested State = "asked" // by whoever hands the entry on, of all who have not signed
	Agreed    State = "agreed"
	Objected  State = "objected"
)

// SignOff is one thing that was said.
type SignOff struct {
	bun.BaseModel `bun:"table:sign_offs,alias:so"`
	ID            string      `bun:"id,pk"`
	EntryID       string      `bun:"entry_id"`
	Organisation  string      `bun:"organisation_id"` // empty for Requested
	Locale        i18n.Locale `bun:"locale"`
	State         State       `bun:"state"`
	Facts         int         `bun:"facts"` // revisions that it is about
	Words         int         `bun:"words"`
	Author        string      `bun:"author"`
	Note          string      `bun:"note"`
	At            time.Time   `bun:"at"`
}

// Agreement is how far an organisation has signed an entry off.
type Agreement struct {
	content.Partner
	// Base are the revisions that it signed last, of the facts and of each language; a part that is not here it never signed.
	Base map[content.Part]int
	// Signed are the parts that the public would see as the organisation signed them.
	Signed map[content.Part]*SignOff
	// Objections are those that nothing was signed after, by language.
	Objections map[i18n.Locale]*SignOff
}

// Missing are the parts of a language that the organisation has not signed as they are now, the facts first.
func (x Agreement) Missing(l i18n.Locale) []content.Part {
	var out []content.Part
	for _, p := range []content.Part{content.Facts, content.Part(l)} {
		if x.Signed[p] == nil {
			out = append(out, p)
		}
	}
	return out
}

// last is what the organisation signed last of each part, and what it objected to since.
func last(rows []SignOff, organisation string) (signed map[content.Part]*SignOff, objections map[i18n.Locale]*SignOff) {
	signed, objections = map[content.Part]*SignOff{}, map[i18n.Locale]*SignOff{}
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Organisation != organisation:
		case r.State == Agreed:
			signed[content.Facts], signed[content.Part(r.Locale)] = r, r
			delete(objections, r.Locale)
		case r.State == Objected:
			objections[r.Locale] = r
		}
	}
	return signed, objections
}

func (r *SignOff) revision(p content.Part) int {
	if p == content.Facts {
		return r.Facts
	}
	return r.Words
}

func (s *Store) signOffs(ctx context.Context, q bun.IDB, id string) ([]SignOff, error) {
	var rows []SignOff
	err := q.NewSelect().Model(&rows).Where("so.entry_id = ?", id).OrderExpr("so.at, so.id").Scan(ctx)
	return rows, db.Normalize(err)
}

// Agreements tells how far each organisation that is asked to has signed the entry off, and all that was said, in order. e was read by
// somebody who may.
func (s *Store) Agreements(ctx context.Context, e *content.Entry) ([]Agreement, []SignOff, error) {
	return s.agreements(ctx, s.DB.Read(), e)
}

func (s *Store) agreements(ctx context.Context, q bun.IDB, e *content.Entry) ([]Agreement, []SignOff, error) {
	asked := slices.DeleteFunc(e.Partners(), func(p content.Partner) bool { return !p.Signs })
	if len(asked) == 0 {
		return nil, nil, nil
	}
	rows, err := s.signOffs(ctx, q, e.ID)
	if err != nil {
		return nil, nil, err
	}
	var out []Agreement
	for _, partner := range asked {
		x := Agreement{Partner: partner, Base: map[content.Part]int{}, Signed: map[content.Part]*SignOff{}}
		signed, objections := last(rows, partner.Organization)
		x.Objections = objections
		for p, r := range signed {
			x.Base[p] = r.revision(p)
			same, err := s.Content.Alike(ctx, q, e, p, r.revision(p), e.Versions[p])
			if err != nil {
				return nil, nil, err
			}
			if same && !objected(objections, p) {
				x.Signed[p] = r
			}
		}
		out = append(out, x)
	}
	return out, rows, nil
}

// objected reports whether an objection is about a part: one to a language is about the facts, too.
func objected(objections map[i18n.Locale]*SignOff, p content.Part) bool {
	if p == content.Facts {
		return len(objections) > 0
	}
	return objections[p.Locale()] != nil
}

// SignsFor lists the organisations in whose name the actor may sign the entry off.
func SignsFor(who *auth.Actor, e *content.Entry) []string {
	var out []string
	for _, p := range e.Partners() {
		if p.Signs && e.Deleted == nil && signsFor(who, p.Organization) {
			out = append(out, p.Organization)
		}
	}
	return out
}

func signsFor(who *auth.Actor, organisation string) bool {
	return who.Can(auth.SignOff, auth.Object{Kind: "organization", ID: organisation})
}

// Sign agrees, in the name of an organisation, to a language of an entry and its facts, or objects with words that say to what. seen are
// the versions that the actor saw: where the public would see something else by now, it is a *content.Conflicted and nothing is
// said. An organisation that is not asked, or that the actor may not speak for, is auth.ErrForbidden.
func (s *Store) Sign(ctx context.Context, who *auth.Actor, id, organisation string, l i18n.Locale, agree bool, seen map[content.Part]int, note string) error {
	note, ok := cleanNote(note)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(SignsFor(who, e), organisation):
			return auth.ErrForbidden
		case !ok:
			return jointInvalid(l, "problem.note_long")
		case !agree && note == "":
			return jointInvalid(l, "problem.object_note")
		case len(e.Parts[content.Part(l)]) == 0:
			return jointInvalid(l, "problem.nothing_in_language", "Language", l.Endonym())
		}
		if err := s.moved(ctx, tx, e, l, seen); err != nil {
			return err
		}
		state := Objected
		if agree {
			state = Agreed
			all, _, err := s.agreements(ctx, tx, e)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(x Agreement) bool { return x.Organization == organisation })
			if i >= 0 && len(all[i].Missing(l)) == 0 {
				return jointInvalid(l, "problem.signed_already")
			}
		}
		return s.say(ctx, tx, who, e, SignOff{Organisation: organisation, Locale: l, State: state, Note: note})
	})
}

// Ask has all who have not signed a language off told that it waits for them. Asking again for the same, without a word, tells nobody.
func (s *Store) Ask(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, seen map[content.Part]int, note string) error {
	note, ok := cleanNote(note)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		all, rows, err := s.agreements(ctx, tx, e)
		if err != nil {
			return err
		}
		switch {
		case !who.Can(auth.Submit, e.TextObject(l)):
			return auth.ErrForbidden
		case !ok:
			return jointInvalid(l, "problem.note_long")
		case len(e.Parts[content.Part(l)]) == 0:
			return jointInvalid(l, "problem.nothing_in_language", "Language", l.Endonym())
		case !slices.ContainsFunc(all, func(x Agreement) bool { return len(x.Missing(l)) > 0 }):
			return jointInvalid(l, "problem.nobody_missing")
		}
		if err := s.moved(ctx, tx, e, l, seen); err != nil {
			return err
		}
		for _, r := range slices.Backward(rows) {
			if r.State == Requested && r.Locale == l {
				if note == "" && r.Facts == e.Versions[content.Facts] && r.Words == e.Versions[content.Part(l)] {
					return nil
				}
				break
			}
		}
		return s.say(ctx, tx, who, e, SignOff{Locale: l, State: Requested, Note: note})
	})
}

func jointInvalid(l i18n.Locale, key string, args ...any) error {
	return &content.Invalid{Problems: []content.Problem{{Path: "joint", Locale: l, Blocks: true, Key: key, Args: args}}}
}

// say writes down what was said, and tells those it concerns.
func (s *Store) say(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, r SignOff) error {
	p := content.Part(r.Locale)
	r.ID, r.EntryID, r.Author, r.At, r.Facts, r.Words = content.NewID(), e.ID, who.ID, s.now(), e.Versions[content.Facts], e.Versions[p]
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return fmt.Errorf("sign-off of %s: %w", e.ID, db.Normalize(err))
	}
	if err := s.Content.Keep(ctx, tx, e.ID, map[content.Part]int{content.Facts: r.Facts, p: r.Words}); err != nil {
		return err
	}
	detail := map[string]any{"title": e.Title, "facts": r.Facts, "words": r.Words}
	if r.Organisation != "" {
		detail["organisation"] = r.Organisation
	}
	if err := auth.Audit(ctx, tx, who, "sign_off."+string(r.State), e.TextObject(r.Locale), detail); err != nil {
		return err
	}
	if s.Jobs == nil || s.Mail == nil {
		return nil
	}
	return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: JointJob, Args: tellArgs{r.ID}, Key: JointJob + ":" + r.ID})
}

// JointGate forbids to publish what an organisation has not signed off whose sign-off publishing waits for. What is public already
// needs none.
func (s *Store) JointGate(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, next map[content.Part]int) ([]content.Problem, error) {
	waits := slices.DeleteFunc(e.Partners(), func(p content.Partner) bool { return !p.Waits })
	if who.IsProgram() || len(waits) == 0 {
		return nil, nil
	}
	rows, err := s.signOffs(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range waits {
		ids = append(ids, x.Organization)
	}
	names, err := s.Content.Labels(ctx, e.Original, ids)
	if err != nil {
		return nil, err
	}
	var out []content.Problem
	for _, p := range parts(next) {
		if e.Live[p] > 0 {
			same, err := s.Content.Alike(ctx, tx, e, p, e.Live[p], next[p])
			if err != nil {
				return nil, err
			}
			if same {
				continue
			}
		}
		for _, x := range waits {
			signed, objections := last(rows, x.Organization)
			ok := signed[p] != nil && !objected(objections, p)
			if ok {
				if ok, err = s.Content.Alike(ctx, tx, e, p, signed[p].revision(p), next[p]); err != nil {
					return nil, err
				}
			}
			if !ok {
				out = append(out, content.Problem{Path: "joint", Locale: p.Locale(), Blocks: true, Key: "problem.not_signed", Args: []any{"Organization", i18n.Isolate(names[x.Organization])}})
			}
		}
	}
	return out, nil
}

// runJoint writes the letters: to all who may sign for an organisation that is missing, or to who asked, what was said.
func (s *Store) runJoint(ctx context.Context, run *job.Run) error {
	var args tellArgs
	if err := run.Args(&args); err != nil {
		return err
	}
	r := new(SignOff)
	if err := db.Normalize(s.DB.Read().NewSelect().Model(r).Where("so.id = ?", args.Step).Scan(ctx)); err != nil {
		return err
	}
	e, err := s.Content.Get(ctx, system, r.EntryID)
	if err != nil {
		return err
	}
	all, rows, err := s.Agreements(ctx, e)
	if err != nil {
		return err
	}
	var to []*auth.Actor
	if r.State == Requested {
		holders, err := s.Auth.Holders(ctx, auth.SignOff)
		if err != nil {
			return err
		}
		for _, who := range holders {
			if who.Can(auth.Read, e.Object()) && slices.ContainsFunc(all, func(x Agreement) bool { return len(x.Missing(r.Locale)) > 0 && signsFor(who, x.Organization) }) {
				to = append(to, who)
			}
		}
	} else {
		i := len(rows) - 1
		for i >= 0 && (rows[i].State != Requested || rows[i].Locale != r.Locale) {
			i--
		}
		if i >= 0 {
			if to, err = s.asker(ctx, e, rows[i].Author); err != nil {
				return err
			}
		}
	}
	names, err := s.Auth.Names(ctx, []string{r.Author})
	if err != nil {
		return err
	}
	return s.write(ctx, run, e, to, said{cause: "joint:" + r.ID, author: r.Author, of: r.Locale, note: r.Note, url: s.page(e, r.Locale, "joint"), subject: "joint.letter." + string(r.State) + "_subject",
		first: func(l i18n.Locale) (string, error) {
			organisations, err := s.Content.Labels(ctx, l, []string{r.Organisation})
			return s.Catalogue.T(l, "joint.letter."+string(r.State), "Name", i18n.Isolate(names[r.Author]), "Organization", i18n.Isolate(organisations[r.Organisation]), "Title", s.title(e, l), "Language", i18n.LanguageName(l, string(r.Locale))), err
		}})
}

// ToSign lists what waits to be signed off by the actor, the oldest first: languages that were asked for and are missing.
func (s *Store) ToSign(ctx context.Context, who *auth.Actor, limit int) ([]Task, error) {
	if who == nil || who.IsProgram() || !who.CanSomewhere(auth.SignOff) {
		return nil, nil
	}
	sel := s.DB.Read().NewSelect().TableExpr("sign_offs AS st").Join("JOIN entries AS e ON e.id = st.entry_id").
		ColumnExpr("st.id, st.entry_id, st.locale, st.at, e.kind, e.title, e.original").Where("e.deleted_at IS NULL AND e.partners <> '' AND st.state = ?", Requested).
		Where("NOT EXISTS (SELECT 1 FROM sign_offs AS n WHERE n.entry_id = st.entry_id AND n.locale = st.locale AND n.state = ? AND (n.at > st.at OR n.at = st.at AND n.id > st.id))", Requested).
		OrderExpr("st.at, st.id").Limit(100)
	var rows, out []Task
	if err := who.Scope(auth.Read, "").Where(sel, "e").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("what is to be signed off: %w", db.Normalize(err))
	}
	for _, t := range rows {
		if len(out) >= limit {
			break
		}
		e, err := s.Content.Get(ctx, who, t.EntryID)
		if err != nil {
			return nil, err
		}
		mine := SignsFor(who, e)
		all, _, err := s.Agreements(ctx, e)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(x Agreement) bool { return slices.Contains(mine, x.Organization) && len(x.Missing(t.Locale)) > 0 }) {
			out = append(out, t)
		}
	}
	return out, nil
}
