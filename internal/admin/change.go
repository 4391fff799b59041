package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// undoing is what the page is for that takes the latest change back.
const undoing = "undo"

// changePage asks what happens to an event, and shows every effect before it is done.
type changePage struct {
	*entryForm
	What, Heading string
	Action, Back  string
	WhyNot        string
	Fields        []*fieldView
	Along         []*clonePart
	Fixes         []*cloneFix
	Reasons       []*changeReason
	Effects       []effect
	Problems      []problemLink
	Notices       []Notice
	Button        string
	Seen          string // of the effects shown: who confirms has seen them
	Telling       bool   // it asks for the reason
	Registered    int    // people who can be told by letter
	Tell          bool   // and are to be
	Asked         int    // people who can be asked to say again whether they come
	Ask           bool   // and are to be

	event   *kind.Event
	set     content.Parts
	after   *content.Entry
	publish content.PublishChange
	public  bool // it will be published at once
	undo    *content.Marked
	bad     []content.Problem

	choseAsk bool // who looks at the page has seen the question
}

// changeReason is the reason in one language.
type changeReason struct {
	Lang       i18n.Locale
	Name, Text string
	Off        bool
	Bad        string
	Max        int
}

// effect is one kind of thing that will change.
type effect struct {
	Name, Label string
	Lines       []problemLink
}

func changeURL(e *content.Entry, what string) string {
	if what == undoing {
		return entryURL(e.Kind, e.ID, "") + "/undo"
	}
	return entryURL(e.Kind, e.ID, "") + "/change/" + what
}

// changeForm shows what would happen.
func (a *Admin) changeForm(k *content.Kind, c *gin.Context) error {
	p, err := a.changePage(k, c, nil)
	if err != nil {
		return err
	}
	if p.WhyNot == "" && !p.typed() {
		if err := a.work(c.Request.Context(), p, false); err != nil {
			return err
		}
	}
	return a.showChange(c, p, http.StatusOK)
}

// typed reports whether the change needs facts to be typed before it can be looked at.
func (p *changePage) typed() bool {
	return slices.Contains([]string{kind.ChangeMove, kind.ChangeOnline, kind.ChangeVenue}, p.What)
}

// change shows the effects of what was typed, or makes the change.
func (a *Admin) change(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	p, err := a.changePage(k, c, v)
	if err != nil {
		return err
	}
	if p.WhyNot != "" {
		return a.showChange(c, p, http.StatusConflict)
	}
	op := v.Get("op")
	if done, err := a.rearrange(ctx, p.entryForm, op); err != nil {
		return err
	} else if done {
		return a.showChange(c, p, http.StatusOK)
	}
	if op != "preview" && op != "do" {
		return badOp()
	}
	if err := a.settle(ctx, p.entryForm); err != nil {
		return err
	}
	if err := a.work(ctx, p, op == "do"); err != nil {
		return err
	}
	if len(p.bad) > 0 || len(p.Problems) > 0 {
		return a.showChange(c, p, http.StatusUnprocessableEntity)
	}
	if stale, err := a.staleChange(ctx, p); err != nil {
		return err
	} else if stale {
		return a.showChange(c, p, http.StatusConflict)
	}
	if op == "preview" || v.Get("seen") != p.Seen {
		if op == "do" {
			p.Notices = append(p.Notices, Notice{"info", p.T("change.look")})
		}
		return a.showChange(c, p, http.StatusOK)
	}
	return a.doChange(c, p)
}

