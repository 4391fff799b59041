package site

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// occasion is a small event, to be changed by tests.
func occasion(org content.Ref, title string) *kind.Event {
	return &kind.Event{Title: content.L("en", title, "fr", "FR "+title), Summary: content.L("en", "What it is about.", "fr", "De quoi il s’agit."), Kind: "workshop", Scope: "regional", FocalPoint: "account1", Status: "scheduled",
		When: content.When{Start: "2026-07-10T09:00", End: "2026-07-10T17:00", Zone: "Africa/Nairobi", Precision: "time"}, Mode: "in_person", Access: "open", WorkingLanguages: []string{"en"},
		Venues:        []kind.Venue{{Item: content.Item{ID: "v1"}, Type: "physical", Name: content.L("en", "Hall B", "fr", "Salle B"), City: content.L("en", "Nairobi"), Country: "KE"}},
		Organizations: []kind.OrganizationRole{{Item: content.Item{ID: "o1"}, Organization: org, Role: "organizer"}}, Contacts: []kind.Contact{{Item: content.Item{ID: "c1"}, Mailbox: "workshop@office.example"}}}
}

func (h *house) organizer() content.Ref {
	id, _ := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Land Office"), Type: "igo"}, i18n.EN)
	return id
}

// body gives what stands at an address, which must be there, lines of calendars put together.
func (h *house) body(path string) string {
	h.t.Helper()
	w := h.do("GET", path)
	if w.Code != http.StatusOK {
		h.t.Fatalf("GET %s: %d", path, w.Code)
	}
	return strings.ReplaceAll(w.Body.String(), "\r\n ", "")
}

// vevent gives the lines of the event with an id, or "".
func vevent(calendar string, id content.Ref) string {
	for _, part := range strings.Split(calendar, "BEGIN:VEVENT\r\n")[1:] {
		if strings.Contains(part, "UID:"+string(id)+"@") {
			part, _, _ = strings.Cut(part, "END:VEVENT")
			return part
		}
	}
	return ""
}

