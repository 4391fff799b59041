package admin_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

const changeSelector = "form#change"

// symposium is an event in three languages, public, half a year away, in a town whose clocks change.
func (h *house) symposium(office string) string {
	h.Helper()
	org := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "un_entity"})
	at := func(s string) content.LocalTime { return content.LocalTime(s) }
	set := kind.EventKind.Split(&kind.Event{Title: content.L("en", "Registers and rivers", "ar", "السجلات والأنهار", "zh", "登记与河流"),
		Summary: content.L("en", "We meet on 14 October 2031.", "ar", "نلتقي في 14 أكتوبر 2031.", "zh", "2031年10月14日举行。"), Kind: "symposium", Scope: "global", Status: "scheduled",
		When: content.When{Start: at("2031-10-14T09:00"), End: at("2031-10-14T17:00"), Zone: "Europe/Paris", Precision: "time"},
		Mode: "hybrid", Access: "registration", WorkingLanguages: []string{"en"}, FocalPoint: "somebody",
		Venues: []kind.Venue{{Item: content.Item{ID: "hall"}, Type: "physical", Name: content.L("en", "Hall 2"), City: content.L("en", "Paris"), Country: "FR"},
			{Item: content.Item{ID: "zoom"}, Type: "online", Name: content.L("en", "Zoom")}},
		Registration: kind.Registration{Opens: content.Moment{At: "2020-01-01T09:00", Zone: "Europe/Paris"}, Closes: content.Moment{At: "2031-10-01T23:59", Zone: "Europe/Paris"}, Mailbox: "registration@example.org"},
		Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Opening"), Kind: "opening", Slot: content.Slot{Start: at("2031-10-14T09:00"), End: at("2031-10-14T10:00")}},
			{Item: content.Item{ID: "bb"}, Title: content.L("en", "Panel"), Kind: "panel", Slot: content.Slot{Start: at("2031-10-14T10:00"), End: at("2031-10-14T12:00")}}},
		Organizations: []kind.OrganizationRole{{Item: content.Item{ID: "oo"}, Organization: content.Ref(org), Role: "organizer"}},
		Contacts:      []kind.Contact{{Item: content.Item{ID: "cc"}, Mailbox: "office@example.org"}},
		Commitments:   []kind.Commitment{{Item: content.Item{ID: "dd"}, Kind: "recordings", PromisedOn: "2026-01-05", Due: "2031-10-30"}}})
	id := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Office: office, Set: set})
	h.publish(org, i18n.EN)
	h.publish(id, i18n.EN, i18n.AR, i18n.ZH)
	return id
}

func (h *house) publish(id string, locales ...i18n.Locale) {
	h.Helper()
	if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: locales}); err != nil {
		h.Fatal(err)
	}
}

// live is what the public sees of an event.
func (h *house) live(id string) (*content.Page, *kind.Event) {
	h.Helper()
	p, err := h.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		h.Fatal(err)
	}
	return p, p.Value.(*kind.Event)
}

// reason is what readers in a language are told of the event.
func (h *house) reason(id string, l i18n.Locale) string {
	h.Helper()
	p, err := h.Content.LiveByID(ctx, l, id)
	if err != nil {
		h.Fatal(err)
	}
	return p.Value.(*kind.Event).StatusNote.In(l)
}

func (h *house) revisions(id string) int {
	h.Helper()
	all, err := h.Content.Revisions(ctx, apptest.System, id, 0, 500)
	if err != nil {
		h.Fatal(err)
	}
	return len(all)
}

func lines(p *apptest.Page, effect string) string {
	return strings.Join(strings.Fields(p.Find("#effect-"+effect).Text()), " ")
}

