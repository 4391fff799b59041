package admin_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

const cloneSelector = "form#clone"

// forum is the second event of a series, in English and French, with deadlines and promises.
func (h *house) forum(office string) (series, id string) {
	h.Helper()
	series = h.save(content.Change{Kind: kind.SeriesKind, Original: i18n.EN, Office: office, Set: kind.SeriesKind.Split(&kind.Series{Title: content.L("en", "Registers forum")})})
	set := kind.EventKind.Split(&kind.Event{Title: content.L("en", "Second forum", "fr", "Deuxième forum"), Kind: "forum", Series: content.Ref(series), Ordinal: 2,
		Summary: content.L("en", "We meet on 14 October 2026.", "fr", "Rendez-vous le 14 octobre 2026."), Subtitle: content.L("en", "Fifteen years"),
		When:         content.When{Start: "2026-10-14T09:00", End: "2026-10-14T17:00", Zone: "Europe/Paris", Precision: "time"},
		Registration: kind.Registration{Closes: content.Moment{At: "2026-10-01T23:59", Zone: "Europe/Paris"}},
		Sessions:     []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Opening"), Slot: content.Slot{Start: "2026-10-14T09:00", End: "2026-10-14T10:00"}}},
		Statistics:   kind.Statistics{Attended: 120},
		Commitments:  []kind.Commitment{{Item: content.Item{ID: "cc"}, Kind: "recordings", Due: "2026-10-30", Fulfilled: "2026-10-29"}}})
	id = h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Office: office, Set: set})
	return series, id
}

func cloned(t *testing.T, h *house, p *apptest.Page) (*content.Entry, *kind.Event) {
	t.Helper()
	if p.Status != http.StatusOK || strings.HasSuffix(p.Path, "/clone") {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Find(".summary").Text())
	}
	e := h.entry(path.Base(p.Path))
	return e, e.Value.(*kind.Event)
}

func TestCloneToAnotherDate(t *testing.T) {
	h := open(t)
	_, id := h.forum("")
	edit := "/admin/events/" + id
	link := h.editor.Get(edit).Find(`a[href="` + edit + `/clone"]`)
	if link.Length() != 1 {
		t.Fatal("the event's page does not lead to the copy")
	}
	page := h.editor.Get(edit + "/clone")
	form := page.Form(cloneSelector)
	if form.Get("when:start_date") != "" || len(form["part"]) == 0 {
		t.Errorf("a copy starts with the date %q and %d parts", form.Get("when:start_date"), len(form["part"]))
	}
	// Whatever is off says why, and has a name.
	off := 0
	page.Find(cloneSelector + " input[disabled]").Each(func(_ int, s *goquery.Selection) {
		if off++; s.Closest("label").Find("small").Text() == "" {
			t.Errorf("%s is off without a reason", s.Closest("label").Text())
		}
	})
	page.Find(cloneSelector + " label.ck").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Find("span").First().Contents().First().Text()) == "" {
			t.Error("a part has no name")
		}
	})
	if off < 12 {
		t.Errorf("only %d parts are off", off)
	}

	// Nothing, nonsense, a month, an ambiguous date: all come back with what was typed.
	for typed, want := range map[string]string{"": "Enter a date", "soon": "Enter a date", "May 2027": "Enter the day", "03/04/2027": "3 April 2027"} {
		p := h.editor.Post(edit+"/clone", with(url.Values{"office": form["office"], "part": {"texts"}}, "when:start_date", typed))
		back := p.Form(cloneSelector)
		if p.Status != http.StatusUnprocessableEntity || back.Get("when:start_date") != typed || len(back["part"]) != 1 || p.Find(`[aria-invalid=true]`).Length() != 1 || !strings.Contains(p.Find(".errs").Text(), want) {
			t.Errorf("%q: %d, %q, %v, %q", typed, p.Status, back.Get("when:start_date"), back["part"], p.Find(".errs").Text())
		}
		if button := p.Find(`button[name=op]`).First(); typed == "03/04/2027" {
			if p = h.editor.Post(edit+"/clone", with(back, "op", button.AttrOr("value", ""))); p.Form(cloneSelector).Get("when:start_date") != "2027-04-03" {
				t.Errorf("the reading chosen is %q", p.Form(cloneSelector).Get("when:start_date"))
			}
		}
	}

	p := h.editor.Post(edit+"/clone", with(form, "when:start_date", "13 October 2027"))
	e, v := cloned(t, h, p)
	if v.When != (content.When{Start: "2027-10-13T09:00", End: "2027-10-13T17:00", Zone: "Europe/Paris", Precision: "time"}) || v.Registration.Closes.At != "2027-09-30T23:59" ||
		v.Sessions[0].Slot.Start != "2027-10-13T09:00" || v.Commitments[0].Due != "2027-10-29" {
		t.Errorf("moved to %+v, %+v, %+v, %+v", v.When, v.Registration, v.Sessions, v.Commitments)
	}
	if v.Commitments[0].Fulfilled != "" || v.Statistics.Attended != 0 || v.Ordinal != 0 || v.Series == "" || e.Path != "" || e.Slug != "" {
		t.Errorf("%+v", v)
	}
	// The page says what still names the old date, in which language, with links that lead there.
	notice := p.Find(".old-dates")
	if got := notice.Find("a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") }); len(got) != 2 || got[0] != "#summary@en" || !strings.HasSuffix(got[1], "?lang=fr#summary@fr") {
		t.Errorf("old dates: %v", got)
	}
	if p.Find(`[id="summary@en"]`).Length() != 1 || !strings.Contains(p.Find(".notice.success").Text(), "Second forum") {
		t.Errorf("%s", p.Find(".notice").Text())
	}
	edited := p.Form(formSelector)
	p = h.editor.Post("/admin/events/"+e.ID, with(edited, "op", "save", "summary@en", "We meet on 13 October 2027."))
	if got := p.Find(".old-dates a").Length(); got != 1 {
		t.Errorf("%d old dates are left", got)
	}
	if note := h.editor.Get("/admin/events/" + e.ID + "/history").Find(".history .tag").Text(); !strings.Contains(note, "Second forum") || strings.Contains(note, "copied:") {
		t.Errorf("history: %q", note)
	}
	manager := h.SignIn("manager@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite})
	if log := manager.Get("/admin/log?entry=" + e.ID).Find("main").Text(); !strings.Contains(log, "Copied from") {
		t.Error("the log does not say where it was copied from")
	}
}

