package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/admin"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

var ctx = context.Background()

const formSelector = "form#form"

// house is a running program with an editor signed in.
type house struct {
	*testing.T
	*apptest.Plenary
	editor *apptest.Browser
}

func open(t *testing.T) *house {
	t.Helper()
	p := apptest.Start(t)
	t.Cleanup(func() {
		if slow := p.Panel.Slow(); len(slow) > 0 {
			t.Errorf("not executed as compiled: %s", slow)
		}
	})
	return &house{t, p, p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})}
}

func (h *house) save(c content.Change) string {
	h.Helper()
	s, err := h.Content.Save(ctx, apptest.System, c)
	if err != nil {
		h.Fatal(err)
	}
	return s.ID
}

func (h *house) make(k *content.Kind, v any) string {
	h.Helper()
	return h.save(content.Change{Kind: k, Original: i18n.EN, Set: k.Split(v)})
}

func (h *house) entry(id string) *content.Entry {
	h.Helper()
	e, err := h.Content.Get(ctx, apptest.System, id)
	if err != nil {
		h.Fatal(err)
	}
	return e
}

func (h *house) event() (string, string) {
	h.Helper()
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Opening the register"), Kind: "webinar",
		When:     content.When{Start: "2027-07-01T08:00", End: "2027-07-01T09:30", Zone: "America/New_York", Precision: "time"},
		Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome")}, {Item: content.Item{ID: "bb"}, Title: content.L("en", "Panel")}},
		Blocks: []kind.Block{{Item: content.Item{ID: "k1"}, Kind: "key_questions", Groups: []kind.PointGroup{{Item: content.Item{ID: "g1"}, Heading: content.L("en", "Trust"),
			Points: []kind.Point{{Item: content.Item{ID: "p1"}, Text: content.L("en", "Who may look?")}}}}}}})
	return id, "/admin/events/" + id
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// TestTheFormGivesEverythingBack: a page's controls alone, read with nothing to compare them with, are the entry.
func TestTheFormGivesEverythingBack(t *testing.T) {
	h := open(t)
	cat, err := i18n.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]string{"topic": h.make(kind.TopicKind, &kind.Topic{Label: content.L("en", "Health")}), "person": h.make(kind.PersonKind, &kind.Person{Name: content.L("en", "Amina Diallo")}),
		"organization": h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Department")}), "event": h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Another")}),
		"series": h.make(kind.SeriesKind, &kind.Series{Title: content.L("en", "Series")}), "document": h.make(kind.DocumentKind, &kind.Document{Title: content.L("en", "Paper")}),
		"page": h.make(kind.PageKind, &kind.Page{Title: content.L("en", "About")})}
	if err := apptest.RecordingFiles(ctx, h.Media, refs); err != nil {
		t.Fatal(err)
	}
	file, err := h.Media.Upload(ctx, apptest.System, media.Upload{Name: "note.txt", Body: strings.NewReader("A note.")})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kind.All {
		id := h.save(content.Change{Kind: k, Original: i18n.EN, Set: apptest.Sample(k, i18n.EN, "sample", refs, file.ID)})
		e := h.entry(id)
		for _, l := range []i18n.Locale{i18n.EN, i18n.AR} {
			page := h.editor.Get("/admin/" + k.Path + "/" + id + "?lang=" + string(l))
			if page.Status != http.StatusOK {
				t.Fatalf("%s in %s: %d", k.Name, l, page.Status)
			}
			form := page.Form(formSelector)
			got, problems := admin.ReadForm(cat, k, i18n.EN, l, form)
			for _, p := range problems {
				t.Errorf("%s: %s: %s", k.Name, p.Name(), p.Key)
			}
			for _, p := range []content.Part{content.Facts, content.Part(l)} {
				for path, raw := range e.Parts[p] {
					if string(got[p][path]) != string(raw) {
						t.Errorf("%s in %s: %s: %s came back as %s", k.Name, l, content.FormName(path, p.Locale()), raw, got[p][path])
					}
				}
			}
			if page := h.editor.Post("/admin/"+k.Path+"/"+id+"?lang="+string(l), with(form, "op", "save")); page.Status != http.StatusOK {
				t.Errorf("%s: %d %s", k.Name, page.Status, page.Find(".err").Text())
			}
			for p, n := range h.entry(id).Versions {
				if n != e.Versions[p] {
					t.Errorf("%s in %s: saving what was shown made version %d of %q", k.Name, l, n, p)
				}
			}
			// Every control has a name for those who cannot see where it stands.
			page.Find("#form input:not([type=hidden]), #form textarea, #form select").Each(func(_ int, s *goquery.Selection) {
				name := s.AttrOr("name", s.AttrOr("id", "?"))
				if s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && page.Find(fmt.Sprintf("label[for=%q]", s.AttrOr("id", "?"))).Length() == 0 {
					t.Errorf("%s: %s has no label", k.Name, name)
				}
				for _, id := range strings.Fields(s.AttrOr("aria-describedby", "")) {
					if page.Find(fmt.Sprintf("[id=%q]", id)).Length() != 1 {
						t.Errorf("%s: %s is described by %s, which is there %d times", k.Name, name, id, page.Find(fmt.Sprintf("[id=%q]", id)).Length())
					}
				}
			})
			seen := map[string]bool{}
			page.Find("[id]").Each(func(_ int, s *goquery.Selection) {
				if id := s.AttrOr("id", ""); seen[id] {
					t.Errorf("%s: id %s twice", k.Name, id)
				} else {
					seen[id] = true
				}
			})
			if page.Find("[style], [onclick], main script").Length() > 0 {
				t.Errorf("%s: style or script inside the page", k.Name)
			}
		}
	}
}

