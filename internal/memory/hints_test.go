package memory

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/typography"
)

func sampleGlossary() *glossary {
	name := func(l i18n.Locale, s exchange.TermStatus, n string) exchange.TermName {
		return exchange.TermName{Locale: l, Name: n, Status: s}
	}
	return newGlossary([]Term{
		{Term: exchange.Term{ID: "tr", Note: "since 2022", Names: []exchange.TermName{name("en", exchange.Preferred, "Türkiye"), name("en", exchange.OldName, "Turkey"), name("fr", exchange.Preferred, "Türkiye"), name("fr", exchange.OldName, "Turquie"), name("ru", exchange.Preferred, "Турция")}}},
		{Term: exchange.Term{ID: "reg", Names: []exchange.TermName{name("en", exchange.Preferred, "register"), name("en", exchange.Forbidden, "registry"), name("fr", exchange.Preferred, "registre"), name("fr", exchange.Admitted, "fichier"), name("ar", exchange.Preferred, "سجل"), name("zh", exchange.Preferred, "登记册"), name("ko", exchange.Preferred, "등록부"), name("ru", exchange.Preferred, "реестр")}}},
		{Term: exchange.Term{ID: "oreg", Names: []exchange.TermName{name("en", exchange.Preferred, "open register"), name("fr", exchange.Preferred, "registre ouvert")}}},
	})
}

func TestHints(t *testing.T) {
	g := sampleGlossary()
	show := func(all []Hit) string {
		var out []string
		for _, h := range all {
			out = append(out, h.Words+">"+strings.Join(h.Use, "/"))
		}
		return strings.Join(out, " ")
	}
	h := g.hints("en", "fr", "The open registers of Turkey, and a register.", "Les registres ouverts de la Turquie")
	if got := show(h.Source); got != "open registers>registre ouvert Turkey>Türkiye register>registre/fichier" {
		t.Error(got)
	}
	if got := show(h.Stale); got != "Turkey>Türkiye" {
		t.Error(got)
	}
	if got := show(h.Avoid); got != "Turquie>Türkiye" {
		t.Error(got)
	}
	if got := show(h.Missing); got != "register>registre/fichier" {
		t.Error(got)
	}
	for l, words := range map[i18n.Locale]string{"ar": "فتح السجل العام", "zh": "公开登记册的会议", "ko": "등록부를 여는 회의", "ru": "открытие реестра"} {
		if h := g.hints("en", l, "a register", words); len(h.Missing) != 0 {
			t.Errorf("%s: %s", l, show(h.Missing))
		}
		if h := g.hints("en", l, "a register", "x"); len(h.Missing) != 1 {
			t.Errorf("%s: not missed", l)
		}
	}
	if got := show(g.find("en", "An open. Register of registration")); got != "Register>" {
		t.Error(got)
	}
}

func TestFindingsAmongCodes(t *testing.T) {
	text := exchange.ParseText("Il dit ⟦1⟧oui⟦/1⟧ ? Non⟦2/⟧!")
	for range 9 {
		all := typography.Check(i18n.FR, text.Plain())
		if len(all) == 0 {
			break
		}
		text = replace(text, all[0])
	}
	if got := text.String(); got != "Il dit ⟦1⟧oui⟦/1⟧\u202f? Non\u202f⟦2/⟧!" {
		t.Errorf("%q", got)
	}
}

// All at once is the same as one by one from the end, and what is put in stands where Apply puts it in plain words.
func TestFindingsAllAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	pieces := []string{"mot", " ", "  ", "?", "!", ":", "«", "»", ",", "⟦1⟧", "⟦/1⟧", "⟦2/⟧", "\u00a0", "12", "…", "..."}
	for range 5000 {
		var s strings.Builder
		for range 1 + r.IntN(14) {
			s.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := exchange.ParseText(s.String())
		all := typography.Check(i18n.FR, text.Plain())
		got, want := replace(text, all...), text
		for i := len(all) - 1; i >= 0; i-- {
			want = replace(want, all[i])
		}
		if got.String() != want.String() || got.Plain() != typography.Apply(text.Plain(), all...) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	}
}

// A long text full of findings is put right at once.
func TestTidyOfALongText(t *testing.T) {
	began := time.Now()
	text := exchange.ParseText(strings.Repeat("Mot ⟦1⟧gras⟦/1⟧ : suite ! ", 6000))
	if got := Tidy(i18n.FR, text); len(typography.Check(i18n.FR, got.Plain())) > 0 || !strings.HasPrefix(got.String(), "Mot ⟦1⟧gras⟦/1⟧\u00a0: suite\u202f! ") {
		t.Errorf("%.80q", got)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}
