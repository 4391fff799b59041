package admin

import (
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// maxShift is the most minutes by which sessions are moved at once: ten years.
const maxShift = 10 * 366 * 24 * 60

// What moves along with a session.
const (
	shiftOne = "one"
	shiftDay = "day" // and what follows on the same day
	shiftAll = "all"
)

// shiftView is what stands below the time of an item: what this time is at odds with, and a way to move it.
type shiftView struct {
	*entryForm
	Path, List      string // of the time, and of the list its item is in
	Item            string // the item's place on the page
	Op              string
	Minutes, Which  string // controls
	Typed           string
	Choices         []choice
	Chosen          string
	Open, Focus     bool
	Wrong           []string
	Conflicts       []conflict
	Realign, Button string // a button that moves all
}

// conflict is one thing that is at odds with an item's time.
type conflict struct {
	Blocks bool
	Text   string
	With   []placeLink
}

// placeLink leads to an item of the page.
type placeLink struct {
	Href template.URL
	Text string
}

// shift moves the times of a list's items: the button is "shift LIST ITEM", with controls beside it for the minutes and
// for what moves along, or "shift LIST ITEM WHICH MINUTES". Nothing moves if one of the times cannot be read.
func (f *entryForm) shift(d *content.Field, list, arg string) error {
	id, rest, given := strings.Cut(arg, " ")
	slot := slotField(d)
	if slot == nil || !f.listed(list) {
		return badOp()
	}
	f.complete()
	ids := f.itemOrder(list)
	if !slices.Contains(ids, id) {
		return badOp()
	}
	item := list + "." + id
	which, typed := f.Values.Get("shift:which:"+item), f.Values.Get("shift:by:"+item)
	if given {
		which, typed, _ = strings.Cut(rest, " ")
	}
	switch which {
	case "":
		which = shiftOne
	case shiftOne, shiftDay, shiftAll:
	default:
		return badOp()
	}
	f.focus = "item-" + item
	by, ok := f.readMinutes(typed)
	if !ok {
		f.complain(content.Problem{Path: "shift:by:" + item, Blocks: true, Key: "problem.shift_minutes"})
		return nil
	}
	slots := f.slots(slot, list, ids)
	from, ok := slots[id]
	if !ok {
		if len(f.problems) == 0 {
			f.complain(content.Problem{Path: item + "." + slot.Name + ":start", Blocks: true, Key: "problem.shift_nothing"})
		}
		return nil
	}
	inOrder := f.inOrder(ids, slots)
	moved := 0
	track := f.track(d, item)
	next := maps.Clone(slots)
	for _, x := range ids {
		s, timed := slots[x]
		switch {
		case which == shiftOne && x != id, !timed:
			continue
		case which == shiftDay && (dayOf(s.Start) != dayOf(from.Start) || s.Start < from.Start || track != "" && f.track(d, list+"."+x) != track):
			continue // what has no track is for all tracks, and delays them all
		}
		next[x] = s.Moved(by)
		if y := next[x].Start.In(time.UTC).Year(); y < 1800 || y > 2200 {
			f.complain(content.Problem{Path: "shift:by:" + item, Blocks: true, Key: "problem.shift_minutes"})
		}
		moved++
	}
	if len(f.problems) > 0 {
		return nil
	}
	day, _ := f.typedStart(f.Values)
	facts := content.Leaves{}
	if w := f.Kind.As("when"); w != nil {
		facts.Set(w.Path, content.When{Start: day})
	}
	for x, s := range next {
		if s != slots[x] {
			path := list + "." + x + "." + slot.Name
			delete(f.Values, path+":end_date")
			facts.Set(path, s)
			f.show(slot, path, facts, f.Values)
		}
	}
	if inOrder {
		f.Values[list] = append([]string{""}, byTime(ids, next)...)
	}
	delete(f.Values, "shift:by:"+item)
	f.notices = append(f.notices, Notice{"info", f.T("form.shifted", "Minutes", f.minutes(by), "Number", i18n.Number(f.Locale, moved))})
	return nil
}

// slotField is when the items of a list are, nil if they have no time.
func slotField(list *content.Field) *content.Field {
	if list.Type != content.TypeList {
		return nil
	}
	for _, d := range list.Fields {
		if d.Type == content.TypeSlot {
			return d
		}
	}
	return nil
}

// slots reads the times of items as they stand in the form, and complains of those that cannot be read.
func (f *entryForm) slots(slot *content.Field, list string, ids []string) map[string]content.Slot {
	out := map[string]content.Slot{}
	for _, id := range ids {
		raw, ps := f.readFact(slot, list+"."+id+"."+slot.Name)
		f.complain(ps...)
		if s := readJSON[content.Slot](raw); len(ps) == 0 && !s.Start.In(time.UTC).IsZero() {
			out[id] = s
		}
	}
	return out
}

// inOrder reports whether the items that have a time stand in its order. Who arranged them in another way meant that.
func (f *entryForm) inOrder(ids []string, slots map[string]content.Slot) bool {
	return slices.Equal(byTime(ids, slots), ids)
}

// byTime orders the items that have a time; the others keep their places.
func byTime(ids []string, slots map[string]content.Slot) []string {
	var places []int
	var timed []string
	for i, id := range ids {
		if _, ok := slots[id]; ok {
			places, timed = append(places, i), append(timed, id)
		}
	}
	slices.SortStableFunc(timed, func(a, b string) int { return strings.Compare(string(slots[a].Start), string(slots[b].Start)) })
	out := slices.Clone(ids)
	for i, at := range places {
		out[at] = timed[i]
	}
	return out
}

// track is the track of an item, in the language in which they all have one.
func (f *entryForm) track(list *content.Field, item string) string {
	for _, d := range list.Fields {
		if d.Name != "track" {
			continue
		}
		path := item + "." + d.Name
		words := f.stored[content.Part(f.Original)].Text(path).Words
		if f.Lang == f.Original {
			words = f.Values.Get(content.FormName(path, f.Lang))
		}
		return strings.Join(strings.Fields(i18n.Fold(f.Original, words)), " ")
	}
	return ""
}

// readMinutes reads by how many minutes, in any digits, earlier with a minus.
func (f *entryForm) readMinutes(typed string) (int, bool) {
	s := strings.Map(func(r rune) rune {
		switch r {
		case '\u200e', '\u200f', '\u061c', '\u2068', '\u2069':
			return -1
		case '−', '–', '﹣', '－':
			return '-'
		}
		return r
	}, typed)
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(i18n.Fold(f.Locale, s)), " ", ""))
	return n, err == nil && n != 0 && n >= -maxShift && n <= maxShift
}

