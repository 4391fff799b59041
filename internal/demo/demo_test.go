package demo

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/seal/sealtest"
	"plenary/internal/settings"
)

var ctx = context.Background()

func open(t *testing.T) Site {
	t.Helper()
	d := dbtest.Open(t, dbtest.File(t))
	storage, err := media.OpenStorage(ctx, "file:"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := Site{Auth: auth.New(d, auth.Options{}), Media: media.New(d, storage, media.Limits{}),
		Content: &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}}
	if s.Settings, err = settings.Open(ctx, d); err != nil {
		t.Fatal(err)
	}
	if err := s.Content.Start(ctx); err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load(i18n.Shared)
	if err != nil {
		t.Fatal(err)
	}
	s.Registration = &registration.Store{DB: d, Content: s.Content, Seal: sealtest.Box(t, d), Catalogue: words, BaseURL: "https://office.example"}
	s.Discussion = &discussion.Store{DB: d, Content: s.Content, Registration: s.Registration, Catalogue: words, BaseURL: "https://office.example"}
	return s
}

// TestFill looks at the site as visitors and staff find it, on the day of filling and on one years later, when the
// event with a date of its own has passed.
func TestFill(t *testing.T) {
	for _, now := range []time.Time{time.Now(), time.Date(2029, 2, 28, 19, 40, 0, 0, time.UTC)} {
		t.Run(now.Format(time.DateOnly), func(t *testing.T) {
			s := open(t)
			start := time.Now()
			accounts, err := s.Fill(ctx, now)
			if err != nil {
				t.Fatal(err)
			}
			// Three seconds on an idle machine; most of it is waiting for the disk, which others use too.
			if d := time.Since(start); d > time.Minute {
				t.Errorf("filling took %s", d)
			}
			if _, err := s.Fill(ctx, now); err == nil {
				t.Error("a site was filled again")
			}
			if filled, err := s.Filled(ctx); !filled || err != nil {
				t.Errorf("filled: %t, %v", filled, err)
			}
			everyPhase(t, s, now)
			everyKindInEveryLanguage(t, s)
			gaps(t, s)
			registrations(t, s)
			consulted(t, s)
			drafts(t, s)
			signIns(t, s, accounts)
		})
	}
}

