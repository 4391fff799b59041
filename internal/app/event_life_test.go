package app_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	ics "github.com/arran4/golang-ical"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// followed are the languages in which an event is followed through its life: the original, right to left, and without spaces.
var followed = []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH}

// The event takes place in the week after the clocks were put back: what is due days before is so by the clock of its place.
const (
	courseZone = "America/New_York"
	secretLink = "https://meet.example.org/canary-room"
)

// course is one event and all that is told of it: a whole program whose clock is moved, and a mail server.
type course struct {
	*testing.T
	p      *apptest.Plenary
	clock  *dbtest.Clock
	post   *apptest.Post
	boss   *apptest.Browser // of the staff
	public *apptest.Browser
	focal  string            // account of who looks after the event; reads Arabic
	orgs   []string          // its organizer
	id     string            // of the event
	title  content.Line      // of the event
	told   time.Time         // when something of it was last published
	read   int               // letters that have been read
	heard  map[string]string // their kinds by mailbox, until somebody asks
	own    map[string]string // private pages by the mailbox of who registered
	last   map[string]apptest.Letter
	tongue map[string]i18n.Locale
	// What the staff were reminded of since somebody asked, a letter each; and what happens to the event.
	reminders []string
	happens   string
	leads     map[string]int // where lines of checklists lead, with the answer there
}

func openCourse(t *testing.T) *course {
	c := &course{T: t, clock: dbtest.NewClock(), post: apptest.StartPost(t), heard: map[string]string{}, leads: map[string]int{}, last: map[string]apptest.Letter{}}
	c.at("2031-06-02 14:00")
	c.p = apptest.Start(t, func(cfg *app.Config) { cfg.Now, cfg.Mail = c.clock.Now, c.post.Mail() })
	c.p.Registration.Patience = 0
	c.boss, c.public = c.p.SignIn("boss@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite}), c.p.Visitor()
	c.p.Account("focal@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	found, _, err := c.p.Auth.List(ctx, apptest.System, auth.AccountFilter{Search: "focal@"}, auth.Paging{})
	if err != nil || len(found) != 1 {
		t.Fatal(len(found), err)
	}
	focal := found[0]
	c.focal, focal.Locale = focal.ID, i18n.AR
	if err := c.p.Auth.Update(ctx, apptest.System, focal); err != nil {
		t.Fatal(err)
	}
	org := &kind.Organization{Name: content.L("en", "Office of Records", "ar", "مكتب السجلات", "zh", "档案处"), Type: "un_entity"}
	c.orgs = []string{c.save(kind.OrganizationKind, org)}
	c.publish(c.orgs[0])
	return c
}

// event begins to follow another event, in a year, of which nobody has heard yet.
func (c *course) event(year int, change func(*kind.Event)) {
	c.Helper()
	item := func(s string) content.Item { return content.Item{ID: s} }
	at := func(s string) content.LocalTime { return content.LocalTime(fmt.Sprintf("%d-%s", year, s)) }
	c.title = content.L("en", fmt.Sprintf("Keys of the archive %d", year), "ar", fmt.Sprintf("مفاتيح المحفوظات %d", year), "zh", fmt.Sprintf("档案之钥 %d", year))
	c.own, c.tongue = map[string]string{}, map[string]i18n.Locale{}
	e := &kind.Event{Title: c.title, Summary: content.L("en", "Who keeps them.", "ar", "من يحفظها.", "zh", "谁来保管。"),
		Kind: "symposium", Scope: "global", FocalPoint: c.focal, Status: "scheduled", Mode: "hybrid", Access: "registration", WorkingLanguages: []string{"en", "ar", "fr"}, Accessibility: []string{"captions"}, SDGs: []string{"16"},
		When: content.When{Start: at("11-05T09:00"), End: at("11-05T12:00"), Zone: courseZone, Precision: content.PrecisionTime},
		Venues: []kind.Venue{{Item: item("v1"), Type: "physical", Name: content.L("en", "Hall B", "ar", "القاعة ب", "zh", "B厅"), City: content.L("en", "New York", "ar", "نيويورك", "zh", "纽约"), Country: "US"},
			{Item: item("v2"), Type: "online", Name: content.L("en", "Zoom", "ar", "زوم", "zh", "Zoom")}},
		Join:          kind.Join{URL: secretLink, OpensBefore: 30, Release: "confirmed"},
		Registration:  kind.Registration{Online: true, Opens: content.Moment{At: at("09-01T09:00"), Zone: courseZone}, Closes: content.Moment{At: at("10-29T18:00"), Zone: courseZone}},
		Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: content.Ref(c.orgs[0]), Role: "organizer"}}, Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@example.org"}},
		Sessions: []kind.Session{{Item: item("s1"), Kind: "opening", Title: content.L("en", "Opening", "ar", "الافتتاح", "zh", "开幕"), Slot: content.Slot{Start: at("11-05T09:00"), End: at("11-05T10:00")}},
			{Item: item("s2"), Kind: "panel", Title: content.L("en", "Panel", "ar", "حلقة النقاش", "zh", "小组讨论"), Slot: content.Slot{Start: at("11-05T10:00"), End: at("11-05T12:00")}}},
		Commitments: []kind.Commitment{{Item: item("p1"), Kind: "recordings", DueDays: 5}, {Item: item("p2"), Kind: "report", DueDays: 60}}}
	if change != nil {
		change(e)
	}
	c.id = c.save(kind.EventKind, e)
}

func (c *course) save(k *content.Kind, v any) string {
	c.Helper()
	r, err := c.p.Content.Save(ctx, apptest.System, content.Change{Kind: k, Original: i18n.EN, Set: k.Split(v)})
	if err != nil {
		c.Fatal(err)
	}
	return r.ID
}

// publish makes an entry public in all the languages.
func (c *course) publish(id string) {
	c.Helper()
	if err := c.p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: followed}); err != nil {
		c.Fatal(err)
	}
	c.told = c.clock.Now()
}

// facts changes some of an entry and publishes them.
func (c *course) facts(id string, set map[string]any) {
	c.Helper()
	facts := content.Leaves{}
	for path, v := range set {
		facts.Set(path, v)
	}
	if _, err := c.p.Content.SaveAndPublish(ctx, apptest.System, content.Change{ID: id, Set: content.Parts{content.Facts: facts}}, content.PublishChange{ID: id, Facts: true}); err != nil {
		c.Fatal(err)
	}
	if id == c.id {
		c.told = c.clock.Now()
	}
}

// at sets the clock to a time of day at the event's place.
func (c *course) at(s string) time.Time {
	c.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", s, content.Zone(courseZone))
	if err != nil {
		c.Fatal(err)
	}
	c.clock.Set(t)
	return t
}