// doChange stores the change and, where the actor may, publishes it, both or neither.
func (a *Admin) doChange(c *gin.Context, p *changePage) error {
	ctx := c.Request.Context()
	var err error
	if p.public {
		if p.Tell {
			ctx = registration.Telling(ctx, p.Entry.ID, p.What)
			if p.Ask && p.Asked > 0 {
				ctx = registration.Asking(ctx)
			}
		}
		_, err = a.content.SaveAndPublish(ctx, p.who, p.asked(), p.publish)
	} else {
		_, err = a.content.Save(ctx, p.who, p.asked())
	}
	var invalid *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &invalid):
		p.refuse(invalid.Problems)
		return a.showChange(c, p, http.StatusUnprocessableEntity)
	case errors.As(err, &moved):
		p.Notices = append(p.Notices, Notice{"warning", p.T("change.stale", "Names", p.T("change.somebody"))})
		return a.showChange(c, p, http.StatusConflict)
	case err != nil:
		return err
	}
	flash(c, "success", "change.done."+p.What)
	if p.Entry.Path != "" && !p.public {
		flash(c, "warning", "change.saved_draft")
	}
	return web.Redirect(c, entryURL(p.Kind, p.Entry.ID, ""))
}

// asked is the change to be made. A reason typed now is a translation of the one typed now, even in the words of the last.
func (p *changePage) asked() content.Change {
	if p.undo != nil {
		return p.undo.Undo(p.Entry)
	}
	c := content.Change{ID: p.Entry.ID, Kind: p.Kind, Base: p.Entry.Versions, Set: p.set, Mark: p.What, Empties: []string{"status_note"}, Fresh: map[content.Part][]string{}}
	for _, r := range p.Reasons {
		if part := content.Part(r.Lang); p.set[part].Text("status_note").Words != "" {
			c.Fresh[part] = []string{"status_note"}
		}
	}
	return c
}

// staleChange reports whether the event has been changed since the page was made, and says so on it.
func (a *Admin) staleChange(ctx context.Context, p *changePage) (bool, error) {
	bases := p.readBases()
	told := maps.Clone(bases)
	maps.DeleteFunc(told, func(_ content.Part, v int) bool { return v == 0 })
	if len(bases) == 0 || maps.Equal(told, p.Entry.Versions) { // words too: they say what falls behind, and still names the old date
		return false, nil
	}
	revisions, err := a.content.Revisions(ctx, p.who, p.Entry.ID, 0, 50)
	if err != nil {
		return false, err
	}
	var ids []string
	for _, r := range revisions {
		if r.Number > bases[r.Part] && !slices.Contains(ids, r.Author) {
			ids = append(ids, r.Author)
		}
	}
	names, err := a.people(ctx, p.tongue, ids)
	if err != nil {
		return false, err
	}
	p.Notices = append(p.Notices, Notice{"warning", p.T("change.stale", "Names", names)})
	return true, nil
}

// takes tells which controls belong to the page.
func (p *changePage) takes(name string) bool {
	switch p.What {
	case kind.ChangeMove:
		return strings.HasPrefix(name, "when:") || strings.HasPrefix(name, "find:when:") || strings.HasPrefix(name, "found:when:")
	case kind.ChangeOnline, kind.ChangeVenue:
		bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "find:"), "found:"), "add:")
		return bare == "mode" || bare == "venues" || strings.HasPrefix(bare, "venues.")
	}
	return false
}

// loadEvent gives the event of an address to who may change its facts; what is none, or was deleted, is not found.
func (a *Admin) loadEvent(k *content.Kind, c *gin.Context) (*auth.Actor, *content.Entry, *kind.Event, error) {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return nil, nil, nil, err
	}
	ev, ok := e.Value.(*kind.Event)
	if !ok || e.Deleted != nil {
		return nil, nil, nil, db.ErrNotFound
	}
	if !e.MayEdit(who, content.Facts) {
		return nil, nil, nil, auth.ErrForbidden
	}
	return who, e, ev, nil
}