func published(t *testing.T, s Site, l i18n.Locale, kindName string) []content.Publication {
	t.Helper()
	list, _, err := s.Content.Published(ctx, content.Query{Locale: l, Kinds: []string{kindName}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func everyPhase(t *testing.T, s Site, now time.Time) {
	stages := map[content.Ref]string{}
	for _, p := range published(t, s, i18n.EN, "report") {
		r := p.Value.(*kind.Report)
		stages[r.Event] = r.Stage
	}
	seen, status := map[kind.Phase]bool{}, map[string]bool{}
	for _, p := range published(t, s, i18n.EN, "event") {
		page, err := s.Content.LiveByID(ctx, i18n.EN, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		e := page.Value.(*kind.Event)
		phase, _ := e.Phase(now, kind.Around{Report: stages[content.Ref(p.ID)]})
		seen[phase], status[e.Status] = true, true
		if e.Join.URL != "" {
			t.Errorf("%s gives its link away", p.Path)
		}
	}
	for _, phase := range []kind.Phase{kind.PhaseSaveTheDate, kind.PhaseAnnounced, kind.PhaseRegistrationOpen, kind.PhaseRegistrationClosed, kind.PhaseLive,
		kind.PhaseConcluded, kind.PhaseDraftOutcome, kind.PhaseOutcome, kind.PhaseSettled, kind.PhaseArchived, kind.PhasePostponed, kind.PhaseCancelled} {
		if !seen[phase] {
			t.Errorf("no event is %s", phase)
		}
	}
	promises, _, err := s.Content.ListPromises(ctx, auth.System("test"), content.PromiseQuery{})
	if err != nil {
		t.Fatal(err)
	}
	today := content.Date(now.Format(time.DateOnly))
	found := map[string]bool{}
	for _, x := range promises {
		switch {
		case x.State != content.PromiseOpen:
			found[string(x.State)] = true
		case x.Due < today:
			found["overdue"] = true
		default:
			found["due"] = true
		}
	}
	for _, state := range []string{"kept", "due", "overdue"} {
		if !found[state] {
			t.Errorf("no promise is %s", state)
		}
	}
	// What is only for those who registered is named on the event's page, and its files are nobody else's.
	restricted := 0
	for _, p := range published(t, s, i18n.EN, "document") {
		page, err := s.Content.LiveByID(ctx, i18n.EN, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := page.Value.(*kind.Document); d.Access != "public" {
			restricted++
			for _, f := range d.Versions[0].Files {
				if d.Event == "" || f.File != "" {
					t.Errorf("%s is of %q and gives away %q", p.Path, d.Event, f.File)
				}
			}
		}
	}
	if restricted == 0 {
		t.Error("no event has a restricted part")
	}
	for _, st := range kind.Enums["event_status"] {
		if !status[st] {
			t.Errorf("no event is %s", st)
		}
	}
}

func everyKindInEveryLanguage(t *testing.T, s Site) {
	least := map[string]int{"event": 14, "news": 10, "person": 16, "organization": 12, "document": 15, "report": 4, "series": 3, "topic": 8, "page": 6}
	for _, k := range kind.All {
		if n := len(published(t, s, i18n.EN, k.Name)); n < least[k.Name] {
			t.Errorf("%d of kind %s", n, k.Name)
		}
		for _, l := range i18n.All {
			own := 0
			for _, p := range published(t, s, l, k.Name) {
				if p.Own {
					own++
				}
			}
			switch {
			case k == kind.PageKind || k == kind.TopicKind: // core pages and vocabulary exist everywhere
				if own < least[k.Name] {
					t.Errorf("%d of kind %s in %s", own, k.Name, l)
				}
			case own == 0 && k != kind.ReportKind:
				t.Errorf("none of kind %s in %s", k.Name, l)
			}
		}
	}
	site := s.Settings.Site()
	for _, l := range i18n.All {
		for what, w := range map[string]settings.Words{"name": site.Name, "part of": site.PartOf, "description": site.Description, "footer": site.Footer} {
			if w[l] == "" {
				t.Errorf("the site has no %s in %s", what, l)
			}
		}
	}
	// The event with the shape of a concept note is whole in the languages of the notes, and more than a title in all.
	for _, l := range i18n.All {
		page, err := s.Content.Live(ctx, l, "events/2027/opening-the-register")
		if err != nil {
			t.Fatal(err)
		}
		e := page.Value.(*kind.Event)
		points := 0
		for _, b := range e.Blocks {
			for _, p := range b.Points {
				if p.Text.In(l) != "" {
					points++
				}
			}
			for _, g := range b.Groups {
				if b.Kind == "key_questions" {
					for _, p := range g.Points {
						if p.Text.In(l) != "" {
							points++
						}
					}
				}
			}
		}
		if points != 5+11 {
			t.Errorf("%d objectives and questions in %s", points, l)
		}
	}
}

// gaps are there on purpose: the panel has to have something to show.
func gaps(t *testing.T, s Site) {
	states := map[content.State]int{}
	rows, _, err := s.Content.List(ctx, demo, content.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	held := false
	for _, r := range rows {
		for l, st := range r.Languages {
			states[st.State]++
			held = held || r.Live && st.State == content.StateDraft && l != r.Original
		}
	}
	for _, st := range []content.State{content.StateDraft, content.StatePublished, content.StateChanged, content.StateOutOfDate} {
		if states[st] == 0 {
			t.Errorf("no words are %s", st)
		}
	}
	if !held {
		t.Error("no translation waits to be published")
	}
}

func drafts(t *testing.T, s Site) {
	rows, _, err := s.Content.List(ctx, demo, content.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	n, incomplete := 0, false
	for _, r := range rows {
		e, err := s.Content.Get(ctx, demo, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		blocked := false
		for _, p := range s.Content.CheckPublish(e, []i18n.Locale{e.Original}) {
			blocked = blocked || p.Blocks
			// The concept note gives persons' own mailboxes; the panel shall have that to advise against.
			if r.Live && p.Key != "problem.advised" && p.Key != "problem.mailbox_personal" {
				t.Errorf("%s: %s: %s", r.Title, p.Path, p.Key)
			}
		}
		if r.Live {
			continue
		}
		n++
		incomplete = incomplete || blocked
		if _, err := s.Content.LiveByID(ctx, i18n.EN, r.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the draft %q is public: %v", r.Title, err)
		}
	}
	if n < 5 || !incomplete {
		t.Errorf("%d drafts, an incomplete one among them: %t", n, incomplete)
	}
}

func signIns(t *testing.T, s Site, accounts []Account) {
	seen := map[string]bool{}
	for _, a := range accounts {
		seen[a.Role] = true
		if seen[a.Password] {
			t.Error("two accounts with one password")
		}
		seen[a.Password] = true
		if _, err := s.Auth.SignIn(ctx, a.Email, a.Password, auth.From{IP: netip.MustParseAddr("127.0.0.1")}); err != nil {
			t.Errorf("%s: %v", a.Email, err)
		}
		who, err := s.Auth.ActorOf(ctx, a.id)
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := s.Content.List(ctx, who, content.ListQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			t.Errorf("%s has nothing to read", a.Email)
		}
		if a.Role == "partner_editor" {
			mine := 0
			for _, r := range rows {
				e, err := s.Content.Get(ctx, who, r.ID)
				if err != nil {
					t.Fatal(err)
				}
				if e.MayEdit(who, content.Facts) {
					mine++
				}
			}
			if mine < 3 || mine == len(rows) {
				t.Errorf("%s may edit %d of %d entries it reads", a.Email, mine, len(rows))
			}
		}
	}
	for _, role := range []string{"admin", "site_manager", "editor", "contributor", "translator", "clearing_officer", "event_assistant", "observer", "partner_editor"} {
		if !seen[role] {
			t.Errorf("nobody is %s", role)
		}
	}
}

// TestNothingButEmptySites: a site with an account, or whose filling was broken off, is left alone.
func TestNothingButEmptySites(t *testing.T) {
	s := open(t)
	stop, cancel := context.WithCancel(ctx)
	s.Content.OnChange = append(s.Content.OnChange, func(context.Context, bun.Tx, string) error { cancel(); return nil }) // at the first publishing
	if _, err := s.Fill(stop, time.Now()); err == nil {
		t.Fatal("a broken-off start was not noticed")
	}
	s.Content.OnChange = nil
	if _, err := s.Fill(ctx, time.Now()); !errors.Is(err, errHalf) {
		t.Errorf("half a site: %v", err)
	}
	s = open(t)
	if _, err := s.Auth.Create(ctx, demo, auth.NewAccount{Email: "a@example.org", Name: "A", Password: "some long words here"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fill(ctx, time.Now()); !errors.Is(err, errHalf) {
		t.Errorf("somebody's site: %v", err)
	}
}

func TestProse(t *testing.T) {
	got := prose("One <b> & two.[^A note.]\nStill one.\n\n## Head\n\n- a\n- [b](https://example.org/)\n\n| x | y |\n| 1 | **2** |")
	want := `<p>One &lt;b&gt; &amp; two.<span data-footnote="A note."></span> Still one.</p><h2>Head</h2><ul><li>a</li><li><a href="https://example.org/">b</a></li></ul>` +
		`<table><thead><tr><th scope="col">x</th><th scope="col">y</th></tr></thead><tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if clean := content.Clean(got); clean != want {
		t.Errorf("cleaned to %s", clean)
	}
}

// TestPapers sends the files that are made here through the same gate as any upload.
func TestPapers(t *testing.T) {
	s := open(t)
	p := paper{language: "fr", title: "Note de présentation", subtitle: "Centre", text: []string{"## Été", "- premier", strings.Repeat("Un paragraphe assez long pour plusieurs lignes. ", 200)}}
	pdf, err := s.Media.Upload(ctx, demo, media.Upload{Name: "a.pdf", Body: bytes.NewReader(p.pdf())})
	if err != nil {
		t.Fatal(err)
	}
	if pdf.Kind != media.PDF || pdf.Pages < 2 || !pdf.Tagged {
		t.Errorf("pdf: %s, %d pages, tagged %t", pdf.Kind, pdf.Pages, pdf.Tagged)
	}
	b, err := p.docx()
	if err != nil {
		t.Fatal(err)
	}
	docx, err := s.Media.Upload(ctx, demo, media.Upload{Name: "a.docx", Body: bytes.NewReader(b)})
	if err != nil {
		t.Fatal(err)
	}
	if docx.Kind != media.Office {
		t.Errorf("docx: %s", docx.Kind)
	}
}

// registrations are there in every state that somebody can bring about, and in nine languages.
func registrations(t *testing.T, s Site) {
	t.Helper()
	count := func(path string) *registration.List {
		p, err := s.Content.Live(ctx, i18n.EN, path)
		if err != nil {
			t.Fatal(err)
		}
		l, err := s.Registration.List(ctx, demo, registration.Query{Event: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	var open, closed *registration.List
	for _, slug := range []string{"answering-the-mayor", "one-form-for-firms"} {
		list, _, err := s.Content.Published(ctx, content.Query{Locale: i18n.EN, Kinds: []string{"event"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if strings.HasSuffix(p.Path, "/"+slug) {
				if closed = count(p.Path); slug == "answering-the-mayor" {
					open = closed
				}
			}
		}
	}
	if open.Total < 60 || len(open.Locales) != len(i18n.All) || closed.Total < 12 {
		t.Errorf("%d and %d registrations, in %s", open.Total, closed.Total, open.Locales)
	}
	for _, st := range []registration.State{registration.Unverified, registration.Pending, registration.Confirmed, registration.Waitlisted, registration.Withdrawn} {
		if open.States[st] == 0 {
			t.Errorf("nobody is %s", st)
		}
	}
}

// consulted looks at the meeting that was: what its page and its report say of who was there is what the rows say.
func consulted(t *testing.T, s Site) {
	t.Helper()
	id := ""
	for _, p := range published(t, s, i18n.EN, "event") {
		if strings.HasSuffix(p.Path, "/identity-safeguards") {
			id = p.ID
		}
	}
	x, err := s.Registration.Statistics(ctx, demo, id)
	if err != nil {
		t.Fatal(err)
	}
	if x.Registered.N != figures.Registered || x.Attended.N != figures.Attended {
		t.Errorf("%+v registered, %+v attended", x.Registered, x.Attended)
	}
	list, err := s.Registration.List(ctx, demo, registration.Query{Event: id, State: registration.Attended})
	if err != nil {
		t.Fatal(err)
	}
	countries, names, women := map[string]bool{}, map[string]bool{}, 0
	for _, r := range list.Rows {
		countries[r.Country], names[r.Name] = true, true
		if slices.Equal(r.Answers["gender"].Values, []string{"woman"}) {
			women++
		}
	}
	if len(countries) != figures.Countries || women*100/len(list.Rows) != figures.Women || len(names) != figures.Attended {
		t.Errorf("%d countries, %d women, %d names", len(countries), women, len(names))
	}
	m, err := s.Registration.Messages(ctx, demo, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m.Log {
		if x.State != registration.Told || x.Sent != map[string]int{registration.LoginGuideline: 156, registration.Reminder: 236, registration.ThankYou: 171, registration.AskSurvey: 171}[x.Kind] {
			t.Errorf("%s: %s, %d", x.Kind, x.State, x.Sent)
		}
	}
	if len(m.Log) != 4 {
		t.Errorf("%d messages have gone", len(m.Log))
	}
	r, err := s.Registration.Results(ctx, demo, id)
	if err != nil || r.Few || r.Answers < 100 || !r.Questions[0].Bars[0].Few {
		t.Errorf("survey: %+v, %v", r, err)
	}
}
