package pdf_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/pdf"
	"plenary/internal/pdf/pdftest"
)

var made = time.Date(2027, 3, 28, 9, 0, 0, 0, time.UTC)

func file(t testing.TB, f *pdf.Fonts, info pdf.Info, fill func(*pdf.Doc)) ([]byte, []rune) {
	t.Helper()
	info.Created = made
	b, missing, err := f.Make(context.Background(), info, fill)
	if err != nil {
		t.Fatal(err)
	}
	return b, missing
}

// words draws one paragraph and reads it back.
func words(t *testing.T, lang string, rtl bool, text string) string {
	t.Helper()
	b, missing := file(t, &pdf.Fonts{}, pdf.Info{Title: "T", Lang: lang, RTL: rtl}, func(d *pdf.Doc) {
		d.Flow(pdf.Text{Words: text, Style: pdf.Style{Size: 11}})
	})
	if len(missing) > 0 {
		t.Errorf("%s: no font has %q", lang, string(missing))
	}
	return pdftest.Read(t, b).Text()
}

// TestWordsOfEveryLanguageAreDrawn: no box stands for a character, and the words can be read back from the file.
func TestWordsOfEveryLanguageAreDrawn(t *testing.T) {
	f := &pdf.Fonts{}
	for lang, text := range map[string]string{
		"en": "Certificate of attendance: “Opening the register” – 100 €",
		"fr": "Attestation de présence : œuvre, Noël, « données »", "es": "Certificado de asistencia: ¿año, señal?", "pt": "Certificado de participação: coração", "sw": "Cheti cha mahudhurio: ng’ombe",
		"ru": "Удостоверение об участии: ёлка, объём", "el": "Βεβαίωση συμμετοχής", "vi": "Giấy chứng nhận Nguyễn Thị Hương",
		"zh": "出席证书：开放数据。薛龘曌喆", "zh-Hant": "出席證書：開放資料，龜鬱", "ko": "참가 증명서: 뷁 쯔 한글", "ja": "出席証明書：データを開く",
		"tr": "İstanbul’da Şükrü Ağaoğlu", "pl": "Łukasz Żółć",
	} {
		for _, bold := range []bool{false, true} {
			for _, row := range f.Lay(text, lang, false, bold, 1e6) {
				for _, g := range row {
					if g.Glyph == 0 {
						t.Errorf("%s: a box for %q (%s)", lang, g.Text, g.Font)
					}
				}
			}
		}
		if got := words(t, lang, false, text); got != text {
			t.Errorf("%s reads %q, want %q", lang, got, text)
		}
	}
}

// TestArabicIsJoined: letters have the forms of their places, and stand from the right.
func TestArabicIsJoined(t *testing.T) {
	f := &pdf.Fonts{}
	lay := func(text string, rtl bool) []pdf.Drawn {
		t.Helper()
		rows := f.Lay(text, "ar", rtl, false, 1e6)
		if len(rows) != 1 {
			t.Fatalf("%q takes %d lines", text, len(rows))
		}
		return rows[0]
	}
	texts := func(row []pdf.Drawn) (out []string) {
		for _, g := range row {
			out = append(out, g.Text)
		}
		return out
	}
	alone := lay("ه", true)[0].Glyph
	joined := lay("ههه", true)
	forms := map[uint32]bool{alone: true}
	for _, g := range joined {
		forms[g.Glyph] = true
	}
	if len(joined) != 3 || len(forms) != 4 {
		t.Errorf("heh alone and at the beginning, middle and end of a word: %v, %d", joined, alone)
	}
	if got := texts(lay("حضور", true)); !slices.Equal(got, []string{"ر", "و", "ض", "ح"}) {
		t.Errorf("from left to right stands %q", got)
	}
	if row := lay("لا", true); len(row) != 1 {
		t.Errorf("lam and alef are %d glyphs", len(row))
	}
	for _, c := range []struct {
		rtl         bool
		text, order string
	}{
		{true, "عام 2027 في", "يف 2027 ماع"},
		{false, "Title: مؤتمر 2027 للعلوم (EN)", "Title: مولعلل 2027 رمتؤم (EN)"},
		{true, "شهادة \u2068John O’Neill\u2069 (2027)", ")2027( John O’Neill ةداهش"}, // each bracket is drawn as its mirror image,
		{true, "يشهد أن \u2068Ada 2\u2069 حضر", "رضح Ada 2 نأ دهشي"},
	} {
		if got := strings.Join(texts(lay(c.text, c.rtl)), ""); got != c.order {
			t.Errorf("%q stands as %q, want %q", c.text, got, c.order)
		}
	}
	if got := words(t, "ar", true, "شهادة حضور"); got != "شهادة حضور" {
		t.Errorf("reads %q", got)
	}
}

