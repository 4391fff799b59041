package registration

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/seal"
)

// Submission is a form as it was sent, by its fields' names.
type Submission struct {
	Locale i18n.Locale // in which it was read: letters come in it
	Stamp  string
	From   netip.Addr
	Values map[string][]string
}

// Names of the form's fields. Questions are "f." and the field's id, consents "consent." and theirs.
const (
	FieldName         = "name"
	FieldMail         = "mail"
	FieldOrganization = "organization"
	FieldPosition     = "position"
	FieldCountry      = "country"
	FieldCategory     = "category"
	FieldMode         = "mode" // of a hybrid event
	QuestionPrefix    = "f."
	ConsentPrefix     = "consent."
)

// Limits of what is typed.
const (
	maxLine    = 200
	maxText    = 500
	maxLong    = 4000
	maxChoices = 100
)

// reader checks a submission against the form.
type reader struct {
	e        *Event
	s        Submission
	now      time.Time
	staff    bool             // may leave out what is required, and use hidden categories
	agreed   bool             // but not the consents that are
	by       string           // the account of staff
	fixed    bool             // the category and the mode are: a place is held
	earlier  map[string]Given // consents that stay where they are not given anew
	problems []Problem
	raw      map[string][]string // answers, before conditions
	keys     *seal.Keys          // of the event, to merge with what is sealed
}

func (r *reader) bad(field, key string, args ...any) {
	r.problems = append(r.problems, Problem{field, key, args})
}

// one gives the only value of a field; a field that comes twice is no form of ours.
func (r *reader) one(field string) string {
	v := r.s.Values[field]
	if len(v) > 1 {
		r.bad(field, "registration.twice")
	}
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

// line is a field's words without what has no place in a line; header lines cannot be begun in it.
func (r *reader) line(field string, most int, required bool) string {
	w := i18n.StripControls(r.one(field))
	if n := utf8.RuneCountInString(w); n > most {
		r.bad(field, "registration.too_long", "Max", most)
	}
	if w == "" && required && !r.staff {
		r.bad(field, "registration.required")
	}
	return w
}

// read fills a row, or says what is wrong.
func (r *reader) read(to *row) error {
	f := r.e.Form
	ask := func(name string) string {
		if !slices.Contains(f.Ask, name) {
			return ""
		}
		return r.line(name, maxLine, slices.Contains(f.Required, name))
	}
	to.Name = r.line(FieldName, maxLine, false)
	if to.Name == "" {
		r.bad(FieldName, "registration.name_missing")
	}
	to.Organization, to.Position, to.Country = ask(FieldOrganization), ask(FieldPosition), ask(FieldCountry)
	for _, x := range [][2]string{{FieldName, to.Name}, {FieldOrganization, to.Organization}} {
		if !r.staff && i18n.MixesScripts(x[1]) { // lists of participants show it; staff may have a paper in hand
			r.bad(x[0], "registration.name_mixed")
		}
	}
	if to.Country != "" && !slices.Contains(i18n.Countries(), to.Country) {
		r.bad(FieldCountry, "registration.choice")
	}
	if !r.fixed {
		to.Category = r.one(FieldCategory)
	}
	offered := f.Offered()
	if r.staff {
		offered = f.Categories
	}
	known := slices.ContainsFunc(offered, func(c Category) bool { return c.ID == to.Category })
	switch {
	case r.fixed:
	case to.Category == "" && len(offered) > 0:
		r.bad(FieldCategory, "registration.required")
	case to.Category != "" && !known:
		r.bad(FieldCategory, "registration.choice")
	}
	r.mode(to)
	to.Locale, to.UpdatedAt = r.s.Locale, r.now
	to.Find = find(to)
	answers := r.answers()
	consents := r.consents(to)
	if len(r.problems) > 0 {
		return &Invalid{r.problems}
	}
	var err error
	if to.Answers, err = document(answers); err == nil {
		to.Consents, err = document(consents)
	}
	return err
}

// mode reads how somebody takes part: of a hybrid event as they say, or their category.
func (r *reader) mode(to *row) {
	f := r.e.Form
	if r.fixed {
		return
	}
	if !f.Hybrid {
		to.Mode = f.Mode
		return
	}
	said, fixed := r.one(FieldMode), f.Fixed(to.Category)
	switch {
	case said == "" && fixed == "":
		r.bad(FieldMode, "registration.required")
	case said != "" && !slices.Contains(Modes, said):
		r.bad(FieldMode, "registration.choice")
	case said != "" && fixed != "" && said != fixed:
		r.bad(FieldMode, "registration.mode_fixed")
	case fixed != "":
		to.Mode = fixed
	default:
		to.Mode = said
	}
}

func document(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func find(r *row) string { return i18n.Fold(r.Locale, r.Name+" "+r.Mail+" "+r.Organization) }

func (r *reader) answers() map[string]Answer {
	f := r.e.Form
	r.raw = map[string][]string{}
	for i := range f.Fields {
		x := &f.Fields[i]
		name := QuestionPrefix + x.ID
		if v := r.answer(x, name); len(v) > 0 {
			r.raw[x.ID] = v
		}
	}
	out := map[string]Answer{}
	for i := range f.Fields {
		x := &f.Fields[i]
		if !f.asked(x, r.raw) {
			continue // typed before they changed their mind about what it hangs on
		}
		v := r.raw[x.ID]
		if len(v) == 0 {
			if x.Required && !r.staff && !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Field == QuestionPrefix+x.ID }) {
				r.bad(QuestionPrefix+x.ID, "registration.required")
			}
			continue
		}
		label, _ := x.Label.Pick(r.e.Original, r.e.Original)
		out[x.ID] = Answer{Label: label, Values: v}
	}
	return out
}

