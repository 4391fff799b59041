package site

import (
	"bytes"
	"compress/gzip"
	"html/template"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/view"
)

// secrets are what the fixture's event keeps to staff.
var secrets = []string{"join.example", "tell-nobody", "555 0100", "internal remark"}

func (w *world) paths() []string {
	return []string{"", "events", "events?when=past", "news", "people", "organizations", "documents", "reports", "series", "topics",
		w.eventPath, w.newsPath, w.reportPath, w.docPath, w.personPath, w.orgPath, w.seriesPath, w.topicPath, w.aboutPath}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	compiled := h.views
	executed, err := view.New(h.Theme, template.FuncMap{"asset": h.asset, "dict": dict}, true)
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(` id="([^"]*)"`)
	id, board := h.boarded(func(e *kind.Event) {
		e.Discussion.Moderation, e.Registration.ListMode = discussion.After, registration.ListOfficial
	})
	form := strings.TrimSuffix(board, "/discussion") + "/register"
	talk := h.talk(id, board)
	h.post("/en/"+form, h.filled("/en/"+form, "a@example.org"))
	own := strings.TrimPrefix(h.link(), "/en/")
	recorded := h.recorded()
	h.named(content.Ref(id), []string{"p1"}, map[string]any{"programmes.p1.kind": "provisional"}, nil)
	paths := append(append(append(w.paths(), "search", "search?q=health+emergency", "search?q=xyzzy"), talk...), form, form+"/sent", recorded+"/recordings/film", recorded+"/recordings/away", own, own, strings.TrimSuffix(form, "/register")+"/participants", own+"/certificate")
	paths = append([]string{strings.TrimSuffix(board, "/discussion") + "/programme", strings.TrimSuffix(board, "/discussion") + "/programme/1"}, paths...)
	for i, path := range paths {
		if i == len(paths)-3 { // the day has come
			h.post("/en/"+own, url.Values{"do": {"confirm"}})
			h.now = time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC)
			r, _, err := h.registration.Own(t.Context(), own[strings.LastIndexByte(own, '/')+1:])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.registration.Decide(t.Context(), auth.System("test"), id, []string{r.ID}, registration.Attend); err != nil {
				t.Fatal(err)
			}
		}
		for _, l := range i18n.All {
			at := "/" + string(l) + "/" + path
			res := h.do("GET", at)
			if res.Code != http.StatusOK {
				t.Errorf("%s: %d", at, res.Code)
				continue
			}
			body := res.Body.String()
			if l == i18n.EN || l == i18n.AR {
				h.views = executed
				if h.do("GET", at).Body.String() != body {
					t.Errorf("%s is not what html/template makes", at)
				}
				h.views = compiled
			}
			for _, bad := range append([]string{" style=", "<script src", "javascript:", "<no value>", "%!", "ZgotmplZ", "<iframe"}, secrets...) {
				if strings.Contains(body, bad) {
					t.Errorf("%s holds %q", at, bad)
				}
			}
			if res.Header().Get("Set-Cookie") != "" || res.Header().Get("Content-Language") != string(l) {
				t.Errorf("%s: headers %v", at, res.Header())
			}
			d := document(t, res)
			if lang, _ := d.Find("html").Attr("lang"); lang != string(l) || d.Find("html").AttrOr("dir", "") != l.Dir() {
				t.Errorf("%s: language %s", at, lang)
			}
			if d.Find("h1").Length() != 1 || d.Find("main").Length() != 1 || say(d, "title") == "" {
				t.Errorf("%s: %d h1", at, d.Find("h1").Length())
			}
			seen := map[string]bool{}
			for _, m := range ids.FindAllStringSubmatch(body, -1) {
				if seen[m[1]] {
					t.Errorf("%s: id %q twice", at, m[1])
				}
				seen[m[1]] = true
			}
			d.Find("a[href^='#']").Each(func(_ int, a *goquery.Selection) {
				if to := a.AttrOr("href", "")[1:]; !seen[to] {
					t.Errorf("%s: a link to #%s, which is not there", at, to)
				}
			})
			// Headings leave no level out.
			last := 0
			d.Find("main h1,main h2,main h3,main h4,main h5,main h6").Each(func(_ int, n *goquery.Selection) {
				level := int(goquery.NodeName(n)[1] - '0')
				if level > last+1 {
					t.Errorf("%s: h%d after h%d: %s", at, level, last, n.Text())
				}
				last = level
			})
			d.Find("[src],[href]").Each(func(_ int, n *goquery.Selection) {
				if name := goquery.NodeName(n); name != "a" && name != "link" && !strings.HasPrefix(n.AttrOr("src", ""), "/") {
					t.Errorf("%s: loads %s", at, n.AttrOr("src", ""))
				}
			})
			if n := d.Find(".langs a").Length(); n != len(i18n.All) || !strings.HasPrefix(say(d, ".langs [aria-current]"), l.Endonym()) {
				t.Errorf("%s: %d languages in the bar, current %q", at, n, say(d, ".langs [aria-current]"))
			}
		}
	}
	if h.do("GET", "/en/nowhere").Code != http.StatusNotFound {
		t.Error("a page out of nothing")
	}
	if left := h.views.Unused(); len(left) > 0 {
		t.Errorf("templates never executed: %v", left)
	}
	for _, m := range h.Catalogue.Missing() {
		if strings.HasPrefix(m, "en ") {
			t.Errorf("no such message: %s", m)
		}
	}
}

