package app_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/registration"
)

// written is a document whose controls have been filled in, by tag; a tag ending in # stands for all that begin so.
func written(t *testing.T, doc string, fill map[string]string) []byte {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		s := string(b)
		if f.Name == "word/document.xml" {
			for tag, words := range fill {
				at := strings.Index(s, `<w:tag w:val="`+tag)
				if at < 0 {
					t.Fatalf("no control %s", tag)
				}
				end := at + strings.Index(s[at:], "</w:sdt>")
				sdt := strings.Replace(s[at:end], "<w:showingPlcHdr/>", "", 1)
				if before, after, box := strings.Cut(sdt, `<w14:checked w14:val="0"/>`); box {
					sdt = before + `<w14:checked w14:val="1"/>` + after
				} else {
					sdt = sdt[:strings.Index(sdt, "<w:sdtContent>")] + "<w:sdtContent><w:r><w:t>" + words + "</w:t></w:r></w:sdtContent>"
				}
				s = s[:at] + sdt + s[end:]
			}
		}
		p, err := w.Create(f.Name)
		if err == nil {
			_, err = io.WriteString(p, s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A visitor takes the form as a document and mails it; the assistant of the event reads it, corrects what is wrong, and
// enters it; the second time it is merged.
func TestTheStoryOfAFormByMail(t *testing.T) {
	p := apptest.Start(t)
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "picture.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	refs := neighbours(t, p)
	open := func() (id, path string) {
		set := apptest.Sample(kind.EventKind, i18n.EN, "plain", refs, file.ID)
		facts := set[content.Facts]
		for path := range facts {
			if strings.HasPrefix(path, "registration.") {
				delete(facts, path)
			}
		}
		facts.Set("access", "registration")
		facts.Set("status", "scheduled")
		facts.Set("registration.online", true)
		facts.Set("registration.mailbox", "forms@example.org")
		facts.Set("registration.ask", []string{"organization", "country"})
		id = save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
		if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
		e, err := p.Content.LiveByID(ctx, i18n.EN, id)
		if err != nil {
			t.Fatal(err)
		}
		return id, "/en/" + e.Path + "/register"
	}
	id, form := open()
	other, _ := open()
	link := p.Visitor().Get(form).Find(`a[href$=".docx"]`).AttrOr("href", "")
	blank := p.Visitor().Get(link).Body

	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id}, auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: other})
	list := "/admin/events/" + id + "/registrations"
	if to := assistant.Get(list).Find(`a[href$="/mailed"]`).AttrOr("href", ""); to != list+"/mailed" {
		t.Fatalf("the way there: %q", to)
	}
	page := assistant.Upload(list+"/mailed", "documents", "form.docx", []byte("no document"))
	if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#problems").Text(), "form.docx") || !strings.Contains(page.Find("#problems").Text(), "save it as .docx") {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	doc := written(t, blank, map[string]string{"name": "=Ada", "mail": "no address", "country": "Kenya", "organization": "Office"})
	if page = assistant.Upload("/admin/events/"+other+"/registrations/mailed", "documents", "a.docx", doc); page.Find(`a[href="`+list+`/mailed"]`).Length() != 1 || page.Find(`input[name="1.name"]`).Length() != 0 {
		t.Errorf("another event's form: %s", page.Find("main").Text())
	}
	page = assistant.Upload(list+"/mailed", "documents", "a.docx", doc)
	if page.Status != http.StatusOK || page.Find(`[id="1.name"]`).AttrOr("value", "") != "=Ada" || page.Find(`[id="1.country"] option[selected]`).AttrOr("value", "") != "KE" || page.Find(`[id="1.mail"]`).AttrOr("aria-invalid", "") != "true" {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	if n := count(t, p, id); n != 0 {
		t.Fatalf("reading has entered %d", n)
	}
	send := page.Form("form.main")
	page = assistant.Post(list+"/mailed/enter", send)
	if page.Status != http.StatusUnprocessableEntity || page.Find(`#problems a[href="#1.mail"]`).Length() != 1 || page.Find(`[id="1.organization"]`).AttrOr("value", "") != "Office" || !strings.Contains(page.Text(), "In the document: no address") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	send = page.Form("form.main")
	send.Set("1.mail", "ada@example.org")
	if page = assistant.Post(list+"/mailed/enter", send); page.Path != list || !strings.Contains(page.Text(), "Entered by mail: 1.") || count(t, p, id) != 1 {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	// The same person again: by itself nothing is written over.
	doc = written(t, blank, map[string]string{"name": "Ada Lovelace", "mail": "Ada@example.org"})
	page = assistant.Upload(list+"/mailed", "documents", "b.docx", doc)
	if !strings.Contains(page.Text(), "is registered with this address already") || page.Find(`input[name="1.do"][checked]`).AttrOr("value", "") != "skip" || page.Find(`input[value="enter"]`).Length() != 0 {
		t.Errorf("a mailbox that is registered: %s", page.Find("main").Text())
	}
	send = page.Form("form.main")
	send.Set("1.do", "merge")
	if page = assistant.Post(list+"/mailed/enter", send); page.Path != list || !strings.Contains(page.Text(), "Ada Lovelace") || !strings.Contains(page.Text(), "Office") || count(t, p, id) != 1 {
		t.Errorf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	if page = assistant.Get(list + "/mailed"); page.Status != http.StatusOK {
		t.Error(page.Status)
	}
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	if page = editor.Upload(list+"/mailed", "documents", "a.docx", doc); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
		t.Errorf("an editor reads forms: %d", page.Status)
	}
}

// count is how many are registered for an event.
func count(t *testing.T, p *apptest.Plenary, event string) int {
	t.Helper()
	l, err := p.Registration.List(ctx, apptest.System, registration.Query{Event: event})
	if err != nil {
		t.Fatal(err)
	}
	return l.Total
}
