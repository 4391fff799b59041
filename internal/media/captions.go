package media

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// CaptionsType is the content type of captions.
const CaptionsType = "text/vtt"

// Limits of captions: a day of talk is far below them.
const (
	maxCaptions  = 4 << 20 // bytes of one file
	maxCues      = 20_000
	maxCueText   = 2000 // bytes of one cue's payload
	maxVoiceName = 120  // characters
)

// Cue is what is said, or heard, at one time of a recording. A cue in which several speak is one Cue for each of them.
type Cue struct {
	Start, End time.Duration // from the beginning of the recording
	Voice      string        // who speaks, where the captions say so
	Text       string        // plain words; lines are joined by blanks
}

// ReadCaptions reads WebVTT strictly: what browsers would pass over or show wrongly is a *Problem that names the line, so
// that it is found when the file is handed in and not by those who depend on it. Styles, regions and comments are
// passed over; positions are checked and left to the browser.
func ReadCaptions(r io.Reader) ([]Cue, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxCaptions+1))
	if err != nil {
		return nil, err
	}
	c := captions{}
	if len(b) > maxCaptions || !utf8.Valid(b) || slices.Contains(b, 0) {
		return nil, c.bad("unreadable")
	}
	s := strings.TrimPrefix(string(b), "\ufeff")
	c.lines = strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
	return c.read()
}

// captionsKept is of how many files the cues are kept: a recording's page is made for each time that a link leads to.
const captionsKept = 8

// lastCaptions are the cues of the files that were read last, by the hash of their bytes: what an id names may be replaced.
type lastCaptions struct {
	mu   sync.Mutex
	sums []string // the latest last
	cues map[string][]Cue
}

func (k *lastCaptions) get(sum string) ([]Cue, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	cues, ok := k.cues[sum]
	return cues, ok
}

func (k *lastCaptions) put(sum string, cues []Cue) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cues == nil {
		k.cues = map[string][]Cue{}
	}
	if _, ok := k.cues[sum]; ok {
		return
	}
	if len(k.sums) == captionsKept {
		delete(k.cues, k.sums[0])
		k.sums = k.sums[1:]
	}
	k.sums, k.cues[sum] = append(k.sums, sum), cues
}

// Captions gives the captions in an uploaded file, which the caller does not change. It asks for no right.
func (s *Store) Captions(ctx context.Context, id string) ([]Cue, error) {
	f, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.Type != CaptionsType {
		return nil, fmt.Errorf("file %s: %w", id, errors.New("no captions"))
	}
	if cues, ok := s.captions.get(f.SHA256); ok {
		return cues, nil
	}
	o, err := s.storage.Open(ctx, f.Key)
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", id, err)
	}
	defer o.Close()
	cues, err := ReadCaptions(o)
	if err == nil {
		s.captions.put(f.SHA256, cues)
	}
	return cues, err
}

type captions struct {
	lines []string
	at    int // index of the line that is looked at
	cues  []Cue
}

func (c *captions) bad(why string) error {
	return &Problem{Key: "media.captions." + why, Data: map[string]any{"Line": c.at + 1, "Max": maxCues}}
}

func (c *captions) read() ([]Cue, error) {
	if rest, ok := strings.CutPrefix(c.lines[0], "WEBVTT"); !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' || strings.Contains(rest, "-->") {
		return nil, c.bad("header")
	}
	for c.at++; c.at < len(c.lines) && c.lines[c.at] != ""; c.at++ { // what follows the first line belongs to it
		if strings.Contains(c.lines[c.at], "-->") {
			return nil, c.bad("header")
		}
	}
	for {
		for c.at < len(c.lines) && c.lines[c.at] == "" {
			c.at++
		}
		if c.at == len(c.lines) {
			break
		}
		if err := c.block(); err != nil {
			return nil, err
		}
	}
	if len(c.cues) == 0 {
		return nil, c.bad("empty")
	}
	return c.cues, nil
}

