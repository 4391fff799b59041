package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"rsc.io/qr"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/pdf/pdftest"
	"plenary/internal/registration"
)

// An assistant takes in a list that came by mail: what is wrong stands beside it, what would become of each row is shown,
// and it is taken while they do something else.
func TestTheStoryOfAList(t *testing.T) {
	p, box := withOutbox(t)
	id := registrable(t, p, func(facts, _ content.Leaves) { facts.Set("registration.capacity", 2) })
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	list := "/admin/events/" + id + "/registrations"
	at := list + "/import"
	if page := assistant.Get(list); page.Find(`a[href="`+at+`"]`).Length() != 1 {
		t.Error("nothing leads to the list")
	}
	if page := assistant.Upload(at, "file", "old.xls", []byte("\xd0\xcf\x11\xe0 old")); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#file-err").Text(), "neither XLSX nor CSV") {
		t.Error(page.Status, page.Find("main").Text())
	}
	page := assistant.Upload(at, "file", "<list>.csv", []byte("Nom;E-mail;Remark\nAda Inkwell;ada@example.org;1\nBad;no address;2\nCora;cora@example.org;3\nDov;dov@example.org;4\n"))
	if page.Path != at || !strings.Contains(page.Find(".head").Text(), "<list>.csv") {
		t.Fatal(page.Status, page.Path)
	}
	rows := page.Find("tbody tr")
	if rows.Length() != 4 || !strings.Contains(rows.Eq(0).Text(), "Gets a place") || !strings.Contains(rows.Eq(1).Find("td").Eq(2).Text(), "not an e-mail address") || !strings.Contains(rows.Eq(3).Text(), "Waiting list") {
		t.Fatal(rows.Text())
	}
	if n := assistant.Get(at + "?becomes=problem").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d rows to correct", n)
	}
	plan := page.Form("form.card:has([name=there])")
	plan.Set("column.ac", "name") // as the first
	plan.Set("op", "look")
	if page = assistant.Post(at+"/plan", plan); page.Status != http.StatusUnprocessableEntity || page.Find(`[id="column.ac"][aria-invalid]`).Length() != 1 || page.Find(`[id="column.ac"] [selected]`).AttrOr("value", "") != "name" {
		t.Error(page.Status, page.Find("main").Text())
	}
	plan.Set("column.ac", "")
	plan.Set("there", "merge")
	if page = assistant.Post(at+"/plan", plan); page.Find("[name=there][value=merge][checked]").Length() != 1 {
		t.Error(page.Status, page.Find("main").Text())
	}
	take := page.Form("form:has([name=print])")
	take.Set("op", "take")
	page = assistant.Post(at+"/plan", take)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(page.Text(), "The list has been taken in.") && time.Now().Before(end); page = assistant.Get(at) {
		if !strings.Contains(page.Text(), "of 4 rows") {
			t.Fatal(page.Status, page.Find("main").Text())
		}
		time.Sleep(50 * time.Millisecond)
	}
	if page = assistant.Get(at); !strings.Contains(page.Text(), "The list has been taken in.") || page.Find("tbody tr").Length() != 4 || strings.Contains(page.Body, "ada@example.org") {
		t.Error(page.Find("main").Text())
	}
	if about, _ := box.last(t, "dov@example.org"); about != "waitlisted" {
		t.Error("letter:", about)
	}
	if page = assistant.Get(list); page.Find("tbody tr").Length() != 3 {
		t.Error(page.Find("main").Text())
	}
	for name, g := range map[string]auth.Grant{"editor": {Role: auth.Editor, Scope: auth.ScopeSite}, "other": {Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"}} {
		if page := p.SignIn(name+"@example.org", g).Get(at); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
}

// The day itself: the list at the entrance, the pass of a telephone, somebody unannounced, those who did not come; and the
// numbers afterwards.
func TestTheStoryOfADay(t *testing.T) {
	p, box := withOutbox(t)
	start := time.Now().UTC().Add(20 * time.Hour)
	id := registrable(t, p, func(facts, words content.Leaves) {
		facts.Set("when", content.When{Start: content.LocalTime(start.Format("2006-01-02T15:04")), End: content.LocalTime(start.Add(2 * time.Hour).Format("2006-01-02T15:04")), Zone: "UTC", Precision: "time"})
	})
	e, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	visitor := p.Visitor()
	join := func(to, name string) (link string) {
		t.Helper()
		form := "/en/" + e.Path + "/register"
		f := visitor.Get(form).Form("main form")
		f.Set("name", name)
		f.Set("mail", to)
		visitor.Post(form, f)
		_, link = box.last(t, to)
		visitor.Post(link, url.Values{"do": {"confirm"}})
		return link
	}
	link := join("ada@example.org", "Ada Inkwell")
	bram := join("bram@example.org", "Bram Paperbridge")

	// Only the own page has the pass; nobody but staff of the event can use it, and it leads nowhere else.
	own := visitor.Get(link)
	pass := own.Find(".pass svg")
	if pass.Length() != 1 || pass.AttrOr("aria-label", "") == "" {
		t.Fatal(own.Find("main").Text())
	}
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	desk := "/admin/events/" + id + "/registrations/check-in"
	r, _, err := p.Registration.Own(ctx, link[strings.LastIndexByte(link, '/')+1:])
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.Registration.Pass(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	at := "/admin/check-in/" + token
	if strings.Contains(own.Body, token) {
		t.Error("the pass stands in words on the page")
	}
	if want, drawn := modules(t, p.Registration.BaseURL+at), pass.Find("path").AttrOr("d", ""); drawn != want {
		t.Errorf("the code is of another address:\n%s\nwant\n%s", drawn, want)
	}
	if page := visitor.Get(at); page.Path != "/admin/sign-in" || strings.Contains(page.Body, "Inkwell") {
		t.Error("a stranger uses a pass:", page.Path)
	}
	other := p.SignIn("other@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"})
	if page := other.Get(at); page.Status != http.StatusNotFound || strings.Contains(page.Body, "Inkwell") {
		t.Error("an assistant of another event uses a pass:", page.Status)
	}
	if page := other.Post(at, url.Values{"op": {"attend"}}); page.Status != http.StatusNotFound {
		t.Error(page.Status)
	}
	if page := visitor.Get("/en/registrations/" + token); page.Status != http.StatusNotFound {
		t.Error("a pass opens a private page:", page.Status)
	}
	page := assistant.Get(at)
	if page.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(page.Find("h1").Text(), "Ada Inkwell") || !strings.Contains(page.Text(), "Confirmed") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = assistant.Post(at, url.Values{"op": {"attend"}}); !strings.Contains(page.Find(".head").Text(), "Attended") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = visitor.Get(link); !strings.Contains(page.Text(), "Thank you for having been there.") {
		t.Error(page.Find("main").Text())
	}

	// Who was there has a certificate, in the language they choose; who was not has none.
	if page = visitor.Get(link + "/certificate"); page.Status != http.StatusOK || !strings.Contains(page.Find(".certificate").Text(), "Ada Inkwell") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = visitor.Get(strings.Replace(link, "/en/", "/ar/", 1) + "/certificate"); page.Find("html").AttrOr("dir", "") != "rtl" || !strings.Contains(page.Find(".certificate h1").Text(), "شهادة حضور") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = visitor.Get(bram + "/certificate"); page.Status != http.StatusNotFound {
		t.Error("a certificate for who was not there:", page.Status)
	}
	if page = assistant.Get("/admin/events/" + id + "/registrations/certificates"); page.Find(".certificate").Length() != 1 || !strings.Contains(page.Find(".certificate").Text(), "Ada Inkwell") {
		t.Error(page.Status, page.Find("main").Text())
	}

	// It is a file too, for each and for all of an event.
	read := func(page *apptest.Page) *pdftest.File {
		t.Helper()
		if page.Status != http.StatusOK || page.Header.Get("Content-Type") != "application/pdf" {
			t.Fatal(page.Status, page.Header)
		}
		return pdftest.Read(t, []byte(page.Body))
	}
	if x := read(visitor.Get(strings.Replace(link, "/en/", "/ar/", 1) + "/certificate.pdf")); x.Lang != "ar" || x.Pages != 1 || !strings.Contains(x.Text(), "شهادة حضور") || !strings.Contains(x.Text(), "Ada Inkwell") {
		t.Error(x.Lang, x.Pages, x.Text())
	}
	if page = visitor.Get(bram + "/certificate.pdf"); page.Status != http.StatusNotFound {
		t.Error("a certificate for who was not there:", page.Status)
	}
	list := "/admin/events/" + id + "/registrations"
	if x := read(assistant.Get(assistant.Get(list+"/certificates").Find(`a[href*="certificates.pdf"]`).AttrOr("href", ""))); x.Pages != 1 || !strings.Contains(x.Text(), "Ada Inkwell") {
		t.Error(x.Pages, x.Text())
	}
	if page = assistant.Get(list + "/certificates.pdf?page=2"); page.Status != http.StatusNotFound {
		t.Error(page.Status)
	}
	if page = visitor.Get(list + "/certificates.pdf"); page.Status == http.StatusOK && page.Header.Get("Content-Type") == "application/pdf" {
		t.Error("certificates are given to a visitor")
	}

	// The list, by name or by what is searched for; the press and its undoing.
	page = assistant.Get(desk)
	if n := page.Find(".desklist li").Length(); n != 2 || !strings.Contains(page.Text(), "Here: 1. Still expected: 1.") {
		t.Fatal(n, page.Find("main").Text())
	}
	page = assistant.Get(desk + "?q=PAPER")
	press := page.Find(".desklist button")
	if press.Length() != 1 || !strings.HasPrefix(press.AttrOr("value", ""), "attend ") {
		t.Fatal(page.Find("main").Text())
	}
	page = assistant.Post(desk, url.Values{"op": {press.AttrOr("value", "")}, "q": {"PAPER"}})
	if press = page.Find(".desklist button"); !strings.HasPrefix(press.AttrOr("value", ""), "unmark ") || !strings.Contains(page.Text(), "Here: 2.") {
		t.Fatal(page.Find("main").Text())
	}
	page = assistant.Post(desk, url.Values{"op": {press.AttrOr("value", "")}})
	if !strings.Contains(page.Text(), "Here: 1. Still expected: 1.") {
		t.Error(page.Find("main").Text())
	}
	if page = assistant.Post(desk, url.Values{"op": {"rest"}}); !strings.Contains(page.Text(), "nobody is late yet") {
		t.Error(page.Find("main").Text())
	}
	walk := assistant.Get(desk + "/new?name=Zoe").Form("main form.card")
	walk.Set("mail", "no address")
	if page = assistant.Post(desk+"/new", walk); page.Status != http.StatusUnprocessableEntity || page.Find("#name").AttrOr("value", "") != "Zoe" {
		t.Error(page.Status, page.Find("main").Text())
	}
	walk.Set("mail", "")
	if page = assistant.Post(desk+"/new", walk); page.Path != desk || !strings.Contains(page.Text(), "Zoe is here.") || !strings.Contains(page.Text(), "Here: 2.") {
		t.Error(page.Path, page.Find("main").Text())
	}

	// The numbers: an observer sees them, and no list.
	observer := p.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	numbers := "/admin/events/" + id + "/registrations/statistics"
	page = observer.Get(numbers)
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "fewer than 5") || strings.Contains(page.Text(), "Zoe") || page.Find("#by-locale").Length() != 1 {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = observer.Get(desk); page.Status != http.StatusForbidden {
		t.Error(page.Status)
	}
	if page = observer.Get(numbers + ".csv"); !strings.HasPrefix(page.Body, "\ufeffBy,Value,Registered,Attended\r\nAll,,fewer than 5,fewer than 5\r\n") {
		t.Errorf("%q", page.Body)
	}
}

// The list of participants: one agrees and takes it back on the own page; it is sorted by the page's language, and neither
// kept nor indexed.
func TestTheStoryOfAListedName(t *testing.T) {
	p, box := withOutbox(t)
	start := time.Now().UTC().Add(20 * time.Hour)
	id := registrable(t, p, func(facts, words content.Leaves) {
		facts.Set("when", content.When{Start: content.LocalTime(start.Format("2006-01-02T15:04")), End: content.LocalTime(start.Add(2 * time.Hour).Format("2006-01-02T15:04")), Zone: "UTC", Precision: "time"})
		facts.Set("registration.list_mode", registration.ListConsent)
		facts.Set("registration.consents", []string{"list"})
		facts.Set("registration.consents.list.listed", true)
		words.SetText("registration.consents.list.text", content.Text{Words: "I may be listed."})
	})
	now := time.Now()
	p.Site.Now, p.Registration.Now = func() time.Time { return now }, func() time.Time { return now }
	e, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	visitor := p.Visitor()
	links := map[string]string{}
	for mail, name := range map[string]string{"z@example.org": "Zoe", "o@example.org": "Öwe <b>", "p@example.org": "Paul"} {
		form := "/en/" + e.Path + "/register"
		f := visitor.Get(form).Form("main form")
		f.Set("name", name)
		f.Set("mail", mail)
		f.Set("consent.list", "1")
		visitor.Post(form, f)
		_, links[mail] = box.last(t, mail)
		visitor.Post(links[mail], url.Values{"do": {"confirm"}})
	}
	at := "/en/" + e.Path + "/participants"
	if page := visitor.Get(at); page.Status != http.StatusNotFound {
		t.Error("before the event:", page.Status)
	}
	if page := visitor.Get("/en/" + e.Path); page.Find(`a[href="`+at+`"]`).Length() != 0 {
		t.Error("the event leads to a list that is not there")
	}
	now = start.Add(time.Minute)
	if page := visitor.Get("/en/" + e.Path); page.Find(`a[href="`+at+`"]`).Length() != 1 {
		t.Error("nothing leads to the list")
	}
	page := visitor.Get(at)
	if got := strings.Join(page.Find(".participants b").Map(text), "|"); got != "Öwe <b>|Paul|Zoe" || page.Header.Get("Cache-Control") != "no-store" || !strings.Contains(page.Header.Get("X-Robots-Tag"), "noindex") || page.Find(`meta[name=robots][content*=noindex]`).Length() != 1 {
		t.Error(page.Status, got, page.Header)
	}
	if page = visitor.Get(strings.Replace(at, "/en/", "/ar/", 1)); page.Status != http.StatusOK || page.Find("html").AttrOr("dir", "") != "rtl" {
		t.Error(page.Status)
	}
	if page = visitor.Post(links["p@example.org"], url.Values{"do": {"unlist"}}); page.Find("button[value=list]").Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	if got := strings.Join(visitor.Get(at).Find(".participants b").Map(text), "|"); got != "Öwe <b>|Zoe" {
		t.Error("taken back:", got)
	}
	for _, path := range []string{"/sitemap.xml", "/en/events.atom", "/en/events.ics"} {
		if page := visitor.Get(path); strings.Contains(page.Body, "participants") || strings.Contains(page.Body, "Zoe") {
			t.Errorf("%s tells of the list", path)
		}
	}
}

func text(_ int, s *goquery.Selection) string { return s.Text() }

// modules draws the code of an address, square by square joined in rows, with a margin of four.
func modules(t *testing.T, address string) string {
	t.Helper()
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for y := range code.Size {
		row := ""
		for x := range code.Size {
			if code.Black(x, y) {
				row += "#"
			} else {
				row += " "
			}
		}
		for x := 0; x < len(row); {
			n := len(row[x:]) - len(strings.TrimLeft(row[x:], "#"))
			if n > 0 {
				out += fmt.Sprintf("M%d %dh%dv1h-%dz", x+4, y+4, n, n)
			}
			x += max(n, 1)
		}
	}
	return out
}
