package app_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"

	"github.com/uptrace/bun"
)

// TestEmbargo: a speech is nowhere before its time, whoever presses what; at its time, as scheduled, it is everywhere, on pages
// that were kept too; and an embargo cannot be put on what is out.
func TestEmbargo(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	var later atomic.Int64 // how far the clock of the gate and the queue is ahead
	p.Clearance.Now = func() time.Time { return time.Now().UTC().Add(time.Duration(later.Load())) }
	account, err := p.Auth.ByEmail(ctx, apptest.System, "editor@example.org")
	if err != nil {
		t.Fatal(err)
	}
	who, err := p.Auth.ActorOf(ctx, account.ID)
	if err != nil {
		t.Fatal(err)
	}
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "speech.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	refs := neighbours(t, p)
	event := apptest.Sample(kind.EventKind, i18n.EN, "meeting", refs, file.ID)
	meeting := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: event})
	zone := content.Zone("Asia/Tokyo")
	wall := func(at time.Time) content.Moment {
		return content.Moment{At: content.LocalTime(at.In(zone).Format("2006-01-02T15:04")), Zone: "Asia/Tokyo"}
	}
	set := apptest.Sample(kind.DocumentKind, i18n.EN, "canaryspeech", refs, file.ID)
	until := time.Now().Add(time.Hour)
	set[content.Facts].Set("embargo", wall(until))
	set[content.Facts].Set("event", meeting)
	set[content.Facts].Set("access", "public")
	id := save(t, p, content.Change{Kind: kind.DocumentKind, Original: i18n.EN, Set: set})
	set = content.Parts{content.Facts: {}}
	set[content.Facts].Set("documents", []string{"speech"})
	set[content.Facts].Set("documents.speech.document", id)
	set[content.Facts].Set("documents.speech.slot", "talking_points")
	save(t, p, content.Change{ID: meeting, Kind: kind.EventKind, Set: set})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: meeting, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	live, err := p.Content.LiveByID(ctx, i18n.EN, meeting)
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{"/en/" + live.Path, "/en/documents", "/fr/documents", "/en/documents.xml", "/en/documents.json", "/sitemap.xml", "/en/events.json", "/en/"}
	visitor := p.Visitor()
	stands := func() (on []string) {
		for range 2 { // the second time from what is kept
			on = nil
			for _, path := range pages {
				if page := visitor.Get(path); strings.Contains(page.Body, "canaryspeech") {
					on = append(on, path)
				}
			}
		}
		return on
	}
	at := "/admin/documents/" + id
	form := editor.Get(at).Form("#form")
	form.Set("op", "publish")
	page := editor.Post(at, form)
	if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(), "under embargo") {
		t.Errorf("published before its time: %d %s", page.Status, page.Find("#problems").Text())
	}
	for name, err := range map[string]error{
		"alone":    p.Content.Publish(ctx, who, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}),
		"together": p.Content.PublishTogether(ctx, who, []content.PublishChange{{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}}),
	} {
		if err == nil {
			t.Errorf("%s: published before its time", name)
		}
	}
	if on := stands(); on != nil {
		t.Errorf("before its time it stands on %v", on)
	}

	// Scheduled by somebody who did not know of it, it waits: an embargo counts as soon as it is saved.
	other := save(t, p, content.Change{Kind: kind.DocumentKind, Original: i18n.EN, Set: apptest.Sample(kind.DocumentKind, i18n.EN, "other", refs, file.ID)})
	if _, err := p.Clearance.Plan(ctx, who, other, clearance.Asked{Action: clearance.Publish, At: wall(time.Now().Add(20 * time.Minute)), Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	late := content.Parts{content.Facts: {}}
	late[content.Facts].Set("embargo", wall(until.Add(9*time.Hour)))
	save(t, p, content.Change{ID: other, Kind: kind.DocumentKind, Set: late})

	// Too early is refused; the form to schedule has the right minute.
	schedule := editor.Get(at + "/schedule").Form("form:has([name=at])")
	if got := schedule.Get("at"); got != string(wall(until).At) || schedule.Get("zone") != "Asia/Tokyo" {
		t.Errorf("filled in: %s %s", got, schedule.Get("zone"))
	}
	early := url.Values{}
	for name, vs := range schedule {
		early[name] = vs
	}
	early.Set("at", string(wall(until.Add(-10*time.Minute)).At))
	if page := editor.Post(at+"/schedule", early); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("scheduled before its time: %d", page.Status)
	}
	if page := editor.Post(at+"/schedule", schedule); page.Status != http.StatusOK {
		t.Fatalf("scheduled: %d %s", page.Status, page.Find("main").Text())
	}
	if on := stands(); on != nil {
		t.Errorf("once scheduled it stands on %v", on)
	}

	// The minute comes: pages that were kept have it, too.
	later.Store(int64(time.Hour + time.Second))
	if err := p.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE jobs SET due_at = ? WHERE kind = ?", time.Now().UTC().Add(-time.Second), clearance.ScheduleJob).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.Jobs.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	on := stands()
	for _, path := range []string{"/en/" + live.Path, "/en/documents"} {
		if !slices.Contains(on, path) {
			t.Errorf("at its time it stands on %v, not on %s", on, path)
		}
	}

	if e, err := p.Content.Get(ctx, apptest.System, other); err != nil || e.Path != "" {
		t.Errorf("what was put under embargo after it was scheduled is out: %v", err)
	}
	if all, err := p.Clearance.Schedules(ctx, other); err != nil || len(all[other]) != 1 || all[other][0].State != clearance.Failed {
		t.Errorf("and nobody is told: %v %+v", err, all)
	}

	// What is out cannot be put under embargo.
	later.Store(0)
	again := content.Parts{content.Facts: {}}
	again[content.Facts].Set("embargo", wall(time.Now().Add(3*time.Hour)))
	save(t, p, content.Change{ID: id, Kind: kind.DocumentKind, Set: again})
	form = editor.Get(at).Form("#form")
	form.Set("op", "publish")
	if page := editor.Post(at, form); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(), "public already") {
		t.Errorf("an embargo on what is out: %d %s", page.Status, page.Find("#problems").Text())
	}
}
