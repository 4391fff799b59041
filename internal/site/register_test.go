package site

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// registering publishes an event with a form of ours, open at the house's time; it gives the address of the form below a
// language.
func (h *house) registering(change func(*kind.Event)) (id, form string) {
	h.t.Helper()
	item := func(s string) content.Item { return content.Item{ID: s} }
	e := &kind.Event{Title: line("Open registers", "السجلات المفتوحة", "Registres ouverts"), Summary: line("A meeting.", "اجتماع.", "Une réunion."), Kind: "webinar", Scope: "global",
		FocalPoint: "account1", When: content.When{Start: "2026-07-01T09:00", End: "2026-07-01T11:00", Zone: "Africa/Nairobi", Precision: "time"}, Status: "scheduled",
		Mode: "online", Access: "registration", Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "Platform")}}, WorkingLanguages: []string{"en"},
		Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}}, Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: h.organizer(), Role: "organizer"}},
		Registration: kind.Registration{Online: true, Waitlist: true, Ask: []string{"organization", "country"}, Required: []string{"country"},
			Fields: []registration.Field{{Item: item("diet"), Key: "diet", Type: "choice", Label: content.L("en", "Diet"), Required: true,
				Options: []registration.Option{{Item: item("any1"), Label: line("Anything", "أي شيء", "Tout")}, {Item: item("oth1"), Key: "other", Label: content.L("en", "Other")}}},
				{Item: item("what"), Type: "text", Label: line("Which?", "أيّ؟", "Lequel ?"), Required: true, OnlyIf: "diet", OnlyValue: "other"}},
			Consents: []registration.Consent{{Item: item("terms"), Text: line("I agree.", "أوافق.", "J’accepte."), Required: true}}}}
	if change != nil {
		change(e)
	}
	ref, path := h.publish(kind.EventKind, e, all3...)
	return string(ref), path + "/register"
}

