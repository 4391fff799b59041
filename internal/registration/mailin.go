package registration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/docx"
	"plenary/internal/i18n"
)

// Registering by mail: the form as a document, and what is read from one that comes back.

// Blank gives the form of an event as a word processor's document (DOCX) in a language, to be filled in and mailed to the
// event's mailbox. Each control is tagged with the name of its field, and a hidden mark says of which event, language and
// version of the form it is.
func (s *Store) Blank(ctx context.Context, e *Event, l i18n.Locale) ([]byte, error) {
	key, err := s.secret(ctx)
	if err != nil {
		return nil, err
	}
	d := &controls{Document: &docx.Document{Locale: l, Styles: formStyles}, l: l}
	b := &blank{s: s, e: e, l: l, to: d}
	d.say = b.say
	b.write("mailin.how")
	d.mark(markOf(key, e.ID, l, e.Form.Version(l, e.Original)))
	d.Title = b.line(e.Form.Title).words
	return d.Bytes()
}

// markOf is the hidden mark of a document.
func markOf(key []byte, event string, l i18n.Locale, version string) string {
	return strings.Join([]string{event, string(l), version, sign(key, "mail-in", event, string(l), version)}, ".")
}

// consentVersion tells the words of a consent from earlier ones.
func consentVersion(words string) string {
	sum := sha256.Sum256([]byte(words))
	return hex.EncodeToString(sum[:4])
}

// Returned is what a document that came back by mail says.
type Returned struct {
	Marked  bool        // it is a form of ours
	Event   string      // of its mark
	Foreign bool        // of another event
	Older   bool        // the form has been changed since
	Locale  i18n.Locale // in which it was read
	// Values are those of the form's fields, as a browser would have sent them; what cannot be taken is left out.
	Values map[string][]string
	// Read is what stands in the document, by field, in its own words.
	Read     map[string]string
	Problems []Problem
	// Hidden are the fields of sensitive questions, where who reads the document back may not see the answers: their Values are sealed,
	// and they are not in Read.
	Hidden []string
	// Known is the registration that has this mailbox already; nil: none.
	Known *Registration
}

// ReadBack reads a document that came back by mail, for staff who enter people in an event. A document that cannot be read
// is an *Invalid that says why.
func (s *Store) ReadBack(ctx context.Context, who *auth.Actor, event string, document []byte) (*Returned, error) {
	entry, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return nil, err
	}
	e, err := s.Event(ctx, event)
	if err != nil {
		return nil, err
	}
	doc, err := readDocument(document)
	if err != nil {
		return nil, err
	}
	key, err := s.secret(ctx)
	if err != nil {
		return nil, err
	}
	out := &Returned{Locale: e.Original, Values: map[string][]string{}, Read: map[string]string{}}
	for _, m := range doc.marks {
		p := strings.Split(m, ".")
		if len(p) != 4 || !hmac.Equal([]byte(p[3]), []byte(sign(key, "mail-in", p[0], p[1], p[2]))) {
			continue
		}
		out.Marked, out.Event, out.Locale = true, p[0], i18n.Locale(p[1])
		if out.Foreign = p[0] != event; out.Foreign {
			return out, nil
		}
		out.Older = p[2] != e.Form.Version(out.Locale, e.Original)
		break
	}
	s.take(out, e, doc)
	rd := &reader{e: e, s: Submission{Locale: out.Locale, Values: out.Values}, now: s.now()}
	r := &row{Mail: rd.address()}
	var bad *Invalid
	if err := rd.read(r); errors.As(err, &bad) {
		for _, p := range bad.Problems { // a field that could not be taken has said so already
			if !slices.ContainsFunc(out.Problems, func(q Problem) bool { return q.Field == p.Field }) {
				out.Problems = append(out.Problems, p)
			}
		}
	} else if err != nil {
		return nil, err
	}
	if !who.Can(auth.ReadSensitive, entry.Object()) {
		if err := s.conceal(ctx, out, e); err != nil {
			return nil, err
		}
	}
	out.Known, err = s.Known(ctx, who, event, r.Mail)
	return out, err
}