// minutes writes them with their sign.
func (f *entryForm) minutes(n int) string {
	sign := "+"
	if n < 0 {
		sign, n = "−", -n
	}
	return f.isolate("\u200e" + sign + i18n.Number(f.Locale, n))
}

// findConflicts checks the times as they stand in the form, stored or not; what cannot be read is checked as it is stored.
func (f *entryForm) findConflicts() {
	f.atOdds, f.realign = nil, 0
	if f.Kind != kind.EventKind {
		return
	}
	typed := *f
	typed.problems, typed.readings = nil, nil
	parts := content.Parts{}
	for p, leaves := range f.stored {
		parts[p] = maps.Clone(leaves)
	}
	for p, leaves := range typed.read() {
		if parts[p] == nil {
			parts[p] = content.Leaves{}
		}
		for path, raw := range leaves {
			if d := f.Kind.Field(path); d != nil && len(raw) > 0 {
				clean, bad := d.CheckLeaf(path, p.Locale(), raw, kind.Choices{})
				if bad != nil {
					continue
				}
				raw = clean
			}
			if len(raw) == 0 {
				delete(parts[p], path)
				continue
			}
			parts[p][path] = raw
		}
	}
	v, err := f.Kind.Join(parts)
	e, ok := v.(*kind.Event)
	if err != nil || !ok {
		return
	}
	f.atOdds, f.realign = e.Conflicts(f.Original), e.Realign()
}