// TestNothingRunsOut: whatever the text, each line stays within its width; what is too long is broken.
func TestNothingRunsOut(t *testing.T) {
	f := &pdf.Fonts{}
	for _, text := range []string{strings.Repeat("W", 300), strings.Repeat("国际组织", 90), "a " + strings.Repeat("مستشفى", 40), strings.Repeat("Organization of ", 40), "one\ntwo\n\nthree"} {
		for _, rtl := range []bool{false, true} {
			for _, row := range f.Lay(text, "en", rtl, false, 20_000) {
				if n := len(row); n > 0 && row[n-1].Right > 20_000 {
					t.Errorf("a line of %q is %.0f wide", text[:20], row[n-1].Right)
				}
			}
		}
	}
	if rows := f.Lay("one\ntwo\n\nthree", "en", false, false, 1e6); len(rows) != 4 {
		t.Errorf("%d lines", len(rows))
	}
}

func TestMissingIsTold(t *testing.T) {
	f := &pdf.Fonts{}
	if got := f.Missing("Ada 国 مرحبا \U0010FFF0 \ue000"); string(got) != "\ue000\U0010FFF0" {
		t.Errorf("missing: %q", got)
	}
	b, missing := file(t, f, pdf.Info{Lang: "en"}, func(d *pdf.Doc) {
		d.Flow(pdf.Text{Words: "a\U0010FFF0b", Style: pdf.Style{Size: 11}})
	})
	if string(missing) != "\U0010FFF0" {
		t.Errorf("missing: %q", missing)
	}
	x := pdftest.Read(t, b)
	if x.Text() != "a\U0010FFF0b" || x.Outlines(t, "\U0010FFF0") == 0 {
		t.Error("nothing is drawn in place of a character that is missing")
	}
	// A font of the folder has it: one that holds only “A” under another name serves as such.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "broken.ttf"), []byte("\x00\x01\x00\x00 no font"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "own.ttf"), pdftest.Font('\ue000'), 0o600); err != nil {
		t.Fatal(err)
	}
	f = &pdf.Fonts{Folder: dir}
	if got := f.Missing("\ue000\ue001"); string(got) != "\ue001" {
		t.Errorf("with a font of the folder, missing: %q", got)
	}
	b, missing = file(t, f, pdf.Info{Lang: "en"}, func(d *pdf.Doc) {
		d.Flow(pdf.Text{Words: "a\ue000", Style: pdf.Style{Size: 11}})
	})
	if len(missing) != 0 || pdftest.Read(t, b).Outlines(t, "\ue000") == 0 {
		t.Errorf("missing %q", missing)
	}
}

