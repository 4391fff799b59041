package writing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/i18n"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestChecks: what each check marks and what it leaves alone. A case is language, prose, and what is found.
func TestChecks(t *testing.T) {
	long := func(word string, n int) string { return strings.TrimSpace(strings.Repeat(word+" ", n)) }
	alike := func(w string) []string { return []string{LookAlike + " 1 " + w} }
	for _, c := range []struct {
		l     i18n.Locale
		prose string
		want  []string
	}{
		// Short forms.
		{"en", "<p>The CRVS systems. CRVS again.</p>", []string{"acronym 1 CRVS"}},
		{"en", "<p>Civil registration and vital statistics (CRVS). The CRVS systems.</p>", nil},
		{"en", "<p>ESCAP (the Economic and Social Commission) met.</p>", nil},
		{"en", "<p>Two NGOs came.</p><p>An NGO left.</p>", []string{"acronym 1 NGOs"}},
		{"en", "<p>The UN, a PDF, chapter IV, A/RES/77/1 and COVID-19.</p>", nil},
		{"en", "<h2>What SDMX is</h2><p>SDMX is a standard.</p>", []string{"acronym 2 SDMX"}},
		{"fr", "<p>L’ENSAE participe.</p>", []string{"acronym 1 ENSAE"}},
		{"fr", "<p>L’École nationale (ENSAE) participe, et l’ENSAE répond.</p>", nil},
		{"es", "<p>La CEPAL invita.</p>", []string{"acronym 1 CEPAL"}},
		{"pt", "<p>A CPLP convida.</p>", []string{"acronym 1 CPLP"}},
		{"ru", "<p>Доклад ЭСКАТО принят.</p>", []string{"acronym 1 ЭСКАТО"}},
		{"ru", "<p>Комиссия (ЭСКАТО) приняла доклад ЭСКАТО.</p>", nil},
		{"ar", "<p>عقدت ESCWA اجتماعا.</p>", []string{"acronym 1 ESCWA"}},
		{"zh", "<p>亚太经社会（ESCAP）举行会议。</p>", nil},
		{"zh", "<p>参加ESCAP会议。</p>", []string{"acronym 1 ESCAP"}},
		{"ko", "<p>유엔 아시아태평양경제사회위원회(ESCAP)와 SDMX 회의.</p>", []string{"acronym 1 SDMX"}},
		{"sw", "<p>Mkutano wa NIDA.</p>", []string{"acronym 1 NIDA"}},
		// Links.
		{"en", `<p><a href="/x">Click here</a>, <a href="/x">the programme</a>, <a href="/y">https://example.org/a</a>, <a href="mailto:a@example.org">a@example.org</a>.</p>`, []string{"link_words 1 Click here", "link_address 1 https://example.org/a"}},
		{"fr", `<p><a href="/x">Cliquez ici</a></p>`, []string{"link_words 1 Cliquez ici"}},
		{"es", `<p><a href="/x">Haga clic aquí</a></p>`, []string{"link_words 1 Haga clic aquí"}},
		{"pt", `<p><a href="/x">clique aqui</a></p>`, []string{"link_words 1 clique aqui"}},
		{"ru", `<p><a href="/x">Подробнее…</a></p>`, []string{"link_words 1 Подробнее…"}},
		{"ar", `<p><a href="/x">انقر هنا</a></p>`, []string{"link_words 1 انقر هنا"}},
		{"zh", `<p><a href="/x">点击这里</a></p>`, []string{"link_words 1 点击这里"}},
		{"ko", `<p><a href="/x">여기를 클릭</a></p>`, []string{"link_words 1 여기를 클릭"}},
		{"sw", `<p><a href="/x">Bofya hapa</a></p>`, []string{"link_words 1 Bofya hapa"}},
		// Structure.
		{"en", `<figure><img src="/media/ab12/x.png" alt=""></figure>`, []string{"picture_alt 1  x.png"}},
		{"en", `<figure><img src="/media/ab12/x.png" alt="A register"></figure>`, nil},
		{"en", "<h2>One</h2><p>Text.</p><h4>Two</h4>", []string{"heading_gap 3 Two"}},
		{"en", "<h2>One</h2><h3>Two</h3><h4>Three</h4><h2>Four</h2><h3>Five</h3>", nil},
		{"en", "<h2>THE NEXT STEPS</h2>", []string{"heading_caps 1 THE NEXT STEPS"}},
		{"ru", "<h2>СЛЕДУЮЩИЕ ШАГИ</h2>", []string{"heading_caps 1 СЛЕДУЮЩИЕ ШАГИ"}},
		{"en", "<h2>COVID-19</h2>", nil},
		{"en", "<ul><li>One</li></ul>", []string{"list_lead_in 1 One"}},
		{"en", "<h2>Aims</h2><ul><li>One</li></ul>", []string{"list_lead_in 2 One"}},
		{"en", "<p>We want to:</p><ul><li>One<ul><li>Deep</li></ul></li></ul>", nil},
		{"en", "<p>See:</p><table><tr><td>One</td></tr></table>", []string{"table_headers 2 One"}},
		{"en", "<table><thead><tr><th>One</th></tr></thead><tbody><tr><td></td></tr></tbody></table>", nil},
		{"en", `<p>Words<span data-footnote=""></span> and<span data-footnote="A note."></span>.</p>`, []string{"note_empty 1 Words"}},
		// Sentences.
		{"en", "<p>" + long("word", 41) + ".</p>", []string{"long_sentence 1 " + clip(long("word", 41)), "double_word"}},
		// Twice.
		{"en", "<p>Of the the register.</p>", []string{"double_word 1 the the the"}},
		{"en", "<p>He had had it, and that that was.</p>", nil},
		{"fr", "<p>Vous vous inscrivez de de nouveau.</p>", []string{"double_word 1 de de de"}},
		{"es", "<p>El el registro.</p>", []string{"double_word 1 El el el"}},
		{"pt", "<p>O registo do do ano.</p>", []string{"double_word 1 do do do"}},
		{"ru", "<p>Итоги и и выводы.</p>", []string{"double_word 1 и и и"}},
		{"ar", "<p>في في المدينة.</p>", []string{"double_word 1 في في في"}},
		{"ko", "<p>회의 회의 일정.</p>", []string{"double_word 1 회의 회의 회의"}},
		{"sw", "<p>Pole pole ya ya mwaka.</p>", []string{"double_word 1 ya ya ya"}},
		{"zh", "<p>常常 常常 见面。</p>", nil},
		{"en", "<p>One  two three.</p>", []string{"double_space 1 One  two"}},
		// Scripts.
		{"en", "<p>Тhе rеgistеr.</p>", append(alike("Тhе"), "look_alike 1 rеgistеr")},
		{"en", "<p>They said السجل المدني today.</p>", []string{"unmarked 1 السجل المدني ar"}},
		{"en", `<p>They said <span lang="ar" dir="rtl">السجل المدني</span> today.</p>`, nil},
		{"en", `<p lang="ar" dir="rtl">السجل المدني</p><p>Plain.</p>`, nil},
		{"ar", "<p>قال the civil registration of every birth matters.</p>", []string{"unmarked 1 the civil registration of every birth matters en"}},
		{"ar", "<p>منظمة World Health.</p>", nil},
		{"ru", "<p>Слово 民事登记 здесь.</p>", []string{"unmarked 1 民事登记 zh"}},
		{"zh", "<p>他说 Регистрация 了。</p>", []string{"unmarked 1 Регистрация ru"}},
		{"ko", "<p>그는 السجل 이라고.</p>", []string{"unmarked 1 السجل ar"}},
		// Dates: the event is from 12 to 14 May 2027, 12 May being a Wednesday; 3 May is its deadline.
		{"en", "<p>On 12 May 2027, by 3 May, and 12–14 May.</p>", nil},
		{"en", "<p>On 19 May 2027.</p>", []string{"date_other 1 19 May 2027 12–14 May 2027"}},
		{"en", "<p>On May 19, and in 1948 on 10 December 1948.</p>", []string{"date_other 1 May 19 12–14 May 2027"}},
		{"en", "<p>Monday, 12 May 2027.</p>", []string{"date_weekday 1 Monday, 12 May 2027 Wednesday"}},
		{"en", "<p>Wednesday, 12 May 2027.</p>", nil},
		{"fr", "<p>Le lundi 12 mai 2027, le 19 mai.</p>", []string{"date_weekday 1 lundi 12 mai 2027 mercredi", "date_other 1 19 mai"}},
		{"es", "<p>El 19 de mayo de 2027.</p>", []string{"date_other 1 19 de mayo de 2027"}},
		{"pt", "<p>Em 19 de maio de 2027.</p>", []string{"date_other 1 19 de maio de 2027"}},
		{"ru", "<p>понедельник, 12 мая 2027 года; 19 мая.</p>", []string{"date_weekday 1 понедельник, 12 мая 2027 среда", "date_other 1 19 мая"}},
		{"ar", "<p>في 19 أيار/مايو 2027 و 20 مايو.</p>", []string{"date_other 1 19 أيار/مايو 2027", "date_other 1 20 مايو"}},
		{"zh", "<p>2027年5月19日，2027年5月12日星期一。</p>", []string{"date_other 1 2027年5月19日", "date_weekday 1 2027年5月12日星期一 星期三"}},
		{"ko", "<p>2027년 5월 19일.</p>", []string{"date_other 1 2027년 5월 19일"}},
		{"sw", "<p>Tarehe 19 Mei 2027.</p>", []string{"date_other 1 19 Mei 2027"}},
	} {
		found := Find([]Text{{Path: "body", Words: c.prose, Prose: true}}, Options{Locale: c.l, From: day("2027-05-12"), To: day("2027-05-14"), Dates: []time.Time{day("2027-05-03")}})
		var got []string
		for _, x := range found {
			got = append(got, strings.TrimSpace(strings.Replace(strings.ReplaceAll(strings.ReplaceAll(x.String(), "body#", ""), `"`, ""), `\u00a0`, "\u00a0", 1)))
		}
		for _, w := range c.want {
			if i := slices.IndexFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }); i < 0 {
				t.Errorf("%s %s: %q is not found in %q", c.l, c.prose, w, got)
			}
		}
		for _, g := range got {
			if !slices.ContainsFunc(c.want, func(w string) bool { return strings.HasPrefix(g, w) }) {
				t.Errorf("%s %s: found %q", c.l, c.prose, g)
			}
		}
	}
}

