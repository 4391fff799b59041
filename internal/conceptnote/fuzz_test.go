package conceptnote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText, FuzzHTML and FuzzDOCX: whatever comes, reading ends without a panic, keeps to its limits, and everything that
// was found points into the note.
func FuzzText(f *testing.F) {
	fuzz(f, ".txt", func(b []byte) (*Doc, error) { return OpenText(string(b)) })
}

func FuzzHTML(f *testing.F) {
	fuzz(f, ".html", func(b []byte) (*Doc, error) { return OpenHTML(string(b)) })
}

func FuzzDOCX(f *testing.F) { fuzz(f, ".docx", OpenDOCX) }

func fuzz(f *testing.F, ext string, open func([]byte) (*Doc, error)) {
	files, _ := filepath.Glob("testdata/*" + ext)
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{"", "a\n1. b\n2. c", "* x\n\n*\n* y*", "“a\n- b", "10:00–9:00 x\n25:99", "<p>a<table><tr><td rowspan=9>x<td>10:00</table>", strings.Repeat("<div>", 600), "Date: 31 February 2027\nTime: 8–10 pm (UTC+14)", "الخميس 1 نيسان/أبريل 2027", "2027年13月40日"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := open(b)
		if err != nil {
			return
		}
		if !d.Fit() {
			t.Fatal("a note that was read does not keep to the limits")
		}
		n := Read(d, "")
		keys := map[string]bool{}
		n.Each(func(_ string, x *Found) {
			if keys[x.Key] {
				t.Errorf("two findings have the key %s", x.Key)
			}
			keys[x.Key] = true
			if x.Sure < Guess || x.Sure > Sure {
				t.Errorf("%s is not sure, likely or a guess", x.Key)
			}
			for _, at := range x.At {
				if at.Line < 0 || at.Line >= len(d.Lines) {
					t.Fatalf("%s points at line %d of %d", x.Key, at.Line, len(d.Lines))
				}
				if w := d.Lines[at.Line].Text; d.Lines[at.Line].Kind != Row && (at.From < 0 || at.From > at.To || at.To > len(w) || at.To < len(w) && !utf8.RuneStart(w[at.To]) || at.From < len(w) && !utf8.RuneStart(w[at.From])) {
					t.Errorf("%s points at %d to %d of %q", x.Key, at.From, at.To, w)
				}
			}
		})
	})
}

// A note of the greatest length is read in a bounded time: nothing in it is gone through once for each of its lines.
func TestLongestNote(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < MaxText-400 && i < MaxLines-10; i++ {
		b.WriteString("• 10:00 How can the 3rd webinar of the series, organized by X (ABC) and Y, be posted on 1 May 2027?\n")
	}
	d, err := OpenText(b.String())
	if err != nil {
		t.Fatal(err)
	}
	if n := Read(d, ""); n.Lang != "en" {
		t.Fatal(n.Lang)
	}
	for _, long := range []string{strings.Repeat("a b. ", MaxText), strings.Repeat("x\n", 5*MaxLines), strings.Repeat("<p>a", MaxLines*2)} {
		if d, err := Open([]byte(long)); err == nil {
			t.Errorf("a note of %d lines was read that is too large", len(d.Lines))
		}
	}
}