// concealed begins a value that staff carry from the document into the registration without seeing it.
const concealed = "sealed:"

// conceal takes out of what a document says the answers that are sensitive: sealed, Add and Merge take them all the same.
func (s *Store) conceal(ctx context.Context, r *Returned, e *Event) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		keys, err := s.Seal.Keys(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		for _, id := range e.Form.sensitive() {
			name := QuestionPrefix + id
			if _, said := r.Read[name]; !said {
				continue
			}
			delete(r.Read, name)
			r.Hidden = append(r.Hidden, name)
			for i, v := range r.Values[name] {
				if r.Values[name][i], err = keys.Seal(ctx, tx, id, concealed, v); err != nil {
					return err
				}
				r.Values[name][i] = concealed + r.Values[name][i]
			}
		}
		return nil
	})
}

// Concealed says whether a value of a form is one that ReadBack has sealed.
func Concealed(value string) bool { return strings.HasPrefix(value, concealed) }

// uncover opens what conceal has sealed; what does not open is no answer. The form as it was sent stays as it is: it may be shown again.
func (r *reader) uncover() {
	r.s.Values = maps.Clone(r.s.Values)
	for i := range r.e.Form.Fields {
		id := r.e.Form.Fields[i].ID
		name := QuestionPrefix + id
		if !slices.ContainsFunc(r.s.Values[name], Concealed) {
			continue
		}
		values := slices.Clone(r.s.Values[name])
		for j, v := range values {
			sealed, is := strings.CutPrefix(v, concealed)
			if !is {
				continue
			}
			var err error
			if values[j], err = r.keys.Open(id, concealed, sealed); err != nil {
				values[j] = ""
				r.bad(name, "registration.stale")
			}
		}
		r.s.Values[name] = values
	}
}

