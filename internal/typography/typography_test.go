package typography

import (
	"strings"
	"testing"

	"plenary/internal/i18n"
)

func TestRules(t *testing.T) {
	for _, x := range []struct {
		l         i18n.Locale
		was, want string
	}{
		{i18n.FR, "Pourquoi ? Parce que: oui; non !", "Pourquoi\u202f? Parce que\u00a0: oui\u202f; non\u202f!"},
		{i18n.FR, "Il dit «oui» et « non ».", "Il dit «\u00a0oui\u00a0» et «\u00a0non\u00a0»."},
		{i18n.FR, `Le "registre" et l'accès...`, "Le «\u00a0registre\u00a0» et l’accès…"},
		{i18n.FR, "De 10:30 à 11:00, voir https://example.org/?a=b, note\u00a0: ici\u202f!", ""},
		{i18n.FR, "Vraiment ?!", "Vraiment\u202f?!"},
		{i18n.ES, "Quién puede ver? Nadie. Qué bien!", "¿Quién puede ver? Nadie. ¡Qué bien!"},
		{i18n.ES, "¿Quién puede ver? ¡Sí! https://example.org/?q", ""},
		{i18n.ES, "¿Quién puede ver.", "¿Quién puede ver?"},
		{i18n.AR, "من يرى?نعم, لا; ربما", "من يرى؟نعم، لا؛ ربما"},
		{i18n.AR, "في 1,500 نسخة، والسلام", ""},
		{i18n.ZH, "谁可以看?大家, 都可以.", "谁可以看？大家，都可以。"},
		{i18n.ZH, "联合国(欧洲)，第3.5条", "联合国（欧洲），第3.5条"},
		{i18n.KO, "누가 볼 수 있나？모두,함께。", "누가 볼 수 있나? 모두, 함께."},
		{i18n.RU, `Это "реестр" - открытый, № 5`, "Это «реестр»\u00a0— открытый, №\u00a05"},
		{i18n.RU, "Так “лучше” .", "Так «лучше» ."},
		{i18n.EN, `The "register"  isn't closed .`, "The “register” isn’t closed."},
		{i18n.SW, "Ng'ombe wa leo , kesho", "Ng'ombe wa leo, kesho"},
		{i18n.PT, `O "registo"...`, "O «registo»…"},
		{i18n.EN, "At 10:30, see a.b@example.org; it is 5 kg.", ""},
	} {
		if x.want == "" {
			x.want = x.was
		}
		if got := Apply(x.was, Check(x.l, x.was)...); got != x.want {
			t.Errorf("%s: %q\nis     %q\nwant   %q", x.l, x.was, got, x.want)
		}
	}
}

// Findings lie in order within the words, and putting them right comes to an end.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`a "b" ; c?`, "¿a", "谁?(", "...", "« »", "№5 - b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		for _, l := range i18n.All {
			words := s
			for range 8 {
				all := Check(l, words)
				end := -1
				for _, x := range all {
					if x.Start < end || x.End < x.Start || x.End > len(words) || words[x.Start:x.End] != x.Was || x.Was == x.Fix {
						t.Fatalf("%s %q: %+v", l, words, all)
					}
					end = x.End
				}
				if len(all) == 0 {
					break
				}
				words = Apply(words, all...)
			}
			if len(words) > 4*len(s)+64 {
				t.Errorf("%s: %q grows to %q", l, s, words)
			}
		}
	})
}