func TestNothingTypedIsLostByRearranging(t *testing.T) {
	h := open(t)
	id, at := h.event()
	form := h.editor.Get(at).Form(formSelector)
	typed := map[string]string{"title@en": "Typed, not saved", "sessions.bb.title@en": "Typed as well", "when:start_date": "no date at all", "summary@en": "Line one\r\nline two <b>", "ordinal": "many"}
	for name, v := range typed {
		form.Set(name, v)
	}
	kept := func(op string, form url.Values) {
		t.Helper()
		for name, want := range typed {
			if got := form.Get(name); got != want {
				t.Errorf("after %q, %s is %q", op, name, got)
			}
		}
	}
	do := func(op string) url.Values {
		t.Helper()
		page := h.editor.Post(at, with(form, "op", op))
		if page.Status != http.StatusOK {
			t.Fatalf("%s: %d", op, page.Status)
		}
		if page.Find("[autofocus], [data-focus]").Length() == 0 && !strings.HasPrefix(op, "up") && !strings.HasPrefix(op, "add") {
			t.Errorf("after %q the page starts nowhere", op)
		}
		form = page.Form(formSelector)
		form.Del("op")
		kept(op, form)
		return form
	}
	if got := do("up sessions bb")["sessions"]; !slices.Equal(got, []string{"", "bb", "aa"}) {
		t.Errorf("moved up: %q", got)
	}
	if got := do("up sessions bb")["sessions"]; !slices.Equal(got, []string{"", "bb", "aa"}) {
		t.Errorf("the first moved up: %q", got)
	}
	if got := do("down sessions bb")["sessions"]; !slices.Equal(got, []string{"", "aa", "bb"}) {
		t.Errorf("moved down: %q", got)
	}
	form = do("add sessions")
	ids := form["sessions"]
	if len(ids) != 4 || !content.ValidItemID(ids[3]) {
		t.Fatalf("added: %q", ids)
	}
	if _, ok := form["sessions."+ids[3]+".title@en"]; !ok {
		t.Errorf("the new item has no fields")
	}
	typed["sessions."+ids[3]+".title@en"] = "In the new one"
	form.Set("sessions."+ids[3]+".title@en", "In the new one")
	form = do("add blocks.k1.groups.g1.points")
	points := form["blocks.k1.groups.g1.points"]
	if len(points) != 3 {
		t.Errorf("three deep: %q", points)
	}
	form.Set("add:blocks", "objectives")
	form = do("add blocks")
	block := form["blocks"][2]
	if form.Get("blocks."+block+".kind") != "objectives" {
		t.Errorf("the kind chosen for a new section: %q", form.Get("blocks."+block+".kind"))
	}
	if _, ok := form["blocks."+block+".points"]; !ok {
		t.Errorf("a section of objectives has no points")
	}
	if _, ok := form["blocks."+block+".groups"]; ok {
		t.Errorf("a section of objectives has groups")
	}
	delete(typed, "sessions.bb.title@en")
	form = do("remove sessions bb")
	if slices.Contains(form["sessions"], "bb") || form.Has("sessions.bb.title@en") {
		t.Errorf("not removed: %q", form["sessions"])
	}
	if e := h.entry(id); e.Versions[content.Facts] != 1 || e.Versions["en"] != 1 {
		t.Errorf("rearranging stored something: %v", e.Versions)
	}
	// Saved with what is wrong: nothing is stored, each is told beside its field and in the list at the top.
	page := h.editor.Post(at, with(form, "op", "save"))
	if page.Status != http.StatusUnprocessableEntity || !strings.HasPrefix(strings.TrimSpace(page.Find("title").Text()), "Error:") {
		t.Errorf("%d %q", page.Status, page.Find("title").Text())
	}
	for _, name := range []string{"when:start_date", "ordinal"} {
		field := page.Find(fmt.Sprintf("[name=%q]", name))
		if field.AttrOr("aria-invalid", "") != "true" || page.Find(fmt.Sprintf("[id=%q] .err", "e-"+name)).Length() != 1 || !strings.Contains(field.AttrOr("aria-describedby", ""), "e-"+name) {
			t.Errorf("%s does not say what is wrong", name)
		}
		if page.Find(fmt.Sprintf("#problems a[href=%q]", "#"+name)).Length() != 1 {
			t.Errorf("the list does not lead to %s", name)
		}
	}
	kept("save", page.Form(formSelector))
	form = with(page.Form(formSelector), "when:start_date", "03/04/2027", "ordinal", "2", "op", "save")
	page = h.editor.Post(at, form)
	if got := page.Find("button[value='set when:start_date 2027-04-03'], button[value='set when:start_date 2027-03-04']").Length(); got != 2 {
		t.Errorf("%d readings of 03/04/2027", got)
	}
	form = h.editor.Post(at, with(page.Form(formSelector), "op", "set when:start_date 2027-04-03")).Form(formSelector)
	form.Set("when:end_date", "")
	if page = h.editor.Post(at, with(form, "op", "save")); page.Status != http.StatusOK {
		t.Fatalf("%d %s", page.Status, page.Find(".err").Text())
	}
	e := h.entry(id)
	if w := e.Value.(*kind.Event).When; w.Start != "2027-04-03T08:00" || w.End != "2027-04-03T09:30" {
		t.Errorf("%+v", w)
	}
	if s := e.Value.(*kind.Event).Sessions; len(s) != 2 || s[1].Title.In("en") != "In the new one" {
		t.Errorf("%+v", s)
	}
}

func TestUnknownButtonsAndNames(t *testing.T) {
	h := open(t)
	id, at := h.event()
	form := h.editor.Get(at).Form(formSelector)
	for _, op := range []string{"nosuch", "add", "add nosuch", "add title", "add image", "remove sessions zz", "up sessions", "up kind aa", "find title", "find kind x y", "create kind", "set nosuch x", "add sessions.zz.people", "original en",
		"shift", "shift sessions", "shift sessions zz all 5", "shift blocks k1 all 5", "shift sessions aa later 5", "shift title aa all 5", "shift sessions.aa.people x all 5"} {
		page := h.editor.Post(at, with(form, "op", op))
		if page.Status >= 500 || page.Status == http.StatusOK && op != "find kind x y" {
			t.Errorf("%q: %d", op, page.Status)
		}
	}
	form.Del("op")
	for _, name := range []string{"nosuch", "title@xx", "kind@en", "blocks.k1.groups", "sessions.aa", "image", "__proto__", "title@en:x", "when:start_date:x@ar"} {
		f := url.Values{}
		for k, v := range form {
			f[k] = v
		}
		f.Set(name, "x y")
		page := h.editor.Post(at, with(f, "op", "save"))
		if page.Status >= 500 {
			t.Errorf("%q: %d", name, page.Status)
		}
		if page.Status == http.StatusOK && h.entry(id).Versions[content.Facts] != 1 {
			t.Errorf("%q was stored", name)
		}
	}
	// Doubled fields, foreign ids, what is no text.
	double := url.Values{}
	for k, v := range form {
		double[k] = v
	}
	double["title@en"] = []string{"First", "Second"}
	double["kind"] = []string{"webinar", "webinar"}
	double["sessions"] = []string{"", "aa", "aa"}
	if page := h.editor.Post(at, with(double, "op", "save")); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("an item twice in its list: %d", page.Status)
	}
	double["sessions"] = []string{"", "aa", "../../x"}
	if page := h.editor.Post(at, with(double, "op", "save")); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("an id that is none: %d", page.Status)
	}
	double["sessions"] = []string{"", "aa"}
	double.Set("sessions.zz.title@en", "of no item")
	if page := h.editor.Post(at, with(double, "op", "save")); page.Status != http.StatusOK {
		t.Errorf("%d", page.Status)
	}
	if e := h.entry(id); e.Parts["en"].Text("title").Words != "First" || e.Parts["en"]["sessions.zz.title"] != nil {
		t.Errorf("%s", e.Parts["en"])
	}
	form = h.editor.Get(at).Form(formSelector)
	if page := h.editor.Post(at, with(form, "title@en", "a\xff\xfe", "op", "save")); page.Status < 400 || page.Status >= 500 {
		t.Errorf("broken UTF-8: %d", page.Status)
	}
	if page := h.editor.Post(at, with(h.editor.Get(at).Form(formSelector), "topics", "nosuchtopic0", "op", "save")); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a reference to nothing: %d", page.Status)
	}
	if page := h.editor.Post(at, with(h.editor.Get(at).Form(formSelector), "base:facts", "99", "op", "save")); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a version that never was: %d", page.Status)
	}
	for _, path := range []string{at + "?lang=xx", at + "?lang=", "/admin/news/" + id, "/admin/events/nosuch", at + "/history/xx/1", at + "/history/facts/99", at + "/history/facts/0", "/admin/events/new?lang=xx"} {
		if page := h.editor.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}