func TestMoveTheDate(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	edit := "/admin/events/" + id
	move := edit + "/change/move"
	if h.editor.Get(edit).Find(`#happens a[href="`+move+`"]`).Length() != 1 {
		t.Fatal("the event's page does not lead there")
	}
	before := h.revisions(id)
	page := h.editor.Get(move)
	form := page.Form(changeSelector)
	if form.Get("when:start_date") != "14 October 2031" || len(form["along"]) != 4 || page.Find("#effects").Length() != 0 {
		t.Errorf("it begins with %v", form)
	}
	// What cannot be done comes back beside its field, with all that was typed.
	for _, x := range []struct{ name, value, want string }{
		{"when:start_date", "", "Enter when it starts"}, {"when:start_date", "soon", "Enter a date"}, {"when:end_time", "25:99", "time"},
		{"when:end_date", "1 October 2031", "end"}, {"when:start_date", "14 October 2031", "as it was"},
	} {
		p := h.editor.Post(move, with(page.Form(changeSelector), x.name, x.value, "status_note@en", "A by-election.", "op", "preview"))
		back := p.Form(changeSelector)
		if p.Status != http.StatusUnprocessableEntity || back.Get(x.name) != x.value || back.Get("status_note@en") != "A by-election." || !strings.Contains(p.Find(".summary").Text(), x.want) {
			t.Errorf("%s %q: %d, %q, %s", x.name, x.value, p.Status, back.Get(x.name), strings.TrimSpace(p.Find(".summary").Text()))
		}
	}
	// The last Sunday of October has the hour from two to three twice.
	form = page.Form(changeSelector)
	p := h.editor.Post(move, with(form, "when:start_date", "26 October 2031", "when:start_time", "02:30", "when:end_date", "26 October 2031", "op", "preview"))
	if p.Status != http.StatusUnprocessableEntity || p.Find(`[id="when"] .err, [id="e-when"] .err, .summary a[href^="#when"]`).Length() == 0 {
		t.Errorf("an hour that comes twice: %d %s", p.Status, p.Find(".summary").Text())
	}

	form = page.Form(changeSelector)
	with(form, "when:start_date", "11 November 2032", "when:start_time", "10:30", "when:end_date", "11 November 2032", "when:end_time", "18:30", "status_note@en", "A by-election.", "status_note@ar", "انتخابات فرعية.", "op", "do")
	p = h.editor.Post(move, form) // without having seen what will change
	if p.Status != http.StatusOK || p.Path != move || h.revisions(id) != before {
		t.Fatalf("done unseen: %d at %s, %s", p.Status, p.Path, p.Find(".summary").Text())
	}
	for effect, want := range map[string][]string{"times": {"Opening", "Panel", "11 November 2032", "29 October 2032", "27 November 2032", "Recordings"}, "calendars": {"version 1"}, "pages": {"English, Arabic and Chinese", "/2032/"},
		"languages": {"Chinese"}, "prose": {"Arabic", "Chinese", "English"}, "facts": {"Status"}} {
		for _, w := range want {
			if !strings.Contains(lines(p, effect), w) {
				t.Errorf("%s: %q has no %q", effect, lines(p, effect), w)
			}
		}
	}
	if p.Find(`#effect-prose a[href="`+edit+`?lang=ar#summary@ar"]`).Length() != 1 || strings.Contains(lines(p, "times"), "2020") {
		t.Errorf("prose: %s; times: %s", lines(p, "prose"), lines(p, "times"))
	}
	p = h.editor.Post(move, with(p.Form(changeSelector), "op", "do"))
	if p.Status != http.StatusOK || p.Path != edit || !strings.Contains(p.Find(".notice.success").Text(), "moved") {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Find(".notice").Text())
	}
	pub, e := h.live(id)
	if e.When.Start != "2032-11-11T10:30" || e.Previous.Start != "2031-10-14T09:00" || e.Status != "rescheduled" || e.Sessions[1].Slot != (content.Slot{Start: "2032-11-11T11:30", End: "2032-11-11T13:30"}) ||
		e.Registration.Opens.At != "2020-01-01T09:00" || e.Registration.Closes.At != "2032-10-29T23:59" || e.Commitments[0].Due != "2032-11-27" || e.Commitments[0].PromisedOn != "2026-01-05" || pub.Sequence != 1 {
		t.Errorf("public: %+v %+v %+v %+v %d", e.When, e.Sessions, e.Registration, e.Commitments, pub.Sequence)
	}
	if e.StatusNote.In(i18n.EN) != "A by-election." || !strings.Contains(pub.Path, "/2032/") {
		t.Errorf("%v at %s", e.StatusNote, pub.Path)
	}
	// The page goes on naming what still tells of the old date, and history tells what happened.
	if h.editor.Get(edit).Find(".old-dates a").Length() != 3 {
		t.Error("the form no longer names the texts with the old date")
	}
	if got := h.editor.Get(edit + "/history").Find(".history .tag").Text(); !strings.Contains(got, "Move the date") {
		t.Errorf("history: %q", got)
	}

	// Taken back, all is as it was, as a new revision; and calendars are told again.
	p = h.editor.Get(edit + "/undo")
	if !strings.Contains(lines(p, "times"), "14 October 2031") || !strings.Contains(lines(p, "calendars"), "version 2") {
		t.Errorf("undo: %s %s", lines(p, "times"), lines(p, "calendars"))
	}
	p = h.editor.Post(edit+"/undo", with(p.Form(changeSelector), "op", "do"))
	pub, e = h.live(id)
	if p.Path != edit || e.When.Start != "2031-10-14T09:00" || e.Previous.Known() || e.Status != "scheduled" || e.StatusNote.In(i18n.EN) != "" || e.Sessions[1].Slot.Start != "2031-10-14T10:00" || pub.Sequence != 2 {
		t.Errorf("taken back: at %s %+v %+v %d", p.Path, e.When, e.Sessions, pub.Sequence)
	}
	if h.editor.Get(edit+"/undo").Find(changeSelector).Length() != 0 || h.editor.Get(edit).Find(`#happens a[href$="/undo"]`).Length() != 0 {
		t.Error("what was taken back can be taken back again")
	}
}