func TestTimesThatTheClockSkipsAreNamedAndCorrected(t *testing.T) {
	h := open(t)
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Night watch"), When: content.When{Start: "2026-03-21T20:00", End: "2026-03-22T06:00", Zone: "Europe/Paris", Precision: "time"},
		Registration: kind.Registration{Closes: content.Moment{At: "2026-03-22T02:30", Zone: "Europe/Paris"}},
		Sessions:     []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Watch"), Slot: content.Slot{Start: "2026-03-22T02:15", End: "2026-03-22T04:00"}}}})
	at := "/admin/events/" + id + "/clone"
	form := with(h.editor.Get(at).Form(cloneSelector), "when:start_date", "27 March 2027")
	p := h.editor.Post(at, form)
	back := p.Form(cloneSelector)
	if p.Status != http.StatusUnprocessableEntity || back.Get("fix:registration.closes") != "02:30" || back.Get("fix:sessions.aa.slot:start") != "02:15" || p.Find("[aria-invalid=true]").Length() != 2 ||
		!strings.Contains(p.Find(`[id="fix:registration.closes-err"]`).Text(), "does not exist") || back.Get("when:start_date") != "27 March 2027" {
		t.Fatalf("%d %v\n%s", p.Status, back, p.Find("#fields").Text())
	}
	if p = h.editor.Post(at, with(back, "fix:registration.closes", "25:00")); p.Status != http.StatusUnprocessableEntity || p.Form(cloneSelector).Get("fix:registration.closes") != "25:00" {
		t.Errorf("%d: a time that is none", p.Status)
	}
	_, v := cloned(t, h, h.editor.Post(at, with(back, "fix:registration.closes", "1:30", "fix:sessions.aa.slot:start", "03:00")))
	if v.Registration.Closes.At != "2027-03-28T01:30" || v.Sessions[0].Slot.Start != "2027-03-28T03:00" || v.Sessions[0].Slot.End != "2027-03-28T04:00" || v.When.End != "2027-03-28T06:00" {
		t.Errorf("%+v %+v %+v", v.When, v.Registration, v.Sessions)
	}
}