// An event is the same thing in its own calendar, in that of its series and in that of all events: who has two of them
// must not see one undo the other.
func TestCalendarsTellTheSame(t *testing.T) {
	h := open(t, 0)
	org := h.organizer()
	series, seriesPath := h.publish(kind.SeriesKind, &kind.Series{Title: content.L("en", "Workshops"), Summary: content.L("en", "All of them."), Status: "active"}, i18n.EN)
	topic, _ := h.publish(kind.TopicKind, &kind.Topic{Label: content.L("en", "Land, water", "fr", "Terre"), Scheme: "theme"}, i18n.EN, i18n.FR)
	other, _ := h.publish(kind.TopicKind, &kind.Topic{Label: content.L("en", "Trust"), Scheme: "theme"}, i18n.EN)
	forum, _ := h.publish(kind.EventKind, occasion(org, "Forum"), i18n.EN)
	e := occasion(org, "Side event; first, of all")
	e.Series, e.Topics, e.Parent, e.Relation = series, content.Refs{topic, other}, forum, "in_margins_of"
	id, path := h.publish(kind.EventKind, e, i18n.EN, i18n.FR)
	for _, l := range []i18n.Locale{i18n.EN, i18n.FR, i18n.SW} {
		alone := vevent(h.body("/"+string(l)+"/"+path+".ics"), id)
		if alone == "" {
			t.Fatalf("%s: the event is not in its own calendar", l)
		}
		for _, p := range []string{"events", seriesPath} {
			if got := vevent(h.body("/"+string(l)+"/"+p+".ics"), id); got != alone {
				t.Errorf("%s/%s.ics tells it otherwise:\n%s\nthan its own:\n%s", l, p, got, alone)
			}
		}
		want := map[i18n.Locale][]string{
			i18n.EN: {`SUMMARY;LANGUAGE=en:Side event\; first\, of all`, "LOCATION;LANGUAGE=en:Hall B\\, Nairobi\\, Kenya\r", "CATEGORIES;LANGUAGE=en:Land\\, water,Trust\r"},
			i18n.FR: {"SUMMARY;LANGUAGE=fr:FR Side event", "LOCATION;LANGUAGE=fr:Salle B\\, Nairobi\\, Kenya\r", "CATEGORIES;LANGUAGE=fr:Terre\r\nCATEGORIES;LANGUAGE=en:Trust\r"},
			// Nobody has translated it: its words are English, and say so.
			i18n.SW: {"SUMMARY;LANGUAGE=en:Side event", "LOCATION;LANGUAGE=en:Hall B", "CATEGORIES;LANGUAGE=en:Land"},
		}[l]
		for _, line := range append(want, `ORGANIZER;CN="Land Office":mailto:workshop@office.example`, "RELATED-TO;RELTYPE=PARENT:"+string(forum)+"@plenary", "STATUS:CONFIRMED", "SEQUENCE:0",
			"DTSTART;TZID=Africa/Nairobi:20260710T090000", "URL:"+baseURL+"/"+string(l)+"/"+path) {
			if !strings.Contains(alone, line) {
				t.Errorf("%s: no %q in\n%s", l, line, alone)
			}
		}
	}
	slug := "better-words"
	if _, err := h.content.Save(ctx, staff, content.Change{ID: string(id), Slug: &slug}); err != nil {
		t.Fatal(err)
	}
	if err := h.content.Publish(ctx, staff, content.PublishChange{ID: string(id), Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if w := h.do("GET", "/fr/"+path+".ics"); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/fr/events/2026/better-words.ics" {
		t.Errorf("the calendar of an event that has moved: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// What is called off stays in the calendars that hold it, and says so; what has no day is in none.
func TestCalendarStatus(t *testing.T) {
	h := open(t, 0)
	org := h.organizer()
	day := func(precision, start, end string) content.When {
		return content.When{Start: content.LocalTime(start), End: content.LocalTime(end), Zone: "Africa/Cairo", Precision: precision}
	}
	tbd := content.When{Precision: "tbd"}
	for _, c := range []struct {
		title, status string
		when, before  content.When
		in            bool     // the calendar of all
		own           bool     // has one of its own
		lines         []string // of it
		feed          string   // its title in the feed
	}{
		{title: "Fixed", status: "scheduled", when: day("time", "2026-07-10T09:00", "2026-07-10T10:00"), in: true, own: true, lines: []string{"STATUS:CONFIRMED", "SUMMARY;LANGUAGE=en:Fixed"}, feed: "Fixed"},
		{title: "Perhaps", status: "tentative", when: day("day", "2026-07-10T00:00", "2026-07-12T00:00"), in: true, own: true,
			lines: []string{"STATUS:TENTATIVE", "DTSTART;VALUE=DATE:20260710", "DTEND;VALUE=DATE:20260713", "TRANSP:TRANSPARENT"}, feed: "Perhaps"},
		{title: "Night", status: "scheduled", when: day("time", "2026-07-10T22:00", "2026-07-12T02:00"), in: true, own: true, lines: []string{"DTSTART;TZID=Africa/Cairo:20260710T220000", "DTEND;TZID=Africa/Cairo:20260712T020000"}},
		{title: "Month", status: "scheduled", when: day("month", "2026-09-01T00:00", "")},
		{title: "Some day", status: "scheduled", when: tbd},
		{title: "Off", status: "cancelled", when: day("time", "2026-05-10T09:00", "2026-05-10T10:00"), in: true, own: true, lines: []string{"STATUS:CANCELLED", "SUMMARY;LANGUAGE=en:Cancelled: Off", "DESCRIPTION;LANGUAGE=en:The hall is closed.\\n\\nWhat"}, feed: "Cancelled: Off"},
		{title: "Long off", status: "cancelled", when: day("time", "2026-04-10T09:00", "2026-04-10T10:00"), own: true, lines: []string{"STATUS:CANCELLED"}},
		{title: "Later", status: "postponed", when: day("time", "2026-07-10T09:00", "2026-07-10T10:00"), in: true, own: true, lines: []string{"STATUS:TENTATIVE", "SUMMARY;LANGUAGE=en:Postponed: Later"}, feed: "Postponed: Later"},
		{title: "Later still", status: "postponed", when: tbd, before: day("time", "2026-07-10T09:00", "2026-07-10T10:00"), in: true, own: true, lines: []string{"STATUS:TENTATIVE", "SUMMARY;LANGUAGE=en:Postponed: Later still", "DTSTART;TZID=Africa/Cairo:20260710T090000"}},
		{title: "Long put off", status: "postponed", when: tbd, before: day("time", "2026-04-10T09:00", "2026-04-10T10:00"), own: true},
		{title: "Elsewhere", status: "moved_online", when: day("time", "2026-07-10T09:00", "2026-07-10T10:00"), before: day("time", "2026-07-09T09:00", "2026-07-09T10:00"), in: true, own: true, lines: []string{"STATUS:CONFIRMED"}, feed: "Moved online: Elsewhere"},
	} {
		e := occasion(org, c.title)
		e.When, e.Status, e.Previous, e.StatusNote = c.when, c.status, c.before, content.L("en", "The hall is closed.")
		id, path := h.publish(kind.EventKind, e, i18n.EN)
		if got := vevent(h.body("/en/events.ics"), id) != ""; got != c.in {
			t.Errorf("%s is in the calendar: %v", c.title, got)
		}
		w := h.do("GET", "/en/"+path+".ics")
		if got := w.Code == http.StatusOK; got != c.own {
			t.Errorf("%s has its own calendar: %v (%d)", c.title, got, w.Code)
		}
		own := strings.ReplaceAll(w.Body.String(), "\r\n ", "")
		for _, line := range c.lines {
			if !strings.Contains(own, line) {
				t.Errorf("%s: no %q in\n%s", c.title, line, own)
			}
		}
		if c.feed != "" && !strings.Contains(h.body("/en/events.atom"), "<title>"+c.feed+"</title>") {
			t.Errorf("the feed does not call it %q", c.feed)
		}
	}
}

// A feed is in one language, well formed whatever stands in a title, and not sent again unchanged.
func TestFeeds(t *testing.T) {
	h := open(t, 1<<20)
	title := "A < B & \"C\" ]]> \u0001\ufffe </title><script>x</script>"
	n := &kind.News{Title: content.L("en", title), Summary: content.L("en", "<b>bold</b> & so on"), Kind: "news", Date: "2026-06-19", Body: content.P("en", "<p>x</p>"), StaffNote: "canary"}
	id, path := h.publish(kind.NewsKind, n, i18n.EN)
	h.publish(kind.NewsKind, &kind.News{Title: content.L("ar", "خبر"), Summary: content.L("ar", "ملخص"), Kind: "news", Date: "2026-06-19", Body: content.P("ar", "<p>نص</p>")}, i18n.AR)
	for _, l := range i18n.All {
		own := map[i18n.Locale]int{i18n.EN: 1, i18n.AR: 1}[l]
		for ext, mark := range map[string]string{".atom": "<entry>", ".rss": "<item>", ".json": `"content_text"`} {
			at := "/" + string(l) + "/news" + ext
			w := h.do("GET", at)
			body := w.Body.String()
			if got := strings.Count(body, mark); w.Code != http.StatusOK || got != own {
				t.Errorf("%s: %d, %d entries, want %d", at, w.Code, got, own)
			}
			if strings.Contains(body, "canary") || strings.Contains(body, "<script>") {
				t.Errorf("%s: %s", at, body)
			}
			if ext == ".json" {
				if !json.Valid(w.Body.Bytes()) {
					t.Errorf("%s is no JSON", at)
				}
			} else {
				for d := xml.NewDecoder(strings.NewReader(body)); ; {
					if _, err := d.Token(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatalf("%s: %v", at, err)
					}
				}
			}
			for _, want := range map[string][]string{
				".atom": {`xml:lang="` + string(l) + `"`, `<link rel="self" href="` + baseURL + at + `"`, `<link rel="alternate" href="` + baseURL + "/" + string(l) + `/news"`},
				".rss":  {"<language>" + string(l) + "</language>", `rel="self" href="` + baseURL + at + `"`}, ".json": {`"language": "` + string(l) + `"`, `"feed_url": "` + baseURL + at + `"`}}[ext] {
				if !strings.Contains(body, want) {
					t.Errorf("%s: no %s in\n%s", at, want, body)
				}
			}
			if again := h.do("GET", at, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
				t.Errorf("%s unchanged: %d", at, again.Code)
			}
			if l == i18n.EN && (!strings.Contains(body, baseURL+"/e/"+string(id)) || !strings.Contains(body, baseURL+"/en/"+path)) {
				t.Errorf("%s: not its own address and that which lasts:\n%s", at, body)
			}
		}
	}
	var rss struct {
		Items []struct {
			Title       string `xml:"title"`
			Description string `xml:"description"`
		} `xml:"channel>item"`
	}
	if err := xml.Unmarshal([]byte(h.body("/en/news.rss")), &rss); err != nil || len(rss.Items) != 1 || rss.Items[0].Description != "&lt;b&gt;bold&lt;/b&gt; &amp; so on" {
		t.Errorf("%v: %+v", err, rss)
	}
}

var script = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// linked gives the things that a page describes, by type; the page's own is under "".
func (h *house) linked(path string) map[string]map[string]any {
	h.t.Helper()
	m := script.FindAllStringSubmatch(h.body(path), -1)
	if len(m) != 1 {
		h.t.Fatalf("%s: %d pieces of linked data", path, len(m))
	}
	var doc struct {
		Context string           `json:"@context"`
		Graph   []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(m[0][1]), &doc); err != nil || doc.Context != "https://schema.org" || len(doc.Graph) == 0 {
		h.t.Fatalf("%s: %v in %s", path, err, m[0][1])
	}
	out := map[string]map[string]any{"": doc.Graph[0]}
	for _, n := range doc.Graph {
		out[fmt.Sprint(n["@type"])] = n
	}
	return out
}

// reach follows names and places of a list to a value, as text.
func reach(n map[string]any, path ...any) string {
	var v any = n
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return ""
			}
			v = l[p]
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func TestLinkedData(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	for path, typ := range map[string]string{w.eventPath: "Event", w.seriesPath: "EventSeries", w.newsPath: "NewsArticle", w.personPath: "Person", w.orgPath: "Organization", w.docPath: "DigitalDocument",
		w.reportPath: "Report", w.topicPath: "DefinedTerm", w.aboutPath: "WebPage"} {
		for _, l := range i18n.All {
			g := h.linked("/" + string(l) + "/" + path)
			if g[""]["@type"] != typ || reach(g[""], "name") == "" || reach(g[""], "url") != baseURL+"/"+string(l)+"/"+path {
				t.Errorf("/%s/%s: %v", l, path, g[""])
			}
			crumbs, _ := g["BreadcrumbList"]["itemListElement"].([]any)
			if n := len(crumbs); n < 2 || reach(g["BreadcrumbList"], "itemListElement", n-1, "item") != baseURL+"/"+string(l)+"/"+path || reach(g["BreadcrumbList"], "itemListElement", n-1, "position") != fmt.Sprint(n) {
				t.Errorf("/%s/%s: %v", l, path, g["BreadcrumbList"])
			}
		}
	}
	e := h.linked("/en/" + w.eventPath)[""]
	for want, at := range map[string][]any{
		"2026-07-01T08:00:00-04:00": {"startDate"}, "2026-07-01T09:30:00-04:00": {"endDate"}, "https://schema.org/EventScheduled": {"eventStatus"},
		"https://schema.org/OnlineEventAttendanceMode": {"eventAttendanceMode"}, "Department for Public Institutions": {"organizer", 0, "name"},
		"Opening": {"subEvent", 0, "name"}, "2026-07-01T08:10:00-04:00": {"subEvent", 1, "startDate"}, "2026-07-01T08:50:00-04:00": {"subEvent", 1, "endDate"}, "Person": {"subEvent", 1, "performer", 0, "@type"},
		"EventSeries": {"superEvent", "@type"}, "VirtualLocation": {"location", 0, "@type"}, baseURL + "/en/" + w.eventPath: {"location", 0, "url"},
	} {
		if got := reach(e, at...); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
	if subs, _ := e["subEvent"].([]any); len(subs) != 3 {
		t.Errorf("%d parts, want the three that have a time", len(subs))
	}
	if img := reach(e, "image"); !strings.HasPrefix(img, baseURL+"/media/") || !strings.Contains(img, "/og.jpg") {
		t.Errorf("image %q", img)
	}
	if d := h.linked("/fr/" + w.docPath)[""]; reach(d, "encoding", 0, "contentSize") != "240 KB" && reach(d, "encoding", 0, "contentSize") != "240\u00a0KB" || reach(d, "encoding", 0, "encodingFormat") != "application/pdf" {
		t.Errorf("files: %v", d["encoding"])
	}

	org := h.organizer()
	for _, c := range []struct {
		change func(e *kind.Event)
		want   map[string]string
	}{
		{func(e *kind.Event) {
			e.Status, e.Previous = "moved_online", content.When{Start: "2026-07-01T00:00", Precision: "day", Zone: "Africa/Nairobi"}
		},
			map[string]string{"eventStatus": "[https://schema.org/EventRescheduled https://schema.org/EventMovedOnline]", "previousStartDate": "2026-07-01", "startDate": "2026-07-10T09:00:00+03:00"}},
		{func(e *kind.Event) {
			e.Status, e.Previous = "venue_changed", content.When{Start: "2026-07-01T00:00", Precision: "day", Zone: "Africa/Nairobi"}
		},
			map[string]string{"eventStatus": "https://schema.org/EventRescheduled", "previousStartDate": "2026-07-01"}},
		{func(e *kind.Event) {
			e.Status, e.Previous = "rescheduled", content.When{Start: "2026-07-01T00:00", Precision: "day", Zone: "Africa/Nairobi"}
		},
			map[string]string{"eventStatus": "https://schema.org/EventRescheduled", "previousStartDate": "2026-07-01", "startDate": "2026-07-10T09:00:00+03:00"}},
		{func(e *kind.Event) {
			e.Status, e.Previous, e.When = "postponed", e.When, content.When{Precision: "tbd"}
		},
			map[string]string{"eventStatus": "https://schema.org/EventPostponed", "startDate": "2026-07-10T09:00:00+03:00", "subEvent": ""}},
		{func(e *kind.Event) { e.Status = "cancelled" }, map[string]string{"eventStatus": "https://schema.org/EventCancelled", "startDate": "2026-07-10T09:00:00+03:00"}},
		{func(e *kind.Event) { e.When = content.When{Precision: "tbd"} }, map[string]string{"eventStatus": "", "startDate": ""}},
		{func(e *kind.Event) { e.When = content.When{Start: "2026-09-01T00:00", Precision: "month", Zone: "UTC"} }, map[string]string{"startDate": "2026-09"}},
		{func(e *kind.Event) { e.Mode, e.Venues, e.Status = "hybrid", nil, "tentative" }, map[string]string{"eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode"}},
		{func(e *kind.Event) { e.Title = content.L("en", "</script><script>alert(1)</script>\u2028<!--") }, nil},
	} {
		e := occasion(org, "Occasion")
		e.Sessions = []kind.Session{{Item: content.Item{ID: "s1"}, Title: content.L("en", "Opening"), Kind: "opening", Slot: content.Slot{Start: "2026-07-10T09:00", End: "2026-07-10T10:00"}}}
		c.change(e)
		if len(e.Venues) == 0 || !e.When.Known() {
			e.Sessions = nil
		}
		_, path := h.publish(kind.EventKind, e, i18n.EN)
		g := h.linked("/en/" + path)[""]
		for name, want := range c.want {
			if got := reach(g, name); got != want {
				t.Errorf("%s %s: %q, want %q", e.Status, name, got, want)
			}
		}
		if reach(g, "location", 0, "@type") == "" || reach(g, "name") != i18n.StripControls(e.Title.In("en")) {
			t.Errorf("%v", g)
		}
	}
}

// The sitemap says of a page's versions what the pages themselves say, and does not name pages without words.
func TestSitemap(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	type entry struct {
		Loc   string `xml:"loc"`
		Links []struct {
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	}
	read := func() map[string]string {
		out := map[string]string{}
		var index struct {
			Maps []string `xml:"sitemap>loc"`
		}
		if err := xml.Unmarshal([]byte(h.body("/sitemap.xml")), &index); err != nil || len(index.Maps) < 9 {
			t.Fatal(err, index)
		}
		for _, m := range index.Maps {
			var set struct {
				URLs []entry `xml:"url"`
			}
			if err := xml.Unmarshal([]byte(h.body(strings.TrimPrefix(m, baseURL))), &set); err != nil {
				t.Fatal(m, err)
			}
			for _, u := range set.URLs {
				for _, l := range u.Links {
					out[u.Loc] += l.Lang + " " + l.Href + "\n"
				}
			}
		}
		return out
	}
	check := func() {
		t.Helper()
		all := read()
		for loc, links := range all {
			d := h.get(strings.TrimPrefix(loc, baseURL))
			var own string
			for _, n := range d.Find("link[rel=alternate][hreflang]").EachIter() {
				own += n.AttrOr("hreflang", "") + " " + n.AttrOr("href", "") + "\n"
			}
			if own != links {
				t.Errorf("%s names\n%sand the sitemap\n%s", loc, own, links)
			}
			if d.Find("meta[name=robots]").Length() > 0 {
				t.Errorf("%s is not for search engines, and in the sitemap", loc)
			}
			for line := range strings.Lines(links) {
				if _, href, _ := strings.Cut(strings.TrimSpace(line), " "); all[href] != links {
					t.Errorf("%s names %s, which does not name it back", loc, href)
				}
			}
		}
		if _, listed := all[baseURL+"/ru/"+w.eventPath]; listed || all[baseURL+"/ar/"+w.eventPath] == "" {
			t.Error("a page without words is listed, or one with words is not")
		}
	}
	check()
	h.settings.Languages = []i18n.Locale{i18n.AR, i18n.FR, i18n.RU} // the original is not among them
	check()
}

func TestRobotsAndSecurity(t *testing.T) {
	h := open(t, 0)
	if got := h.body("/robots.txt"); !strings.Contains(got, "Disallow: /admin/\n") || !strings.Contains(got, "Sitemap: "+baseURL+"/sitemap.xml\n") {
		t.Error(got)
	}
	for range 3 {
		m := regexp.MustCompile(`(?m)^Expires: (.*)$`).FindStringSubmatch(h.body("/.well-known/security.txt"))
		if m == nil {
			t.Fatal("no end")
		}
		end, err := time.Parse(time.RFC3339, m[1])
		if err != nil || end.Before(h.now.AddDate(0, 1, 0)) || end.After(h.now.AddDate(1, 0, 0)) {
			t.Errorf("ends %s, now it is %s (%v)", m[1], h.now, err)
		}
		h.now = h.now.AddDate(0, 7, 0)
	}
	h.settings.Contact.Email = ""
	if w := h.do("GET", "/.well-known/security.txt"); w.Code != http.StatusNotFound {
		t.Errorf("nobody to write to: %d", w.Code)
	}
}
