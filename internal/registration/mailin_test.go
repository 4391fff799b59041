package registration_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

func item(id string) content.Item { return content.Item{ID: id} }

// mailed is an event with a question of each type, and a mailbox.
func mailed(e *kind.Event) {
	three := func(en, ar, zh string) content.Line { return content.L("en", en, "ar", ar, "zh", zh) }
	e.Title, e.Summary = three("Open registers", "السجلات المفتوحة", "公开登记"), three("A meeting.", "اجتماع.", "会议。")
	r := &e.Registration
	r.Mailbox, r.Ask, r.Required = "forms@example.org", []string{"organization", "country"}, []string{"country"}
	r.Categories = []registration.Category{{Item: item("dele"), Name: three("Delegate", "مندوب", "代表")}, {Item: item("pres"), Name: three("Media", "إعلام", "媒体")}}
	r.Fields = []registration.Field{
		{Item: item("diet"), Key: "diet", Type: registration.Choice, Label: three("Diet", "الطعام", "饮食"), Required: true, Options: []registration.Option{
			{Item: item("any1"), Label: three("Anything", "أي شيء", "不限")}, {Item: item("oth1"), Key: "other", Label: content.L("en", "Other & more")}}},
		{Item: item("what"), Type: registration.Text, Label: three("Which?", "أيّ؟", "哪种？"), Required: true, OnlyIf: "diet", OnlyValue: "other"},
		{Item: item("days"), Type: registration.Choices, Label: three("Days", "الأيام", "日期"), Help: three("Tick all.", "اختر الكل.", "可多选。"), Options: []registration.Option{
			{Item: item("mon1"), Label: three("Monday", "الاثنين", "星期一")}, {Item: item("tue1"), Label: three("Tuesday", "الثلاثاء", "星期二")}}},
		{Item: item("note"), Type: registration.Long, Label: three("Note", "ملاحظة", "备注"), Purpose: three("To plan.", "للتخطيط.", "用于安排。")},
		{Item: item("visa"), Type: registration.YesNo, Label: three("Visa?", "تأشيرة؟", "签证？")},
		{Item: item("from"), Type: registration.Country, Label: three("From", "من", "来自")},
		{Item: item("many"), Type: registration.Number, Label: three("How many", "كم", "人数")},
		{Item: item("when"), Type: registration.Date, Label: three("Arrival", "الوصول", "到达")},
	}
	r.Consents = []registration.Consent{{Item: item("term"), Text: three("I agree to the terms.", "أوافق على الشروط.", "我同意条款。"), Required: true}, {Item: item("list"), Text: three("Name me.", "اذكر اسمي.", "公开姓名。")}}
}

// unzip gives the parts of a document, and pack makes one.
func unzip(t testing.TB, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(b)
	}
	return parts
}

func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filler fills the controls of a document in as a program does.
type filler struct {
	t     *testing.T
	parts map[string]string
}

// edit changes the control with a tag.
func (f filler) edit(tag string, change func(sdt string) string) {
	f.t.Helper()
	doc := f.parts["word/document.xml"]
	at := strings.Index(doc, `<w:tag w:val="`+tag+`"`)
	if at < 0 {
		f.t.Fatalf("no control for %s", tag)
	}
	from := strings.LastIndex(doc[:at], "<w:sdt>")
	to := at + strings.Index(doc[at:], "</w:sdt>") + len("</w:sdt>")
	f.parts["word/document.xml"] = doc[:from] + change(doc[from:to]) + doc[to:]
}

var insideSdt = regexp.MustCompile(`(?s)<w:sdtContent>.*</w:sdtContent>`)

// word writes as Word does: the mark of the placeholder goes, and the words are split into runs.
func (f filler) word(tag, words string) {
	f.t.Helper()
	f.edit(tag, func(s string) string {
		s = strings.Replace(s, "<w:showingPlcHdr/>", "", 1)
		r := []rune(words)
		half := func(w []rune) string {
			return `<w:r w:rsidR="00AB12"><w:t xml:space="preserve">` + strings.ReplaceAll(strings.ReplaceAll(string(w), "&", "&amp;"), "\n", "</w:t><w:br/><w:t>") + `</w:t></w:r>`
		}
		return insideSdt.ReplaceAllLiteralString(s, "<w:sdtContent>"+half(r[:len(r)/2])+`<w:proofErr w:type="spellStart"/>`+half(r[len(r)/2:])+"</w:sdtContent>")
	})
}