// changePage makes the page from the event and, with v, from what was typed.
func (a *Admin) changePage(k *content.Kind, c *gin.Context, v url.Values) (*changePage, error) {
	who, e, ev, err := a.loadEvent(k, c)
	if err != nil {
		return nil, err
	}
	p := &changePage{entryForm: a.openForm(c, who, k, e, e.Original), What: c.Param("what"), Back: entryURL(k, e.ID, ""), event: ev}
	if strings.HasSuffix(c.FullPath(), "/undo") {
		p.What = undoing
	}
	p.Action = changeURL(e, p.What)
	if p.What == undoing {
		if p.undo, err = a.content.LastMarked(c.Request.Context(), e); err != nil {
			return nil, err
		}
		if p.undo == nil {
			p.WhyNot = p.T("change.not.undone")
		}
	} else if !slices.Contains(kind.Changes, p.What) {
		return nil, db.ErrNotFound
	} else if why := ev.WhyNot(p.What, a.now()); why != "" {
		p.WhyNot = p.T("change.not." + why)
	}
	p.Button = p.T("change." + p.What)
	what := p.Button
	if p.undo != nil {
		what = p.T("change.undo_what", "What", p.T("change."+p.undo.Mark))
	}
	p.Heading = p.T("change.title", "What", what, "Title", p.isolate(entryTitle(p.tongue, e)))
	p.fill(e.Parts)
	all := p.Values
	p.Values = url.Values{}
	for name, vs := range all {
		if p.takes(name) {
			p.Values[name] = vs
		}
	}
	if v == nil {
		p.setBases(e.Versions)
		p.prefill()
	} else {
		for name := range p.Values {
			delete(p.Values, name)
		}
		for name, vs := range v {
			if p.takes(name) || strings.HasPrefix(name, "base:") {
				p.Values[name] = slices.Clone(vs)
			}
		}
	}
	p.askReasons(a, v)
	p.choseAsk, p.Ask = v.Has("asking"), v.Has("ask")
	p.Tell = v == nil || !v.Has("telling") || v.Has("tell")
	if p.What == kind.ChangeMove {
		for _, name := range kind.Along {
			p.Along = append(p.Along, &clonePart{Name: name, Label: p.label(k.Field(name)), Checked: v == nil || slices.Contains(v["along"], name)})
		}
		for _, name := range sortedKeys(v) {
			if path, ok := strings.CutPrefix(name, "fix:"); ok && p.fieldAt(leafPath(path)) != nil && v.Get(name) != "" {
				p.Fixes = append(p.Fixes, &cloneFix{Name: name, Label: p.nameOf(path), Value: v.Get(name)})
			}
		}
	}
	return p, nil
}

