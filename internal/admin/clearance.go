package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// clearanceRoutes are the addresses of clearing and of publishing later and together.
func (a *Admin) clearanceRoutes() []web.Route {
	routes := []web.Route{{Method: http.MethodPost, Path: "/admin/account/clearance", Rule: web.SignedIn, Class: web.Personal, Handle: a.saveDeputy, MaxBody: 16 << 10}}
	for _, k := range a.content.Kinds {
		at := func(method, path string, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/" + path, Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: 128 << 10,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, "clearance", a.clearancePage)
		at(http.MethodPost, "clearance", a.doClearance)
		at(http.MethodGet, "schedule", a.schedulePage)
		at(http.MethodPost, "schedule", a.doSchedule)
		at(http.MethodGet, "together", a.togetherPage)
		at(http.MethodPost, "together", a.doTogether)
	}
	return routes
}

func clearanceURL(e *content.Entry, l i18n.Locale) string {
	return entryURL(e.Kind, e.ID, "") + "/clearance?lang=" + string(l)
}

func scheduleURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/schedule" }

// clearanceScreen is one language of an entry as somebody clears it: what changed on top, what was said, and what to do.
type clearanceScreen struct {
	*entryForm
	Heading, Back, Action string
	State                 clearance.State
	Line, Note            string // what was done last
	Against               string // what the changes are counted from
	Rows                  []compareRow
	Seen                  []choice // versions of the parts, as hidden fields
	Submits, Clears       bool
	Returns, Publishes    bool
	Comments              []commentView
	MayComment            bool
	Own                   bool // nobody clears their own
	Typed, Path, Said     string
	Anchors               []choice
	Steps                 []string
	Tongues               []clearanceTongue
	Notices               []Notice
	Waived                []foundView // what the checks of the writing mark and somebody lets stand
	WritingURL            string
}

// clearanceTongue is one language and how far its clearance is.
type clearanceTongue struct {
	Lang  i18n.Locale
	URL   string
	State clearance.State
	Here  bool
}

// Tone is the colour of a state; the words stand beside it.
func (t clearanceTongue) Tone() string { return clearanceTone(t.State) }

// Tone is the colour of the page's state.
func (d *clearanceScreen) Tone() string { return clearanceTone(d.State) }

func clearanceTone(s clearance.State) string {
	switch s {
	case clearance.Cleared:
		return "ok"
	case clearance.Changed, clearance.Returned:
		return "warn"
	case clearance.Submitted:
		return "rev"
	}
	return ""
}

// commentView is a comment in words.
type commentView struct {
	clearance.Comment
	Trail                                      []string
	Href, Who, When, ReplyWho, Resolver, Since string
	May                                        bool
}

func (a *Admin) clearancePage(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showClearance(c, who, e, l, http.StatusOK, url.Values{}, nil)
}

// showClearance shows the page; v is what was typed and could not be done.
func (a *Admin) showClearance(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, status int, v url.Values, notices []Notice) error {
	ctx, k := c.Request.Context(), e.Kind
	all, err := a.clearance.Standings(ctx, e)
	if err != nil {
		return err
	}
	x, ok := all[l]
	if !ok {
		x = clearance.Standing{Locale: l, State: clearance.Draft}
	}
	f := a.filledForm(c, who, e, l)
	d := &clearanceScreen{entryForm: f, Heading: entryTitle(f.tongue, e), Back: entryURL(k, e.ID, l), Action: clearanceURL(e, l), State: x.State, Notices: notices,
		Typed: v.Get("note"), Path: v.Get("path"), Said: v.Get("body")}
	if d.Path == "" {
		d.Path = c.Query("field")
	}
	o := e.TextObject(l)
	_, words := e.Languages[l]
	_, clears := who.ClearsFor(o)
	clears = clears && e.Deleted == nil && words
	d.Submits = e.Deleted == nil && words && who.Can(auth.Submit, o) && x.State != clearance.Cleared
	d.Clears = clears && x.State != clearance.Cleared
	d.Returns = clears && (x.State == clearance.Submitted || x.Valid != nil)
	d.MayComment = clearance.MayComment(who, e, l)
	if d.Clears {
		if d.Own, err = a.clearance.OwnText(ctx, who, e, x); err != nil {
			return err
		}
		d.Clears = !d.Own
	}
	d.Publishes = e.Deleted == nil && x.Valid != nil && who.Can(auth.Publish, o) && (e.Live[content.Part(l)] < x.Valid.Words || e.Live[content.Facts] < x.Valid.Facts)
	d.Seen = []choice{seen(e, content.Facts), seen(e, content.Part(l))}
	if err := a.stepLines(ctx, d, x); err != nil {
		return err
	}
	base := x.Base(e)
	switch {
	case base[content.Part(l)] == 0 && base[content.Facts] == 0:
		d.Against = f.T("clearance.against_nothing")
	case slices.ContainsFunc(x.Steps, func(s clearance.Step) bool { return s.State == clearance.Cleared }):
		d.Against = f.T("clearance.against_cleared")
	default:
		d.Against = f.T("clearance.against_public")
	}
	diffs, err := a.content.Since(ctx, a.db.Read(), e, base)
	if err != nil {
		return err
	}
	if d.Rows, err = f.rowsOf(ctx, a, diffs, false); err != nil {
		return err
	}
	if d.Comments, err = a.remarks(ctx, f, func(x clearance.Comment) bool { return x.Locale == "" || x.Locale == l }); err != nil {
		return err
	}
	d.Anchors = f.anchors(d.Path)
	found, err := a.clearance.Findings(ctx, e, l)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(x clearance.Found) bool { return x.Waiver == nil })
	if d.Waived, err = a.foundViews(ctx, f, found); err != nil {
		return err
	}
	d.WritingURL = writingURL(e, l)
	for _, t := range i18n.All {
		if s, ok := all[t]; ok || t == l {
			d.Tongues = append(d.Tongues, clearanceTongue{t, clearanceURL(e, t), s.State, t == l})
		}
	}
	for i := range d.Tongues {
		if d.Tongues[i].State == "" {
			d.Tongues[i].State = clearance.Draft
		}
	}
	p := a.page(c, "clearance.title", "Title", d.Heading)
	p.below(e, l, "clearance.name")
	p.D = d
	return a.render(c, status, "clearance", p)
}

