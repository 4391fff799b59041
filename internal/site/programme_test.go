package site

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// versioned is a symposium whose clock the tests set, with two persons of whom one is public.
func (h *house) versioned() (id content.Ref, path string, known, hidden content.Ref) {
	h.t.Helper()
	h.content.Now = func() time.Time { return h.now }
	h.now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	id, path = h.symposium()
	known, _ = h.publish(kind.PersonKind, &kind.Person{Name: content.L("en", "Awa Diallo", "ar", "أوا ديالو")}, i18n.EN, i18n.AR)
	hidden = h.draft(kind.PersonKind, &kind.Person{Name: content.L("en", "Nobody Yet")}, i18n.EN)
	return id, path, known, hidden
}

// named names the programme as it is published with what else changes.
func (h *house) named(id content.Ref, items []string, more map[string]any, words map[i18n.Locale]map[string]string) {
	h.t.Helper()
	c := content.Change{ID: string(id), Set: content.Parts{content.Facts: {}}}
	p := content.PublishChange{ID: string(id), Facts: true}
	if items != nil {
		c.Set[content.Facts].Set("programmes", items)
	}
	for path, v := range more {
		c.Set[content.Facts].Set(path, v)
	}
	for l, all := range words {
		c.Set[content.Part(l)] = content.Leaves{}
		for path, w := range all {
			c.Set[content.Part(l)].SetText(path, content.Text{Words: w})
		}
		p.Locales = append(p.Locales, l)
	}
	if _, err := h.content.SaveAndPublish(ctx, staff, c, p); err != nil {
		h.t.Fatal(reason(err))
	}
}