func TestCancelAndPostpone(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	edit := "/admin/events/" + id
	// A draft in another language does not go public with it.
	h.save(content.Change{ID: id, Set: content.Parts{i18nPart(i18n.AR): words("title", "مسودة")}})
	p := h.editor.Get(edit + "/change/cancel")
	if p.Find("#effects").Length() != 1 || !strings.Contains(lines(p, "calendars"), "cancelled") || len(p.Find("textarea").Nodes) != 3 {
		t.Fatalf("cancel shows: %s", p.Find("#fields").Text())
	}
	q := h.editor.Post(edit+"/change/cancel", with(p.Form(changeSelector), "op", "do", "status_note@ar", "فيضان."))
	if q.Status != http.StatusUnprocessableEntity || q.Find(`[id="status_note@en"][aria-invalid=true]`).Length() != 1 || q.Form(changeSelector).Get("status_note@ar") != "فيضان." {
		t.Errorf("without a reason: %d %s", q.Status, q.Find(".summary").Text())
	}
	long := strings.Repeat("x", 401)
	if q = h.editor.Post(edit+"/change/cancel", with(p.Form(changeSelector), "op", "do", "status_note@en", long)); q.Status != http.StatusUnprocessableEntity || q.Find(`[id="status_note@en"][aria-invalid=true]`).Length() != 1 {
		t.Errorf("a reason too long: %d", q.Status)
	}
	if q = h.editor.Post(edit+"/change/cancel", with(p.Form(changeSelector), "op", "do", "status_note@en", "A flood.")); q.Path != edit {
		t.Fatalf("%d at %s %s", q.Status, q.Path, q.Find(".summary").Text())
	}
	if pub, e := h.live(id); e.Status != "cancelled" || e.StatusNote.In(i18n.EN) != "A flood." || pub.Sequence != 1 {
		t.Errorf("%s %v %d", e.Status, e.StatusNote, pub.Sequence)
	}
	if ar, err := h.Content.LiveByID(ctx, i18n.AR, id); err != nil || ar.Title != "السجلات والأنهار" {
		t.Errorf("in Arabic: %v, %v", ar.Title, err)
	}
	// Cancelled, nothing else can happen to it but to take that back.
	for _, what := range []string{"cancel", "postpone", "move", "online", "venue"} {
		if q = h.editor.Post(edit+"/change/"+what, with(p.Form(changeSelector), "op", "do")); q.Status != http.StatusConflict || !strings.Contains(q.Find(".notice").Text(), "Take that back first") {
			t.Errorf("%s of a cancelled event: %d", what, q.Status)
		}
	}
	h.editor.Post(edit+"/undo", with(h.editor.Get(edit+"/undo").Form(changeSelector), "op", "do"))
	if _, e := h.live(id); e.Status != "scheduled" || e.StatusNote.In(i18n.EN) != "" {
		t.Fatalf("taken back: %s %v", e.Status, e.StatusNote)
	}

	// Two things one after the other are taken back one after the other; what was changed by hand since stands in the way.
	h.happen(id, "postpone", "Later.")
	if _, e := h.live(id); e.Status != "postponed" {
		t.Fatal(e.Status)
	}
	h.happen(id, "cancel", "Not at all.")
	h.editor.Post(edit+"/undo", with(h.editor.Get(edit+"/undo").Form(changeSelector), "op", "do"))
	if _, e := h.live(id); e.Status != "postponed" || e.StatusNote.In(i18n.EN) != "Later." {
		t.Errorf("taken back once: %s %v", e.Status, e.StatusNote)
	}
	h.save(content.Change{ID: id, Set: content.Parts{i18nPart(i18n.EN): words("status_note", "In spring.")}})
	q = h.editor.Get(edit + "/undo")
	if q.Find(`.summary a[href$="#status_note@en"]`).Length() != 1 {
		t.Errorf("what was changed since is not named: %s", q.Find("#problems").Text())
	}
	if q = h.editor.Post(edit+"/undo", with(q.Form(changeSelector), "op", "do")); q.Status != http.StatusUnprocessableEntity {
		t.Errorf("taken back over it: %d", q.Status)
	}
}

