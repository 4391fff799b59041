package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
	"plenary/internal/seal"
	"plenary/internal/sheet"
)

// A list of people from a file. It is looked at before anything is done with it, and then taken row by row in a task, some
// rows in one transaction with what becomes of them: where the program is stopped, the next goes on after the last.

// Import is a list that waits to be looked at, is being taken, or has been.
type Import struct {
	File    string
	State   ImportState
	Head    []string
	Plan    Plan
	By      string // account
	Changed time.Time
	Total   int
	Counts  map[Fate]int // of rows that have been taken
}

// Done is how many rows have been dealt with.
func (i *Import) Done() int {
	n := 0
	for _, c := range i.Counts {
		n += c
	}
	return n
}

// Print names a list and how it is understood, as it was looked at: another file, sent meanwhile, has another.
func (i *Import) Print() string {
	b, err := json.Marshal([]any{i.File, i.Changed.UnixMicro(), i.Plan})
	if err != nil {
		panic(err) // strings, numbers and booleans
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// ImportState is where an import stands.
type ImportState string

// The states of an import.
const (
	Reviewing ImportState = "review"
	Taking    ImportState = "running"
	Finished  ImportState = "done"
)

// Plan is how the rows are understood.
type Plan struct {
	Columns   []string    `json:"columns"` // the field of each column; "" is left out
	Merge     bool        `json:"merge"`   // people who are there get what the file says; else they stay as they are
	Locale    i18n.Locale `json:"locale"`  // letters of those whose language is not told
	Channel   string      `json:"channel"`
	Consented []string    `json:"consented"`        // consents that all of them have given outside
	Anyway    []int       `json:"anyway,omitempty"` // rows of people who are perhaps there already, and are taken in all the same
}

// Fate is what becomes of a row.
type Fate string

// The fates of rows.
const (
	Placed    Fate = "placed"  // gets a place
	Queued    Fate = "queued"  // comes onto the waiting list
	Merged    Fate = "merged"  // adds to who is there
	LeftOut   Fate = "left"    // is there already
	Perhaps   Fate = "perhaps" // somebody like that is there already, and has no mailbox to tell
	NoPlace   Fate = "full"    // there is none, and no waiting list
	Defective Fate = "problem" // has to be corrected in the file
)

// Fates lists them.
var Fates = []Fate{Placed, Queued, Merged, LeftOut, Perhaps, NoPlace, Defective}

// ImportTask is the kind of the task that takes rows.
const ImportTask = "registration.import"

// FieldLocale is the field of an import that says in which language somebody reads.
const FieldLocale = "lang"

type importRow struct {
	bun.BaseModel `bun:"table:registration_imports,alias:i"`
	EventID       string `bun:",pk"`
	File          string
	State         ImportState
	Head, Plan    string
	CreatedBy     string
	ChangedAt     time.Time
}

type importLine struct {
	bun.BaseModel `bun:"table:registration_import_rows,alias:l"`
	EventID       string `bun:",pk"`
	Number        int    `bun:",pk"`
	Cells         string
	Outcome       Fate
	Problems      string
}

// ImportField is a field that a column can be.
type ImportField struct {
	Name  string       // as in a Submission, or FieldLocale
	Label content.Line // empty: the field's own message
}

// ImportFields are what the columns of a file can be for a form.
func (f *Form) ImportFields() []ImportField {
	out := []ImportField{{Name: FieldName}, {Name: FieldMail}}
	if len(f.Categories) > 0 {
		out = append(out, ImportField{Name: FieldCategory})
	}
	if f.Hybrid {
		out = append(out, ImportField{Name: FieldMode})
	}
	for _, name := range []string{FieldOrganization, FieldPosition, FieldCountry} {
		if slices.Contains(f.Ask, name) {
			out = append(out, ImportField{Name: name})
		}
	}
	out = append(out, ImportField{Name: FieldLocale})
	for _, x := range f.Fields {
		out = append(out, ImportField{QuestionPrefix + x.ID, x.Label})
	}
	for _, c := range f.Consents {
		out = append(out, ImportField{ConsentPrefix + c.ID, c.Text})
	}
	return out
}

// plainWord is a word as it is compared: without case, accents, and what people put round heads.
func plainWord(w string) string { return strings.Trim(i18n.Fold(i18n.EN, w), " \t\n:*?.") }

// columnNames are the messages by which heads are known beside the names themselves.
var columnNames = map[string][]string{FieldName: {"registrants.column.name", "register.name"}, FieldMail: {"registrants.column.mail", "register.mail"},
	FieldCategory: {"registrants.column.category", "register.category"}, FieldMode: {"registrants.column.mode", "register.mode"}, FieldOrganization: {"registrants.column.organization", "enum.registration_ask.organization"},
	FieldPosition: {"registrants.column.position", "enum.registration_ask.position"}, FieldLocale: {"registrants.column.language"},
	FieldCountry: {"registrants.column.country_code", "registrants.column.country", "enum.registration_ask.country"}}

// match finds the field of each column by its head, in any language or by its short name. A field is in one column.
func (s *Store) match(f *Form, head []string) []string {
	names := map[string]string{}
	know := func(word, field string) {
		if w := plainWord(word); w != "" && names[w] == "" {
			names[w] = field
		}
	}
	for _, x := range f.ImportFields() {
		know(x.Name, x.Name)
		for _, key := range columnNames[x.Name] {
			for _, l := range i18n.All {
				know(s.Catalogue.T(l, key), x.Name)
			}
		}
		for _, l := range i18n.All {
			know(x.Label.In(l), x.Name)
		}
	}
	for _, word := range []string{"email", "e-mail address", "mail address"} {
		know(word, FieldMail)
	}
	for _, x := range f.Fields {
		know(x.Key, QuestionPrefix+x.ID)
	}
	out := make([]string, len(head))
	for i, h := range head {
		field := names[plainWord(h)]
		if at := strings.LastIndex(h, " ("); field == "" && at > 0 { // our workbooks tell a zone there, people a remark
			field = names[plainWord(h[:at])]
		}
		if field != "" && !slices.Contains(out, field) {
			out[i] = field
		}
	}
	return out
}

// Upload reads a file and keeps it to be looked at; it takes the place of one that has not been taken.
func (s *Store) Upload(ctx context.Context, who *auth.Actor, event, file string, body []byte, l i18n.Locale) error {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return err
	}
	live, err := s.Event(ctx, event)
	if err != nil {
		return err
	}
	rows, err := sheet.Read(body)
	if err != nil {
		return err
	}
	for i, cells := range rows {
		for j, c := range cells {
			rows[i][j] = strings.ToValidUTF8(strings.ReplaceAll(c, "\x00", ""), "")
		}
	}
	head := rows[0]
	plan := Plan{Columns: s.match(live.Form, head), Locale: l, Channel: MailIn}
	file = i18n.StripControls(file)
	if r := []rune(file); len(r) > 120 {
		file = string(r[:120])
	}
	x := &importRow{EventID: event, File: file, State: Reviewing, CreatedBy: who.ID, ChangedAt: s.now()}
	if x.Head, err = document(head); err != nil {
		return err
	}
	if x.Plan, err = document(plan); err != nil {
		return err
	}
	lines := make([]importLine, len(rows)-1)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.dropImport(ctx, tx, event); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(x).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		keys, err := s.Seal.Keys(ctx, tx, event)
		if err != nil {
			return err
		}
		for i := range lines {
			cells, err := document(rows[i+1])
			if err != nil {
				return err
			}
			lines[i] = importLine{EventID: event, Number: i + 2}
			if lines[i].Cells, err = keys.Seal(ctx, tx, importPart, lines[i].place(), cells); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(lines, 500) {
			if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
				return err
			}
		}
		return auth.Audit(ctx, tx, who, "registrants.upload", e.Object(), map[string]any{"count": len(lines)})
	})
}