func TestANewEntry(t *testing.T) {
	h := open(t)
	page := h.editor.Get("/admin/news/new")
	form := page.Form(formSelector)
	form.Set("title@en", "Titre tapé d’abord")
	page = h.editor.Post("/admin/news/new", with(form, "original", "fr", "op", "original"))
	form = page.Form(formSelector)
	if form.Get("title@fr") != "Titre tapé d’abord" || form.Has("title@en") {
		t.Fatalf("the title did not go along: %v", form)
	}
	page = h.editor.Post("/admin/news/new", with(form, "date", "gestern", "op", "save"))
	if page.Status != http.StatusUnprocessableEntity || page.Form(formSelector).Get("date") != "gestern" || page.Form(formSelector).Get("title@fr") == "" {
		t.Fatalf("%d: a first save that fails loses what was typed", page.Status)
	}
	page = h.editor.Post("/admin/news/new", with(page.Form(formSelector), "date", "", "op", "save"))
	if page.Status != http.StatusOK {
		t.Fatalf("%d %s", page.Status, page.Find(".err").Text())
	}
	e := h.entry(strings.TrimPrefix(page.Path, "/admin/news/"))
	if e.Original != i18n.FR || e.Title != "Titre tapé d’abord" {
		t.Errorf("%s %q", e.Original, e.Title)
	}
	// An untouched form makes a draft with nothing in it, once.
	page = h.editor.Post("/admin/topics/new", with(h.editor.Get("/admin/topics/new").Form(formSelector), "op", "save"))
	if page.Status != http.StatusOK {
		t.Errorf("an empty draft: %d", page.Status)
	}
	// Whoever begins an event answers for it until somebody else does.
	page = h.editor.Post("/admin/events/new", with(h.editor.Get("/admin/events/new").Form(formSelector), "op", "save"))
	e = h.entry(strings.TrimPrefix(page.Path, "/admin/events/"))
	if person := e.Value.(*kind.Event).FocalPoint; person == "" || person != e.Author {
		t.Errorf("in charge of a new event is %q, made by %q", person, e.Author)
	}
}

func TestClash(t *testing.T) {
	h := open(t)
	id, at := h.event()
	other := h.SignIn("other@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	mine := h.editor.Get(at).Form(formSelector)
	theirs := other.Get(at).Form(formSelector)
	// They change the title, the short title, the time of day, and an item; I the title, the subtitle, and remove the item.
	page := other.Post(at, with(theirs, "title@en", "Theirs", "short_title@en", "Theirs alone", "kind", "symposium", "sessions.bb.title@en", "Panel, theirs", "op", "save"))
	if page.Status != http.StatusOK {
		t.Fatal(page.Status)
	}
	mine["sessions"] = []string{"", "aa"}
	for name := range mine {
		if strings.HasPrefix(name, "sessions.bb.") {
			delete(mine, name)
		}
	}
	page = h.editor.Post(at, with(mine, "title@en", "Mine <i>", "subtitle@en", "Mine alone", "kind", "conference", "op", "save"))
	if page.Status != http.StatusConflict {
		t.Fatalf("%d", page.Status)
	}
	form := page.Form(formSelector)
	if form.Get("title@en") != "Mine <i>" || form.Get("kind") != "conference" {
		t.Errorf("mine is gone: %q, %q", form.Get("title@en"), form.Get("kind"))
	}
	if form.Get("short_title@en") != "Theirs alone" || form.Get("subtitle@en") != "Mine alone" {
		t.Errorf("what does not clash is not joined: %q, %q", form.Get("short_title@en"), form.Get("subtitle@en"))
	}
	clashes := page.Find(".clash")
	if text := clashes.Text(); !strings.Contains(text, "Theirs") || !strings.Contains(text, "Symposium") {
		t.Errorf("their side is not shown: %s", text)
	}
	for _, name := range []string{"theirs:title@en", "theirs:kind", "theirs:sessions bb"} {
		if page.Find(fmt.Sprintf("[name=%q]", name)).Length() != 1 {
			t.Errorf("no choice for %s", name)
		}
	}
	if h.entry(id).Parts["en"].Text("title").Words != "Theirs" {
		t.Fatal("something was stored")
	}
	// I keep my title, take their kind, and bring the item back.
	page = h.editor.Post(at, with(form, "theirs:kind", "1", "theirs:sessions bb", "1", "op", "save"))
	if page.Status != http.StatusOK {
		t.Fatalf("the second save: %d %s", page.Status, page.Find("#problems").Text())
	}
	e := h.entry(id).Value.(*kind.Event)
	if e.Title.In("en") != "Mine <i>" || e.Kind != "symposium" || e.ShortTitle.In("en") != "Theirs alone" || e.Subtitle.In("en") != "Mine alone" {
		t.Errorf("%+v", e)
	}
	if len(e.Sessions) != 2 || e.Sessions[1].Title.In("en") != "Panel, theirs" {
		t.Errorf("the item: %+v", e.Sessions)
	}
	// Changes that do not clash are joined, and it is said whose they were.
	mine, theirs = h.editor.Get(at).Form(formSelector), other.Get(at).Form(formSelector)
	other.Post(at, with(theirs, "short_title@en", "Theirs again", "op", "save"))
	page = h.editor.Post(at, with(mine, "subtitle@en", "Mine again", "op", "save"))
	if e := h.entry(id).Value.(*kind.Event); page.Status != http.StatusOK || e.ShortTitle.In("en") != "Theirs again" || e.Subtitle.In("en") != "Mine again" {
		t.Errorf("%d %+v", page.Status, e)
	}
	if page.Find(".notice").Length() != 2 {
		t.Errorf("nobody says that changes were joined: %s", page.Find(".notice").Text())
	}
}

func TestTranslating(t *testing.T) {
	h := open(t)
	id, at := h.event()
	h.save(content.Change{ID: id, Set: content.Parts{"en": leaves("summary", "The first words"), "ar": leaves("title", "فتح السجل", "summary", "الكلمات الأولى")}, Base: map[content.Part]int{"en": 1, content.Facts: 1}})
	ar := at + "?lang=ar"
	page := h.editor.Get(ar)
	field := page.Find("[name='title@ar']")
	if field.AttrOr("lang", "") != "ar" || field.AttrOr("dir", "") != "rtl" {
		t.Errorf("the field is not Arabic")
	}
	src := page.Find("[id='src-summary@ar'] [lang=en]")
	if src.Text() != "The first words" || src.AttrOr("dir", "") != "ltr" {
		t.Errorf("the original is not shown: %q", src.Text())
	}
	if page.Find("[name=fresh]").Length() != 0 {
		t.Errorf("something is out of date already")
	}
	form := h.editor.Get(at).Form(formSelector)
	h.editor.Post(at, with(form, "summary@en", "Other words", "op", "save"))
	page = h.editor.Get(ar)
	if page.Find("[name=fresh]").Length() != 1 || page.Find("[name=fresh]").AttrOr("value", "") != "summary@ar" {
		t.Fatalf("nothing is marked as out of date")
	}
	if h.entry(id).Languages["ar"].State != content.StateOutOfDate {
		t.Errorf("%+v", h.entry(id).Languages["ar"])
	}
	page = h.editor.Post(ar, with(page.Form(formSelector), "fresh", "summary@ar", "op", "save"))
	if page.Status != http.StatusOK || page.Find("[name=fresh]").Length() != 0 || h.entry(id).Languages["ar"].Stale != 0 {
		t.Errorf("%d %+v", page.Status, h.entry(id).Languages["ar"])
	}
}

func leaves(pairs ...string) content.Leaves {
	l := content.Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		l.SetText(pairs[i], content.Text{Words: pairs[i+1]})
	}
	return l
}