func i18nPart(l i18n.Locale) content.Part { return content.Part(l) }

func words(path, text string) content.Leaves {
	l := content.Leaves{}
	l.SetText(path, content.Text{Words: text})
	return l
}

// happen makes something happen to an event, as the editor does.
func (h *house) happen(id, what, reason string, more ...string) *apptest.Page {
	h.Helper()
	at := "/admin/events/" + id + "/change/" + what
	form := h.editor.Get(at).Form(changeSelector)
	p := h.editor.Post(at, with(with(form, more...), "status_note@en", reason, "op", "preview"))
	if p.Status != http.StatusOK {
		h.Fatalf("%s: %d %s", what, p.Status, strings.Join(strings.Fields(p.Find(".summary").Text()), " "))
	}
	if p = h.editor.Post(at, with(p.Form(changeSelector), "op", "do")); strings.HasSuffix(p.Path, what) {
		h.Fatalf("%s: %d %s", what, p.Status, strings.Join(strings.Fields(p.Find("#problems").Text()), " "))
	}
	return p
}

func TestMoveOnlineAndChangeTheVenue(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	edit := "/admin/events/" + id
	form := h.editor.Get(edit + "/change/online").Form(changeSelector)
	if form.Get("mode") != "online" && !slices.Contains(form["mode"], "online") || slices.Contains(form["venues"], "hall") || !slices.Contains(form["venues"], "zoom") {
		t.Errorf("it begins with %v in %v", form["mode"], form["venues"])
	}
	h.happen(id, "online", "The bridge is closed.")
	pub, e := h.live(id)
	if e.Mode != "online" || e.Status != "moved_online" || len(e.Venues) != 1 || e.Venues[0].ID != "zoom" || pub.Sequence != 1 {
		t.Errorf("%s %s %+v %d", e.Mode, e.Status, e.Venues, pub.Sequence)
	}
	if q := h.editor.Get(edit + "/change/online"); q.Find(changeSelector).Length() != 0 {
		t.Error("an event that is online can be moved online")
	}
	h.editor.Post(edit+"/undo", with(h.editor.Get(edit+"/undo").Form(changeSelector), "op", "do"))
	if _, e = h.live(id); e.Mode != "hybrid" || len(e.Venues) != 2 || e.Venues[0].Name.In(i18n.EN) != "Hall 2" {
		t.Errorf("taken back: %s %+v", e.Mode, e.Venues)
	}

	// Another hall; a list's buttons work on this page as they do in the form.
	at := edit + "/change/venue"
	form = h.editor.Get(at).Form(changeSelector)
	if q := h.editor.Post(at, with(form, "op", "preview", "status_note@en", "Repairs.")); q.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing new: %d", q.Status)
	}
	q := h.editor.Post(at, with(form, "op", "remove venues hall"))
	if got := q.Form(changeSelector); slices.Contains(got["venues"], "hall") || got.Get("status_note@en") != "Repairs." {
		t.Errorf("after removing: %v", got["venues"])
	}
	h.happen(id, "venue", "Repairs.", "venues.hall.name@en", "Hall 7")
	if pub, e = h.live(id); e.Status != "venue_changed" || e.Venues[0].Name.In(i18n.EN) != "Hall 7" || e.StatusNote.In(i18n.EN) != "Repairs." || pub.Sequence != 3 {
		t.Errorf("%s %+v %d", e.Status, e.Venues, pub.Sequence)
	}
}