// errRunning says that a list is being taken.
var errRunning = refuse("file", "sheet.running")

func (s *Store) dropImport(ctx context.Context, tx bun.Tx, event string) error {
	if _, err := tx.NewRaw("DELETE FROM registration_imports WHERE event_id = ? AND state <> ?", event, Taking).Exec(ctx); err != nil {
		return err
	}
	n, err := tx.NewSelect().Table("registration_imports").Where("event_id = ?", event).Count(ctx)
	if err == nil && n > 0 {
		return errRunning
	}
	if err == nil {
		_, err = s.Seal.Destroy(ctx, tx, event, importPart)
	}
	return err
}

// DropImport forgets a list that is not being taken.
func (s *Store) DropImport(ctx context.Context, who *auth.Actor, event string) error {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.dropImport(ctx, tx, event) })
}

// Import gives the list of an event; nil if there is none.
func (s *Store) Import(ctx context.Context, who *auth.Actor, event string) (*Import, error) {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return nil, err
	}
	x, err := s.readImport(ctx, s.DB.Read(), event)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return x, err
}

func (s *Store) readImport(ctx context.Context, q bun.IDB, event string) (*Import, error) {
	var r importRow
	if err := q.NewSelect().Model(&r).Where("i.event_id = ?", event).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	x := &Import{File: r.File, State: r.State, By: r.CreatedBy, Changed: r.ChangedAt, Counts: map[Fate]int{}}
	if err := errors.Join(json.Unmarshal([]byte(r.Head), &x.Head), json.Unmarshal([]byte(r.Plan), &x.Plan)); err != nil {
		return nil, err
	}
	var counts []struct {
		Outcome Fate
		N       int
	}
	if err := q.NewRaw("SELECT outcome, count(*) AS n FROM registration_import_rows WHERE event_id = ? GROUP BY outcome", event).Scan(ctx, &counts); err != nil {
		return nil, db.Normalize(err)
	}
	for _, c := range counts {
		if x.Total += c.N; c.Outcome != "" {
			x.Counts[c.Outcome] = c.N
		}
	}
	return x, nil
}