// answer gives the canonical values of one question.
func (r *reader) answer(x *Field, name string) []string {
	one := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	switch x.Type {
	case Long:
		w := strings.ReplaceAll(r.one(name), "\r\n", "\n")
		lines := strings.Split(w, "\n")
		for i := range lines {
			lines[i] = i18n.StripControls(lines[i])
		}
		w = strings.TrimSpace(strings.Join(lines, "\n"))
		if utf8.RuneCountInString(w) > maxLong {
			r.bad(name, "registration.too_long", "Max", maxLong)
			return nil
		}
		return one(w)
	case Choices:
		var out []string
		for _, v := range r.s.Values[name] {
			switch o := x.Option(v); {
			case v == "":
			case o == nil || o.ID != v || len(out) >= maxChoices:
				r.bad(name, "registration.choice")
				return nil
			case !slices.Contains(out, v):
				out = append(out, v)
			}
		}
		return out
	case Choice:
		v := r.one(name)
		if o := x.Option(v); v != "" && (o == nil || o.ID != v) {
			r.bad(name, "registration.choice")
			return nil
		}
		return one(v)
	case YesNo:
		v := r.one(name)
		if v != "" && v != "yes" && v != "no" {
			r.bad(name, "registration.choice")
			return nil
		}
		return one(v)
	case Country:
		v := r.one(name)
		if v != "" && !slices.Contains(i18n.Countries(), v) {
			r.bad(name, "registration.choice")
			return nil
		}
		return one(v)
	case Number:
		w := strings.Map(digits, strings.TrimSpace(r.one(name)))
		if w == "" {
			return nil
		}
		n, err := strconv.ParseFloat(strings.Replace(w, ",", ".", 1), 64)
		if err != nil || n != n || n > 1e12 || n < -1e12 || len(w) > 30 {
			r.bad(name, "registration.number")
			return nil
		}
		return one(strconv.FormatFloat(n, 'f', -1, 64))
	case Date:
		w := i18n.StripControls(r.one(name))
		if w == "" {
			return nil
		}
		if len(w) > 60 {
			r.bad(name, "registration.date")
			return nil
		}
		if t, err := time.Parse(time.DateOnly, w); err == nil && t.Year() >= 1800 && t.Year() <= 2200 {
			return one(w)
		}
		p, err := i18n.ParseDate(r.s.Locale, w, r.now)
		if err != nil {
			r.bad(name, "registration.date")
			return nil
		}
		return one(p.Date.Format(time.DateOnly))
	}
	w := r.line(name, maxText, false)
	return one(w)
}

// digits makes Arabic figures plain ones.
func digits(c rune) rune {
	switch {
	case c >= '٠' && c <= '٩':
		return c - '٠' + '0'
	case c >= '۰' && c <= '۹':
		return c - '۰' + '0'
	case c == '٫':
		return '.'
	case c == '\u00a0' || c == '\u202f' || c == ' ':
		return -1
	}
	return c
}

