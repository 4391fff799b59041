package content_test

import (
	"slices"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// Whatever is done to an entry as a whole leaves a line that names who, what and which; what is refused leaves none.
func TestWhatIsDoneToAnEntryIsLogged(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	for _, do := range []func() error{
		func() error {
			return s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
		},
		func() error { return s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.EN}) },
		func() error { return s.Delete(ctx, staff, id) },
		func() error { return s.Restore(ctx, staff, id) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	stranger := &auth.Actor{Account: auth.Account{ID: "stranger"}}
	if s.Unpublish(ctx, stranger, id, []i18n.Locale{i18n.EN}) == nil || s.Delete(ctx, stranger, id) == nil || s.Restore(ctx, stranger, id) == nil {
		t.Error("a stranger may do it")
	}
	log, _, err := auth.New(s.DB, auth.Options{}).AuditLog(ctx, staff, auth.AuditFilter{ID: id}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, l := range log {
		actions = append(actions, l.Action)
		if l.Actor != staff.ID || l.Object.Kind != "news" || l.Object.ID != id {
			t.Errorf("the line of %s names %q, %s %s", l.Action, l.Actor, l.Object.Kind, l.Object.ID)
		}
	}
	slices.Reverse(actions)
	if want := []string{"create", "publish", "unpublish", "delete", "restore"}; !slices.Equal(actions, want) {
		t.Errorf("logged: %q, want %q", actions, want)
	}
}