// TestPublishing walks the panel: what is missing, the one button, languages alone, taking back, trash and return.
func TestPublishing(t *testing.T) {
	h := open(t)
	id := h.make(kind.NewsKind, &kind.News{Title: content.L("en", "Registers open"), Kind: "news"})
	at := "/admin/news/" + id
	page := h.editor.Post(at, with(h.editor.Get(at).Form(formSelector), "dateline@en", "Nairobi", "op", "publish"))
	if page.Status != http.StatusUnprocessableEntity || h.entry(id).Path != "" {
		t.Fatalf("published with things missing: %d", page.Status)
	}
	if h.entry(id).Parts["en"].Text("dateline").Words != "Nairobi" {
		t.Errorf("what was typed was not saved")
	}
	for _, name := range []string{"summary@en", "date", "body@en"} {
		if page.Find(fmt.Sprintf("#problems a[href=%q]", "#"+name)).Length() != 1 || page.Find(fmt.Sprintf("#publishing a[href=%q]", "#"+name)).Length() != 1 {
			t.Errorf("%s is not named", name)
		}
	}
	form := with(page.Form(formSelector), "summary@en", "S", "date", "1 July 2027", "body@en", "<p>Body</p>", "op", "publish")
	if page = h.editor.Post(at, form); page.Status != http.StatusOK || h.entry(id).Path == "" {
		t.Fatalf("%d %s", page.Status, page.Find("#problems").Text())
	}
	// A draft of a change stays unseen; the panel counts it.
	page = h.editor.Post(at, with(page.Form(formSelector), "dateline@en", "Mombasa", "op", "save"))
	e := h.entry(id)
	if e.Live["en"] == e.Versions["en"] {
		t.Fatal("saving published")
	}
	// Arabic alone.
	page = h.editor.Get(at + "?lang=ar")
	if primary := page.Find("[data-primary]"); primary.Length() != 1 || primary.AttrOr("value", "") != "publish" {
		t.Errorf("%d main buttons", primary.Length())
	}
	page = h.editor.Post(at+"?lang=ar", with(page.Form(formSelector), "title@ar", "السجلات", "summary@ar", "س", "op", "publish"))
	after := h.entry(id)
	if page.Status != http.StatusOK || after.Live["ar"] == 0 || after.Live["en"] != e.Live["en"] || after.Live[content.Facts] != e.Live[content.Facts] {
		t.Fatalf("%d %v, before %v", page.Status, after.Live, e.Live)
	}
	// Nobody publishes what they have not seen.
	stale := h.editor.Get(at).Form(formSelector)
	h.save(content.Change{ID: id, Set: content.Parts{"en": leaves("correction", "Unseen")}})
	page = h.editor.Post(at, with(stale, "op", "publish"))
	if page.Status != http.StatusConflict || h.entry(id).Live["en"] == h.entry(id).Versions["en"] {
		t.Errorf("published unseen changes: %d", page.Status)
	}
	if page = h.editor.Get(at + "/unpublish?lang=ar"); page.Status != http.StatusOK || page.Find("form[action$='/unpublish?lang=ar']").Length() != 1 {
		t.Errorf("%d", page.Status)
	}
	if page = h.editor.Post(at+"/unpublish?lang=ar", url.Values{}); page.Status != http.StatusOK || h.entry(id).Live["ar"] != 0 || h.entry(id).Path == "" {
		t.Errorf("%d %v", page.Status, h.entry(id).Live)
	}
	if page = h.editor.Post(at+"/delete", url.Values{}); page.Status != http.StatusOK || h.entry(id).Deleted == nil || page.Find("form[action$='/restore']").Length() != 1 {
		t.Errorf("deleted: %d", page.Status)
	}
	if page.Find("#form [name='title@en']:not([disabled])").Length() != 0 || page.Find("[value=save], [value=publish]").Length() != 0 {
		t.Errorf("the trash can be edited")
	}
	if page = h.editor.Post(at, with(stale, "title@en", "Typed too late", "op", "save")); page.Status != http.StatusConflict || page.Find("[name='title@en']").Text() == "" {
		t.Errorf("saved in the trash: %d", page.Status)
	}
	if page = h.editor.Post(at+"/restore", url.Values{}); page.Status != http.StatusOK || h.entry(id).Deleted != nil || h.entry(id).Path != "" {
		t.Errorf("brought back: %d", page.Status)
	}
	if page = h.editor.Post(at, with(h.editor.Get(at).Form(formSelector), "slug", "Not A Slug", "op", "save")); page.Status != http.StatusUnprocessableEntity || page.Find("#e-slug").Length() != 1 {
		t.Errorf("a wrong address: %d", page.Status)
	}
}

