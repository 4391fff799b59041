package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// typedInto posts the form of a page with a button and some fields filled, as a browser without scripts does.
func typedInto(b *apptest.Browser, at, op string, values ...string) *apptest.Page {
	form := b.Get(at).Form("form#form")
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	form.Set("op", op)
	return b.Post(at, form)
}

// TestAddingByName: a name beside the button is enough for an item, a line for a part of the programme; what nobody or more than one
// is called is asked about.
func TestAddingByName(t *testing.T) {
	h := open(t)
	person := func(name string) string {
		return h.save(content.Change{Kind: kind.PersonKind, Original: i18n.EN, Set: kind.PersonKind.Split(&kind.Person{Name: content.L("en", name)})})
	}
	ada, _, _ := person("Ada Quill"), person("Bo Quill"), person("Bo Quill")
	at := "/admin/events/" + h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "An event"),
		When: content.When{Start: "2027-07-01T09:00", End: "2027-07-01T10:30", Zone: "Europe/Paris", Precision: "time"}})})
	items := func(p *apptest.Page, list string) (url.Values, []string) {
		f := p.Form("form#form")
		return f, f[list][1:]
	}

	f, ids := items(typedInto(h.editor, at, "add people", "add:quick:people", " ada quill "), "people")
	if len(ids) != 1 || f.Get("people."+ids[0]+".person") != ada || f.Get("people."+ids[0]+".role") != "speaker" || f.Get("add:quick:people") != "" {
		t.Errorf("%v %v: not the one of that name, as a speaker", ids, f["add:quick:people"])
	}
	p := typedInto(h.editor, at, "add people", "add:quick:people", "Bo Quill")
	f, ids = items(p, "people")
	if len(ids) != 1 || f.Get("people."+ids[0]+".person") != "" || p.Find(`[id="list-people"] .found input[type=radio]`).Length() != 2 {
		t.Errorf("two of a name are not offered: %v", ids)
	}
	if f, ids = items(typedInto(h.editor, at, "add people", "add:quick:people", "x", "add:chosen:people", ada), "people"); len(ids) != 1 || f.Get("people."+ids[0]+".person") != ada {
		t.Error("what was chosen is not taken")
	}
	// Whom one may not read cannot be referred to by that either: saving says so.
	p = typedInto(h.editor, at, "add people", "add:chosen:people", "zzzzzzzzzzzz")
	form := p.Form("form#form")
	form.Set("op", "save")
	if p := h.editor.Post(at, form); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a strange reference was saved: %d", p.Status)
	}

	for line, want := range map[string][4]string{
		"09:00–09:20 Opening; Ada Quill":     {"09:00", "09:20", "Opening", "opening"},
		"  9.30 - 10.15  The law: a view":    {"9.30", "10.15", "The law: a view", ""},
		"Words alone":                        {"", "", "Words alone", ""},
		"10:00 Registers؛ Ada Quill، Nobody": {"10:00", "", "Registers", "presentation"},
	} {
		p := typedInto(h.editor, at, "add sessions", "add:quick:sessions", line)
		f, ids := items(p, "sessions")
		if len(ids) != 1 {
			t.Errorf("%s: %d items", line, len(ids))
			continue
		}
		s := "sessions." + ids[0]
		if got := [4]string{f.Get(s + ".slot:start"), f.Get(s + ".slot:end"), f.Get(s + ".title@en"), f.Get(s + ".kind")}; got != want {
			t.Errorf("%s: %q", line, got)
		}
		if strings.Contains(line, "Ada") && f.Get(s+".people."+f[s+".people"][1]+".person") != ada {
			t.Errorf("%s: without its speaker", line)
		}
	}
}

