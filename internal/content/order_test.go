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
	before := s.Generation()
	forgetRows(t, s, "UPDATE publications SET sort_key = '', find = '', summary_locale = ''")
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

// The panel's lists by title are in the order of the titles that the reader is shown, whatever else an entry is called.
func TestThePanelSortsByTheTitleShown(t *testing.T) {
	s := open(t)
	for _, n := range []struct{ en, es, zh string }{{"Session 10", "Norte", "中国"}, {"Session 2", "Ñandú", "安全"}, {"Élan", "Oasis", "北京"}, {"Fair", "", ""}} {
		v := news(n.en)
		if n.es != "" {
			v.Title.Set("es", content.Text{Words: n.es})
			v.Title.Set("zh", content.Text{Words: n.zh})
		}
		save(t, s, kind.NewsKind, v)
	}
	odd := save(t, s, kind.NewsKind, news("Zeal"))
	if _, err := s.Save(ctx, staff, content.Change{ID: odd, Set: words(i18n.EN, "title", "Aim")}); err != nil {
		t.Fatal(err)
	}
	want := map[i18n.Locale][]string{
		i18n.EN: {"Aim", "Élan", "Fair", "Session 2", "Session 10"},
		i18n.ES: {"Aim", "Fair", "Norte", "Ñandú", "Oasis"},
		i18n.ZH: {"Aim", "Fair", "安全", "北京", "中国"},
		i18n.KO: {"Aim", "Élan", "Fair", "Session 2", "Session 10"},
	}
	check := func(when string, q content.ListQuery) {
		t.Helper()
		for l, want := range want {
			for _, sort := range []string{"title", "-title"} {
				var got []string
				for more, at := true, 0; more; at += 2 {
					q.Sort, q.Reader, q.Offset, q.Limit = sort, l, at, 2
					list, further, err := s.List(ctx, staff, q)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range list {
						title := r.Languages[l].Title
						if title == "" {
							title = r.Title
						}
						got = append(got, title)
					}
					more = further
				}
				if sort == "-title" {
					slices.Reverse(got)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s in %s: %q, want %q", when, sort, l, got, want)
				}
			}
		}
	}
	check("one kind", content.ListQuery{Kind: "news"})
	check("all kinds", content.ListQuery{})
	check("in a state", content.ListQuery{Kind: "news", State: content.StateDraft, Locale: i18n.EN})
	forgetRows(t, s, "DELETE FROM entry_titles")
	check("after the upgrade", content.ListQuery{Kind: "news"})
}

// forgetRows makes the database one of an older program, and starts.
func forgetRows(t testing.TB, s *content.Store, queries ...string) {
	t.Helper()
	was := content.SetAtOnce(3)
	t.Cleanup(func() { content.SetAtOnce(was) })
	if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range append(queries, "DELETE FROM generations WHERE name = 'rows'") {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
}