// stepLines tells what was done, the latest first.
func (a *Admin) stepLines(ctx context.Context, d *clearanceScreen, x clearance.Standing) error {
	var ids []string
	for _, s := range x.Steps {
		ids = append(ids, s.Author)
		if s.Stead != "" {
			ids = append(ids, s.Stead)
		}
	}
	names, err := a.accountNames(ctx, d.tongue, ids)
	if err != nil {
		return err
	}
	for _, s := range slices.Backward(x.Steps) {
		name := i18n.Isolate(names[s.Author])
		if s.Stead != "" {
			name = d.T("clearance.stead", "Name", name, "Other", i18n.Isolate(names[s.Stead]))
		}
		line := d.T("clearance.did."+string(s.State), "Name", name, "Time", i18n.DateTime(d.Locale, s.At.In(content.Zone(d.zone))))
		if d.Line == "" {
			d.Line, d.Note = line, s.Note
		}
		d.Steps = append(d.Steps, line)
	}
	return nil
}

// comments are those on an entry that which takes, in words.
func (a *Admin) remarks(ctx context.Context, f *entryForm, which func(clearance.Comment) bool) ([]commentView, error) {
	if f.Entry == nil {
		return nil, nil
	}
	all, err := a.clearance.Comments(ctx, f.Entry)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range all {
		ids = append(ids, filled([]string{x.Author, x.ReplyBy, x.ResolvedBy})...)
	}
	names, err := a.accountNames(ctx, f.tongue, ids)
	if err != nil {
		return nil, err
	}
	states := [2]content.Parts{f.Entry.Parts, f.Entry.Parts}
	zone := content.Zone(f.zone)
	var out []commentView
	for _, x := range all {
		if !which(x) {
			continue
		}
		v := commentView{Comment: x, Who: names[x.Author], When: i18n.DateTime(f.Locale, x.At.In(zone)), May: clearance.MayComment(f.who, f.Entry, x.Locale)}
		if x.Reply != "" {
			v.ReplyWho = names[x.ReplyBy]
		}
		if x.ResolvedAt != nil {
			v.Resolver = names[x.ResolvedBy]
		}
		if x.Path != "" {
			v.Trail = f.trail(x.Path, states)
			v.Href = entryURL(f.Kind, f.Entry.ID, f.Lang) + "#" + x.Name()
		}
		out = append(out, v)
	}
	return out, nil
}