// SetPlan says how the rows are understood.
func (s *Store) SetPlan(ctx context.Context, who *auth.Actor, event string, p Plan) error {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return err
	}
	e, err := s.Event(ctx, event)
	if err != nil {
		return err
	}
	x, err := s.readImport(ctx, s.DB.Read(), event)
	if err != nil {
		return err
	}
	known := e.Form.ImportFields()
	var bad []Problem
	for i, c := range p.Columns {
		switch {
		case c == "":
		case !slices.ContainsFunc(known, func(f ImportField) bool { return f.Name == c }):
			bad = append(bad, Problem{Field: ColumnField(i), Key: "registration.choice"})
		case slices.Index(p.Columns, c) < i:
			bad = append(bad, Problem{Field: ColumnField(i), Key: "sheet.column_twice"})
		}
	}
	if len(p.Columns) != len(x.Head) || !slices.Contains(Channels, p.Channel) || !slices.Contains(i18n.All, p.Locale) {
		bad = append(bad, Problem{Key: "registration.choice"})
	}
	if len(bad) > 0 {
		return &Invalid{bad}
	}
	slices.Sort(p.Anyway)
	p.Anyway = slices.Compact(p.Anyway)
	plan, err := document(p)
	if err != nil {
		return err
	}
	return s.exec(ctx, "UPDATE registration_imports SET plan = ?, changed_at = ? WHERE event_id = ? AND state = ?", plan, s.now(), event, Reviewing)
}

// ColumnField is the name of a column in the form of a plan.
func ColumnField(i int) string { return "column." + string(rune('a'+i/26)) + string(rune('a'+i%26)) }

// ImportRow is a row with what would become of it, or has.
type ImportRow struct {
	Number   int // in the file
	Outcome  Fate
	Values   map[string][]string // by field, as they are understood
	Problems []Problem
	Like     bool     // somebody like that is there: taken in only if the plan says so
	Hidden   []string // fields that say something which the reader may not see
}

// Review is a page of rows with what would become of all.
type Review struct {
	*Import
	Rows   []ImportRow
	Counts map[Fate]int
	Found  int // rows with the outcome asked for
}

