package clearance_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/settings"
)

// at is nine o'clock in Geneva on the day after the tests' clock begins.
var at = content.Moment{At: "2027-07-02T09:00", Zone: "Europe/Zurich"}

func (o *office) plan(who *auth.Actor, id string, a clearance.Asked) string {
	o.t.Helper()
	x, err := o.Plan(ctx, who, id, a)
	o.ok(err)
	return x
}

func (o *office) drain() {
	o.t.Helper()
	o.ok(o.Jobs.Drain(ctx))
}

func (o *office) schedule(id string) (clearance.Schedule, bool) {
	o.t.Helper()
	all, err := o.Schedules(ctx, id)
	o.ok(err)
	if len(all[id]) == 0 {
		return clearance.Schedule{}, false
	}
	return all[id][0], true
}

func TestScheduledWordsArePublishedAtTheirTime(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: append(en, fr...), Seen: o.entry(id).Versions})
	o.write(editor, id, i18n.EN, "title", "An afterthought")
	if x, ok := o.schedule(id); !ok || !x.At.Equal(time.Date(2027, 7, 2, 7, 0, 0, 0, time.UTC)) || !x.Facts() || len(x.Locales()) != 2 || x.Zone != "Europe/Zurich" {
		t.Errorf("%+v", x)
	}
	o.drain()
	o.clock.Move(22*time.Hour + 59*time.Minute)
	if o.drain(); o.title(id) != "" {
		t.Fatal("public before its time")
	}
	generation := o.Content.Generation()
	o.clock.Move(time.Minute)
	o.drain()
	if got := o.title(id); got != "Registers open" {
		t.Errorf("public: %q: what was scheduled is what was there then", got)
	}
	if o.Content.Generation() == generation {
		t.Error("kept pages were not told")
	}
	if p, err := o.Content.LiveByID(ctx, i18n.FR, id); err != nil || !p.Own {
		t.Errorf("French: %v", err)
	}
	if _, waits := o.schedule(id); waits {
		t.Error("still planned")
	}
	if lines := o.audit("publish"); len(lines) != 1 || lines[0].Actor != editor.ID {
		t.Errorf("audit: %+v", lines)
	}
	// And withdrawn again.
	o.plan(editor, id, clearance.Asked{Action: clearance.Withdraw, At: content.Moment{At: "2027-07-03T09:00", Zone: "Asia/Seoul"}, Locales: fr})
	o.clock.Move(24 * time.Hour)
	o.drain()
	if p, err := o.Content.LiveByID(ctx, i18n.FR, id); err != nil || p.Own {
		t.Errorf("French is still public: %v", err)
	}
	if o.title(id) != "Registers open" {
		t.Error("English went too")
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	for at, key := range map[content.Moment]string{
		{At: "2027-07-01T07:59", Zone: "UTC"}:           "problem.time_past",
		{At: "2027-07-01T08:00", Zone: "UTC"}:           "problem.time_past",
		{At: "2028-03-26T02:30", Zone: "Europe/Zurich"}: "problem.no_such_time",
		{At: "2027-10-31T02:30", Zone: "Europe/Zurich"}: "problem.twice_time",
		{At: "2027-10-31T02:30", Zone: "Mars/Olympus"}:  "problem.no_zone",
		{At: "2027-10-31T02:30"}:                        "problem.no_zone",
		{At: "tomorrow", Zone: "UTC"}:                   "problem.time",
		{At: "2027-02-30T09:00", Zone: "UTC"}:           "problem.time",
		{At: "2047-02-20T09:00", Zone: "UTC"}:           "problem.time_far",
	} {
		_, err := o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
		o.refused(err, key)
	}
	_, err := o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Withdraw, At: at, Locales: en})
	o.refused(err, "problem.not_public")
	_, err = o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Withdraw, At: at})
	o.refused(err, "problem.schedule_nothing")
	_, err = o.Plan(ctx, editor, id, clearance.Asked{Action: "burn", At: at, Locales: en})
	o.refused(err, "problem.malformed")
	// What could not be published now is not scheduled either.
	o.write(editor, id, i18n.EN, "title", "")
	_, err = o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
	o.refused(err, "problem.required")
	o.set(needed)
	o.write(editor, id, i18n.EN, "title", "Registers open")
	_, err = o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
	o.refused(err, "problem.not_cleared")
	if _, planned := o.schedule(id); planned || o.title(id) != "" || len(o.audit("publish")) != 0 {
		t.Error("trying left something behind")
	}
	var moved *content.Conflicted
	seen := o.entry(id).Versions
	o.write(editor, id, i18n.EN, "title", "Another")
	if _, err = o.Plan(ctx, editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en, Seen: seen}); !errors.As(err, &moved) {
		t.Errorf("scheduled what nobody saw: %v", err)
	}
}