func TestNextEditionOfASeries(t *testing.T) {
	h := open(t)
	series, id := h.forum("")
	next := h.editor.Get("/admin/series/"+series).Find(`a[href*="edition=1"]`).AttrOr("href", "")
	if next != "/admin/events/"+id+"/clone?edition=1" {
		t.Fatalf("the series leads to %q", next)
	}
	form := h.editor.Get(next).Form(cloneSelector)
	day := h.entry(id).Value.(*kind.Event).NextDay(time.Now())
	if form.Get("number") != "3" || form.Get("when:start_date") != i18n.Date(i18n.EN, day) || day.Weekday() != time.Wednesday {
		t.Errorf("suggested: number %q on %q", form.Get("number"), form.Get("when:start_date"))
	}
	if p := h.editor.Post(next, with(url.Values{"office": {""}}, "when:start_date", "13 October 2027", "number", "many")); p.Status != http.StatusUnprocessableEntity || p.Form(cloneSelector).Get("number") != "many" || p.Find("#number-err").Length() != 1 {
		t.Errorf("%d: a number that is none", p.Status)
	}
	form["part"] = nil // even then it is in the series
	_, v := cloned(t, h, h.editor.Post(next, form))
	if string(v.Series) != series || v.Ordinal != 3 || string(v.Parent) != id || v.Relation != "follow_up_to" || string(v.When.Start) != day.Format("2006-01-02T09:00") || v.Summary.In(i18n.EN) != "" {
		t.Errorf("%+v", v)
	}
	if got := h.editor.Get("/admin/series/"+series).Find(`a[href*="edition=1"]`).AttrOr("href", ""); strings.Contains(got, id) {
		t.Errorf("after it, the series leads to %q", got)
	}
	alone := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Alone")})
	if p := h.editor.Get("/admin/events/" + alone + "/clone?edition=1"); p.Status != http.StatusNotFound {
		t.Errorf("the next edition of no series: %d", p.Status)
	}
	if p := h.editor.Get("/admin/events/" + alone + "/clone"); p.Status != http.StatusOK {
		t.Errorf("a copy of an event without a date: %d", p.Status)
	}
	if p := h.editor.Get("/admin/news/" + id + "/clone"); p.Status != http.StatusNotFound {
		t.Errorf("a copy of what cannot be copied: %d", p.Status)
	}
}