// TestTheFile holds what a document says of itself, its structure, and that the same document is the same file.
func TestTheFile(t *testing.T) {
	doc := func() []byte {
		b, _ := file(t, &pdf.Fonts{}, pdf.Info{Title: "شهادة", Lang: "ar", RTL: true, Foot: func(n, of int) string { return fmt.Sprintf("%d/%d", n, of) }}, func(d *pdf.Doc) {
			d.Flow(pdf.Text{Words: "شهادة", Style: pdf.Style{Size: 20, Tag: "H1"}})
			for i := range 40 {
				d.Flow(pdf.Text{Words: fmt.Sprintf("Question %d", i), Lang: "en", Style: pdf.Style{Size: 11, Bold: true}}, pdf.Lines(2))
			}
			d.Flow(pdf.Text{Words: "موافق", Style: pdf.Style{Size: 11, Box: true}})
		})
		return b
	}
	b := doc()
	if !bytes.Equal(b, doc()) {
		t.Error("the same document made twice is two files")
	}
	x := pdftest.Read(t, b)
	if x.Lang != "ar" || x.Title != "شهادة" || !x.Tagged || x.Pages < 3 {
		t.Errorf("lang %q, title %q, tagged %v, %d pages", x.Lang, x.Title, x.Tagged, x.Pages)
	}
	if got := x.Parts[0]; got.Tag != "H1" || got.Lang != "ar" || got.Text != "شهادة" {
		t.Errorf("first: %+v", got)
	}
	if got := x.Parts[1]; got.Tag != "P" || got.Lang != "en" || got.Text != "Question 0" {
		t.Errorf("second: %+v", got)
	}
	if got := x.Parts[len(x.Parts)-1]; got.Text != "☐ موافق" {
		t.Errorf("last: %+v", got)
	}
	for _, g := range x.Glyphs {
		if g.X < pdf.Margin-1 || g.X > 595.28-pdf.Margin+1 || g.Y < 20 || g.Y > 841.89-pdf.Margin {
			t.Fatalf("%+v is off the page", g)
		}
	}
}

// TestAFramedPageHoldsEverything: however long a name or a title is, it stays in the frame.
func TestAFramedPageHoldsEverything(t *testing.T) {
	for _, n := range []int{1, 20, 200} {
		b, _ := file(t, &pdf.Fonts{}, pdf.Info{Lang: "en", Landscape: true}, func(d *pdf.Doc) {
			d.Framed(pdf.Text{Words: strings.Repeat("Long title ", n), Style: pdf.Style{Size: 30, Centre: true, Tag: "H1"}}, pdf.Text{Words: strings.Repeat("名", 10*n), Style: pdf.Style{Size: 20, Centre: true}})
		})
		x := pdftest.Read(t, b)
		if x.Pages != 1 {
			t.Errorf("%d pages", x.Pages)
		}
		for _, g := range x.Glyphs {
			if g.X < pdf.Margin-1 || g.X > 841.89-pdf.Margin || g.Y < pdf.Margin-1 || g.Y > 595.28-pdf.Margin {
				t.Fatalf("with %d: %+v is out of the frame", n, g)
			}
		}
	}
}

// TestFontsAreLetGo: after a file is made, nothing of the fonts stays in memory.
func TestFontsAreLetGo(t *testing.T) {
	f := &pdf.Fonts{}
	use := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := use()
	file(t, f, pdf.Info{Lang: "zh"}, func(d *pdf.Doc) { d.Flow(pdf.Text{Words: "证书", Style: pdf.Style{Size: 11}}) })
	if after := use(); after > before+1<<20 {
		t.Errorf("%d KB more than before", (after-before)>>10)
	}
	runtime.KeepAlive(f)
}

// FuzzLayout: no text brings it to a panic, out of its lines, or to take long.
func FuzzLayout(f *testing.F) {
	for _, s := range []string{"", "a\u0301\u0302", "\u202e\u2066abc\u2069\u202c", "لا إله \u200f(2027)", "国\ufe00\U000e0100", "ᄀ\u1161\u11a8", "👨‍👩‍👧‍👦", "\xff\xfe", strings.Repeat("\u0651", 500), strings.Repeat("\u2067", 300), "क्षि", "\n\n\u2028", "ﷺ", strings.Repeat("a\u200d", 200), "\u0600\u0661", "\u115f\u1160\u3164"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	fonts := &pdf.Fonts{}
	f.Fuzz(func(t *testing.T, s string, rtl bool) {
		start := time.Now()
		b, _ := file(t, fonts, pdf.Info{Title: s, Lang: "en", RTL: rtl, Landscape: true}, func(d *pdf.Doc) {
			d.Framed(pdf.Text{Words: s, Style: pdf.Style{Size: 11, Bold: rtl}})
		})
		if took := time.Since(start); took > 3*time.Second+time.Duration(len(s))*5*time.Millisecond {
			t.Errorf("%d bytes took %s", len(s), took)
		}
		pdftest.Read(t, b)
	})
}
