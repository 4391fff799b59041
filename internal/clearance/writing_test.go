package clearance_test

import (
	"errors"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/settings"
	"plenary/internal/writing"
)

func blocks(checks ...string) func(*settings.Site) {
	return func(s *settings.Site) {
		s.Checks = map[string]string{}
		for _, c := range checks {
			s.Checks[c] = settings.CheckBlocks
		}
	}
}

func (o *office) found(id string, l i18n.Locale) []clearance.Found {
	o.t.Helper()
	found, err := o.Findings(ctx, o.entry(id), l)
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

// refusedFor gives the checks that keep a language from being published; none where it was.
func (o *office) refusedFor(who *auth.Actor, id string, l i18n.Locale) []string {
	o.t.Helper()
	err := o.Content.Publish(ctx, who, content.PublishChange{ID: id, Facts: l == i18n.EN, Locales: []i18n.Locale{l}})
	var bad *content.Invalid
	if errors.As(err, &bad) {
		var out []string
		for _, p := range bad.Problems {
			if p.Locale != l || !p.Blocks || p.Path == "" {
				o.t.Errorf("%+v", p)
			}
			out = append(out, p.Key)
		}
		return out
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return nil
}

// TestWaiver: what a check that forbids publishing marks is let stand by who may publish, for a reason, as long as the words
// stay the same; and all of it is in the log.
func TestWaiver(t *testing.T) {
	o := open(t)
	editor, partner := o.person("editor", auth.Editor), o.person("contributor", auth.Translator)
	id := o.news(editor, "Registers open")
	o.write(editor, id, i18n.EN, "body", "<p>The CRVS systems.</p><p>The GIS layer.</p>")
	// Advice forbids nothing.
	if found := o.found(id, i18n.EN); len(found) != 2 || found[0].Blocks || found[0].Stops() {
		t.Fatalf("found %v", found)
	}
	o.set(func(s *settings.Site) { s.Checks = map[string]string{writing.Acronym: settings.CheckOff} })
	if found := o.found(id, i18n.EN); len(found) != 0 {
		t.Fatalf("a check that is off finds %v", found)
	}
	o.set(blocks(writing.Acronym))
	if got := o.refusedFor(editor, id, i18n.EN); len(got) != 2 || got[0] != "writing.rule.acronym" {
		t.Fatalf("refused for %v", got)
	}
	found := o.found(id, i18n.EN)
	keys := []string{found[0].Key, found[1].Key}
	if err := o.Waive(ctx, partner, id, i18n.EN, keys, "I want to"); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who may not publish waives: %v", err)
	}
	for name, err := range map[string]error{
		"without a reason": o.Waive(ctx, editor, id, i18n.EN, keys, " \n "),
		"nothing":          o.Waive(ctx, editor, id, i18n.EN, []string{"other"}, "Because"),
		"another language": o.Waive(ctx, editor, id, i18n.FR, keys, "Because"),
	} {
		var bad *content.Invalid
		if !errors.As(err, &bad) {
			t.Errorf("waiving %s: %v", name, err)
		}
	}
	if err := o.Waive(ctx, editor, id, i18n.EN, keys[:1], "All readers know it."); err != nil {
		t.Fatal(err)
	}
	if got := o.refusedFor(editor, id, i18n.EN); len(got) != 1 {
		t.Errorf("one waived, refused for %v", got)
	}
	if err := o.Waive(ctx, editor, id, i18n.EN, keys, "That one too."); err != nil {
		t.Fatal(err)
	}
	if got := o.refusedFor(editor, id, i18n.EN); got != nil {
		t.Errorf("both waived, refused for %v", got)
	}
	// Another paragraph changes nothing; the words themselves do, and taking that back brings the waiver back.
	o.write(editor, id, i18n.EN, "body", "<p>First.</p><p>The CRVS systems.</p><p>The GIS layer.</p>")
	if got := o.refusedFor(editor, id, i18n.EN); got != nil {
		t.Errorf("refused for %v", got)
	}
	o.write(editor, id, i18n.EN, "body", "<p>First.</p><p>Our CRVS systems.</p><p>The GIS layer.</p>")
	if got := o.refusedFor(editor, id, i18n.EN); len(got) != 1 {
		t.Errorf("other words, refused for %v", got)
	}
	o.write(editor, id, i18n.EN, "body", "<p>First.</p><p>The CRVS systems.</p><p>The GIS layer.</p>")
	found = o.found(id, i18n.EN)
	if len(found) != 2 || found[0].Waiver == nil || found[0].Waiver.Author != editor.ID || found[0].Waiver.Why != "All readers know it." || found[0].Waiver.At.IsZero() {
		t.Errorf("found %+v", found)
	}
	// What is public may stay, though nobody lets it stand any more; what is new may not.
	if err := o.Unwaive(ctx, partner, id, i18n.EN, keys[0]); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who may not publish takes a waiver back: %v", err)
	}
	for range 2 { // what is not there is no error
		if err := o.Unwaive(ctx, editor, id, i18n.EN, keys[0]); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.refusedFor(editor, id, i18n.EN); got != nil {
		t.Errorf("what is public is refused for %v", got)
	}
	o.write(editor, id, i18n.EN, "body", "<p>First!</p><p>The CRVS systems.</p><p>The GIS layer.</p>")
	if got := o.refusedFor(editor, id, i18n.EN); len(got) != 1 {
		t.Errorf("refused for %v", got)
	}
	lines, _, err := o.auth.AuditLog(ctx, staff, auth.AuditFilter{ID: id}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, l := range lines {
		count[l.Action]++
	}
	if count["waive"] != 2 || count["unwaive"] != 1 {
		t.Errorf("the log has %v", count)
	}
}

// TestLanguagesAreCheckedApart: what is wrong in French does not keep English back, and a list of known short forms counts in
// its language.
func TestLanguagesAreCheckedApart(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.write(editor, id, i18n.FR, "body", "<p>Le système ABCD.</p>")
	o.set(blocks(writing.Acronym))
	if got := o.refusedFor(editor, id, i18n.EN); got != nil {
		t.Errorf("English is refused for %v", got)
	}
	if got := o.refusedFor(editor, id, i18n.FR); len(got) != 1 {
		t.Errorf("French is refused for %v", got)
	}
	o.set(func(s *settings.Site) {
		blocks(writing.Acronym)(s)
		s.ShortForms = settings.Words{i18n.FR: "WXYZ, ABCD"}
	})
	if got := o.refusedFor(editor, id, i18n.FR); got != nil {
		t.Errorf("a known one is refused for %v", got)
	}
}