// Review shows what each row would become if the list were taken now, or what has become of it; only those of an outcome,
// where one is given. That people were looked at is written down.
func (s *Store) Review(ctx context.Context, who *auth.Actor, event string, only Fate, offset, limit int) (*Review, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return nil, err
	}
	x, err := s.readImport(ctx, s.DB.Read(), event)
	if err != nil {
		return nil, err
	}
	var lines []importLine
	if err := s.DB.Read().NewSelect().Model(&lines).Where("l.event_id = ?", event).Order("l.number").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	live, err := s.Event(ctx, event)
	if err != nil {
		return nil, err
	}
	t, err := s.taking(ctx, s.DB.Read(), &held{Event: live, now: s.now()}, x, lines)
	if err != nil {
		return nil, err
	}
	var sensitive []string // that the reader may not see
	if !who.Can(auth.ReadSensitive, e.Object()) {
		sensitive = live.Form.sensitive()
	}
	out := &Review{Import: x, Counts: map[Fate]int{}}
	for _, line := range lines {
		r := ImportRow{Number: line.Number, Outcome: line.Outcome}
		if r.Outcome == "" {
			if r, err = t.try(line); err != nil {
				return nil, err
			}
		} else if r.Problems, err = line.problems(); err != nil {
			return nil, err
		}
		out.Counts[r.Outcome]++
		if only != "" && r.Outcome != only {
			continue
		}
		if out.Found++; out.Found > offset && len(out.Rows) < limit {
			for _, id := range sensitive {
				if f := QuestionPrefix + id; len(r.Values[f]) > 0 {
					delete(r.Values, f)
					r.Hidden = append(r.Hidden, f)
				}
			}
			out.Rows = append(out.Rows, r)
		}
	}
	return out, s.read(ctx, who, e)
}

