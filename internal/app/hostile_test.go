package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/uptrace/bun"
)

// Attacks on a whole program over HTTP. Whatever can be driven by the table of routes is, so that no route can be
// forgotten.

// hostile is a program with something in it to be after: an office's draft and public entry of every kind.
type hostile struct {
	*apptest.Plenary
	office, other string            // organisations
	drafts        map[string]string // by kind, of the office
	public        map[string]string // by kind, of nobody in particular
	refs          map[string]string
	file          *media.File // of the office, in a draft
	victim        string      // account
	letter        string      // about the office's event, held
	log           *logBuffer
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startHostile also fails the test for whatever the program takes for its own fault meanwhile.
func startHostile(t *testing.T, change ...func(*app.Config)) *hostile {
	t.Helper()
	h := &hostile{drafts: map[string]string{}, public: map[string]string{}, log: &logBuffer{}}
	h.Plenary = apptest.Start(t, append(change, func(*app.Config) {
		slog.SetDefault(slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelError})))
	})...)
	t.Cleanup(func() {
		if log := h.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "level=ERROR") {
			t.Errorf("taken for our own fault:\n%.4000s", log)
		}
	})
	h.refs = neighbours(t, h.Plenary)
	h.office = save(t, h.Plenary, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Office of Drafts")})
	h.other = save(t, h.Plenary, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Another Office")})
	var err error
	if h.file, err = h.Media.Upload(ctx, apptest.System, media.Upload{Name: "canaryfile.pdf", Office: h.office, Body: strings.NewReader("%PDF-1.4\n%canarybytes\n")}); err != nil {
		t.Fatal(err)
	}
	victim, err := h.Auth.Create(ctx, apptest.System, auth.NewAccount{Email: "victim@example.org", Name: "Canaryvictim"})
	if err != nil {
		t.Fatal(err)
	}
	h.victim = victim.ID
	for _, k := range kind.All {
		set := apptest.Sample(k, i18n.EN, "canary"+k.Name, h.refs, h.file.ID)
		h.drafts[k.Name] = save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Office: h.office, Set: set})
	}
	if err := h.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		h.letter, err = h.Mail.Enqueue(ctx, tx, apptest.System, mail.Letter{Cause: "hostile", To: "canary@example.net", Locale: i18n.EN, Subject: "canaryletter", Text: "canarywords", Hold: true,
			About: auth.Object{Office: h.office, Event: h.drafts["event"]}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return h
}

// roles signs in one person of each sort. The stranger is a partner with nothing of the office's.
func (h *hostile) roles() map[string]*apptest.Browser {
	return map[string]*apptest.Browser{
		"nobody":     h.Visitor(),
		"observer":   h.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite}),
		"stranger":   h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: h.other}),
		"translator": h.SignIn("translator@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR}),
		"editor":     h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}),
		"admin":      h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite}),
	}
}

// address fills the parameters of a route with the office's things, or with ids that nothing has.
func (h *hostile) address(r web.Route, missing bool) string {
	id := func(real string) string {
		if missing {
			return "zzzzzzzzzzzz"[:min(12, len(real))]
		}
		return real
	}
	to := r.Path
	for _, k := range kind.All {
		if strings.HasPrefix(to, "/admin/"+k.Path+"/:id") {
			to = strings.Replace(to, ":id", id(h.drafts[k.Name]), 1)
		}
	}
	to = strings.NewReplacer(":token", strings.Repeat("A", 32), ":pass", "canarypass."+strings.Repeat("0", 32), ":post", id("canarypostid"), ":question", id("canaryquestion"), ":topic", id("canarytopic"), ":term", id("canaryterm"), ":run", id("canaryrewording"), ":upload", id("canaryupload"), ":comment", id("canarycomment"), ":stage", "draft", ":paragraph", id("summary"), ":registration", id("canaryperson"), ":message", registration.Reminder).Replace(to)
	switch {
	case strings.HasPrefix(to, "/admin/media/:id"), strings.HasPrefix(to, "/media/:id"), strings.HasPrefix(to, "/preview/"):
		to = strings.NewReplacer(":id", id(h.file.ID), ":name", "canaryfile.pdf").Replace(to)
	case strings.HasPrefix(to, "/admin/users/:id"):
		to = strings.Replace(to, ":id", id(h.victim), 1)
	case strings.HasPrefix(to, "/admin/outbox/:id"):
		to = strings.Replace(to, ":id", id(h.letter), 1)
	case strings.HasPrefix(to, "/e/:id"):
		to = strings.Replace(to, ":id", id(h.drafts["event"]), 1)
	}
	return strings.NewReplacer(":part", "facts", ":lang", "fr", ":number", "1", ":what", "cancel", ":locale", "en", ":section", "events", "recordings/:id", "recordings/a0", ":a", "2027", ":b", "canaryevent-title", "*name", "admin.css",
		"*file", "site.css", ":file", "events-1.xml").Replace(to)
}

// rows tells how many rows each table has that a request could change unseen.
func (h *hostile) rows(t *testing.T) string {
	t.Helper()
	var out []string
	for _, table := range []string{"entries", "parts", "revisions", "live", "published", "named_versions", "preview_links", "publications", "links", "promises", "paths", "facets", "entry_languages", "translations", "translation_assignments", "translation_guests", "media", "renditions", "media_words", "media_versions", "media_changes", "media_uploads", "media_pieces", "terms", "term_names", "memory_units", "translation_imports",
		"accounts", "saved_views", "grants", "settings", "tokens", "factors", "recovery_codes", "identities", "jobs", "registrations", "surveys", "survey_counts", "survey_texts", "messages", "message_receipts", "discussion_posts", "discussion_reports", "discussion_questions", "discussion_followers", "discussion_log", "letters", "letter_log", "waivers", "rewordings", "reworded_entries", "suggestions", "sign_offs", "invitations",
		"audit WHERE action NOT IN ('registrants.read', 'registrants.export', 'comments.export', 'log.export')"} { // looking at people is written down
		var n int
		if err := h.DB.Read().NewRaw("SELECT count(*) FROM "+table).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(table, " ", n))
	}
	return strings.Join(out, ", ")
}

func (h *hostile) unchanged(t *testing.T, before, what string) {
	t.Helper()
	if now := h.rows(t); now != before {
		t.Errorf("%s changed something:\nbefore %s\nafter  %s", what, before, now)
	}
}

// leaves are routes that end what the test stands on: they are tried by themselves.
func leaves(r web.Route) bool {
	return r.Path == "/admin/sign-out" || r.Path == "/admin/account/sessions" || r.Path == "/admin/account/password"
}