// prefill puts in what follows from the change itself: who moves an event online leaves its hall.
func (p *changePage) prefill() {
	if p.What != kind.ChangeOnline {
		return
	}
	p.Values["mode"] = []string{"online"}
	ids := []string{""}
	for _, x := range p.event.Venues {
		if x.Type == "online" {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 1 {
		id := content.NewItemID()
		ids = append(ids, id)
		p.Values.Set("venues."+id+".type", "online")
	}
	for name := range p.Values {
		if segs := strings.Split(name, "."); segs[0] == "venues" && len(segs) > 1 && !slices.Contains(ids, segs[1]) {
			delete(p.Values, name)
		}
	}
	p.Values["venues"] = ids
}

// askReasons asks for the reason in the original language and those that are public.
func (p *changePage) askReasons(a *Admin, v url.Values) {
	if p.What == undoing {
		return
	}
	p.Telling = true
	langs := []i18n.Locale{p.Original}
	for _, l := range i18n.All {
		if l != p.Original && p.Entry.Live[content.Part(l)] > 0 {
			langs = append(langs, l)
		}
	}
	for _, l := range langs {
		r := &changeReason{Lang: l, Name: content.FormName("status_note", l), Off: !p.Entry.MayEdit(p.who, content.Part(l)), Max: p.Kind.Field("status_note").Max}
		if !r.Off {
			r.Text = v.Get(r.Name)
		}
		p.Reasons = append(p.Reasons, r)
	}
}

// work reads what was typed, makes the change in memory and looks at its effects. Problems are put on the page. To do it,
// a reason is needed too.
func (a *Admin) work(ctx context.Context, p *changePage, do bool) error {
	p.set = content.Parts{}
	facts := content.Leaves{}
	switch p.What {
	case undoing:
		p.set = p.undo.Set
		for _, x := range p.links(p.undo.Since, p.Base()) {
			x.Href = template.URL(entryURL(p.Kind, p.Entry.ID, x.Lang) + string(x.Href[strings.IndexByte(string(x.Href), '#'):]))
			p.Problems = append(p.Problems, x)
		}
	case kind.ChangeCancel, kind.ChangePostpone:
		facts.Set("status", p.event.StatusAfter(p.What, p.event.Mode))
		p.set[content.Facts] = facts
	case kind.ChangeMove:
		a.readMove(p)
	default:
		p.set = p.read()
		for _, ps := range p.problems {
			p.bad = append(p.bad, ps...)
		}
		if p.set[content.Facts] == nil {
			p.set[content.Facts] = content.Leaves{}
		}
		mode := last(p.Values["mode"])
		p.set[content.Facts].Set("status", p.event.StatusAfter(p.What, mode))
		if places, other := p.event.PlacesAfter(mode); other {
			p.set[content.Facts].Set("registration.capacity", places)
		}
	}
	p.readReasons(do)
	if len(p.bad) > 0 || len(p.Problems) > 0 {
		p.refuse(p.bad)
		return nil
	}
	var err error
	var invalid *content.Invalid
	if p.after, err = a.content.Preview(p.Entry, p.asked()); errors.As(err, &invalid) {
		p.bad = invalid.Problems
		p.refuse(p.bad)
		return nil
	} else if err != nil {
		return err
	}
	if p.What != undoing && !p.changesMore() {
		p.bad = []content.Problem{{Path: map[string]string{kind.ChangeMove: "when:start_date"}[p.What], Blocks: true, Key: "problem.nothing_changed"}}
		if p.bad[0].Path == "" {
			p.bad[0].Path = "venues"
		}
		p.refuse(p.bad)
		return nil
	}
	p.plan()
	live := []i18n.Locale{p.Original}
	for _, l := range i18n.All {
		if l != p.Original && p.Entry.Live[content.Part(l)] > 0 {
			live = append(live, l)
		}
	}
	checked := []i18n.Locale{p.Original}
	if p.public {
		checked = p.publish.Locales
	}
	for _, x := range a.content.CheckPublish(p.after, checked) {
		if x.Blocks && (p.public || x.Path == "when") {
			p.bad = append(p.bad, x)
		}
	}
	if p.refuse(p.bad); len(p.bad) > 0 {
		return nil
	}
	p.Seen = p.fingerprint()
	return a.effects(ctx, p, live)
}

// changesMore reports whether anything but the status and its note would change, where that is what the change is about.
func (p *changePage) changesMore() bool {
	if p.What == kind.ChangeCancel || p.What == kind.ChangePostpone {
		return true
	}
	for _, d := range p.after.Changes(p.Entry) {
		if d.Path != "status" && d.Path != "status_note" && d.Path != "previous" {
			return true
		}
	}
	return false
}

// plan decides what is published with it: the facts, and the words it changes in languages that are public.
func (p *changePage) plan() {
	e := p.Entry
	p.public = e.Path != "" && p.who.Can(auth.Publish, e.Object())
	p.publish = content.PublishChange{ID: e.ID, Facts: true}
	for _, l := range i18n.All {
		part := content.Part(l)
		if e.Live[part] > 0 && len(p.set[part]) > 0 && p.who.Can(auth.Publish, e.TextObject(l)) {
			p.publish.Locales = append(p.publish.Locales, l)
		}
	}
}

// readMove reads the new time and moves what hangs on it.
func (a *Admin) readMove(p *changePage) {
	raw, problems := p.readFact(p.Kind.Field("when"), "when")
	to := readJSON[content.When](raw)
	if len(problems) == 0 && !to.Known() {
		problems = []content.Problem{{Path: "when:start_date", Blocks: true, Key: "problem.date"}}
	}
	p.bad = append(p.bad, problems...)
	if len(problems) == 0 {
		p.bad = append(p.bad, a.content.Unfit(p.Kind, content.Parts{content.Facts: {"when": raw}})...)
	}
	clocks := map[string]string{}
	for _, fix := range p.Fixes {
		clock, problems := p.readClock(url.Values{fix.Name: {fix.Value}}, fix.Name)
		if len(problems) > 0 {
			p.Problems = append(p.Problems, fix.wrong(p.entryForm, problems[0]))
			continue
		}
		clocks[strings.TrimPrefix(fix.Name, "fix:")] = clock
	}
	if len(p.bad) > 0 {
		return
	}
	var along []string
	for _, x := range p.Along {
		if x.Checked {
			along = append(along, x.Name)
		}
	}
	set, problems := p.event.Reschedule(p.Entry.Parts[content.Facts], to, along, clocks, a.now())
	p.set[content.Facts] = set
	p.bad = append(p.bad, problems...)
}

// readReasons takes the reasons. A language without one gets none, since the one it has told of something else; in one the
// actor may not write in, too.
func (p *changePage) readReasons(needed bool) {
	for _, r := range p.Reasons {
		part := content.Part(r.Lang)
		if p.set[part] == nil {
			p.set[part] = content.Leaves{}
		}
		switch words := strings.TrimSpace(r.Text); {
		case words != "":
			p.set[part].SetText("status_note", content.Text{Words: words})
		case needed && !r.Off && r.Lang == p.Original:
			p.bad = append(p.bad, content.Problem{Path: "status_note", Locale: r.Lang, Blocks: true, Key: "problem.reason_required"})
		case p.Entry.Parts[part].Text("status_note").Words != "":
			p.set[part]["status_note"] = nil
		}
	}
	if p.What == undoing {
		return
	}
	for part, leaves := range p.Entry.Parts { // and languages that are not public
		if part != content.Facts && p.set[part] == nil && leaves.Text("status_note").Words != "" {
			p.set[part] = content.Leaves{"status_note": nil}
		}
	}
}

// fingerprint is of the facts as they will be, of the versions they are made from, and of what is public of it.
func (p *changePage) fingerprint() string {
	h := sha256.New()
	for _, path := range sortedKeys(p.set[content.Facts]) {
		fmt.Fprintf(h, "%s=%s\n", path, p.set[content.Facts][path])
	}
	fmt.Fprint(h, p.Entry.Versions, p.public)
	for _, l := range i18n.All { // it may have been published meanwhile, or withdrawn
		fmt.Fprint(h, p.Entry.Live[content.Part(l)] > 0)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// refuse puts problems beside their fields and on top of the page. What is not on the page is linked to in the form.
func (p *changePage) refuse(problems []content.Problem) {
	slices.SortStableFunc(problems, func(x, y content.Problem) int { return p.order(x.Path) - p.order(y.Path) })
	for _, x := range problems {
		name := x.Name()
		if x.Path == "status_note" {
			if i := slices.IndexFunc(p.Reasons, func(r *changeReason) bool { return r.Name == name && !r.Off }); i >= 0 {
				p.Reasons[i].Bad = p.problemText(x)
			}
		}
		clock := x.Key == "problem.no_such_time" || x.Key == "problem.twice_time"
		if clock && p.What == kind.ChangeMove && !p.takes(x.Path) && x.Path != "when" {
			p.Problems = append(p.Problems, p.fixFor(x).wrong(p.entryForm, x))
			continue
		}
		if len(p.problems[name]) == 0 {
			p.complain(x)
		}
		l := p.links([]content.Problem{x}, p.Base())[0]
		if on := p.takes(x.Path) || x.Path == "when" && p.What == kind.ChangeMove || x.Path == "status_note" || x.Path == "venues"; !on {
			l.Href = template.URL(entryURL(p.Kind, p.Entry.ID, x.Locale) + "#" + name)
		}
		p.Problems = append(p.Problems, l)
	}
}

// fixFor is the field for a time that the clock leaves out or has twice on the new day.
func (p *changePage) fixFor(x content.Problem) *cloneFix {
	name := "fix:" + x.Path
	for _, fix := range p.Fixes {
		if fix.Name == name {
			return fix
		}
	}
	fix := &cloneFix{Name: name, Label: p.nameOf(x.Path)}
	if len(x.Args) == 2 {
		t, _ := x.Args[1].(content.LocalTime)
		fix.Label = p.T("clone.time_of", "Field", fix.Label, "Date", p.isolate(i18n.DateWeekday(p.Locale, t.In(time.UTC))))
		fix.Value = clockOf(t)
	}
	p.Fixes = append(p.Fixes, fix)
	return fix
}

func (fix *cloneFix) wrong(f *entryForm, x content.Problem) problemLink {
	fix.Bad = f.problemText(x)
	return problemLink{Href: template.URL("#" + fix.Name), Text: f.T("form.problem_at", "Field", fix.Label, "Problem", fix.Bad), Blocks: true}
}

// effects lists what will be different.
func (a *Admin) effects(ctx context.Context, p *changePage, live []i18n.Locale) error {
	changes := p.after.Changes(p.Entry)
	if err := p.lookupDifferences(ctx, a, changes); err != nil {
		return err
	}
	add := func(name string, lines ...problemLink) {
		if len(lines) > 0 {
			p.Effects = append(p.Effects, effect{name, p.T("change.effect." + name), lines})
		}
	}
	text := func(s string) problemLink { return problemLink{Text: s} }
	var facts, times []problemLink
	slices.SortStableFunc(changes, func(x, y content.Difference) int { // sessions in the order of the clock
		if x.Field == nil || x.Field != y.Field || x.Field.Type != content.TypeSlot {
			return 0
		}
		return strings.Compare(string(x.New), string(y.New))
	})
	for _, d := range changes {
		if d.Part != content.Facts && d.Path == "status_note" || d.Field == nil {
			continue
		}
		old := plainHTML(p.inWords(d.Field, d.Path, d.Part, d.Old, p.Entry.Parts))
		now := plainHTML(p.inWords(d.Field, d.Path, d.Part, d.New, p.after.Parts))
		name := p.nameOf(d.Path)
		if item := p.itemName(d.Path); item != "" {
			name = p.T("change.field_of", "Field", name, "Item", p.isolate(item))
		}
		l := text(p.T("change.from_to", "Field", p.isolate(name), "Old", p.isolate(old), "New", p.isolate(now)))
		switch d.Field.Type {
		case content.TypeSlot, content.TypeMoment, content.TypeDate, content.TypeTime:
			times = append(times, l)
		default:
			facts = append(facts, l)
		}
	}
	add("facts", facts...)
	add("times", times...)
	e := p.Entry
	if e.Path == "" {
		p.Notices = append(p.Notices, Notice{"info", p.T("change.not.live")})
	} else if !p.public {
		p.Notices = append(p.Notices, Notice{"warning", p.T("change.draft_note")})
	}
	if e.Path != "" {
		page, err := a.content.LiveByID(ctx, a.settings.Site().Languages[0], e.ID)
		if err != nil {
			return err
		}
		_, held := p.event.InCalendars()
		_, holds := p.after.Value.(*kind.Event).InCalendars()
		switch {
		case held && !holds:
			add("calendars", text(p.T("change.calendar_dropped")))
		case !held && holds:
			add("calendars", text(p.T("change.calendar_taken")))
		case held && p.after.Recalls(e):
			add("calendars", text(p.T(p.calendarKey(), "Number", i18n.Number(p.Locale, page.Sequence+1))))
		}
		var names []string
		for _, l := range live {
			names = append(names, i18n.LanguageName(p.Locale, string(l)))
		}
		lines := []problemLink{text(p.T("change.pages", "Languages", i18n.List(p.Locale, names)))}
		if skeletons := len(a.settings.Site().Languages) - len(live); skeletons > 0 {
			lines = append(lines, text(p.N("change.skeletons", skeletons)))
		}
		was, will := p.event.Begins(), p.after.Value.(*kind.Event).Begins()
		if !was.IsZero() && !will.IsZero() && was.Year() != will.Year() {
			lines = append(lines, text(p.T("change.address", "Address", strings.Replace(e.Path, fmt.Sprint("/", was.Year(), "/"), fmt.Sprint("/", will.Year(), "/"), 1))))
		}
		add("pages", lines...)
	}
	if err := a.messageEffects(ctx, p, add); err != nil {
		return err
	}
	add("languages", p.languageEffects(live)...)
	if p.What == kind.ChangeMove {
		var lines []problemLink
		for _, m := range p.after.MentionsOf(p.event.When) {
			lines = append(lines, p.mentionLink(m))
		}
		add("prose", lines...)
	}
	if p.public {
		names, err := a.goesAlong(ctx, p.entryForm, p.publish.Locales)
		if err != nil {
			return err
		}
		var lines []problemLink
		for _, name := range names {
			lines = append(lines, text(name))
		}
		add("also", lines...)
	}
	return nil
}

// goesAlong names what waits already in the facts and in some languages, and is published when they are.
func (a *Admin) goesAlong(ctx context.Context, f *entryForm, langs []i18n.Locale) ([]string, error) {
	parts := []content.Part{content.Facts}
	for _, l := range langs {
		parts = append(parts, content.Part(l))
	}
	waiting, err := a.content.Unpublished(ctx, f.Entry, parts...)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, d := range waiting {
		if d.Field == nil || d.Field.Staff {
			continue
		}
		name := f.nameOf(d.Path)
		if d.Part != content.Facts {
			name = f.T("form.in_language", "Field", name, "Language", i18n.LanguageName(f.Locale, string(d.Part)))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// messageEffects tell what becomes of the letters to those who have registered, and how many of these hear of the change.
func (a *Admin) messageEffects(ctx context.Context, p *changePage, add func(string, ...problemLink)) error {
	after := p.after.Value.(*kind.Event).RegistrationForm()
	if !p.public || after == nil {
		return nil
	}
	x, err := a.registration.Effects(ctx, p.Entry.ID, after, p.What)
	if err != nil {
		return err
	}
	p.Registered = x.Told
	if p.What == kind.ChangeMove || p.What == kind.ChangeOnline || p.What == kind.ChangeVenue {
		if p.Asked = x.Asked; !p.choseAsk {
			p.Ask = p.event.AsksAgain(p.after.Value.(*kind.Event))
		}
	}
	var lines []problemLink
	if x.Told > 0 {
		lines = append(lines, problemLink{Text: p.T("change.messages_told", "Count", i18n.Number(p.Locale, x.Told))})
	}
	zone := after.When.Location()
	for _, m := range x.Moved {
		key := "change.message_moves"
		if m.Again {
			key = "change.message_again"
		}
		lines = append(lines, problemLink{Text: p.T(key, "Message", p.T("enum.message."+m.Kind), "Old", p.isolate(i18n.DateTime(p.Locale, m.Old.In(zone))), "New", p.isolate(i18n.DateTime(p.Locale, m.New.In(zone))))})
	}
	if x.Dropped > 0 {
		lines = append(lines, problemLink{Text: p.T("change.messages_wait", "Count", i18n.Number(p.Locale, x.Dropped))})
	}
	add("messages", lines...)
	return nil
}

// itemName is what the item that a path lies in is called, by its own words or what kind of thing it is.
func (p *changePage) itemName(path string) string {
	segs := strings.Split(path, ".")
	if len(segs) < 3 {
		return ""
	}
	item := segs[0] + "." + segs[1] + "."
	for _, name := range []string{"title", "name", "label"} {
		if w := p.after.Parts[content.Part(p.Original)].Text(item + name).Words; w != "" {
			return w
		}
	}
	for _, name := range []string{"kind", "slot"} {
		if d := p.Kind.Field(item + name); d != nil && d.Enum != "" {
			return enumLabel(p.tongue, d.Enum, readJSON[string](p.after.Parts[content.Facts][item+name]))
		}
	}
	return ""
}

// calendarKey says what calendars make of it.
func (p *changePage) calendarKey() string {
	switch p.after.Value.(*kind.Event).Status {
	case "cancelled":
		return "change.calendar_cancelled"
	case "postponed":
		return "change.calendar_postponed"
	}
	return "change.calendar"
}

// languageEffects names public languages in which texts will be missing or no longer follow the original.
func (p *changePage) languageEffects(live []i18n.Locale) []problemLink {
	var out []problemLink
	for _, l := range live {
		was, will := p.Entry.Languages[l], p.after.Languages[l]
		if l == p.Original {
			continue
		}
		line := func(words string) {
			out = append(out, problemLink{Href: template.URL(entryURL(p.Kind, p.Entry.ID, l)),
				Text: p.T("form.problem_at", "Field", i18n.LanguageName(p.Locale, string(l)), "Problem", words)})
		}
		if will.Stale > was.Stale {
			line(p.N("form.stale_count", will.Stale))
		}
		if will.Missing > was.Missing {
			line(p.N("form.missing_count", will.Missing))
		}
	}
	return out
}

// mentionLink leads to a text in the form.
func (f *entryForm) mentionLink(m content.Mention) problemLink {
	l := problemLink{Text: f.nameOf(m.Path), Href: template.URL(entryURL(f.Kind, f.Entry.ID, m.Locale) + "#" + content.FormName(m.Path, m.Locale)), Lang: m.Locale}
	l.Text = f.T("form.in_language", "Field", l.Text, "Language", i18n.LanguageName(f.Locale, string(m.Locale)))
	return l
}

// plainHTML gives the words of a value.
func plainHTML(h template.HTML) string { return strings.TrimSpace(content.PlainText(string(h))) }

func (a *Admin) showChange(c *gin.Context, d *changePage, status int) error {
	ctx := c.Request.Context()
	if d.WhyNot == "" {
		if err := d.lookup(ctx, a.content, a.media); err != nil {
			return err
		}
		for _, name := range map[string][]string{kind.ChangeMove: {"when"}, kind.ChangeOnline: {"mode", "venues"}, kind.ChangeVenue: {"mode", "venues"}}[d.What] {
			d.Fields = append(d.Fields, d.field(d.Kind.Field(name), "", "", false))
		}
	}
	d.setBases(d.Entry.Versions)
	p := a.page(c, "change."+d.What)
	p.inKind(d.Kind, Link{entryTitle(d.tongue, d.Entry), d.Back})
	p.Title, p.Layout, p.Here, p.Path, p.D = d.Heading, "one narrow", d.Button, d.Action, d
	return a.render(c, status, "change", p)
}

// happenings are what may happen to the event, for its panel.
func (a *Admin) happenings(ctx context.Context, who *auth.Actor, e *content.Entry, t tongue) ([]Link, error) {
	ev, ok := e.Value.(*kind.Event)
	if !ok || !e.MayEdit(who, content.Facts) {
		return nil, nil
	}
	var out []Link
	if e.Path != "" && ev.OnTheDay(a.now()) {
		out = append(out, Link{t.T("day.title"), dayURL(e)})
	}
	for _, what := range kind.Changes {
		if ev.WhyNot(what, a.now()) == "" {
			out = append(out, Link{t.T("change." + what), changeURL(e, what)})
		}
	}
	m, err := a.content.LastMarked(ctx, e)
	if err != nil {
		return nil, err
	}
	if m != nil {
		out = append(out, Link{t.T("change.undo_what", "What", t.T("change."+m.Mark)), changeURL(e, undoing)})
	}
	return out, nil
}
