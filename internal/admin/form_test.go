package admin

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// catalogue loads the words of the field and the panel.
func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	layers := []fs.FS{os.DirFS("../i18n/locales")}
	names, err := fs.Glob(os.DirFS("../../admin/locales"), "*en.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile("../../admin/locales/" + name)
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, fstest.MapFS{"en.toml": {Data: b}})
	}
	cat, err := i18n.Load(layers...)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// everything gives a kind with a value in each of its fields, of all the shapes a value can have.
func everything(k *content.Kind, l i18n.Locale) content.Parts {
	parts := content.Parts{content.Facts: {}, content.Part(l): {}}
	n := 0
	pick := func(values []string) string { n++; return values[n%len(values)] }
	whens := []content.When{
		{Start: "2027-07-01T08:00", End: "2027-07-01T09:30", Zone: "America/New_York", Precision: "time"},
		{Start: "2027-07-01T00:00", End: "2027-07-03T00:00", Zone: "Africa/Nairobi", Precision: "day"},
		{Start: "2027-12-31T22:00", End: "2028-01-01T00:30", Zone: "Asia/Seoul", Precision: "time"},
	}
	var walk func(fields []*content.Field, prefix string)
	walk = func(fields []*content.Field, prefix string) {
		for _, d := range fields {
			path := prefix + d.Name
			put := func(v any) { parts[content.Facts].Set(path, v) }
			n++
			switch d.Type {
			case content.TypeLine:
				parts[content.Part(l)].SetText(path, content.Text{Words: fmt.Sprintf("«%s» %d", d.Name, n)})
			case content.TypeProse:
				parts[content.Part(l)].SetText(path, content.Text{Words: fmt.Sprintf(`<h3>Heading %d</h3><p>One &amp; <strong>two</strong><span data-footnote="note"></span></p><ol><li>a</li></ol>`, n)})
			case content.TypeString:
				put(map[string]string{"url": "https://example.org/a?b=c&d", "email": "office@example.org"}[d.Widget])
				if d.Widget != "url" && d.Widget != "email" {
					put("Words " + fmt.Sprint(n))
				}
				if d.Widget == "area" {
					put("One\n\nTwo")
				}
			case content.TypeBool:
				put(true)
			case content.TypeInt:
				put(n%90 + 1)
			case content.TypeEnum:
				put(pick(kind.Values(d.Enum)))
			case content.TypeEnums:
				vs := kind.Values(d.Enum)
				if len(vs) < 10 {
					put(vs[1:3])
				} else {
					put([]string{vs[5], vs[2], vs[3]})
				}
			case content.TypeDate:
				put(content.Date([]string{"2026-02-28", "2027-12-01", "2030-01-31"}[n%3]))
			case content.TypeMoment:
				put(content.Moment{At: "2027-06-28T23:45", Zone: "Asia/Kathmandu"})
			case content.TypeWhen:
				put(whens[n%len(whens)])
			case content.TypeSlot:
				put([]content.Slot{{Start: "2027-07-01T08:00", End: "2027-07-01T08:10"}, {Start: "2027-07-02T08:00"}, {Start: "2027-07-01T23:00", End: "2027-07-02T00:30"},
					{Start: "2027-07-01T09:00", End: "2027-07-03T10:00"}}[n%4])
			case content.TypeRef, content.TypeFile:
				put(fmt.Sprintf("id%04d", n))
			case content.TypeRefs:
				put([]string{fmt.Sprintf("id%04d", n), "id9999"})
			case content.TypeGroup:
				walk(d.Fields, path+".")
			case content.TypeList:
				ids := []string{"b" + fmt.Sprint(n), "a" + fmt.Sprint(n)}
				put(ids)
				for _, id := range ids {
					walk(d.Fields, path+"."+id+".")
				}
			}
		}
	}
	walk(k.Fields, "")
	return parts
}

// TestWhatIsShownIsRead: the values shown for stored leaves, read again with nothing to compare them with, are those
// leaves, in every language of the panel.
func TestWhatIsShownIsRead(t *testing.T) {
	cat := catalogue(t)
	for _, k := range kind.All {
		for _, panel := range i18n.All {
			f := bare(cat, k, panel, i18n.AR)
			want := everything(k, i18n.AR)
			f.fill(want)
			got, problems := ReadForm(cat, k, panel, i18n.AR, f.Values)
			for _, p := range problems {
				t.Errorf("%s in %s: %s: %s", k.Name, panel, p.Name(), p.Key)
			}
			same(t, fmt.Sprintf("%s in %s", k.Name, panel), want, got)
		}
	}
}

