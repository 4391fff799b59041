package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// unshown are the public fields that an entry's page does not spell out, with the reason.
var unshown = map[string]string{
	"event.registration.approval": "for staff", "event.registration.list_mode": "decides on a page of its own", "event.registration.categories.*.approval": "for staff", "event.registration.confirmation": "for the letter",
	"event.registration.messages.*.kind": "for letters", "event.registration.messages.*.from": "for letters", "event.registration.messages.*.to": "for letters",
	"event.registration.messages.*.days": "for letters", "event.registration.messages.*.hours": "for letters", "event.registration.messages.*.subject": "for letters", "event.registration.messages.*.body": "for letters",
	"event.notices.*.room": "told of the latest, while the event is not over",
	"event.survey.link":    "decides who may answer", "event.survey.questions.*.type": "the control says it",
	"event.discussion.who": "told as a sentence", "event.discussion.moderation": "told as a sentence", "event.discussion.question_key": "for staff",
	"series.short_title": "for cards and calendars",
	"event.status":       "told when it is not as usual", "series.status": "told when it is over", "document.access": "told when it is not public", "document.embargo": "over when anybody reads it",
	"event.people.*.status": "told when it is not certain", "event.sessions.*.people.*.status": "told when it is not certain",
	"event.join.release": "it opens ways", "event.keywords": "for machines", "event.venues.*.type": "its words are others", "event.interpretation.*.kind": "its words are others", "event.documents.*.label": "for one that is not there yet",
	"event.documents.*.expected": "for one that is not there yet", "event.commitments.*.promised_on": "what counts is when it is due", "event.commitments.*.due_days": "told as the day they make",
	"event.people.*.organization":            "the affiliation as it was called then says it",
	"event.sessions.*.people.*.organization": "the affiliation as it was called then says it",
	"person.sort_name":                       "for lists", "person.short_bio": "where there is no longer one", "topic.code": "for machines",
	"organization.phrase": "for sentences on other pages", "organization.logo_policy": "decides on the logo",
}

