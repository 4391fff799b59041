package site

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// asking is an event with a survey of one question of each type.
func asking(link string) func(*kind.Event) {
	return func(e *kind.Event) {
		item := func(s string) content.Item { return content.Item{ID: s} }
		e.Survey = registration.Survey{Online: true, Link: link, Intro: line("Three questions.", "ثلاثة أسئلة.", "Trois questions."), Questions: []registration.SurveyQuestion{
			{Item: item("best"), Type: "choice", Required: true, Label: line("Best part", "أفضل جزء", "Le meilleur"), Options: []registration.Option{{Item: item("talk"), Label: line("Talks", "العروض", "Exposés")}, {Item: item("food"), Label: content.L("en", "Food")}}},
			{Item: item("free"), Type: "words", Label: line("Anything else?", "شيء آخر؟", "Autre chose ?")}}}
	}
}

// sixJuly is after the event that registering makes.
var sixJuly = time.Date(2026, 7, 6, 12, 0, 0, 0, time.UTC)

func TestASurveyThatIsOpenToAll(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(asking("open"))
	event := strings.TrimSuffix(form, "/register")
	if h.get("/en/"+event).Find(`a[href$="/survey"]`).Length() > 0 {
		t.Error("offered before the event")
	}
	if page := h.get("/ar/" + event + "/survey"); page.Find("form textarea").Length() > 0 || page.Find("html").AttrOr("dir", "") != "rtl" {
		t.Error("asked before the event")
	}
	h.now = sixJuly
	if h.get("/en/"+event).Find(`.acts a[href$="/survey"]`).Length() != 1 {
		t.Error("not offered on the event's page")
	}
	page := h.get("/ar/" + event + "/survey")
	if n := page.Find("input[type=radio]").Length(); n != 7 || page.Find("textarea").Length() != 1 || !strings.Contains(page.Text(), "ثلاثة أسئلة.") {
		t.Errorf("%d radio buttons", n)
	}
	stamp := page.Find("input[name=stamp]").AttrOr("value", "")
	bad := h.post("/ar/"+event+"/survey", url.Values{"stamp": {stamp}, "f.free": {"جيد"}, "f._accessibility": {"4"}})
	doc := document(t, bad)
	if bad.Code != http.StatusUnprocessableEntity || doc.Find(`.problems a[href="#f.best"]`).Length() != 1 || doc.Find("textarea").Text() != "جيد" || doc.Find(`input[name="f._accessibility"][checked]`).AttrOr("value", "") != "4" {
		t.Errorf("%d: %s", bad.Code, doc.Find("main").Text())
	}
	good := h.post("/ar/"+event+"/survey", url.Values{"stamp": {stamp}, "f.best": {"talk"}})
	if good.Code != http.StatusSeeOther || good.Header().Get("Location") != "/ar/"+event+"/survey/sent" || !strings.Contains(h.get("/ar/"+event+"/survey/sent").Text(), "شكراً") {
		t.Error(good.Code, good.Header())
	}
	h.now = sixJuly.AddDate(0, 1, 0)
	if h.get("/en/"+event).Find(`a[href$="/survey"]`).Length() > 0 || h.get("/en/"+event+"/survey").Find("textarea").Length() > 0 {
		t.Error("still open after its days")
	}
}

func TestASurveyBehindThePrivateLink(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(asking("private"))
	event := strings.TrimSuffix(form, "/register")
	if w := h.post("/en/"+form, h.filled("/en/"+form, "a@office.example")); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	own := h.link()
	h.post(own, url.Values{"do": {"confirm"}})
	if h.get(own).Find(`a[href$="/survey"]`).Length() > 0 {
		t.Error("offered before the event")
	}
	h.now = sixJuly
	if h.get("/en/"+event).Find(`a[href$="/survey"]`).Length() > 0 || h.get("/en/"+event+"/survey").Find("textarea").Length() > 0 {
		t.Error("asks strangers")
	}
	to := h.get(own).Find(`a[href$="/survey"]`).AttrOr("href", "")
	if to != own+"/survey" {
		t.Fatalf("the way there: %q", to)
	}
	values := url.Values{"stamp": {h.get(to).Find("input[name=stamp]").AttrOr("value", "")}, "f.best": {"food"}}
	if w := h.post(to, values); w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
		t.Fatal(w.Code, w.Body)
	}
	if page := h.get(to); page.Find("textarea").Length() > 0 || !strings.Contains(page.Text(), "Thank you") || h.get(own).Find(`a[href$="/survey"]`).Length() > 0 {
		t.Error("asks again")
	}
	if w := h.post(to, values); w.Code == http.StatusSeeOther {
		t.Errorf("counts twice: %d", w.Code)
	}
}