// anchors are the fields that a comment can be about: those at the top, and the one asked for.
func (f *entryForm) anchors(asked string) []choice {
	states := [2]content.Parts{f.Entry.Parts, f.Entry.Parts}
	out := []choice{{"", f.T("clearance.whole")}}
	for _, d := range f.Kind.Fields {
		if !d.Staff {
			out = append(out, choice{d.Name, strings.Join(f.trail(d.Name, states), "")})
		}
	}
	if strings.Contains(asked, ".") && f.Kind.Field(asked) != nil {
		out = append(out, choice{asked, strings.Join(f.trail(asked, states), " › ")})
	}
	return out
}

// seen is the version of a part that a page is made from, as a hidden field for seenVersions.
func seen(e *content.Entry, p content.Part) choice {
	name := string(p)
	if p == content.Facts {
		name = "facts"
	}
	return choice{"base:" + name, strconv.Itoa(e.Versions[p])}
}

// seenVersions are the versions a page was made from.
func seenVersions(v url.Values) map[content.Part]int {
	f := &entryForm{Values: v}
	return f.readBases()
}

// doClearance submits, clears, returns, publishes what was cleared, and takes what reviewers say.
func (a *Admin) doClearance(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	op, id, _ := strings.Cut(v.Get("op"), " ")
	done := "clearance.done." + op
	switch op {
	case "submit":
		err = a.clearance.Submit(ctx, who, e.ID, []i18n.Locale{l}, seenVersions(v), v.Get("note"))
	case "clear", "return":
		err = a.clearance.Decide(ctx, who, e.ID, l, op == "clear", seenVersions(v), v.Get("note"))
	case "publish":
		err = a.clearance.PublishCleared(ctx, who, e.ID, l)
	case "comment":
		err = a.clearance.Comment(ctx, who, e.ID, l, v.Get("path"), v.Get("body"))
	case "reply":
		err = a.clearance.Reply(ctx, who, e.ID, id, v.Get("reply"))
	case "resolve", "reopen":
		err = a.clearance.Resolve(ctx, who, e.ID, id, op == "resolve")
	default:
		return badOp()
	}
	if err != nil {
		return a.undecided(c, who, e, l, v, err, "clearance.moved", a.showClearance)
	}
	flash(c, "success", done)
	return web.Redirect(c, clearanceURL(e, l))
}

// undecided answers for err a press by which somebody was to decide on what a page showed: by that page, with what stands against it, or
// with what there is by now.
func (a *Admin) undecided(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, v url.Values, err error, changed string,
	show func(*gin.Context, *auth.Actor, *content.Entry, i18n.Locale, int, url.Values, []Notice) error) error {
	var bad *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &bad):
		f := a.bareForm(c)
		f.Kind, f.Lang = e.Kind, l
		var notices []Notice
		for _, x := range bad.Problems {
			if x.Blocks {
				notices = append(notices, Notice{"error", f.troubleText(e, x)})
			}
		}
		return show(c, who, e, l, http.StatusUnprocessableEntity, v, notices)
	case errors.As(err, &moved):
		// Fresh, so that the page shows what there is now: deciding once more is a decision on that.
		if e, err = a.content.Get(c.Request.Context(), who, e.ID); err != nil {
			return err
		}
		return show(c, who, e, l, http.StatusConflict, v, []Notice{{"warning", web.T(c, changed)}})
	}
	return err
}