// TestEveryFieldShows: what an editor fills in for the public stands on the entry's page, at some time of its life. Each
// word, address and date is one of a kind, each reference leads to an entry of its own.
func TestEveryFieldShows(t *testing.T) {
	p := apptest.Start(t)
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	p.Site.Now = func() time.Time { return now }
	visitor := p.Visitor()
	file, err := p.Media.Upload(ctx, apptest.System, media.Upload{Name: "picture.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	refs := neighbours(t, p)
	n := 0
	next := func() int { n++; return n }
	publish := func(k *content.Kind, set content.Parts) string {
		id := save(t, p, content.Change{Kind: k, Original: i18n.EN, Set: set})
		if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatalf("publish a %s: %v", k.Name, err)
		}
		return id
	}
	neighbour := func(name string) string {
		k := p.Content.Kind(name)
		set := apptest.Sample(k, i18n.EN, "near", refs, file.ID)
		set["en"].SetText(k.As("title").Path, content.Text{Words: fmt.Sprintf("Neighbour q%dq", next())})
		return publish(k, set)
	}
	for _, k := range kind.All {
		shown, want := map[string]bool{}, map[string]string{}
		for round := range 3 {
			set := apptest.Sample(k, i18n.EN, "mark", refs, file.ID)
			choose(k, set, round)
			if round > 0 && k.Name == "event" {
				set[content.Facts].Set("access", "registration")
			}
			online, board := set[content.Facts]["registration.online"], set[content.Facts]["discussion.online"]
			for path := range set[content.Facts] {
				switch f := k.Field(path); {
				case f.Type == content.TypeBool: // a decorative picture, a promise waived, a time not fixed show less
					delete(set[content.Facts], path)
				case round == 1 && f.Name == "stage":
					set[content.Facts].Set(path, "for_comment")
				case round == 1 && f.Name == "logo_policy":
					set[content.Facts].Set(path, "external")
				case round == 1 && f.Name == "fulfilled_by", round == 2 && strings.HasPrefix(f.Name, "fulfilled"), round == 2 && (f.Name == "captions" || f.Name == "tracks"):
					delete(set[content.Facts], path)
				}
			}
			if online != nil && round > 1 { // before, one registers elsewhere
				set[content.Facts]["registration.online"] = online
				set[content.Facts]["discussion.online"] = board
			}
			if k.Name == "event" && round > 1 {
				set[content.Facts].Set("survey.online", true)
				set[content.Facts].Set("survey.link", "open")
				set[content.Facts].Set("survey.days", 100)
			}
			marks := map[string][]string{} // what shows a field, by pattern
			for part, leaves := range set {
				for path, raw := range leaves {
					f := k.Field(path)
					if f.Staff || !has(k, set, path) || f.Name == "key" || strings.HasPrefix(f.Name, "only") { // names that only conditions use
						continue
					}
					mark := func(s ...string) { marks[f.Path] = append(marks[f.Path], s...) }
					token := fmt.Sprintf("q%dq", next())
					switch f.Type {
					case content.TypeLine:
						leaves.SetText(path, content.Text{Words: token})
						mark(token)
					case content.TypeProse:
						leaves.SetText(path, content.Text{Words: "<p>" + token + "</p>"})
						mark(token)
					case content.TypeString:
						switch f.Widget {
						case "url":
							token = "https://example.org/" + token
						case "email":
							token = "office-" + token + "@example.org"
						case "offset":
							token = content.FormatOffset(next() % 400)
						case "session":
							continue // what it names is told, not its id
						}
						leaves.Set(path, token)
						mark(token)
					case content.TypeDate:
						i := next() // the day has two digits: "1 May" would be found in "11 May"
						day := time.Date(2028+i/216, time.Month(1+i/18%12), 11+i%18, 0, 0, 0, 0, time.UTC)
						leaves.Set(path, day.Format(time.DateOnly))
						mark(i18n.Date(i18n.EN, day))
					case content.TypeRef, content.TypeRefs:
						id := neighbour(f.Of)
						if leaves.Set(path, content.Ref(id)); f.Type == content.TypeRefs {
							leaves.Set(path, content.Refs{content.Ref(id)})
						}
						e, err := p.Content.LiveByID(ctx, i18n.EN, id)
						if err != nil {
							t.Fatal(err)
						}
						mark(`href="/en/`+e.Path+`"`, e.Title)
					case content.TypeEnum, content.TypeEnums:
						for _, v := range kind.Values(f.Enum) {
							if strings.Contains(string(raw), `"`+v+`"`) {
								mark(name(p, f.Enum, v))
							}
						}
					}
				}
				_ = part
			}
			id := publish(k, set)
			e, err := p.Content.LiveByID(ctx, i18n.EN, id)
			if err != nil {
				t.Fatal(err)
			}
			given, _ := json.Marshal(e.Value)
			var page strings.Builder
			for _, now = range []time.Time{time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), time.Date(2027, 4, 2, 1, 0, 0, 0, time.UTC), time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)} {
				got := visitor.Get("/en/" + e.Path)
				got.Find("script").Remove()
				main, _ := got.Find("main").Html()
				page.WriteString(strings.ToLower(html.UnescapeString(main)) + got.Find("main").Text())
				if event, ok := e.Value.(*kind.Event); ok {
					for _, r := range event.Recordings {
						main, _ := visitor.Get("/en/" + e.Path + "/recordings/" + r.ID).Find("main").Html()
						page.WriteString(strings.ToLower(html.UnescapeString(main)))
					}
				}
				if k.Name == "event" {
					for _, below := range []string{"/programme", "/programme/1"} {
						main, _ := visitor.Get("/en/" + e.Path + below).Find("main").Html()
						page.WriteString(strings.ToLower(html.UnescapeString(main)))
					}
				}
				if k.Name == "event" && round > 1 {
					page.WriteString(strings.ToLower(visitor.Get("/en/" + e.Path + "/survey").Find("main").Text()))
				}
				if online != nil && round > 1 {
					page.WriteString(strings.ToLower(visitor.Get("/en/" + e.Path + "/register").Find("main").Text()))
					talk, _ := visitor.Get("/en/" + e.Path + "/discussion").Find("main").Html()
					page.WriteString(strings.ToLower(html.UnescapeString(talk)))
				}
			}
			// All who ask for the page share its value: what changed it would stand in the next page.
			again, err := p.Content.LiveByID(ctx, i18n.EN, id)
			if err != nil {
				t.Fatal(err)
			}
			if kept, _ := json.Marshal(again.Value); again.Value != e.Value || !bytes.Equal(given, kept) {
				t.Errorf("%s: a page has changed what it is made of", k.Name)
			}
			for path, all := range marks {
				want[path] = strings.Join(all, ", ")
				if slices.ContainsFunc(all, func(m string) bool { return strings.Contains(page.String(), strings.ToLower(m)) }) {
					shown[path] = true
				}
			}
		}
		for path, looked := range want {
			if at := k.Name + "." + path; !shown[path] && unshown[at] == "" {
				t.Errorf("%s is nowhere on its page: no %s", at, looked)
			} else if shown[path] && unshown[at] != "" {
				t.Errorf("%s shows after all", at)
			}
		}
	}
}