// post sends a form as a page of ours does.
func (h *house) post(path string, form url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, baseURL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", baseURL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// filled is the form of a page with its hidden fields, filled in.
func (h *house) filled(path, mail string) url.Values {
	h.t.Helper()
	doc := h.get(path)
	return url.Values{"stamp": {doc.Find("input[name=stamp]").AttrOr("value", "")}, "name": {"Amina"}, "mail": {mail}, "country": {"KE"}, "f.diet": {"any1"}, "consent.terms": {"1"}}
}

// link is the private address in the last letter.
func (h *house) link() string {
	h.t.Helper()
	if len(h.letters) == 0 {
		h.t.Fatal("no letter")
	}
	text := h.letters[len(h.letters)-1].Text
	at := strings.Index(text, baseURL+"/")
	for at >= 0 && !strings.Contains(strings.Fields(text[at:])[0], "/registrations/") {
		next := strings.Index(text[at+1:], baseURL+"/")
		at += 1 + next
	}
	return strings.TrimPrefix(strings.Fields(text[at:])[0], baseURL)
}

func TestRegisteringInArabic(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(func(e *kind.Event) { e.Registration.Capacity, e.Registration.ShowPlaces = 1, true })
	event := strings.TrimSuffix(form, "/register")
	if got := h.get("/ar/"+event).Find(".acts a").First().AttrOr("href", ""); got != "/ar/"+form {
		t.Errorf("the event's first action is %q", got)
	}
	page := h.get("/ar/" + form)
	if page.Find("html").AttrOr("dir", "") != "rtl" || page.Find("form [lang=en]").Length() == 0 || page.Find("form [lang=en]").AttrOr("dir", "") != "ltr" {
		t.Error("words in another language do not say so")
	}
	if s := page.Text(); !strings.Contains(s, "بقي مقعد واحد") {
		t.Error("places left are not told")
	}
	empty := h.post("/ar/"+form, url.Values{"stamp": {page.Find("input[name=stamp]").AttrOr("value", "")}, "name": {`أمينة "<b>"`}, "country": {"KE"}, "f.diet": {"oth1"}})
	doc := document(t, empty)
	if empty.Code != http.StatusUnprocessableEntity || !strings.HasPrefix(doc.Find("title").Text(), "خطأ") {
		t.Error(empty.Code, doc.Find("title").Text())
	}
	for _, name := range []string{"mail", "f.what", "consent.terms"} {
		if doc.Find(`[id="e-`+name+`"]`).Length() != 1 || doc.Find(`.problems a[href="#`+name+`"]`).Length() != 1 || doc.Find(`[id="`+name+`"]`).Length() != 1 {
			t.Errorf("%s: no message beside the field, or above", name)
		}
	}
	if doc.Find("[name=name]").AttrOr("value", "") != `أمينة "<b>"` || doc.Find("[value=KE]").AttrOr("selected", "no") == "no" || doc.Find("[value=oth1]").AttrOr("checked", "no") == "no" {
		t.Error("what was typed is lost")
	}
	if w := h.post("/ar/"+form, h.filled("/ar/"+form, "amina@example.org")); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/ar/"+form+"/sent" {
		t.Fatal(w.Code, w.Header())
	}
	if s := h.get("/ar/" + form + "/sent").Find("h1").Text(); s != "تفقّدوا بريدكم" {
		t.Error(s)
	}
	own := h.link()
	if !strings.HasPrefix(own, "/ar/registrations/") || h.letters[0].Locale != i18n.AR {
		t.Fatal(own, h.letters)
	}
	for range 2 { // whoever follows the link, and be it a mail program, changes nothing
		if h.get(own).Find("button[value=confirm]").Length() != 1 {
			t.Fatal("no button to confirm with")
		}
	}
	if w := h.do(http.MethodGet, own); w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store" {
		t.Error(w.Header())
	}
	h.post(own, url.Values{"do": {"confirm"}})
	page = h.get(own)
	if page.Find(".state").Text() != " مؤكد" || page.Find(`a[href="/ar/`+event+`.ics"]`).Length() != 1 {
		t.Error(page.Find(".body").Text())
	}
	// Somebody waits; a change is saved; the place is given back, and taken again at the end of the list.
	h.post("/en/"+form, h.filled("/en/"+form, "b@example.org"))
	b := h.link()
	h.post(b, url.Values{"do": {"confirm"}})
	if s := h.get(b).Find(".state").Text(); s != " Waiting list" {
		t.Error(s)
	}
	change := url.Values{"stamp": {page.Find("input[name=stamp]").AttrOr("value", "")}, "name": {"أمينة"}, "country": {"SN"}, "f.diet": {"oth1"}, "f.what": {"أرز"}, "consent.terms": {"1"}, "do": {"save"}, "mail": {"other@example.org"}}
	if w := h.post(own, change); w.Code != http.StatusSeeOther {
		t.Error(document(t, w).Find(".problems").Text())
	}
	if s := h.get(own).Find(".given").Text(); !strings.Contains(s, "السنغال") || !strings.Contains(s, "أرز") || strings.Contains(s, "other@") {
		t.Error(s)
	}
	change.Del("f.diet")
	if w := h.post(own, change); w.Code != http.StatusUnprocessableEntity || document(t, w).Find("details[open] .q-e").Length() != 1 {
		t.Error("a change without what is required:", w.Code)
	}
	h.post(own, url.Values{"do": {"withdraw"}})
	if s := h.get(b).Find(".state").Text(); s != " Confirmed" {
		t.Error(s)
	}
	h.post(own, url.Values{"do": {"return"}})
	if s := h.get(own).Find(".state").Text(); s != " قائمة الانتظار" {
		t.Error(s)
	}
}

// The box of a consent is ticked beforehand for who agreed to these very words, and for nobody else.
func TestAnOldConsentIsNotTicked(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(nil)
	h.post("/en/"+form, h.filled("/en/"+form, "a@example.org"))
	own := h.link()
	h.post(own, url.Values{"do": {"confirm"}})
	ticked := func() int { return h.get(own).Find(`input[name="consent.terms"][checked]`).Length() }
	if ticked() != 1 {
		t.Error("what one has agreed to is not ticked")
	}
	if err := h.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE registrations SET consents = replace(consents, 'I agree.', 'I agree to less.')").Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if ticked() != 0 || h.get(own).Find(`input[name="consent.terms"]`).Length() != 1 {
		t.Error("who agreed to other words finds these ticked")
	}
}