// libre writes as LibreOffice does: one run, the mark of the placeholder stays as a switch that is off.
func (f filler) libre(tag, words string) {
	f.t.Helper()
	f.edit(tag, func(s string) string {
		s = strings.Replace(s, "<w:showingPlcHdr/>", `<w:showingPlcHdr w:val="false"/>`, 1)
		return insideSdt.ReplaceAllLiteralString(s, "<w:sdtContent><w:r><w:rPr></w:rPr><w:t>"+strings.ReplaceAll(strings.ReplaceAll(words, "&", "&amp;"), "\n", "</w:t><w:br/><w:t>")+"</w:t></w:r></w:sdtContent>")
	})
}

func (f filler) tick(tag string, value string) {
	f.t.Helper()
	f.edit(tag, func(s string) string {
		return strings.NewReplacer(`<w14:checked w14:val="0"/>`, `<w14:checked w14:val="`+value+`"/>`, ">☐<", ">☒<").Replace(s)
	})
}

// consentTag is the tag of a consent in a document, with the version of its words.
func (f filler) consentTag(id string) string {
	f.t.Helper()
	return regexp.MustCompile(`consent\.` + id + `#[0-9a-f]+`).FindString(f.parts["word/document.xml"])
}

// read is how often it was written down that registrations were looked at.
func (h *house) read() int {
	h.t.Helper()
	var n int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM audit WHERE action = 'registrants.read'").Scan(ctx, &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func blankOf(t *testing.T, h *house, l i18n.Locale) []byte {
	t.Helper()
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := h.Blank(ctx, e, l)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// What is written into the controls of the document comes back as the form would have sent it, in each language and by
// either program.
func TestADocumentComesBack(t *testing.T) {
	h := open(t, 1, mailed)
	if err := h.Content.Publish(ctx, staff, content.PublishChange{ID: h.event, Locales: []i18n.Locale{i18n.AR, i18n.ZH}}); err != nil {
		t.Fatal(err)
	}
	for l, w := range map[i18n.Locale]struct{ category, other, yes, country, from, name string }{
		"en": {"Delegate", "Other & more", "Yes", "Kenya", "France", "Amina O'Neil & co"},
		"ar": {"مندوب", "Other & more", "نعم", "كينيا", "فرنسا", "أمينة"},
		"zh": {"代表", "Other & more", "是", "肯尼亚", "法国", "阿米娜"},
	} {
		for _, program := range []string{"word", "libre"} {
			t.Run(string(l)+" "+program, func(t *testing.T) {
				f := filler{t, unzip(t, blankOf(t, h, l))}
				doc := f.parts["word/document.xml"]
				if rtl := strings.Contains(doc, "<w:bidi/>") && strings.Contains(doc, "<w:rtl/>"); rtl != (l == i18n.AR) {
					t.Errorf("right to left: %t", rtl)
				}
				write := f.word
				if program == "libre" {
					write = f.libre
				}
				write("name", w.name)
				write("mail", " "+program+"."+string(l)+"@Example.org ")
				write("category", w.category)
				write("country", w.country)
				write("f.diet", w.other)
				write("f.what", "Vegan")
				write("f.note", "One\nTwo")
				write("f.visa", w.yes)
				write("f.from", w.from)
				write("f.many", map[i18n.Locale]string{"en": "12", "ar": "١٢", "zh": "12"}[l])
				write("f.when", "2027-03-31")
				f.tick("f.days=tue1", map[string]string{"word": "1", "libre": "true"}[program])
				f.tick(f.consentTag("term"), "1")
				got, err := h.ReadBack(ctx, staff, h.event, pack(t, f.parts))
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Problems) > 0 || !got.Marked || got.Foreign || got.Older || got.Locale != l || got.Known != nil {
					t.Errorf("%+v", got)
				}
				want := map[string]string{"name": w.name, "mail": program + "." + string(l) + "@Example.org", "category": "dele", "country": "KE", "f.diet": "oth1", "f.what": "Vegan",
					"f.days": "tue1", "f.note": "One\nTwo", "f.visa": "yes", "f.from": "FR", "f.when": "2027-03-31", "consent.term": "1"}
				for name, v := range want {
					if s := got.Values[name]; len(s) != 1 || s[0] != v {
						t.Errorf("%s: %q, want %q", name, s, v)
					}
				}
				if _, ok := got.Values["consent.list"]; ok || len(got.Values["organization"]) > 0 {
					t.Errorf("what was left empty was filled in: %v", got.Values)
				}
				if program == "libre" {
					return
				}
				id, err := h.Add(ctx, staff, h.event, registration.MailIn, registration.Submission{Locale: got.Locale, Values: got.Values})
				if err != nil {
					t.Fatal(err)
				}
				one, err := h.Get(ctx, staff, h.event, id)
				if err != nil {
					t.Fatal(err)
				}
				if one.Channel != registration.MailIn || one.Registration.Locale != l || one.Answers["many"].Values[0] != "12" || one.Consents["term"].Lang != l || one.State != registration.Confirmed {
					t.Errorf("%+v", one.Registration)
				}
				again, err := h.ReadBack(ctx, staff, h.event, pack(t, f.parts))
				if err != nil || again.Known == nil || again.Known.ID != id {
					t.Errorf("a mailbox that is registered is not found: %v %v", again, err)
				}
				if n := h.read(); n != 1 { // of this sitting
					t.Errorf("that a registration was shown is written down %d times", n)
				}
			})
		}
	}
}

