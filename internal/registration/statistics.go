package registration

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/seal"
	"plenary/internal/sheet"
)

// Few is the smallest number that statistics tell: of fewer people one could know who they are.
const Few = 5

// Figure is a number of people as it may be told.
type Figure struct {
	N int // 0 where it is not told
	// Few: fewer than five. Withheld: it would give another figure away.
	Few, Withheld bool
}

// Told says whether the number itself is.
func (f Figure) Told() bool { return !f.Few && !f.Withheld }

// StatRow is one value of a dimension.
type StatRow struct {
	Value                string // a state, id, code or channel; "": not told
	Registered, Attended Figure
}

// Dimension is what people are counted by.
type Dimension struct {
	Name string // state, category, mode, country, locale, channel, gender
	Rows []StatRow
}

// Statistics count who registered for an event. Those registered have not withdrawn, been declined or left their address
// unconfirmed.
type Statistics struct {
	About
	Dimensions           []Dimension
	Registered, Attended Figure
	After                bool // somebody has attended, or everybody is known not to
	Countries            int  // of those who attended; 0 where it is not told
}

// GenderKey is the short name of the question by whose answers statistics are made.
const GenderKey = "gender"

// dimensions by which people are counted, beside their state.
var dimensions = []string{"category", "mode", "country", "locale", "channel", "gender"}

// active are the states of those who are registered.
var active = []State{Pending, Confirmed, Offered, Waitlisted, Attended, Absent}

// tally is numbers of people by dimension and value; "registered.country" and "attended.country" beside "state".
type tally map[string]map[string]int

func (t tally) add(dimension, value string, n int) {
	if t[dimension] == nil {
		t[dimension] = map[string]int{}
	}
	t[dimension][value] += n
}

// count counts the registrations of an event; gender is the id of the question for it.
func (s *Store) count(ctx context.Context, q bun.IDB, event, gender string) (tally, error) {
	var rows []row
	if err := q.NewSelect().Model(&rows).Column("id", "event_id", "state", "category", "mode", "country", "locale", "channel", "answers").Where("r.event_id = ?", event).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	t := tally{}
	var keys *seal.Keys
	for _, r := range rows {
		t.add("state", string(r.State), 1)
		if !slices.Contains(active, r.State) {
			continue
		}
		values := map[string]string{"category": r.Category, "mode": r.Mode, "country": r.Country, "locale": string(r.Locale), "channel": r.Channel}
		if gender != "" {
			var answers map[string]Answer
			if err := json.Unmarshal([]byte(r.Answers), &answers); err != nil {
				return nil, err
			}
			answer := answers[gender]
			if answer.Hidden() {
				k, err := s.keys(ctx, q, event, &keys)
				if err != nil {
					return nil, err
				}
				if answer, err = opened(k, gender, r.ID, answer); err != nil {
					return nil, err
				}
			}
			values["gender"] = strings.Join(answer.Values, ",")
		}
		for d, v := range values {
			t.add("registered."+d, v, 1)
			if r.State == Attended {
				t.add("attended."+d, v, 1)
			}
		}
	}
	return t, nil
}

// gender is the id of the question for it, or "".
func (f *Form) gender() string {
	for _, x := range f.Fields {
		if x.Key == GenderKey && x.Type == Choice {
			return x.ID
		}
	}
	return ""
}