// shiftView makes what stands below the time of a list's item.
func (f *entryForm) shiftView(d *content.Field, path string) *shiftView {
	if d.Parent == nil || d.Parent.Type != content.TypeList {
		return nil
	}
	item := strings.TrimSuffix(path, "."+d.Name)
	list, id := item[:strings.LastIndexByte(item, '.')], item[strings.LastIndexByte(item, '.')+1:]
	v := &shiftView{entryForm: f, Path: path, List: list, Item: "item-" + item, Op: "shift " + list + " " + id, Minutes: "shift:by:" + item, Which: "shift:which:" + item}
	v.Typed, v.Chosen = f.Values.Get(v.Minutes), f.Values.Get(v.Which)
	if v.Chosen == "" {
		v.Chosen = shiftOne
	}
	v.Choices = []choice{{shiftOne, f.T("form.shift_one")}, {shiftDay, f.T("form.shift_day")}, {shiftAll, f.T("form.shift_all")}}
	for _, p := range f.problems[v.Minutes] {
		v.Wrong = append(v.Wrong, f.problemText(p))
	}
	v.Focus = f.verb == "shift" && f.focus == v.Item
	v.Open = v.Focus || len(v.Wrong) > 0 || v.Typed != ""
	offered := false
	for _, p := range f.atOdds {
		first := p.Key == "problem.outside_event" && !offered
		offered = offered || first
		if p.Path != path && (len(p.With) == 0 || !strings.HasPrefix(p.Path, item+".")) ||
			slices.ContainsFunc(f.problems[p.Name()], func(q content.Problem) bool { return q.Key == p.Key }) {
			continue
		}
		v.Conflicts = append(v.Conflicts, conflict{p.Blocks, f.oddsText(p), f.others(p)})
		if first && f.realign != 0 && f.MayFacts {
			v.Realign, v.Button = f.realignOp(path)
		}
	}
	return v
}

// realignOp is the button that moves all sessions back into the event.
func (f *entryForm) realignOp(path string) (op, text string) {
	segs := strings.Split(path, ".")
	if len(segs) < 3 {
		return "", ""
	}
	return "shift " + segs[0] + " " + segs[1] + " " + shiftAll + " " + strconv.Itoa(f.realign), f.T("form.shift_all_by", "Minutes", f.minutes(f.realign))
}

// oddsText says a problem, and of two items at odds whom it is about.
func (f *entryForm) oddsText(p content.Problem) string {
	text := f.problemText(p)
	if d := f.Kind.Field(p.Path); d != nil && d.Type == content.TypeRef && len(p.With) > 0 {
		if id := last(f.Values[p.Path]); id != "" {
			return f.T("form.problem_at", "Field", f.isolate(f.refLabel(id)), "Problem", text)
		}
	}
	return text
}

// others are the items that a problem is about besides its own: where they stand, and when and what they are.
func (f *entryForm) others(p content.Problem) []placeLink {
	var out []placeLink
	for _, item := range p.With {
		list, id := item[:strings.LastIndexByte(item, '.')], item[strings.LastIndexByte(item, '.')+1:]
		label := ""
		if d := f.Kind.Field(list); d != nil {
			it := &itemView{entryForm: f, List: &fieldView{Def: d}, ID: id}
			f.preview(it, item+".")
			label = it.Label()
			if it.Time != "" {
				label = f.T("form.time_in_city", "Time", f.isolate(it.Time), "City", f.isolate(label))
			}
		}
		out = append(out, placeLink{template.URL("#item-" + item), label})
	}
	return out
}

// slotViews are the times of the lists' items, for an answer that leaves the fields alone.
func slotViews(fields []*fieldView, out []*shiftView) []*shiftView {
	for _, v := range fields {
		if v.Shift != nil {
			out = append(out, v.Shift)
		}
		for _, it := range v.Items {
			out = slotViews(it.Fields, out)
		}
	}
	return out
}

// Shifts are the times of all items.
func (d *entryPage) Shifts() []*shiftView {
	var out []*shiftView
	for _, s := range d.Sections {
		out = slotViews(s.Fields, out)
	}
	return out
}

// versionsList is the list by which the programme gets names.
const versionsList = "programmes"

// keptWith says of an item of that list whether the programme is kept with it, and since when; else publishing will keep it.
func (f *entryForm) keptWith(it *itemView) {
	if it.Head == "" { // it has the usual name
		it.Head, it.Tag = it.Tag, ""
	}
	v, ok := f.kept[it.ID]
	switch {
	case !ok:
		it.Tag = f.T("programme.waits")
	case v.Public:
		it.Tag = f.T("programme.kept")
		it.Kept = &Link{f.T("programme.look", "Date", i18n.Date(f.Locale, v.At.In(content.Zone(f.zone)))), "/" + string(f.Lang) + "/" + f.Entry.Path + "/programme/" + strconv.Itoa(v.Number)}
	default:
		it.Tag = f.T("programme.hidden")
	}
}