// TestEveryMessageExists finds the keys in the sources, so that one that no test happens to show is found too.
func TestEveryMessageExists(t *testing.T) {
	h := open(t, 0)
	file := regexp.MustCompile(`\.(ics|atom|png|html)$`)
	key := regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)
	for pattern, quoted := range map[string]*regexp.Regexp{".": regexp.MustCompile(`"([^"\n]*)"`), "../../themes/default/templates": regexp.MustCompile(`\.?M "([^"]*)"`)} {
		files, err := walk(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range quoted.FindAllStringSubmatch(text, -1) {
				first, _, _ := strings.Cut(m[1], ".")
				if key.MatchString(m[1]) && topLevel[first] && !h.Catalogue.Has(i18n.EN, m[1]) && !file.MatchString(m[1]) {
					t.Errorf("%s: no message %s", name, m[1])
				}
			}
		}
	}
	for enum, values := range kind.Enums {
		for _, v := range values {
			var keys []string
			switch enum {
			case "block_kind":
				keys = []string{"block." + v}
			case "commitment_kind":
				keys = []string{"commitment.by." + v, "commitment.open." + v}
			case "interpretation_kind":
				keys = []string{"event.interpretation." + v}
			}
			for _, k := range append(keys, "enum."+enum+"."+v) {
				if !h.Catalogue.Has(i18n.EN, k) {
					t.Errorf("no message %s", k)
				}
			}
		}
	}
	for path, l := range lists {
		for _, k := range []string{"list." + path + ".title", "list." + path + ".text", "list." + path + ".empty", "menu." + path} {
			if !h.Catalogue.Has(i18n.EN, k) {
				t.Errorf("no message %s", k)
			}
		}
		for _, f := range l.filters {
			if !h.Catalogue.Has(i18n.EN, "filter."+f.param) || !means("/en/"+path, f.param) {
				t.Errorf("filter %s has no message or is not kept", f.param)
			}
		}
	}
	for _, f := range append([]string{"other"}, values(faults)...) {
		if !h.Catalogue.Has(i18n.EN, "fault."+f+".title") || !h.Catalogue.Has(i18n.EN, "fault."+f+".text") {
			t.Errorf("fault %s has no words", f)
		}
	}
}