func TestWhoMayChangeWhatHappens(t *testing.T) {
	h := open(t)
	office := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Partner")})
	id := h.symposium(office)
	cancel := "/admin/events/" + id + "/change/cancel"
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	p := partner.Get(cancel)
	if !strings.Contains(p.Find(".notice.warning").Text(), "draft") {
		t.Errorf("a partner is not told that it will be a draft: %s", p.Find(".notice").Text())
	}
	p = partner.Post(cancel, with(p.Form(changeSelector), "status_note@en", "A flood.", "op", "do"))
	if p.Status != http.StatusOK || !strings.Contains(p.Find(".notice.warning").Text(), "draft") {
		t.Errorf("%d %s", p.Status, p.Find(".notice").Text())
	}
	if _, e := h.live(id); e.Status != "scheduled" {
		t.Error("a partner has published")
	}
	if e := h.entry(id).Value.(*kind.Event); e.Status != "cancelled" {
		t.Errorf("the draft says %s", e.Status)
	}
	for name, grant := range map[string]auth.Grant{"event partner": {Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: id}, "translator": {Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.AR},
		"clearing officer": {Role: auth.ClearingOfficer, Scope: auth.ScopeSite}, "observer": {Role: auth.Observer, Scope: auth.ScopeSite}} {
		b := h.SignIn(strings.ReplaceAll(name, " ", "")+"@example.org", grant)
		for _, path := range []string{cancel, "/admin/events/" + id + "/undo"} {
			if got, posted := b.Get(path), b.Post(path, with(p.Form("form[action]"), "op", "do", "status_note@en", "Mine.")); got.Status != http.StatusForbidden || posted.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d, %d", name, path, got.Status, posted.Status)
			}
		}
		if b.Get("/admin/events/"+id).Find("#happens").Length() != 0 {
			t.Errorf("%s is shown what she may not do", name)
		}
	}
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: "elsewhere"})
	if got := stranger.Get(cancel); got.Status != http.StatusNotFound {
		t.Errorf("a stranger: %d", got.Status)
	}
	for _, path := range []string{"/admin/events/" + id + "/change/explode", "/admin/events/nothere/change/cancel", "/admin/news/" + id + "/change/cancel"} {
		if got := h.editor.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}

func TestAChangeSeesWhatHasBeenChangedMeanwhile(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	at := "/admin/events/" + id + "/change/move"
	form := with(h.editor.Get(at).Form(changeSelector), "when:start_date", "3 March 2032", "when:end_date", "3 March 2032", "status_note@en", "A by-election.", "op", "preview")
	seen := h.editor.Post(at, form).Form(changeSelector)
	facts := content.Leaves{}
	facts.Set("scope", "regional")
	h.save(content.Change{ID: id, Set: content.Parts{content.Facts: facts}})
	p := h.editor.Post(at, with(seen, "op", "do"))
	back := p.Form(changeSelector)
	if p.Status != http.StatusConflict || back.Get("when:start_date") != "3 March 2032" || back.Get("status_note@en") != "A by-election." || !strings.Contains(p.Find(".notice.warning").Text(), "has been changed") ||
		!strings.Contains(lines(p, "also"), "Scope") {
		t.Fatalf("%d %q %s", p.Status, back.Get("when:start_date"), p.Find("#problems").Text()+lines(p, "also"))
	}
	if _, e := h.live(id); e.Status != "scheduled" {
		t.Error("it was done all the same")
	}
	if p = h.editor.Post(at, with(back, "op", "do")); strings.HasSuffix(p.Path, "/move") {
		t.Errorf("%d %s", p.Status, p.Find("#problems").Text())
	}
	if _, e := h.live(id); e.Status != "rescheduled" || e.Scope != "regional" {
		t.Errorf("%s %s", e.Status, e.Scope)
	}
}

func TestNothingIsSavedThatCannotBePublished(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	facts := content.Leaves{}
	facts.Set("contacts", nil)
	facts["contacts"] = nil
	h.save(content.Change{ID: id, Set: content.Parts{content.Facts: facts}})
	before := h.revisions(id)
	p := h.editor.Post("/admin/events/"+id+"/change/cancel", with(h.editor.Get("/admin/events/"+id+"/change/cancel").Form(changeSelector), "status_note@en", "A flood.", "op", "do"))
	if p.Status != http.StatusUnprocessableEntity || p.Find(`.summary a[href$="#contacts"]`).Length() != 1 || h.revisions(id) != before {
		t.Errorf("%d %s, %d revisions more", p.Status, p.Find(".summary").Text(), h.revisions(id)-before)
	}
}