func same(t *testing.T, where string, want, got content.Parts) {
	t.Helper()
	for p, leaves := range want {
		for path, raw := range leaves {
			if string(got[p][path]) != string(raw) {
				t.Errorf("%s: %s: %s came back as %s", where, content.FormName(path, p.Locale()), raw, got[p][path])
			}
		}
	}
	for p, leaves := range got {
		for path, raw := range leaves {
			if len(raw) > 0 && len(want[p][path]) == 0 {
				t.Errorf("%s: %s came from nowhere: %s", where, content.FormName(path, p.Locale()), raw)
			}
		}
	}
}

// TestOddLeavesStay: what cannot be typed, but has been stored, survives a form in which nobody touched it.
func TestOddLeavesStay(t *testing.T) {
	f := bare(catalogue(t), kind.EventKind, i18n.FR, i18n.EN)
	f.stored = content.Parts{content.Facts: {}, "en": {}}
	facts := f.stored[content.Facts]
	facts.Set("when", content.When{Start: "1872-05-01T10:00", Zone: "Europe/Paris"})
	facts.Set("kind", "no_longer_a_kind")
	facts.Set("accessibility", []string{"remote_option", "captions"}) // not in the order of the boxes
	facts.Set("sessions", []string{"k3"})
	facts.Set("sessions.k3.slot", content.Slot{Start: "1872-05-01T10:00", End: "1872-05-01T09:00"})
	f.stored["en"].SetText("title", content.Text{Words: "A machine wrote this", How: "machine", Of: []string{"0011"}})
	f.fill(f.stored)
	got := f.read()
	if len(f.problems) > 0 {
		t.Errorf("%v", f.problems)
	}
	same(t, "odd", f.stored, got)
	// Typed over, they are read as what was typed.
	f.Values.Set("when:start_date", "1 juillet 2027")
	f.Values.Set("title@en", "A person wrote this")
	f.Values["accessibility"] = []string{"", "captions"}
	got = f.read()
	for name, want := range map[string]string{
		"when":          `{"start":"2027-07-01T10:00","zone":"Europe/Paris","precision":"time"}`,
		"accessibility": `["captions"]`,
	} {
		if string(got[content.Facts][name]) != want {
			t.Errorf("%s: %s", name, got[content.Facts][name])
		}
	}
	if string(got["en"]["title"]) != `{"t":"A person wrote this"}` {
		t.Errorf("title: %s", got["en"]["title"])
	}
}