// settle runs what the program does by itself, and waits until all that is due by the clock is done and its letters have left.
func (c *course) settle() {
	c.Helper()
	for _, task := range []func() error{
		func() error { return c.p.Registration.Purge(ctx) }, func() error { return c.p.Content.Redate(ctx) }, func() error { return c.p.Registration.Replan(ctx) },
		func() error { return c.p.Panel.Remind(ctx) }, func() error { return c.p.Panel.Remind(ctx) },
		func() error { return c.p.Discussion.Digest(ctx) }, func() error { return c.p.Discussion.Purge(ctx) }, func() error { return c.p.Comments.Purge(ctx) }} {
		if err := task(); err != nil {
			c.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		var n int
		if err := c.p.DB.Read().NewRaw(`SELECT (SELECT count(*) FROM jobs WHERE state = 'running' OR state = 'waiting' AND due_at <= ?) +
			(SELECT count(*) FROM letters WHERE state IN ('queued', 'sending', 'retrying') AND due_at <= ?)`, c.clock.Now(), c.clock.Now()).Scan(ctx, &n); err != nil {
			c.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			c.Fatalf("%d tasks and letters wait", n)
		}
		c.p.Jobs.Wake()
		c.p.Mail.Wake()
	}
}

// letters reads those that have arrived: each is in the language of who gets it, says so, and came once.
func (c *course) letters() {
	c.Helper()
	c.settle()
	all := c.post.Letters()
	var rows []struct{ MessageID, Cause string }
	if err := c.p.DB.Read().NewRaw("SELECT message_id, cause FROM letters").Scan(ctx, &rows); err != nil {
		c.Fatal(err)
	}
	causes := map[string]string{}
	for _, r := range rows {
		causes[strings.Trim(r.MessageID, "<>")] = r.Cause
	}
	came := map[string]int{}
	for _, l := range all {
		if came[l.ID]++; came[l.ID] > 1 {
			c.Errorf("%s came %d times to %s", causes[l.ID], came[l.ID], l.To)
		}
	}
	for _, l := range all[c.read:] {
		name := strings.Split(causes[l.ID], ":")
		what := strings.TrimPrefix(name[0], "registration.")
		if what == "message" {
			if what = name[2]; name[1] != c.id {
				c.Errorf("%s has a letter about another event: %s", l.To, causes[l.ID])
			}
		}
		c.heard[l.To] = strings.TrimSpace(c.heard[l.To] + " " + what)
		c.last[l.To+" "+what] = l
		if name[0] == "reminder" {
			c.reminded(l)
			continue
		}
		c.words(l, what)
		if tongue, ok := c.tongue[l.To]; ok && l.Language != tongue.Tag() {
			c.Errorf("%s to %s is in %s", what, l.To, l.Language)
		}
	}
	c.read = len(all)
}

// words holds a letter to what its kind says in the language of who gets it, and its calendar to the one on the site.
func (c *course) words(l apptest.Letter, what string) {
	c.Helper()
	tongue, subject := c.tongue[l.To], "letter."+what+".subject"
	switch what {
	case "confirmed", "withdrawn", "verify":
	case registration.Changed:
		subject = "message.change_" + c.happens + ".subject"
	default:
		subject = "message." + what + ".subject"
	}
	if want := c.p.Words.T(tongue, subject, "Event", c.title.In(tongue)); l.Subject != want {
		c.Errorf("%s to %s is called %q, want %q", what, l.To, l.Subject, want)
	}
	if strings.Contains(l.Text, "canary-room") {
		c.Errorf("%s to %s tells how to join", what, l.To)
	}
	attached := ""
	if l.Calendar != "" {
		attached = calendarEntry(c.T, l.Calendar, c.id)
		if method, _, _ := strings.Cut(attached, " "); method != l.Method {
			c.Errorf("%s to %s: a calendar of the method %s comes as %s", what, l.To, method, l.Method)
		}
	}
	want := ""
	switch what {
	case "confirmed", registration.Reminder, registration.Changed, registration.Cancelled:
		want = calendarEntry(c.T, c.public.Get("/"+string(tongue)+"/"+c.path()+".ics").Body, c.id)
	}
	if attached != want {
		c.Errorf("%s to %s comes with the calendar %q, want %q", what, l.To, attached, want)
	}
}

// reminded reads the letter to who looks after events, in Arabic: the duties and promises that it names.
func (c *course) reminded(l apptest.Letter) {
	c.Helper()
	var names []string
	for _, duty := range kind.Values("duty") {
		if strings.Contains(l.Text, i18n.Isolate(c.p.Words.T(i18n.AR, "enum.duty."+duty))) {
			names = append(names, duty)
		}
	}
	for _, promise := range kind.Values("commitment_kind") {
		if strings.Contains(l.Text, i18n.Isolate(c.p.Words.T(i18n.AR, "checklist.promise", "What", c.p.Words.T(i18n.AR, "enum.commitment_kind."+promise)))) {
			names = append(names, "promise:"+promise)
		}
	}
	if l.Language != "ar" || l.To != "focal@example.org" || !strings.Contains(l.Text, c.title.In(i18n.AR)) {
		c.Errorf("a reminder to %s in %s:\n%s", l.To, l.Language, l.Text)
	}
	c.reminders = append(c.reminders, strings.Join(names, " "))
}

// register fills in the form in a language and confirms the mailbox.
func (c *course) register(l i18n.Locale, mailbox string) {
	c.Helper()
	c.tongue[mailbox] = l
	form := "/" + string(l) + "/" + c.path() + "/register"
	page := c.public.Get(form)
	f := page.Form("main form")
	f.Set("name", "Amal "+string(l))
	f.Set("mail", mailbox)
	if page.Find("input[name=mode]").Length() > 0 { // it is hybrid: they join online
		f.Set("mode", "online")
	}
	if got := c.public.Post(form, f); got.Path != form+"/sent" {
		c.Fatalf("registering in %s: %d at %s: %s", l, got.Status, got.Path, got.Find("main").Text())
	}
	if c.letters(); c.heard[mailbox] != "verify" {
		c.Fatalf("after registering in %s: %v", l, c.heard)
	}
	delete(c.heard, mailbox)
	_, link, _ := strings.Cut(c.last[mailbox+" verify"].Text, "/registrations/")
	link = "/" + string(l) + "/registrations/" + strings.Fields(link)[0]
	if got := c.public.Post(link, url.Values{"do": {"confirm"}}); got.Status != http.StatusOK {
		c.Fatalf("confirming in %s: %d", l, got.Status)
	}
	c.own[mailbox] = link
}

func (c *course) path() string {
	c.Helper()
	p, err := c.p.Content.LiveByID(ctx, i18n.EN, c.id)
	if err != nil {
		c.Fatal(err)
	}
	return p.Path
}

// sight is how an event is to be told of, wherever that is.
type sight struct {
	state    string       // message of the badge on its page
	told     string       // status that stands before it, if it was moved
	mark     string       // status before its title in calendars and feeds, where that is another: these do not forget it at the end
	reason   content.Line // on top of the page, and in calendars
	list     string       // message of its badge in the list; "" none
	past     bool         // in the list of what is past
	when     content.When // on the page
	was      content.When // struck through
	actions  string       // messages of the buttons, in their order
	tips     []string     // messages beside them: "event.registration_opens 2031-09-01 09:00" with its time
	form     bool         // one can register
	own      string       // on the private page: "opens" when one can join, "join" is the way there
	sequence int          // of its entry in calendars
	ics      string       // STATUS there, "" if there is no entry
	gone     bool         // from the calendar to subscribe to: it was long ago
	ld, mode string       // eventStatus, eventAttendanceMode
}

// look compares all places at which the event is told of with what is to be told, in each language. quick looks at what
// readers see, and no machines.
func (c *course) look(name string, want sight, quick bool) {
	c.Helper()
	path := c.path()
	for _, l := range followed {
		say := func(key string, args ...any) string { return c.p.Words.T(l, key, args...) }
		wrong := func(format string, args ...any) {
			c.Helper()
			c.Errorf("%s in %s: %s", name, l, fmt.Sprintf(format, args...))
		}
		moment := func(s string) string {
			t, err := time.ParseInLocation("2006-01-02 15:04", s, content.Zone(courseZone))
			if err != nil {
				c.Fatal(err)
			}
			return say("event.moment", "Time", i18n.DateTime(l, t), "Zone", say("event.zone", "City", i18n.ZoneCity(l, courseZone), "Offset", i18n.Offset(t)))
		}
		at := "/" + string(l) + "/" + path
		title := c.title.In(l)

		// The page: what it says, what it offers, and nothing else.
		page := c.public.Get(at)
		badge := say("phase." + want.state)
		if told := "enum.event_status." + want.told; want.told != "" {
			if badge = say(told) + " · " + badge; want.state == "announced" {
				badge = say(told)
			}
		}
		if got := clean(page.Find(".eyebrow .pill")); page.Status != http.StatusOK || got != badge || page.Find("html").AttrOr("lang", "") != l.Tag() || clean(page.Find("h1")) != title {
			wrong("the page says %q (%d), want %q", got, page.Status, badge)
		}
		if got := clean(page.Find(".hero .notice")); got != want.reason.In(l) {
			wrong("the reason is %q, want %q", got, want.reason.In(l))
		}
		var actions []string
		for _, key := range strings.Fields(want.actions) {
			actions = append(actions, say(key))
		}
		if got := page.Find(".hero .acts a").Map(func(_ int, s *goquery.Selection) string { return clean(s) }); !slices.Equal(got, actions) {
			wrong("it offers %q, want %q", got, actions)
		}
		var tips []string
		for _, x := range want.tips {
			key, when, timed := strings.Cut(x, " ")
			if timed {
				when = moment(when)
			}
			tips = append(tips, say(key, "Time", when))
		}
		if got := page.Find(".hero .tip").Map(func(_ int, s *goquery.Selection) string { return clean(s) }); !slices.Equal(got, tips) {
			wrong("it says %q, want %q", got, tips)
		}
		if got, w := clean(page.Find(".when s")), line(l, want.was); got != w {
			wrong("struck through is %q, want %q", got, w)
		}
		start, _ := page.Find(".when time").First().Attr("datetime")
		if w := stamp(want.when); start != w {
			wrong("the page begins it at %q, want %q", start, w)
		}
		if n := page.Find(`a[href$="/register"]`).Length(); (n > 0) != want.form {
			wrong("%d links to the form", n)
		}
		if page.Find(`a[href$="/join"]`).Length() > 0 || strings.Contains(page.Body, "canary-room") {
			wrong("everybody is shown how to join")
		}

		// The list.
		list := "/" + string(l) + "/events"
		for _, x := range []struct {
			path string
			in   bool
		}{{list, !want.past}, {list + "?when=past", want.past}} {
			row := c.public.Get(x.path).Find(`li.row:has(a[href="` + at + `"])`)
			if (row.Length() == 1) != x.in {
				wrong("%d in %s", row.Length(), x.path)
			}
			if !x.in {
				continue
			}
			badge := ""
			if want.list != "" {
				badge = say("phase." + want.list)
			}
			if want.told != "" {
				badge = strings.Trim(say("enum.event_status."+want.told)+" · "+badge, " ·")
			}
			if got := clean(row.Find(".pill")); got != badge {
				wrong("the list says %q, want %q", got, badge)
			}
			if got := row.Find("s").Length() > 0; got != (want.was.Known() && !want.past) {
				wrong("in the list, struck through is %q", clean(row.Find("s")))
			}
		}
		if quick {
			continue
		}

		// The form, and who has registered in this language.
		form := c.public.Get(at + "/register")
		if got := form.Find("main form input[name=mail]").Length() == 1; got != want.form {
			wrong("the form is there: %t (%d: %s)", got, form.Status, clean(form.Find(".tip")))
		}
		if !want.form {
			if got := c.public.Post(at+"/register", url.Values{"name": {"Late"}, "mail": {"late-" + string(l) + "@example.net"}}); got.Status < 400 || got.Status >= 500 {
				wrong("registering all the same: %d", got.Status)
			}
		}
		for mailbox, link := range c.own {
			if c.tongue[mailbox] != l || mailbox == "gone@example.net" {
				continue
			}
			own := c.public.Get(link)
			how := ""
			switch {
			case own.Find(`a[href="`+link+`/join"]`).Length() > 0:
				how = "join"
			case strings.Contains(clean(own.Find("main")), say("join.own_opens", "Time", moment(joinOpens(want.when)))):
				how = "opens"
			}
			if how != want.own || strings.Contains(own.Body, "canary-room") {
				wrong("the page of %s says of joining %q, want %q", mailbox, how, want.own)
			}
			got := c.public.Send(apptest.Request{Method: http.MethodGet, Path: link + "/join?go", Stay: true})
			if to := got.Header.Get("Location"); (to == secretLink) != (want.own == "join") {
				wrong("%s is led to %q (%d)", mailbox, to, got.Status)
			}
		}

		// Search engines.
		ld := eventData(c, page)
		wantLD := map[string]string{"eventStatus": "https://schema.org/" + want.ld, "eventAttendanceMode": "https://schema.org/" + want.mode, "startDate": stamp(want.when), "dateModified": c.told.UTC().Format(time.RFC3339)}
		if want.ld == "" {
			wantLD["eventStatus"] = ""
		}
		if want.ld == "EventPostponed" {
			wantLD["startDate"] = stamp(want.was)
		}
		if want.ld == "EventRescheduled" || strings.HasPrefix(want.ld, "[") {
			wantLD["previousStartDate"] = stamp(want.was)
		}
		if list, ok := ld["eventStatus"].([]any); ok {
			ld["eventStatus"] = "https://schema.org/" + strings.ReplaceAll(fmt.Sprint(list), "https://schema.org/", "")
		}
		for _, property := range []string{"eventStatus", "eventAttendanceMode", "startDate", "previousStartDate", "dateModified"} {
			if got, _ := ld[property].(string); got != wantLD[property] {
				wrong("linked data: %s is %q, want %q", property, got, wantLD[property])
			}
		}
		if words := page.Find(`meta[name="robots"][content*="noindex"]`).Length(); words > 0 {
			wrong("it is not to be indexed")
		}
		if body := c.public.Get("/sitemaps/events-1.xml").Body; !strings.Contains(body, "<loc>"+c.p.URL+at+"</loc><lastmod>"+c.told.UTC().Format(time.RFC3339)+"</lastmod>") {
			wrong("the sitemap does not know it, or when it changed")
		}

		// Calendars: its own, and that of all events.
		entry := func(file string) string {
			got := c.public.Get(file)
			if got.Status == http.StatusNotFound {
				return ""
			}
			return calendarEntry(c.T, got.Body, c.id)
		}
		marked, status := title, want.told+want.mark
		if want.state == "cancelled" || want.state == "postponed" {
			status = want.state
		}
		if status != "" {
			marked = say("feed.status", "Status", say("enum.event_status."+status), "Title", title)
		}
		wantEntry := ""
		if want.ics != "" {
			when := want.when
			if !when.Known() {
				when = want.was
			}
			start := when.Starts().UTC().Format(time.RFC3339)
			if when.Precision == content.PrecisionDay {
				start = when.Starts().Format("20060102")
			}
			wantEntry = fmt.Sprintf("%s SEQUENCE:%d STATUS:%s %s %s", map[bool]string{true: "CANCEL", false: "PUBLISH"}[want.ics == "CANCELLED"], want.sequence, want.ics, start, marked)
		}
		if got := entry(at + ".ics"); got != wantEntry {
			wrong("its calendar is %q, want %q", got, wantEntry)
		}
		if want.gone {
			wantEntry = ""
		}
		if got := entry("/" + string(l) + "/events.ics"); got != strings.Replace(wantEntry, "CANCEL ", "PUBLISH ", 1) {
			wrong("the calendar of all has %q, want %q", got, wantEntry)
		}

		// Feeds.
		for _, ext := range []string{"atom", "rss", "json"} {
			if got, w := feedItem(c, "/"+string(l)+"/events."+ext), marked+" "+c.told.UTC().Format(time.RFC3339); got != w && !(ext == "rss" && strings.HasPrefix(got, marked+" ")) {
				wrong("the %s feed has %q, want %q", ext, got, w)
			}
		}
	}
}

func clean(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// line is a time as pages tell it in one line.
func line(l i18n.Locale, w content.When) string {
	if !w.Known() {
		return ""
	}
	return i18n.When(l, w.Starts(), w.Ends(), w.Zone, true)
}

// stamp is a time's begin as machines read it.
func stamp(w content.When) string {
	switch {
	case !w.Known():
		return ""
	case w.Precision == content.PrecisionMonth:
		return string(w.Start[:7])
	case w.Precision == content.PrecisionDay:
		return string(w.Start[:10])
	}
	return w.Starts().Format(time.RFC3339)
}

// joinOpens is half an hour before an event begins.
func joinOpens(w content.When) string {
	if !w.Known() {
		return "2000-01-01 00:00"
	}
	return w.Starts().Add(-30 * time.Minute).In(content.Zone(courseZone)).Format("2006-01-02 15:04")
}

func eventData(c *course, page *apptest.Page) map[string]any {
	c.Helper()
	var doc struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(page.Find(`script[type="application/ld+json"]`).Text()), &doc); err != nil || len(doc.Graph) == 0 || doc.Graph[0]["@type"] != "Event" {
		c.Errorf("%s: linked data: %v", page.Path, err)
		return map[string]any{}
	}
	return doc.Graph[0]
}

// calendarEntry reads an event out of a calendar as somebody else's program does; "" where it is not in there.
func calendarEntry(t *testing.T, body, id string) string {
	t.Helper()
	c, err := ics.ParseCalendar(strings.NewReader(body))
	if err != nil {
		t.Errorf("a calendar cannot be read: %v\n%.500s", err, body)
		return ""
	}
	method := ""
	for _, p := range c.CalendarProperties {
		if p.IANAToken == "METHOD" {
			method = p.Value
		}
	}
	var all []string
	for _, e := range c.Events() {
		if e.Id() != id+"@plenary" {
			continue
		}
		value := func(p ics.ComponentProperty) string {
			if x := e.GetProperty(p); x != nil {
				return x.Value
			}
			return ""
		}
		start := value(ics.ComponentPropertyDtStart)
		if len(start) > len("20060102") {
			at, err := e.GetStartAt()
			if err != nil {
				t.Error(err)
			}
			start = at.UTC().Format(time.RFC3339)
		}
		all = append(all, fmt.Sprintf("%s SEQUENCE:%s STATUS:%s %s %s", method, value(ics.ComponentPropertySequence), value(ics.ComponentPropertyStatus), start, value(ics.ComponentPropertySummary)))
	}
	return strings.Join(all, ", and ")
}

// feedItem is the event's title in a feed, and when it changed.
func feedItem(c *course, path string) string {
	c.Helper()
	body, id := c.public.Get(path).Body, c.p.URL+"/e/"+c.id
	var out []string
	if strings.HasSuffix(path, ".json") {
		var doc struct {
			Items []struct {
				ID, Title string
				Modified  string `json:"date_modified"`
			}
		}
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			c.Error(path, err)
		}
		for _, x := range doc.Items {
			if x.ID == id {
				out = append(out, x.Title+" "+x.Modified)
			}
		}
		return strings.Join(out, ", and ")
	}
	type item struct {
		ID      string `xml:"id"`
		GUID    string `xml:"guid"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
	}
	var doc struct {
		Entries []item `xml:"entry"`
		Items   []item `xml:"channel>item"`
	}
	if err := xml.Unmarshal([]byte(body), &doc); err != nil {
		c.Error(path, err)
	}
	for _, x := range append(doc.Entries, doc.Items...) {
		if x.ID+x.GUID == id {
			out = append(out, x.Title+" "+x.Updated)
		}
	}
	return strings.Join(out, ", and ")
}

// checklist gives the duties and promises that the checklist calls late, in their order, and all that is open besides. Each leads
// to where it is done.
func (c *course) checklist() (late, open string) {
	c.Helper()
	page := c.boss.Get("/admin/events/" + c.id + "/checklist")
	if page.Status != http.StatusOK {
		c.Fatalf("the checklist: %d", page.Status)
	}
	var lates, opens []string
	page.Find("li[id^=duty-]").Each(func(_ int, li *goquery.Selection) {
		name := strings.TrimPrefix(li.AttrOr("id", ""), "duty-")
		switch tag := li.Find("span.tag").Last(); {
		case tag.HasClass("bad"):
			lates = append(lates, name)
		case !tag.HasClass("ok"):
			opens = append(opens, name)
		default:
			return
		}
		to, _, _ := strings.Cut(li.Find(".check a").AttrOr("href", ""), "#")
		if _, known := c.leads[to]; !known {
			c.leads[to] = c.boss.Get(to).Status
		}
		if status := c.leads[to]; status != http.StatusOK {
			c.Errorf("%s leads to %s: %d", name, to, status)
		}
	})
	return strings.Join(lates, " "), strings.Join(opens, " ")
}

// readers are those who have registered, by what they were told.
func (c *course) readers(name string, want map[string]string) {
	c.Helper()
	c.letters()
	delete(c.heard, "focal@example.org") // reminders are looked at by themselves
	if !maps.Equal(c.heard, want) {
		c.Errorf("%s: letters to %v, want %v", name, c.heard, want)
	}
	clear(c.heard)
}

func all(what string, who ...string) map[string]string {
	out := map[string]string{}
	for _, w := range who {
		if what != "" {
			out[w] = what
		}
	}
	return out
}

// TestTheWholeLifeOfOneEvent follows an event from its draft to its archive: at each step the page, the list, the form, private
// pages, linked data, calendars and feeds in three languages, the letters that arrive at a mail server, and what the staff are
// reminded of. What the clock brings is looked at a second before, too, so that no kept page outlives its phase.
func TestTheWholeLifeOfOneEvent(t *testing.T) {
	c := openCourse(t)
	date := content.When{Start: "2031-11-05T09:00", End: "2031-11-05T12:00", Zone: courseZone, Precision: content.PrecisionTime}
	month, day := content.When{Start: "2031-11-01T00:00", Zone: courseZone, Precision: content.PrecisionMonth}, content.When{Start: "2031-11-05T00:00", Zone: courseZone, Precision: content.PrecisionDay}
	c.event(2031, func(e *kind.Event) {
		e.Status, e.When, e.Registration = "tentative", month, kind.Registration{Online: true}
		e.Survey = registration.Survey{Online: true}
	})

	// 0: a draft is nowhere.
	for _, l := range followed {
		for _, path := range []string{"/events", "/events.ics", "/events.atom", "/events.rss", "/events.json"} {
			if body := c.public.Get("/" + string(l) + path).Body; strings.Contains(body, c.title.In(l)) || strings.Contains(body, c.id) {
				t.Errorf("the draft is in /%s%s", l, path)
			}
		}
	}
	if got := c.public.Get("/e/" + c.id); got.Status != http.StatusNotFound {
		t.Errorf("the draft's address: %d", got.Status)
	}
	c.readers("as a draft", nil)

	const en, ar, zh, late, gone = "en@example.net", "ar@example.net", "zh@example.net", "late@example.net", "gone@example.net"
	three, four := []string{en, ar, zh}, []string{en, ar, zh, late}
	var report string
	want := sight{mode: "MixedEventAttendanceMode"}
	for _, row := range []struct {
		name    string
		now     string // moved to before anything is done
		do      func()
		change  func(*sight) // what is different from the row before
		letters map[string]string
		duties  string // those that are late | those that are due or will be, in the order of the checklist
		remind  string // what the letter has to who looks after the event; "" for no letter
	}{
		{name: "1 save the date", do: func() { c.publish(c.id) }, change: func(s *sight) { s.state, s.list, s.when = "save_the_date", "save_the_date", month }, duties: " | date languages promise-p1 promise-p2"},
		{name: "1 a day is known", now: "2031-06-09 10:00", do: func() { c.facts(c.id, map[string]any{"when": day}) }, change: func(s *sight) {
			s.when, s.ics, s.ld, s.sequence, s.actions = day, "TENTATIVE", "EventScheduled", 1, "event.add_to_calendar"
		}, duties: " | date languages promise-p1 promise-p2", remind: "date"},
		{name: "2 announced", now: "2031-07-01 10:00", do: func() {
			c.facts(c.id, map[string]any{"when": date, "status": "scheduled", "registration.opens": content.Moment{At: "2031-09-01T09:00", Zone: courseZone}, "registration.closes": content.Moment{At: "2031-10-29T18:00", Zone: courseZone}})
		}, change: func(s *sight) {
			s.state, s.list, s.when, s.ics, s.sequence, s.tips, s.own = "announced", "", date, "CONFIRMED", 2, []string{"event.registration_opens 2031-09-01 09:00"}, "opens"
		}, duties: " | concept_note speakers image privacy languages guideline advisory promise-p1 promise-p2", remind: "concept_note speakers image privacy"},
		{name: "3 registration open", now: "2031-09-01 09:00", change: func(s *sight) {
			s.state, s.list, s.form, s.actions, s.tips = "registration_open", "registration_open", true, "event.register event.add_to_calendar", nil
		}, duties: " | concept_note speakers image privacy languages guideline advisory promise-p1 promise-p2"},
		{name: "3 registered", now: "2031-09-02 09:00", do: func() {
			for _, l := range followed {
				c.register(l, string(l)+"@example.net")
			}
			c.register(i18n.EN, gone)
			c.letters()
			c.public.Post(c.own[gone], url.Values{"do": {"withdraw"}})
		}, letters: map[string]string{en: "confirmed", ar: "confirmed", zh: "confirmed", gone: "confirmed withdrawn"}, duties: " | concept_note speakers image privacy languages guideline advisory promise-p1 promise-p2"},
		{name: "3 a fortnight before", now: "2031-10-22 09:00", letters: all("login_guideline", three...), duties: "languages | guideline advisory promise-p1 concept_note speakers image privacy promise-p2", remind: "languages concept_note speakers image privacy guideline"},
		{name: "3 somebody comes late", now: "2031-10-23 09:00", do: func() { c.register(i18n.EN, late) }, letters: all("confirmed login_guideline", late), duties: "languages guideline | advisory promise-p1 concept_note speakers image privacy promise-p2", remind: "languages concept_note speakers image privacy guideline"},
		{name: "4 registration closed", now: "2031-10-29 18:00", change: func(s *sight) {
			s.state, s.list, s.form, s.actions, s.tips = "registration_closed", "registration_closed", false, "event.add_to_calendar", []string{"event.registration_closed_on 2031-10-29 18:00", "event.join_soon"}
		}, duties: "languages guideline | advisory promise-p1 concept_note speakers image promise-p2", remind: "languages concept_note speakers image privacy guideline advisory"},
		{name: "4 the day before", now: "2031-11-04 09:00", letters: all("reminder", four...), duties: "languages guideline advisory | promise-p1 concept_note speakers image promise-p2", remind: "languages concept_note speakers image guideline advisory promise:recordings"},
		{name: "4 the clock is set back, and put right", do: func() {
			for _, at := range []string{"2031-11-03 10:00", "2031-10-21 09:00", "2031-11-04 10:00"} {
				c.at(at)
				c.readers("at "+at, nil)
			}
		}, duties: "languages guideline advisory | promise-p1 concept_note speakers image promise-p2"},
		{name: "5 live", now: "2031-11-05 08:30", change: func(s *sight) {
			s.state, s.list, s.actions, s.tips, s.own = "live", "live", "", []string{"event.join_sent"}, "join"
		}, duties: " | attendance promise-p1 promise-p2"},
		{name: "6 concluded", now: "2031-11-05 12:00", change: func(s *sight) {
			s.state, s.list, s.past, s.tips, s.own = "concluded", "", true, []string{"event.follow_up_below"}, ""
		}, duties: " | attendance presentations news promise-p1 statistics outcome promise-p2"},
		{name: "6 a day after", now: "2031-11-06 12:00", letters: all("thank_you", four...), duties: " | attendance presentations news promise-p1 statistics outcome promise-p2", remind: "attendance presentations news statistics promise:recordings"},
		{name: "6 two days after", now: "2031-11-07 12:00", letters: all("survey", four...), duties: "attendance | presentations news promise-p1 statistics outcome promise-p2", remind: "attendance presentations news statistics promise:recordings"},
		{name: "6 a promise is late", now: "2031-11-11 09:00", duties: "attendance presentations news promise-p1 | statistics outcome promise-p2", remind: "attendance presentations news statistics promise:recordings"},
		{name: "6 recorded", now: "2031-11-12 10:00", do: func() {
			c.facts(c.id, map[string]any{"recordings": []string{"r1"}, "recordings.r1.kind": "video", "recordings.r1.url": "https://video.example/1", "recordings.r1.captions": []string{"en"}})
		}, change: func(s *sight) { s.actions = "event.watch_recording" }, letters: all("materials_ready", four...), duties: "attendance presentations news | statistics outcome promise-p2", remind: "attendance presentations news statistics outcome"},
		{name: "7 draft outcome", now: "2031-12-01 10:00", do: func() {
			report = c.save(kind.ReportKind, &kind.Report{Title: content.L("en", "Outcome", "ar", "النتائج", "zh", "成果"), Summary: content.L("en", "What came of it.", "ar", "ما نتج عنها.", "zh", "会议成果。"), Stage: "for_comment", Event: content.Ref(c.id), Date: "2031-12-01",
				Executive: content.P("en", "<p>Much.</p>"), CommentUntil: content.Moment{At: "2031-12-15T18:00", Zone: courseZone}, CommentTo: "comments@example.org"})
			told := c.told
			c.publish(report)
			c.told = told
		}, change: func(s *sight) {
			s.state, s.list, s.actions, s.tips = "draft_outcome", "draft_outcome", "event.read_draft_report event.watch_recording", []string{"event.comment_until 2031-12-15 18:00"}
		}, duties: "attendance presentations news statistics outcome | promise-p2", remind: "attendance presentations news statistics outcome"},
		{name: "7 no more comments", now: "2031-12-15 18:00", change: func(s *sight) { s.tips = nil }, duties: "attendance presentations news statistics outcome | promise-p2", remind: "attendance presentations news statistics outcome"},
		{name: "8 outcome", now: "2031-12-20 10:00", do: func() { c.facts(report, map[string]any{"stage": "final"}) }, change: func(s *sight) {
			s.state, s.list, s.actions = "outcome", "outcome", "event.read_report event.watch_recording"
		}, letters: all("outcome", four...), duties: "attendance presentations news statistics | report_languages participants", remind: "attendance presentations news statistics report_languages participants"},
		{name: "8 after sixty days", now: "2032-01-05 12:00", change: func(s *sight) { s.gone = true }, duties: "attendance presentations news statistics | report_languages participants", remind: "attendance presentations news statistics report_languages participants"},
		{name: "9 settled", now: "2032-02-03 12:00", change: func(s *sight) { s.state, s.list = "concluded", "" }, duties: " | ", remind: "attendance presentations news statistics report_languages participants"},
		{name: "9 a year after, and a day", now: "2032-11-06 12:00", do: func() {
			for _, link := range c.own {
				if got := c.public.Get(link); got.Status != http.StatusOK {
					t.Errorf("too soon forgotten: %d at %s", got.Status, link)
				}
			}
			c.settle()
			for _, link := range c.own {
				if got := c.public.Get(link); got.Status != http.StatusNotFound {
					t.Errorf("not forgotten: %d at %s", got.Status, link)
				}
			}
			c.own = nil
		}, duties: " | "},
		{name: "10 archived", now: "2036-11-05 12:00", change: func(s *sight) { s.state = "archived" }, duties: " | "},
	} {
		if row.now != "" {
			at := c.at(row.now)
			if row.do == nil {
				c.clock.Set(at.Add(-time.Second))
				c.look("just before "+row.name, want, true)
				c.readers("just before "+row.name, nil)
				c.clock.Set(at)
			}
		}
		if row.do != nil {
			row.do()
		}
		if row.change != nil {
			row.change(&want)
		}
		c.readers(row.name, row.letters)
		c.look(row.name, want, false)
		late, open := c.checklist()
		if got := late + " | " + open; got != row.duties {
			c.Errorf("%s: the checklist says %q, want %q", row.name, got, row.duties)
		}
		if got := strings.Join(c.reminders, " | "); got != row.remind {
			c.Errorf("%s: reminded of %q, want %q", row.name, got, row.remind)
		}
		c.reminders = nil
	}
}

// change makes something happen to the event by the panel's screen: its effects are looked at, and then it is done.
func (c *course) change(what string, set map[string]string) {
	c.Helper()
	c.happens = what
	to := "/admin/events/" + c.id + "/change/" + what
	if what == registration.Undone {
		to = "/admin/events/" + c.id + "/undo"
	}
	form := c.boss.Get(to).Form("#change")
	for name, v := range set {
		form.Set(name, v)
	}
	form.Set("op", "preview")
	seen := c.boss.Post(to, form)
	if seen.Find("#effect-messages").Length() == 0 || seen.Find("input[name=tell][checked]").Length() != 1 {
		c.Fatalf("%s: no word of those who have registered (%d): %s", what, seen.Status, clean(seen.Find(".summary, .notice")))
	}
	form = seen.Form("#change")
	if set["tell"] == "no" {
		form.Del("tell")
	}
	form.Set("op", "do")
	if done := c.boss.Post(to, form); done.Path != "/admin/events/"+c.id {
		c.Fatalf("%s: %d at %s: %s", what, done.Status, done.Path, clean(done.Find("main")))
	}
	c.told = c.clock.Now()
	// Pressed once more it changes nothing.
	c.boss.Post(to, form)
}

// TestWhatHappensToOneEvent follows what may happen to an event that people have registered for: it is cancelled, postponed and
// then given a day, moved, held online, and taken back. Everywhere it is told at once, to each once, in their language.
func TestWhatHappensToOneEvent(t *testing.T) {
	const en, ar, zh = "en@example.net", "ar@example.net", "zh@example.net"
	three := []string{en, ar, zh}
	why := content.L("en", "A flood.", "ar", "فيضان.", "zh", "洪水。")
	reasons := map[string]string{"status_note@en": "A flood.", "status_note@ar": "فيضان.", "status_note@zh": "洪水。"}
	with := func(more map[string]string) map[string]string {
		out := maps.Clone(reasons)
		maps.Copy(out, more)
		return out
	}
	var date content.When
	day := func(s string) content.When {
		return content.When{Start: content.LocalTime(s + "T09:00"), End: content.LocalTime(s + "T12:00"), Zone: courseZone, Precision: content.PrecisionTime}
	}
	// What the checklist says: late | open.
	duties := map[string]string{
		"cancelled: cancelled": " | ", "cancelled: a week later": " | ", "cancelled, and told later: cancelled": " | tell", "cancelled, and told later: told by hand, twice": " | ",
		"postponed, and then on another day: postponed": " | new_date", "postponed, and then on another day: when it would have been": " | new_date",
		"postponed, and then on another day: on another day":                             " | concept_note speakers image privacy languages guideline advisory promise-p1 promise-p2",
		"postponed, and then on another day: registration closes by as many days before": "languages guideline | advisory promise-p1 concept_note speakers image promise-p2",
		"moved, after the guideline has gone: the guideline":                             "languages | guideline advisory promise-p1 concept_note speakers image privacy promise-p2",
		"moved, after the guideline has gone: moved":                                     " | languages concept_note speakers image privacy guideline advisory promise-p1 promise-p2",
	}
	c := openCourse(t)
	type row struct {
		name, now string
		do        func()
		change    func(*sight)
		letters   map[string]string
	}
	for i, x := range []struct {
		name string
		rows func(year string) []row
	}{
		{"cancelled", func(y string) []row {
			return []row{
				{"cancelled", y + "-10-01 10:00", func() { c.change("cancel", reasons) }, func(s *sight) {
					*s = sight{state: "cancelled", list: "cancelled", reason: why, when: date, sequence: 1, ics: "CANCELLED", ld: "EventCancelled", mode: s.mode}
				}, all("cancelled", three...)},
				{"when the guideline would have gone", y + "-10-22 09:00", nil, nil, nil},
				{"when it would have begun", y + "-11-05 08:30", nil, nil, nil},
				{"when it would be over", y + "-11-05 12:00", nil, func(s *sight) { s.past = true }, nil},
				{"a week later", y + "-11-12 12:00", nil, nil, nil},
				{"after sixty days", fmt.Sprint(date.Starts().Year()+1) + "-01-05 12:00", nil, func(s *sight) { s.gone = true }, nil},
			}
		}},
		{"cancelled, and told later", func(y string) []row {
			return []row{
				{"cancelled", y + "-10-01 10:00", func() { c.change("cancel", with(map[string]string{"tell": "no"})) }, func(s *sight) {
					*s = sight{state: "cancelled", list: "cancelled", reason: why, when: date, sequence: 1, ics: "CANCELLED", ld: "EventCancelled", mode: s.mode}
				}, nil},
				{"the next day", y + "-10-02 10:00", nil, nil, nil},
				{"told by hand, twice", y + "-10-02 11:00", func() {
					for range 2 {
						c.boss.Post("/admin/events/"+c.id+"/messages/cancelled", url.Values{"op": {"send"}})
						c.letters()
					}
				}, nil, all("cancelled", three...)},
			}
		}},
		{"postponed, and then on another day", func(y string) []row {
			was := date
			next := day(fmt.Sprint(date.Starts().Year()+1) + "-03-16") // after the clocks were put on
			begins := fmt.Sprint(date.Starts().Year() + 1)
			return []row{
				{"postponed", y + "-10-01 10:00", func() { c.change("postpone", reasons) }, func(s *sight) {
					*s = sight{state: "postponed", list: "postponed", reason: why, was: was, sequence: 1, ics: "TENTATIVE", ld: "EventPostponed", mode: s.mode}
				}, all("change", three...)},
				{"when the guideline would have gone", y + "-10-22 09:00", nil, nil, nil},
				{"when it would have been", y + "-11-05 10:00", nil, nil, nil},
				{"on another day", y + "-12-01 10:00", func() {
					c.change("move", with(map[string]string{"when:start_date": "16 March " + begins, "when:end_date": "16 March " + begins}))
				}, func(s *sight) {
					*s = sight{state: "registration_open", told: "rescheduled", list: "registration_open", reason: why, when: next, was: was, sequence: 2, ics: "CONFIRMED", ld: "EventRescheduled", mode: s.mode,
						form: true, actions: "event.register event.add_to_calendar", own: "opens"}
				}, all("change", three...)},
				{"a fortnight before", begins + "-03-02 09:00", nil, nil, all("login_guideline", three...)},
				{"nobody has answered", begins + "-03-09 09:00", nil, nil, all("still_coming", three...)},
				{"registration closes by as many days before", begins + "-03-09 18:00", nil, func(s *sight) {
					s.state, s.list, s.form, s.actions, s.tips = "registration_closed", "registration_closed", false, "event.add_to_calendar", []string{"event.registration_closed_on " + begins + "-03-09 18:00", "event.join_soon"}
				}, nil},
				{"the day before", begins + "-03-15 09:00", nil, nil, all("reminder", three...)},
				{"live", begins + "-03-16 08:30", nil, func(s *sight) {
					s.state, s.list, s.actions, s.tips, s.own = "live", "live", "", []string{"event.join_sent"}, "join"
				}, nil},
				{"concluded", begins + "-03-16 12:00", nil, func(s *sight) {
					s.state, s.told, s.mark, s.reason, s.list, s.past, s.tips, s.own = "concluded", "", "rescheduled", nil, "", true, []string{"event.follow_up_below"}, ""
				}, nil},
			}
		}},
		{"moved, after the guideline has gone", func(y string) []row {
			was, next := date, day(y+"-12-10")
			return []row{
				{"the guideline", y + "-10-22 09:00", nil, nil, all("login_guideline", three...)},
				{"moved", y + "-10-24 10:00", func() {
					c.change("move", with(map[string]string{"when:start_date": "10 December " + y, "when:end_date": "10 December " + y}))
				}, func(s *sight) {
					s.told, s.reason, s.was, s.when, s.sequence, s.ld = "rescheduled", why, was, next, 1, "EventRescheduled"
				}, all("change", three...)},
				{"when the reminder would have gone", y + "-11-04 09:00", nil, nil, nil},
				{"when it would have been", y + "-11-05 10:00", nil, nil, nil},
				{"the guideline once more", y + "-11-26 09:00", nil, nil, all("login_guideline", three...)},
				{"held online besides", y + "-12-01 10:00", func() { c.change("online", reasons) }, func(s *sight) {
					s.told, s.sequence, s.ld, s.mode = "moved_online", 2, "[EventRescheduled EventMovedOnline]", "OnlineEventAttendanceMode"
				}, all("change", three...)},
				{"registration closed", y + "-12-03 18:00", nil, func(s *sight) {
					s.state, s.list, s.form, s.actions, s.tips = "registration_closed", "registration_closed", false, "event.add_to_calendar", []string{"event.registration_closed_on " + y + "-12-03 18:00", "event.join_soon"}
				}, nil},
				{"the day before", y + "-12-09 09:00", nil, nil, all("reminder", three...)},
			}
		}},
		{"online, and taken back", func(y string) []row {
			return []row{
				{"online", y + "-10-01 10:00", func() { c.change("online", reasons) }, func(s *sight) {
					s.told, s.reason, s.sequence, s.ld, s.mode = "moved_online", why, 1, "EventMovedOnline", "OnlineEventAttendanceMode"
				}, all("change", three...)},
				{"taken back", y + "-10-02 10:00", func() { c.change(registration.Undone, nil) }, func(s *sight) {
					s.told, s.reason, s.sequence, s.ld, s.mode = "", nil, 2, "EventScheduled", "MixedEventAttendanceMode"
				}, all("change", three...)},
			}
		}},
	} {
		year := 2031 + 2*i
		y := fmt.Sprint(year)
		c.T, date = t, day(y+"-11-05")
		c.at(y + "-09-02 10:00")
		c.event(year, nil)
		c.publish(c.id)
		c.readers(x.name+": published", nil)
		for _, l := range followed {
			c.register(l, string(l)+"@example.net")
		}
		c.readers(x.name+": registered", all("confirmed", three...))
		want := sight{state: "registration_open", list: "registration_open", when: date, form: true, actions: "event.register event.add_to_calendar", own: "opens", ics: "CONFIRMED", ld: "EventScheduled", mode: "MixedEventAttendanceMode"}
		c.look(x.name+": before", want, false)
		for _, row := range x.rows(y) {
			name := x.name + ": " + row.name
			at := c.at(row.now)
			if row.do == nil {
				c.clock.Set(at.Add(-time.Second))
				c.look("just before "+name, want, true)
				c.readers("just before "+name, nil)
				c.clock.Set(at)
			} else {
				row.do()
			}
			if row.change != nil {
				row.change(&want)
			}
			c.readers(name, row.letters)
			c.look(name, want, false)
			if want, said := duties[name]; said {
				if late, open := c.checklist(); late+" | "+open != want {
					c.Errorf("%s: the checklist says %q, want %q", name, late+" | "+open, want)
				}
			}
		}
	}
}

// TestACountryChangesItsClocks: what was announced stands, and the instants follow. The rows of an event are put to where other
// rules have it, an hour later; what the program does once a day puts all right, once.
func TestACountryChangesItsClocks(t *testing.T) {
	c := openCourse(t)
	c.at("2031-09-02 10:00")
	c.event(2031, nil)
	c.publish(c.id)
	c.register(i18n.EN, "en@example.net")
	c.readers("registered", all("confirmed", "en@example.net"))
	date := content.When{Start: "2031-11-05T09:00", End: "2031-11-05T12:00", Zone: courseZone, Precision: content.PrecisionTime}
	var before, after struct {
		SortAt, EndsAt, Ends, Basis, DueAt time.Time
		Sequence                           int
	}
	read := func() {
		t.Helper()
		if err := c.p.DB.Read().NewRaw(`SELECT p.sort_at, p.ends_at, p.sequence, v.ends_at AS ends, m.basis, m.due_at FROM publications p JOIN registration_events v ON v.event_id = p.entry_id
			JOIN messages m ON m.event_id = p.entry_id AND m.message = 'reminder' WHERE p.entry_id = ? AND p.locale = 'en'`, c.id).Scan(ctx, &after.SortAt, &after.EndsAt, &after.Sequence, &after.Ends, &after.Basis, &after.DueAt); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if before = after; !before.SortAt.Equal(date.Starts()) || !before.Ends.Equal(date.Ends()) || before.DueAt.IsZero() {
		t.Fatalf("%+v", before)
	}
	late := func(at time.Time) time.Time { return at.Add(time.Hour).UTC() }
	exec(t, c.p, "UPDATE publications SET sort_at = ?, ends_at = ? WHERE entry_id = ?", late(before.SortAt), late(before.EndsAt), c.id)
	exec(t, c.p, "UPDATE registration_events SET ends_at = ? WHERE event_id = ?", late(before.Ends), c.id)
	exec(t, c.p, "UPDATE messages SET basis = ?, due_at = ? WHERE event_id = ? AND message = 'reminder'", late(before.Basis), late(before.DueAt), c.id)
	for range 2 {
		c.readers("the rules are others", nil)
		if read(); after != before {
			t.Errorf("the rows say %+v, want %+v", after, before)
		}
	}
	generation := c.p.Content.Generation()
	if err := c.p.Content.Redate(ctx); err != nil || c.p.Content.Generation() != generation {
		t.Errorf("what is right was written anew: %v", err)
	}
	c.at("2031-10-22 09:00")
	c.readers("a fortnight before", all("login_guideline", "en@example.net"))
	c.at("2031-11-04 09:00")
	c.readers("the day before", all("reminder", "en@example.net"))
}