// TestPartnerAndReader: what one may not change cannot be typed into, and a form that changes it all the same is refused.
func TestPartnerAndReader(t *testing.T) {
	h := open(t)
	id, at := h.event()
	h.save(content.Change{ID: id, Set: content.Parts{"ar": leaves("title", "فتح السجل")}})
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: id})
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: "anotherevent"})
	before := h.entry(id).Versions
	page := partner.Get(at + "?lang=ar")
	form := page.Form(formSelector)
	if _, ok := form["kind"]; ok || form.Has("sessions") || !form.Has("title@ar") || !form.Has("sessions.aa.title@ar") {
		t.Errorf("a partner's form: %v", form)
	}
	if page.Find("[value^='add '], [value^='remove '], [data-upload], [data-picker], [value=publish]").Length() != 0 {
		t.Errorf("buttons that do nothing")
	}
	full := h.editor.Get(at + "?lang=ar").Form(formSelector)
	if got := partner.Post(at+"?lang=ar", with(full, "kind", "symposium", "op", "save")); got.Status != http.StatusForbidden {
		t.Errorf("facts changed by a partner: %d", got.Status)
	} else if got.Find("[name='title@ar']").Length() != 1 {
		t.Errorf("the refusal loses what was typed")
	}
	if got := partner.Post(at, with(h.editor.Get(at).Form(formSelector), "title@en", "Taken over", "op", "save")); got.Status != http.StatusForbidden {
		t.Errorf("the original changed by a partner: %d", got.Status)
	}
	for _, path := range []string{at + "/unpublish?lang=en", at + "/delete", at + "/restore", at + "/history/facts/1", at + "/history/en/1"} {
		if got := partner.Post(path, url.Values{}); got.Status < 400 || got.Status >= 500 {
			t.Errorf("partner at %s: %d", path, got.Status)
		}
	}
	for p, n := range h.entry(id).Versions {
		if before[p] != n {
			t.Errorf("part %q moved to %d", p, n)
		}
	}
	if got := partner.Post(at+"?lang=ar", with(form, "title@ar", "سجل", "sessions.aa.title@ar", "ترحيب", "op", "save")); got.Status != http.StatusOK || h.entry(id).Parts["ar"].Text("sessions.aa.title").Words != "ترحيب" {
		t.Errorf("a partner's own work: %d", got.Status)
	}
	page = reader.Get(at)
	if page.Status != http.StatusOK || page.Find("[value=save], [value=publish]").Length() != 0 || len(page.Form(formSelector)["title@en"]) != 0 {
		t.Errorf("a reader's form: %d", page.Status)
	}
	if got := reader.Post(at, with(h.editor.Get(at).Form(formSelector), "title@en", "Read only", "op", "save")); got.Status != http.StatusForbidden {
		t.Errorf("a reader's save: %d", got.Status)
	}
	for _, path := range []string{at, at + "/history", at + "/history/facts/1", at + "/unpublish?lang=en", at + "/delete"} {
		if got := stranger.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("a stranger at %s: %d", path, got.Status)
		}
	}
	// What a form is sent with must not tell the titles of what its sender may not read.
	secret := h.make(kind.TopicKind, &kind.Topic{Label: content.L("en", "Quite secret")})
	office := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "An office")})
	own := h.SignIn("own@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	news := h.save(content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: office, Set: content.Parts{"en": leaves("title", "Ours")}})
	form = own.Get("/admin/news/" + news).Form(formSelector)
	form["topics"] = []string{"", secret}
	for _, op := range []string{"find topics", "save"} {
		got := own.Post("/admin/news/"+news, with(form, "op", op))
		if strings.Contains(got.Body, "Quite secret") || got.Status >= 500 {
			t.Errorf("%s tells a secret title (%d)", op, got.Status)
		}
	}
	if len(h.entry(news).Value.(*kind.News).Topics) != 0 {
		t.Errorf("a reference to what one may not read was stored")
	}
}

func TestPickers(t *testing.T) {
	h := open(t)
	id, at := h.event()
	a := h.make(kind.TopicKind, &kind.Topic{Label: content.L("en", "Éducation <b>")})
	h.make(kind.TopicKind, &kind.Topic{Label: content.L("en", "Health")})
	get := func(path string) *apptest.Page {
		t.Helper()
		page := h.editor.Get(path)
		if page.Status != http.StatusOK {
			t.Fatalf("%s: %d", path, page.Status)
		}
		return page
	}
	page := get("/admin/pick?of=topic&q=education")
	if o := page.Find("[role=option][data-id]"); o.Length() != 1 || o.AttrOr("data-id", "") != a || o.AttrOr("data-label", "") != "Éducation <b>" || page.Find("b").Length() != 0 {
		t.Errorf("%s", page.Body)
	}
	if page.Find("[data-create]").Length() != 1 || get("/admin/pick?of=topic&q=health").Find("[data-create]").Length() != 0 {
		t.Errorf("creating is offered where there is one, or not where there is none")
	}
	if get("/admin/pick?of=event&q=opening&not="+id).Find("[data-id]").Length() != 0 {
		t.Errorf("an entry is offered to itself")
	}
	if o := get("/admin/pick?of=country&q=ken").Find("[role=option]").First(); o.AttrOr("data-id", "") != "KE" {
		t.Errorf("%s", o.Text())
	}
	if o := get("/admin/pick?of=zone&q=nairobi").Find("[role=option]"); o.Length() != 1 || o.AttrOr("data-id", "") != "Africa/Nairobi" {
		t.Errorf("%d", o.Length())
	}
	if o := get("/admin/pick?of=language&q=").Find("[role=option]").First(); o.AttrOr("data-id", "") != "ar" {
		t.Errorf("%s", o.Text())
	}
	if page := h.editor.Get("/admin/pick?of=account&q=a"); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("of=account: %d", page.Status)
	}
	page = h.editor.Post("/admin/pick?of=person&lang=fr", url.Values{"create": {"  Awa   Ndiaye "}})
	made := page.Find("[data-id]").AttrOr("data-id", "")
	if page.Status != http.StatusOK || h.entry(made).Original != i18n.FR || h.entry(made).Title != "Awa Ndiaye" {
		t.Errorf("%d %s", page.Status, page.Body)
	}
	if page = h.editor.Post("/admin/pick?of=person", url.Values{"create": {" "}}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", page.Status)
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if page = reader.Post("/admin/pick?of=person", url.Values{"create": {"X"}}); page.Status != http.StatusForbidden {
		t.Errorf("created by a reader: %d", page.Status)
	}
	if reader.Get("/admin/pick?of=person&q=zzz").Find("[data-create]").Length() != 0 {
		t.Errorf("a reader is offered to create")
	}

	// The same without scripts.
	form := h.editor.Get(at).Form(formSelector)
	page = h.editor.Post(at, with(form, "find:topics", "e", "title@en", "Typed", "op", "find topics"))
	if page.Find("input[type=checkbox][name=topics]").Length() != 2 || page.Form(formSelector).Get("title@en") != "Typed" {
		t.Errorf("found: %s", page.Find(".found").Text())
	}
	form = page.Form(formSelector)
	form["topics"] = append(form["topics"], a) // a tick
	if page = h.editor.Post(at, with(form, "op", "save")); page.Status != http.StatusOK || string(h.entry(id).Parts[content.Facts]["topics"]) != `["`+a+`"]` {
		t.Errorf("%d %s %s", page.Status, h.entry(id).Parts[content.Facts]["topics"], page.Find("#problems").Text())
	}
	form = page.Form(formSelector)
	page = h.editor.Post(at, with(form, "find:series", "New series", "op", "create series"))
	form = page.Form(formSelector)
	if s := h.entry(form.Get("series")); s.Title != "New series" || form.Get("find:series") != "New series" {
		t.Errorf("%v", form["series"])
	}
	page = h.editor.Post(at, with(form, "find:when:zone", "nairobi", "op", "save"))
	if w := h.entry(id).Value.(*kind.Event).When; page.Status != http.StatusOK || w.Zone != "Africa/Nairobi" {
		t.Errorf("a zone typed by name: %d %+v", page.Status, w)
	}
	// What is chosen is found too, and stands ticked: nothing else has to be typed, and whatever is typed or ticked counts.
	zone := func(page *apptest.Page, op string, typed string, ticked ...string) (*apptest.Page, string) {
		form := with(page.Form(formSelector), "op", op)
		if typed != "" {
			form.Set("find:when:zone", typed)
		}
		if len(ticked) > 0 {
			form["when:zone"] = append(form["when:zone"][:1], ticked...)
		}
		page = h.editor.Post(at, form)
		return page, h.entry(id).Value.(*kind.Event).When.Zone
	}
	page, _ = zone(h.editor.Get(at), "find when:zone", "")
	if page.Find(`input[type=radio][name="when:zone"][value="Africa/Nairobi"][checked]`).Length() != 1 {
		t.Errorf("the zone that is chosen is not found: %s", page.Find(".found").Text())
	}
	if p, got := zone(page, "save", ""); p.Status != http.StatusOK || got != "Africa/Nairobi" {
		t.Errorf("left as found: %d %s", p.Status, got)
	}
	if p, got := zone(page, "save", "Dakar"); p.Status != http.StatusOK || got != "Africa/Dakar" {
		t.Errorf("another typed: %d %s", p.Status, got)
	}
	page, _ = zone(h.editor.Get(at), "find when:zone", "Africa/")
	if p, got := zone(page, "save", "", page.Find(`input[type=radio][name="when:zone"]:not([checked])`).First().AttrOr("value", "")); p.Status != http.StatusOK || got == "Africa/Dakar" || !strings.HasPrefix(got, "Africa/") {
		t.Errorf("another ticked: %d %s", p.Status, got)
	}
	page = h.editor.Get(at)
	page = h.editor.Post(at, with(page.Form(formSelector), "find:series", "zzz", "op", "save"))
	if page.Status != http.StatusUnprocessableEntity || page.Form(formSelector).Get("find:series") != "zzz" {
		t.Errorf("typed and not chosen: %d", page.Status)
	}
	page = h.editor.Post(at, with(page.Form(formSelector), "find:series", "", "op", "save"))
	if page.Status != http.StatusOK || h.entry(id).Parts[content.Facts]["series"] != nil {
		t.Errorf("cleared: %d %s", page.Status, h.entry(id).Parts[content.Facts]["series"])
	}
	page = h.editor.Post(at, with(page.Form(formSelector), "op", "unref topics "+a))
	if page = h.editor.Post(at, with(page.Form(formSelector), "op", "save")); h.entry(id).Parts[content.Facts]["topics"] != nil {
		t.Errorf("%s", h.entry(id).Parts[content.Facts]["topics"])
	}
}

