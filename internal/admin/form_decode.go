package admin

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

const (
	wallLayout  = "2006-01-02T15:04"
	clockLayout = "15:04"
	// overnight is how far an end before its start may be on the next day; beyond it, it is a slip.
	overnight = 8 * time.Hour
)

// show makes the values of a fact's controls.
func (f *entryForm) show(d *content.Field, path string, facts content.Leaves, into url.Values) {
	raw := facts[path]
	switch d.Type {
	case content.TypeString, content.TypeEnum, content.TypeRef, content.TypeFile:
		into.Set(path, readJSON[string](raw))
	case content.TypeEnums, content.TypeRefs:
		into[path] = append([]string{""}, readJSON[[]string](raw)...)
	case content.TypeBool:
		into.Set(path+":shown", "1")
		if readJSON[bool](raw) {
			into.Set(path, "1")
		}
	case content.TypeInt:
		into.Set(path, "")
		if n := readJSON[int](raw); n != 0 {
			into.Set(path, strconv.Itoa(n))
		}
	case content.TypeDate:
		into.Set(path, f.day(content.LocalTime(readJSON[string](raw)+"T00:00"), ""))
	case content.TypeTime:
		t := readJSON[content.LocalTime](raw)
		into.Set(path+":date", f.day(t, ""))
		into.Set(path+":time", clockOf(t))
	case content.TypeMoment:
		m := readJSON[content.Moment](raw)
		into.Set(path+":date", f.day(m.At, ""))
		into.Set(path+":time", clockOf(m.At))
		into.Set(path+":zone", m.Zone)
	case content.TypeSlot:
		s := readJSON[content.Slot](raw)
		date := f.day(s.Start, "")
		if s.Start != "" && dayOf(s.Start) == dayOf(f.eventStart(facts)) {
			date = "" // the day of the event, and it moves with it
		}
		into.Set(path+":date", date)
		into.Set(path+":start", clockOf(s.Start))
		into.Set(path+":end", clockOf(s.End))
		if s.End != "" && endAfter(s.Start, clockOf(s.End)) != s.End {
			into.Set(path+":end_date", f.day(s.End, ""))
		}
	case content.TypeWhen:
		w := readJSON[content.When](raw)
		into.Set(path+":start_date", f.day(w.Start, w.Precision))
		into.Set(path+":end_date", f.day(w.End, w.Precision))
		for name, t := range map[string]content.LocalTime{"start_time": w.Start, "end_time": w.End} {
			c := clockOf(t)
			if w.Precision != content.PrecisionTime && c == "00:00" {
				c = ""
			}
			into.Set(path+":"+name, c)
		}
		into.Set(path+":zone", w.Zone)
		into.Set(path+":precision", w.Precision)
	}
}

// readJSON reads a stored leaf; what cannot be read shows as nothing.
func readJSON[T any](raw []byte) T {
	var v T
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &v)
	}
	return v
}

func toJSON(v any) json.RawMessage {
	l := content.Leaves{}
	l.Set("", v)
	return l[""]
}

// day writes the day of a wall time in the words of the panel's language; only the month with that precision.
func (f *entryForm) day(t content.LocalTime, precision string) string {
	v := t.In(time.UTC)
	if v.IsZero() {
		return ""
	}
	if precision == content.PrecisionMonth && v.Day() == 1 {
		return i18n.MonthYear(f.Locale, v)
	}
	return i18n.Date(f.Locale, v)
}

func dayOf(t content.LocalTime) string {
	d, _, _ := strings.Cut(string(t), "T")
	return d
}

func clockOf(t content.LocalTime) string {
	_, c, _ := strings.Cut(string(t), "T")
	return c
}

// endAfter puts an end's time of day behind a start: on the same day, or the next if it is a few hours after midnight.
func endAfter(start content.LocalTime, clock string) content.LocalTime {
	s := start.In(time.UTC)
	e := content.LocalTime(dayOf(start) + "T" + clock)
	if t := e.In(time.UTC); t.Before(s) && t.Add(24*time.Hour).Sub(s) <= overnight {
		return content.LocalTime(t.Add(24 * time.Hour).Format(wallLayout))
	}
	return e
}

