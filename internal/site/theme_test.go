package site

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast holds the theme's colours to WCAG 2.2 AA, in light and dark: 4.5:1 for text, 3:1 for the borders of
// controls.
func TestContrast(t *testing.T) {
	b, err := os.ReadFile("../../themes/default/static/site.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(b), "(prefers-color-scheme:dark)")
	if !found {
		t.Fatal("no dark colours")
	}
	dark, _, _ = strings.Cut(dark, "}}")
	token := regexp.MustCompile(`--([a-z0-9-]+):(#[0-9a-f]{3,6})\b`)
	colours := map[string]string{"white": "#fff"}
	read := func(css string) {
		for _, m := range token.FindAllStringSubmatch(css, -1) {
			colours[m[1]] = m[2]
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		if scheme == "light" {
			read(light)
		} else {
			read(dark)
		}
		for _, c := range []struct {
			text    string
			grounds string
			least   float64
		}{
			{"ink", "paper tint", 4.5}, {"muted", "paper tint tint-2", 4.5}, {"head", "paper tint", 4.5}, {"link", "paper tint", 4.5},
			{"link-2", "paper tint tint-2", 4.5}, {"deep", "paper tint tint-2", 4.5}, {"on-main", "link link-2", 4.5}, {"ok", "ok-bg", 4.5},
			{"warn", "warn-bg paper", 4.5}, {"bad", "bad-bg", 4.5}, {"white", "bar", 4.5}, {"on-bar-2", "bar", 4.5}, {"on-bar-na", "bar", 4.5},
			{"edge", "paper", 3}, {"ok", "paper", 3},
		} {
			for ground := range strings.FieldsSeq(c.grounds) {
				if got := contrast(t, colours[c.text], colours[ground]); got < c.least {
					t.Errorf("%s: %s on %s is %.2f:1, want %.1f", scheme, c.text, ground, got, c.least)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("not a colour: %q", hex)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(n>>(16-8*i)&255) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// TestStyleSheetServesBothDirections: no physical sides, nothing that browsers before 2022 would drop.
func TestStyleSheetServesBothDirections(t *testing.T) {
	var b []byte
	for _, name := range []string{"site.css", "pages.css"} {
		one, err := os.ReadFile("../../themes/default/static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, one...)
	}
	css := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(b), "")
	for _, bad := range []string{"margin-left", "margin-right", "padding-left", "padding-right", "float:", "@layer", "@import", "url(", "!ie", "text-align:left;", " left:", ";left:", " right:", ";right:"} {
		if strings.Contains(css, bad) {
			t.Errorf("site.css holds %s", bad)
		}
	}
	depth, media := 0, 0
	for _, part := range regexp.MustCompile(`[{}]|@media`).FindAllString(css, -1) {
		switch part {
		case "@media":
			media = 1
		case "{":
			if depth++; depth > 1+media {
				t.Fatal("rules are nested")
			}
		case "}":
			if depth--; depth == 0 {
				media = 0
			}
		}
	}
}
