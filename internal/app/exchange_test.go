package app_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

const prose = `<h2>Why</h2><p>Registers are <strong>public</strong>, see <a href="https://example.org/law">the law</a>.</p><p>They are kept<span data-footnote="Since 1990."></span>.</p>`

func translatable(t *testing.T, p *apptest.Plenary) (id, path string) {
	t.Helper()
	id = save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "Opening the register"), Summary: content.L("en", "Who may look?"),
		OutcomeSummary: content.P("en", prose), Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome")}}})})
	return id, "/admin/events/" + id
}

// A translator takes the texts out, a tool translates them, and an editor looks at what came back and takes it; then the source
// changes, and only what changed goes out again.
func TestTheStoryOfATranslatorsFile(t *testing.T) {
	p := apptest.Start(t)
	id, path := translatable(t, p)
	translator := p.SignIn("translator@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	words := func(path string) content.Text {
		e, err := p.Content.Get(ctx, apptest.System, id)
		if err != nil {
			t.Fatal(err)
		}
		return e.Parts["fr"].Text(path)
	}
	page := translator.Get(path + "/exchange?lang=fr")
	if page.Status != http.StatusOK || page.Find(`input[name="format"]`).Length() != 3 {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	for format, change := range map[string][]string{
		"xliff12": {"</source>\n<note>", "</source>\n<target state=\"translated\">%s</target><note>"},
		"xliff21": {"</source>\n</segment>", "</source>\n<target>%s</target></segment>"},
	} {
		file := translator.Get(path + "/exchange/file?lang=fr&units=needed&format=" + format)
		if file.Status != http.StatusOK || !strings.Contains(file.Header.Get("Content-Disposition"), ".en-fr.xlf") {
			t.Fatalf("%s: %d %s", format, file.Status, file.Header)
		}
		var done string
		for rest := file.Body; ; {
			at, end := strings.Index(rest, "<source>"), strings.Index(rest, "</source>")
			if at < 0 {
				done += rest
				break
			}
			source := rest[at+len("<source>") : end]
			upper := strings.NewReplacer("Opening the register", "Ouvrir le registre", "Who may look?", "Qui peut voir\u00a0?", "Welcome", "Bienvenue", "Why", "Pourquoi", "Registers are", "Les registres sont", "the law", "la loi", "They are kept", "Ils sont tenus", "Since 1990.", "Depuis 1990.").Replace(source)
			done += rest[:end]
			rest = rest[end:]
			rest = strings.Replace(rest, change[0], strings.Replace(change[1], "%s", upper, 1), 1)
			done += rest[:len("</source>")]
			rest = rest[len("</source>"):]
		}
		page = translator.Upload(path+"/exchange?lang=fr", "file", "back.xlf", []byte(done))
		if page.Status != http.StatusOK || page.Find(".exchange-unit").Length() != 6 || page.Find(`input[name="take"][checked]`).Length() != 6 {
			t.Fatalf("%s: %d: %s\n%s", format, page.Status, page.Find("main").Text(), done)
		}
		if words("title").Words != "" {
			t.Fatal("looking has written")
		}
	}
	send := page.Form("form.exchange-review")
	send.Set("op", "chosen")
	if page = translator.Post(path+"/exchange/apply", send); !strings.Contains(page.Text(), "Texts taken from the file: 6.") {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	if got := words("outcome_summary").Words; got != `<h2>Pourquoi</h2><p>Les registres sont <strong>public</strong>, see <a href="https://example.org/law">la loi</a>.</p><p>Ils sont tenus<span data-footnote="Depuis 1990."></span>.</p>` {
		t.Error(got)
	}
	e, _ := p.Content.Get(ctx, apptest.System, id)
	if s := e.Languages["fr"]; s.Missing != 0 || s.Stale != 0 {
		t.Errorf("%+v", s)
	}
	// What went out and comes back unchanged changes nothing.
	for _, format := range []string{"xliff12", "xliff21", "docx"} {
		file := translator.Get(path + "/exchange/file?lang=fr&units=all&format=" + format)
		page = translator.Upload(path+"/exchange?lang=fr", "file", "same."+format, []byte(file.Body))
		if page.Status != http.StatusOK || page.Find(".exchange-unit").Length() != 0 || !strings.Contains(page.Text(), "The file has nothing that is not here already.") {
			t.Errorf("%s: %d: %s", format, page.Status, page.Find("main").Text())
		}
	}
	// The source changes: one paragraph goes out, and while it is away the source changes again.
	source := func(words string) {
		set := content.Leaves{}
		set.SetText("outcome_summary", content.Text{Words: words})
		save(t, p, content.Change{ID: id, Set: content.Parts{"en": set}})
	}
	source(strings.Replace(prose, "They are kept", "They are kept for ever", 1))
	file := translator.Get(path + "/exchange/file?lang=fr&units=needed&format=xliff12").Body
	if strings.Count(file, "<trans-unit") != 1 || !strings.Contains(file, `<target state="needs-review-translation">Ils sont tenus`) {
		t.Fatal(file)
	}
	back := strings.Replace(strings.Replace(file, "needs-review-translation", "translated", 1), "Ils sont tenus", "Ils sont tenus à jamais", 1)
	source(strings.Replace(prose, "They are kept", "They are kept here", 1))
	page = translator.Upload(path+"/exchange?lang=fr", "file", "back.xlf", []byte(back))
	if page.Find(".exchange-unit").Length() != 1 || page.Find(`input[name="outdated"]`).Length() != 2 || !strings.Contains(page.Find(".exchange-unit").Text(), "Its source has been changed since the file was made.") {
		t.Fatalf("%s", page.Find("main").Text())
	}
	send = page.Form("form.exchange-review")
	send.Set("op", "chosen")
	send.Set("outdated", "hold")
	if page = translator.Post(path+"/exchange/apply", send); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#problems").Text(), "Nothing was taken") || strings.Contains(words("outcome_summary").Words, "jamais") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	send = page.Form("form.exchange-review")
	send.Set("op", "chosen")
	send.Set("outdated", "in")
	if page = translator.Post(path+"/exchange/apply", send); !strings.Contains(words("outcome_summary").Words, "tenus à jamais<span") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	if e, _ = p.Content.Get(ctx, apptest.System, id); e.Languages["fr"].Stale != 1 {
		t.Errorf("a translation of a former source counts as up to date: %+v", e.Languages["fr"])
	}
	// A mark is lost, another is doubled, a title is too long, and somebody else has written meanwhile.
	file = translator.Get(path + "/exchange/file?lang=fr&units=all&format=xliff12").Body
	back = strings.Replace(file, `<g id="1" ctype="bold">public</g>, see <g id="2" ctype="link" equiv-text="https://example.org/law">la loi</g>`, `<g id="1">public</g><g id="1">!</g>`, 1)
	back = strings.Replace(back, "Ouvrir le registre</target>", strings.Repeat("long ", 41)+"</target>", 1)
	back = strings.Replace(back, ">Bienvenue<", ">Soyez\u202e les bienvenus<", 1)
	set := content.Leaves{}
	set.SetText("sessions.aa.title", content.Text{Words: "Accueil"})
	save(t, p, content.Change{ID: id, Set: content.Parts{"fr": set}})
	page = translator.Upload(path+"/exchange?lang=fr", "file", "back.xlf", []byte(back))
	text := page.Find("main").Text()
	for _, want := range []string{"The mark ⟦1⟧ is there twice.", "The mark ⟦2⟧ is missing.", "Too long: 204 characters where 200 are allowed.", "The present translation was changed after the file was made.", "Invisible characters were taken out: 1."} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %s\n%s", want, text)
		}
	}
	if page.Find(`input[type="checkbox"][name="take"]`).Length() != 1 || page.Find(`input[name="take"][checked]`).Length() != 0 {
		t.Error("what is doubtful is ticked")
	}
	send = page.Form("form.exchange-review")
	send.Set("op", "all")
	send.Set("text.title", "Ouvrons le registre")
	if page = translator.Post(path+"/exchange/apply", send); !strings.Contains(page.Text(), "Texts taken from the file: 2.") || words("title").Words != "Ouvrons le registre" || words("sessions.aa.title").Words != "Soyez les bienvenus" {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	if page = translator.Get(path + "/history"); !strings.Contains(page.Text(), "From a translator’s file") {
		t.Error("the history does not tell where it came from")
	}
}

// What a file claims is asked of the entry: whose it is, in which languages, and who brings it.
func TestFilesOfOthers(t *testing.T) {
	p := apptest.Start(t)
	_, path := translatable(t, p)
	_, other := translatable(t, p)
	translator := p.SignIn("translator@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	file := translator.Get(path + "/exchange/file?lang=fr&units=all&format=xliff12").Body
	for name, x := range map[string][3]string{
		"another entry":    {other + "/exchange?lang=fr", file, "The file belongs to another entry."},
		"another language": {path + "/exchange?lang=fr", strings.ReplaceAll(strings.ReplaceAll(file, "/fr.0", "/es.0"), `"fr"`, `"es"`), "The file is for other languages."},
		"a later version":  {path + "/exchange?lang=fr", strings.Replace(file, "/en.1/", "/en.9/", 1), "The file was made from a version that is not here"},
		"nothing":          {path + "/exchange?lang=fr", "", "There are no translations in the file."},
	} {
		page := translator.Upload(x[0], "file", "x.xlf", []byte(x[1]))
		if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#file-err").Text(), x[2]) {
			t.Errorf("%s: %d: %s", name, page.Status, page.Find("main").Text())
		}
	}
	if page := translator.Upload(path+"/exchange?lang=es", "file", "x.xlf", []byte(file)); page.Status != http.StatusForbidden {
		t.Errorf("a language that is not the translator's: %d", page.Status)
	}
	if page := translator.Get(path + "/exchange?lang=en"); page.Status != http.StatusNotFound {
		t.Errorf("into its own language: %d", page.Status)
	}
	observer := p.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if page := observer.Get(path + "/exchange?lang=fr"); page.Status != http.StatusOK || page.Find(`input[type="file"]`).Length() != 0 {
		t.Errorf("an observer: %d", page.Status)
	}
	if page := observer.Upload(path+"/exchange?lang=fr", "file", "x.xlf", []byte(file)); page.Status != http.StatusForbidden {
		t.Errorf("an observer brings a file: %d", page.Status)
	}
	// The hash of the source is the source's.
	bad := strings.Replace(file, `resname="`, `resname="0`, 1)
	if page := translator.Upload(path+"/exchange?lang=fr", "file", "x.xlf", []byte(strings.Replace(bad, "<note>", "<target>x</target><note>", 2))); !strings.Contains(page.Text(), "The source in the file is not the one") {
		t.Errorf("%s", page.Find("main").Text())
	}
}