// TestOrderOfTexts: a short form that the summary explains is known in the text, and a list is led in by what stands before it.
func TestOrderOfTexts(t *testing.T) {
	texts := []Text{{Path: "title", Words: "CRVS in practice", Title: true}, {Path: "summary", Words: "Civil registration (CRVS) for all."},
		{Path: "body", Words: "<ul><li>CRVS</li></ul>", Prose: true, LedIn: true}}
	if got := Find(texts, Options{Locale: "en"}); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	if got := Find(texts[2:], Options{Locale: "en", Known: ShortForms("SDMX, CRVS")}); len(got) != 0 {
		t.Errorf("a known one: %v", got)
	}
	if got := Find([]Text{{Path: "title", Words: "THE GREAT REGISTER", Title: true}}, Options{Locale: "en"}); len(got) != 1 || got[0].Check != HeadingCaps {
		t.Errorf("a title in capitals: %v", got)
	}
}

// TestKey: what was found has the same name as long as its block stays, and another when the block changes.
func TestKey(t *testing.T) {
	key := func(prose string) string {
		return Find([]Text{{Path: "body", Words: prose, Prose: true}}, Options{Locale: "en"})[0].Key
	}
	a := key("<p>The CRVS systems.</p>")
	if b := key("<p>Before.</p><p>The CRVS systems.</p>"); b != a {
		t.Error("a paragraph before changes the name")
	}
	if b := key("<p>The CRVS systems!</p>"); b == a {
		t.Error("another text has the same name")
	}
}