// A document that nobody has filled in, of an older form, of another event, with another's mark.
func TestWhatIsWrongWithADocument(t *testing.T) {
	h := open(t, 1, mailed)
	blank := blankOf(t, h, i18n.EN)
	got, err := h.ReadBack(ctx, staff, h.event, blank)
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]string{}
	for _, p := range got.Problems {
		missing[p.Field] = p.Key
	}
	if len(got.Values) > 0 || missing["name"] != "registration.name_missing" || missing["f.diet"] != "registration.required" || missing["consent.term"] != "registration.consent_missing" {
		t.Errorf("an empty form: %v %v", got.Values, missing)
	}
	// The answers, and what one agrees to, are changed after the document was made.
	f := filler{t, unzip(t, blank)}
	f.word("name", "Amina")
	f.word("mail", "amina@example.org")
	f.word("f.diet", "Anything")
	f.tick(f.consentTag("term"), "1")
	old := pack(t, f.parts)
	e := *h.value
	e.Registration.Fields = slices.Clone(e.Registration.Fields)
	e.Registration.Fields[0].Options = e.Registration.Fields[0].Options[1:]
	e.Registration.Consents = slices.Clone(e.Registration.Consents)
	e.Registration.Consents[0].Text = content.L("en", "I agree to all.")
	e.Registration.Fields[0].Options = append(e.Registration.Fields[0].Options, registration.Option{Item: item("new1"), Label: content.L("en", "New")})
	h.publish(kind.EventKind, &e, h.event)
	if got, err = h.ReadBack(ctx, staff, h.event, old); err != nil {
		t.Fatal(err)
	}
	clear(missing)
	for _, p := range got.Problems {
		missing[p.Field] = p.Key
	}
	if !got.Marked || !got.Older || missing["f.diet"] != "mailin.not_offered" || missing["consent.term"] != "mailin.consent_changed" || got.Read["f.diet"] != "Anything" {
		t.Errorf("an older form: %+v", got)
	}
	// Another event's.
	other := e
	other.Title = content.L("en", "Another")
	mine := h.event
	h.event = h.publish(kind.EventKind, &other, "")
	if got, err = h.ReadBack(ctx, staff, h.event, old); err != nil || !got.Foreign || got.Event != mine || len(got.Values) > 0 {
		t.Errorf("another event's form: %+v %v", got, err)
	}
	// Its mark is forged.
	for name, s := range f.parts {
		f.parts[name] = strings.ReplaceAll(s, mine+".en.", h.event+".en.")
	}
	if got, err = h.ReadBack(ctx, staff, h.event, pack(t, f.parts)); err != nil || got.Marked || got.Values["name"][0] != "Amina" {
		t.Errorf("a forged mark: %+v %v", got, err)
	}
}