// take brings what stands in the controls into the fields of the form as it is now.
func (s *Store) take(out *Returned, e *Event, doc *returned) {
	f := e.Form
	bad := func(field, key string) { out.Problems = append(out.Problems, Problem{Field: field, Key: key}) }
	text := func(name string) {
		for _, c := range doc.controls[name] {
			if w := s.written(c, out.Locale); w != "" {
				out.Values[name] = append(out.Values[name], w)
				out.Read[name] = w
			}
		}
	}
	// choice finds the answer that was chosen by its words: those of the document's own list, then those of the form.
	choice := func(name string, known func(value string) bool, same func(words string) string) {
		for _, c := range doc.controls[name] {
			w := s.written(c, out.Locale)
			if w == "" {
				continue
			}
			out.Read[name] = w
			v, ok := c.items[w]
			if !ok || !known(v) {
				v = same(w)
			}
			if v == "" || !known(v) {
				bad(name, "mailin.not_offered")
				continue
			}
			out.Values[name] = append(out.Values[name], v)
		}
	}
	country := func(name string) {
		choice(name, func(v string) bool { return slices.Contains(i18n.Countries(), v) }, func(w string) string {
			for _, code := range i18n.Countries() {
				if strings.EqualFold(code, w) || strings.EqualFold(i18n.CountryName(out.Locale, code), w) {
					return code
				}
			}
			return ""
		})
	}
	named := func(x content.Line, w string) bool {
		a, _ := x.Pick(out.Locale, e.Original)
		return strings.EqualFold(strings.TrimSpace(a), w)
	}
	text(FieldName)
	text(FieldMail)
	choice(FieldCategory, func(v string) bool { return f.Category(v) != nil }, func(w string) string {
		for i := range f.Categories {
			if named(f.Categories[i].Name, w) {
				return f.Categories[i].ID
			}
		}
		return ""
	})
	if f.Hybrid {
		choice(FieldMode, func(v string) bool { return slices.Contains(Modes, v) }, func(w string) string {
			for _, m := range Modes {
				if strings.EqualFold(w, s.Catalogue.T(out.Locale, "enum.registration_mode."+m)) {
					return m
				}
			}
			return ""
		})
	}
	for _, ask := range f.Ask {
		if ask == FieldCountry {
			country(ask)
		} else {
			text(ask)
		}
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		name := QuestionPrefix + x.ID
		switch x.Type {
		case Choice:
			choice(name, func(v string) bool { o := x.Option(v); return o != nil && o.ID == v }, func(w string) string {
				for j := range x.Options {
					if named(x.Options[j].Label, w) {
						return x.Options[j].ID
					}
				}
				return ""
			})
		case YesNo:
			choice(name, func(v string) bool { return v == "yes" || v == "no" }, func(w string) string {
				for _, v := range []string{"yes", "no"} {
					if strings.EqualFold(w, s.Catalogue.T(out.Locale, "registration."+v)) {
						return v
					}
				}
				return ""
			})
		case Choices:
			var read []string
			for j := range x.Options {
				o := &x.Options[j]
				if slices.ContainsFunc(doc.controls[name+"="+o.ID], func(c control) bool { return c.checked }) {
					out.Values[name] = append(out.Values[name], o.ID)
					w, _ := o.Label.Pick(out.Locale, e.Original)
					read = append(read, w)
				}
			}
			if len(read) > 0 {
				out.Read[name] = strings.Join(read, "; ")
			}
		case Country:
			country(name)
		default:
			text(name)
		}
	}
	for _, c := range f.Consents {
		name := ConsentPrefix + c.ID
		words, _ := c.Text.Pick(out.Locale, e.Original)
		now := name + "#" + consentVersion(words)
		for tag, controls := range doc.controls {
			if tag != name && !strings.HasPrefix(tag, name+"#") || !slices.ContainsFunc(controls, func(c control) bool { return c.checked }) {
				continue
			}
			if tag != now { // they agreed to other words: that is no consent to these
				bad(name, "mailin.consent_changed")
				continue
			}
			out.Values[name] = []string{"1"}
		}
	}
}

// written is what somebody has written into a control; nothing where the words that invite them to are still there.
func (s *Store) written(c control, l i18n.Locale) string {
	w := strings.TrimSpace(c.text)
	for _, key := range []string{"mailin.fill", "mailin.choose", "mailin.day"} {
		if w == s.Catalogue.T(l, key) {
			return ""
		}
	}
	if c.placeholder {
		return ""
	}
	return w
}

// Known finds the registration of a mailbox in an event, for staff who enter people there; nil if there is none. That one
// was read is written down.
func (s *Store) Known(ctx context.Context, who *auth.Actor, event, mailbox string) (*Registration, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return nil, err
	}
	key := strings.ToLower(strings.TrimSpace(mailbox))
	all, err := s.byMail(ctx, s.DB.Read(), event, key)
	if err != nil {
		return nil, db.Normalize(err)
	}
	one := theOne(all)
	if one == nil {
		return nil, nil
	}
	r, err := one.registration()
	if err != nil {
		return nil, err
	}
	if who.Can(auth.ReadSensitive, e.Object()) {
		if err := s.reveal(ctx, s.DB.Read(), r); err != nil {
			return nil, err
		}
	}
	return r, s.read(ctx, who, e)
}

// Merge writes answers that came by another way over those of the registration with the same mailbox, and gives its id.
// What the new ones leave empty stays as it was; so do its state and, where a place is held, its category.
func (s *Store) Merge(ctx context.Context, who *auth.Actor, event string, sub Submission) (string, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return "", err
	}
	id := ""
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		keys, err := s.keys(ctx, tx, event, &h.keys)
		if err != nil {
			return err
		}
		rd := &reader{e: h.Event, s: sub, now: h.now, staff: true, by: who.ID, keys: keys}
		rd.uncover()
		there, err := s.byMail(ctx, tx, event, strings.ToLower(rd.address()))
		if err != nil {
			return err
		}
		r := theOne(there)
		if r == nil {
			return refuse(FieldMail, "mailin.nobody")
		}
		rd.fixed = holds(r.State) || r.State == Waitlisted
		if err := rd.merge(r); err != nil {
			return err
		}
		id = r.ID
		if err := s.set(ctx, tx, h, r, r.State, "changed", who.ID); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "registrants.merge", e.Object(), nil)
	})
	return id, err
}