// Statistics gives the numbers of an event, those included of people who are forgotten, as far as nobody can be known by
// them; by a question that is sensitive only for those who may read its answers.
func (s *Store) Statistics(ctx context.Context, who *auth.Actor, event string) (*Statistics, error) {
	e, err := s.entry(ctx, who, auth.ReadStatistics, event)
	if err != nil {
		return nil, err
	}
	out := &Statistics{}
	if out.About, err = s.about(ctx, who, e); err != nil {
		return nil, err
	}
	t, err := s.count(ctx, s.DB.Read(), event, out.Form.gender())
	if err != nil {
		return nil, err
	}
	var kept []struct {
		Dimension, Value string
		N                int
	}
	if err := s.DB.Read().NewRaw("SELECT dimension, value, n FROM registration_counts WHERE event_id = ?", event).Scan(ctx, &kept); err != nil {
		return nil, db.Normalize(err)
	}
	for _, k := range kept {
		if strings.HasSuffix(k.Dimension, ".gender") && t[k.Dimension] != nil && t[k.Dimension][""] > 0 {
			delete(t[k.Dimension], "") // forgotten before the people were: not untold
		}
	}
	for _, k := range kept {
		t.add(k.Dimension, k.Value, k.N)
	}
	if gender := out.Form.gender(); !out.MaySee && out.Form.Sensitive(gender) {
		delete(t, "registered.gender")
		delete(t, "attended.gender")
	}
	out.make(t)
	return out, nil
}

// make tells of a tally what may be told.
func (x *Statistics) make(t tally) {
	registered, attended := 0, t["state"][string(Attended)]
	for _, st := range active {
		registered += t["state"][string(st)]
	}
	x.After = attended > 0 || t["state"][string(Absent)] > 0
	x.Registered, x.Attended = total(registered), total(attended)

	// The sum of those registered is told, and that of those who attended; of the others nobody knows a sum.
	state := Dimension{Name: "state"}
	var ns []int
	var of []State
	for _, st := range States {
		n := t["state"][string(st)]
		switch {
		case n == 0 || st == Attended:
		case slices.Contains(active, st):
			ns, of = append(ns, n), append(of, st)
		default:
			state.Rows = append(state.Rows, StatRow{Value: string(st), Registered: total(n)})
		}
	}
	for i, f := range suppress(ns, 1) {
		state.Rows = append(state.Rows, StatRow{Value: string(of[i]), Registered: f})
	}
	if attended > 0 {
		state.Rows = append(state.Rows, StatRow{Value: string(Attended), Registered: total(attended)})
	}
	slices.SortFunc(state.Rows, func(a, b StatRow) int {
		return slices.Index(States, State(a.Value)) - slices.Index(States, State(b.Value))
	})
	if x.Dimensions = nil; len(state.Rows) > 0 {
		x.Dimensions = append(x.Dimensions, state)
	}
	for _, name := range dimensions {
		numbers, there := t["registered."+name], t["attended."+name]
		if name == "mode" && (x.Form == nil || !x.Form.Hybrid) || len(numbers) == 0 || len(numbers) == 1 && numbers[""] > 0 {
			continue // not asked
		}
		values := make([]string, 0, len(numbers))
		for v := range numbers {
			values = append(values, v)
		}
		slices.SortFunc(values, func(a, b string) int { return cmp.Or(numbers[b]-numbers[a], cmp.Compare(a, b)) })
		var reg, att []int
		for _, v := range values {
			reg, att = append(reg, numbers[v]), append(att, there[v])
		}
		d := Dimension{Name: name}
		r, a := suppress(reg, 1), suppress(att, 0)
		if name == "country" && x.Attended.Told() && numbers[""] == 0 {
			x.Countries = countriesTold(att, a)
		}
		for i, v := range values {
			d.Rows = append(d.Rows, StatRow{v, r[i], a[i]})
		}
		// What is few or withheld comes last, in an order that tells nothing.
		slices.SortStableFunc(d.Rows, func(p, q StatRow) int {
			if p.Registered.Told() != q.Registered.Told() {
				if p.Registered.Told() {
					return -1
				}
				return 1
			}
			if !p.Registered.Told() {
				return cmp.Compare(p.Value, q.Value)
			}
			return 0
		})
		x.Dimensions = append(x.Dimensions, d)
	}
}

