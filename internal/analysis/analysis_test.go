package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/i18n"
)

func terms(l i18n.Locale, text string) []string {
	tokens, _ := Tokens(l, text, 0)
	var out []string
	for _, t := range tokens {
		out = append(out, t.Term)
	}
	return out
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		l    i18n.Locale
		text string
		want string
	}{
		{i18n.EN, "The log-in guide, e-mail: 7:30", "the log in guide e mail 7 30"},
		{i18n.EN, "U.N. and U.N.E.S.C.O. at www.un.org", "un and unesco at www un org"},
		{i18n.EN, "A/RES/78/1", "a res 78 1"},
		{i18n.EN, "ＡＢＣ ½ ﬁle naïve", "abc 12 file naive"},
		{i18n.EN, "soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"},
		{i18n.FR, "L’événement d'Indonésie, œuvre 1er", "l evenement d indonesie oeuvre 1er"},
		{i18n.FR, "e\u0301te\u0301", "ete"},
		{i18n.ES, "¿Títulos? señaló «confianza»", "titulos senalo confianza"},
		{i18n.PT, "Recebê-lo-á inscrições", "recebe lo a inscricoes"},
		{i18n.RU, "пройдёт учётную РЦГУ", "пройдет учетную рцгу"},
		{i18n.RU, "й и ё е", "й и е е"},
		{i18n.AR, "الأراضي ثِقَةُ تـسـجـيـل إلى نيسان/أبريل", "الاراضي ثقه تسجيل الي نيسان ابريل"},
		{i18n.AR, "٢٠٢٧ ۱۲ گزارش کی", "2027 12 گزارش كي"},
		{i18n.SW, "ng'ombe ng’ombe", "ngombe ngombe"},
		{i18n.ZH, "土地记录", "土地 地记 记录 录"},
		{i18n.ZH, "登記簿（RCPG）2027年", "登记 记簿 簿 rcpg 2027 年"},
		{i18n.KO, "토지 기록", "토지 지기 기록 록"},
		{i18n.KO, "센터(RCPG)는", "센터 터 rcpg 는"},
		{i18n.EN, "१२३ ๑๒", "123 12"},
		{i18n.EN, "… — ’ ‘ \u0301 😀", ""},
		{i18n.EN, "\xff\xfe bad \xc3", "bad"},
	} {
		if got := strings.Join(terms(c.l, c.text), " "); got != c.want {
			t.Errorf("%s: %q: %q, want %q", c.l, c.text, got, c.want)
		}
	}
}

// Forms of a word have one stem; other words have others.
func TestStems(t *testing.T) {
	for l, groups := range map[i18n.Locale][]string{
		i18n.EN: {"register registers registering registered", "policy policies", "record records recorded recording", "country countries"},
		i18n.FR: {"inscription inscriptions inscrire inscriront", "donnée données", "foncier foncière foncières", "national nationale nationales", "ouvrir ouvert ouverte"},
		i18n.ES: {"inscripción inscripciones", "registro registros", "confiar confiaron", "digital digitales", "reunión reuniones"},
		i18n.PT: {"inscrição inscrições", "registo registos", "governação governações", "digital digitais", "reunião reuniões"},
		i18n.RU: {"вебинар вебинара вебинаре вебинары", "Кения Кении Кению", "земля земле землю", "реестр реестры реестрах", "доверие доверии доверия"},
		i18n.AR: {"سجل السجل والسجل", "تسجيل التسجيل بالتسجيل والتسجيل للتسجيل وبالتسجيل", "وثيقة الوثيقة", "مكتب المكتب والمكتب", "معلمون معلمين"},
		i18n.SW: {"usajili wasajili kusajili watakaojisajili", "mtandao mtandaoni"},
	} {
		for _, g := range groups {
			var stems []string
			for w := range strings.FieldsSeq(g) {
				stems = append(stems, Stem(l, Fold(w)))
			}
			if slices.Sort(stems); len(slices.Compact(stems)) != 1 {
				// Verbs with two stems need not be one; all of the others must.
				if g != "ouvrir ouvert ouverte" {
					t.Errorf("%s: %s: %v", l, g, stems)
				}
			}
		}
	}
	for _, c := range []struct {
		l    i18n.Locale
		a, b string
	}{{i18n.EN, "register", "regular"}, {i18n.RU, "земля", "зерно"}, {i18n.AR, "سجل", "سجن"}, {i18n.SW, "usajili", "ardhi"}, {i18n.ES, "tierra", "tiempo"}, {i18n.PT, "registo", "registro"}} {
		if Stem(c.l, Fold(c.a)) == Stem(c.l, Fold(c.b)) {
			t.Errorf("%s: %s and %s have one stem", c.l, c.a, c.b)
		}
	}
}

