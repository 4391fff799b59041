package i18n

import (
	"slices"
	"strings"
	"testing"
)

func TestLocales(t *testing.T) {
	if len(All) != 9 || All[0] != AR || All[2] != EN {
		t.Errorf("All = %v", All)
	}
	for _, l := range All {
		if got, ok := Parse(string(l)); !ok || got != l || l.Endonym() == "" || l.Tag() == "" {
			t.Errorf("%s is incomplete", l)
		}
		if (l.Dir() == "rtl") != (l == AR) {
			t.Errorf("%s is %s", l, l.Dir())
		}
	}
	for _, s := range []string{"", "EN", "en-GB", "de", " en", "../en"} {
		if _, ok := Parse(s); ok {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestNegotiate(t *testing.T) {
	six := []Locale{AR, ZH, EN, FR, RU, ES}
	for _, tc := range []struct {
		header  string
		offered []Locale
		want    Locale
	}{
		{"fr-CA,fr;q=0.9,en;q=0.8", six, FR}, {"uk", six, EN}, {"uk,fr;q=0.5", six, FR}, {"zh-HK,en;q=0.5", six, ZH}, {"zh-TW", six, ZH}, {"ar-EG", six, AR},
		{"pt-BR", six, EN}, {"pt-BR", All, PT}, {"en;q=0.3, es;q=0.7", six, ES}, {"", six, EN}, {"*", six, EN}, {"xx-yy", six, EN}, {"no-such;;q", six, EN},
		{"de,fr", six, FR}, {"und-CN", six, EN}, {"fr", nil, EN}, {strings.Repeat("fr,", 1000), six, EN}, {"cmn", six, ZH}, {"fr;q=0, es;q=0.1", six, ES},
	} {
		if got := Negotiate(tc.header, tc.offered, EN); got != tc.want {
			t.Errorf("%.40q: %s, want %s", tc.header, got, tc.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Number(EN, 1234567), "1,234,567"}, {Number(EN, 999), "999"}, {Number(FR, 1234), "1\u202f234"}, {Number(ES, 1234), "1234"}, {Number(ES, 12345), "12\u00a0345"},
		{Number(AR, 1234), "1,234"}, {Number(EN, -1234), "−1,234"}, {Decimal(FR, 12345.67, 2), "12\u202f345,67"}, {Decimal(EN, 1.50, 2), "1.5"}, {Decimal(EN, -0.001, 1), "0"}, {Decimal(EN, 3, 1), "3"},
		{Bytes(EN, 240_000), "240\u00a0KB"}, {Bytes(EN, 1_400_000), "1.4\u00a0MB"}, {Bytes(FR, 240_000), "240\u00a0ko"}, {Bytes(FR, 1_400_000), "1,4\u00a0Mo"}, {Bytes(RU, 240_000), "240\u00a0КБ"},
		{Bytes(AR, 240_000), "240\u00a0كيلوبايت"}, {Bytes(EN, 0), "0\u00a0bytes"}, {Bytes(EN, 999_600), "1\u00a0MB"}, {Bytes(EN, 338_000_000), "338\u00a0MB"}, {Bytes(EN, 2_500_000_000_000), "2,500\u00a0GB"}, {Bytes(KO, -3), "0\u00a0바이트"},
		{List(EN, []string{"A", "B", "C"}), "A, B and C"}, {List(EN, nil), ""}, {List(EN, []string{"A"}), "A"}, {List(FR, []string{"A", "B"}), "A et B"}, {List(AR, []string{"أ", "ب", "ج"}), "أ وب وج"},
		{List(ZH, []string{"A", "B", "C"}), "A、B和C"}, {List(ES, []string{"español", "inglés"}), "español e inglés"}, {List(ES, []string{"A", "Iêna", "Hierro"}), "A, Iêna y Hierro"}, {List(KO, []string{"A", "B"}), "A 및 B"},
		{Ordinal(EN, 2), "2nd"}, {Ordinal(EN, 11), "11th"}, {Ordinal(EN, 21), "21st"}, {Ordinal(EN, 113), "113th"}, {Ordinal(EN, 3), "3rd"}, {Ordinal(FR, 1), "1er"}, {Ordinal(FR, 2), "2e"},
		{Ordinal(AR, 2), "الثانية"}, {Ordinal(AR, 40), "40"}, {Ordinal(ZH, 2), "第2次"}, {Ordinal(KO, 2), "제2차"}, {Ordinal(RU, 2), "2-й"}, {Ordinal(ES, 2), "2.º"}, {Ordinal(SW, 2), "ya 2"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// The orders are ICU's (Node Intl.Collator, ICU 78), which x/text must meet.
func TestSort(t *testing.T) {
	for l, want := range map[Locale][]string{
		FR: {"cote", "coté", "côte", "côté", "Eau", "École", "été", "Zèbre"},
		ES: {"ánimo", "nadie", "ñandú", "oso"},
		RU: {"ад", "ёж", "ель", "яма"},
		AR: {"أحمد", "إدارة", "اسم", "أمن", "باب", "يوم"},
		ZH: {"北京", "上海", "中国"},
		KO: {"가나", "서울", "한국"},
		EN: {"Annex 2", "Annex 10", "annual", "Zoo"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		SortStrings(l, got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", l, got)
		}
	}
	items := []struct{ n string }{{"Zoo"}, {"Écho"}}
	SortBy(FR, items, func(x struct{ n string }) string { return x.n })
	if items[0].n != "Écho" {
		t.Error("SortBy does not sort")
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"École ŒUVRE": "ecole oeuvre", "ÑANDÚ": "nandu", "Ёлка": "елка", "Йод": "йод", "الأُمَم المُتَّحِدة": "الامم المتحده", "مبنى": "مبني", "آسيا": "اسيا", "مـــوعد": "موعد",
		"٢٠٢٦": "2026", "۲۰۲۶": "2026", "한국어": "한국어", "ＡＢＣ１２": "abc12", "straße": "strasse", "中国": "中国", "İ": "i", "ガ": "ガ", "": "", "d’Ivoire": "d'ivoire", "a\u200fb": "ab",
	} {
		if got := Fold(EN, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	if n := len(Countries()); n < 200 {
		t.Errorf("only %d countries", n)
	}
	if n := len(Languages()); n < 40 {
		t.Errorf("only %d languages", n)
	}
	for _, l := range All {
		for _, code := range Countries() {
			if CountryName(l, code) == "" || CountryName(l, code) == code {
				t.Errorf("%s has no name in %s", code, l)
			}
		}
		for _, code := range Languages() {
			if LanguageName(l, code) == "" {
				t.Errorf("%s has no name in %s", code, l)
			}
		}
	}
	for _, tc := range [][2]string{
		{CountryName(EN, "VN"), "Viet Nam"}, {CountryName(EN, "KR"), "Republic of Korea"}, {CountryName(FR, "TR"), "Türkiye"}, {CountryName(EN, "CI"), "Côte d'Ivoire"},
		{CountryName(EN, "LA"), "Lao People's Democratic Republic"}, {CountryName(EN, "TZ"), "United Republic of Tanzania"}, {CountryName(EN, "IR"), "Iran (Islamic Republic of)"},
		{CountryName(AR, "RU"), "الاتحاد الروسي"}, {CountryName(ZH, "KR"), "大韩民国"}, {CountryName(ES, "NZ"), "Nueva Zelandia"}, {CountryName(RU, "MD"), "Республика Молдова"}, {CountryName(SW, "KE"), "Kenya"},
		{CountryName(EN, "QQ"), "QQ"}, {CountryName("xx", "KE"), "Kenya"}, {LanguageName(EN, "ils"), "International Sign"}, {LanguageName(AR, "en"), "الإنكليزية"}, {LanguageName(FR, "qq"), "qq"},
	} {
		if tc[0] != tc[1] {
			t.Errorf("got %q, want %q", tc[0], tc[1])
		}
	}
}

func TestStripControls(t *testing.T) {
	for in, want := range map[string]string{
		"a\u202eb\u2066c\u2069": "abc", "\ufeffTitle\u200b": "Title", " a\t\r\n b\u00a0c ": "a b c", "a\x00\x1b[31mb": "a[31mb", "می\u200cخواهم": "می\u200cخواهم", "a\u200db": "ab",
		"\u200eالأمم\u200f": "الأمم", "a\xffb": "ab", "\u2028x\u2029": "x", "ㅤ": "", "👩\u200d💻": "👩\u200d💻", "Café": "Café", "soft\u00adhyphen": "softhyphen", "tag\U000e0041s": "tags", "": "",
		"«\u00a0Ouvrir\u00a0»\u00a0: qui\u202f? 20\u202f000\u00a0ha": "«\u00a0Ouvrir\u00a0»\u00a0: qui\u202f? 20\u202f000\u00a0ha", "a \u00a0: b\u00a0": "a\u00a0: b", "\u202f5\u00a0": "5",
	} {
		if got := StripControls(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := BDI("<b> & PDF"); got != `<bdi dir="ltr">&lt;b&gt; &amp; PDF</bdi>` {
		t.Errorf("BDI: %s", got)
	}
	if got := Isolate("x"); got != "\u2068x\u2069" {
		t.Errorf("Isolate: %q", got)
	}
}