func TestTimesAsTyped(t *testing.T) {
	cat := catalogue(t)
	for _, c := range []struct {
		typed string // name=value pairs
		path  string
		want  string
		bad   string // control=problem
	}{
		{"when:start_date=1 July 2027&when:start_time=8:00&when:end_time=9.30&when:zone=UTC", "when", `{"start":"2027-07-01T08:00","end":"2027-07-01T09:30","zone":"UTC","precision":"time"}`, ""},
		{"when:start_date=1/7/2027", "when", `{"start":"2027-07-01T00:00","precision":"day"}`, ""},
		{"when:start_date=July 2027&when:precision=time", "when", `{"start":"2027-07-01T00:00","precision":"month"}`, ""},
		{"when:start_date=2027-07-01&when:precision=time", "when", `{"start":"2027-07-01T00:00","precision":"day"}`, ""},
		{"when:start_date=1 July 2027&when:start_time=22:00&when:end_time=0:30", "when", `{"start":"2027-07-01T22:00","end":"2027-07-02T00:30","precision":"time"}`, ""},
		{"when:precision=tbd", "when", `{"precision":"tbd"}`, ""},
		{"when:precision=time&when:zone=Africa/Nairobi", "when", `{"zone":"Africa/Nairobi"}`, ""},
		{"when:start_date=03/04/2027", "when", "", "when:start_date=problem.date_ambiguous"},
		{"when:start_date=31 June 2027", "when", "", "when:start_date=problem.date"},
		{"when:start_date=1 July 2027&when:start_time=25:00", "when", "", "when:start_time=problem.clock"},
		{"when:start_time=08:00", "when", "", "when:start_date=problem.start_missing"},
		{"when:start_date=1 July 2027&when:start_time=8:00&when:end_date=3 July 2027", "when", "", "when:end_time=problem.end_time_missing"},
		{"registration.closes:date=28 June 2027&when:start_date=1 July 2027&when:zone=Africa/Nairobi", "registration.closes", `{"at":"2027-06-28T23:59","zone":"Africa/Nairobi"}`, ""},
		{"registration.opens:date=28 June 2027&registration.opens:zone=UTC", "registration.opens", `{"at":"2027-06-28T00:00","zone":"UTC"}`, ""},
		{"registration.opens:time=10:00", "registration.opens", "", "registration.opens:date=problem.day_missing"},
		{"sessions=&sessions=k3&sessions.k3.slot:start=8:00&sessions.k3.slot:end=9:00&when:start_date=1 July 2027", "sessions.k3.slot", `{"start":"2027-07-01T08:00","end":"2027-07-01T09:00"}`, ""},
		{"sessions=k3&sessions.k3.slot:start=8:00&sessions.k3.slot:date=2 July 2027&when:start_date=1 July 2027", "sessions.k3.slot", `{"start":"2027-07-02T08:00"}`, ""},
		{"sessions=k3&sessions.k3.slot:start=8:00", "sessions.k3.slot", "", "sessions.k3.slot:date=problem.day_missing"},
		{"sessions=k3&sessions.k3.slot:end=8:00&when:start_date=1 July 2027", "sessions.k3.slot", "", "sessions.k3.slot:start=problem.start_time_missing"},
		{"recordings=r1&recordings.r1.date=tomorrow", "recordings.r1.date", `"2026-11-25"`, ""},
		{"recordings=r1&recordings.r1.date=July 2027", "recordings.r1.date", "", "recordings.r1.date=problem.day_missing"},
		{"ordinal= 12 ", "ordinal", `12`, ""},
		{"ordinal=١٢", "ordinal", `12`, ""},
		{"ordinal=many", "ordinal", "", "ordinal=problem.number"},
		{"ordinal=-1", "ordinal", "", "ordinal=problem.number"},
		{"image.decorative:shown=1", "image.decorative", "", ""},
		{"image.decorative:shown=1&image.decorative=1", "image.decorative", "true", ""},
		{"series=&series=abcd", "series", `"abcd"`, ""}, // the field and what was found below it
		{"topics=&topics=b&topics=a", "topics", `["b","a"]`, ""},
	} {
		v, err := url.ParseQuery(strings.ReplaceAll(c.typed, " ", "%20"))
		if err != nil {
			t.Fatal(err)
		}
		got, problems := ReadForm(cat, kind.EventKind, i18n.EN, i18n.EN, v)
		bad := ""
		for _, p := range problems {
			bad += p.Name() + "=" + p.Key
		}
		if string(got[content.Facts][c.path]) != c.want || bad != c.bad {
			t.Errorf("%s\n gives %s %q\n want  %s %q", c.typed, got[content.Facts][c.path], bad, c.want, c.bad)
		}
	}
}

// TestSessionsFollowTheDay: a programme without dates of its own moves with the event.
func TestSessionsFollowTheDay(t *testing.T) {
	f := bare(catalogue(t), kind.EventKind, i18n.EN, i18n.EN)
	f.stored = content.Parts{content.Facts: {}}
	f.stored[content.Facts].Set("when", content.When{Start: "2027-07-01T08:00", Zone: "UTC", Precision: "time"})
	f.stored[content.Facts].Set("sessions", []string{"k3"})
	f.stored[content.Facts].Set("sessions.k3.slot", content.Slot{Start: "2027-07-01T08:00", End: "2027-07-01T09:00"})
	f.fill(f.stored)
	f.Values.Set("when:start_date", "2 July 2027")
	if got := string(f.read()[content.Facts]["sessions.k3.slot"]); got != `{"start":"2027-07-02T08:00","end":"2027-07-02T09:00"}` {
		t.Errorf("%s", got)
	}
}

