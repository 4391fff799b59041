package site

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

const talkEN = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Grace Wanjiru>Good morning,\n\n00:04.000 --> 00:06.000\n<v Grace Wanjiru>and welcome.\n\n00:07.000 --> 00:09.000\n<v Amina>Thank you.\n\n01:01.000 --> 01:03.000\nWho may <i>look</i> at the register?\n"
const talkAR = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v غريس>صباح الخير\n"

// recorded is a symposium with a film of ours and one elsewhere.
func (h *house) recorded() (path string) {
	h.t.Helper()
	id, path := h.symposium()
	film := h.file("Opening day.mp4", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"+strings.Repeat("x", 4000)))
	facts := map[string]any{"recordings": []string{"film", "away"}, "recordings.film.kind": "video", "recordings.film.file": film, "recordings.film.audio": h.file("opening.mp3", []byte("ID3\x04\x00\x00\x00\x00\x00\x00")),
		"recordings.film.minutes": 2, "recordings.film.date": "2026-10-15", "recordings.film.languages": []string{"en"},
		"recordings.film.tracks": []string{"t1", "t2"}, "recordings.film.tracks.t1.language": "en", "recordings.film.tracks.t1.kind": "captions", "recordings.film.tracks.t1.origin": "machine", "recordings.film.tracks.t1.file": h.file("opening.vtt", []byte(talkEN)),
		"recordings.film.tracks.t2.language": "ar", "recordings.film.tracks.t2.kind": "subtitles", "recordings.film.tracks.t2.file": h.file("opening-ar.vtt", []byte(talkAR)),
		"recordings.film.chapters": []string{"c2", "c1"}, "recordings.film.chapters.c1.at": "0:00", "recordings.film.chapters.c2.at": "1:01",
		"recordings.away.kind": "audio", "recordings.away.url": "https://www.youtube.com/watch?v=abc", "recordings.away.captions": []string{"fr"},
		"recordings.away.chapters": []string{"c3"}, "recordings.away.chapters.c3.at": "1:02:30"}
	h.film(id, facts, map[string]string{"recordings.film.title": "The opening day", "recordings.film.chapters.c1.label": "Welcome", "recordings.film.chapters.c2.label": "Questions", "recordings.away.chapters.c3.label": "Close"})
	return path
}

// film publishes facts about recordings, with words in English.
func (h *house) film(id content.Ref, facts map[string]any, words map[string]string) {
	h.t.Helper()
	set := content.Parts{content.Facts: {}, "en": {}}
	for path, v := range facts {
		set[content.Facts].Set(path, v)
	}
	for path, w := range words {
		set["en"].SetText(path, content.Text{Words: w})
	}
	_, err := h.content.SaveAndPublish(ctx, staff, content.Change{ID: string(id), Set: set}, content.PublishChange{ID: string(id), Facts: true, Locales: []i18n.Locale{i18n.EN}})
	if err != nil {
		h.t.Fatal(reason(err))
	}
}

func TestARecordingHasAPageOfItsOwn(t *testing.T) {
	h := open(t, 0)
	at := h.recorded() + "/recordings/film"
	d := h.get("/en/" + at)
	film := d.Find("video")
	for what, c := range map[string][2]string{
		"title": {say(d, "h1"), "The opening day"}, "meta": {say(d, ".hero .meta"), "15 October 20262 minutesEnglishCaptions: English and Arabic"},
		"controls": {film.AttrOr("controls", "no"), ""}, "type": {film.AttrOr("autoplay", "no"), "no"},
		"its captions": {d.Find("track[default]").AttrOr("srclang", ""), "en"}, "their kind": {d.Find("track[srclang=ar]").AttrOr("kind", ""), "subtitles"}, "their name": {d.Find("track[srclang=ar]").AttrOr("label", ""), "Arabic"},
		"chapters": {say(d, ".chaps"), "0:00 Welcome1:01 Questions"}, "a jump": {d.Find(".chaps a").Last().AttrOr("href", ""), "/en/" + at + "?t=61#player"},
		"who": {say(d, "#t1 b"), "Grace Wanjiru"}, "what": {say(d, "#t1"), "0:01 Grace Wanjiru Good morning, and welcome."}, "another": {say(d, "#t7"), "0:07 Amina Thank you."},
		"a chapter in it": {say(d, ".said h3"), "WelcomeQuestions"}, "and its words": {say(d, "#t61"), "1:01 Who may look at the register?"},
		"caution": {say(d, ".said .tip"), "Made from the captions in English.A machine made these captions, and nobody has corrected them. What counts is what was said."},
		"files":   {say(d, "section[aria-labelledby=files] li:first-child"), "Video MP44 KB"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, want %q", what, c[0], c[1])
		}
	}
	if n := d.Find("section[aria-labelledby=files] li").Length(); n != 4 {
		t.Errorf("%d files", n)
	}
	if src := h.get("/en/"+at+"?t=61").Find("video").AttrOr("src", ""); !strings.HasSuffix(src, ".mp4#t=61") {
		t.Errorf("it starts at %s", src)
	}
	for _, bad := range []string{"-1", "x", "99999999", "61%22onplay="} {
		if src := h.get("/en/"+at+"?t="+bad).Find("video").AttrOr("src", ""); !strings.HasSuffix(src, ".mp4") {
			t.Errorf("%s: %s", bad, src)
		}
	}
	ar := h.get("/ar/" + at)
	if ar.Find("track[default]").AttrOr("srclang", "") != "ar" || !strings.Contains(say(ar, ".said"), "صباح الخير") || ar.Find(".said div[lang]").Length() != 0 {
		t.Errorf("Arabic: %s", say(ar, ".said"))
	}
	fr := h.get("/fr/" + at)
	if fr.Find("track[default]").Length() != 0 || fr.Find(".said div").AttrOr("lang", "") != "en" || !strings.Contains(say(fr, ".said"), "Good morning") {
		t.Errorf("French: %s", say(fr, ".said"))
	}
	// Whoever asks for a part of the file gets it, and captions come as such.
	w := h.do(http.MethodGet, film.AttrOr("src", ""), "Range", "bytes=4-7")
	if w.Code != http.StatusPartialContent || w.Body.String() != "ftyp" || w.Header().Get("Content-Type") != "video/mp4" {
		t.Errorf("range: %d %q %v", w.Code, w.Body.String(), w.Header())
	}
	if w := h.do(http.MethodGet, d.Find("track").AttrOr("src", "")); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/vtt") {
		t.Errorf("captions: %d %v", w.Code, w.Header())
	}
	ld := h.linked("/en/" + at)["VideoObject"]
	if ld == nil || ld["transcript"] != "Good morning, and welcome.\nThank you.\nWho may look at the register?" || ld["duration"] != "PT2M" || !strings.Contains(ld["contentUrl"].(string), "/media/") {
		t.Errorf("linked data: %v", ld)
	}
	clips, _ := ld["hasPart"].([]any)
	if len(clips) != 2 || clips[0].(map[string]any)["endOffset"] != 61.0 || !strings.HasSuffix(clips[1].(map[string]any)["url"].(string), "?t=61") {
		t.Errorf("clips: %v", clips)
	}
	if !strings.Contains(h.body("/sitemaps/events-1.xml"), "/en/"+at+"</loc>") {
		t.Error("the sitemap does not know it")
	}
	for _, l := range []string{"", "/zz9"} {
		if w := h.do(http.MethodGet, strings.TrimSuffix("/en/"+at, "/film")+l); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", l, w.Code)
		}
	}
}