func TestMeasure(t *testing.T) {
	repeat := func(s string, n int) Text { return Text{Words: "<p>" + strings.Repeat(s+" ", n) + "</p>", Prose: true} }
	for _, c := range []struct {
		l       i18n.Locale
		text    Text
		formula string
		words   int
		low, up int
	}{
		{"en", repeat("The cat sat on the mat.", 10), "Flesch", 60, 95, 100},
		{"en", repeat("Intergovernmental organizations institutionalize administrative responsibilities.", 12), "Flesch", 60, 0, 10},
		{"fr", repeat("Le chat dort sur le lit.", 10), "Kandel–Moles", 60, 90, 100},
		{"es", repeat("El gato duerme en la cama.", 10), "Fernández Huerta", 60, 90, 100},
		{"ru", repeat("Кот спит на большой кровати.", 12), "Оборнева", 60, 60, 100},
		{"pt", repeat("O gato dorme em cima da cama.", 10), "Martins", 70, 60, 100},
		{"ar", repeat("ينام القط على السرير.", 20), "", 80, 0, 0},
		{"zh", repeat("猫睡在床上。", 20), "", 100, 0, 0},
		{"sw", repeat("Paka analala kitandani.", 20), "", 60, 0, 0},
		{"ko", repeat("고양이가 침대에서 잔다.", 20), "", 60, 0, 0},
		{"en", repeat("Short.", 3), "", 3, 0, 0},
	} {
		m := Of(c.l, c.text)
		if m.Formula != c.formula || m.Words != c.words || m.Ease < c.low || m.Ease > c.up || m.Minutes != 1 {
			t.Errorf("%s: %+v, want %s %d %d–%d", c.l, m, c.formula, c.words, c.low, c.up)
		}
	}
	for word, n := range map[string]int{"the": 1, "table": 2, "make": 1, "registration": 4, "wanted": 2, "walked": 1, "A4": 1, "42": 0} {
		if got := syllablesOf("en", strings.ToLower(word), formulas["en"].vowels); got != n {
			t.Errorf("%s has %d syllables, not %d", word, got, n)
		}
	}
	if m := Of("en"); m != (Measure{}) {
		t.Errorf("nothing is %+v", m)
	}
}