func values(m map[int]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

var topLevel = map[string]bool{"page": true, "list": true, "menu": true, "filter": true, "home": true, "event": true, "block": true, "commitment": true,
	"document": true, "recording": true, "discussion": true, "figure": true, "contact": true, "news": true, "person": true, "organization": true, "report": true,
	"topic": true, "goal": true, "share": true, "feed": true, "fault": true, "kind": true, "phase": true, "enum": true, "count": true}

func walk(dir string) (map[string]string, error) {
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := dir + "/" + e.Name()
		if e.IsDir() {
			more, err := walk(name)
			if err != nil {
				return nil, err
			}
			for k, v := range more {
				out[k] = v
			}
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[name] = string(b)
	}
	return out, nil
}

func TestSkeletonPage(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	d := h.get("/ru/" + w.eventPath)
	if d.Find("meta[name=robots]").AttrOr("content", "") != "noindex" || d.Find("link[rel=canonical]").AttrOr("href", "") != baseURL+"/en/"+w.eventPath {
		t.Error("a page without words of its own is offered to search engines")
	}
	if d.Find("link[hreflang=ru]").Length() != 0 {
		t.Error("it is listed as a version")
	}
	if got := d.Find(".prose").First().AttrOr("lang", ""); got != "en" {
		t.Errorf("its text is marked %q", got)
	}
	if d.Find("h1").AttrOr("lang", "") != "en" || !strings.Contains(say(d, ".notice"), "английский") {
		t.Errorf("it does not say that its text is in English: %s", say(d, ".notice"))
	}
	if got := say(d, ".when .date"); got != "1 июля 2026 года среда" {
		t.Errorf("the date is not in the page's language: %s", got)
	}
	if d.Find(".langs a.na").Length() != len(i18n.All)-3 || say(d, ".langs a[hreflang=ru] .vh") == "" {
		t.Error("the language bar does not say which languages are missing")
	}
	// A page from right to left in another's language.
	fr := h.get("/ar/news/2026/une-nouvelle-seulement-en-francais")
	if p := fr.Find(".prose").First(); p.AttrOr("lang", "") != "fr" || p.AttrOr("dir", "") != "ltr" || fr.Find("link[rel=canonical]").AttrOr("href", "") != baseURL+"/fr/news/2026/une-nouvelle-seulement-en-francais" {
		t.Error("French text on an Arabic page is not marked")
	}
}

// The date of an event's page reads in each language as that language writes it, although its day stands apart and large.
func TestDateInEveryLanguage(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	e := occasion(h.organizer(), "Three days")
	e.When = content.When{Start: "2026-07-01T00:00", End: "2026-07-03T00:00", Zone: "Africa/Nairobi", Precision: "day"}
	_, days := h.publish(kind.EventKind, e, i18n.EN)
	e.Title, e.When = content.L("en", "A month"), content.When{Start: "2026-07-01T00:00", Zone: "Africa/Nairobi", Precision: "month"}
	_, month := h.publish(kind.EventKind, e, i18n.EN)
	for l, want := range map[i18n.Locale][3]string{
		i18n.EN: {"1 July 2026 Wednesday", "1–3 July 2026 Wednesday to Friday", "July 2026"},
		i18n.FR: {"1er juillet 2026 mercredi", "1er–3 juillet 2026 du mercredi au vendredi", "juillet 2026"},
		i18n.ES: {"1 de julio de 2026 miércoles", "1 a 3 de julio de 2026 de miércoles a viernes", "julio de 2026"},
		i18n.AR: {"1 تموز/يوليه 2026 الأربعاء", "من 1 إلى 3 تموز/يوليه 2026 من الأربعاء إلى الجمعة", "تموز/يوليه 2026"},
		i18n.ZH: {"2026年7月 1日 星期三", "2026年7月 1日至3日 星期三至星期五", "2026年7月"},
		i18n.RU: {"1 июля 2026 года среда", "1–3 июля 2026 года среда — пятница", "июль 2026 года"},
		i18n.KO: {"2026년 7월 1일 수요일", "2026년 7월 1일~3일 수요일~금요일", "2026년 7월"},
		i18n.PT: {"1 de julho de 2026 quarta-feira", "1 a 3 de julho de 2026 quarta-feira a sexta-feira", "julho de 2026"},
		i18n.SW: {"1 Julai 2026 Jumatano", "1–3 Julai 2026 Jumatano hadi Ijumaa", "Julai 2026"},
	} {
		at := "/" + string(l) + "/"
		if got := say(h.get(at+w.eventPath), ".when .date"); got != want[0] {
			t.Errorf("%s: %q, want %q", l, got, want[0])
		}
		if got := say(h.get(at+days), ".when .date"); got != want[1] {
			t.Errorf("%s, three days: %q, want %q", l, got, want[1])
		}
		if got := say(h.get(at+month), ".when .date"); got != want[2] {
			t.Errorf("%s, a month: %q, want %q", l, got, want[2])
		}
	}
	// A city where it is another day.
	e.Title, e.When = content.L("en", "Late"), content.When{Start: "2026-06-30T22:00", End: "2026-06-30T23:00", Zone: "America/New_York", Precision: "time"}
	_, late := h.publish(kind.EventKind, e, i18n.EN)
	for l, want := range map[i18n.Locale]string{i18n.EN: "Wednesday, 1 July", i18n.FR: "mercredi 1er juillet", i18n.ES: "miércoles 1 de julio", i18n.AR: "الأربعاء 1 تموز/يوليه", i18n.ZH: "7月1日星期三", i18n.KO: "7월 1일 수요일"} {
		if got := say(h.get("/"+string(l)+"/"+late), ".zones tr:last-child td small"); got != want {
			t.Errorf("%s, elsewhere: %q, want %q", l, got, want)
		}
	}
}

// TestVersionsNameEachOther: every version of a page lists itself and all others, with whole addresses.
func TestVersionsNameEachOther(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	for _, path := range []string{"", "events", w.eventPath} {
		var first string
		for _, l := range all3 {
			d := h.get("/" + string(l) + "/" + path)
			var all []string
			d.Find("link[rel=alternate][hreflang]").Each(func(_ int, n *goquery.Selection) {
				all = append(all, n.AttrOr("hreflang", "")+" "+n.AttrOr("href", ""))
			})
			got := strings.Join(all, "\n")
			if !strings.Contains(got, string(l)+" "+baseURL+"/"+string(l)+"/"+path) || !strings.Contains(got, "x-default "+baseURL+"/en/"+path) {
				t.Errorf("/%s/%s does not name itself:\n%s", l, path, got)
			}
			if first == "" {
				first = got
			} else if got != first {
				t.Errorf("/%s/%s names others than its versions do:\n%s\nand\n%s", l, path, got, first)
			}
			if c := d.Find("link[rel=canonical]").AttrOr("href", ""); c != baseURL+"/"+string(l)+"/"+path {
				t.Errorf("canonical address %s", c)
			}
		}
	}
}

func TestDraftIsNowhere(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	id := h.draft(kind.NewsKind, &kind.News{Title: content.L("en", "Secret merger"), Summary: content.L("en", "Nobody knows."), Kind: "news", Date: "2026-06-19",
		Body: content.P("en", "<p>x</p>"), Event: content.Ref(w.event), Topics: content.Refs{w.topic}}, i18n.EN)
	for _, path := range append(w.paths(), "news/2026/secret-merger") {
		if res := h.do("GET", "/en/"+path); strings.Contains(res.Body.String(), "Secret merger") {
			t.Errorf("/en/%s tells of a draft", path)
		}
	}
	if c := h.do("GET", "/e/"+string(id)).Code; c != http.StatusNotFound {
		t.Errorf("permanent address of a draft: %d", c)
	}
	if c := h.do("GET", "/en/news/2026/secret-merger").Code; c != http.StatusNotFound {
		t.Errorf("page of a draft: %d", c)
	}
}

func TestEventPage(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	d := h.get("/en/" + w.eventPath)
	for selector, want := range map[string]string{
		".pill.ok":                             "Registration open",
		".when .time":                          "08:00–09:30 New York time (UTC−4)",
		".zones tr:contains(Addis) td":         "15:00–16:30",
		".zones tr:contains(Addis) th":         "Addis Ababa, Nairobi",
		"#objectives li:nth-child(2)":          "Show practical uses of open data, analytics and emerging tools, adapted to each country’s conditions.",
		"#expected-results ol.letters li":      "a compendium of national practice",
		".docs .soon .tag":                     "Expected 15 July 2026",
		".docs a[hreflang=fr] small":           "PDF, 251 KB, 4 pages, unofficial translation",
		".docs a[hreflang=ar]":                 "Concept note: opening the register عربي PDF, 262 KB, 4 pages",
		"#programme li:nth-child(2) .nums":     "08:10–08:50",
		"#programme li:nth-child(4) .tbd":      "Time to be fixed",
		"#speakers li:nth-child(1) em":         "Moderator",
		"#speakers li:nth-child(2) .tbc":       "To be confirmed",
		".by":                                  "Organized by the Department for Public Institutions In collaboration with the Economic Commission for the Region and the Continental Development Agency In partnership with the Association for Public Administration",
		"#outcome .todo li:nth-child(1)":       "The recordings will be posted on this page by 8 July 2026.",
		"#outcome .todo .done":                 "Documents: Concept note: opening the register",
		"#notes li:nth-child(1)":               "* The discussion board opens once the webinar has ended. https://board.example/about Back to text",
		"#notes li:nth-child(2) .no":           "1",
		"#background table th[scope=row]":      "Kenya",
		"#background th[scope=col]":            "CountryPortal",
		"#background h3":                       "What differed",
		"#background h4":                       "In detail",
		"#discussion p:nth-child(2)":           "The discussion opens on 1 July 2026, 10:00, New York time (UTC−4).",
		".next li:nth-child(1) h3":             "Session 1: Responses in Asia and the Pacific",
		".crumb li:nth-child(3)":               "Capacity development webinars",
		".kv div:contains('Register by') time": "28 June 2026, 23:59, UTC",
	} {
		if got := say(d, selector); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	if d.Find("#discussion a[href='#m1']").Length() != 1 || d.Find("#m1 a[href='#rm1']").Length() != 1 || d.Find("#rm1").Length() != 1 {
		t.Error("the mark of the discussion board does not lead to its note and back")
	}
	if d.Find("#background [lang=ar]").AttrOr("dir", "") != "rtl" {
		t.Error("a word in Arabic has no direction")
	}
	if d.Find("#speakers img").AttrOr("alt", "none") != "" || !strings.Contains(d.Find("#speakers img").AttrOr("src", ""), "/square-160.jpg") {
		t.Error("no portrait")
	}
	if got := d.Find("meta[property='og:image']").AttrOr("content", ""); !strings.HasPrefix(got, baseURL+"/media/") || !strings.Contains(got, "/og.") {
		t.Errorf("picture for sharing: %q", got)
	}
	if got := d.Find("a.btn.pri").AttrOr("href", ""); got != "https://register.example/form" {
		t.Errorf("main action %q", got)
	}
	ar := h.get("/ar/" + w.eventPath)
	if got := say(ar, ".when .time time"); got != "من 08:00 إلى 09:30" {
		t.Errorf("time in Arabic: %s", got)
	}
	if got, _ := ar.Find(".docs a[hreflang=ar] small").Html(); !strings.Contains(got, `<bdi dir="ltr">PDF</bdi>`) || !strings.Contains(got, "<bdi>262") {
		t.Errorf("format and size are not isolated: %s", got)
	}
	if ar.Find("#background .prose").AttrOr("lang", "") != "" {
		t.Error("Arabic text on an Arabic page is marked as another language")
	}
}

// TestActionsFollowTheClock: what can be done with an event, by the time and its facts.
func TestActionsFollowTheClock(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	ny, _ := time.LoadLocation("America/New_York")
	at := func(month time.Month, day, hour, min int) time.Time {
		return time.Date(2026, month, day, hour, min, 0, 0, ny)
	}
	report := func(id content.Ref, stage string) {
		h.publish(kind.ReportKind, &kind.Report{Title: content.L("en", "Outcome "+stage), Summary: content.L("en", "S."), Stage: stage, Event: id, Date: "2026-07-20",
			CommentUntil: content.Moment{At: "2026-08-20T12:00", Zone: "UTC"}, Executive: content.P("en", "<p>x</p>"), KeyMessages: []kind.Point{}}, i18n.EN)
	}
	recorded := func(e *kind.Event) {
		e.Recordings = []kind.Recording{{Item: content.Item{ID: "r1"}, Kind: "video", URL: "https://video.example/1", Captions: []string{"en"}, Minutes: 88}}
	}
	for _, c := range []struct {
		name    string
		change  func(*kind.Event)
		report  string
		now     time.Time
		pill    string
		actions string // labels, in order
		says    string
		never   string
	}{
		{"before the form opens", nil, "", at(5, 1, 9, 0), "Announced", "Add to calendar", "Registration opens on 1 June 2026, 09:00, New York time", "register.example"},
		{"form open", nil, "", at(6, 20, 9, 0), "Registration open", "Register|Add to calendar", "fill in the Registration form", "Watch"},
		{"by mail only", func(e *kind.Event) { e.Registration.URL = "" }, "", at(6, 20, 9, 0), "Registration open", "Register by email|Add to calendar", "fill in the Registration form", ""},
		{"form closed", nil, "", at(6, 29, 9, 0), "Registration closed", "Add to calendar", "How to join will be sent to registered participants", "register.example"},
		{"live with a stream", func(e *kind.Event) { e.StreamURL = "https://stream.example/1" }, "", at(7, 1, 8, 5), "Live now", "Watch live", "How to join was sent", "register.example"},
		{"live without", nil, "", at(7, 1, 8, 5), "Live now", "", "How to join was sent", "register.example"},
		{"just over", nil, "", at(7, 1, 9, 31), "Concluded", "", "The recordings will be posted on this page by 8 July 2026.", "How to join"},
		{"recorded", recorded, "", at(7, 9, 9, 0), "Concluded", "Watch the recording", "Captions: English", "register.example"},
		{"draft outcome", recorded, "for_comment", at(7, 25, 9, 0), "Draft outcome", "Read the draft outcome report|Watch the recording", "Open for comment until 20 August 2026, 12:00, UTC", ""},
		{"outcome", recorded, "final", at(7, 25, 9, 0), "Outcome published", "Read the outcome report|Watch the recording", "Outcome final", "Register by"},
		{"archived", nil, "final", at(7, 25, 9, 0).AddDate(6, 0, 0), "Archived", "Read the outcome report", "", "Add to calendar"},
		{"cancelled", func(e *kind.Event) {
			e.Status, e.StatusNote = "cancelled", content.L("en", "The host withdrew.")
		}, "", at(6, 20, 9, 0), "Cancelled", "", "The host withdrew.", "register.example"},
		{"postponed", func(e *kind.Event) { e.Status, e.StatusNote = "postponed", content.L("en", "A new date follows.") }, "", at(6, 20, 9, 0), "Postponed", "", "Date to be fixed", "register.example"},
		{"rescheduled", func(e *kind.Event) {
			e.Previous = content.When{Start: "2026-06-24T08:00", End: "2026-06-24T09:30", Zone: "America/New_York", Precision: "time"}
			e.Status = "rescheduled"
		}, "", at(6, 20, 9, 0), "Rescheduled · Registration open", "Register|Add to calendar", "Previously: Wednesday, 24 June 2026, 08:00–09:30, New York (UTC−4)", ""},
		{"date to be fixed", func(e *kind.Event) {
			e.When = content.When{Precision: "tbd", Zone: "America/New_York"}
			e.Registration = kind.Registration{}
			e.Sessions = nil
		}, "", at(6, 20, 9, 0), "Save the date", "", "Date to be fixed", "Add to calendar"},
		{"a month", func(e *kind.Event) {
			e.When = content.When{Start: "2026-10-01T00:00", Precision: "month", Zone: "America/New_York"}
			e.Registration = kind.Registration{}
			e.Sessions = nil
		}, "", at(6, 20, 9, 0), "Save the date", "", "October 2026", "Add to calendar"},
		{"three days", func(e *kind.Event) {
			e.When = content.When{Start: "2026-07-01T00:00", End: "2026-07-03T00:00", Precision: "day", Zone: "America/New_York"}
			e.Access, e.Registration, e.Sessions = "open", kind.Registration{}, nil
		}, "", at(6, 20, 9, 0), "Announced", "Add to calendar", "1–3 July 2026 Wednesday to Friday", "08:00"},
		{"into the next day", func(e *kind.Event) {
			e.When.Start, e.When.End = "2026-07-01T20:30", "2026-07-01T22:00"
			e.ShowZones = []string{"Asia/Bangkok"}
			e.Sessions = nil
		}, "", at(6, 20, 9, 0), "Registration open", "Register|Add to calendar", "Thursday, 2 July 07:30–09:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.t, h.now = t, at(6, 20, 9, 0)
			fresh, err := h.content.LiveByID(ctx, i18n.EN, w.event)
			if err != nil {
				t.Fatal(err)
			}
			own, err := kind.EventKind.Join(kind.EventKind.Split(fresh.Value)) // what Live gives is not changed
			if err != nil {
				t.Fatal(err)
			}
			e := own.(*kind.Event)
			e.Series, e.Parent, e.FocalPoint = "", "", "account1" // who is in charge is not published
			if c.change != nil {
				c.change(e)
			}
			e.Title = content.L("en", "Clock: "+c.name)
			id, path := h.publish(kind.EventKind, e, i18n.EN)
			if c.report != "" {
				report(id, c.report)
			}
			h.now = c.now
			d := h.get("/en/" + path)
			var actions []string
			d.Find(".hero .acts a").Each(func(_ int, a *goquery.Selection) { actions = append(actions, strings.TrimSpace(a.Text())) })
			if got := strings.Join(actions, "|"); got != c.actions {
				t.Errorf("actions %q, want %q", got, c.actions)
			}
			if got := say(d, ".hero .pill"); got != c.pill {
				t.Errorf("status %q, want %q", got, c.pill)
			}
			all := say(d, "main")
			if !strings.Contains(all, c.says) {
				t.Errorf("it does not say %q: %s", c.says, all)
			}
			html, _ := d.Html()
			if c.never != "" && strings.Contains(html, c.never) {
				t.Errorf("it still shows %q", c.never)
			}
			if c.name == "rescheduled" && d.Find(".when s").Length() != 1 {
				t.Error("the old date is not struck through")
			}
			if n := d.Find(".acts .pri").Length(); n > 1 {
				t.Errorf("%d main actions", n)
			}
		})
	}
}

// TestWeight: the whole page of an event with its style, as it goes over the line.
func TestWeight(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	h.alter(content.Ref(w.event), map[string]any{"programmes": []string{"p1"}, "programmes.p1.kind": "final"}, nil)
	css, err := os.ReadFile("../../themes/default/static/site.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all3 {
		page := h.do("GET", "/"+string(l)+"/"+w.eventPath).Body.Bytes()
		n := packed(t, page) + packed(t, css)
		if n > 15_000 {
			t.Errorf("%s: %d bytes, page %d and style %d", l, n, packed(t, page), packed(t, css))
		}
	}
}

func packed(t *testing.T, b []byte) int {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return out.Len()
}