func TestEveryRouteAsksWhoIsThere(t *testing.T) {
	h := startHostile(t)
	people := h.roles()
	actors := map[string]*auth.Actor{"nobody": nil}
	for name := range people {
		if name == "nobody" {
			continue
		}
		a, err := h.Auth.ByEmail(ctx, apptest.System, name+"@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if actors[name], err = h.Auth.ActorOf(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
	}
	secrets := []string{"canary", "Canaryvictim", h.victim, h.file.ID, h.letter}
	for _, id := range h.drafts {
		secrets = append(secrets, id)
	}
	routes := h.Web.Routes()
	if len(routes) < 100 {
		t.Fatalf("only %d routes", len(routes))
	}
	before := h.rows(t)
	for _, r := range routes {
		at := h.address(r, false)
		if strings.ContainsAny(at, ":*") {
			t.Errorf("%s: the test does not know how to fill %s", r.Path, at)
		}
		for who, b := range people {
			action, needs := strings.CutPrefix(r.Rule.String(), "needs ")
			allowed := r.Rule.String() == web.Public.String() || actors[who] != nil && (!needs || actors[who].CanSomewhere(auth.Action(action)))
			if allowed && (r.Method != http.MethodGet) && (who == "editor" || who == "admin" || leaves(r) || r.Path == "/admin/account" || r.Path == "/admin/account/look" || r.Path == "/admin/account/clearance") {
				continue // may change something; tried in other tests
			}
			page := b.Send(apptest.Request{Method: r.Method, Path: at, Form: url.Values{}, Stay: true})
			what := fmt.Sprintf("%s: %s %s: %d", who, r.Method, at, page.Status)
			switch {
			case page.Status >= 500:
				t.Error(what)
			case !allowed && actors[who] == nil && r.Method == http.MethodGet:
				if to := page.Header.Get("Location"); page.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/admin/sign-in?next=") {
					t.Errorf("%s, to %q", what, to)
				}
			case !allowed && actors[who] == nil && page.Status != http.StatusUnauthorized, !allowed && actors[who] != nil && page.Status != http.StatusForbidden:
				t.Error(what)
			}
			if !allowed || who == "stranger" || strings.HasPrefix(at, "/admin") == false {
				for _, s := range secrets {
					if strings.Contains(strings.NewReplacer(at, "", url.QueryEscape(at), "").Replace(page.Body), s) {
						t.Errorf("%s: %q is told", what, s)
					}
				}
			}
			// To whom it is foreign it looks as if it were not there.
			if nowhere := h.address(r, true); who == "stranger" && allowed && nowhere != at && strings.HasPrefix(at, "/admin") {
				none := b.Send(apptest.Request{Method: r.Method, Path: nowhere, Form: url.Values{}, Stay: true})
				if page.Status != http.StatusNotFound || none.Status != page.Status || strings.ReplaceAll(page.Body, at, "") != strings.ReplaceAll(none.Body, nowhere, "") {
					t.Errorf("%s; where there is nothing: %d", what, none.Status)
				}
			}
		}
	}
	h.unchanged(t, before, "asking without the right")
}

// TestForeignFormsChangeNothing: what another site's page makes a browser send comes to nothing, signed in or not.
func TestForeignFormsChangeNothing(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	before := h.rows(t)
	for _, r := range h.Web.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		for what, header := range map[string]http.Header{
			"another site":           {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}},
			"a neighbour":            {"Origin": {"http://127.0.0.1:1"}, "Sec-Fetch-Site": {"same-site"}},
			"an old browser":         {"Origin": {"https://evil.example"}},
			"a sandboxed frame":      {"Origin": {"null"}},
			"a name that ends alike": {"Origin": {h.URL + ".evil.example"}},
		} {
			page := admin.Send(apptest.Request{Method: r.Method, Path: h.address(r, false), Form: url.Values{"op": {"publish"}}, Header: header, Stay: true})
			if page.Status != http.StatusForbidden {
				t.Errorf("%s %s from %s: %d", r.Method, r.Path, what, page.Status)
			}
		}
	}
	h.unchanged(t, before, "a form of another site")
	if page := admin.Get("/admin"); page.Status != http.StatusOK || page.Path != "/admin" {
		t.Errorf("signed out by another site: %d at %s", page.Status, page.Path)
	}
}