// cells are what stands in a row; nothing after the list has been taken. Who is in it, and what they answer, lies sealed while it waits.
func (l *importLine) cells(keys *seal.Keys) (out []string, err error) {
	words := l.Cells
	if !strings.HasPrefix(words, "[") { // those of an older program, for the days that a list waits
		words, err = keys.Open(importPart, l.place(), l.Cells)
		if errors.Is(err, seal.ErrGone) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	err = json.Unmarshal([]byte(words), &out)
	return out, err
}

func (l *importLine) place() string { return "row " + strconv.Itoa(l.Number) }

func (l *importLine) problems() (out []Problem, err error) {
	if l.Problems != "" {
		err = json.Unmarshal([]byte(l.Problems), &out)
	}
	return out, err
}

// taking is what rows are tried against: the form, the places, and who is there by mailbox.
type taking struct {
	s     *Store
	h     *held
	x     *Import
	there map[string]*row
	like  [2]namesakes             // those without a mailbox; all
	known map[[2]string]understood // cells of some fields are the same again and again
}

type understood struct {
	values  []string
	problem string
}

func (s *Store) taking(ctx context.Context, q bun.IDB, h *held, x *Import, lines []importLine) (*taking, error) {
	t := &taking{s: s, h: h, x: x, there: map[string]*row{}, known: map[[2]string]understood{}}
	if err := h.read(ctx, q); err != nil {
		return nil, err
	}
	if _, err := s.keys(ctx, q, h.ID, &h.keys); err != nil {
		return nil, err
	}
	at := slices.Index(x.Plan.Columns, FieldMail)
	var mails []string
	for _, line := range lines {
		cells, err := line.cells(h.keys)
		if err != nil {
			return nil, err
		}
		if at >= 0 && at < len(cells) {
			if a, err := mail.Address(cells[at]); err == nil {
				mails = append(mails, strings.ToLower(a))
			}
		}
	}
	var rows []row
	for part := range slices.Chunk(mails, 500) {
		var some []row
		if err := q.NewSelect().Model(&some).Where("r.event_id = ? AND r.mail_key IN (?)", h.ID, bun.List(part)).OrderExpr("r.created_at, r.id").Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		rows = append(rows, some...)
	}
	of := map[string][]row{}
	for _, r := range rows {
		of[r.MailKey] = append(of[r.MailKey], r)
	}
	for key, all := range of {
		t.there[key] = theOne(all)
	}
	for i := range t.like {
		var err error
		if t.like[i], err = t.s.namesakes(ctx, q, h.ID, i == 0); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// perhaps says whether somebody who would be new may be there already: of somebody with a mailbox only who has none.
func (t *taking) perhaps(r *row) bool {
	if r.MailKey != "" {
		return t.like[0].perhaps(r)
	}
	return t.like[1].perhaps(r)
}

// entered remembers who comes before the other rows.
func (t *taking) entered(r *row) {
	if r.MailKey != "" {
		t.there[r.MailKey] = r
	} else {
		t.like[0].add(r)
	}
	t.like[1].add(r)
}

// try reads a row as if it were taken, after those before it.
func (t *taking) try(line importLine) (ImportRow, error) {
	out, r, old, err := t.read(line)
	if err != nil || out.Outcome != "" {
		return out, err
	}
	switch {
	case old != nil:
		out.Outcome = Merged
		t.there[r.MailKey] = r
		return out, nil
	case t.h.room(t.h.pool(r)):
		out.Outcome = Placed
		t.h.count(&row{Category: r.Category, Mode: r.Mode, State: Confirmed}, 1)
	case t.h.Form.Waitlist:
		out.Outcome = Queued
	default:
		out.Outcome = NoPlace
		return out, nil
	}
	t.entered(r)
	return out, nil
}

// read gives the registration that a row makes or changes; with an outcome where it does neither.
func (t *taking) read(line importLine) (out ImportRow, r, old *row, err error) {
	out = ImportRow{Number: line.Number}
	cells, err := line.cells(t.h.keys)
	if err != nil {
		return out, nil, nil, err
	}
	sub := Submission{Locale: t.x.Plan.Locale, Values: map[string][]string{}}
	out.Values = map[string][]string{}
	for i, field := range t.x.Plan.Columns {
		if field == "" || i >= len(cells) || cells[i] == "" {
			continue
		}
		u, ok := t.known[[2]string{field, cells[i]}]
		if !ok {
			u.values, u.problem = t.s.understand(t.h.Form, field, cells[i])
			t.known[[2]string{field, cells[i]}] = u
		}
		if u.problem != "" {
			out.Problems = append(out.Problems, Problem{Field: field, Key: u.problem})
			out.Values[field] = []string{cells[i]}
			continue
		}
		sub.Values[field], out.Values[field] = u.values, u.values
	}
	for _, c := range t.x.Plan.Consented {
		sub.Values[ConsentPrefix+c] = []string{"1"}
	}
	if l := sub.Values[FieldLocale]; len(l) == 1 && len(out.Problems) == 0 {
		sub.Locale = i18n.Locale(l[0])
	}
	rd := &reader{e: t.h.Event, s: sub, now: t.h.now, staff: true, agreed: true, by: t.x.By, keys: t.h.keys}
	address := rd.address()
	next := row{ID: content.NewID(), EventID: t.h.ID, State: Unverified, Channel: t.x.Plan.Channel, CreatedAt: t.h.now, EnteredBy: t.x.By, Approved: true, Mail: address, MailKey: strings.ToLower(address)}
	var readErr error
	if address != "" {
		old = t.there[next.MailKey]
	}
	if old != nil {
		if !t.x.Plan.Merge {
			out.Outcome, out.Problems = LeftOut, nil
			return out, nil, old, nil
		}
		next = *old
		rd.fixed = true // a place in the category may be held
		if len(sub.Values[FieldLocale]) == 0 {
			rd.s.Locale = old.Locale
		}
		readErr = rd.merge(&next)
	} else {
		readErr = rd.read(&next)
	}
	var bad *Invalid
	if errors.As(readErr, &bad) {
		for _, p := range bad.Problems {
			if !slices.ContainsFunc(out.Problems, func(q Problem) bool { return q.Field == p.Field }) {
				out.Problems = append(out.Problems, p)
			}
		}
		readErr = nil
	}
	switch {
	case len(out.Problems) > 0:
		out.Outcome = Defective
	case old == nil && readErr == nil && t.perhaps(&next):
		if out.Like = true; !slices.Contains(t.x.Plan.Anyway, line.Number) {
			out.Outcome = Perhaps
		}
	}
	return out, &next, old, readErr
}

// countryWords are the codes of countries by what they are called in any language.
var countryWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, code := range i18n.Countries() {
		for _, l := range i18n.All {
			out[plainWord(i18n.CountryName(l, code))] = code
		}
	}
	for _, code := range i18n.Countries() {
		out[plainWord(code)] = code
	}
	return out
})

// understand makes of a cell what the form would send; the key of a message if it cannot.
func (s *Store) understand(f *Form, field, cell string) ([]string, string) {
	const choice = "registration.choice"
	w := plainWord(cell)
	same := func(words ...string) bool {
		return slices.ContainsFunc(words, func(x string) bool { return x != "" && plainWord(x) == w })
	}
	in := func(x content.Line) bool {
		return slices.ContainsFunc(i18n.All, func(l i18n.Locale) bool { return same(x.In(l)) })
	}
	said := func(key string) bool {
		return slices.ContainsFunc(i18n.All, func(l i18n.Locale) bool { return same(s.Catalogue.T(l, key)) })
	}
	country := func() ([]string, string) {
		if code := countryWords()[w]; code != "" {
			return []string{code}, ""
		}
		return nil, choice
	}
	switch field {
	case FieldCountry:
		return country()
	case FieldCategory:
		for i := range f.Categories {
			if c := &f.Categories[i]; cell == c.ID || in(c.Name) {
				return []string{c.ID}, ""
			}
		}
		return nil, choice
	case FieldMode:
		for _, m := range Modes {
			if same(m) || said("enum.registration_mode."+m) {
				return []string{m}, ""
			}
		}
		return nil, choice
	case FieldLocale:
		for _, l := range i18n.All {
			if same(string(l), l.Endonym()) || slices.ContainsFunc(i18n.All, func(in i18n.Locale) bool { return same(i18n.LanguageName(in, string(l))) }) {
				return []string{string(l)}, ""
			}
		}
		return nil, choice
	}
	yes := func() bool { return said("registration.yes") || same("1", "x", "true", "✓", "yes") }
	no := func() bool { return said("registration.no") || same("0", "false", "no") }
	if strings.HasPrefix(field, ConsentPrefix) {
		_, dated := sheet.Day(cell) // our own tables say when
		_, err := time.Parse(time.RFC3339, cell)
		switch {
		case dated || err == nil || yes():
			return []string{"1"}, ""
		case no():
			return nil, ""
		}
		return nil, choice
	}
	i := slices.IndexFunc(f.Fields, func(x Field) bool { return QuestionPrefix+x.ID == field })
	if i < 0 {
		return []string{cell}, ""
	}
	x := &f.Fields[i]
	option := func(word string) string {
		w = plainWord(word)
		for j := range x.Options {
			if o := &x.Options[j]; word == o.ID || same(o.Key) || in(o.Label) {
				return o.ID
			}
		}
		return ""
	}
	switch x.Type {
	case Country:
		return country()
	case YesNo:
		switch {
		case yes():
			return []string{"yes"}, ""
		case no():
			return []string{"no"}, ""
		}
		return nil, choice
	case Choice:
		if o := option(cell); o != "" {
			return []string{o}, ""
		}
		return nil, choice
	case Choices:
		var out []string
		for _, word := range strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(";；؛\n", c) }) {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			o := option(word)
			if o == "" {
				return nil, choice
			}
			out = append(out, o)
		}
		return out, ""
	case Date:
		if t, ok := sheet.Day(cell); ok {
			return []string{t.Format(time.DateOnly)}, ""
		}
	}
	return []string{cell}, ""
}