// troubleText says what is wrong with which part or field.
func (f *entryForm) troubleText(e *content.Entry, x content.Problem) string {
	text := f.T(x.Key, x.Args...)
	if x.Path == "clearance" || x.Path == "joint" || x.Path == "together" {
		return f.T("form.problem_at", "Field", partWords(f.tongue, content.Part(x.Locale)), "Problem", text)
	}
	if e.Kind.Field(x.Path) == nil {
		return text
	}
	return f.T("form.problem_at", "Field", f.nameOf(x.Path), "Problem", text)
}

// problemURL is where a problem of an entry is put right.
func problemURL(k *content.Kind, id string, x content.Problem) string {
	switch x.Path {
	case "clearance", "joint":
		u := entryURL(k, id, "") + "/" + x.Path
		if x.Locale != "" {
			u += "?lang=" + string(x.Locale)
		}
		return u
	case "together":
		return entryURL(k, id, x.Locale) + "#what"
	}
	return entryURL(k, id, x.Locale) + "#" + x.Name()
}

// clearingPanel is what stands beside the form of the clearance of the language, of comments and of schedules.
type clearingPanel struct {
	State                  clearance.State
	URL                    string
	Needed                 bool
	Comments               string // how many are open
	Schedules              []scheduleLine
	ScheduleURL, Companion string
	Joint                  []jointLine // organisations that are asked to sign off, and how far they are with the language
	JointURL               string
}

// Tone is the colour of a state; the words stand beside it.
func (p *clearingPanel) Tone() string { return clearanceTone(p.State) }

// clearing makes the card; nil where there is nothing to clear or to schedule.
func (a *Admin) clearing(ctx context.Context, f *entryForm) (*clearingPanel, error) {
	e := f.Entry
	if e == nil || e.Deleted != nil {
		return nil, nil
	}
	all, err := a.clearance.Standings(ctx, e)
	if err != nil {
		return nil, err
	}
	d := &clearingPanel{State: all[f.Lang].State, URL: clearanceURL(e, f.Lang), Needed: a.settings.Site().Clearance}
	if d.State == "" {
		d.State = clearance.Draft
	}
	open := 0
	for _, x := range f.comments {
		if x.Open() {
			open++
		}
	}
	if open > 0 {
		d.Comments = i18n.Number(f.Locale, open)
	}
	schedules, err := a.clearance.Schedules(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range schedules[e.ID] {
		d.Schedules = append(d.Schedules, f.scheduleLine(e, x))
	}
	if d.Joint, err = a.jointLines(ctx, f.tongue, e, f.Lang); err != nil {
		return nil, err
	}
	if len(d.Joint) > 0 {
		d.JointURL = jointURL(e, f.Lang)
	}
	if f.who.Can(auth.Publish, e.TextObject(f.Lang)) {
		d.ScheduleURL = scheduleURL(e)
		if len(e.Kind.Links(e.Value)) > 0 {
			d.Companion = entryURL(e.Kind, e.ID, "") + "/together"
		}
	} else if len(d.Schedules) > 0 {
		d.ScheduleURL = scheduleURL(e)
	}
	return d, nil
}

// Said are the comments on a field that nobody has dealt with.
func (v *fieldView) Said() []commentView {
	var out []commentView
	for _, x := range v.comments {
		if x.Open() && x.Path != "" && x.Name() == v.Name {
			out = append(out, x)
		}
	}
	return out
}

// ClearanceURL is the page of the clearance of the language, with a field to comment on.
func (f *entryForm) ClearanceURL() string { return clearanceURL(f.Entry, f.Lang) }

// waitingTask is something that waits for the reader.
type waitingTask struct {
	Title, URL, Text string
	Lang             i18n.Locale
	Tone             string
	At               time.Time
}

// waitsFor finds what waits for the reader: to clear, returned, and schedules that could not be kept.
func (a *Admin) waitsFor(c *gin.Context, p *Page) ([]waitingTask, error) {
	ctx := c.Request.Context()
	var out []waitingTask
	failed, err := a.clearance.FailedOf(ctx, p.Actor)
	if err != nil {
		return nil, err
	}
	var ids []string
	for id := range failed {
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		rows, _, err := a.content.List(ctx, p.Actor, content.ListQuery{IDs: ids, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, waitingTask{Title: r.Title, Lang: r.Original, URL: entryURL(a.content.Kind(r.Kind), r.ID, "") + "/schedule", Text: p.T("schedule.failed"), Tone: "bad", At: failed[r.ID][0].At})
		}
	}
	tasks, err := a.clearance.Waiting(ctx, p.Actor, 8)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if k := a.content.Kind(t.Kind); k != nil {
			out = append(out, waitingTask{Title: t.Title, Lang: t.Original, URL: entryURL(k, t.EntryID, "") + "/clearance?lang=" + string(t.Locale),
				Text: p.T("clearance.waits."+string(t.State), "Language", i18n.LanguageName(p.Locale, string(t.Locale))), Tone: clearanceTone(t.State), At: t.At})
		}
	}
	tosign, err := a.clearance.ToSign(ctx, p.Actor, 8)
	if err != nil {
		return nil, err
	}
	for _, t := range tosign {
		if k := a.content.Kind(t.Kind); k != nil {
			out = append(out, waitingTask{Title: t.Title, Lang: t.Original, URL: entryURL(k, t.EntryID, "") + "/joint?lang=" + string(t.Locale),
				Text: p.T("joint.waits", "Language", i18n.LanguageName(p.Locale, string(t.Locale))), Tone: clearanceTone(clearance.Submitted), At: t.At})
		}
	}
	for i := range out {
		if out[i].Title == "" {
			out[i].Title, out[i].Lang = p.T("list.untitled"), p.Locale
		}
	}
	return out, nil
}

