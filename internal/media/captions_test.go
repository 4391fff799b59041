package media

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const talk = "\ufeffWEBVTT - The opening\r\nKind: captions\r\n\r\nSTYLE\r\n::cue { color: yellow }\r\n\r\nNOTE checked by\r\nthe office\r\n\r\n1\r\n00:01.000 --> 00:04.500 align:start position:10%\r\n<v Grace Wanjiru>Good <i>morning</i>,\r\nall &amp; sundry.\r\n\r\n01:00:02.000 --> 01:00:03.000\r\n<v.loud Amina>Yes.</v>\n<v Lena>No.\r\n\r\n101:00:02.000 --> 101:00:03.000\n<00:01.000>[Applause]"

func TestCaptionsAreRead(t *testing.T) {
	got, err := ReadCaptions(strings.NewReader(talk))
	want := []Cue{
		{time.Second, 4500 * time.Millisecond, "Grace Wanjiru", "Good morning, all & sundry."},
		{time.Hour + 2*time.Second, time.Hour + 3*time.Second, "Amina", "Yes."},
		{time.Hour + 2*time.Second, time.Hour + 3*time.Second, "Lena", "No."},
		{101*time.Hour + 2*time.Second, 101*time.Hour + 3*time.Second, "", "[Applause]"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n%q", err, got)
	}
}

func TestWrongCaptionsAreRefusedByLine(t *testing.T) {
	cue := "00:01.000 --> 00:02.000\nWords.\n\n"
	for name, c := range map[string]struct {
		text, key string
		line      int
	}{
		"another format":        {"1\n00:00:01,000 --> 00:00:02,000\nSubRip\n", "header", 1},
		"a word after the mark": {"WEBVTTX\n\n" + cue, "header", 1},
		"no empty line":         {"WEBVTT\n" + cue, "header", 2},
		"a comma":               {"WEBVTT\n\n00:01,000 --> 00:02.000\nWords.\n", "timing", 3},
		"61 seconds":            {"WEBVTT\n\n00:61.000 --> 02:02.000\nWords.\n", "timing", 3},
		"an arrow in the words": {"WEBVTT\n\n00:01.000 --> 00:02.000\nWords --> more\n", "timing", 4},
		"an unknown setting":    {"WEBVTT\n\n00:01.000 --> 00:02.000 colour:red\nWords.\n", "timing", 3},
		"no time":               {"WEBVTT\n\n" + cue + "only words\n\n", "timing", 7},
		"words of no time":      {"WEBVTT\n\n" + cue + "one\ntwo\n", "timing", 7},
		"ends before it starts": {"WEBVTT\n\n00:02.000 --> 00:02.000\nWords.\n", "backwards", 3},
		"out of order":          {"WEBVTT\n\n00:02.000 --> 00:03.000\nWords.\n\n" + cue, "order", 6},
		"nothing said":          {"WEBVTT\n\n00:02.000 --> 00:03.000\n\n" + cue, "silent", 3},
		"a script":              {"WEBVTT\n\n00:02.000 --> 00:03.000\n<b>Words.</b> <img src=x>\n", "markup", 4},
		"not closed":            {"WEBVTT\n\n00:02.000 --> 00:03.000\n<b>Words.\n", "markup", 4},
		"crossed":               {"WEBVTT\n\n00:02.000 --> 00:03.000\n<b>Wo<i>r</b>ds</i>.\n", "markup", 4},
		"no name":               {"WEBVTT\n\n00:02.000 --> 00:03.000\n<v >Words.\n", "markup", 4},
		"nothing":               {"WEBVTT\n\nNOTE nothing yet\n", "empty", 5},
		"no text":               {"WEBVTT\n\n\x00", "unreadable", 1},
		"too long":              {"WEBVTT\n\n00:02.000 --> 00:03.000\n" + strings.Repeat("words ", 400), "long", 4},
		"too many":              {"WEBVTT\n\n" + strings.Repeat(cue, maxCues+1), "many", 3*maxCues + 5},
		"too large":             {"WEBVTT\n\n" + strings.Repeat("NOTE\n\n", maxCaptions/6), "unreadable", 1},
	} {
		_, err := ReadCaptions(strings.NewReader(c.text))
		var p *Problem
		if !errors.As(err, &p) || p.Key != "media.captions."+c.key || p.Data["Line"] != c.line {
			t.Errorf("%s: %v %v, want %s in line %d", name, err, p, c.key, c.line)
		}
	}
}

// FuzzCaptions: whatever is read can be written and read again, in order and within the bounds.
func FuzzCaptions(f *testing.F) {
	f.Add(talk)
	f.Add("WEBVTT\n\n00:02.000 --> 00:03.000\n<v A><lang fr>&lt;b&gt;</lang>")
	f.Add("WEBVTT\n\n00:02.000 --> 00:03.000\n</v>")
	f.Fuzz(func(t *testing.T, text string) {
		cues, err := ReadCaptions(strings.NewReader(text))
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || cues != nil {
				t.Fatalf("%v, %d cues", err, len(cues))
			}
			return
		}
		var b strings.Builder
		b.WriteString("WEBVTT\n\n")
		stamp := func(d time.Duration) string {
			return fmt.Sprintf("%02d:%02d:%02d.%03d", d/time.Hour, d/time.Minute%60, d/time.Second%60, d/time.Millisecond%1000)
		}
		plain := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
		last := time.Duration(0)
		for _, c := range cues {
			if c.Text == "" || c.Text != oneLine(c.Text) || c.End <= c.Start || c.Start < last || len(c.Text) > 4*maxCueText {
				t.Fatalf("%+v after %v", c, last)
			}
			last = c.Start
			if strings.Contains(c.Voice, ">") || len(c.Text) > maxCueText/5 {
				return
			}
			fmt.Fprintf(&b, "%s --> %s\n", stamp(c.Start), stamp(c.End))
			if c.Voice != "" {
				fmt.Fprintf(&b, "<v %s>", plain.Replace(c.Voice))
			}
			fmt.Fprintf(&b, "%s\n\n", plain.Replace(c.Text))
		}
		again, err := ReadCaptions(strings.NewReader(b.String()))
		if err != nil || !slices.Equal(again, cues) {
			t.Fatalf("%v\n%q\n%q\n%s", err, cues, again, b.String())
		}
	})
}