func TestHostileRegistrations(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(nil)
	good := h.filled("/en/"+form, "a@example.org")
	with := func(more ...string) url.Values {
		v := url.Values{}
		for k, w := range good {
			v[k] = w
		}
		for i := 0; i+1 < len(more); i += 2 {
			v[more[i]] = []string{more[i+1]}
		}
		return v
	}
	for name, v := range map[string]url.Values{
		"no stamp": with("stamp", ""), "stamp of another": with("stamp", good.Get("stamp")+"0"), "unknown choice": with("f.diet", "zz99"),
		"two mails": func() url.Values { v := with(); v["mail"] = []string{"a@example.org", "b@example.org"}; return v }(),
		"header":    with("mail", "a@example.org\r\nBcc: b@example.org"), "no consent": with("consent.terms", ""), "long": with("name", strings.Repeat("x", 3000)),
	} {
		if w := h.post("/en/"+form, v); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.post("/en/"+form, with("name", strings.Repeat("x", 300<<10))); w.Code != http.StatusRequestEntityTooLarge {
		t.Error("a huge answer:", w.Code)
	}
	if w := h.post("/en/"+form, with("website", "http://spam.example")); w.Code != http.StatusSeeOther || len(h.letters) > 0 {
		t.Error("who fills in what people do not see:", w.Code, len(h.letters))
	}
	foreign := httptest.NewRequest(http.MethodPost, baseURL+"/en/"+form, strings.NewReader(good.Encode()))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Origin", "https://elsewhere.example")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if h.handler.ServeHTTP(w, foreign); w.Code != http.StatusForbidden || len(h.letters) > 0 {
		t.Error("from another site:", w.Code)
	}
	h.post("/en/"+form, with("name", "A\r\nBcc: x@example.org \u202e", "unknown", "1"))
	own := h.link()
	for _, path := range []string{"/en/registrations/" + strings.Repeat("A", 32), "/en/registrations/x", own + "A", "/xx" + own[3:], "/en/events/2026/nothing/register", "/en/news/2026/x/register"} {
		if w := h.do(http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := h.post(path, url.Values{"do": {"confirm"}}); w.Code != http.StatusNotFound {
			t.Errorf("post %s: %d", path, w.Code)
		}
	}
	if w := h.post(own, url.Values{"do": {"burn"}}); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	if s := h.get(own).Find(".given dd").First().Text(); s != "A Bcc: x@example.org" {
		t.Errorf("%q", s)
	}
	// Not kept, whatever is kept beside it; and the event's page stays kept when people register.
	event := "/en/" + strings.TrimSuffix(form, "/register")
	h.get(event)
	h.post("/en/"+form, with("mail", "c@example.org"))
	if !h.keeps(event) || h.keeps("/en/"+form) || h.keeps(own) {
		t.Error("kept what is personal, or dropped what is public")
	}
	h.now = time.Date(2026, 7, 1, 5, 50, 0, 0, time.UTC) // live
	if doc := h.get("/en/" + form); doc.Find("form").Length() != 0 || !strings.Contains(doc.Text(), "Registration is closed.") {
		t.Error("a closed form is shown")
	}
	if w := h.post("/en/"+form, good); w.Code != http.StatusUnprocessableEntity {
		t.Error("a closed form is taken:", w.Code)
	}
}

// The letter about an offered place leads to a page with two buttons; following the link changes nothing.
func TestAnOfferedPlaceIsTaken(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(func(e *kind.Event) { e.Registration.Capacity, e.Registration.OfferHours = 1, 24 })
	join := func(mail string) string {
		h.post("/en/"+form, h.filled("/en/"+form, mail))
		link := h.link()
		h.post(link, url.Values{"do": {"confirm"}})
		return link
	}
	a, b, c := join("a@example.org"), join("b@example.org"), join("c@example.org")
	if h.post(b, url.Values{"do": {"accept"}}).Code != http.StatusUnprocessableEntity {
		t.Error("taken before it was offered")
	}
	h.post(a, url.Values{"do": {"withdraw"}})
	b = h.link() // of the letter that offers
	for range 2 {
		page := h.get(b)
		if page.Find(".state").Text() != " Place offered" || page.Find("button[value=accept]").Text() != "Take the place" || page.Find("button[value=withdraw]").Text() != "Give it up" ||
			!strings.Contains(page.Find(".tip").Text(), "It is held for you until") {
			t.Fatal(page.Find(".body").Text())
		}
	}
	ar := strings.Replace(b, "/en/", "/ar/", 1)
	if s := h.get(ar).Find("button[value=accept]").Text(); s != "أخذ المقعد" {
		t.Error(s)
	}
	h.post(b, url.Values{"do": {"accept"}})
	if s := h.get(b).Find(".state").Text(); s != " Confirmed" {
		t.Error(s)
	}
	h.post(b, url.Values{"do": {"withdraw"}})
	h.post(c, url.Values{"do": {"withdraw"}})
	if s := h.get(c).Find(".state").Text(); s != " Withdrawn" {
		t.Error(s)
	}
}

// P44: whether an address is registered shows in nothing that is answered, in any of the states it can be in.
func TestNobodyLearnsWhoIsRegistered(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(func(e *kind.Event) { e.Registration.Capacity, e.Registration.OfferHours = 2, 24 })
	own := map[string]string{}
	for _, mail := range []string{"placed@example.org", "first@example.org", "offered@example.org", "waiting@example.org"} {
		h.post("/en/"+form, h.filled("/en/"+form, mail))
		own[mail] = h.link()
		h.post(own[mail], url.Values{"do": {"confirm"}})
	}
	h.post(own["first@example.org"], url.Values{"do": {"withdraw"}})
	if s := h.get(own["offered@example.org"]).Find(".state").Text(); s != " Place offered" {
		t.Fatal(s)
	}
	h.post("/en/"+form, h.filled("/en/"+form, "unverified@example.org"))
	h.post("/en/"+form, h.filled("/en/"+form, "gone@example.org"))
	gone := h.link()
	h.post(gone, url.Values{"do": {"confirm"}})
	h.post(gone, url.Values{"do": {"withdraw"}})
	answer := func(mail string) string {
		sent := h.filled("/en/"+form, mail)
		w := h.post("/en/"+form, sent)
		after := h.do(http.MethodGet, w.Header().Get("Location"))
		head := w.Header().Clone()
		head.Del("X-Request-Id")
		return strings.Join([]string{w.Result().Status, w.Body.String(), after.Body.String()}, "\n") + head.Get("Location") + head.Get("Set-Cookie") + head.Get("Cache-Control")
	}
	want := answer("nobody@example.org")
	for mail := range own {
		if got := answer(mail); got != want {
			t.Errorf("%s is answered\n%s\nand not\n%s", mail, got, want)
		}
	}
	for _, mail := range []string{"unverified@example.org", "gone@example.org"} {
		if got := answer(mail); got != want {
			t.Errorf("%s is answered\n%s", mail, got)
		}
	}
}

// TestStoppingLetters: a mail program presses what the letter names, without saying where it comes from; whoever follows its link
// presses nothing, and finds the button; it can be taken back.
func TestStoppingLetters(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(nil)
	h.post("/en/"+form, h.filled("/en/"+form, "a@example.org"))
	own := h.link()
	h.post(own, url.Values{"do": {"confirm"}})
	if h.get(own).Find("#letters").Length() != 0 {
		t.Error("letters after the event are asked about before it")
	}
	h.now = time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	for range 2 {
		if w := h.do(http.MethodGet, own+"/stop"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != own+"#letters" {
			t.Fatal(w.Code, w.Header())
		}
		if h.get(own).Find("#letters button[value=quiet]").Length() != 1 {
			t.Fatal("the link has pressed the button, or there is none: ", h.get(own).Find(".body").Text())
		}
	}
	if w := h.post(own+"/stop", nil); w.Code != http.StatusNoContent && w.Code != http.StatusSeeOther {
		t.Error(w.Code)
	}
	if h.get(own).Find("#letters button[value=loud]").Length() != 1 {
		t.Error(h.get(own).Find(".body").Text())
	}
	h.post(own, url.Values{"do": {"loud"}})
	if h.get(own).Find("#letters button[value=quiet]").Length() != 1 {
		t.Error("they cannot be asked for again")
	}
	if w := h.do(http.MethodGet, own+"x/stop"); w.Code != http.StatusSeeOther {
		t.Error("where a link leads tells whether it is right: ", w.Code)
	}
	if w := h.post(own+"x/stop", nil); w.Code != http.StatusNotFound {
		t.Error("a forged link: ", w.Code)
	}
}