// broken are bodies that no browser sends.
func broken() map[string]apptest.Request {
	many := strings.Repeat("a=b&", 20_000)
	var parts bytes.Buffer
	mw := multipart.NewWriter(&parts)
	mw.WriteField("op", "publish")
	mw.Close()
	form := "application/x-www-form-urlencoded"
	return map[string]apptest.Request{
		"broken percent-encoding": {Body: strings.NewReader("op=save&title@en=%zz"), Type: form},
		"cut percent-encoding":    {Body: strings.NewReader("op=save&title@en=%"), Type: form},
		"semicolons":              {Body: strings.NewReader("op=save;title@en=x"), Type: form},
		"invalid UTF-8":           {Body: strings.NewReader("op=save&title%40en=%ff%fe"), Type: form},
		"invalid UTF-8 in a name": {Body: strings.NewReader("op=save&ti%fftle=x"), Type: form},
		"NUL":                     {Body: strings.NewReader("op=save&title%40en=a%00b"), Type: form},
		"20,000 values":           {Body: strings.NewReader(many + "op=publish"), Type: form},
		"30 MB":                   {Body: io.LimitReader(endless{}, 30<<20), Type: form},
		"30 MB, as said before":   {Body: io.LimitReader(endless{}, 30<<20), Type: form, Length: 30 << 20},
		"multipart":               {Body: bytes.NewReader(parts.Bytes()), Type: mw.FormDataContentType()},
		"multipart without parts": {Body: strings.NewReader("nothing"), Type: "multipart/form-data; boundary=x"},
		"multipart, no boundary":  {Body: strings.NewReader("--x\r\n"), Type: "multipart/form-data"},
		"JSON":                    {Body: strings.NewReader(`{"op":"publish"}`), Type: "application/json"},
		"XML":                     {Body: strings.NewReader(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`), Type: "text/xml"},
		"plain text":              {Body: strings.NewReader("op=publish"), Type: "text/plain"},
		"no type":                 {Body: strings.NewReader("op=publish"), Type: ""},
		"a type that is none":     {Body: strings.NewReader("op=publish"), Type: ";;;"},
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestBrokenFormsChangeNothing sends what is no form to every route that takes one, as someone who may everything.
func TestBrokenFormsChangeNothing(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	before := h.rows(t)
	for _, r := range h.Web.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		for what, req := range broken() {
			req.Method, req.Path, req.Stay = r.Method, h.address(r, false), true
			if strings.HasPrefix(what, "30 MB") && r.MaxBody > 20<<20 {
				continue
			}
			page := admin.Send(req)
			if page.Status == 0 && strings.HasPrefix(what, "30 MB") {
				continue // not even read
			}
			if page.Status < 300 || page.Status >= 500 || page.Status < 400 && !strings.HasPrefix(req.Type, "multipart") {
				t.Errorf("%s to %s %s: %d", what, r.Method, req.Path, page.Status)
			}
			if page.Status >= 400 && page.Find("h1").Length() == 0 {
				t.Errorf("%s to %s %s: no page that says so: %.300s", what, r.Method, req.Path, page.Body)
			}
		}
	}
	h.unchanged(t, before, "a broken form")
}

// takes says whether the nth of very many cases is tried: all of them in `cmd/dev check`, on both databases; in a plain
// `go test`, which somebody waits for, every third.
func takes(n int) bool { return n%3 == 0 || os.Getenv("PLENARY_TEST_ALL") != "" }

// TestStrangeFormsAreRefusedPlainly sends forms that are well-formed and make no sense.
func TestStrangeFormsAreRefusedPlainly(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	long := strings.Repeat("x", 5000)
	ids := []string{"../", "<script>", long, "a/b", "a.b", "", "ä", "a b", "%00", "-1", "' OR 1=1 --"}
	nonsense := []url.Values{
		{},
		{"op": {"save"}, "base:facts": {"-1"}, "base:en": {"99999999999999999999"}, "title@en": {"x"}},
		{"op": {"save"}, "base:facts": {"2000000000"}, "kind": {"webinar"}},
		{"op": {"save"}, "title@xx": {"x"}, "title@": {"x"}, "@en": {"x"}, "title@en@fr": {"x"}, "title": {"x"}},
		{"op": {"save"}, "lang": {"tlh"}, "original": {"tlh"}},
		{"op": {"save", "publish"}, "kind": {"webinar", "no such kind"}, "title@en": {"a", "b"}, "status": {"", "", ""}},
		{"op": {"publish"}, "publish:shown": {"1"}, "publish:lang": {"tlh", "../", "en", "en"}, "publish:facts": {"yes", "no"}},
		{"op": {"save"}, "when": {"2027"}, "when:start_date": {long}, "when:start_time": {"99:99"}, "when:zone": {"../../etc/passwd"}, "when:precision": {"eternity"}},
		{"op": {"save"}, "when:start_date": {"31 February 2027"}, "when:start_time": {"٢٥:٦١"}, "ordinal": {"-5"}, "date": {"0000-00-00"}},
		{"op": {"save"}, "ordinal": {"99999999999999999999999"}},
		{"op": {"save"}, "fresh": {"title@fr", "no.such@path", "@", "../"}, "note": {long}, "slug": {"../../admin"}},
		{"op": {"save"}, "theirs:title@en": {"1"}, "theirs:sessions zz": {"1"}, "found:": {"x"}, "find:series": {"<b>"}, "upload:": {""}},
		{"op": {"save"}, "staff_note": {"x"}, "ID": {"x"}, "office": {"zzzzzzzzzzzz"}, "office_id": {h.other}, "created_by": {"me"}, "__proto__": {"x"}, "sessions[0][title]": {"x"}},
		{"op": {"add sessions"}, "add:sessions": {"../"}}, {"op": {"add no.such"}}, {"op": {"add title"}}, {"op": {"add "}},
		{"op": {"up sessions zz"}}, {"op": {"down sessions"}}, {"op": {"remove sessions ../"}}, {"op": {"remove title x"}},
		{"op": {"find series"}, "find:series": {long}}, {"op": {"find title"}}, {"op": {"find image.file"}, "find:image.file": {"%_\\"}},
		{"op": {"create series"}, "find:series": {""}}, {"op": {"create title"}}, {"op": {"pick series <script>"}}, {"op": {"unref topics nothing"}},
		{"op": {"set when:start_date 2027-01-01"}}, {"op": {"original"}, "original": {"xx"}}, {"op": {"set"}}, {"op": {long}},
		{"op": {"delete"}, "id": {"../", "<script>", long, "zzzzzzzzzzzz"}, "back": {"https://evil.example/"}},
		{"op": {"publish"}, "id": slices.Repeat([]string{"zzzzzzzzzzzz"}, 300)},
		{"op": {"publish"}, "id": {"zzzzzzzzzzzz"}, "lang": {"tlh"}},
		{"op": {"rename"}, "name": {"../../etc/passwd\x01"}}, {"op": {"rename"}, "name": {long}}, {"op": {"focus"}, "focus_x": {"-1"}, "focus_y": {"1e9"}},
		{"op": {"grant"}, "role": {"emperor"}, "scope": {"universe"}, "scope_id": {"../"}, "until": {"never"}, "locale": {"tlh"}},
		{"op": {"grant"}, "role": {"editor"}, "scope": {"event"}, "scope_id": {h.office}}, {"op": {"ungrant"}, "grant": {"zzz"}}, {"op": {"end"}, "session": {"../"}},
		{"op": {"save"}, "name": {"\u202eevil"}, "email": {"a@b\r\nBcc: c@d"}, "organization": {h.drafts["event"]}},
		{"section": {"identity"}, "version": {"zzz"}, "name@tlh": {"x"}, "part_of_url": {"javascript:alert(1)"}},
		{"section": {"languages"}, "languages": {"tlh", "en", "en"}}, {"section": {"languages"}}, {"section": {"time"}, "zone": {"Mars/Olympus"}, "cities": {"x"}},
		{"section": {"social"}, "network": {"x", "y"}, "url": {"javascript:alert(1)"}, "locale": {"zz"}}, {"section": {"no such"}},
		{"section": {"footer"}, "footer_pages": {"../", h.drafts["event"]}}, {"section": {"contact"}, "contact.email": {"a b"}, "contact.phone": {long}},
		{"email": {long}, "password": {long}}, {"email": {"a@example.org"}, "password": {"short"}, "next": {"//evil.example"}}, {"token": {long}},
		{"theme": {"ultraviolet"}, "locale": {"tlh"}}, {"create": {""}}, {"create": {long}}, {"name": {long}, "kind": {"x"}},
	}
	for _, id := range ids {
		nonsense = append(nonsense,
			url.Values{"op": {"save"}, "sessions": {"", id}, "sessions." + id + ".title@en": {"x"}, "blocks": {id, id}, "versions": {id}},
			url.Values{"op": {"save"}, "series": {id}, "topics": {id, id}, "image.file": {id}, "event": {id}, "organization": {id}, "parent": {id}})
	}
	for _, r := range h.Web.Routes() {
		if r.Method == http.MethodGet || leaves(r) {
			continue
		}
		at := h.address(r, false)
		for i, form := range nonsense {
			if !takes(i + len(r.Path)) {
				continue
			}
			if r.Path == "/admin/sign-in" && i > 3 {
				continue // each costs a password's time
			}
			if n := slices.IndexFunc(kind.All, func(k *content.Kind) bool { return strings.HasPrefix(r.Path, "/admin/"+k.Path) }); n >= 0 && kind.All[n] != kind.EventKind && i%len(kind.All) != n {
				continue // the same handlers, for all kinds: each form goes to two
			}
			for _, query := range []string{"", "?lang=tlh&of=no_such&page=-1&size=x&entry=../&kind=zz&name=.."} {
				if query != "" && i > 12 {
					continue
				}
				page := admin.Send(apptest.Request{Method: r.Method, Path: at + query, Form: form, Stay: true})
				if page.Status >= 500 {
					t.Errorf("form %d (%v) to %s %s: %d", i, short(form), r.Method, at+query, page.Status)
				}
				if to := page.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
					t.Errorf("form %d to %s leads to %s", i, at, to)
				}
				if page.Find("script:not([src])").Length() > 0 || strings.Contains(page.Body, "<script>\"") {
					t.Errorf("form %d to %s: a script", i, at)
				}
			}
		}
	}
	// A reference to itself, and to what is of another kind.
	for field, id := range map[string]string{"parent": h.drafts["event"], "related": h.drafts["event"], "series": h.drafts["event"], "topics": h.file.ID, "image.file": h.drafts["event"]} {
		fresh := save(t, h.Plenary, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Fresh")})
		if field == "parent" || field == "related" {
			id = fresh
		}
		form := admin.Get("/admin/events/" + fresh).Form("form[data-entry]")
		form.Set(field, id)
		form.Del("find:" + field) // emptying the text empties the field
		form.Set("op", "save")
		page := admin.Send(apptest.Request{Path: "/admin/events/" + fresh, Form: form, Stay: true})
		if page.Status != http.StatusUnprocessableEntity || page.Find(".err, [aria-invalid]").Length() == 0 {
			t.Errorf("%s = %s: %d, and nothing beside the field", field, id, page.Status)
		}
		if e, err := h.Content.Get(ctx, apptest.System, fresh); err != nil || e.Parts[content.Facts][field] != nil {
			t.Errorf("%s is stored: %s, %v", field, e.Parts[content.Facts][field], err)
		}
	}
}

// TestStrangeQueriesAreRefusedPlainly asks for every page with parameters nobody would make up.
func TestStrangeQueriesAreRefusedPlainly(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	names := []string{"q", "page", "size", "state", "lang", "sort", "office", "series", "event", "mine", "kind", "of", "not", "id", "next", "token", "role", "actor", "action", "from", "to", "object", "view", "topic", "year", "country", "when", "others",
		"missing", "new", "v", "back", "part", "who", "day", "until"}
	queries := []string{"?" + strings.Repeat("&", 5000), "?=", "?" + strings.Repeat("q=a&", 3000)}
	for _, value := range []string{strings.Repeat("a ", 3000), strings.Repeat("x", 8000), "-1", "99999999999999999999", "2147483648", "%25_%5C%27%22%3B--", "%F0%9F%92%A9%E2%80%AE%EF%BB%BF", "1e9", "../..", "%0d%0aX-Evil:1", "tlh", "2027-13-45", "0", "null", "[]", "*", "(((((", "%5C%5C"} {
		var b strings.Builder
		for _, name := range names {
			v := value
			if len(v) > 1000 && name != "q" {
				v = v[:500]
			}
			b.WriteString("&" + name + "=" + strings.ReplaceAll(v, " ", "+"))
		}
		queries = append(queries, "?"+b.String()[1:])
		queries = append(queries, "?q="+strings.ReplaceAll(value, " ", "+"))
	}
	for i, r := range h.Web.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for j, query := range queries {
			if !takes(i + j) {
				continue
			}
			if n := slices.IndexFunc(kind.All, func(k *content.Kind) bool { return strings.HasPrefix(r.Path, "/admin/"+k.Path) }); n >= 0 && kind.All[n] != kind.EventKind && (i+j)%9 > 0 {
				continue // the same handlers, for all kinds
			}
			page := admin.Send(apptest.Request{Method: http.MethodGet, Path: h.address(r, false) + query, Stay: true})
			if page.Status >= 500 || page.Status == 0 {
				t.Errorf("%s with %.60s…: %d", r.Path, query, page.Status)
			}
			if len(page.Header["X-Evil"]) > 0 {
				t.Errorf("%s with %.60s… makes a header", r.Path, query)
			}
		}
	}
}

// TestRightsHoldBehindTheForms tries every change as everybody, by requests alone, and compares what came of it with what
// the rights say.
func TestRightsHoldBehindTheForms(t *testing.T) {
	h := startHostile(t)
	people := h.roles()
	people["partner"] = h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: h.office})
	people["contributor"] = h.SignIn("contributor@example.org", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite})
	people["clearer"] = h.SignIn("clearer@example.org", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeSite})
	people["french"] = h.SignIn("french@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite, Locale: i18n.FR})
	k := kind.NewsKind
	fresh := func(live bool) string {
		id := save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Office: h.office, Set: apptest.Sample(k, i18n.EN, "before", h.refs, "")})
		save(t, h.Plenary, content.Change{ID: id, Set: apptest.Sample(k, i18n.FR, "avant", nil, "")})
		if live {
			if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
				t.Fatal(err)
			}
		}
		return id
	}
	entry := func(id string) *content.Entry {
		e, err := h.Content.Get(ctx, apptest.System, id)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	text := func(l i18n.Locale) func(*content.Entry) auth.Object {
		return func(e *content.Entry) auth.Object { return e.TextObject(l) }
	}
	whole := (*content.Entry).Object
	changes := []struct {
		name   string
		live   bool
		path   string
		form   url.Values
		action auth.Action
		on     func(*content.Entry) auth.Object
		done   func(*content.Entry) bool
	}{
		{"a fact", false, "", url.Values{"op": {"save"}, "kind": {"statement"}}, auth.EditFacts, whole, func(e *content.Entry) bool { return string(e.Parts[content.Facts]["kind"]) == `"statement"` }},
		{"the address", false, "", url.Values{"op": {"save"}, "slug": {"stolen"}}, auth.EditFacts, whole, func(e *content.Entry) bool { return e.Slug == "stolen" }},
		{"what only staff sees", false, "", url.Values{"op": {"save"}, "staff_note": {"stolen"}}, auth.EditFacts, whole, func(e *content.Entry) bool { return string(e.Parts[content.Facts]["staff_note"]) == `"stolen"` }},
		{"the original", false, "", url.Values{"op": {"save"}, "title@en": {"stolen"}}, auth.EditText, text(i18n.EN), func(e *content.Entry) bool { return e.Parts["en"].Text("title").Words == "stolen" }},
		{"a translation", false, "?lang=fr", url.Values{"op": {"save"}, "title@fr": {"volé"}}, auth.EditText, text(i18n.FR), func(e *content.Entry) bool { return e.Parts["fr"].Text("title").Words == "volé" }},
		{"another translation than its page's", false, "?lang=fr", url.Values{"op": {"save"}, "title@ar": {"x"}}, auth.EditText, text(i18n.AR), func(e *content.Entry) bool { return e.Parts["ar"].Text("title").Words == "x" }},
		{"publishing", false, "", url.Values{"op": {"publish"}}, auth.Publish, whole, func(e *content.Entry) bool { return len(e.Live) > 0 }},
		{"publishing all languages", false, "", url.Values{"op": {"publish"}, "publish:shown": {"1"}, "publish:facts": {"1"}, "publish:lang": {"en", "fr"}}, auth.Publish, whole, func(e *content.Entry) bool { return len(e.Live) > 0 }},
		{"withdrawing", true, "/unpublish?lang=en", url.Values{"lang": {"en"}}, auth.Publish, text(i18n.EN), func(e *content.Entry) bool { return len(e.Live) == 0 }},
		{"withdrawing a language", true, "/unpublish?lang=fr", url.Values{"lang": {"fr"}}, auth.Publish, text(i18n.FR), func(e *content.Entry) bool { return e.Live["fr"] == 0 }},
		{"deleting", false, "/delete", url.Values{}, auth.Delete, whole, func(e *content.Entry) bool { return e.Deleted != nil }},
		{"an old revision", false, "/history/en/1", url.Values{}, auth.EditText, text(i18n.EN), nil},
	}
	for name, b := range people {
		var who *auth.Actor
		if a, err := h.Auth.ByEmail(ctx, apptest.System, name+"@example.org"); err == nil {
			if who, err = h.Auth.ActorOf(ctx, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range changes {
			id := fresh(c.live)
			done := c.done
			if done == nil {
				save(t, h.Plenary, content.Change{ID: id, Set: words(i18n.EN, "title", "second")})
				done = func(e *content.Entry) bool { return e.Parts["en"].Text("title").Words == "before title" }
			}
			e := entry(id)
			may := who.Can(auth.Read, e.Object()) && who.Can(c.action, c.on(e))
			to := "/admin/news/" + id + c.path
			page := b.Send(apptest.Request{Path: to, Form: c.form, Stay: true})
			if now := entry(id); done(now) != may {
				t.Errorf("%s, %s: happened %v, may %v (%d)", name, c.name, done(now), may, page.Status)
			}
			if !may && page.Status < 400 {
				t.Errorf("%s, %s: refused with %d", name, c.name, page.Status)
			}
			// The same through the list, for many at once.
			if op := map[string]string{"publishing": "publish", "withdrawing": "unpublish", "deleting": "delete"}[c.name]; op != "" {
				id := fresh(c.live)
				page := b.Send(apptest.Request{Path: "/admin/news", Form: url.Values{"op": {op}, "id": {id}}, Stay: true})
				if now := entry(id); c.done(now) != may {
					t.Errorf("%s, %s in a list: happened %v, may %v (%d)", name, c.name, c.done(now), may, page.Status)
				}
			}
		}
		// Files and accounts.
		f, err := h.Media.Upload(ctx, apptest.System, media.Upload{Name: "before.txt", Office: h.office, Body: strings.NewReader("text")})
		if err != nil {
			t.Fatal(err)
		}
		b.Send(apptest.Request{Path: "/admin/media/" + f.ID, Form: url.Values{"op": {"rename"}, "name": {"stolen.txt"}}, Stay: true})
		now, err := h.Media.Get(ctx, f.ID)
		if err != nil || now[f.ID] == nil {
			t.Fatal(err)
		}
		if may := who.Can(auth.Read, f.Object()) && who.Can(auth.Upload, f.Object()); (now[f.ID].Name == "stolen.txt") != may {
			t.Errorf("%s renames a file: %q, may %v", name, now[f.ID].Name, may)
		}
		b.Send(apptest.Request{Path: "/admin/media/" + f.ID, Form: url.Values{"op": {"describe"}, "credit": {"stolen"}}, Stay: true})
		b.Send(apptest.Request{Path: "/admin/media", Form: url.Values{"op": {"move"}, "id": {f.ID}, "folder": {"stolen"}}, Stay: true})
		now, err = h.Media.Get(ctx, f.ID)
		if err != nil || now[f.ID] == nil {
			t.Fatal(err)
		}
		if may := who.Can(auth.Read, f.Object()) && who.Can(auth.Upload, f.Object()); (now[f.ID].Credit == "stolen") != may || (now[f.ID].Folder == "stolen") != may {
			t.Errorf("%s describes and moves a file: %q, %q, may %v", name, now[f.ID].Credit, now[f.ID].Folder, may)
		}
		may := who.Can(auth.Read, f.Object()) && who.Can(auth.Delete, f.Object())
		b.Send(apptest.Request{Path: "/admin/media/" + f.ID + "/delete", Form: url.Values{}, Stay: true})
		if now, err = h.Media.Get(ctx, f.ID); err != nil || now[f.ID].DeletedAt.IsZero() == may {
			t.Errorf("%s deletes a file: in the trash since %v, may %v, %v", name, now[f.ID].DeletedAt, may, err)
		}
		if _, err := h.Media.Trash(ctx, apptest.System, "", f.ID); err != nil {
			t.Fatal(err)
		}
		b.Send(apptest.Request{Path: "/admin/media/" + f.ID, Form: url.Values{"op": {"purge"}}, Stay: true})
		if now, err = h.Media.Get(ctx, f.ID); err != nil || (now[f.ID] == nil) != may {
			t.Errorf("%s deletes a file for good: gone %v, may %v, %v", name, now[f.ID] == nil, may, err)
		}
		b.Send(apptest.Request{Path: "/admin/users/" + h.victim, Form: url.Values{"op": {"grant"}, "role": {"admin"}, "scope": {"site"}}, Stay: true})
		grants, err := h.Auth.Grants(ctx, apptest.System, h.victim)
		if err != nil || len(grants) > 0 != who.Can(auth.ManageInstance, auth.Object{}) {
			t.Errorf("%s appoints an administrator: %v, %v", name, grants, err)
		}
		for _, g := range grants {
			if err := h.Auth.RemoveGrant(ctx, apptest.System, g.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func short(v url.Values) string {
	s := fmt.Sprint(map[string][]string(v))
	return s[:min(len(s), 120)]
}

// TestStaleVersionsLoseNothing sends one form fifty times at once, with versions that were right once.
func TestStaleVersionsLoseNothing(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	at := "/admin/news/" + h.drafts["news"]
	form := admin.Get(at).Form("form[data-entry]")
	var wg sync.WaitGroup
	var mu sync.Mutex
	stored, told := 0, 0
	for i := range 50 {
		wg.Go(func() {
			mine := url.Values{}
			for k, v := range form {
				mine[k] = v
			}
			mine.Set("dateline@en", fmt.Sprintf("Dateline %d", i))
			mine.Set("op", "save")
			page := admin.Send(apptest.Request{Path: at, Form: mine, Stay: true})
			mu.Lock()
			defer mu.Unlock()
			switch page.Status {
			case http.StatusSeeOther:
				stored++
			case http.StatusConflict:
				if told++; !strings.Contains(page.Body, fmt.Sprintf("Dateline %d", i)) {
					t.Errorf("a clash without what was typed")
				}
			default:
				t.Errorf("%d", page.Status)
			}
		})
	}
	wg.Wait()
	if stored != 1 || told != 49 {
		t.Errorf("%d were told that theirs is stored, %d of a clash", stored, told)
	}
}

var nonce = regexp.MustCompile(`[0-9a-f]{12}`)

// TestSpellingsOfAnAddress: each leads to the same check, or to nothing.
func TestSpellingsOfAnAddress(t *testing.T) {
	h := startHostile(t)
	visitor := h.Visitor()
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	event := "/en/" + h.path(t, "event")
	spellings := func(to string) map[string]string {
		last := strings.LastIndexByte(to, '/')
		return map[string]string{
			"upper case": strings.ToUpper(to), "slash behind": to + "/", "double slash": strings.Replace(to, "/", "//", 1), "double slash inside": to[:last] + "/" + to[last:],
			"encoded slash": "/" + to[1:max(1, last)] + "%2f" + to[last+1:], "encoded backslash": "/" + to[1:max(1, last)] + "%5c" + to[last+1:], "dot": to[:last] + "/." + to[last:], "dots": to[:last] + "/x/.." + to[last:],
			"encoded dots": to[:last] + "/%2e%2e" + to[last:], "suffix": to + ".json", "css": to + "/x.css", "semicolon": to + ";a=b", "encoded letter": "/%" + fmt.Sprintf("%02x", to[1]) + to[2:],
			"twice encoded": "/%25" + fmt.Sprintf("%02x", to[1]) + to[2:], "control character": to + "%01", "line": to + "%0a", "carriage return": to + "%0dx", "NUL": to + "%00", "blank": to + "%20",
			"not UTF-8": to + "%ff", "long": to + "/" + strings.Repeat("a", 9000), "query": to + "?a=%zz", "query not UTF-8": to + "?a=%ff", "tab": to + "%09", "full width": to + "%ef%bc%8f",
		}
	}
	for _, to := range []string{"/admin", "/admin/users", "/admin/events/" + h.drafts["event"], "/admin/media/" + h.file.ID, "/admin/log"} {
		for what, at := range spellings(to) {
			page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
			if page.Status >= 500 || page.Status < 300 || page.Status < 400 && !strings.HasPrefix(page.Header.Get("Location"), "/admin/sign-in") {
				t.Errorf("%s of %s: %d %s", what, to, page.Status, page.Header.Get("Location"))
			}
			if strings.Contains(page.Body, "canary") {
				t.Errorf("%s of %s shows it", what, to)
			}
			if page := admin.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true}); page.Status >= 500 {
				t.Errorf("%s of %s, signed in: %d", what, to, page.Status)
			}
		}
	}
	for _, to := range []string{event, "/en/events", "/e/" + h.drafts["event"], "/media/" + h.file.ID + "/canaryfile.pdf", "/robots.txt", "/en/events.ics"} {
		for what, at := range spellings(to) {
			page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
			if page.Status >= 500 || strings.Contains(page.Body, "canarybytes") {
				t.Errorf("%s of %s: %d", what, to, page.Status)
			}
			if to := page.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\")) {
				t.Errorf("%s leads to %q", what, to)
			}
			if page.Status == http.StatusOK && strings.Contains(page.Header.Get("Cache-Control"), "max-age") && what == "css" {
				t.Errorf("%s of %s is kept as a style sheet", what, to)
			}
		}
	}
	for _, method := range []string{"HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "GETX", "get"} {
		for _, to := range []string{event, "/admin", "/admin/users", "/admin/sign-in", "/healthz", "/media/" + h.file.ID + "/canaryfile.pdf", "/nowhere"} {
			page := admin.Send(apptest.Request{Method: method, Path: to, Stay: true})
			if page.Status >= 500 || page.Status < 400 && method != "HEAD" || method == "HEAD" && page.Body != "" {
				t.Errorf("%s %s: %d", method, to, page.Status)
			}
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-Http-Method", "X-Method-Override"} {
		if page := admin.Send(apptest.Request{Method: http.MethodGet, Path: "/admin/events/" + h.drafts["event"] + "/delete", Header: http.Header{header: {"POST"}}}); page.Status != http.StatusOK {
			t.Errorf("%s: %d", header, page.Status)
		}
	}
	if _, err := h.Content.Get(ctx, apptest.System, h.drafts["event"]); err != nil {
		t.Error(err)
	}
}

func (h *hostile) path(t *testing.T, kind string) string {
	t.Helper()
	p, err := h.Content.LiveByID(ctx, i18n.EN, h.refs[kind])
	if err != nil {
		t.Fatal(err)
	}
	return p.Path
}

// TestNothingInARequestSteersWhatIsKept: kept pages are the same for everyone, and what other people's programs put into
// a request does not show in them.
func TestNothingInARequestSteersWhatIsKept(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	evil := http.Header{
		"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"evil"}, "X-Forwarded-Prefix": {"//evil.example"}, "X-Forwarded-For": {"203.0.113.66"}, "X-Forwarded-Port": {"666"},
		"Forwarded": {"host=evil.example;proto=evil"}, "X-Original-Url": {"/admin"}, "X-Rewrite-Url": {"/admin"}, "X-Host": {"evil.example"}, "X-Forwarded-Scheme": {"evil"},
		"X-Real-Ip": {"203.0.113.66"}, "Referer": {"https://evil.example/"}, "User-Agent": {"<script>evil</script>"}, "Cookie": {"lang=evil; theme=evil"}, "Accept": {"evil/evil"},
		"Accept-Language": {"evil-evil,fr;q=0.1"}, "Range": {"bytes=0-1"}, "If-None-Match": {`"evil`}, "If-Modified-Since": {"evil"}, "Via": {"evil"}, "Save-Data": {"on"}, "Purpose": {"prefetch"},
		"X-Custom-Ip-Authorization": {"127.0.0.1"}, "Te": {"evil"}, "Accept-Charset": {"evil"}, "Origin": {"https://evil.example"},
	}
	pages := []string{"/en/", "/en/events", "/en/news", "/fr/events?when=past", "/en/events.ics", "/en/news.atom", "/en/news.json", "/sitemap.xml", "/robots.txt"}
	for _, k := range []string{"event", "person", "organization", "series", "topic", "page"} {
		pages = append(pages, "/en/"+h.path(t, k), "/ar/"+h.path(t, k))
	}
	for _, to := range pages {
		first := h.Visitor().Send(apptest.Request{Method: http.MethodGet, Path: to, Header: evil, Stay: true})
		fresh := h.Visitor().Send(apptest.Request{Method: http.MethodGet, Path: to, Stay: true})
		again := admin.Send(apptest.Request{Method: http.MethodGet, Path: to, Header: evil, Stay: true})
		if first.Status != http.StatusOK || fresh.Status != http.StatusOK || first.Body != fresh.Body || again.Body != fresh.Body {
			t.Errorf("%s is not the same for everybody: %d, %d, %d", to, first.Status, fresh.Status, again.Status)
		}
		for _, page := range []*apptest.Page{first, fresh, again} {
			all := page.Body + fmt.Sprint(page.Header)
			if strings.Contains(all, "evil") || strings.Contains(all, "203.0.113.66") {
				t.Errorf("%s says what the request said", to)
			}
			if c := page.Header["Set-Cookie"]; len(c) > 0 {
				t.Errorf("%s sets a cookie: %v", to, c)
			}
			if v := page.Header.Get("Vary"); v != "Accept-Encoding" {
				t.Errorf("%s varies by %q", to, v)
			}
			if cc := page.Header.Get("Cache-Control"); cc != "public, no-cache" {
				t.Errorf("%s: Cache-Control %q", to, cc)
			}
			if strings.Contains(all, "admin@example.org") || strings.Contains(all, "Test admin") || strings.Contains(page.Body, "/admin") && to != "/robots.txt" {
				t.Errorf("%s knows who looks", to)
			}
		}
	}
	// Nothing outside the pages either.
	for _, to := range []string{"/", "/e/" + h.refs["event"], "/en", "/en/nowhere", "/nowhere", "/admin", "/admin/sign-in"} {
		page := h.Visitor().Send(apptest.Request{Method: http.MethodGet, Path: to, Header: evil, Stay: true})
		if strings.Contains(page.Body+fmt.Sprint(page.Header), "evil") && to != "/admin" {
			t.Errorf("%s says what the request said: %v", to, page.Header)
		}
		if page.Status >= 300 && !strings.Contains(page.Header.Get("Cache-Control"), "no-") {
			t.Errorf("%s: %d may be kept: %q", to, page.Status, page.Header.Get("Cache-Control"))
		}
		if len(page.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s sets a cookie", to)
		}
	}
	// The personal side is nobody's to keep.
	for _, r := range h.Web.Routes() {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/admin") || r.Class == web.Static {
			continue
		}
		page := admin.Send(apptest.Request{Method: http.MethodGet, Path: h.address(r, false), Stay: true})
		if cc := page.Header.Get("Cache-Control"); cc != "no-store" && cc != "private, no-cache" {
			t.Errorf("%s: Cache-Control %q", r.Path, cc)
		}
		framed := "DENY"
		if r.Framed {
			framed = "SAMEORIGIN"
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": framed} {
			if page.Header.Get(name) != want {
				t.Errorf("%s: %s %q", r.Path, name, page.Header.Get(name))
			}
		}
		if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", r.Path, csp)
		}
	}
	for name, host := range map[string]string{"another host": "evil.example", "with a port": "evil.example:80", "an address in it": "127.0.0.1@evil.example", "blank": "127.0.0.1 evil.example", "with a path": "127.0.0.1/evil"} {
		for _, to := range []string{"/en/events", "/admin/sign-in", "/"} {
			if page := h.Visitor().Send(apptest.Request{Method: http.MethodGet, Path: to, Host: host, Stay: true}); page.Status != http.StatusMisdirectedRequest && page.Status != http.StatusBadRequest || strings.Contains(page.Body, "evil") {
				t.Errorf("%s at %s: %d", name, to, page.Status)
			}
		}
	}
}