// countriesTold is from how many countries people came, where that says of none of those that are few whether it sent anybody:
// some of them did and some did not. numbers are told as figures; 0 if it is not told.
func countriesTold(numbers []int, figures []Figure) int {
	came, many, small := 0, 0, false
	for i, n := range numbers {
		if n > 0 {
			came++
		}
		if !figures[i].Few {
			many++
			small = small || n < Few // nothing is told at all
		}
	}
	if !small && (many == len(numbers) || many < came && came < len(numbers)) {
		return came
	}
	return 0
}

func total(n int) Figure {
	if n > 0 && n < Few {
		return Figure{Few: true}
	}
	return Figure{N: n}
}

// suppress tells numbers whose sum is known. Those below Few are not told; then, as long as the sum would give one of these
// away, the smallest of the others is withheld too. least is what everybody knows a number to be at least.
func suppress(ns []int, least int) []Figure {
	out := make([]Figure, len(ns))
	order := make([]int, 0, len(ns)) // those that are told, smallest first
	for i, n := range ns {
		if out[i] = (Figure{N: n}); n < Few {
			out[i] = Figure{Few: true}
		} else {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return ns[a] - ns[b] })
	for !safe(ns, out, least) {
		if len(order) == 0 { // even all together give something away: then nothing is told at all
			for i := range out {
				out[i] = Figure{Withheld: true}
			}
			break
		}
		out[order[0]] = Figure{Withheld: true}
		order = order[1:]
	}
	return out
}

// safe says whether each number that is few could be another one, by the sum of those not told and what is known of each.
func safe(ns []int, out []Figure, least int) bool {
	sum, lo, hi := 0, 0, 0
	open := false // one of them has no known end
	for i, f := range out {
		switch {
		case f.Few:
			sum, lo, hi = sum+ns[i], lo+least, hi+Few-1
		case f.Withheld:
			sum, lo, open = sum+ns[i], lo+Few, true
		}
	}
	for _, f := range out {
		if !f.Few {
			continue
		}
		from, to := least, Few-1
		if !open {
			from = max(from, sum-(hi-(Few-1)))
		}
		to = min(to, sum-(lo-least))
		if to <= from {
			return false
		}
	}
	return true
}

// Table is the statistics as a file; words are those of the reader's language, told says a figure and value a value.
func (x *Statistics) Table(words func(key string) string, told func(Figure) string, value func(dimension, value string) string, rtl bool) *sheet.Table {
	t := &sheet.Table{RightToLeft: rtl, Head: sheet.Texts(words("stats.by"), words("stats.value"), words("stats.registered"), words("stats.attended"))}
	figure := func(f Figure) sheet.Cell { return sheet.Cell{Text: told(f), Number: f.Told()} }
	t.Rows = append(t.Rows, []sheet.Cell{{Text: words("stats.total")}, {}, figure(x.Registered), figure(x.Attended)})
	for _, d := range x.Dimensions {
		for _, r := range d.Rows {
			cells := []sheet.Cell{{Text: words("stats.dimension." + d.Name)}, {Text: value(d.Name, r.Value)}, figure(r.Registered), {}}
			if d.Name != "state" {
				cells[3] = figure(r.Attended)
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

// ValueWords is what a value of a dimension is called; "" where it is not known.
func (a *About) ValueWords(dimension, v string, l i18n.Locale, words func(key string) string) string {
	pick := func(x content.Line) string { w, _ := x.Pick(l, a.Original); return w }
	switch dimension {
	case "state":
		return words("enum.registration_state." + v)
	case "channel":
		return words("enum.registration_channel." + v)
	}
	if v == "" {
		return words("stats.untold")
	}
	switch dimension {
	case "mode":
		return words("enum.registration_mode." + v)
	case "country":
		return i18n.CountryName(l, v)
	case "locale":
		return i18n.Locale(v).Endonym()
	case "category":
		if c := a.Form.Category(v); c != nil {
			return pick(c.Name)
		}
	case "gender":
		for i := range a.Form.Fields {
			if x := &a.Form.Fields[i]; x.Key == GenderKey {
				return x.Words(v, l, a.Original, words)
			}
		}
	}
	return v
}