func TestEcho(t *testing.T) {
	h := open(t)
	page := h.editor.Post("/admin/echo/when?name=when&zones=Africa/Nairobi", url.Values{"when:start_date": {"1 July 2027"}, "when:start_time": {"8:00"}, "when:end_time": {"9:30"},
		"when:zone": {"America/New_York"}, "find:when:zone": {"New York"}})
	if e := page.Find("[id='echo-when']"); page.Status != http.StatusOK || e.Length() != 1 || !strings.Contains(e.Text(), "Thursday, 1 July 2027, 08:00–09:30, New York (UTC−4)") {
		t.Errorf("%d %s", page.Status, page.Body)
	}
	page = h.editor.Post("/admin/echo/when?name=registration.opens&zone=UTC", url.Values{"registration.opens:date": {"3/4/2027"}, "registration.opens:time": {""}})
	page = h.editor.Post("/admin/echo/when?name=date", url.Values{"date": {"03/04/2027"}})
	if b := page.Find("[id='echo-date'] button[data-set='date']"); b.Length() != 2 || b.First().AttrOr("data-value", "") != "2027-04-03" {
		t.Errorf("%s", page.Body)
	}
	page = h.editor.Post("/admin/echo/when?name=sessions.aa.slot&day=2027-07-01&zone=UTC", url.Values{"sessions.aa.slot:start": {"8:00"}, "sessions.aa.slot:end": {""}, "sessions.aa.slot:date": {""}})
	if !strings.Contains(page.Find("[id='echo-sessions.aa.slot']").Text(), "1 July 2027") {
		t.Errorf("%s", page.Body)
	}
	for _, q := range []string{"", "?name=", "?name=" + strings.Repeat("x", 300)} {
		if page := h.editor.Post("/admin/echo/when"+q, url.Values{"x": {"1"}}); page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", q, page.Status)
		}
	}
}