func TestWhoMayClone(t *testing.T) {
	h := open(t)
	office := func(name string) string {
		return h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", name)})
	}
	ours, theirs := office("Ours"), office("Theirs")
	_, mine := h.forum(ours)
	_, foreign := h.forum(theirs)
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: ours})
	day := url.Values{"when:start_date": {"13 October 2027"}, "office": {ours}, "part": {"texts"}}
	for _, edition := range []string{"", "?edition=1"} {
		for _, send := range []func(string) *apptest.Page{partner.Get, func(at string) *apptest.Page { return partner.Post(at, day) }} {
			a, b := send("/admin/events/"+foreign+"/clone"+edition), send("/admin/events/zzzzzzzzzzzz/clone"+edition)
			if a.Status != http.StatusNotFound || a.Status != b.Status || a.Find("main").Text() != b.Find("main").Text() {
				t.Errorf("foreign %d, missing %d", a.Status, b.Status)
			}
		}
	}
	if p := partner.Post("/admin/events/"+mine+"/clone", with(url.Values{"when:start_date": day["when:start_date"]}, "office", theirs)); p.Status != http.StatusForbidden {
		t.Errorf("for another office: %d", p.Status)
	}
	form := partner.Get("/admin/events/" + mine + "/clone").Form(cloneSelector)
	if form.Get("office") != ours {
		t.Errorf("for %q", form.Get("office"))
	}
	if e, _ := cloned(t, h, partner.Post("/admin/events/"+mine+"/clone", with(form, "when:start_date", "13 October 2027"))); e.Office != ours {
		t.Errorf("it belongs to %q", e.Office)
	}
	// A contributor writes only the original; an observer makes nothing.
	contributor := h.SignIn("contributor@example.org", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite})
	page := contributor.Get("/admin/events/" + mine + "/clone")
	if !strings.Contains(page.Find("#parts-help").Text(), "Not in: French") {
		t.Errorf("languages: %q", page.Find("#parts-help").Text())
	}
	e, _ := cloned(t, h, contributor.Post("/admin/events/"+mine+"/clone", with(page.Form(cloneSelector), "when:start_date", "13 October 2027")))
	if len(e.Parts["fr"]) > 0 || len(e.Parts["en"]) == 0 {
		t.Error("the contributor took French along, or not English")
	}
	observer := h.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if p := observer.Get("/admin/events/" + mine + "/clone"); p.Status != http.StatusForbidden {
		t.Errorf("an observer: %d", p.Status)
	}
	if observer.Get("/admin/events/"+mine).Find(`a[href$="/clone"]`).Length() > 0 {
		t.Error("an observer is offered a copy")
	}
	// What the source refers to and the actor may not read stays behind, and the form says so.
	hidden := h.save(content.Change{Kind: kind.PersonKind, Original: i18n.EN, Office: theirs, Set: kind.PersonKind.Split(&kind.Person{Name: content.L("en", "Hidden Person")})})
	with := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Office: ours, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "Guests"),
		People: []kind.PersonRole{{Item: content.Item{ID: "pp"}, Person: content.Ref(hidden), Role: "speaker"}}})})
	page = partner.Get("/admin/events/" + with + "/clone")
	if note := page.Find("#part-people").Closest("label").Find("small").Text(); !strings.Contains(note, "1 reference") {
		t.Errorf("people: %q", note)
	}
	form = page.Form(cloneSelector)
	form.Set("when:start_date", "13 October 2027")
	if _, v := cloned(t, h, partner.Post("/admin/events/"+with+"/clone", form)); len(v.People) != 0 {
		t.Errorf("%+v", v.People)
	}
	// A deleted event is not copied.
	if err := h.Content.Delete(ctx, apptest.System, mine); err != nil {
		t.Fatal(err)
	}
	if p := h.editor.Get("/admin/events/" + mine + "/clone"); p.Status != http.StatusNotFound {
		t.Errorf("deleted: %d", p.Status)
	}
}

func TestClonePageInOtherLanguages(t *testing.T) {
	h := open(t)
	_, id := h.forum("")
	want := h.entry(id).Value.(*kind.Event).NextDay(time.Now()).Format("2006-01-02T09:00")
	for _, l := range i18n.All {
		h.editor.Post("/admin/account/look", url.Values{"locale": {string(l)}, "next": {"/admin/help"}})
		for _, at := range []string{"/admin/events/" + id + "/clone", "/admin/events/" + id + "/clone?edition=1"} {
			p := h.editor.Get(at)
			if p.Status != http.StatusOK || p.Find("html").AttrOr("dir", "") != l.Dir() || p.Find("h1").Length() != 1 || strings.Contains(p.Find("main").Text(), "clone.") {
				t.Errorf("%s in %s: %d %s", at, l, p.Status, p.Find("main").Text())
			}
			seen := map[string]bool{}
			p.Find("[id]").Each(func(_ int, s *goquery.Selection) {
				if id := s.AttrOr("id", ""); seen[id] {
					t.Errorf("%s: id %s twice", at, id)
				} else {
					seen[id] = true
				}
			})
			p.Find("main input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
				if s.Closest("label").Length() == 0 && p.Find(`label[for="`+s.AttrOr("id", "-")+`"]`).Length() == 0 {
					t.Errorf("%s: %s has no label", at, s.AttrOr("name", ""))
				}
			})
			if p.Find("[style], [onclick], main script").Length() > 0 {
				t.Errorf("%s: style or script inside the page", at)
			}
		}
		// What is suggested in a language is understood in it.
		form := h.editor.Get("/admin/events/" + id + "/clone?edition=1").Form(cloneSelector)
		if _, v := cloned(t, h, h.editor.Post("/admin/events/"+id+"/clone?edition=1", form)); string(v.When.Start) != want {
			t.Errorf("%s: %q is %s", l, form.Get("when:start_date"), v.When.Start)
		}
	}
}
