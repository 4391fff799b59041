package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

var ctx = context.Background()

func picture(t *testing.T) *bytes.Buffer {
	m := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for i := range m.Pix {
		m.Pix[i] = byte(i)
	}
	m.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return &b
}

// TestLife walks every kind through its whole life, on whichever database and storage the run is for: the form opens and
// gives every value back, what is missing is named, strangers are refused, the draft shows nowhere, and what is published
// shows everywhere it should, a second language alone and merged included. Nothing in it names a field: a new field, or a
// new kind, is tested by being declared.
func TestLife(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: "editor", Scope: auth.ScopeSite})
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "picture.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	refs := neighbours(t, p)
	stranger := p.SignIn("stranger@example.org", auth.Grant{Role: "partner_editor", Scope: auth.ScopeOrganisation, ScopeID: refs["organization"]})
	reader := p.SignIn("reader@example.org", auth.Grant{Role: "observer", Scope: auth.ScopeSite})
	translator := p.SignIn("translator@example.org", auth.Grant{Role: "translator", Scope: auth.ScopeSite, Locale: i18n.FR})
	for _, k := range kind.All {
		t.Run(k.Name, func(t *testing.T) {
			l := life{t, p, editor, stranger, reader, translator, p.Visitor(), k, "canary" + k.Name, "", refs, file.ID}
			l.draft()
			l.formGivesEverythingBack()
			l.nobodyIsAsked()
			l.strangersAreRefused()
			l.readersOnlyRead("as a draft")
			l.invisible("as a draft")
			l.whatIsMissingIsNamed()
			l.publish()
			l.readersOnlyRead("as public")
			l.secondLanguage()
			l.withdraw()
		})
	}
}

// nobodyIsAsked takes back that an organisation is asked to work on the entry: who is only named has no part in it.
func (l life) nobodyIsAsked() {
	e, err := l.p.Content.Get(ctx, apptest.System, l.id)
	if err != nil {
		l.Fatal(err)
	}
	set := content.Leaves{}
	for path := range e.Parts[content.Facts] {
		if f := l.kind.Field(path); f != nil && f.Enum == "joint_work" {
			set[path] = nil
		}
	}
	if len(set) == 0 {
		return
	}
	if _, err := l.p.Content.Save(ctx, apptest.System, content.Change{ID: l.id, Set: content.Parts{content.Facts: set}}); err != nil {
		l.Fatal(err)
	}
	if e, err = l.p.Content.Get(ctx, apptest.System, l.id); err != nil || len(e.Partners()) > 0 {
		l.Fatal(e.Partners(), err)
	}
}

type life struct {
	*testing.T
	p                *apptest.Plenary
	editor, stranger *apptest.Browser
	reader           *apptest.Browser // may read everything and do nothing
	translator       *apptest.Browser // of French
	public           *apptest.Browser
	kind             *content.Kind
	canary           string
	id               string
	refs             map[string]string
	file             string
}

// sampleEvent is an event with every field filled but those of some groups, which a story sets as it needs them.
func sampleEvent(t *testing.T, p *apptest.Plenary, without ...string) content.Parts {
	t.Helper()
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "picture.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	set := apptest.Sample(kind.EventKind, i18n.EN, "plain", neighbours(t, p), file.ID)
	for path := range set[content.Facts] {
		if group, _, _ := strings.Cut(path, "."); slices.Contains(without, group) {
			delete(set[content.Facts], path)
		}
	}
	return set
}

// neighbours makes one published entry of each kind that others may refer to.
func neighbours(t *testing.T, p *apptest.Plenary) map[string]string {
	t.Helper()
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "paper.pdf", Body: strings.NewReader("%PDF-1.4\n")})
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]string{}
	if err := apptest.RecordingFiles(ctx, p.Media, refs); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"topic", "organization", "person", "series", "page", "document", "event"} {
		k := p.Content.Kind(name)
		id := save(t, p, content.Change{Kind: k, Original: i18n.EN, Set: apptest.Sample(k, i18n.EN, "neighbour", refs, file.ID)})
		refs[name] = id
		if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatalf("publish a %s: %v", name, err)
		}
	}
	return refs
}