// deputyForm is the part of the account's page about clearing.
type deputyForm struct {
	May    bool
	People []Choice
	Form   *Form
	Quiet  bool
	Remind bool // they get letters about what is due
}

func (a *Admin) deputyForm(c *gin.Context, p *Page, who *auth.Actor, typed *Form) (deputyForm, error) {
	var d deputyForm
	ctx := c.Request.Context()
	var err error
	if d.Quiet, err = a.clearance.Quiet(ctx, who); err != nil {
		return d, err
	}
	if d.Remind, err = a.wantsReminders(ctx, who); err != nil {
		return d, err
	}
	d.Form = typed
	if d.May = who.MayDepute(); !d.May {
		return d, nil
	}
	people, err := a.auth.Deputable(ctx, who)
	if err != nil {
		return d, err
	}
	for _, x := range people {
		d.People = append(d.People, Choice{Value: x.ID, Text: x.Name})
	}
	i18n.SortBy(p.Locale, d.People, func(x Choice) string { return x.Text })
	if typed != nil {
		return d, nil
	}
	d.Form = newForm()
	now, err := a.auth.DeputyOf(ctx, who)
	if err == nil && now != nil {
		d.Form = newForm("deputy", now.Account, "deputy_until", now.Until.In(p.zone()).AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return d, err
}

// saveDeputy names who clears instead of the actor, until the end of a day, and whether letters are wanted.
func (a *Admin) saveDeputy(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if who.MayDepute() {
		var until time.Time
		if v.Get("deputy") != "" {
			day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(v.Get("deputy_until")), content.Zone(a.settings.Site().Zone))
			if err != nil || day.Year() > 2200 {
				return a.showAccount(c, http.StatusUnprocessableEntity, nil, nil, auth.Invalid{"deputy_until": "users.until_wrong"}, &Form{Values: v, Bad: map[string]string{}})
			}
			until = day.AddDate(0, 0, 1)
		}
		err := a.auth.SetDeputy(ctx, who, v.Get("deputy"), until)
		var bad auth.Invalid
		if errors.As(err, &bad) {
			return a.showAccount(c, http.StatusUnprocessableEntity, nil, nil, err, &Form{Values: v, Bad: map[string]string{}})
		} else if err != nil {
			return err
		}
	}
	if err := a.clearance.SetQuiet(ctx, who, v.Get("letters") == ""); err != nil {
		return err
	}
	if err := a.setReminders(ctx, who, v.Get("reminders") != ""); err != nil {
		return err
	}
	flash(c, "success", "account.saved")
	return web.Redirect(c, "/admin/account")
}