// TakeImport begins to take the list, if it is understood as it was when it was looked at.
func (s *Store) TakeImport(ctx context.Context, who *auth.Actor, event, print string) error {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.readImport(ctx, tx, event)
		if err != nil {
			return err
		}
		if x.State != Reviewing {
			return errRunning
		}
		if x.Print() != print {
			return refuse("", "sheet.changed")
		}
		if _, err := tx.NewRaw("UPDATE registration_imports SET state = ?, created_by = ?, changed_at = ? WHERE event_id = ?", Taking, who.ID, s.now(), event).Exec(ctx); err != nil {
			return err
		}
		if err := s.Jobs.Enqueue(ctx, tx, importTask(event)); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "registrants.import", e.Object(), map[string]any{"count": x.Total})
	})
}

// StopImport ends the taking after the rows that are being taken; the rest can be looked at again, and taken or dropped.
func (s *Store) StopImport(ctx context.Context, who *auth.Actor, event string) error {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return err
	}
	return s.exec(ctx, "UPDATE registration_imports SET state = ?, changed_at = ? WHERE event_id = ? AND state = ?", Reviewing, s.now(), event, Taking)
}

type importArgs struct {
	Event string `json:"event"`
}

func importTask(event string) job.Task {
	return job.Task{Kind: ImportTask, Key: ImportTask + ":" + event, Args: importArgs{event}}
}