func TestChecklist(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	edit := "/admin/events/" + id
	p := h.editor.Get(edit)
	if p.Find(`#checklist a[href="`+edit+`#image.file"]`).Length() != 1 || p.Find(`#checklist a[href="`+edit+`/checklist"]`).Length() != 1 {
		t.Fatalf("the event's page: %s", p.Find("#checklist").Text())
	}
	all := edit + "/checklist"
	p = h.editor.Get(all)
	state := func(p *apptest.Page, name string) string {
		return strings.Join(strings.Fields(p.Find("#duty-"+name+" > .tag").Text()), " ")
	}
	for name, want := range map[string]string{"registration": "Done", "image": "To do", "guideline": "Later", "programme": "Done", "promise-dd": "Later"} {
		if got := state(p, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	q := h.editor.Post(all, p.Form("#duty-image form"))
	if q.Status != http.StatusUnprocessableEntity {
		t.Errorf("a button nobody has: %d", q.Status)
	}
	if q = h.editor.Post(all, with(p.Form("#duty-image form"), "op", "skip")); q.Status != http.StatusUnprocessableEntity || q.Find("#duty-image [aria-invalid]").Length() != 1 {
		t.Errorf("without a reason: %d", q.Status)
	}
	long := strings.Repeat("é", 401)
	if q = h.editor.Post(all, with(p.Form("#duty-image form"), "op", "skip", "reason", long)); q.Status != http.StatusUnprocessableEntity || q.Find("#duty-image input[name=reason]").AttrOr("value", "") != long {
		t.Errorf("too long: %d", q.Status)
	}
	q = h.editor.Post(all, with(p.Form("#duty-image form"), "op", "skip", "reason", "Closed meeting."))
	if got := state(q, "image"); got != "Not applicable" || !strings.Contains(q.Find("#duty-image").Text(), "Closed meeting.") || h.editor.Get(edit).Find(`#checklist a[href$="#image.file"]`).Length() != 0 {
		t.Errorf("skipped: %q", got)
	}
	if q = h.editor.Post(all, with(q.Form("#duty-image form"), "op", "unskip")); state(q, "image") != "To do" || len(h.entry(id).Value.(*kind.Event).Skips) != 0 {
		t.Errorf("taken back: %q", state(q, "image"))
	}
	observer := h.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if got := observer.Get(all); got.Status != http.StatusOK || got.Find("form[action$=checklist]").Length() != 0 {
		t.Errorf("an observer: %d", got.Status)
	}
	if got := observer.Post(all, with(p.Form("#duty-image form"), "op", "skip", "reason", "No.")); got.Status != http.StatusForbidden {
		t.Errorf("an observer may skip: %d", got.Status)
	}
}

func TestPromises(t *testing.T) {
	h := open(t)
	if p := h.editor.Get("/admin/promises"); p.Find(".blank").Length() != 1 {
		t.Error("no promises, and nothing says so")
	}
	day := func(n int) content.Date { return content.Date(time.Now().AddDate(0, 0, n).Format(time.DateOnly)) }
	office := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Partner")})
	me := h.me()
	list := []kind.Commitment{{Item: content.Item{ID: "late"}, Kind: "recordings", Due: day(-9)}, {Item: content.Item{ID: "mine"}, Kind: "summary", Due: day(4), Owner: me},
		{Item: content.Item{ID: "kept"}, Kind: "report", Due: day(-9), Fulfilled: day(-10)}, {Item: content.Item{ID: "gone"}, Kind: "presentations", Waived: true, WaivedReason: "None were given."}}
	id := h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Office: office, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "Forum"), Commitments: list})})
	for i := range 30 {
		h.save(content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "Other"), Commitments: []kind.Commitment{{Item: content.Item{ID: "xx"}, Kind: "other", Due: day(20 + i), Text: content.L("en", "We will see.")}}})})
	}
	rows := func(b *apptest.Browser, query string) (*apptest.Page, string) {
		p := b.Get("/admin/promises" + query)
		return p, strings.Join(strings.Fields(p.Find("table").Text()), " ")
	}
	p, got := rows(h.editor, "")
	if !strings.Contains(got, "Recordings Forum") || !strings.Contains(got, "9 days overdue") || strings.Contains(got, "Report") || p.Find("tbody tr").Length() != 25 || p.Find(".pager [rel=next]").Length() != 1 || !strings.Contains(p.Find("#total").Text(), "32") {
		t.Errorf("open: %s", got)
	}
	if q := h.editor.Get(p.Find(".pager [rel=next]").AttrOr("href", "")); q.Find("tbody tr").Length() != 7 {
		t.Errorf("the second page has %d", q.Find("tbody tr").Length())
	}
	for query, want := range map[string][2]string{"?state=overdue": {"Recordings", "Summary"}, "?state=kept": {"Report", "Recordings"}, "?state=waived": {"Presentations", "Report"}, "?mine=1": {"Summary", "Recordings"}} {
		if _, got := rows(h.editor, query); !strings.Contains(got, want[0]) || strings.Contains(got, want[1]) {
			t.Errorf("%s: %s", query, got)
		}
	}
	for _, query := range []string{"?state=soon", "?what=1", "?state=kept&state=open"} {
		if p, _ := rows(h.editor, query); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, p.Status)
		}
	}
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	if p, got := rows(partner, "?state=all"); !strings.Contains(got, "Forum") || strings.Contains(got, "Other") || !strings.Contains(p.Find("#total").Text(), "4") {
		t.Errorf("a partner sees %s", got)
	}
	if h.editor.Get("/admin").Find(`a[href="/admin/promises"]`).Length() != 1 {
		t.Error("the dashboard does not lead there")
	}
	if err := h.Content.Delete(ctx, apptest.System, id); err != nil {
		t.Fatal(err)
	}
	if _, got := rows(partner, "?state=all"); got != "" {
		t.Errorf("of a deleted event: %s", got)
	}
}