func TestStrangeNames(t *testing.T) {
	cat := catalogue(t)
	v := url.Values{"nosuch": {"1"}, "title": {"not words"}, "title@xx": {"a"}, "kind@en": {"webinar"}, "sessions.zz.title@en": {"of no item"}, "sessions": {"", "k3"},
		"sessions.k3.title@en": {"of an item"}, "image": {"a group"}, "sessions.k3": {"x"}, "base:facts": {"3"}, "find:topics": {"x"}, strings.Repeat("a.", 5000): {"x"}}
	got, problems := ReadForm(cat, kind.EventKind, i18n.EN, i18n.EN, v)
	if got["en"].Text("sessions.k3.title").Words != "of an item" || got["en"]["sessions.zz.title"] != nil {
		t.Errorf("%s", got["en"])
	}
	var names []string
	for _, p := range problems {
		if p.Key != "problem.not_a_field" {
			t.Errorf("%s: %s", p.Name(), p.Key)
		}
		names = append(names, p.Name())
	}
	slices.Sort(names)
	for _, want := range []string{"image", "kind@en", "nosuch", "sessions.k3", "title", "title@xx"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not complained of: %q", want, names)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("title@en=a&sessions=&sessions=k3&sessions.k3.slot%3Astart=8&when%3Astart_date=1+July")
	f.Add("blocks=b&blocks.b.groups=g&blocks.b.groups.g.points=p&blocks.b.groups.g.points.p.text@en=x&fresh=title@ar")
	f.Add("@=&:=&.=&when%3A=&%3A%3A=&theirs%3Asessions+k3=1&base%3Aen=9999999999999999999999")
	f.Add("topics=&topics=a&sdgs=17&sdgs=17&image.decorative=1&ordinal=٣")
	cat := catalogue(f)
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, k := range []*content.Kind{kind.EventKind, kind.DocumentKind} {
			form := bare(cat, k, i18n.AR, i18n.FR)
			form.Values = v
			form.stored = everything(k, i18n.FR)
			form.takeTheirs()
			parts := form.read()
			form.readBases()
			form.readFresh()
			for p, leaves := range parts {
				for path, raw := range leaves {
					d := k.Field(path)
					if d == nil || d.Text() != (p != content.Facts) || raw != nil && !json.Valid(raw) {
						t.Fatalf("%q: %s of part %q", raw, path, p)
					}
				}
			}
			form.labels = map[string]string{}
			form.build()
			for _, ps := range form.problems {
				form.links(ps, "/x")
			}
		}
	})
}

// TestEveryWordIsThere: fields, sections, choices and problems have words, and what is wrong says what to do.
func TestEveryWordIsThere(t *testing.T) {
	cat := catalogue(t)
	for _, k := range kind.All {
		k.Walk(func(d *content.Field) {
			if d.Parent == nil && !cat.Has(i18n.EN, "section."+d.Section) {
				t.Errorf("section %s has no name", d.Section)
			}
			if !slices.ContainsFunc(messageKeys(k.Name, "field", d.Message()), func(key string) bool { return cat.Has(i18n.EN, key) }) {
				t.Errorf("%s.%s has no label", k.Name, d.Message())
			}
			if d.Enum != "" && !long(d.Enum) {
				for _, v := range kind.Values(d.Enum) {
					if !cat.Has(i18n.EN, "enum."+d.Enum+"."+v) {
						t.Errorf("enum.%s.%s has no words", d.Enum, v)
					}
				}
			}
		})
	}
	key := regexp.MustCompile(`"((?:problem|form|history|state)\.[a-z_]+)"`)
	for _, dir := range []string{".", "../content", "../kind", "../../admin/templates/pages", "../../admin/templates/parts"} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if file.IsDir() || strings.HasSuffix(file.Name(), "_test.go") {
				continue
			}
			b, err := os.ReadFile(dir + "/" + file.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range key.FindAllStringSubmatch(string(b), -1) {
				if !cat.Has(i18n.EN, m[1]) {
					t.Errorf("%s/%s: no words for %s", dir, file.Name(), m[1])
				}
			}
		}
	}
}

func TestWordDiff(t *testing.T) {
	for _, c := range []struct{ was, now, want string }{
		{"The meeting opens", "The meeting closes", "The meeting <del>opens</del><ins>closes</ins>"},
		{"", "New <b>", "<ins>New &lt;b&gt;</ins>"},
		{"数字政府", "数字化政府", "数字<ins>化</ins>政府"},
		{"same", "same", "same"},
		{"one\ntwo", "one\nthree", "one<br><del>two</del><ins>three</ins>"},
	} {
		if got := string(wordDiff(c.was, c.now)); got != c.want {
			t.Errorf("%q → %q: %s", c.was, c.now, got)
		}
	}
}
