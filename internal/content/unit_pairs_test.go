package content_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// Blocks are numbers in these tests: "1 2 3" is three paragraphs.
func paragraphs(s string) string {
	if s == "" {
		return ""
	}
	return content.Paragraphs(strings.Fields(s)...)
}

func TestPairs(t *testing.T) {
	for name, x := range map[string]struct {
		source, stamp, target string // stamp is the source that the target was made from; "-" for none
		want                  string // block:target:state, in order
	}{
		"new":                {"1 2", "-", "", "1::missing 2::missing"},
		"current":            {"1 2", "1 2", "a b", "1:a:current 2:b:current"},
		"nobody's promise":   {"1 2", "-", "a b", "1:a:current 2:b:current"},
		"one changed":        {"1 X 3", "1 2 3", "a b c", "1:a:current X:b:outdated 3:c:current"},
		"one added":          {"1 X 2", "1 2", "a b", "1:a:current X::missing 2:b:current"},
		"one added in front": {"X 1", "1", "a", "X::missing 1:a:current"},
		"one deleted":        {"1 3", "1 2 3", "a b c", "1:a:current 3:c:current"},
		"changed and added":  {"1 X Y 3", "1 2 3", "a b c", "1:a:current X:b:outdated Y::missing 3:c:current"},
		"moved":              {"2 1", "1 2", "a b", "2:b:moved 1:a:current"},
		"the same twice":     {"1 1 X", "1 1 2", "a b c", "1:a:current 1:b:current X:c:outdated"},
		"joined blocks":      {"1 2", "1 2", "ab", "1:ab:current 2::current"},
		"all changed":        {"X Y", "1 2", "a b", "X:a:outdated Y:b:outdated"},
	} {
		t.Run(name, func(t *testing.T) {
			en, fr := content.Leaves{}, content.Leaves{}
			en.SetText("body", content.Text{Words: paragraphs(x.source)})
			words := content.Text{Words: paragraphs(x.target)}
			if x.stamp != "-" {
				words.Of = content.Units(content.TypeProse, paragraphs(x.stamp))
			}
			fr.SetText("body", words)
			var got []string
			for i, p := range kind.NewsKind.Pairs(content.Parts{content.Facts: {}, "en": en, "fr": fr}, i18n.EN, i18n.FR) {
				if p.Path != "body" || p.Index != i || p.Field.Name != "body" {
					t.Errorf("pair %d: %+v", i, p)
				}
				state := string(p.State)
				if p.Moved {
					state = "moved"
				}
				got = append(got, strings.Join([]string{content.PlainText(p.Source), content.PlainText(p.Target), state}, ":"))
			}
			if g := strings.Join(got, " "); g != x.want {
				t.Errorf("pairs\n got %s\nwant %s", g, x.want)
			}
		})
	}
}

func TestWordCount(t *testing.T) {
	for words, want := range map[string]int{"": 0, "Opening the register": 3, "the UN's 1,000 well-known rules…": 5, "开放登记册": 5, "등록부를 열다": 2, "فتح السجلّات": 2, "a\u00a0: b": 2} {
		if got := content.WordCount(content.TypeLine, words); got != want {
			t.Errorf("%q: %d words, want %d", words, got, want)
		}
	}
	if got := content.WordCount(content.TypeProse, "<p>One two</p><ul><li>three</li></ul>"); got != 3 {
		t.Errorf("prose: %d words", got)
	}
}

// TestPairsOfVeryMany: the longest text there can be, with nothing in its place any more, is put beside its translation soon.
func TestPairsOfVeryMany(t *testing.T) {
	const n = 20_000
	was, now := make([]string, n), make([]string, n)
	for i := range n {
		was[i], now[i] = fmt.Sprintf("w%04x", i), fmt.Sprintf("n%04x", i)
	}
	now[0] = was[n-1]
	en, fr := content.Leaves{}, content.Leaves{}
	en.SetText("body", content.Text{Words: content.Paragraphs(now...)})
	fr.SetText("body", content.Text{Words: content.Paragraphs(was...), Of: content.Units(content.TypeProse, content.Paragraphs(was...))})
	began := time.Now()
	pairs := kind.NewsKind.Pairs(content.Parts{content.Facts: {}, "en": en, "fr": fr}, i18n.EN, i18n.FR)
	if len(pairs) != n || !pairs[0].Moved || pairs[0].Target != "<p>"+was[n-1]+"</p>" && pairs[0].Target != was[n-1] {
		t.Fatalf("%d pairs, %+v", len(pairs), pairs[0])
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