func TestHistory(t *testing.T) {
	h := open(t)
	id, at := h.event()
	form := h.editor.Get(at).Form(formSelector)
	page := h.editor.Post(at, with(form, "title@en", "Closing the register", "kind", "symposium", "when:start_time", "10:00", "when:end_time", "11:00", "sessions.bb.title@en", "Panel of five", "op", "save"))
	if page.Status != http.StatusOK {
		t.Fatal(page.Status)
	}
	page = h.editor.Get(at + "/history")
	if n := page.Find(".history > li").Length(); page.Status != http.StatusOK || n != 2 || !strings.Contains(page.Find(".history > li").First().Text(), "Test editor") {
		t.Errorf("%d: %d saves", page.Status, n)
	}
	page = h.editor.Get(at + "/history/en/2")
	if text := page.Find(".words").Text(); !strings.Contains(text, "OpeningClosing") && (page.Find("del").Length() == 0 || page.Find("ins").Length() == 0) {
		t.Errorf("%s", text)
	}
	if trail := page.Find(".trail").Text(); !strings.Contains(trail, "Panel of five") {
		t.Errorf("the item is not named: %s", trail)
	}
	page = h.editor.Get(at + "/history/facts/2")
	text := page.Find(".diffs").Text()
	for _, want := range []string{"Webinar", "Symposium", "10:00–11:00"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	if strings.ContainsAny(text, "{}[]") || strings.Contains(text, "symposium") {
		t.Errorf("as it is stored: %s", text)
	}
	// One field, then the whole.
	if page = h.editor.Post(at+"/history/facts/1", url.Values{"path": {"kind"}}); page.Status != http.StatusOK {
		t.Errorf("%d", page.Status)
	}
	if e := h.entry(id).Value.(*kind.Event); e.Kind != "webinar" || e.When.Start != "2027-07-01T10:00" {
		t.Errorf("%+v", e.When)
	}
	h.editor.Post(at+"/history/en/1", url.Values{})
	if e := h.entry(id); e.Title != "Opening the register" || e.Versions["en"] != 3 {
		t.Errorf("%q %v", e.Title, e.Versions)
	}
	if page = h.editor.Post(at+"/history/facts/1", url.Values{"path": {"nosuch"}}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", page.Status)
	}
}

// TestWordsAreText: what people typed is never markup.
func TestWordsAreText(t *testing.T) {
	h := open(t)
	evil := `"><img src=x onerror=alert(1)><script>alert(1)</script>`
	person := h.make(kind.PersonKind, &kind.Person{Name: content.L("en", evil)})
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", evil), Blocks: []kind.Block{{Heading: content.L("en", evil), Body: content.P("en", "<p>a</p>"+evil)}},
		People: []kind.PersonRole{{Person: content.Ref(person), Title: content.L("en", evil)}}, StaffNote: evil})
	h.save(content.Change{ID: id, Set: content.Parts{"fr": leaves("title", "Titre", "blocks", "")}})
	for _, path := range []string{"", "?lang=fr", "/history", "/history/en/1", "/history/facts/1", "/delete"} {
		page := h.editor.Get("/admin/events/" + id + path)
		if page.Status != http.StatusOK || page.Find("main script, img[src=x], [onerror]").Length() != 0 {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}

func TestUploadForAField(t *testing.T) {
	h := open(t)
	id := h.make(kind.PersonKind, &kind.Person{Name: content.L("en", "Amina Diallo")})
	page := h.editor.Get("/admin/people/" + id)
	at := page.Find("[data-upload]").First().AttrOr("data-url", "")
	if at == "" {
		t.Fatal("no place to upload")
	}
	if into := page.Find("[data-upload]").First().AttrOr("data-into", ""); page.Find(into).Length() != 1 {
		t.Errorf("the card would go to %s", into)
	}
	png, err := os.ReadFile("../../admin/test/fixtures/word-clipboard.html")
	if err != nil {
		t.Fatal(err)
	}
	got := h.editor.Upload(at, "file", "notes.html", png)
	chip := got.Find("li.filechip input[name='portrait.file']")
	if got.Status != http.StatusOK || chip.Length() != 1 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	form := page.Form(formSelector)
	form.Add("portrait.file", chip.AttrOr("value", ""))
	if page = h.editor.Post("/admin/people/"+id, with(form, "op", "save")); page.Status != http.StatusOK || h.entry(id).Value.(*kind.Person).Portrait.File == "" {
		t.Errorf("%d %s", page.Status, page.Find("#problems").Text())
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if got := reader.Upload(at, "file", "x.txt", []byte("x")); got.Status != http.StatusForbidden {
		t.Errorf("a reader's upload: %d", got.Status)
	}
	if got := h.editor.Upload("/admin/pick/file?kind=person&name=name", "file", "x.txt", []byte("x")); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("for a field that takes no file: %d", got.Status)
	}
}

// TestEverythingWrongIsNamedAtOnce: what cannot be read and what may not stand are told in one go, each by the name of
// its own control; the title of a long event does not crowd the path above it, and a new form has nothing to praise yet.
func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	h := open(t)
	_, at := h.event()
	page := h.editor.Post(at, with(h.editor.Get(at).Form(formSelector), "when:start_date", "never", "when:end_time", "25:99", "stream_url", "javascript:alert(1)", "op", "save"))
	told := page.Find("#problems").Text()
	for _, want := range []string{"Date and time, Starts on: ", "Date and time, Ends at: ", "Address of the stream: "} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %q", want, told)
		}
	}
	if page.Find("[id='stream_url'][aria-invalid=true]").Length() != 1 {
		t.Error("the address is not marked")
	}
	if got, title := page.Find(".crumb b").Text(), page.Form(formSelector).Get("title@en"); got != title {
		t.Errorf("the path ends in %q, not in %q", got, title)
	}
	if got := h.editor.Get(at + "/history").Find(".crumb b").Text(); got != "History" {
		t.Errorf("the path of the history ends in %q", got)
	}
	if n := h.editor.Get("/admin/events/new").Find("#map svg").Length(); n != 0 {
		t.Errorf("%d sections of an empty form are marked", n)
	}
}

// TestFiguresKeepTheirUnitInArabic: a figure after Latin letters would be drawn into them.
func TestFiguresKeepTheirUnitInArabic(t *testing.T) {
	h := open(t)
	h.editor.Post("/admin/account", url.Values{"name": {"Editor"}, "locale": {"ar"}})
	page := h.editor.Post("/admin/echo/when?name=when&zones=Africa/Nairobi", url.Values{"when:start_date": {"2027-07-01"}, "when:start_time": {"23:00"}, "when:zone": {"America/New_York"}})
	if got := page.Find(".zones").Text(); !strings.Contains(got, "\u2068UTC\u2069") {
		t.Errorf("%q", got)
	}
}