// TestVersionsOfAProgramme follows one from the provisional to the final: what readers see at the programme, the log of what
// changed in their language and on the event's clock, and each version as it was. Pages that are kept follow at once.
func TestVersionsOfAProgramme(t *testing.T) {
	h := openOn(t, 8<<20, dbtest.Address(t))
	id, path, known, hidden := h.versioned()
	at := func(l string) string { return "/" + l + "/" + path }
	line := func(l string) string { return say(h.get(at(l)), "#programme > .tip") }
	if s := line("en"); s != "" {
		t.Errorf("a programme without a name says %q", s)
	}
	for _, below := range []string{"/programme", "/programme/1", "/programme/0", "/programme/x"} {
		if w := h.do("GET", at("en")+below); w.Code != http.StatusNotFound {
			t.Errorf("%s of a programme without versions: %d", below, w.Code)
		}
	}
	h.alter(id, map[string]any{"status": "scheduled", "when": content.When{Start: "2026-10-14T09:00", End: "2026-10-14T17:00", Zone: "Africa/Nairobi", Precision: "time"},
		"sessions.s1.slot": content.Slot{Start: "2026-10-14T09:00", End: "2026-10-14T10:00"}, "sessions.s2.slot": content.Slot{Start: "2026-10-14T10:00", End: "2026-10-14T12:00"}}, nil)

	// What is typed and not published is nowhere.
	h.now = time.Date(2026, 3, 3, 22, 30, 0, 0, time.UTC) // the 4th at the event's place
	set := content.Leaves{}
	set.Set("programmes", []string{"p1"})
	set.Set("programmes.p1.kind", "provisional")
	if _, err := h.content.Save(ctx, staff, content.Change{ID: string(id), Set: content.Parts{content.Facts: set}}); err != nil {
		t.Fatal(err)
	}
	if s := line("en"); s != "" {
		t.Errorf("a draft shows: %s", s)
	}
	h.named(id, nil, nil, nil)
	if s := line("en"); s != "Provisional programme, as of 4 March 2026 · All versions and changes" {
		t.Errorf("at the programme: %q", s)
	}
	if s := line("ar"); !strings.HasPrefix(s, "البرنامج المؤقت") {
		t.Errorf("in Arabic: %q", s)
	}
	log := h.get(at("en") + "/programme")
	if s := say(log, "article section"); s != "Provisional programme4 March 2026, 01:30, Nairobi time (UTC+3)First version of the programme." {
		t.Errorf("the first log: %q", s)
	}

	// It goes on without a name: the page says so, and the log tells what.
	h.now = h.now.Add(48 * time.Hour)
	h.named(id, nil, map[string]any{"sessions": []string{"s1", "s2", "s3"}, "sessions.s2.slot": content.Slot{Start: "2026-10-14T11:30", End: "2026-10-14T13:00"}, "sessions.s3.kind": "presentation",
		"sessions.s3.slot": content.Slot{Start: "2026-10-14T14:00", End: "2026-10-14T15:00"}, "sessions.s2.people": []string{"a1", "a2"}, "sessions.s2.people.a1.person": known,
		"sessions.s2.people.a1.role": "speaker", "sessions.s2.people.a2.role": "speaker", "sessions.s2.people.a2.person": hidden},
		map[i18n.Locale]map[string]string{"en": {"sessions.s3.title": "Film", "sessions.s2.room": "Hall 3", "sessions.s2.track": "Law"}, "ar": {"sessions.s3.title": "عرض فيلم"}})
	if s := line("en"); s != "Provisional programme, as of 4 March 2026, with changes since then · All versions and changes" {
		t.Errorf("changed since: %q", s)
	}
	if h.get(at("en")).Find("#programme details").Length() > 0 {
		t.Error("what changed is told twice")
	}
	changes := []string{"“Panel” is now at 11:30–13:00 (before: 10:00–12:00).", "“Panel” is now in: Hall 3.", "“Panel” is now in the track: Law.", "New in “Panel”: Awa Diallo.", "“Film” was added."}
	since := say(h.get(at("en")+"/programme"), "#now ~ div")
	for _, want := range changes {
		if !strings.Contains(since, want) {
			t.Errorf("%q is not in %q", want, since)
		}
	}

	// The second version: with its own name and note in English, and the usual name elsewhere.
	h.now = h.now.Add(48 * time.Hour)
	h.named(id, []string{"p1", "p2"}, map[string]any{"programmes.p2.kind": "final", "sessions.s1.cancelled": true},
		map[i18n.Locale]map[string]string{"en": {"programmes.p2.name": "Rev. 1 <b>", "programmes.p2.note": "The opening falls away."}})
	log = h.get(at("en") + "/programme")
	order := log.Find("article section h2").Map(func(_ int, x *goquery.Selection) string { return x.Text() })
	if s := strings.Join(order, "|"); s != "Rev. 1 <b>|Provisional programme" {
		t.Errorf("the log has %s", s)
	}
	all := say(log, "article")
	for _, want := range append(changes, "“Opening” is cancelled (before: 09:00–10:00).", "The opening falls away.") {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	ar := say(h.get(at("ar")+"/programme"), "article")
	for _, want := range []string{"تضم «حلقة النقاش» الآن أيضًا: أوا ديالو.", "أُضيفت «عرض فيلم».", "أُلغيت «الافتتاح»", "البرنامج المؤقت"} {
		if !strings.Contains(ar, want) {
			t.Errorf("%q is not in %q", want, ar)
		}
	}
	page := h.get(at("en"))
	if s := say(page, "#programme li:first-child"); !strings.Contains(s, "Cancelled") || page.Find("#programme li:first-child h3 s").Length() != 1 {
		t.Errorf("a cancelled session is shown as %q", s)
	}

	// Each as it was.
	one, two := h.get(at("en")+"/programme/1"), h.get(at("en")+"/programme/2")
	if s := say(one, "article"); !strings.Contains(s, "Earlier version: the programme as of 4 March 2026, 01:30, Nairobi time (UTC+3).") || !strings.Contains(s, "10:00–12:00") || strings.Contains(s, "Film") || strings.Contains(s, "Awa") {
		t.Errorf("the first version: %s", s)
	}
	if s := say(two, "article"); !strings.Contains(s, "It has not changed since then.") || !strings.Contains(s, "11:30–13:00") || !strings.Contains(s, "Film") || !strings.Contains(s, "Awa Diallo") || !strings.Contains(s, "New since “Provisional programme”") {
		t.Errorf("the second version: %s", s)
	}
	for _, d := range []*goquery.Document{log, one, two} {
		if d.Find(`meta[name=robots][content=noindex]`).Length() != 1 || d.Find(`link[rel=canonical]`).AttrOr("href", "") != baseURL+at("en") {
			t.Error("search engines are not led to the event")
		}
		for _, a := range d.Find(".langs a").EachIter() {
			if h.do("GET", a.AttrOr("href", "")).Code != http.StatusOK {
				t.Errorf("the bar of languages leads to %s", a.AttrOr("href", ""))
			}
		}
		if html, _ := d.Html(); strings.Contains(html, "Nobody Yet") || strings.Contains(html, string(hidden)) {
			t.Error("somebody shows who is not public")
		}
	}
	for _, x := range []string{"3", "01", "-1", "1e0", "99999999999999999999", "p1"} {
		if w := h.do("GET", at("en")+"/programme/"+x); w.Code != http.StatusNotFound {
			t.Errorf("version %s: %d", x, w.Code)
		}
	}
	if sitemap := h.body("/sitemap.xml"); strings.Contains(sitemap, "/programme") {
		t.Error("versions are in the sitemap")
	}

	// Who is withdrawn is gone from the versions, too; the name is undone by taking the item out, and done again by bringing it back.
	if err := h.content.Unpublish(ctx, staff, string(known), []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	for _, below := range []string{"/programme", "/programme/2"} {
		if s := say(h.get(at("en")+below), "article"); strings.Contains(s, "Awa") || strings.Contains(s, "New in") {
			t.Errorf("%s names a person who is not public any more: %s", below, s)
		}
	}
	h.named(id, []string{"p1"}, nil, nil)
	if w := h.do("GET", at("en")+"/programme/2"); w.Code != http.StatusNotFound {
		t.Errorf("a version whose name was taken back: %d", w.Code)
	}
	h.now = h.now.Add(time.Hour)
	h.named(id, []string{"p1", "p2"}, nil, nil)
	if again := say(h.get(at("en")+"/programme/2"), "article"); !strings.Contains(again, "as of 8 March 2026, 01:30") {
		t.Errorf("brought back, the version is %s", again)
	}
}

// TestVersionsGoWithTheEvent: what is withdrawn is gone from versions, comes back if the withdrawal is taken back, and does not
// if something else is published instead. A translation that comes later belongs to the version while the programme stands.
func TestVersionsGoWithTheEvent(t *testing.T) {
	h := openOn(t, 0, dbtest.Address(t))
	id, path, _, _ := h.versioned()
	h.named(id, []string{"p1"}, map[string]any{"programmes.p1.kind": "revised"}, nil)
	h.now = h.now.Add(time.Hour)
	h.named(id, []string{"p1", "p2"}, map[string]any{"programmes.p2.kind": "revised", "sessions.s1.kind": "keynote"}, nil)
	title := func(l, n string) string {
		return say(h.get("/"+l+"/"+path+"/programme/"+n), "#programme ~ ol li:first-child h3")
	}
	if s := say(h.get("/en/"+path+"/programme"), "article h2"); s != "Programme, revision 2Programme, revision 1" {
		t.Errorf("revisions are called %q", s)
	}
	if s := title("fr", "2"); s != "Opening" {
		t.Errorf("before there is French: %q", s)
	}
	h.named(id, nil, nil, map[i18n.Locale]map[string]string{"fr": {"title": "Registres", "summary": "Les fleuves.", "sessions.s1.title": "Ouverture"}})
	if a, b := title("fr", "2"), title("fr", "1"); a != "Ouverture" || b != "Opening" {
		t.Errorf("with French, the last version has %q and the one before %q", a, b)
	}
	live := func() map[content.Part]int {
		e, err := h.content.Get(ctx, staff, string(id))
		if err != nil {
			t.Fatal(err)
		}
		out := map[content.Part]int{}
		for p, n := range e.Live {
			out[p] = n
		}
		return out
	}
	before := live()
	if err := h.content.Unpublish(ctx, staff, string(id), []i18n.Locale{i18n.FR}); err != nil {
		t.Fatal(err)
	}
	if s := title("fr", "2"); s != "Opening" {
		t.Errorf("French was withdrawn, and its version has %q", s)
	}
	back := func(revisions map[content.Part]int, locales ...i18n.Locale) {
		t.Helper()
		if err := h.content.Publish(ctx, staff, content.PublishChange{ID: string(id), Facts: revisions[content.Facts] > 0, Locales: locales, Revisions: revisions}); err != nil {
			t.Fatal(reason(err))
		}
	}
	back(map[content.Part]int{"fr": before["fr"]}, "fr")
	if s := title("fr", "2"); s != "Ouverture" {
		t.Errorf("the withdrawal was taken back, and the version has %q", s)
	}
	if err := h.content.Unpublish(ctx, staff, string(id), []i18n.Locale{i18n.FR}); err != nil {
		t.Fatal(err)
	}
	h.named(id, nil, nil, map[i18n.Locale]map[string]string{"fr": {"sessions.s1.title": "Accueil"}})
	if s := title("fr", "2"); s != "Accueil" {
		t.Errorf("French was withdrawn and published better, and the version has %q", s)
	}
	before = live()
	if err := h.content.Unpublish(ctx, staff, string(id), []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	for _, below := range []string{"", "/programme", "/programme/1"} {
		if w := h.do("GET", "/en/"+path+below); w.Code != http.StatusNotFound {
			t.Errorf("%q of a withdrawn event: %d", below, w.Code)
		}
	}
	back(before, "en", "ar", "zh", "fr")
	if a, b := title("en", "1"), title("fr", "2"); a != "Opening" || b != "Accueil" {
		t.Errorf("the event is back, its versions have %q and %q", a, b)
	}
	// With other facts the earlier ones stay gone, and the name is that of the programme as it is now.
	if err := h.content.Delete(ctx, staff, string(id)); err != nil {
		t.Fatal(err)
	}
	if err := h.content.Restore(ctx, staff, string(id)); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(24 * time.Hour)
	h.named(id, nil, map[string]any{"sessions": []string{"s2"}}, map[i18n.Locale]map[string]string{"en": {"summary": "Anew."}})
	if w := h.do("GET", "/en/"+path+"/programme/1"); w.Code != http.StatusNotFound {
		t.Errorf("a version that was taken back is public again: %d", w.Code)
	}
	if s := say(h.get("/en/"+path+"/programme/2"), "article"); strings.Contains(s, "Opening") || !strings.Contains(s, "2 March 2026") {
		t.Errorf("the version that is kept anew: %s", s)
	}
}