// merge reads what was sent by another way into a registration that is there. What was left empty stays as it was, and so
// does what the form no longer asks for: merging is no reason to lose it. An earlier consent is none to the words of today,
// so it stays as it was given unless the submission gives it anew; a list that says no takes it back.
func (r *reader) merge(to *row) error {
	before, err := to.registration()
	if err != nil {
		return err
	}
	for id, a := range before.Answers { // conditions hang on them; what nobody can open any more stays as it is
		if before.Answers[id], err = opened(r.keys, id, to.ID, a); err != nil {
			return err
		}
	}
	f, sent := r.e.Form, r.s.Values
	values := before.Values()
	r.earlier = map[string]Given{}
	for id, g := range before.Consents {
		name := ConsentPrefix + id
		delete(values, name)
		if vs, said := sent[name]; !said || len(vs) > 0 {
			r.earlier[id] = g
		}
	}
	for i := range f.Fields { // an answer that is no longer offered cannot be given again
		if x := &f.Fields[i]; x.Type == Choice || x.Type == Choices {
			values[QuestionPrefix+x.ID] = slices.DeleteFunc(values[QuestionPrefix+x.ID], func(v string) bool { o := x.Option(v); return o == nil || o.ID != v })
		}
	}
	for name, vs := range sent {
		if slices.ContainsFunc(vs, func(v string) bool { return v != "" }) {
			values[name] = vs
		}
	}
	r.s.Values = values
	if err := r.read(to); err != nil {
		return err
	}
	for _, x := range []struct {
		ask string
		now *string
		was string
	}{{FieldOrganization, &to.Organization, before.Organization}, {FieldPosition, &to.Position, before.Position}, {FieldCountry, &to.Country, before.Country}} {
		if !slices.Contains(f.Ask, x.ask) {
			*x.now = x.was
		}
	}
	to.Find = find(to)
	answers, consents := map[string]Answer{}, map[string]Given{}
	if err := errors.Join(json.Unmarshal([]byte(to.Answers), &answers), json.Unmarshal([]byte(to.Consents), &consents)); err != nil {
		return err
	}
	for id, a := range before.Answers {
		if _, anew := answers[id]; !slices.ContainsFunc(f.Fields, func(x Field) bool { return x.ID == id }) || a.Hidden() && !anew {
			answers[id] = a
		}
	}
	for id, g := range r.earlier {
		if _, anew := consents[id]; !anew {
			consents[id] = g
		}
	}
	if to.Answers, err = document(answers); err == nil {
		to.Consents, err = document(consents)
	}
	return err
}

// Values are the answers as a form would send them.
func (r *Registration) Values() map[string][]string {
	v := map[string][]string{FieldName: {r.Name}, FieldOrganization: {r.Organization}, FieldPosition: {r.Position}, FieldCountry: {r.Country}, FieldCategory: {r.Category}, FieldMode: {r.Mode}}
	for id, a := range r.Answers {
		v[QuestionPrefix+id] = a.Values
	}
	for id := range r.Consents {
		v[ConsentPrefix+id] = []string{"1"}
	}
	return v
}

// short cuts words to what a control's title holds.
func short(w string, most int) string {
	if utf8.RuneCountInString(w) <= most {
		return w
	}
	return string([]rune(w)[:most-1]) + "…"
}

// until is when the form closes, in words.
func (f *Form) until(l i18n.Locale) string {
	return i18n.When(l, f.Closes.In(content.Zone(f.Zone)), time.Time{}, f.Zone, true)
}