func TestAScheduleThatCannotBeKeptIsTold(t *testing.T) {
	o := open(t)
	for name, spoil := range map[string]func(who *auth.Actor, id string){
		"problem.schedule_right": func(who *auth.Actor, id string) { o.ok(o.auth.Disable(ctx, staff, who.ID, true)) },
		"problem.not_cleared":    func(*auth.Actor, string) { o.set(needed) },
	} {
		o.set(func(*settings.Site) {})
		who := o.person("editor-"+name[8:11], auth.Editor)
		id := o.news(who, "Registers open")
		at := content.Moment{At: content.LocalTime(o.clock.Now().Add(time.Hour).Format("2006-01-02T15:04")), Zone: "UTC"}
		x := o.plan(who, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
		spoil(who, id)
		o.clock.Move(2 * time.Hour)
		o.drain()
		o.drain() // and never tried again
		got, ok := o.schedule(id)
		if !ok || got.State != clearance.Failed || len(got.Problems) == 0 || got.Problems[0].Key != name || o.title(id) != "" {
			t.Fatalf("%s: %+v", name, got)
		}
		mine, err := o.FailedOf(ctx, who)
		if err != nil || len(mine[id]) != 1 {
			t.Errorf("%s: %v %v", name, mine, err)
		}
		letters := o.letters()
		if told := len(letters) == 1 && strings.HasPrefix(letters[0], who.Email); told != (name != "problem.schedule_right") { // a closed account gets none
			t.Errorf("%s: %q", name, letters)
		}
		o.ok(o.Cancel(ctx, staff, id, x))
		if _, there := o.schedule(id); there {
			t.Errorf("%s: still shown", name)
		}
		o.ok(o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("DELETE FROM letters").Exec(ctx)
			return err
		}))
	}
	// What is deleted is no trouble to anybody.
	o.set(func(*settings.Site) {})
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: content.Moment{At: "2027-07-05T09:00", Zone: "UTC"}, Locales: en})
	o.ok(o.Content.Delete(ctx, editor, id))
	o.clock.Move(5 * 24 * time.Hour)
	o.drain()
	if mine, err := o.FailedOf(ctx, editor); err != nil || len(mine) != 0 {
		t.Errorf("%v %v", mine, err)
	}
}

func TestTakingBackAndChangingASchedule(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	x := o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
	y := o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: content.Moment{At: "2027-07-03T09:00", Zone: "UTC"}, Locales: en, Replaces: x})
	if err := o.Cancel(ctx, editor, o.news(editor, "Another"), y); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a schedule of another entry: %v", err)
	}
	if err := o.Cancel(ctx, o.person("translator", auth.Translator), id, y); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who may not publish: %v", err)
	}
	o.clock.Move(24 * time.Hour)
	if o.drain(); o.title(id) != "" {
		t.Error("what was replaced happened")
	}
	o.ok(o.Cancel(ctx, editor, id, y))
	o.refused(o.Cancel(ctx, editor, id, y), "problem.schedule_over")
	o.clock.Move(48 * time.Hour)
	if o.drain(); o.title(id) != "" {
		t.Error("what was cancelled happened")
	}
}

func TestWhatWasPublishedByHandMeanwhileStays(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Early words")
	o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en})
	o.write(editor, id, i18n.EN, "title", "Late words")
	o.ok(o.Content.Publish(ctx, editor, both(id)))
	o.clock.Move(24 * time.Hour)
	o.drain()
	if got := o.title(id); got != "Late words" {
		t.Errorf("public: %q", got)
	}
	if _, there := o.schedule(id); there {
		t.Error("not done")
	}
}

// TestAScheduleHappensOnceOverInstances: two programs on one database, and somebody who cancels at the same moment.
func TestAScheduleHappensOnceOverInstances(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	other := job.New(o.DB, job.Options{Now: o.clock.Now})
	o.Handle(other)
	for i := range 5 {
		id := o.news(editor, "Registers open")
		when := content.Moment{At: content.LocalTime(o.clock.Now().Add(time.Hour).Format("2006-01-02T15:04")), Zone: "UTC"}
		x := o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: when, Locales: en})
		o.clock.Move(2 * time.Hour)
		before := len(o.audit("publish"))
		var wg sync.WaitGroup
		var cancelled error
		wg.Go(func() { o.drain() })
		wg.Go(func() {
			if err := other.Drain(ctx); err != nil {
				t.Error(err)
			}
		})
		if i%2 == 0 {
			wg.Go(func() { cancelled = o.Cancel(ctx, editor, id, x) })
		}
		wg.Wait()
		o.drain()
		times := len(o.audit("publish")) - before
		if want := i%2 == 0 && cancelled == nil; want && times != 0 || !want && times != 1 {
			t.Errorf("published %d times, cancelled %v (%v)", times, i%2 == 0, cancelled)
		}
		if public := o.title(id) != ""; public != (times == 1) {
			t.Errorf("public %v, %d times", public, times)
		}
	}
}

// TestWhatIsTakenBackStaysBack: a schedule of words alone does not make public again what was withdrawn by hand.
func TestWhatIsTakenBackStaysBack(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.ok(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Facts: true, Locales: append(en, fr...)}))
	o.write(editor, id, i18n.EN, "title", "Registers open late")
	o.plan(editor, id, clearance.Asked{Action: clearance.Publish, At: at, Locales: en, Seen: o.entry(id).Versions})
	o.ok(o.Content.Unpublish(ctx, editor, id, append(en, fr...)))
	o.clock.Move(24 * time.Hour)
	if o.drain(); o.title(id) != "" {
		t.Errorf("public again: %q", o.title(id))
	}
	if _, waits := o.schedule(id); waits {
		t.Error("still planned")
	}
}
