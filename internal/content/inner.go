package content

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// A link to an entry is a reference: <a href="/e/ID">. Somebody who puts the address of a page of ours into a text gets it when
// it is stored; whoever reads gets the page's address of now, in the language they read in. /e/ID leads there too, for letters
// and documents. A link to what is not public becomes its words.

var (
	// pageLink is the address of a page of ours in cleaned HTML.
	pageLink = regexp.MustCompile(`( href=")/(?:` + localePattern() + `)/([a-z]+/[a-z0-9/-]+)"`)
	// entryLink is a link to an entry, with its words.
	entryLink = regexp.MustCompile(`(?s)<a ([^>]*?)href="/e/([0-9a-z]{4,32})"([^>]*)>(.*?)</a>`)
	otherTag  = regexp.MustCompile(` ?hreflang="[^"]*"`)
)

func localePattern() string {
	all := make([]string, len(i18n.All))
	for i, l := range i18n.All {
		all[i] = string(l)
	}
	return strings.Join(all, "|")
}

// linkedEntries are the ids of the entries that prose links to.
func linkedEntries(words string) []string {
	if !strings.Contains(words, ` href="/e/`) {
		return nil
	}
	var out []string
	for _, m := range entryLink.FindAllStringSubmatch(words, -1) {
		if !slices.Contains(out, m[2]) {
			out = append(out, m[2])
		}
	}
	return out
}

// internLinks makes references of the addresses of public pages of ours in the prose of leaves that are stored.
func (s *Store) internLinks(ctx context.Context, tx bun.Tx, k *Kind, set Parts) error {
	type place struct {
		part Part
		path string
	}
	found := map[place][]string{}
	var paths []string
	for p, leaves := range set {
		for path, raw := range leaves {
			if f := k.Field(path); f == nil || f.Type != TypeProse || len(raw) == 0 {
				continue
			}
			words := leaves.Text(path).Words
			words = s.ownAddresses(words)
			for _, m := range pageLink.FindAllStringSubmatch(words, 100) {
				found[place{p, path}] = append(found[place{p, path}], m[2])
				paths = append(paths, m[2])
			}
		}
	}
	if len(paths) == 0 {
		return nil
	}
	var rows []struct{ Path, EntryID string }
	if err := tx.NewRaw(`SELECT p.path, p.entry_id FROM paths AS p JOIN entries AS e ON e.id = p.entry_id WHERE e.live AND e.deleted_at IS NULL AND p.path IN (?)`, bun.List(paths)).Scan(ctx, &rows); err != nil {
		return fmt.Errorf("links in a text: %w", db.Normalize(err))
	}
	ids := map[string]string{}
	for _, r := range rows {
		ids[r.Path] = r.EntryID
	}
	for at := range found {
		var t Text
		if err := json.Unmarshal(set[at.part][at.path], &t); err != nil {
			return fmt.Errorf("%s: %w", at.path, err)
		}
		t.Words = pageLink.ReplaceAllStringFunc(s.ownAddresses(t.Words), func(href string) string {
			m := pageLink.FindStringSubmatch(href)
			if id := ids[m[2]]; id != "" {
				return m[1] + "/e/" + id + `"`
			}
			return href
		})
		set[at.part][at.path] = mustJSON(t)
	}
	return nil
}

// ownAddresses takes the site's own name from the addresses of links.
func (s *Store) ownAddresses(words string) string {
	if s.BaseURL == "" || !strings.Contains(words, s.BaseURL) {
		return words
	}
	return strings.ReplaceAll(words, ` href="`+s.BaseURL+`/`, ` href="/`)
}

// linkTo gives the links of prose the addresses that the entries have now for a reader of l; the words of a link to what is not
// public stay.
func linkTo(words string, l i18n.Locale, at map[string]*Neighbour) string {
	if !strings.Contains(words, ` href="/e/`) {
		return words
	}
	return entryLink.ReplaceAllStringFunc(words, func(link string) string {
		m := entryLink.FindStringSubmatch(link)
		n := at[m[2]]
		if n == nil {
			return m[4]
		}
		attrs := otherTag.ReplaceAllString(m[1]+m[3], "")
		if !n.Own { // the page says so as well; who cannot see it is told before
			attrs += ` hreflang="` + n.TextLocale.Tag() + `"`
		}
		if attrs = strings.TrimSpace(attrs); attrs != "" {
			attrs = " " + attrs
		}
		return `<a href="/` + string(l) + "/" + n.Path + `"` + attrs + ">" + m[4] + "</a>"
	})
}

// linkProse does it in all running text of a page's value.
func (k *Kind) linkProse(value any, l i18n.Locale, at map[string]*Neighbour) {
	k.eachProse(value, func(_ string, p *[]Wording) {
		for i := range *p { // made by Join: nobody else has it
			(*p)[i].Words = linkTo((*p)[i].Words, l, at)
		}
	})
}

// BrokenLinks are the links in an entry's running text, in some languages, that lead to what is not public: readers get their
// words alone.
func (s *Store) BrokenLinks(ctx context.Context, e *Entry, locales []i18n.Locale) ([]Problem, error) {
	var ids []string
	e.Kind.eachProse(e.Value, func(_ string, p *[]Wording) {
		for _, w := range *p {
			ids = append(ids, linkedEntries(w.Words)...)
		}
	})
	if len(ids) == 0 {
		return nil, nil
	}
	var live []string
	if err := s.DB.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("e.id").Where("e.id IN (?)", bun.List(ids)).Where("e.live AND e.deleted_at IS NULL").Scan(ctx, &live); err != nil {
		return nil, fmt.Errorf("links of %s: %w", e.ID, db.Normalize(err))
	}
	var out []Problem
	e.Kind.eachProse(e.Value, func(path string, p *[]Wording) {
		for _, w := range *p {
			if !slices.Contains(locales, w.Locale) || !strings.Contains(w.Words, ` href="/e/`) {
				continue
			}
			for _, m := range entryLink.FindAllStringSubmatch(w.Words, -1) {
				if !slices.Contains(live, m[2]) {
					out = append(out, Problem{Path: path, Locale: w.Locale, Key: "problem.link_gone", Args: []any{"Quote", PlainText(m[4])}})
				}
			}
		}
	})
	return out, nil
}

// ShowAddresses gives the links of prose that somebody edits the addresses that the pages have now; the ids of what is not public
// stay. Storing such a text gives the same as before.
func (s *Store) ShowAddresses(ctx context.Context, l i18n.Locale, texts ...*string) error {
	var ids []string
	for _, t := range texts {
		ids = append(ids, linkedEntries(*t)...)
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct{ Path, EntryID string }
	if err := s.DB.Read().NewRaw(`SELECT p.path, p.entry_id FROM paths AS p JOIN entries AS e ON e.id = p.entry_id WHERE p.current AND e.live AND e.deleted_at IS NULL AND e.id IN (?)`, bun.List(ids)).
		Scan(ctx, &rows); err != nil {
		return fmt.Errorf("links in a text: %w", db.Normalize(err))
	}
	for _, t := range texts {
		for _, r := range rows {
			*t = strings.ReplaceAll(*t, ` href="/e/`+r.EntryID+`"`, ` href="/`+string(l)+"/"+r.Path+`"`)
		}
	}
	return nil
}