func TestParse(t *testing.T) {
	show := func(q Query) string {
		var out []string
		for _, list := range [][]Clause{q.Clauses, q.Without} {
			for _, c := range list {
				s := joined(c.Alternatives[0].Units)
				if c.Exact {
					s = "[" + s + "]"
				}
				if c.Light {
					s = "(" + s + ")"
				}
				if c.Last {
					s += "*"
				}
				out = append(out, s)
			}
			out = append(out, "/")
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		l       i18n.Locale
		q, want string
	}{
		{i18n.EN, "land records", "land records* / /"},
		{i18n.EN, "land records ", "land records / /"},
		{i18n.EN, "the land of records", "(the) land (of) records* / /"},
		{i18n.EN, "the of", "the of* / /"},
		{i18n.EN, `"land records" paper`, "[land records] paper* / /"},
		{i18n.EN, "“land records” -paper", "[land records] / paper /"},
		{i18n.FR, "« données foncières » l'inscription", "[donnees foncieres] inscription* / /"},
		{i18n.EN, "log-in Timor-Leste", "log in timor leste* / /"},
		{i18n.EN, "-paper", "paper / /"},
		{i18n.EN, "a - b", "(a) b* / /"},
		{i18n.EN, `"unclosed phrase`, "unclosed phrase* / /"},
		{i18n.EN, `"" '' «» ""`, "/ /"},
		{i18n.ES, "¿títulos en papel?", "titulos (en) papel* / /"},
		{i18n.ZH, "公众信任", "公众 众信 信任* / /"},
		{i18n.ZH, "研讨会 报名", "研讨 讨会 报名* / /"},
		{i18n.KO, "토지를", "토지 지를* / /"},
		{i18n.EN, "A/RES/78/1", "a res 78 1* / /"},
		{i18n.EN, "!!! ???", "/ /"},
		{i18n.EN, "", "/ /"},
	} {
		if got := show(Parse(c.l, c.q)); got != c.want {
			t.Errorf("%s: %q: %q, want %q", c.l, c.q, got, c.want)
		}
	}
	alternatives := func(l i18n.Locale, q string) (out []string) {
		for _, p := range Parse(l, q).Clauses[0].Alternatives {
			out = append(out, joined(p.Units))
		}
		return out
	}
	for _, c := range []struct {
		l       i18n.Locale
		q, also string
	}{{i18n.EN, "Vietnam", "viet nam"}, {i18n.EN, "Viet Nam", "vietnam"}, {i18n.ES, "Kenia", "kenya"}, {i18n.KO, "토지를", "토지"}, {i18n.KO, "등록부에서", "등록 록부"}, {i18n.AR, "تقارير", "تقرير"}, {i18n.EN, "children", "child"}, {i18n.RU, "дети", "ребенок"}} {
		if got := alternatives(c.l, c.q); !slices.Contains(got, c.also) {
			t.Errorf("%s: %q stands for %q, not for %q", c.l, c.q, got, c.also)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"register", "register", 0}, {"regsiter", "register", 1}, {"registr", "register", 1}, {"registter", "register", 1}, {"rejister", "register", 1}, {"rgeisetr", "register", 2},
		{"реестр", "реэстр", 1}, {"دومالاجان", "دومالاغان", 1}, {"land", "lamp", 2}, {"abcdef", "ghijkl", 3}, {"", "ab", 2}} {
		if got := Distance(c.a, c.b, 2); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if Distance(c.a, c.b, 2) != Distance(c.b, c.a, 2) {
			t.Errorf("%s, %s: not the same both ways", c.a, c.b)
		}
	}
}

// More text takes longer in proportion, whatever is in it.
func TestLinear(t *testing.T) {
	for name, piece := range map[string]string{"words": "land records ", "one word": "a", "points": "a.b.", "single letters": "U.N.", "marks": "\u0301", "Arabic": "والأراضي ", "Chinese": "登記", "Korean": "토지 ", "quotation marks": `" `,
		"hyphens": "-a ", "apostrophes": "l'", "tatweel": "ـ", "joiners": "\u200d"} {
		took := func(n int) time.Duration {
			text := strings.Repeat(piece, n)
			began := time.Now()
			for _, l := range []i18n.Locale{i18n.EN, i18n.SW} {
				for _, tok := range terms(l, text) {
					Stem(l, tok)
				}
				Parse(l, text)
			}
			return time.Since(began)
		}
		// What grows with the square takes ten seconds here.
		if a, b := took(2000), took(32000); b > 40*a+time.Second {
			t.Errorf("%s: sixteen times the text takes %v instead of %v", name, b, a)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"The log-in U.N. guide", "L’événement", "الأراضي ثِقَةُ", "登記簿 RCPG 토지 기록", "ng'ombe", "\xff\u0301\u200b", "a.b.c.", strings.Repeat("x", 100), "١٢٣", "각"} {
		for i := range i18n.All {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		l := i18n.All[int(which)%len(i18n.All)]
		tokens, next := Tokens(l, text, 0)
		last := -1
		for i, tok := range tokens {
			if tok.Term == "" || len(tok.Term) > LongestTerm || tok.Start < 0 || tok.End > len(text) || tok.Start >= tok.End || tok.Pos <= last || tok.Pos >= next {
				t.Fatalf("%q: token %+v", text, tok)
			}
			if i > 0 && tok.Start < tokens[i-1].Start {
				t.Fatalf("%q: out of order", text)
			}
			last = tok.Pos
			if Stem(l, tok.Term) == "" || strings.HasPrefix(tok.Term, "=") {
				t.Fatalf("%q: stem of %q", text, tok.Term)
			}
			ArabicForms(tok.Term)
			if !tok.Pair {
				if again := Fold(tok.Term); cut(again) != tok.Term {
					t.Fatalf("%q is folded to %q and that to %q", text, tok.Term, again)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`land "records`, "« données » -x", "公众信任 토지를", "l'inscription", "- - -", `""""`, "\xff", "Viet Nam"} {
		for i := range i18n.All {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, typed string) {
		q := Parse(i18n.All[int(which)%len(i18n.All)], typed)
		if len(q.Clauses)+len(q.Without) > mostClauses {
			t.Fatalf("%q: %d clauses", typed, len(q.Clauses))
		}
		for _, c := range slices.Concat(q.Clauses, q.Without) {
			if len(c.Alternatives) == 0 {
				t.Fatalf("%q: a clause of nothing", typed)
			}
			for _, p := range c.Alternatives {
				if len(p.Units) == 0 || len(p.Units) > mostUnits || p.Weight <= 0 || p.Weight > 1 {
					t.Fatalf("%q: %+v", typed, p)
				}
			}
		}
	})
}