// TestConflictsAndShifting: a conflict is told beside the time and in the panel, with links to both sessions; moving a session
// is a button of the form that stores nothing; a programme left behind by its event is brought along.
func TestConflictsAndShifting(t *testing.T) {
	h := open(t)
	mora := h.make(kind.PersonKind, &kind.Person{Name: content.L("en", "Ana Mora")})
	speaks := []kind.PersonRole{{Item: content.Item{ID: "pp"}, Person: content.Ref(mora), Role: "panellist"}}
	slot := func(from, to string) content.Slot {
		return content.Slot{Start: content.LocalTime("2027-07-01T" + from), End: content.LocalTime("2027-07-01T" + to)}
	}
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Opening the register"), Kind: "webinar",
		When: content.When{Start: "2027-07-01T08:00", End: "2027-07-01T11:00", Zone: "America/New_York", Precision: "time"},
		Sessions: []kind.Session{
			{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome"), Kind: "opening", Slot: slot("08:00", "09:00"), People: speaks},
			{Item: content.Item{ID: "bb"}, Title: content.L("en", "Panel"), Kind: "panel", Slot: slot("08:45", "10:00"), People: speaks}}})
	at := "/admin/events/" + id
	page := h.editor.Get(at)
	odds := page.Find("[id='odds-sessions.bb.slot'] li.hint")
	if odds.Length() != 1 || !strings.Contains(odds.Text(), "Ana Mora") || odds.Find("a[href='#item-sessions.aa']").Text() != "08:00 Welcome" {
		t.Errorf("beside the time: %s", odds.Text())
	}
	if page.Find("[id='odds-sessions.aa.slot'] li").Length() != 0 {
		t.Errorf("told at both")
	}
	told := page.Find("#publishing li.hint:has(a[href='#sessions.bb.people.pp.person'])")
	if told.Length() != 1 || !strings.Contains(told.Text(), "Ana Mora") || told.Find("a[href='#item-sessions.aa']").Length() != 1 {
		t.Errorf("in the panel: %s", told.Text())
	}
	// In another language the words are those, and lead to the same.
	if got := h.editor.Get(at + "?lang=ar").Find("[id='odds-sessions.bb.slot'] a[href='#item-sessions.aa']").Length(); got != 1 {
		t.Errorf("on the page of a translation: %d", got)
	}

	form := with(page.Form(formSelector), "shift:by:sessions.bb", "a while", "shift:which:sessions.bb", "day", "title@en", "Typed", "op", "shift sessions bb")
	page = h.editor.Post(at, form)
	input := page.Find("[id='shift:by:sessions.bb']")
	if page.Status != http.StatusOK || input.AttrOr("value", "") != "a while" || input.AttrOr("aria-invalid", "") != "true" || page.Find("[id='e-shift:by:sessions.bb'] .err").Length() != 1 ||
		!strings.Contains(input.AttrOr("aria-describedby", ""), "e-shift:by:sessions.bb") || page.Find("[id='shift-sessions.bb.slot'][open]").Length() != 1 || page.Find("#problems a[href='#shift:by:sessions.bb']").Length() != 1 {
		t.Errorf("nonsense: %d %s", page.Status, page.Find("#problems").Text())
	}
	if got := page.Find("[id='shift:which:sessions.bb'] option[selected]").AttrOr("value", ""); got != "day" || page.Form(formSelector).Get("title@en") != "Typed" {
		t.Errorf("what was typed is lost: %q", got)
	}
	page = h.editor.Post(at, with(page.Form(formSelector), "shift:by:sessions.bb", "15", "op", "shift sessions bb"))
	form = page.Form(formSelector)
	if form.Get("sessions.bb.slot:start") != "09:00" || form.Get("sessions.bb.slot:end") != "10:15" || form.Get("sessions.aa.slot:start") != "08:00" || form.Get("title@en") != "Typed" {
		t.Errorf("moved: %v", form)
	}
	if said := page.Find("[data-announce]").Text(); !strings.Contains(said, "+15 min") || page.Find("[value='shift sessions bb'][data-focus]").Length() != 1 || page.Find("[id='odds-sessions.bb.slot'] li").Length() != 0 {
		t.Errorf("told: %q", said)
	}
	if h.entry(id).Versions[content.Facts] != 1 {
		t.Errorf("moving stored something")
	}
	// The event begins later, and its programme does not.
	form = with(form, "when:start_time", "14:00", "when:end_time", "17:00", "op", "save")
	page = h.editor.Send(apptest.Request{Path: at, Form: form, Header: http.Header{"Sec-Fetch-Dest": {"empty"}}})
	if page.Find("[id='odds-sessions.aa.slot'][data-swap-always] button").Length() != 1 || page.Find("#fields").Length() != 0 {
		t.Errorf("a script that leaves the fields alone is not told: %d %s", page.Status, page.Body)
	}
	page = h.editor.Get(at)
	offer := page.Find("[id='odds-sessions.aa.slot'] button")
	if page.Status != http.StatusOK || offer.AttrOr("value", "") != "shift sessions aa all 360" || !strings.Contains(offer.Text(), "+360") || page.Find("[id='odds-sessions.bb.slot'] button").Length() != 0 {
		t.Fatalf("%d: %s", page.Status, offer.Text())
	}
	if page.Find("#publishing button[value='shift sessions aa all 360'][form=form]").Length() != 1 {
		t.Errorf("not offered in the panel")
	}
	page = h.editor.Post(at, with(page.Form(formSelector), "op", offer.AttrOr("value", "")))
	page = h.editor.Post(at, with(page.Form(formSelector), "op", "save"))
	if s := h.entry(id).Value.(*kind.Event).Sessions; page.Status != http.StatusOK || s[0].Slot != slot("14:00", "15:00") || s[1].Slot != slot("15:00", "16:15") {
		t.Errorf("%d %+v", page.Status, s)
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if page := reader.Get(at); page.Find("[value^='shift ']").Length() != 0 {
		t.Errorf("a reader may move")
	}
	if page := reader.Post(at, with(form, "op", "shift sessions aa all 15")); page.Status < 400 || page.Status >= 500 {
		t.Errorf("a reader moves: %d", page.Status)
	}
}

// A folded item says whether something in it is to be done: what is advised, and what forbids publishing.
func TestAFoldedItemSaysWhatIsToBeDone(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	at := "/admin/events/" + id
	facts := content.Leaves{}
	facts.Set("sessions.bb.slot", content.Slot{Start: "2031-10-13T10:00", End: "2031-10-13T12:00"}) // outside the event
	h.save(content.Change{ID: id, Set: content.Parts{content.Facts: facts}})
	state := func(p *apptest.Page, item string) string {
		return strings.Join(strings.Fields(p.Find(`[id="item-`+item+`"] > details:not([open]) > summary > [id="state-item-`+item+`"]`).Text()), " ")
	}
	p := h.editor.Get(at)
	if got := state(p, "sessions.bb"); got != "something is advised" {
		t.Errorf("advised: %q", got)
	}
	if got := state(p, "sessions.aa"); got != "" {
		t.Errorf("nothing is advised there: %q", got)
	}
	if p = h.editor.Get(at + "?lang=ar"); state(p, "sessions.bb") != "something is advised" {
		t.Error("a fact is advised in every language")
	}
	facts["sessions.bb.slot"] = nil
	h.save(content.Change{ID: id, Set: content.Parts{content.Facts: facts}})
	if got := state(h.editor.Get(at), "sessions.bb"); got != "needs correcting before publishing" {
		t.Errorf("what forbids publishing: %q", got)
	}
}

func TestWhatAPickerMakesBelongsToTheEntrysOffice(t *testing.T) {
	h := open(t)
	// What is made belongs to the entry's organization, where the actor may create there, else to her own.
	ours, theirs := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Ours"), Type: "other"}), h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Theirs"), Type: "other"})
	both := h.SignIn("both@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeOrganisation, ScopeID: ours}, auth.Grant{Role: auth.Editor, Scope: auth.ScopeOrganisation, ScopeID: theirs})
	for _, office := range []string{ours, theirs} {
		saved, err := h.Content.Save(t.Context(), auth.System("test"), content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: office, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "News of "+office)})})
		if err != nil {
			t.Fatal(err)
		}
		u := both.Get("/admin/news/"+saved.ID).Find("[data-picker][data-url*='of=topic']").AttrOr("data-url", "")
		if !strings.Contains(u, "entry="+saved.ID) {
			t.Fatalf("the picker asks at %q", u)
		}
		page := both.Post(u, url.Values{"create": {"Topic of " + office}})
		if e := h.entry(page.Find("[data-id]").AttrOr("data-id", "")); e.Office != office {
			t.Errorf("made for %q, not %q", e.Office, office)
		}
		page = both.Post("/admin/pick?of=topic&lang=en", url.Values{"create": {"New topic of " + office}, "office": {office}})
		if e := h.entry(page.Find("[data-id]").AttrOr("data-id", "")); e.Office != office {
			t.Errorf("from a new entry made for %q, not %q", e.Office, office)
		}
	}
	if page := both.Post("/admin/pick?of=topic&lang=en", url.Values{"create": {"Topic of nobody"}, "office": {"strange"}}); page.Status != http.StatusOK || h.entry(page.Find("[data-id]").AttrOr("data-id", "")).Office != ours {
		t.Errorf("from a strange organization: %d", page.Status)
	}
}
