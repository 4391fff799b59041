package i18n

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// ordered are names in the order that readers of the language look for them in.
var ordered = map[Locale][]string{
	AR: {"آثار", "أحمد", "الأمن", "بيانات", "تعليم", "حكومة"},
	ZH: {"安全", "北京", "公共服务", "土地", "中国"},
	EN: {"Access", "café", "Data", "Éclair", "Session 2", "Session 9", "Session 10", "zone"},
	FR: {"accès", "Données", "école", "Économie", "œuvre", "Séance 2", "Séance 10", "zone"},
	RU: {"Еда", "Ёлка", "Жизнь", "Сессия 2", "Сессия 10", "Яблоко"},
	ES: {"Nación", "Norte", "Ñandú", "Oasis"},
	KO: {"가을", "나라", "다리", "하늘"},
	PT: {"Ação", "água", "Dados", "Sessão 2", "Sessão 10"},
	SW: {"Afya", "Kikao 2", "Kikao 9", "Kikao 10", "Ulinzi"},
}

func TestSortKeysAreInEachLanguagesOrder(t *testing.T) {
	for _, l := range All {
		got := slices.Clone(ordered[l])
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, func(a, b string) int { return bytes.Compare(SortKey(l, a), SortKey(l, b)) })
		if !slices.Equal(got, ordered[l]) {
			t.Errorf("%s: %q, want %q", l, got, ordered[l])
		}
	}
}

// Whatever the words, keys and comparer agree; alef forms alone are told apart by the comparer only.
func TestSortKeysAgreeWithCollate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var letters []rune
	for _, words := range ordered {
		letters = append(letters, []rune(strings.Join(words, " "))...)
	}
	word := func() string {
		out := make([]rune, r.IntN(9))
		for i := range out {
			out[i] = letters[r.IntN(len(letters))]
		}
		return string(out)
	}
	for _, l := range All {
		cmp := Collate(l)
		for range 3000 {
			a, b := word(), word()
			want, got := cmp(a, b), bytes.Compare(SortKey(l, a), SortKey(l, b))
			if l == AR && alef.Replace(a) == alef.Replace(b) {
				want = 0
			}
			if got != want {
				t.Fatalf("%s: %q against %q is %d by keys, %d by the comparer", l, a, b, got, want)
			}
		}
	}
}

func TestSortKeysAreBounded(t *testing.T) {
	for _, l := range All {
		if n := len(SortKey(l, strings.Repeat("中é", 5000))); n != maxSortKey {
			t.Errorf("%s: %d bytes", l, n)
		}
	}
}

func TestWrittenIn(t *testing.T) {
	for _, tc := range []struct {
		l    Locale
		s    string
		want bool
	}{{EN, "Wanjiru, Grace", true}, {FR, "“Écrin”", true}, {AR, "Wanjiru, Grace", false}, {AR, "المصري، عمر", true}, {RU, "Петрова", true}, {RU, "Petrova", false},
		{ZH, "王芳", true}, {KO, "김", true}, {EN, "王芳", false}, {SW, "12", false}, {PT, "", false}} {
		if got := WrittenIn(tc.l, tc.s); got != tc.want {
			t.Errorf("%s %q: %v", tc.l, tc.s, got)
		}
	}
}