// TestRedirectsStayHere tries every field that names a place to go to.
func TestRedirectsStayHere(t *testing.T) {
	h := startHostile(t)
	password := h.Account("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	signedIn := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	for i, next := range []string{"https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/admin/..//evil.example", "/admin\r\nSet-Cookie: a=b",
		"javascript:alert(1)", "/admin/%0d%0aevil:1", "http:evil.example", "/admin/../../evil", "/%2fevil.example", "/\tevil.example", "/.evil.example", "evil.example", "/admin/\u2028x"} {
		places := []apptest.Request{
			{Method: http.MethodGet, Path: "/admin/sign-in?next=" + url.QueryEscape(next)},
			{Path: "/admin/account/look", Form: url.Values{"theme": {"dark"}, "next": {next}}},
			{Path: "/admin/events", Form: url.Values{"op": {"publish"}, "back": {next}}},
		}
		for _, r := range places {
			r.Stay = true
			page := signedIn.Send(r)
			if to := page.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") || strings.Contains(to, "evil") && !strings.HasPrefix(to, "/admin/%0d")) {
				t.Errorf("%q leads to %q", next, to)
			}
			if len(page.Header["A"]) > 0 || strings.Contains(fmt.Sprint(page.Header["Set-Cookie"]), "a=b") {
				t.Errorf("%q made a header", next)
			}
		}
		if i < 4 {
			b := h.Visitor()
			form := b.Get("/admin/sign-in?next=" + url.QueryEscape(next)).Form("form:has(input[type=password])")
			form.Set("email", "editor@example.org")
			form.Set("password", password)
			page := b.Send(apptest.Request{Path: "/admin/sign-in", Form: form, Stay: true})
			if to := page.Header.Get("Location"); page.Status != http.StatusSeeOther || to != "/admin" {
				t.Errorf("signing in with next=%q: %d to %q", next, page.Status, to)
			}
		}
	}
}