// me is the editor's account.
func (h *house) me() string {
	h.Helper()
	all, _, err := h.Auth.List(ctx, apptest.System, auth.AccountFilter{}, auth.Paging{Size: 50})
	if err != nil {
		h.Fatal(err)
	}
	for _, a := range all {
		if a.Email == "editor@example.org" {
			return a.ID
		}
	}
	h.Fatal("no editor")
	return ""
}

// Of two things that happen one after the other, readers are told the reason and the dates of the latest; taken back, of the
// one before.
func TestTheLatestReasonAndDate(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	edit := "/admin/events/" + id
	undo := func() {
		t.Helper()
		if p := h.editor.Post(edit+"/undo", with(h.editor.Get(edit+"/undo").Form(changeSelector), "op", "do")); p.Path != edit {
			t.Fatalf("%d %s", p.Status, strings.Join(strings.Fields(p.Find("#problems").Text()), " "))
		}
	}
	day := func(d string) []string { return []string{"when:start_date", d, "when:end_date", d} }
	told := func(status, when, previous, en, ar string) {
		t.Helper()
		_, e := h.live(id)
		if got := []string{e.Status, string(e.When.Start), string(e.Previous.Start), e.StatusNote.In(i18n.EN), h.reason(id, i18n.AR)}; !slices.Equal(got, []string{status, when, previous, en, ar}) {
			t.Errorf("public: %q", got)
		}
		d := h.entry(id)
		if x := d.Value.(*kind.Event); x.Status != status || x.StatusNote.In(i18n.AR) != ar {
			t.Errorf("worked on: %s %v", x.Status, x.StatusNote)
		}
		if note := d.Parts["ar"].Text("status_note"); content.Stale(content.TypeLine, note, en) {
			t.Errorf("%q is out of date with %q", note.Words, en)
		}
	}
	const first, second, third = "2031-10-14T09:00", "2031-11-04T09:00", "2031-12-02T09:00"
	h.happen(id, "postpone", "Later.", "status_note@ar", "انتخابات فرعية.")
	told("postponed", first, "", "Later.", "انتخابات فرعية.")
	h.happen(id, "move", "A by-election.", append(day("4 November 2031"), "status_note@ar", "انتخابات فرعية.")...)
	told("rescheduled", second, first, "A by-election.", "انتخابات فرعية.") // the same words, typed with another original
	h.happen(id, "move", "A strike.", day("2 December 2031")...)
	told("rescheduled", third, second, "A strike.", "")
	h.happen(id, "cancel", "No longer needed.")
	told("cancelled", third, second, "No longer needed.", "")
	undo()
	told("rescheduled", third, second, "A strike.", "")
	undo()
	told("rescheduled", second, first, "A by-election.", "انتخابات فرعية.")
	undo()
	told("postponed", first, "", "Later.", "انتخابات فرعية.")
	undo()
	told("scheduled", first, "", "", "")

	// A change of words alone is one too.
	h.happen(id, "venue", "Repairs.", "venues.hall.name@en", "Hall 7")
	h.happen(id, "venue", "More repairs.", "venues.hall.name@en", "Hall 9")
	undo()
	if _, e := h.live(id); e.Venues[0].Name.In(i18n.EN) != "Hall 7" || e.StatusNote.In(i18n.EN) != "Repairs." {
		t.Errorf("taken back once: %v %v", e.Venues[0].Name, e.StatusNote)
	}
	undo()
	if _, e := h.live(id); e.Venues[0].Name.In(i18n.EN) != "Hall 2" || e.Status != "scheduled" {
		t.Errorf("taken back twice: %v %s", e.Venues[0].Name, e.Status)
	}
}