// consents keeps what was agreed to, in the words they had before them; an earlier one to the same words keeps its time.
func (r *reader) consents(to *row) map[string]Given {
	before := map[string]Given{}
	if to.Consents != "" {
		_ = json.Unmarshal([]byte(to.Consents), &before) // what we wrote
	}
	out := map[string]Given{}
	for _, c := range r.e.Form.Consents {
		name := ConsentPrefix + c.ID
		v := r.one(name)
		if v == "" {
			if _, has := r.earlier[c.ID]; c.Required && !has && (!r.staff || r.agreed) {
				r.bad(name, "registration.consent_missing")
			}
			continue
		}
		text, lang := c.Text.Pick(r.s.Locale, r.e.Original)
		g := Given{Text: text, Lang: lang, At: r.now, By: r.by}
		if b, ok := before[c.ID]; ok && b.Text == text {
			g.At, g.By = b.At, b.By
		}
		out[c.ID] = g
	}
	return out
}

// address reads a mailbox.
func (r *reader) address() string {
	w := strings.TrimSpace(r.one(FieldMail))
	if w == "" {
		if !r.staff {
			r.bad(FieldMail, "registration.mail_missing")
		}
		return ""
	}
	w, err := mail.Address(w)
	if err != nil {
		r.bad(FieldMail, "registration.mail")
	}
	return w
}

// How many letters a day can be asked for by forms that anybody can send with anybody's address: to one address for one
// event, and for all events together. Those of a registration that is confirmed were wanted, and do not count.
const (
	lettersMost    = 4
	lettersMostAll = 12
)

// Register takes a form. What it does is the same to look at whether the address is registered already or not: a letter
// goes to it. Each form stays as it was sent until one of their letters' links is followed: then that one counts.
func (s *Store) Register(ctx context.Context, event string, sub Submission) error {
	e, err := s.Event(ctx, event)
	if err != nil {
		return err
	}
	if err := s.attempt(ctx, sub.From); err != nil {
		return err
	}
	now := s.now()
	if !e.Form.Open(now) {
		return refuse("", "registration.closed")
	}
	if e.Form.MailOnly {
		return refuse("", "registration.mail_only")
	}
	version, early, err := s.readStamp(ctx, event, sub.Stamp)
	if err != nil {
		return err
	}
	rd := &reader{e: e, s: sub, now: now}
	if early != nil {
		rd.problems = append(rd.problems, *early)
	} else if version != e.Form.Version(sub.Locale, e.Original) {
		rd.bad("", "registration.form_changed")
	}
	r := &row{ID: content.NewID(), EventID: event, State: Unverified, Channel: Web, Mail: rd.address(), CreatedAt: now}
	r.MailKey = strings.ToLower(r.Mail)
	if err := rd.read(r); err != nil {
		return err
	}
	if left, err := s.Places(ctx, e, r.Category, r.Mode); err != nil {
		return err
	} else if left == 0 && !e.Form.Waitlist {
		return refuse("", "registration.full")
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		there, err := s.byMail(ctx, tx, event, r.MailKey)
		if err != nil {
			return err
		}
		letter := "verify"
		to := r
		for i := range there {
			if old := &there[i]; old.State != Unverified && old.State != Withdrawn {
				// Whoever sent this may be a stranger: what is there stays, and only the owner of the mailbox learns of it.
				letter, to = "known", old
			}
		}
		may, err := s.mayAsk(ctx, tx, h, to)
		if err != nil {
			return err
		}
		if letter == "verify" && (may || len(there) == 0) { // what nobody can confirm is kept once, for staff to see
			if err := s.insert(ctx, tx, h, r, "registered", ""); err != nil {
				return err
			}
		}
		if !may {
			return nil
		}
		return s.letter(ctx, tx, h, to, letter)
	})
}

// byMail gives the registrations of a mailbox: one that counts at most, and the forms that wait to be confirmed.
func (s *Store) byMail(ctx context.Context, q bun.IDB, event, key string) ([]row, error) {
	var all []row
	if key == "" {
		return nil, nil
	}
	err := q.NewSelect().Model(&all).Where("r.event_id = ? AND r.mail_key = ?", event, key).OrderExpr("r.created_at, r.id").Scan(ctx)
	return all, err
}

