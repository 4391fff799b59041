package search_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/search"
)

var ctx = context.Background()

// publish saves and publishes an entry in all languages that it has words in.
func publish(t testing.TB, p *apptest.Plenary, k *content.Kind, v any, locales ...i18n.Locale) string {
	t.Helper()
	original := i18n.EN
	if !slices.Contains(locales, original) {
		original = locales[0]
	}
	saved, err := p.Content.Save(ctx, apptest.System, content.Change{Kind: k, Original: original, Set: k.Split(v)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: saved.ID, Facts: true, Locales: locales}); err != nil {
		t.Fatal(err)
	}
	return saved.ID
}

type sample struct {
	Items map[i18n.Locale]struct {
		Title, Summary string
		Body           []string
		Queries        []struct {
			Q, Expect, Why string
			FoundIn        []i18n.Locale `json:"found_in"`
			WithPrefix     []i18n.Locale `json:"also_with_prefix"`
		}
	}
}

func readSample(t testing.TB) sample {
	raw, err := os.ReadFile("testdata/six-languages.json")
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func publishSample(t testing.TB, p *apptest.Plenary, s sample) string {
	n := &kind.News{Kind: "announcement", Date: "2026-11-16"}
	for l, item := range s.Items {
		n.Title.Set(l, content.Text{Words: item.Title})
		n.Summary.Set(l, content.Text{Words: item.Summary})
		n.Body.Set(l, content.Text{Words: "<p>" + strings.Join(item.Body, "</p><p>") + "</p>"})
	}
	return publish(t, p, kind.NewsKind, n, i18n.All...)
}

// Every query of the sample finds what it should, in its language and in the others.
func TestSample(t *testing.T) {
	p := apptest.Start(t)
	s := readSample(t)
	publishSample(t, p, s)
	for _, l := range i18n.All {
		for _, q := range s.Items[l].Queries {
			r, err := p.Search.Everywhere(ctx, search.Ask{Locale: l, Words: q.Q, Limit: 20}, i18n.All)
			if err != nil {
				t.Fatal(err)
			}
			found := []i18n.Locale{}
			if r.Total > 0 {
				found = append(found, l)
			}
			for _, o := range r.Others {
				found = append(found, o.Locale)
			}
			if (q.Expect == "found") != (r.Total > 0) {
				t.Errorf("%s: %q: found %v, want %s (%s)", l, q.Q, r.Total, q.Expect, q.Why)
			}
			for _, o := range i18n.All {
				want, have := slices.Contains(q.FoundIn, o), slices.Contains(found, o)
				if want != have && !slices.Contains(q.WithPrefix, o) {
					t.Errorf("%s: %q: in %s found %v, want %v", l, q.Q, o, have, want)
				}
			}
		}
	}
}