// TestLong: a pasted megabyte takes as long as sixteen pieces of it.
func TestLong(t *testing.T) {
	for _, piece := range []string{"<p>The CRVS the the  19 May 2027. ", "<ul><li>", "(", "А", "A", "1 ", "<a href=x>", `<span lang="ar">`, "السجل ", "<table><tr><td>", "a.", "A&"} {
		times := [2]time.Duration{}
		for i, n := range []int{1 << 16, 1 << 20} {
			words := strings.Repeat(piece, n/len(piece))
			start := time.Now()
			Find([]Text{{Path: "body", Words: words, Prose: true}}, Options{Locale: "en", From: day("2027-05-12"), To: day("2027-05-12")})
			times[i] = time.Since(start)
		}
		if times[1] > 60*times[0]+2*time.Second {
			t.Errorf("%q: %v and %v", piece, times[0], times[1])
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"<p>The CRVS the the  19 May 2027.</p>", "<ul><li>", "</li></table>", `<figure><img src="/media/a/b">`, "<table><tr><td>", "Тhе", "\xff\xfe<a", "<p><a>https://x.org/</a><h4>X</h4>", "(ABC", "Monday, 1 July 2026"} {
		f.Add(s, 0)
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, words string, n int) {
		l := i18n.All[(n%len(i18n.All)+len(i18n.All))%len(i18n.All)]
		texts := []Text{{Path: "a", Words: words, Prose: true, LedIn: n%2 == 0}, {Path: "b", Words: words, Title: n%3 == 0}}
		o := Options{Locale: l, From: day("2026-07-01"), To: day("2026-07-02")}
		got := Find(texts, o)
		count := map[string]int{}
		for _, x := range got {
			count[x.Check]++
			if x.Block < 1 || x.Key == "" || !slices.Contains(Checks, x.Check) || x.Locale != l {
				t.Errorf("%+v", x)
			}
		}
		for check, n := range count {
			if n > maxFindings {
				t.Errorf("%s: %d", check, n)
			}
		}
		if !slices.Equal(got, Find(texts, o)) {
			t.Error("another time something else is found")
		}
		Of(l, texts...)
	})
}