// eventStart is when the entry's event starts, by its facts.
func (f *entryForm) eventStart(facts content.Leaves) content.LocalTime {
	if f.Kind == nil {
		return ""
	}
	if d := f.Kind.As("when"); d != nil && d.Type == content.TypeWhen {
		return readJSON[content.When](facts[d.Path]).Start
	}
	return ""
}

// typedStart is the same by what stands in the form, if it can be read, with its zone.
func (f *entryForm) typedStart(v url.Values) (content.LocalTime, string) {
	if f.Kind == nil {
		return "", ""
	}
	d := f.Kind.As("when")
	if d == nil || d.Type != content.TypeWhen {
		return "", ""
	}
	if _, ok := v[d.Path+":start_date"]; !ok || f.stored[content.Facts][d.Path] != nil && f.untouched(d, d.Path) {
		w := readJSON[content.When](f.stored[content.Facts][d.Path])
		return w.Start, w.Zone
	}
	w, _ := f.readWhen(v, d.Path)
	return w.Start, w.Zone
}

// formControls are names in the form that are no leaves.
func formControl(name string) bool {
	switch name {
	case "op", "fresh", "minor", "slug", "note", "original", "office", "lang", "clashes", "tab", "seq", "account", "why":
		return true
	}
	for _, prefix := range []string{"base:", "find:", "found:", "theirs:", "add:", "publish:", "upload:", "shift:"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// leafName takes the name of a control apart.
func leafName(name string) (path, piece string, l i18n.Locale, ok bool) {
	path = name
	if p, tag, words := strings.Cut(name, "@"); words {
		l, ok = i18n.Parse(tag)
		return p, "", l, ok
	}
	path, piece, _ = strings.Cut(name, ":")
	return path, piece, "", true
}

// read takes what was typed for leaves. What cannot be read is complained of beside its control and left out; the
// typed text stays in Values.
func (f *entryForm) read() content.Parts {
	out := content.Parts{}
	seen := map[string]bool{}
	names := make([]string, 0, len(f.Values))
	for name := range f.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	strange := 0
	for _, name := range names {
		if formControl(name) {
			continue
		}
		path, _, l, ok := leafName(name)
		key := content.FormName(path, l)
		if ok && seen[key] {
			continue
		}
		seen[key] = seen[key] || ok
		d := f.Kind.Field(path)
		if !ok || d == nil || d.Type == content.TypeGroup || d.Text() != (l != "") || !f.listed(path) {
			if d == nil || !ok || f.listed(path) {
				if strange++; strange <= 10 {
					f.complain(content.Problem{Path: short(name, 60), Blocks: true, Key: "problem.not_a_field"})
				}
			}
			continue
		}
		p := content.Part(l)
		if out[p] == nil {
			out[p] = content.Leaves{}
		}
		if d.Text() {
			out[p][path] = f.readText(d, path, l)
			continue
		}
		raw, problems := f.readFact(d, path)
		if len(problems) > 0 {
			f.complain(problems...)
			continue
		}
		out[p][path] = raw
	}
	return out
}

// listed reports whether the items a path goes through are in their lists, as far as the form holds those.
func (f *entryForm) listed(path string) bool {
	segs := strings.Split(path, ".")
	for i := 1; i < len(segs)-1; i++ {
		list := strings.Join(segs[:i], ".")
		d := f.Kind.Field(list)
		if d == nil || d.Type != content.TypeList {
			continue
		}
		if ids, ok := f.Values[list]; ok && !slices.Contains(ids, segs[i]) {
			return false
		}
		i++
	}
	return true
}

func (f *entryForm) readText(d *content.Field, path string, l i18n.Locale) json.RawMessage {
	words := f.Values.Get(content.FormName(path, l))
	if raw, ok := f.stored[content.Part(l)][path]; ok {
		// Words nobody touched keep how they were made.
		was := f.stored[content.Part(l)].Text(path).Words
		if d.Type == content.TypeProse && content.Clean(words) == was || strings.ReplaceAll(words, "\r\n", "\n") == was {
			return raw
		}
	}
	if words == "" {
		return nil
	}
	return toJSON(content.Text{Words: words})
}

// readFact reads one fact from its controls.
func (f *entryForm) readFact(d *content.Field, path string) (json.RawMessage, []content.Problem) {
	v := f.Values
	if raw, ok := f.stored[content.Facts][path]; ok && d.Type != content.TypeList && f.untouched(d, path) {
		return raw, nil
	}
	switch d.Type {
	case content.TypeList:
		return orNil(filled(v[path])), nil
	case content.TypeEnums, content.TypeRefs:
		values := filled(v[path])
		if raw := f.stored[content.Facts][path]; d.Type == content.TypeEnums && sameSet(values, readJSON[[]string](raw)) {
			return raw, nil // boxes have no order of their own
		}
		return orNil(values), nil
	case content.TypeString:
		if s := v.Get(path); s != "" {
			return toJSON(s), nil
		}
	case content.TypeEnum, content.TypeRef, content.TypeFile:
		if s := last(v[path]); s != "" {
			return toJSON(s), nil
		}
	case content.TypeBool:
		if s := last(v[path]); s != "" {
			return toJSON(true), nil
		}
	case content.TypeInt:
		s := strings.TrimSpace(i18n.Fold(f.Locale, v.Get(path)))
		if s == "" {
			return nil, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, []content.Problem{{Path: path, Blocks: true, Key: "problem.number", Args: []any{"Max", numberMax(d)}}}
		}
		return toJSON(n), nil
	case content.TypeDate:
		t, ps := f.readDay(v, path)
		if len(ps) > 0 || t.Date.IsZero() {
			return nil, ps
		}
		if t.MonthOnly {
			return nil, []content.Problem{{Path: path, Blocks: true, Key: "problem.day_missing"}}
		}
		return toJSON(content.Date(t.Date.Format(time.DateOnly))), nil
	case content.TypeTime:
		t, ps := f.readMoment(v, path, "00:00")
		if len(ps) > 0 || t == "" {
			return nil, ps
		}
		return toJSON(t), nil
	case content.TypeMoment:
		t, ps := f.readMoment(v, path, deadline(d))
		if len(ps) > 0 || t == "" {
			return nil, ps
		}
		m := content.Moment{At: t, Zone: v.Get(path + ":zone")}
		if m.Zone == "" {
			_, m.Zone = f.typedStart(v)
		}
		if m.Zone == "" {
			m.Zone = f.zone
		}
		return toJSON(m), nil
	case content.TypeSlot:
		day, _ := f.typedStart(v)
		s, ps := f.readSlot(v, path, dayOf(day))
		if len(ps) > 0 || s == (content.Slot{}) {
			return nil, ps
		}
		return toJSON(s), nil
	case content.TypeWhen:
		w, ps := f.readWhen(v, path)
		if len(ps) > 0 || w == (content.When{}) {
			return nil, ps
		}
		return toJSON(w), nil
	}
	return nil, nil
}

func numberMax(d *content.Field) int {
	if d.Max == 0 {
		return 999_999_999
	}
	return d.Max
}

// deadline is the time of day that a date alone means: doors open at midnight, and close at the end of the day.
func deadline(d *content.Field) string {
	if strings.Contains(d.Name, "close") || strings.Contains(d.Name, "until") {
		return "23:59"
	}
	return "00:00"
}

// untouched reports whether the controls of a fact still show what is stored. Its leaf is then taken as it is, since
// not all that can be stored, by an import or an earlier program, can be typed.
func (f *entryForm) untouched(d *content.Field, path string) bool {
	shown := url.Values{}
	f.show(d, path, f.stored[content.Facts], shown)
	if d.Type == content.TypeSlot {
		if now, _ := f.typedStart(f.Values); dayOf(now) != dayOf(f.eventStart(f.stored[content.Facts])) {
			return false // the day that a slot without one is on has changed
		}
	}
	if _, ok := f.Values[path+":end_date"]; ok && d.Type == content.TypeSlot && shown[path+":end_date"] == nil {
		shown[path+":end_date"] = nil
	}
	for name, want := range shown {
		got := f.Values[name]
		if d.Type == content.TypeEnum || d.Type == content.TypeRef || d.Type == content.TypeFile {
			got = []string{last(got)}
		}
		if !slices.Equal(filled(got), filled(want)) {
			return false
		}
	}
	return true
}

func filled(vs []string) []string {
	var out []string
	for _, v := range vs {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

func orNil(vs []string) json.RawMessage {
	if len(vs) == 0 {
		return nil
	}
	return toJSON(vs)
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) || len(a) == 0 {
		return false
	}
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// readDay reads a day as people type it. What reads two ways comes back as a problem, with the readings kept.
func (f *entryForm) readDay(v url.Values, name string) (i18n.Parsed, []content.Problem) {
	s := strings.TrimSpace(v.Get(name))
	if s == "" {
		return i18n.Parsed{}, nil
	}
	t, err := i18n.ParseDate(f.Locale, s, f.today)
	var two *i18n.Ambiguous
	switch {
	case errors.As(err, &two):
		if f.readings == nil {
			f.readings = map[string][]time.Time{}
		}
		f.readings[name] = []time.Time{two.A, two.B}
		return t, []content.Problem{{Path: name, Blocks: true, Key: "problem.date_ambiguous", Args: []any{"A", i18n.Date(f.Locale, two.A), "B", i18n.Date(f.Locale, two.B)}}}
	case err != nil:
		return t, []content.Problem{{Path: name, Blocks: true, Key: "problem.date"}}
	}
	return t, nil
}

// readClock reads a time of day, "15:04"; "" if there is none.
func (f *entryForm) readClock(v url.Values, name string) (string, []content.Problem) {
	s := strings.TrimSpace(v.Get(name))
	if s == "" {
		return "", nil
	}
	h, m, err := i18n.ParseClock(s)
	if err != nil {
		return "", []content.Problem{{Path: name, Blocks: true, Key: "problem.clock"}}
	}
	return time.Date(2000, 1, 1, h, m, 0, 0, time.UTC).Format(clockLayout), nil
}

// readMoment reads a date and a time of day. At is the time that a date alone means.
func (f *entryForm) readMoment(v url.Values, path, at string) (content.LocalTime, []content.Problem) {
	d, ps := f.readDay(v, path+":date")
	c, more := f.readClock(v, path+":time")
	ps = append(ps, more...)
	switch {
	case len(ps) > 0:
	case d.Date.IsZero() && c != "":
		ps = append(ps, content.Problem{Path: path + ":date", Blocks: true, Key: "problem.day_missing"})
	case d.MonthOnly:
		ps = append(ps, content.Problem{Path: path + ":date", Blocks: true, Key: "problem.day_missing"})
	case !d.Date.IsZero():
		if c == "" {
			c = at
		}
		return content.LocalTime(d.Date.Format(time.DateOnly) + "T" + c), nil
	}
	return "", ps
}

// readSlot reads a stretch of a day. Without a date it is on day, the event's.
func (f *entryForm) readSlot(v url.Values, path, day string) (content.Slot, []content.Problem) {
	d, ps := f.readDay(v, path+":date")
	from, more := f.readClock(v, path+":start")
	ps = append(ps, more...)
	to, more := f.readClock(v, path+":end")
	ps = append(ps, more...)
	endDay, more := f.readDay(v, path+":end_date")
	ps = append(ps, more...)
	var s content.Slot
	if len(ps) > 0 || from == "" && to == "" && d.Date.IsZero() {
		return s, ps
	}
	switch {
	case d.MonthOnly:
		return s, []content.Problem{{Path: path + ":date", Blocks: true, Key: "problem.day_missing"}}
	case !d.Date.IsZero():
		day = d.Date.Format(time.DateOnly)
	case day == "":
		return s, []content.Problem{{Path: path + ":date", Blocks: true, Key: "problem.day_missing"}}
	}
	if from == "" {
		return s, []content.Problem{{Path: path + ":start", Blocks: true, Key: "problem.start_time_missing"}}
	}
	s.Start = content.LocalTime(day + "T" + from)
	switch {
	case to == "":
	case !endDay.Date.IsZero():
		s.End = content.LocalTime(endDay.Date.Format(time.DateOnly) + "T" + to)
	default:
		s.End = endAfter(s.Start, to)
	}
	return s, nil
}

// readWhen reads when something is. How exactly it is known follows from what was typed where nothing is said.
func (f *entryForm) readWhen(v url.Values, path string) (content.When, []content.Problem) {
	w := content.When{Zone: v.Get(path + ":zone"), Precision: v.Get(path + ":precision")}
	from, ps := f.readDay(v, path+":start_date")
	fromClock, more := f.readClock(v, path+":start_time")
	ps = append(ps, more...)
	to, more := f.readDay(v, path+":end_date")
	ps = append(ps, more...)
	toClock, more := f.readClock(v, path+":end_time")
	if ps = append(ps, more...); len(ps) > 0 {
		return w, ps
	}
	if from.Date.IsZero() {
		if fromClock != "" || toClock != "" || !to.Date.IsZero() {
			return w, []content.Problem{{Path: path + ":start_date", Blocks: true, Key: "problem.start_missing"}}
		}
		if w.Precision != content.PrecisionTBD {
			w.Precision = "" // what is not known is not known exactly
		}
		return w, nil
	}
	switch {
	case w.Precision == content.PrecisionTBD:
	case from.MonthOnly || to.MonthOnly:
		w.Precision = content.PrecisionMonth
	case w.Precision == "" && fromClock != "":
		w.Precision = content.PrecisionTime
	case w.Precision == "" || w.Precision == content.PrecisionTime && fromClock == "":
		w.Precision = content.PrecisionDay
	}
	at := func(d time.Time, clock string) content.LocalTime {
		if clock == "" {
			clock = "00:00"
		}
		return content.LocalTime(d.Format(time.DateOnly) + "T" + clock)
	}
	w.Start = at(from.Date, fromClock)
	switch {
	case !to.Date.IsZero():
		if w.Precision == content.PrecisionTime && toClock == "" {
			return w, []content.Problem{{Path: path + ":end_time", Blocks: true, Key: "problem.end_time_missing"}}
		}
		w.End = at(to.Date, toClock)
	case toClock != "":
		w.End = endAfter(w.Start, toClock)
	}
	if w.Zone == "" && f.zone != "" && w.Precision == content.PrecisionTime {
		w.Zone = f.zone
	}
	return w, nil
}

// readBases gives the versions of the parts the form was made from.
func (f *entryForm) readBases() map[content.Part]int {
	out := map[content.Part]int{}
	for name, vs := range f.Values {
		part, ok := strings.CutPrefix(name, "base:")
		if !ok {
			continue
		}
		p := content.Part(part)
		if part == "facts" {
			p = content.Facts
		} else if _, known := i18n.Parse(part); !known {
			continue
		}
		n, err := strconv.Atoi(last(vs))
		if err != nil || n < 0 {
			n = -1 // refused by content as a version that never was
		}
		out[p] = n
	}
	return out
}

// readFresh gives the words that someone says are up to date.
func (f *entryForm) readFresh() map[content.Part][]string {
	out := map[content.Part][]string{}
	for _, name := range f.Values["fresh"] {
		path, _, l, ok := leafName(name)
		if d := f.Kind.Field(path); ok && l != "" && d != nil && d.Text() {
			out[content.Part(l)] = append(out[content.Part(l)], path)
		}
	}
	return out
}