func TestMerging(t *testing.T) {
	h := open(t, 1, mailed)
	sub := func(pairs ...string) registration.Submission {
		s := registration.Submission{Locale: "en", Values: map[string][]string{}}
		for i := 0; i < len(pairs); i += 2 {
			s.Values[pairs[i]] = append(s.Values[pairs[i]], pairs[i+1])
		}
		return s
	}
	id, err := h.Add(ctx, staff, h.event, registration.Phone, sub("name", "Amina", "mail", "a@example.org", "category", "dele", "f.diet", "any1", "f.note", "Old", "consent.list", "1"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Merge(ctx, staff, h.event, sub("name", "", "mail", "A@example.org", "category", "pres", "f.note", "New", "consent.term", "1"))
	if err != nil || got != id {
		t.Fatal(got, err)
	}
	one, err := h.Get(ctx, staff, h.event, id)
	if err != nil {
		t.Fatal(err)
	}
	if one.Name != "Amina" || one.Category != "dele" || one.State != registration.Confirmed || one.Channel != registration.Phone ||
		one.Answers["diet"].Values[0] != "any1" || one.Answers["note"].Values[0] != "New" || len(one.Consents) != 2 || one.Log[len(one.Log)-1].Action != "changed" {
		t.Errorf("%+v", one.Registration)
	}
	var bad *registration.Invalid
	if _, err := h.Merge(ctx, staff, h.event, sub("name", "B", "mail", "b@example.org")); !errors.As(err, &bad) || bad.Fields()["mail"] != "mailin.nobody" {
		t.Error(err)
	}
}

// An old consent is none to the words of today, whichever way answers are merged; and what the form no longer asks stays.
func TestMergingKeepsWhatWasAgreedTo(t *testing.T) {
	for _, way := range []string{"mail", "list"} {
		t.Run(way, func(t *testing.T) {
			h := open(t, 1, mailed)
			h.join("a@example.org", "category", "dele", "country", "KE", "organization", "Office", "f.diet", "any1", "f.note", "Old", "f.visa", "yes", "consent.term", "1", "consent.list", "1")
			before := h.one("a@example.org")
			h.change(func(r *kind.Registration) {
				r.Ask = []string{"country"}
				r.Fields[0].Required = false
				r.Fields[0].Options = []registration.Option{r.Fields[0].Options[1], {Item: item("new1"), Label: content.L("en", "New")}}
				r.Fields = slices.DeleteFunc(r.Fields, func(x registration.Field) bool { return x.ID == "visa" })
				r.Consents[0].Text, r.Consents[1].Text = content.L("en", "I agree to all."), content.L("en", "Name and show me.")
			})
			merge := func(consent bool) {
				t.Helper()
				if way == "mail" {
					v := map[string][]string{"mail": {"a@example.org"}, "f.note": {"New"}}
					if consent {
						v["consent.list"] = []string{"1"}
					}
					if _, err := h.Merge(ctx, staff, h.event, registration.Submission{Locale: "en", Values: v}); err != nil {
						t.Fatal(err)
					}
					return
				}
				file := "mail,Note\na@example.org,New\n"
				if consent {
					file = "mail,Note,Name and show me.\na@example.org,New,yes\n"
				}
				x := h.upload(file)
				x.Plan.Merge = true
				if err := h.SetPlan(ctx, staff, h.event, x.Plan); err != nil {
					t.Fatal(err)
				}
				h.take()
				if _, got := h.review(); got != "2 merged" {
					t.Fatal(got)
				}
			}
			merge(false)
			got := h.one("a@example.org")
			if len(got.Consents) != 2 || got.Consents["term"] != before.Consents["term"] || got.Consents["list"] != before.Consents["list"] {
				t.Errorf("agreed to %+v, before %+v", got.Consents, before.Consents)
			}
			if got.Organization != "Office" || got.Answers["visa"].Values[0] != "yes" || got.Answers["note"].Values[0] != "New" || len(got.Answers["diet"].Values) != 0 {
				t.Errorf("%+v", got)
			}
			merge(true)
			got = h.one("a@example.org")
			if c := got.Consents["list"]; c.Text != "Name and show me." || c.By != staff.ID || !c.At.After(before.Consents["list"].At) || got.Consents["term"] != before.Consents["term"] {
				t.Errorf("agreed to %+v", got.Consents)
			}
		})
	}
}

// Anybody can send a form with anybody's address: to staff it is nobody who is there, and goes when they enter the person.
func TestStaffEnterWhomAStrangerNamed(t *testing.T) {
	h := open(t, 1, nil)
	values := func(mail string) registration.Submission {
		return registration.Submission{Locale: "en", Values: map[string][]string{"name": {"Ada"}, "mail": {mail}}}
	}
	for way, enter := range map[string]func(mail string) error{
		"added":   func(m string) error { return second(h.Add(ctx, staff, h.event, registration.Phone, values(m))) },
		"walksin": func(m string) error { return second(h.WalkIn(ctx, staff, h.event, values(m))) },
		"listed": func(m string) error {
			h.upload("name,mail\nAda," + m + "\n")
			h.take()
			if _, got := h.review(); got != "2 placed" {
				t.Errorf("listed: %s", got)
			}
			return nil
		},
	} {
		mail := way + "@example.org"
		for range 2 {
			if err := h.send(h.Store, mail); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := h.Known(ctx, staff, h.event, mail); r != nil || err != nil {
			t.Errorf("%s: known as %+v, %v", way, r, err)
		}
		if _, err := h.ByMail(ctx, h.event, mail); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: counts: %v", way, err)
		}
		if _, err := h.Merge(ctx, staff, h.event, values(mail)); problems(err) != "mail:mailin.nobody" {
			t.Errorf("%s: merged: %v", way, err)
		}
		if err := enter(mail); err != nil {
			t.Errorf("%s: %v", way, err)
			continue
		}
		r := h.one(mail) // one, the forms are gone
		if r.Name != "Ada" || !r.State.TakesPart() {
			t.Errorf("%s: %+v", way, r)
		}
		if one, err := h.Get(ctx, staff, h.event, r.ID); err != nil || way == "walksin" && (len(one.Log) != 1 || one.State != registration.Attended) {
			t.Errorf("%s: %+v %v", way, one, err)
		}
		if mine, _, err := h.Own(ctx, h.token(mail)); err != nil || mine.ID != r.ID {
			t.Errorf("%s: the letters' links lead elsewhere: %v", way, err)
		}
		if err := second(h.Add(ctx, staff, h.event, registration.Phone, values(mail))); problems(err) != "mail:mail_there" {
			t.Errorf("%s: entered twice: %v", way, err)
		}
	}
}

// Merging into what was given back neither takes the form that waits beside it nor lets people return whom staff took off.
func TestMergingIntoWhatWasGivenBack(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	first := h.token("a@example.org")
	h.decide(registration.Withdraw, "a@example.org")
	if err := h.send(h.Store, "a@example.org"); err != nil {
		t.Fatal(err)
	}
	waits := h.token("a@example.org")
	if _, err := h.Merge(ctx, staff, h.event, registration.Submission{Locale: "en", Values: map[string][]string{"name": {"Ada"}, "mail": {"a@example.org"}}}); err != nil {
		t.Fatal(err)
	}
	if r, _, err := h.Own(ctx, waits); err != nil || r.State != registration.Unverified {
		t.Errorf("the form that waited: %+v, %v", r, err)
	}
	if err := h.Return(ctx, first); problems(err) != ":edit_closed" {
		t.Errorf("returned after staff took them off: %v", err)
	}
	h.join("b@example.org")
	mine := h.token("b@example.org")
	if err := h.Withdraw(ctx, mine); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Merge(ctx, staff, h.event, registration.Submission{Locale: "en", Values: map[string][]string{"name": {"Bo"}, "mail": {"b@example.org"}}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Return(ctx, mine); err != nil {
		t.Errorf("who gave it back themselves cannot return once staff have merged: %v", err)
	}
}

// The document tells of the official list as the page does.
func TestADocumentTellsOfTheOfficialList(t *testing.T) {
	h := open(t, 1, mailed)
	tells := func() bool {
		return strings.Contains(unzip(t, blankOf(t, h, i18n.EN))["word/document.xml"], "the list of participants is public until 1 October 2027")
	}
	if tells() {
		t.Error("of a list that there is not")
	}
	h.change(func(r *kind.Registration) { r.ListMode = registration.ListOfficial })
	if !tells() {
		t.Error("nothing of the list")
	}
}

// hostile are files that are no filled-in form, and what is said of them.
func hostile(t testing.TB, good map[string]string) map[string]struct {
	file []byte
	key  string
} {
	t.Helper()
	with := func(name, s string) []byte {
		parts := map[string]string{}
		for n, v := range good {
			parts[n] = v
		}
		parts[name] = s
		return pack(t, parts)
	}
	main := good["word/document.xml"]
	many := map[string]string{}
	for n, v := range good {
		many[n] = v
	}
	for i := range 600 {
		many[fmt.Sprint("x", i)] = ""
	}
	var twice bytes.Buffer
	z := zip.NewWriter(&twice)
	for range 2 {
		for n, v := range good {
			w, _ := z.Create(n)
			_, _ = io.WriteString(w, v)
		}
	}
	_ = z.Close()
	locked := pack(t, good)
	for i := 0; i+8 < len(locked); i++ { // the flag in each local and central header
		switch {
		case bytes.HasPrefix(locked[i:], []byte("PK\x03\x04")):
			locked[i+6] |= 1
		case bytes.HasPrefix(locked[i:], []byte("PK\x01\x02")):
			locked[i+8] |= 1
		}
	}
	type h = struct {
		file []byte
		key  string
	}
	return map[string]h{
		"nothing":                {nil, "mailin.not_docx"},
		"an old .doc":            {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), "mailin.not_docx"},
		"another zip":            {pack(t, map[string]string{"content.xml": "<a/>"}), "mailin.not_docx"},
		"too large":              {make([]byte, registration.MailInSize+1), "mailin.too_large"},
		"a bomb":                 {with("word/media/x", strings.Repeat("\x00", 40<<20)), "mailin.too_large"},
		"a large text":           {with("word/document.xml", main+strings.Repeat(" ", 9<<20)), "mailin.too_large"},
		"many parts":             {pack(t, many), "mailin.too_large"},
		"the same twice":         {twice.Bytes(), "mailin.broken"},
		"macros":                 {with("word/vbaProject.bin", "x"), "mailin.macros"},
		"macro type":             {with("[Content_Types].xml", strings.Replace(good["[Content_Types].xml"], "wordprocessingml.document.main", "ms-word.document.macroEnabled.main", 1)), "mailin.macros"},
		"entities":               {with("word/document.xml", strings.Replace(main, "<w:document", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document`, 1)), "mailin.broken"},
		"an entity":              {with("word/document.xml", strings.Replace(main, "<w:body>", "<w:body>&a;", 1)), "mailin.broken"},
		"entities in properties": {with("docProps/custom.xml", `<!DOCTYPE x><x/>`), "mailin.broken"},
		"cut":                    {with("word/document.xml", main[:len(main)/2]), "mailin.broken"},
		"deep":                   {with("word/document.xml", strings.Repeat("<a>", 1000)+strings.Repeat("</a>", 1000)), "mailin.broken"},
		"many controls":          {with("word/document.xml", strings.Replace(main, "<w:body>", "<w:body>"+strings.Repeat("<w:sdt></w:sdt>", 4000), 1)), "mailin.too_large"},
		"nested controls": {with("word/document.xml", strings.Replace(main, "<w:body>", "<w:body>"+strings.Repeat("<w:sdt><w:sdtContent>", 80)+strings.Repeat("<w:r><w:t>"+strings.Repeat("a", 9000)+"</w:t></w:r>", 2)+
			strings.Repeat("</w:sdtContent></w:sdt>", 80), 1)), "mailin.too_large"},
		"locked": {locked, "mailin.locked"},
	}
}

func TestHostileDocuments(t *testing.T) {
	h := open(t, 1, mailed)
	for name, x := range hostile(t, unzip(t, blankOf(t, h, i18n.EN))) {
		var bad *registration.Invalid
		if _, err := h.ReadBack(ctx, staff, h.event, x.file); !errors.As(err, &bad) || bad.Problems[0].Key != x.key {
			t.Errorf("%s: %v, want %s", name, err, x.key)
		}
	}
	// Of many controls with one tag two are kept: enough to see that there is more than one.
	twice := unzip(t, blankOf(t, h, i18n.EN))
	twice["word/document.xml"] = strings.Replace(twice["word/document.xml"], "<w:body>", "<w:body>"+strings.Repeat(`<w:sdt><w:sdtPr><w:tag w:val="name"/></w:sdtPr><w:sdtContent><w:r><w:t>A</w:t></w:r></w:sdtContent></w:sdt>`, 50), 1)
	if got, err := h.ReadBack(ctx, staff, h.event, pack(t, twice)); err != nil || len(got.Values["name"]) != 2 || !slices.ContainsFunc(got.Problems, func(p registration.Problem) bool { return p.Key == "registration.twice" }) {
		t.Errorf("%+v %v", got, err)
	}
	// Deleted words, what old programs see, and pictures are not what was written.
	f := filler{t, unzip(t, blankOf(t, h, i18n.EN))}
	f.edit("name", func(s string) string {
		s = strings.Replace(s, "<w:showingPlcHdr/>", "", 1)
		return insideSdt.ReplaceAllLiteralString(s, `<w:sdtContent><w:del><w:r><w:delText>Gone</w:delText><w:t>gone</w:t></w:r></w:del><w:moveFrom><w:r><w:t>there</w:t></w:r></w:moveFrom><mc:AlternateContent><mc:Choice><w:r><w:t>Amina</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>twice</w:t></w:r></mc:Fallback></mc:AlternateContent></w:sdtContent>`)
	})
	if got, err := h.ReadBack(ctx, staff, h.event, pack(t, f.parts)); err != nil || len(got.Values["name"]) != 1 || got.Values["name"][0] != "Amina" {
		t.Errorf("%+v %v", got, err)
	}
}

// FuzzReadBack: no file makes the reader fail in another way than by saying so, or gives more than it may.
func FuzzReadBack(f *testing.F) {
	good := map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:sdt><w:sdtPr><w:tag w:val="name"/></w:sdtPr><w:sdtContent><w:t>A</w:t></w:sdtContent></w:sdt></w:document>`, "docProps/custom.xml": "<P/>"}
	f.Add(pack(f, good), "")
	for _, x := range hostile(f, good) {
		if len(x.file) < 1<<12 {
			f.Add(x.file, "")
		}
	}
	f.Add([]byte(nil), good["word/document.xml"])
	f.Fuzz(func(t *testing.T, file []byte, main string) {
		if main != "" { // else hardly a file would be a zip
			file = pack(t, map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": main})
		}
		controls, err := registration.ReadDocument(file)
		var bad *registration.Invalid
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		n := 0
		for tag, texts := range controls {
			for _, s := range texts {
				if n++; tag == "" || len(s) > 20_000 || n > 3000 {
					t.Fatal(tag, len(s), n)
				}
			}
		}
	})
}

// TestRegisteringByMailAlone: where an event says so, nobody registers on the site, and staff enter what comes by mail.
func TestRegisteringByMailAlone(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Mailbox, e.Registration.MailOnly = "forms@example.org", true })
	if err := h.send(h.Store, "a@example.org"); problems(err) != ":mail_only" {
		t.Errorf("on the site: %v", err)
	}
	if _, err := h.Add(ctx, staff, h.event, registration.MailIn, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {"A"}, "mail": {"a@example.org"}}}); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Confirmed)
	// They look after it by their link all the same.
	if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
		t.Error(err)
	}
}