func save(t *testing.T, p *apptest.Plenary, c content.Change) string {
	t.Helper()
	r, err := p.Content.Save(ctx, apptest.System, c)
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func (l *life) entry() *content.Entry {
	l.Helper()
	e, err := l.p.Content.Get(ctx, apptest.System, l.id)
	if err != nil {
		l.Fatal(err)
	}
	return e
}

func (l *life) edit() string { return "/admin/" + l.kind.Path + "/" + l.id }

// draft opens the form for a new entry as an editor does, and then fills every field there is.
func (l *life) draft() {
	l.Helper()
	page := l.editor.Get("/admin/" + l.kind.Path + "/new")
	if page.Status != http.StatusOK {
		l.Fatalf("the form for a new entry: %d", page.Status)
	}
	form := page.Form("form[data-entry]")
	title := l.kind.As("title").Path
	form.Set(title+"@en", l.canary)
	form.Set("op", "save")
	page = l.editor.Post("/admin/"+l.kind.Path+"/new", form)
	if page.Status != http.StatusOK || !strings.HasPrefix(page.Path, "/admin/"+l.kind.Path+"/") {
		l.Fatalf("a first save led to %s: %d", page.Path, page.Status)
	}
	l.id = strings.TrimPrefix(page.Path, "/admin/"+l.kind.Path+"/")
	if got := l.entry().Parts["en"].Text(title).Words; got != l.canary {
		l.Fatalf("title after the first save: %q", got)
	}
	sample := apptest.Sample(l.kind, i18n.EN, l.canary, l.refs, l.file)
	save(l.T, l.p, content.Change{ID: l.id, Set: sample})
	l.kind.Walk(func(f *content.Field) {
		if used, err := l.p.Content.FileUsedBy(ctx, l.file); f.Type == content.TypeFile && (err != nil || !slices.Contains(used, l.id)) {
			l.Errorf("the file of %s is not known to be used: %v", f.Path, err)
		}
	})
	stored := l.entry().Parts
	for part, leaves := range sample {
		for path, want := range leaves {
			if got := stored[part][path]; string(got) != string(want) && (part == content.Facts || stored[part].Text(path).Words != leaves.Text(path).Words) {
				l.Errorf("saved %s as %s, stored is %s", content.FormName(path, part.Locale()), want, got)
			}
		}
	}
}

func (l *life) formGivesEverythingBack() {
	l.Helper()
	before := l.entry()
	page := l.editor.Get(l.edit())
	if page.Status != http.StatusOK {
		l.Fatalf("form: %d", page.Status)
	}
	form := page.Form("form[data-entry]")
	// Every leaf that is stored stands in the form under its name.
	for part, leaves := range before.Parts {
		for path := range leaves {
			name := content.FormName(path, part.Locale())
			if !named(form, name) {
				l.Errorf("the form does not hold %s", name)
			}
		}
	}
	form.Set("op", "save")
	if page = l.editor.Post(l.edit(), form); page.Status != http.StatusOK {
		l.Fatalf("saving the form as it came: %d\n%s", page.Status, problems(page))
	}
	after := l.entry()
	for part, n := range before.Versions {
		if after.Versions[part] != n {
			diffs, _ := l.p.Content.Compare(ctx, apptest.System, l.id, part, n, after.Versions[part])
			for _, d := range diffs {
				l.Errorf("saving the form as it came changed %s: %s → %s", content.FormName(d.Path, part.Locale()), d.Old, d.New)
			}
		}
	}
}

// named reports whether a form holds a field, or the pieces of one.
func named(form url.Values, name string) bool {
	if _, ok := form[name]; ok {
		return true
	}
	for n := range form {
		if strings.HasPrefix(n, name+":") {
			return true
		}
	}
	return false
}

func problems(p *apptest.Page) string {
	return strings.Join(strings.Fields(p.Find(".err").Text()), " ")
}

func (l *life) strangersAreRefused() {
	l.Helper()
	missing := l.stranger.Get("/admin/" + l.kind.Path + "/nosuchentry0")
	for _, path := range []string{l.edit(), l.edit() + "/history", l.edit() + "?lang=fr"} {
		got := l.stranger.Get(path)
		if got.Status != http.StatusNotFound {
			l.Errorf("a stranger at %s: %d", path, got.Status)
		}
		if got.Status != missing.Status || strings.ReplaceAll(got.Find("main").Text(), l.id, "") != strings.ReplaceAll(missing.Find("main").Text(), "nosuchentry0", "") {
			l.Errorf("%s is told apart from an entry that is not there", path)
		}
	}
	if list := l.stranger.Get("/admin/" + l.kind.Path); strings.Contains(list.Body, l.canary) {
		l.Errorf("a stranger's list shows the draft")
	}
	if pick := l.stranger.Get("/admin/pick?of=" + l.kind.Name + "&q=" + l.canary); strings.Contains(pick.Body, l.id) {
		l.Errorf("a stranger's picker offers the draft")
	}
	form := l.editor.Get(l.edit()).Form("form[data-entry]")
	form.Set(l.kind.As("title").Path+"@en", "stolen")
	form.Set("op", "save")
	if got := l.stranger.Post(l.edit(), form); got.Status < 400 || got.Status >= 500 {
		l.Errorf("a stranger's save: %d", got.Status)
	}
	if got := l.p.Visitor().Get(l.edit()); strings.Contains(got.Body, l.canary) {
		l.Errorf("somebody who is not signed in sees the form")
	}
	if w := l.entry().Parts["en"].Text(l.kind.As("title").Path).Words; w == "stolen" {
		l.Fatalf("a stranger changed the title")
	}
}

// readersOnlyRead tries all that can be done to an entry, by whom may read it and by whom may not: nothing comes of it.
// Then a translator does what is hers, and no more.
func (l *life) readersOnlyRead(when string) {
	l.Helper()
	before, title := l.entry(), l.kind.As("title").Path
	same := func(who, what string, got *apptest.Page) {
		l.Helper()
		now, err := l.p.Content.Get(ctx, apptest.System, l.id)
		if err != nil {
			l.Fatalf("%s, after %s has tried to %s: %v", when, who, what, err)
		}
		if got.Status < 400 || got.Status >= 500 {
			l.Errorf("%s, %s may %s: %d", when, who, what, got.Status)
		}
		if !reflect.DeepEqual(now.Versions, before.Versions) || !reflect.DeepEqual(now.Live, before.Live) || now.Path != before.Path || now.Deleted != nil {
			l.Fatalf("%s, %s has done it: %s", when, who, what)
		}
	}
	filled := func(ops ...string) url.Values {
		form := l.editor.Get(l.edit()).Form("form[data-entry]")
		form.Set(title+"@en", "stolen")
		form.Set("op", ops[0])
		return form
	}
	list := "/admin/" + l.kind.Path
	for who, b := range map[string]*apptest.Browser{"a reader": l.reader, "a stranger": l.stranger} {
		for what, do := range map[string]func() *apptest.Page{
			"save":      func() *apptest.Page { return b.Post(l.edit(), filled("save")) },
			"publish":   func() *apptest.Page { return b.Post(l.edit(), filled("publish")) },
			"unpublish": func() *apptest.Page { return b.Post(l.edit()+"/unpublish", url.Values{"lang": {"en"}}) },
			"delete":    func() *apptest.Page { return b.Post(l.edit()+"/delete", url.Values{}) },
			"go back":   func() *apptest.Page { return b.Post(l.edit()+"/history/en/1", url.Values{}) },
		} {
			same(who, what, do())
		}
		for _, op := range []string{"publish", "unpublish", "delete"} {
			b.Post(list, url.Values{"op": {op}, "id": {l.id}, "sure": {"1"}, "confirm": {"1"}})
			same(who, op+" from the list", &apptest.Page{Status: http.StatusForbidden})
		}
	}
	// The store refuses by itself, whoever asks it.
	fact := ""
	for path := range before.Parts[content.Facts] {
		fact = max(fact, path)
	}
	for email, refused := range map[string]error{"reader@example.org": auth.ErrForbidden, "stranger@example.org": db.ErrNotFound} {
		found, _, err := l.p.Auth.List(ctx, apptest.System, auth.AccountFilter{Search: email}, auth.Paging{})
		if err != nil || len(found) != 1 {
			l.Fatalf("%s: %d accounts, %v", email, len(found), err)
		}
		who, err := l.p.Auth.ActorOf(ctx, found[0].ID)
		if err != nil {
			l.Fatal(err)
		}
		change := func(set content.Parts) error {
			_, err := l.p.Content.Save(ctx, who, content.Change{ID: l.id, Set: set})
			return err
		}
		publish := func(facts bool, locales ...i18n.Locale) error {
			return l.p.Content.Publish(ctx, who, content.PublishChange{ID: l.id, Facts: facts, Locales: locales})
		}
		for what, err := range map[string]error{
			"change a fact": change(content.Parts{content.Facts: {fact: nil}}), "change words": change(words(i18n.EN, title, "stolen")),
			"write another language": change(words(i18n.FR, title, "volé")), "publish facts": publish(true), "publish words": publish(false, i18n.EN),
			"unpublish": l.p.Content.Unpublish(ctx, who, l.id, []i18n.Locale{i18n.EN}), "delete": l.p.Content.Delete(ctx, who, l.id),
		} {
			if !errors.Is(err, refused) {
				l.Errorf("%s, %s asks the store to %s: %v", when, email, what, err)
			}
		}
		same(email, "ask the store", &apptest.Page{Status: http.StatusForbidden})
	}
	if got := l.reader.Get(l.edit()); got.Status != http.StatusOK || !strings.Contains(got.Body, l.canary) {
		l.Errorf("%s, a reader cannot read it: %d", when, got.Status)
	}
	form := l.translator.Get(l.edit() + "?lang=fr").Form("form[data-entry]")
	form.Set(title+"@en", "stolen")
	form.Set("op", "save")
	same("a translator", "change the original", l.translator.Post(l.edit()+"?lang=fr", form))
	form.Del(title + "@en")
	form.Set(title+"@fr", "esquisse")
	form.Set("op", "publish")
	l.translator.Post(l.edit()+"?lang=fr", form)
	form.Set("op", "save")
	l.translator.Post(l.edit()+"?lang=fr", form)
	e := l.entry()
	if e.Parts["fr"].Text(title).Words != "esquisse" || !reflect.DeepEqual(e.Live, before.Live) || e.Versions[content.Facts] != before.Versions[content.Facts] {
		l.Errorf("%s, a translator saved %q; public are %v", when, e.Parts["fr"].Text(title).Words, e.Live)
	}
	save(l.T, l.p, content.Change{ID: l.id, Set: content.Parts{"fr": {title: nil}}})
}

// surfaces are the addresses at which anything of an entry could show.
func (l *life) surfaces() []string {
	out := []string{"/robots.txt", "/sitemap.xml", "/sitemaps/lists.xml", "/sitemaps/" + l.kind.Path + "-1.xml", "/e/" + l.id}
	for _, loc := range []i18n.Locale{i18n.EN, i18n.FR, i18n.AR} {
		for _, path := range []string{"", "news", "events", "events?when=past", "people", "organizations", "documents", "reports", "series", "topics",
			"news.atom", "news.rss", "news.json", "events.atom", "events.ics", "reports.rss", "documents.json"} {
			out = append(out, "/"+string(loc)+"/"+path)
		}
		for name, id := range l.refs {
			if e, err := l.p.Content.LiveByID(ctx, loc, id); err == nil {
				out = append(out, "/"+string(loc)+"/"+e.Path)
				if name == "event" || name == "series" {
					out = append(out, "/"+string(loc)+"/"+e.Path+".ics")
				}
			}
		}
	}
	return out
}

func (l *life) invisible(when string) {
	l.Helper()
	for _, path := range l.surfaces() {
		page := l.public.Get(path)
		if strings.Contains(page.Body, l.canary) || strings.Contains(page.Body, l.id) && !strings.HasPrefix(path, "/e/") {
			l.Errorf("%s, %s shows it", when, path)
		}
		if page.Status >= 500 {
			l.Errorf("%s: %d", path, page.Status)
		}
	}
	if got := l.public.Get("/e/" + l.id); got.Status != http.StatusNotFound {
		l.Errorf("%s, its permanent address: %d", when, got.Status)
	}
}

// whatIsMissingIsNamed empties each required field in turn and tries to publish.
func (l *life) whatIsMissingIsNamed() {
	l.Helper()
	full := l.entry()
	for _, f := range l.kind.Fields {
		if f.Need != "R" || f.Type == content.TypeGroup {
			continue
		}
		part := content.Facts
		if f.Text() {
			part = "en"
		}
		save(l.T, l.p, content.Change{ID: l.id, Set: content.Parts{part: {f.Path: nil}}})
		name := content.FormName(f.Path, part.Locale())
		err := l.p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: l.id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
		var invalid *content.Invalid
		if !errors.As(err, &invalid) || invalid.Fields()[name] == "" {
			l.Errorf("publishing without %s: %v", name, err)
		}
		form := l.editor.Get(l.edit()).Form("form[data-entry]")
		form.Set("op", "publish")
		page := l.editor.Post(l.edit(), form)
		if page.Status != http.StatusUnprocessableEntity || page.Find(fmt.Sprintf("a[href='#%s'], a[href='#list-%s']", name, name)).Length() == 0 {
			l.Errorf("publishing without %s in the panel: %d, and no link to the field", name, page.Status)
		}
		save(l.T, l.p, content.Change{ID: l.id, Set: content.Parts{part: {f.Path: full.Parts[part][f.Path]}}})
	}
	// What items of lists need, the store alone is asked.
	for part, leaves := range full.Parts {
		for path, was := range leaves {
			if f := l.kind.Field(path); f.Need != "R" || f.Parent == nil || !asked(f) {
				continue
			}
			save(l.T, l.p, content.Change{ID: l.id, Set: content.Parts{part: {path: nil}}})
			err := l.p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: l.id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
			var invalid *content.Invalid
			if name := content.FormName(path, part.Locale()); !errors.As(err, &invalid) || invalid.Fields()[name] == "" {
				l.Errorf("publishing without %s: %v", name, err)
			}
			save(l.T, l.p, content.Change{ID: l.id, Set: content.Parts{part: {path: was}}})
		}
	}
}

// asked reports whether every item has the field, of whatever kind it is.
func asked(f *content.Field) bool {
	for ; f != nil; f = f.Parent {
		if len(f.For) > 0 {
			return false
		}
	}
	return true
}

func (l *life) publish() {
	l.Helper()
	form := l.editor.Get(l.edit()).Form("form[data-entry]")
	form.Set("op", "publish")
	page := l.editor.Post(l.edit(), form)
	if page.Status != http.StatusOK {
		l.Fatalf("publish: %d\n%s", page.Status, problems(page))
	}
	e := l.entry()
	if e.Path == "" || e.Live["en"] == 0 {
		l.Fatalf("not published: %+v", e.Live)
	}
	l.shows("/en/"+e.Path, "/e/"+l.id, "/sitemaps/"+l.kind.Path+"-1.xml")
	l.everythingIsPublic(e)
	if l.kind.Name != "page" {
		l.shows(l.list("en"))
	}
	for _, section := range []string{"news", "events", "reports", "documents"} {
		if section == l.kind.Path {
			l.shows("/en/"+section+".atom", "/en/"+section+".rss", "/en/"+section+".json")
		}
	}
	if l.kind.Name == "event" {
		l.shows("/en/events.ics", "/en/"+e.Path+".ics")
	}
	// A language without words has a page all the same: the facts in that language, the words marked as what they are.
	skeleton := l.public.Get("/fr/" + e.Path)
	if skeleton.Status != http.StatusOK || skeleton.Find(`html[lang="fr"]`).Length() == 0 || skeleton.Find(`h1[lang="en"], h1 [lang="en"]`).Length() == 0 {
		l.Errorf("skeleton page: %d; the title must say that it is English", skeleton.Status)
	}
	if skeleton.Find(`meta[name="robots"][content*="noindex"]`).Length() == 0 {
		l.Errorf("a skeleton page must not be indexed")
	}
	// Nothing for the staff's eyes has gone out.
	l.kind.Walk(func(f *content.Field) {
		if f.Staff && f.Parent == nil && strings.Contains(l.public.Get("/en/"+e.Path).Find("[data-field="+f.Name+"]").Text(), l.canary) {
			l.Errorf("staff field %s is public", f.Path)
		}
	})
}

// everythingIsPublic holds what the public reads to what was saved: every leaf but those of the staff, and every reference
// to something public.
func (l *life) everythingIsPublic(e *content.Entry) {
	l.Helper()
	live, err := l.p.Content.LiveByID(ctx, i18n.EN, l.id)
	if err != nil {
		l.Fatal(err)
	}
	public := l.kind.Split(live.Value)
	var withheld []string
	if w, ok := e.Value.(content.Withholder); ok {
		withheld = w.Withheld()
	}
	for part, leaves := range e.Parts {
		for path, want := range leaves {
			f := l.kind.Field(path)
			got, name := public[part][path], content.FormName(path, part.Locale())
			hidden := f.Staff || slices.Contains(withheld, path)
			switch {
			case hidden && got != nil:
				l.Errorf("%s is public", name)
			case !hidden && f.Text() && leaves.Text(path).Words != public[part].Text(path).Words, !hidden && !f.Text() && string(got) != string(want):
				l.Errorf("published %s as %s, public is %s", name, want, got)
			}
		}
	}
	// References: the page knows where they lead, what they lead to finds its way back, and lists can be filtered by them.
	for path, raw := range e.Parts[content.Facts] {
		f := l.kind.Field(path)
		if f.Staff || f.Type != content.TypeRef && f.Type != content.TypeRefs {
			continue
		}
		if w, ok := e.Value.(content.Withholder); ok && slices.Contains(w.Withheld(), path) {
			continue
		}
		to := strings.Trim(string(raw), `[]"`)
		if n := live.Neighbours[to]; n == nil || n.Kind != f.Of {
			l.Errorf("the page does not know where %s leads", path)
		}
		back, _, err := l.p.Content.Published(ctx, content.Query{Locale: i18n.EN, Kinds: []string{l.kind.Name}, LinkedTo: to, Field: f.Path})
		if err != nil || !slices.ContainsFunc(back, func(p content.Publication) bool { return p.ID == l.id }) {
			l.Errorf("what %s leads to does not find its way back: %v", path, err)
		}
		if f.Facet == "" {
			continue
		}
		if values, err := l.p.Content.Facet(ctx, l.kind.Name, f.Facet); err != nil || !strings.Contains(fmt.Sprint(values), to) {
			l.Errorf("no list can be filtered by %s: %v, %v", path, values, err)
		}
	}
}

func (l *life) list(locale string) string {
	return "/" + locale + "/" + l.kind.Path
}

func (l *life) shows(paths ...string) {
	l.Helper()
	for _, path := range paths {
		page := l.public.Get(path)
		if page.Status != http.StatusOK || !strings.Contains(page.Body, l.canary) && !strings.Contains(page.Body, l.entry().Path) {
			l.Errorf("%s does not show it: %d", path, page.Status)
		}
	}
}

// secondLanguage adds French from an old version of the form while somebody else edits the original, publishes it alone,
// and looks.
func (l *life) secondLanguage() {
	l.Helper()
	e := l.entry()
	title := l.kind.As("title").Path
	form := l.editor.Get(l.edit() + "?lang=fr").Form("form[data-entry]")
	save(l.T, l.p, content.Change{ID: l.id, Set: words(i18n.EN, title, l.canary+" moved on")})
	form.Set(title+"@fr", "canari "+l.canary)
	if f := l.kind.As("summary"); f != nil && f.Text() {
		form.Set(f.Path+"@fr", "résumé")
	}
	form.Set("op", "save")
	if page := l.editor.Post(l.edit()+"?lang=fr", form); page.Status != http.StatusOK {
		l.Fatalf("saving French: %d\n%s", page.Status, problems(page))
	}
	if now := l.entry(); now.Parts["en"].Text(title).Words != l.canary+" moved on" || now.Parts["fr"].Text(title).Words != "canari "+l.canary {
		l.Fatalf("after two saves from one version: %q, %q", now.Parts["en"].Text(title).Words, now.Parts["fr"].Text(title).Words)
	}
	if strings.Contains(l.public.Get("/fr/"+e.Path).Body, "canari ") {
		l.Errorf("saved French is public")
	}
	if err := l.p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: l.id, Locales: []i18n.Locale{i18n.FR}}); err != nil {
		l.Fatalf("publish French alone: %v", err)
	}
	page := l.public.Get("/fr/" + e.Path)
	if !strings.Contains(page.Find("h1").Text(), "canari "+l.canary) || page.Find(`meta[name="robots"][content*="noindex"]`).Length() > 0 {
		l.Errorf("French page: %q", page.Find("h1").Text())
	}
	if got := l.public.Get("/en/" + e.Path).Find("h1").Text(); strings.Contains(got, "moved on") {
		l.Errorf("publishing French published English: %q", got)
	}
	if got := l.public.Get("/en/" + e.Path).Find(`link[rel="alternate"][hreflang="fr"]`).Length(); got != 1 {
		l.Errorf("the English page names its French version %d times", got)
	}
}

func (l *life) withdraw() {
	l.Helper()
	if err := l.p.Content.Unpublish(ctx, apptest.System, l.id, []i18n.Locale{i18n.EN}); err != nil {
		l.Fatal(err)
	}
	l.invisible("withdrawn")
}

func words(l i18n.Locale, pairs ...string) content.Parts {
	leaves := content.Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		leaves.SetText(pairs[i], content.Text{Words: pairs[i+1]})
	}
	return content.Parts{content.Part(l): leaves}
}