// Who may change the facts and not write in a language leaves no earlier reason in it, and can take back what they may do.
func TestAReasonInALanguageOneMayNotWrite(t *testing.T) {
	h := open(t)
	drafter := h.SignIn("drafter@example.org", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite}, auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeSite})
	id := h.symposium("")
	all, _, err := h.Auth.List(ctx, apptest.System, auth.AccountFilter{}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Email == "drafter@example.org" {
			if err := h.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewRaw("UPDATE entries SET created_by = ? WHERE id = ?", a.ID, id).Exec(ctx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := "/admin/events/" + id
	h.happen(id, "postpone", "Later.", "status_note@ar", "لاحقا.")
	p := drafter.Get(edit + "/change/cancel")
	if p.Find(`[id="status_note@ar"][disabled]`).Length() != 1 || strings.TrimSpace(p.Find(`[id="status_note@ar"]`).Text()) != "" {
		t.Errorf("the Arabic reason: %q", p.Find(`[id="status_note@ar"]`).Text())
	}
	if p = drafter.Post(edit+"/change/cancel", with(p.Form(changeSelector), "status_note@en", "A flood.", "status_note@ar", "فيضان.", "op", "do")); p.Path != edit {
		t.Fatalf("%d %s", p.Status, p.Find("#problems").Text())
	}
	if _, e := h.live(id); e.Status != "cancelled" || e.StatusNote.In(i18n.EN) != "A flood." || h.reason(id, i18n.AR) != "" {
		t.Errorf("%s %v", e.Status, e.StatusNote)
	}
	for _, want := range []string{"postponed", "scheduled"} { // their own, and then the editor's
		if p = drafter.Post(edit+"/undo", with(drafter.Get(edit+"/undo").Form(changeSelector), "op", "do")); p.Path != edit {
			t.Fatalf("%d %s", p.Status, p.Find("main").Text())
		}
		_, e := h.live(id)
		ar := map[string]string{"postponed": "لاحقا."}[want]
		if e.Status != want || h.reason(id, i18n.AR) != ar {
			t.Errorf("taken back: %s %v", e.Status, e.StatusNote)
		}
	}
}

// What calendars lose is told before it is done.
func TestAMonthIsInNoCalendar(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	at := "/admin/events/" + id + "/change/move"
	month := func(precision, date string) *apptest.Page {
		t.Helper()
		form := with(h.editor.Get(at).Form(changeSelector), "when:precision", precision, "when:start_date", date, "when:end_date", date, "status_note@en", "A strike.", "op", "preview")
		p := h.editor.Post(at, form)
		if p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, strings.Join(strings.Fields(p.Find("#problems").Text()), " "))
		}
		return p
	}
	p := month("month", "1 March 2032")
	if got := lines(p, "calendars"); !strings.Contains(got, "leaves the site’s calendars") {
		t.Errorf("calendars: %q", got)
	}
	h.editor.Post(at, with(p.Form(changeSelector), "op", "do"))
	if _, e := h.live(id); e.When.Precision != "month" {
		t.Fatalf("%+v", e.When)
	}
	if p = month("month", "1 April 2032"); p.Find("#effect-calendars").Length() != 0 {
		t.Errorf("from month to month: %q", lines(p, "calendars"))
	}
	if got := lines(month("day", "5 April 2032"), "calendars"); !strings.Contains(got, "take it up") {
		t.Errorf("calendars: %q", got)
	}
}

// Words that somebody has changed since the look at what will change are looked at before it is done.
func TestAChangeSeesWordsChangedMeanwhile(t *testing.T) {
	h := open(t)
	id := h.symposium("")
	at := "/admin/events/" + id + "/change/cancel"
	for _, l := range []i18n.Locale{i18n.EN, i18n.ZH, i18n.FR} { // the original, a language of the page, and a new one
		seen := with(h.editor.Get(at).Form(changeSelector), "status_note@en", "A flood.", "op", "do")
		h.save(content.Change{ID: id, Set: content.Parts{i18nPart(l): words("summary", "Something else, in "+l.Tag())}})
		p := h.editor.Post(at, seen)
		if p.Status != http.StatusConflict || !strings.Contains(p.Find(".notice.warning").Text(), "has been changed") || p.Form(changeSelector).Get("status_note@en") != "A flood." {
			t.Errorf("%s: %d at %s, %s", l, p.Status, p.Path, p.Find("#problems").Text())
		}
		if _, e := h.live(id); e.Status != "scheduled" {
			t.Fatalf("%s: it was done unseen", l)
		}
		if l == i18n.FR {
			if p = h.editor.Post(at, with(p.Form(changeSelector), "op", "do")); strings.HasSuffix(p.Path, "/cancel") {
				t.Errorf("%d %s", p.Status, p.Find("#problems").Text())
			}
		}
	}
}