// Rows of an import that are taken in one transaction, others waiting for a place meanwhile, and how long one run may take.
const (
	portionRows = 40
	portionTime = time.Minute
)

// RunImport takes rows until there are none left.
func (s *Store) RunImport(ctx context.Context, r *job.Run) error {
	var args importArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	until := time.Now().Add(portionTime)
	for {
		left, err := s.portion(ctx, args.Event)
		if err != nil || !left {
			return err
		}
		if time.Now().After(until) { // the lease has an end
			return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.Jobs.Enqueue(ctx, tx, importTask(args.Event)) })
		}
	}
}

// portion takes the next rows, and says whether there are more.
func (s *Store) portion(ctx context.Context, event string) (left bool, err error) {
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		x, err := s.readImport(ctx, tx, event)
		if errors.Is(err, db.ErrNotFound) || err == nil && x.State != Taking {
			return nil
		}
		if err != nil {
			return err
		}
		var lines []importLine
		if err := tx.NewSelect().Model(&lines).Where("l.event_id = ? AND l.outcome = ''", event).Order("l.number").Limit(portionRows).Scan(ctx); err != nil {
			return err
		}
		if len(lines) == 0 {
			if _, err := s.Seal.Destroy(ctx, tx, event, importPart); err != nil {
				return err
			}
			_, err := tx.NewRaw("UPDATE registration_imports SET state = ?, changed_at = ? WHERE event_id = ?", Finished, h.now, event).Exec(ctx)
			return err
		}
		left = true
		t, err := s.taking(ctx, tx, h, x, lines)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := t.take(ctx, tx, line); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, db.ErrNotFound) { // the event has been taken back: staff decide when it is public again
		return false, s.exec(ctx, "UPDATE registration_imports SET state = ?, changed_at = ? WHERE event_id = ? AND state = ?", Reviewing, s.now(), event, Taking)
	}
	return left, err
}

// take does with a row what try foretells.
func (t *taking) take(ctx context.Context, tx bun.Tx, line importLine) error {
	out, r, old, err := t.read(line)
	if err != nil {
		return err
	}
	s, h := t.s, t.h
	switch {
	case out.Outcome != "":
	case old != nil:
		out.Outcome = Merged
		if err := s.set(ctx, tx, h, r, r.State, "merged", t.x.By); err != nil {
			return err
		}
		t.there[r.MailKey] = r
	case !h.room(h.pool(r)) && !h.Form.Waitlist:
		out.Outcome = NoPlace
	default:
		if err := s.insert(ctx, tx, h, r, "imported", t.x.By); err != nil {
			return err
		}
		if err := s.seat(ctx, tx, h, r, "approved", t.x.By); err != nil {
			return err
		}
		if out.Outcome = Placed; r.State == Waitlisted {
			out.Outcome = Queued
		}
		t.entered(r)
	}
	problems := ""
	if len(out.Problems) > 0 {
		if problems, err = document(out.Problems); err != nil {
			return err
		}
	}
	_, err = tx.NewRaw("UPDATE registration_import_rows SET outcome = ?, problems = ?, cells = '[]' WHERE event_id = ? AND number = ?", out.Outcome, problems, h.ID, line.Number).Exec(ctx)
	return err
}

// importsKept is how long a list stays that nobody takes, and what came of one that was.
const importsKept = 7 * day

// sweepImports forgets lists.
func (s *Store) sweepImports(ctx context.Context) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var gone []string
		if err := tx.NewRaw("DELETE FROM registration_imports WHERE state <> ? AND changed_at < ? RETURNING event_id", Taking, s.now().Add(-importsKept)).Scan(ctx, &gone); err != nil {
			return err
		}
		for _, event := range gone {
			if _, err := s.Seal.Destroy(ctx, tx, event, importPart); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
}
