package content_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// publishedRow is what lists are made from, read without any of their ways to find it.
type publishedRow struct {
	EntryID, Kind             string
	SortKey                   []byte
	Own                       bool
	SortAt, EndsAt, ChangedAt time.Time
}

// Lists find, order and cut what is there, whichever way they go to it; and facets count what is there, also after
// things were taken back.
func TestListsAgreeWithTheRows(t *testing.T) {
	s := open(t)
	r := rand.New(rand.NewPCG(7, 7))
	var topics []string
	for i := range 4 {
		topics = append(topics, save(t, s, kind.TopicKind, &kind.Topic{Label: content.L("en", fmt.Sprint("Topic ", i)), Scheme: "theme"}))
	}
	org := save(t, s, kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "igo"})
	ids := append([]string{org}, topics...)
	countries := []string{"KE", "FR", "EG"}
	for i := range 60 {
		n := news(fmt.Sprint("Item ", r.IntN(30)))
		n.Date = content.Date(time.Date(2020+r.IntN(4), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		n.Topics, n.Countries = content.Refs{content.Ref(topics[min(r.IntN(8), 3)])}, []string{countries[r.IntN(3)]}
		if i%3 == 0 {
			n.Title.Set("fr", content.Text{Words: "Titre"})
			n.Summary.Set("fr", content.Text{Words: "Résumé"})
			n.Body.Set("fr", content.Text{Words: "<p>Mot.</p>"})
		}
		ids = append(ids, save(t, s, kind.NewsKind, n))
		e := bigEvent()
		e.Sessions, e.Topics = nil, content.Refs{content.Ref(topics[r.IntN(4)])}
		e.Organizations = []kind.OrganizationRole{{Organization: content.Ref(org), Role: "organizer"}, {Organization: content.Ref(org), Role: "host"}}
		e.Contacts = []kind.Contact{{Mailbox: "office@example.org"}}
		day := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(700)).Format("2006-01-02")
		e.When.Start, e.When.End = content.LocalTime(day+"T08:00"), content.LocalTime(day+"T18:00")
		ids = append(ids, save(t, s, kind.EventKind, e))
	}
	for _, id := range ids {
		e := get(t, s, id)
		locales := []i18n.Locale{i18n.EN}
		if _, ok := e.Languages[i18n.FR]; ok && r.IntN(2) == 0 {
			locales = append(locales, i18n.FR)
		}
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: locales}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids[5:20] { // some are taken back, some deleted, some published twice
		var err error
		switch r.IntN(3) {
		case 0:
			err = s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.EN})
		case 1:
			err = s.Delete(ctx, staff, id)
		default:
			if get(t, s, id).Kind == kind.NewsKind {
				facts := content.Leaves{}
				facts.Set("countries", []string{"FR", "EG"})
				if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: facts}}); err != nil {
					t.Fatal(err)
				}
			}
			err = s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	type facet struct{ Kind, Name, Value string }
	has := map[facet]map[string]bool{}
	var rows []struct{ EntryID, Kind, Name, Value string }
	if err := s.DB.Read().NewRaw("SELECT f.entry_id, e.kind, f.name, f.value FROM facets f JOIN entries e ON e.id = f.entry_id").Scan(ctx, &rows); err != nil {
		t.Fatal(err)
	}
	for _, x := range rows {
		f := facet{x.Kind, x.Name, x.Value}
		if has[f] == nil {
			has[f] = map[string]bool{}
		}
		has[f][x.EntryID] = true
	}
	counted := 0
	for _, k := range kind.All {
		for _, name := range []string{"", "topic", "country", "year", "organization", "event_kind"} {
			got, err := s.Facet(ctx, k.Name, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range got {
				counted++
				if want := len(has[facet{k.Name, name, v.Value}]); v.Count != want {
					t.Errorf("%s %s=%s is counted %d times, want %d", k.Name, name, v.Value, v.Count, want)
				}
				delete(has, facet{k.Name, name, v.Value})
			}
		}
	}
	for f := range has {
		if f.Name != "news_kind" && f.Name != "org_type" && f.Name != "mode" {
			t.Errorf("%v is not counted", f)
		}
	}
	if counted < 20 {
		t.Errorf("only %d facets", counted)
	}

	linked := func(id string) map[string]bool {
		var from []string
		if err := s.DB.Read().NewRaw("SELECT from_id FROM links WHERE to_id = ? AND live", id).Scan(ctx, &from); err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, id := range from {
			out[id] = true
		}
		return out
	}
	tagged := func(name, value string) map[string]bool {
		var in []string
		if err := s.DB.Read().NewRaw("SELECT entry_id FROM facets WHERE name = ? AND value = ?", name, value).Scan(ctx, &in); err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, id := range in {
			out[id] = true
		}
		return out
	}
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	found := 0
	was := content.SetManyLinks(1000)
	t.Cleanup(func() { content.SetManyLinks(was) })
	for i := range 600 {
		content.SetManyLinks([]int{was, 1, 12}[i%3])
		q := content.Query{Locale: []i18n.Locale{"en", "fr", "ar"}[r.IntN(3)], Kinds: [][]string{{"news"}, {"event"}, {"news", "event"}, nil}[r.IntN(4)],
			Order: []content.Order{content.NewestFirst, content.SoonestFirst, content.ByName, content.ByChange}[r.IntN(4)], Offset: r.IntN(12), Limit: 1 + r.IntN(12), Facets: map[string]string{}}
		if own := r.IntN(3); own < 2 {
			b := own == 0
			q.Own = &b
		}
		if r.IntN(3) == 0 {
			q.Facets["topic"] = topics[r.IntN(4)]
		}
		if r.IntN(4) == 0 {
			q.Facets["country"] = countries[r.IntN(3)]
		}
		if r.IntN(4) == 0 {
			q.Facets["year"] = fmt.Sprint(2020 + r.IntN(8))
		}
		switch r.IntN(5) {
		case 0:
			q.LinkedTo = org
		case 1:
			q.LinkedTo, q.Field = topics[r.IntN(4)], "topics"
		}
		switch r.IntN(4) {
		case 0:
			q.EndsAfter = now
		case 1:
			q.EndsBefore = now
		}
		var all []publishedRow
		if err := s.DB.Read().NewRaw("SELECT entry_id, kind, sort_key, own, sort_at, ends_at, changed_at FROM publications WHERE locale = ?", q.Locale).Scan(ctx, &all); err != nil {
			t.Fatal(err)
		}
		from := linked(q.LinkedTo)
		all = slices.DeleteFunc(all, func(p publishedRow) bool {
			out := q.Kinds != nil && !slices.Contains(q.Kinds, p.Kind) || q.Own != nil && p.Own != *q.Own || q.LinkedTo != "" && !from[p.EntryID] ||
				!q.EndsAfter.IsZero() && !p.EndsAt.After(now) || !q.EndsBefore.IsZero() && p.EndsAt.After(now)
			for name, value := range q.Facets {
				out = out || !tagged(name, value)[p.EntryID]
			}
			return out
		})
		slices.SortFunc(all, func(a, b publishedRow) int {
			c := 0
			switch q.Order {
			case content.NewestFirst:
				c = b.SortAt.Compare(a.SortAt)
			case content.SoonestFirst:
				c = a.SortAt.Compare(b.SortAt)
			case content.ByChange:
				c = b.ChangedAt.Compare(a.ChangedAt)
			}
			return c
		})
		got, more, err := s.Published(ctx, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		n := max(0, min(q.Limit, len(all)-q.Offset))
		if len(got) != n || more != (len(all) > q.Offset+q.Limit) {
			t.Fatalf("%+v: %d and more %v, want %d of %d", q, len(got), more, n, len(all))
		}
		for i, p := range got {
			found++
			j := slices.IndexFunc(all, func(x publishedRow) bool { return x.EntryID == p.ID })
			if j < 0 {
				t.Fatalf("%+v: %s does not belong there", q, p.Path)
			}
			same := all[j].SortAt.Equal(all[q.Offset+i].SortAt)
			if q.Order == content.ByChange {
				same = all[j].ChangedAt.Equal(all[q.Offset+i].ChangedAt)
			}
			if q.Order == content.ByName {
				same = i == 0 || get(t, s, got[i-1].ID) != nil && bytes.Compare(sortKey(all, got[i-1].ID), all[j].SortKey) <= 0
			}
			if !same {
				t.Fatalf("%+v: %s is in the wrong place", q, p.Path)
			}
		}
	}
	all, _, err := s.Published(ctx, content.Query{Locale: i18n.FR})
	if err != nil {
		t.Fatal(err)
	}
	titles, err := s.Titles(ctx, i18n.FR, ids)
	if err != nil || len(titles) != len(all) {
		t.Fatalf("%d titles of %d, %v", len(titles), len(all), err)
	}
	for _, p := range all {
		if x := titles[p.ID]; x.Title != p.Title || x.Path != p.Path || x.TextLocale != p.TextLocale || x.Own != p.Own {
			t.Errorf("%+v, want %+v", x, p)
		}
	}
	if found < 300 {
		t.Errorf("only %d rows were compared", found)
	}
}

func sortKey(all []publishedRow, id string) []byte {
	return all[slices.IndexFunc(all, func(x publishedRow) bool { return x.EntryID == id })].SortKey
}