// TestARecordingElsewhereLoadsNothing: nothing comes from there: it is a link, and says where that leads.
func TestARecordingElsewhereLoadsNothing(t *testing.T) {
	h := open(t, 0)
	path := h.recorded()
	d := h.get("/en/" + path + "/recordings/away")
	if d.Find("video,audio,iframe,script:not([type='application/ld+json'])").Length() != 0 || d.Find("img[src^=http],link[rel=stylesheet][href^=http],link[rel=preconnect]").Length() != 0 {
		t.Error("something is loaded")
	}
	if a := d.Find("#player a.btn"); a.AttrOr("href", "") != "https://www.youtube.com/watch?v=abc" || a.Text() != "Listen at www.youtube.com" || a.AttrOr("rel", "") != "noreferrer" {
		t.Errorf("%v", a.Nodes)
	}
	if !strings.Contains(say(d, "#player .tip"), "Nothing comes from there until you follow the link") {
		t.Error("nobody is told what the link does")
	}
	if to := d.Find(".chaps a").AttrOr("href", ""); to != "https://www.youtube.com/watch?t=3750&v=abc" {
		t.Errorf("the chapter leads to %s", to)
	}
	event := h.get("/en/" + path)
	if n := event.Find("#outcome .docs a[href*='/recordings/']").Length(); n != 2 || strings.Contains(event.Find("main").Text(), "youtube") {
		t.Errorf("%d lines on the event's page", n)
	}
}

func TestJumpsElsewhere(t *testing.T) {
	for to, want := range map[string]string{
		"https://youtu.be/abc":                  "https://youtu.be/abc?t=90",
		"https://m.youtube.com/watch?v=a&t=5":   "https://m.youtube.com/watch?t=90&v=a",
		"https://webtv.un.org/en/asset/k1/k1x":  "https://webtv.un.org/en/asset/k1/k1x?kalturaStartTime=90",
		"https://vimeo.com/123":                 "https://vimeo.com/123#t=90",
		"https://video.example/#/watch/1":       "https://video.example/#/watch/1",
		"https://youtube.com.evil.example/v?a=": "https://youtube.com.evil.example/v?a=#t=90",
	} {
		if got := jumpElsewhere(to, 90); got != want {
			t.Errorf("%s: %s, want %s", to, got, want)
		}
	}
}

// TestALongTalkIsParagraphs: a thousand cues are read as prose.
func TestALongTalkIsParagraphs(t *testing.T) {
	h := open(t, 0)
	id, path := h.symposium()
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	for i := range 1000 {
		stamp := func(s int) string { return fmt.Sprintf("00:%02d:%02d.000", s/60, s%60) }
		n := i * 2
		b.WriteString(stamp(n) + " --> " + stamp(n+2) + "\nThe register is open to all.\n\n")
	}
	h.alter(id, map[string]any{"recordings": []string{"r1"}, "recordings.r1.kind": "audio", "recordings.r1.file": h.file("a.mp3", []byte("ID3\x04\x00\x00\x00\x00\x00\x00")),
		"recordings.r1.tracks": []string{"t1"}, "recordings.r1.tracks.t1.language": "en", "recordings.r1.tracks.t1.kind": "captions", "recordings.r1.tracks.t1.file": h.file("a.vtt", []byte(b.String()))}, nil)
	d := h.get("/en/" + path + "/recordings/r1")
	if n := d.Find(".said div p").Length(); n < 40 || n > 80 {
		t.Errorf("%d paragraphs", n)
	}
	if d.Find("audio track").Length() != 1 || say(d, "h1") != "Recording: "+say(d, ".crumb li:last-child") {
		t.Errorf("%s", say(d, "h1"))
	}
}
