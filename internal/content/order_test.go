package content_test

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func publishNew(t testing.TB, s *content.Store, k *content.Kind, v any, original i18n.Locale, locales ...i18n.Locale) string {
	t.Helper()
	r, err := s.Save(ctx, staff, content.Change{Kind: k, Original: original, Set: k.Split(v)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: r.ID, Facts: true, Locales: append([]i18n.Locale{original}, locales...)}); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// byName walks a list by name, a few at a time.
func byName(t testing.TB, s *content.Store, l i18n.Locale, kind string) (titles []string) {
	t.Helper()
	for own := range 2 {
		for more, at := true, 0; more; at += 2 {
			yes := own == 0
			list, further, err := s.Published(ctx, content.Query{Locale: l, Kinds: []string{kind}, Own: &yes, Order: content.ByName, Offset: at, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				titles = append(titles, p.Title)
			}
			more = further
		}
	}
	return titles
}

var topicsByLanguage = map[i18n.Locale][]string{
	i18n.ZH: {"安全", "北京", "公共服务", "土地", "中国"},
	i18n.ES: {"Nación", "Norte", "Ñandú", "Oasis"},
	i18n.RU: {"Еда", "Ёлка", "Жизнь"},
	i18n.AR: {"آثار", "أحمد", "الأمن", "بيانات", "تعليم"},
	i18n.EN: {"Session 2", "Session 9", "Session 10"},
}

func TestListsByNameFollowEachLanguage(t *testing.T) {
	s := open(t)
	for l, names := range topicsByLanguage {
		for _, i := range []int{2, 0, 1, 4, 3} {
			if i < len(names) {
				publishNew(t, s, kind.TopicKind, &kind.Topic{Label: content.L(string(l), names[i]), Scheme: "theme"}, l)
			}
		}
	}
	check := func(when string) {
		t.Helper()
		for l, want := range topicsByLanguage {
			if got := byName(t, s, l, "topic")[:len(want)]; !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", when, l, got, want)
			}
		}
	}
	check("as published")

	// A database of an older program has no keys, and names to find things by where there are languages of summaries now.
	was := content.SetAtOnce(3)
	t.Cleanup(func() { content.SetAtOnce(was) })
	if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range []string{"UPDATE publications SET sort_key = '', find = '', summary_locale = ''", "DELETE FROM generations WHERE name = 'rows'"} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	before := s.Generation()
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if s.Generation() == before {
		t.Error("pages made from the old rows are still kept")
	}
	check("after the upgrade")
	if found, err := s.FindPublished(ctx, i18n.ZH, "topic", "公共", 10); err != nil || len(found) != 1 {
		t.Errorf("found %d by name after the upgrade, %v", len(found), err)
	}
}

// People are sorted by surname where names are written in its letters, and by the name that is shown elsewhere.
func TestPeopleByNameInEveryScript(t *testing.T) {
	s := open(t)
	for _, p := range []struct{ en, ar, zh, sort string }{
		{"Zoe Adams", "زوي آدامز", "佐伊", "Adams, Zoe"}, {"Ben Clark", "بن كلارك", "本", "Clark, Ben"}, {"Amina Baraka", "أمينة بركة", "阿米娜", "Baraka, Amina"}} {
		publishNew(t, s, kind.PersonKind, &kind.Person{Name: content.L("en", p.en, "ar", p.ar, "zh", p.zh), SortName: p.sort, Position: content.L("en", "Adviser")},
			i18n.EN, i18n.AR, i18n.ZH)
	}
	for l, want := range map[i18n.Locale][]string{
		i18n.EN: {"Zoe Adams", "Amina Baraka", "Ben Clark"},
		i18n.FR: {"Zoe Adams", "Amina Baraka", "Ben Clark"},
		i18n.AR: {"أمينة بركة", "بن كلارك", "زوي آدامز"},
		i18n.ZH: {"阿米娜", "本", "佐伊"},
	} {
		if got := byName(t, s, l, "person"); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	for _, words := range []string{"بركة", "amina"} { // by the name shown, and by the name for sorting
		if found, err := s.FindPublished(ctx, i18n.AR, "person", words, 10); err != nil || len(found) != 1 {
			t.Errorf("%q finds %d, %v", words, len(found), err)
		}
	}
}