// block reads what stands between two empty lines.
func (c *captions) block() error {
	first := c.lines[c.at]
	word, _, _ := strings.Cut(strings.ReplaceAll(first, "\t", " "), " ")
	if !strings.Contains(first, "-->") && (word == "NOTE" || len(c.cues) == 0 && (strings.TrimSpace(first) == "STYLE" || strings.TrimSpace(first) == "REGION")) {
		for ; c.at < len(c.lines) && c.lines[c.at] != ""; c.at++ {
			if strings.Contains(c.lines[c.at], "-->") {
				return c.bad("timing")
			}
		}
		return nil
	}
	if !strings.Contains(first, "-->") { // its name
		if c.at++; c.at == len(c.lines) || !strings.Contains(c.lines[c.at], "-->") {
			return c.bad("timing")
		}
	}
	start, end, ok := timing(c.lines[c.at])
	switch {
	case !ok:
		return c.bad("timing")
	case end <= start:
		return c.bad("backwards")
	case len(c.cues) > 0 && start < c.cues[len(c.cues)-1].Start:
		return c.bad("order")
	}
	from, size := c.at+1, 0
	for c.at++; c.at < len(c.lines) && c.lines[c.at] != ""; c.at++ {
		if size += len(c.lines[c.at]) + 1; size > maxCueText {
			return c.bad("long")
		}
		if strings.Contains(c.lines[c.at], "-->") {
			return c.bad("timing")
		}
	}
	if from == c.at {
		c.at--
		return c.bad("silent")
	}
	said, ok := voices(strings.Join(c.lines[from:c.at], "\n"))
	if !ok {
		c.at = from
		return c.bad("markup")
	}
	for _, v := range said {
		if len(c.cues) == maxCues {
			return c.bad("many")
		}
		c.cues = append(c.cues, Cue{Start: start, End: end, Voice: v.Voice, Text: v.Text})
	}
	return nil
}

var (
	timingLine = regexp.MustCompile(`^[ \t]*(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})((?:[ \t]+\S+)*)[ \t]*$`)
	setting    = regexp.MustCompile(`^(?:vertical:(?:rl|lr)|line:(?:-?\d{1,4}|\d{1,3}(?:\.\d+)?%)(?:,(?:start|center|end))?|position:\d{1,3}(?:\.\d+)?%(?:,(?:line-left|center|line-right|start|middle|end))?|size:\d{1,3}(?:\.\d+)?%|align:(?:start|center|middle|end|left|right)|region:[^\s>-]{1,60})$`)
	inner      = regexp.MustCompile(`^(?:\d{2,3}:)?[0-5]\d:[0-5]\d\.\d{3}$`)
	opening    = regexp.MustCompile(`^(b|i|u|c|v|ruby|rt|lang)(?:\.[^\s<>&.]+)*(?:[ \t\n]+([^<>]*))?$`)
)

func timing(line string) (start, end time.Duration, ok bool) {
	m := timingLine.FindStringSubmatch(line)
	if m == nil {
		return 0, 0, false
	}
	at := func(h, min, sec, ms string) time.Duration {
		n := 0
		for _, p := range [][2]string{{h, "1"}, {min, "60"}, {sec, "60"}, {ms, "1000"}} {
			unit, _ := strconv.Atoi(p[1])
			value, _ := strconv.Atoi(p[0]) // figures; no hours are none
			n = n*unit + value
		}
		return time.Duration(n) * time.Millisecond
	}
	for _, s := range strings.Fields(m[9]) {
		if !setting.MatchString(s) {
			return 0, 0, false
		}
	}
	return at(m[1], m[2], m[3], m[4]), at(m[5], m[6], m[7], m[8]), true
}

// voices takes the mark-up of a cue off. It reports false for marks that WebVTT does not have and for those that are not
// closed in their order; who speaks need not be closed.
func voices(payload string) ([]Cue, bool) {
	out := []Cue{{}}
	var open []string
	for payload != "" {
		words, rest, tagged := strings.Cut(payload, "<")
		out[len(out)-1].Text += html.UnescapeString(words)
		if !tagged {
			break
		}
		tag, rest, closed := strings.Cut(rest, ">")
		if !closed {
			return nil, false
		}
		payload = rest
		if name, ok := strings.CutPrefix(tag, "/"); ok {
			for len(open) > 0 && open[len(open)-1] != name && open[len(open)-1] == "v" {
				open = open[:len(open)-1]
			}
			if len(open) == 0 || open[len(open)-1] != name {
				return nil, false
			}
			if open = open[:len(open)-1]; name == "v" {
				out = append(out, Cue{})
			}
			continue
		}
		if inner.MatchString(tag) {
			continue
		}
		m := opening.FindStringSubmatch(tag)
		if m == nil || m[2] != "" && m[1] != "v" && m[1] != "lang" || m[1] == "v" && strings.TrimSpace(m[2]) == "" {
			return nil, false
		}
		if m[1] == "v" {
			if len(open) > 0 && open[len(open)-1] == "v" { // the next begins
				open = open[:len(open)-1]
			}
			name := oneLine(html.UnescapeString(m[2]))
			if name == "" || utf8.RuneCountInString(name) > maxVoiceName {
				return nil, false
			}
			out = append(out, Cue{Voice: name})
		}
		open = append(open, m[1])
	}
	for _, name := range open {
		if name != "v" {
			return nil, false
		}
	}
	for i := range out {
		out[i].Text = oneLine(out[i].Text)
	}
	out = slices.DeleteFunc(out, func(c Cue) bool { return c.Text == "" })
	return out, len(out) > 0
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