// theOne is of a mailbox's registrations the one that counts; nil if there is none. Forms that wait to be confirmed do not:
// anybody can send them with anybody's address.
func theOne(all []row) *row {
	for i := range all {
		if all[i].State != Unverified {
			return &all[i]
		}
	}
	return nil
}

// claim makes r the one registration of its mailbox, where the next state does: forms that waited beside it go, and one that
// was given back. Links to those lead to this one, since all of them went to the same mailbox.
func (s *Store) claim(ctx context.Context, tx bun.Tx, h *held, r *row, to State) error {
	if to == r.State || to == Unverified || r.State != Unverified && r.State != Withdrawn && r.State != Declined {
		return nil
	}
	there, err := s.byMail(ctx, tx, h.row.EventID, r.MailKey)
	if err != nil {
		return err
	}
	var gone []string
	before := ""
	for _, o := range there {
		// Staff who turn down a form that was never confirmed do not turn down the mailbox's owner, who may have sent another.
		if o.ID != r.ID && (o.State != Unverified || r.VerifiedAt != nil || to != Declined && to != Withdrawn) {
			gone = append(gone, o.ID)
			if o.State != Unverified {
				before = o.ID
			}
		}
	}
	if to != Declined && to != Withdrawn {
		// The owner is there: those letters were wanted.
		if _, err := tx.NewRaw("UPDATE registration_tokens SET asked = ? WHERE registration_id IN (?)", false, bun.List(append(gone, r.ID))).Exec(ctx); err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if _, err := tx.NewRaw("UPDATE registration_tokens SET registration_id = ? WHERE registration_id IN (?)", r.ID, bun.List(gone)).Exec(ctx); err != nil {
		return err
	}
	if before != "" { // what was known of them stands before what came
		if _, err := tx.NewRaw("UPDATE registration_log SET registration_id = ?, number = number - 100000 WHERE registration_id = ?", r.ID, before).Exec(ctx); err != nil {
			return err
		}
	}
	_, err = tx.NewRaw("DELETE FROM registrations WHERE id IN (?)", bun.List(gone)).Exec(ctx)
	for _, id := range gone {
		h.gone[id] = true
	}
	return err
}

func (s *Store) insert(ctx context.Context, tx bun.Tx, h *held, r *row, action, actor string) error {
	if err := s.seal(ctx, tx, h, r); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
		return db.Normalize(err)
	}
	return s.note(ctx, tx, h, r, action, actor)
}

// mayAsk says whether the mailbox of r may get one more letter today that a form asks for.
func (s *Store) mayAsk(ctx context.Context, tx bun.Tx, h *held, r *row) (bool, error) {
	if s.DB.Postgres() { // forms for other events are taken at the same time
		if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(7036375, hashtext(?))", r.MailKey).Exec(ctx); err != nil {
			return false, err
		}
	}
	var n struct{ Here, Everywhere int }
	err := tx.NewRaw(`SELECT coalesce(sum(CASE WHEN r.event_id = ? THEN 1 ELSE 0 END), 0) AS here, count(*) AS everywhere
		FROM registrations AS r JOIN registration_tokens AS t ON t.registration_id = r.id WHERE r.mail_key = ? AND r.mail_key <> '' AND t.asked AND t.created_at > ?`,
		h.row.EventID, r.MailKey, h.now.Add(-day)).Scan(ctx, &n)
	return n.Here < lettersMost && n.Everywhere < lettersMostAll, err
}

// Change corrects what one has answered, by the private link. The mailbox stays, since it is what proves who they are.
func (s *Store) Change(ctx context.Context, token string, sub Submission) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.State == Declined || r.State == Withdrawn || !h.Form.Editable(h.now) {
			return refuse("", "registration.edit_closed")
		}
		next := *r
		rd := &reader{e: h.Event, s: sub, now: h.now, fixed: r.State != Unverified}
		if stamped := strings.Split(sub.Stamp, "."); len(stamped) != 3 || stamped[1] != h.Form.Version(sub.Locale, h.Original) {
			rd.bad("", "registration.form_changed")
		}
		if err := rd.read(&next); err != nil {
			return err
		}
		if next.Category != r.Category {
			next.Approved = false
		}
		*r = next
		return s.set(ctx, tx, h, r, r.State, "changed", "")
	})
}