// choose makes items of the kinds that have fields of their own, two in each round.
func choose(k *content.Kind, set content.Parts, round int) {
	k.Walk(func(list *content.Field) {
		if list.Type != content.TypeList {
			return
		}
		var special []string
		for _, f := range list.Fields {
			for _, v := range f.For {
				if !slices.Contains(special, v) {
					special = append(special, v)
				}
			}
		}
		if special == nil {
			return
		}
		slices.Sort(special)
		for _, f := range list.Fields { // and one that has none
			for _, v := range kind.Values(f.Enum) {
				if selects(f) && !slices.Contains(special, v) {
					special = append(special, v)
					break
				}
			}
		}
		i := 0
		for path := range set[content.Facts] {
			if f := k.Field(path); f.Parent == list && selects(f) {
				set[content.Facts].Set(path, special[(2*round+i)%len(special)])
				i++
			}
		}
	})
}

// selects reports whether a field decides which others its item has, as content.Field's for says.
func selects(f *content.Field) bool {
	if f.Type != content.TypeEnum {
		return false
	}
	first := ""
	for _, name := range []string{"kind", "type", "status"} {
		for _, x := range f.Parent.Fields {
			if first == "" && x.Name == name && x.Type == content.TypeEnum {
				first = name
			}
		}
	}
	return f.Name == first
}

// has reports whether the item that a leaf stands in is of a kind that has it.
func has(k *content.Kind, set content.Parts, path string) bool {
	for {
		f := k.Field(path)
		if len(f.For) > 0 {
			item := path[:strings.LastIndexByte(path, '.')+1]
			found := false
			for _, x := range f.Parent.Fields {
				if selects(x) {
					found = slices.ContainsFunc(f.For, func(v string) bool { return string(set[content.Facts][item+x.Name]) == `"`+v+`"` })
				}
			}
			if !found {
				return false
			}
		}
		if f.Parent == nil {
			return true
		}
		for k.Field(path) != f.Parent {
			path = path[:strings.LastIndexByte(path, '.')]
		}
	}
}

// name is what a choice is called in English.
func name(p *apptest.Plenary, enum, value string) string {
	switch enum {
	case "country":
		return i18n.CountryName(i18n.EN, value)
	case "language":
		return i18n.LanguageName(i18n.EN, value)
	case "zone":
		return i18n.ZoneCity(i18n.EN, value)
	}
	return p.Words.T(i18n.EN, "enum."+enum+"."+value)
}