// TestTheProgrammeGoesAlong: a published event is moved by an hour, and its programme with it, if the form says so.
func TestTheProgrammeGoesAlong(t *testing.T) {
	h := open(t)
	for _, along := range []bool{true, false} {
		id := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "An event"),
			When:     content.When{Start: "2027-07-01T09:00", End: "2027-07-01T10:30", Zone: "Europe/Paris", Precision: "time"},
			Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Slot: content.Slot{Start: "2027-07-01T09:00", End: "2027-07-01T10:00"}}}})})
		form := h.editor.Get("/admin/events/" + id).Form("form#form")
		if form.Get("shift:follow") != "1" {
			t.Fatal("the form does not offer it")
		}
		form.Set("when:start_time", "10:00")
		form.Set("when:end_time", "11:30")
		form.Set("op", "publish")
		if !along {
			form.Del("shift:follow")
		}
		h.editor.Post("/admin/events/"+id, form)
		want := content.LocalTime("2027-07-01T09:00")
		if along {
			want = "2027-07-01T10:00"
		}
		if got := h.entry(id).Value.(*kind.Event).Sessions[0].Slot.Start; got != want {
			t.Errorf("along %v: the session begins %s", along, got)
		}
	}
}

// TestDroppedPapers: files that differ by language become one document, each in its language, and stand in the list.
func TestDroppedPapers(t *testing.T) {
	h := open(t)
	id := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "An event")})})
	at := "/admin/events/" + id
	form := h.editor.Get(at).Form("form#form")
	form.Set("op", "papers documents")
	for _, name := range []string{"budget-note-en.txt", "Budget_Note (FR).txt", "مذكرة.txt", "Annex A.txt"} {
		got := h.editor.Upload("/admin/pick/file?kind=event&name=add%3Afiles%3Adocuments&entry="+id, "file", name, []byte(name))
		if got.Status != http.StatusOK {
			t.Fatalf("%s: %d", name, got.Status)
		}
		form.Add("add:files:documents", got.Find("input").AttrOr("value", ""))
	}
	p := h.editor.Post(at, form)
	f := p.Form("form#form")
	if len(f["documents"]) != 4 {
		t.Fatalf("%d: %d documents are listed: %s", p.Status, len(f["documents"])-1, p.Find(".summary, .notice").Text())
	}
	var got []string
	for _, item := range f["documents"][1:] {
		d := h.entry(f.Get("documents." + item + ".document")).Value.(*kind.Document)
		line := d.Title.In(i18n.EN)
		for _, x := range d.Versions[0].Files {
			line += " " + x.Language
		}
		got = append(got, line)
	}
	if want := "Budget note en fr|مذكرة ar|Annex A en"; strings.Join(got, "|") != want {
		t.Errorf("made %s, want %s", strings.Join(got, "|"), want)
	}
	// Somebody else's file is none.
	other, err := h.Media.Upload(t.Context(), apptest.System, media.Upload{Name: "theirs.txt", Body: strings.NewReader("theirs"), Office: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	form["add:files:documents"] = []string{other.ID, "nothing"}
	if p := h.editor.Post(at, form); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("files that are not there: %d", p.Status)
	}
}

// TestLikeTheLatest: a new event begins with what hardly ever differs, and with nothing of what does.
func TestLikeTheLatest(t *testing.T) {
	h := open(t)
	id := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "The last one"), Mode: "online", Summary: content.L("en", "Words"),
		WorkingLanguages: []string{"en", "fr"}, Venues: []kind.Venue{{Item: content.Item{ID: "vv"}, Type: "online", Name: content.L("en", "Room")}},
		Contacts: []kind.Contact{{Item: content.Item{ID: "cc"}, Mailbox: "a@example.org"}}})})
	p := h.editor.Get("/admin/events/new?like=" + id)
	f := p.Form("form#form")
	if f["mode"][1] != "online" || len(f["working_languages"]) != 3 || f.Get("venues.vv.name@en") != "Room" || f.Get("contacts.cc.mailbox") != "a@example.org" || f.Get("title@en") != "" || f.Get("summary@en") != "" {
		t.Errorf("begins with %v", f)
	}
	if got := h.editor.Get("/admin/events/new?like=" + strings.Repeat("z", 12)).Status; got != http.StatusNotFound {
		t.Errorf("like nothing: %d", got)
	}
}
