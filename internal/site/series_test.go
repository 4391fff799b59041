package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// A series shows its editions with their numbers, what came of them, and how many took part over the years.
func TestASeriesOverTheYears(t *testing.T) {
	h := open(t, 1<<20)
	item := func(s string) content.Item { return content.Item{ID: s} }
	series, path := h.publish(kind.SeriesKind, &kind.Series{Title: line("Forum", "المنتدى", "Forum"), Summary: line("Each year.", "كل عام.", "Chaque année."), Status: "active"}, all3...)
	edition := func(year string, n int, change func(*kind.Event)) (content.Ref, string) {
		e := &kind.Event{Title: line("Forum "+year, "المنتدى "+year, "Forum "+year), Summary: line("A meeting.", "اجتماع.", "Une réunion."), Kind: "forum", Scope: "global", FocalPoint: "account1",
			Series: series, Ordinal: n, When: content.When{Start: content.LocalTime(year + "-05-01T09:00"), End: content.LocalTime(year + "-05-01T11:00"), Zone: "Africa/Nairobi", Precision: "time"}, Status: "scheduled",
			Mode: "online", Access: "open", Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "Platform")}}, WorkingLanguages: []string{"en"},
			Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}}, Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: h.organizer(), Role: "organizer"}}}
		if change != nil {
			change(e)
		}
		return h.publish(kind.EventKind, e, all3...)
	}
	h.now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	first, _ := edition("2024", 1, nil)
	_, second := edition("2025", 2, func(e *kind.Event) {
		e.Statistics = kind.Statistics{Registered: 1500, Attended: 900}
		e.Recordings = []kind.Recording{{Item: item("r1"), Kind: "video", URL: "https://video.example/1", NoCaptions: content.L("en", "No words.")}}
	})
	edition("2026", 3, func(e *kind.Event) {
		e.Status, e.StatusNote = "cancelled", content.L("en", "A storm.")
		e.Statistics.Registered = 77
	})
	_, fourth := edition("2027", 4, nil)
	_, report := h.publish(kind.ReportKind, &kind.Report{Title: line("Outcome 2024", "نتائج 2024", "Résultats 2024"), Summary: line("What was said.", "ما قيل.", "Ce qui a été dit."), Stage: "final", Event: first, Date: "2024-06-10",
		Executive: content.P("en", "<p>Much.</p>"), KeyMessages: []kind.Point{}, Statistics: kind.Statistics{Attended: 400, Countries: 31}}, all3...)

	page := h.get("/en/" + path)
	if s := page.Find("#upcoming").Text(); !strings.Contains(s, "Edition 4") || page.Find(`#upcoming a[href="/en/`+fourth+`"]`).Length() != 1 {
		t.Errorf("to come: %s", s)
	}
	if s := page.Find("#past").Text(); !strings.Contains(s, "Edition 2") || !strings.Contains(s, "Edition 1") {
		t.Errorf("past: %s", s)
	}
	if page.Find(`#results a[href="/en/`+report+`"]`).Length() != 1 || page.Find(`#results a[href="/en/`+second+`#outcome"]`).Text() != "Recordings (1)" {
		t.Errorf("results: %s", page.Find("#results").Text())
	}
	var rows []string
	table := page.Find("#participation table")
	for i := range table.Find("tr").Length() {
		rows = append(rows, strings.Join(strings.Fields(strings.ReplaceAll(table.Find("tr").Eq(i).Text(), "Forum", " Forum ")), " "))
	}
	want := []string{"YearEditionRegisteredTook partCountries", "2025 Forum 20251,500900–", "2024 Forum 2024–40031"}
	if strings.Join(rows, "|") != strings.Join(want, "|") || table.Find("caption").Length() != 1 || table.Find("tbody th[scope=row]").Length() != 2 {
		t.Errorf("participation: %q", rows)
	}
	if s := h.get("/ar/" + path); !strings.Contains(s.Find("#upcoming").Text(), "الدورة") || s.Find("#participation").Length() != 1 {
		t.Error("in Arabic")
	}

	// Its feeds and its calendar, named in the head.
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, baseURL+path, nil))
		return w
	}
	for ext, typ := range map[string]string{".atom": "application/atom+xml", ".rss": "application/rss+xml", ".json": "application/feed+json", ".ics": "text/calendar"} {
		to := "/en/" + path + ext
		if page.Find(`head link[type="`+typ+`"][href="`+to+`"]`).Length() != 1 {
			t.Errorf("%s is not named", to)
		}
		w := get(to)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), typ) || !strings.Contains(w.Body.String(), "Forum 2027") {
			t.Errorf("%s: %d %v\n%s", to, w.Code, w.Header(), w.Body)
		}
	}
	edition("2028", 5, func(e *kind.Event) { e.Series = "" })
	if s := get("/en/" + path + ".atom").Body.String(); strings.Contains(s, "Forum 2028") || strings.Count(s, "<entry>") != 4 {
		t.Errorf("what belongs to no series: %s", s)
	}
	if w := get("/en/series/no-such.atom"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	empty, emptyPath := h.publish(kind.SeriesKind, &kind.Series{Title: content.L("en", "New"), Summary: content.L("en", "None yet."), Status: "active"}, i18n.EN)
	if p := h.get("/en/" + emptyPath); empty == "" || p.Find("#results, #participation, #past").Length() > 0 {
		t.Error("an empty series shows empty parts")
	}
}