// TestHostileFiles uploads by the panel's form what hurts others.
func TestHostileFiles(t *testing.T) {
	h := startHostile(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	html := "<!DOCTYPE html><html><script>alert(1)</script></html>"
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
	jpeg := "\xff\xd8\xff\xe0\x00\x10JFIF\x00" + html
	bomb := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00\x12\x34\x56\x78"
	for i, c := range []struct{ name, body string }{
		{"page.html", html}, {"picture.png", html}, {"picture.jpg", jpeg}, {"drawing.svg", svg}, {"drawing.png", svg}, {"a.pdf", html}, {"a.txt", html}, {"bomb.png", bomb},
		{"../../../../etc/cron.d/x", html}, {"..\\..\\x.html", html}, {"a\x00.png", html}, {"\u202egnp.exe", html}, {strings.Repeat("ä", 4000) + ".html", html}, {"", html}, {".htaccess", html},
		{"x.html;.png", html}, {"x\".html", html}, {"CON.txt", html}, {"a%2f..%2fb.html", html}, {"<img src=x onerror=alert(1)>.html", html}, {"a\r\nX-Evil: 1.html", html}, {"640.webp", html},
		{"x.shtml", html}, {"x.xhtml", html}, {"x.xml", "<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>"}, {"x.js", "alert(1)"}, {"x.css", "*{}"},
		{"x.swf", "FWS\x09"}, {"x.exe", "MZ\x90"}, {"empty.txt", ""},
	} {
		var b bytes.Buffer
		mw := multipart.NewWriter(&b)
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer("\"", "%22", "\r", "%0D", "\n", "%0A").Replace(c.name))}, "Content-Type": {"image/png"}}
		w, err := mw.CreatePart(head)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, c.body)
		mw.Close()
		page := editor.Send(apptest.Request{Path: "/admin/media/upload", Body: &b, Type: mw.FormDataContentType(), Stay: true})
		if page.Status >= 500 {
			t.Errorf("%d %.40q: %d", i, c.name, page.Status)
		}
		id, made := strings.CutPrefix(page.Header.Get("Location"), "/admin/media/")
		if page.Status != http.StatusSeeOther || !made || id == "" {
			continue // refused
		}
		list, _ := h.Media.Get(ctx, id)
		f := list[id]
		if f == nil {
			t.Errorf("%q: stored, and not there: %s", c.name, page.Header.Get("Location"))
			continue
		}
		if strings.ContainsAny(f.Name, "/\\\x00\r\n\u202e") || len([]rune(f.Name)) > 200 || f.Name == "" {
			t.Errorf("%q is called %q", c.name, f.Name)
		}
		at := strings.Replace(f.URL(), "/media/", "/admin/media/", 1)
		got := editor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
		csp, ct, cd := got.Header.Get("Content-Security-Policy"), got.Header.Get("Content-Type"), got.Header.Get("Content-Disposition")
		if got.Status != http.StatusOK || !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %d, %s", c.name, got.Status, csp)
		}
		if strings.Contains(ct, "html") || strings.Contains(ct, "svg") || strings.Contains(ct, "xml") || strings.Contains(ct, "script") || !strings.HasPrefix(cd, "attachment") && !strings.HasPrefix(cd, "inline") {
			t.Errorf("%q is served as %s, %s", c.name, ct, cd)
		}
		if strings.HasPrefix(cd, "inline") && strings.HasPrefix(ct, "text/") {
			t.Errorf("%q is shown as %s", c.name, ct)
		}
		if len(got.Header["X-Evil"]) > 0 || strings.ContainsAny(cd, "\r\n") {
			t.Errorf("%q made a header", c.name)
		}
		if public := h.Visitor().Get(f.URL()); public.Status != http.StatusNotFound {
			t.Errorf("%q, used nowhere, is public: %d", c.name, public.Status)
		}
		if page := editor.Get("/admin/media/" + id); page.Status != http.StatusOK || page.Find("img[onerror]").Length() > 0 {
			t.Errorf("%q: its page: %d", c.name, page.Status)
		}
	}
	visitor := h.Visitor()
	missing := visitor.Get("/media/zzzzzzzzzzzzzzzzzzzzzzzzzz/canaryfile.pdf")
	for _, at := range []string{h.file.URL(), "/media/" + h.file.ID + "/x.pdf", "/media/" + h.file.ID + "/640.webp", "/media/" + h.file.ID + "/..%2fcanaryfile.pdf", "/media/../media/" + h.file.ID + "/canaryfile.pdf",
		"/media/" + strings.ToUpper(h.file.ID) + "/canaryfile.pdf", "/media/" + h.file.ID + "/canaryfile.pdf?v=12345678", "/media/.././" + h.file.ID, "/media/%2e%2e/%2e%2e/etc/passwd", "/media/..%5c..%5cetc/passwd",
		"/media/" + h.file.ID + "/", "/media/" + h.file.ID, "/media/", "/uploads/" + h.file.Key, "/media/" + h.file.Key, "/static/../../uploads/" + h.file.Key, "/static/%2e%2e/theme.toml", "/admin/static/..%2f..%2fadmin.go",
		"/static/templates/layout.html", "/static/site.css~", "/static//etc/passwd"} {
		page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
		if page.Status < 300 || page.Status >= 500 || strings.Contains(page.Body, "canarybytes") {
			t.Errorf("%s: %d", at, page.Status)
		}
		if strings.HasPrefix(at, "/media/"+h.file.ID) && (page.Status != missing.Status || nonce.ReplaceAllString(page.Find("main").Text(), "") != nonce.ReplaceAllString(missing.Find("main").Text(), "")) {
			t.Errorf("%s is told apart from a file that is not there: %d", at, page.Status)
		}
	}
	for _, at := range []string{"/media/" + h.file.ID + "/" + strings.Repeat("a", 3000), "/media/" + strings.Repeat("a", 3000) + "/x"} {
		if page := visitor.Get(at); page.Status != http.StatusNotFound {
			t.Errorf("%.40s…: %d", at, page.Status)
		}
	}
}
