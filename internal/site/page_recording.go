package site

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// A recording has a page of its own: the player, or the way to where it is kept, its chapters, its files and what was
// said, to be read and found. The event's page has one line of it.

// recordingRoute is the address of a recording; the event's own path stands before it.
const recordingRoute = "/:locale/:section/:a/:b/recordings/:id"

func (s *Site) recordingRoutes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: recordingRoute, Rule: web.Public, Class: web.Cacheable, Handle: s.recordingPage}}
}

// recordingPath is where a recording's page is, without the locale.
func recordingPath(event string, r kind.Recording) string { return event + "/recordings/" + r.ID }

// recordingPage is a recording as its template draws it.
type recordingPage struct {
	*entryPage
	Event    named
	Kind     string // of recording, in words
	Meta     []template.HTML
	Player   *player
	Away     *away
	Chapters []chapter
	Files    []recordingFile
	Written  *named // the document that is the transcript
	Said     []said
	SaidIn   text // Attrs tell the language of what was said; the words are a sentence about where it comes from
	Caution  string

	r   kind.Recording
	e   *kind.Event
	cut []chapter // where what was said is divided
}

// player plays a file of ours.
type player struct {
	Audio     bool
	Src, Type string
	Poster    string
	Tracks    []track
}

type track struct {
	Src, Lang, Kind, Label string
	Default                bool
}

// away leads to a recording that is kept elsewhere. Nothing is loaded from there.
type away struct {
	URL, Lang string
	Label     string
	Note      template.HTML
	Poster    *picture
	Second    bool // there is a player too
}

type chapter struct {
	URL, Clock string
	Label      text
	Session    text
	People     template.HTML
	at         int // seconds
}

type recordingFile struct {
	URL, Label string
	Facts      []template.HTML
	Lang       string
}

// said is a paragraph of what was said.
type said struct {
	ID, URL, Clock string
	Heading        text // of the chapter that begins here
	Voice, Text    string

	on bool // nothing was between it and the one before
}

func (s *Site) recordingPage(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	event, id := path.Join(c.Param("section"), c.Param("a"), c.Param("b")), c.Param("id")
	from, err := strconv.Atoi(c.Query("t"))
	if err != nil || from < 0 || from > 360_000 {
		from = 0
	}
	err = s.answer(c, func(ctx context.Context) (*answer, error) { return s.recording(ctx, l, event, id, from) })
	var moved *content.Moved
	if errors.As(err, &moved) {
		return s.moved(c, address(l, moved.Path+"/recordings/"+id))
	}
	return err
}

// recording makes the page of a recording whose player starts after from seconds.
func (s *Site) recording(ctx context.Context, l i18n.Locale, event, id string, from int) (*answer, error) {
	page, err := s.Content.Live(ctx, l, event)
	if err != nil {
		return nil, err
	}
	e, ok := page.Value.(*kind.Event)
	if !ok {
		return nil, db.ErrNotFound
	}
	i := slices.IndexFunc(e.Recordings, func(r kind.Recording) bool { return r.ID == id })
	if i < 0 {
		return nil, db.ErrNotFound
	}
	p, err := s.newEntryPage(ctx, page)
	if err != nil {
		return nil, err
	}
	r := e.Recordings[i]
	ids := []string{string(r.File), string(r.Audio), string(r.Poster), string(e.Image.File)}
	for _, t := range r.Tracks {
		ids = append(ids, string(t.File))
	}
	if err := p.open(ids); err != nil {
		return nil, err
	}
	v := &recordingPage{entryPage: p, r: r, e: e, Event: named{p.base.Title, p.URL(p.Path)}, Kind: p.Enum("recording_kind", r.Kind), Meta: p.recordingMeta(r)}
	v.place()
	v.play(from)
	if v.Player == nil && v.Away == nil {
		return nil, db.ErrNotFound
	}
	v.chapters()
	v.listFiles()
	if n := p.neighbour(r.Transcript); n != nil {
		name := p.namedNeighbour(n)
		v.Written = &name
	} else {
		v.transcript()
	}
	if v.LinkedData, err = v.jsonLD(); err != nil {
		return nil, err
	}
	return s.render("recording", p.base, v)
}

// place gives the page its own name and address; what the event's page has of them begins it.
func (v *recordingPage) place() {
	b, at := v.base, "/recordings/"+v.r.ID
	b.Crumbs = append(b.Crumbs, link{v.Event.URL, v.Event.Name})
	if b.Title = v.words(v.r.Title, v.Original); b.Title.Empty() {
		b.Title = v.inOther(v.M("recording.of", "Event", "\x00"), v.Event.Name)
	}
	b.Path += at
	b.Canonical += at
	for i := range b.Languages {
		b.Languages[i].URL += at
	}
	for i := range b.Alternates {
		b.Alternates[i].URL += at
	}
	v.share(v.e.Image, v.Original)
}

// play chooses what plays, or where to go.
func (v *recordingPage) play(from int) {
	picture := kind.Picture{File: v.r.Poster, Decorative: true}
	if picture.File == "" {
		picture.File = v.e.Image.File
	}
	poster := v.pictureOf(picture, v.Original, "16x9", 960, "(max-width: 64rem) 92vw, 52rem")
	if f := v.files[string(v.r.File)]; f != nil {
		p := &player{Audio: f.Kind == media.Audio, Src: f.URL(), Type: f.Type}
		if from > 0 {
			p.Src += "#t=" + strconv.Itoa(from)
		}
		if poster != nil {
			p.Poster = poster.Src
		}
		for _, t := range v.r.Tracks {
			if f := v.captions(t); f != nil {
				x := track{Src: f.URL(), Lang: t.Language, Kind: t.Kind, Label: capital(i18n.LanguageName(v.base.Locale, t.Language))}
				if t.Kind == "descriptions" {
					x.Label += " – " + v.Enum("caption_kind", t.Kind)
				}
				x.Default = t.Language == string(v.base.Locale) && t.Kind != "descriptions" && !slices.ContainsFunc(p.Tracks, func(o track) bool { return o.Default })
				p.Tracks = append(p.Tracks, x)
			}
		}
		v.Player = p
	}
	u, err := url.Parse(v.r.URL)
	if err != nil || u.Host == "" {
		return
	}
	key := "recording.watch_at"
	if v.r.Kind == "audio" {
		key = "recording.listen_at"
	}
	v.Away = &away{URL: v.r.URL, Label: v.M(key, "Host", u.Host), Note: v.html("recording.elsewhere", "Host", v.Ltr(u.Host)), Second: v.Player != nil}
	if len(v.r.Languages) == 1 {
		v.Away.Lang = v.r.Languages[0]
	}
	if !v.Away.Second {
		v.Away.Poster = poster
	}
}

// captions is the file of a track, nil if it is none.
func (v *recordingPage) captions(t kind.Track) *media.File {
	if f := v.files[string(t.File)]; f != nil && f.Type == media.CaptionsType {
		return f
	}
	return nil
}

// jump is the address at which the recording goes on from a second.
func (v *recordingPage) jump(seconds int) string {
	if v.Player != nil {
		return v.URL(v.base.Path) + "?t=" + strconv.Itoa(seconds) + "#player"
	}
	return jumpElsewhere(v.r.URL, seconds)
}

// jumpElsewhere writes a time into the address of a recording elsewhere, in the way of platforms we know; others are
// given a media fragment, unless a fragment means something else there.
func jumpElsewhere(to string, seconds int) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	name := ""
	switch host := strings.TrimPrefix(strings.TrimPrefix(u.Host, "www."), "m."); host {
	case "youtube.com", "youtu.be", "youtube-nocookie.com":
		name = "t"
	case "webtv.un.org":
		name = "kalturaStartTime"
	case "dailymotion.com":
		name = "start"
	default:
		if u.Fragment == "" {
			u.Fragment = "t=" + strconv.Itoa(seconds)
		}
		return u.String()
	}
	q := u.Query()
	q.Set(name, strconv.Itoa(seconds))
	u.RawQuery = q.Encode()
	return u.String()
}

func (v *recordingPage) chapters() {
	all := slices.Clone(v.r.Chapters)
	slices.SortStableFunc(all, func(a, b kind.Chapter) int { return a.Starts() - b.Starts() })
	for _, c := range all {
		at := c.Starts()
		if at < 0 {
			continue
		}
		x := chapter{URL: v.jump(at), Clock: content.FormatOffset(at), Label: v.words(c.Label, v.Original), at: at}
		for _, session := range v.e.Sessions {
			if session.ID != c.Session {
				continue
			}
			if x.Session = v.words(session.Title, v.Original); x.Session == x.Label {
				x.Session = text{}
			}
			var people []named
			for _, r := range session.People {
				who, _ := r.Present()
				if n := v.neighbour(who); n != nil {
					people = append(people, v.namedNeighbour(n))
				}
			}
			x.People = v.listNamed(people)
		}
		v.Chapters = append(v.Chapters, x)
	}
	v.cut = v.Chapters
}

func (v *recordingPage) listFiles() {
	add := func(id content.FileRef, label, lang string, facts ...string) {
		f := v.files[string(id)]
		if f == nil {
			return
		}
		x := recordingFile{URL: f.URL(), Label: label, Lang: lang}
		for _, w := range facts {
			x.Facts = append(x.Facts, plain(w))
		}
		x.Facts = append(x.Facts, v.Ltr(strings.ToUpper(strings.TrimPrefix(path.Ext(f.URL()), "."))), v.isolate(i18n.Bytes(v.base.Locale, f.Size)))
		v.Files = append(v.Files, x)
	}
	spoken := ""
	if len(v.r.Languages) == 1 {
		spoken = v.r.Languages[0]
	}
	if f := v.files[string(v.r.File)]; f != nil {
		label := "recording.video_file"
		if f.Kind == media.Audio {
			label = "recording.sound"
		}
		add(v.r.File, v.M(label), spoken)
	}
	add(v.r.Audio, v.M("recording.sound"), spoken)
	for _, t := range v.r.Tracks {
		if v.captions(t) != nil {
			facts := []string{capital(i18n.LanguageName(v.base.Locale, t.Language))}
			if t.Origin != "" {
				facts = append(facts, v.Enum("caption_origin", t.Origin))
			}
			add(t.File, v.Enum("caption_kind", t.Kind), t.Language, facts...)
		}
	}
}

// transcript makes paragraphs of the captions: those in the page's language, else in the one that was spoken.
func (v *recordingPage) transcript() {
	best, rank := kind.Track{}, 0
	for _, t := range v.r.Tracks {
		if t.Kind == "descriptions" || v.captions(t) == nil {
			continue
		}
		n := 1
		switch {
		case t.Language == string(v.base.Locale):
			n = 5
		case slices.Contains(v.r.Languages, t.Language):
			n = 3
		}
		if t.Kind == "captions" {
			n++ // they tell who speaks, and what is heard besides
		}
		if n > rank {
			best, rank = t, n
		}
	}
	if rank == 0 {
		return
	}
	cues, err := v.site.Media.Captions(v.ctx, string(best.File))
	if err != nil {
		v.site.log().Error("a page without its transcript", "page", v.base.Path, "error", err)
		v.keepUntil(v.site.Now().Add(time.Minute))
		return
	}
	lang := i18n.Locale(best.Language)
	v.SaidIn = text{v.M("recording.made_from", "Language", i18n.LanguageName(v.base.Locale, best.Language)), lang, lang != v.base.Locale}
	if best.Origin == "machine" {
		v.Caution = v.M("recording.uncorrected")
	}
	v.Said = v.paragraphs(cues, best.Language)
}

// A paragraph ends where somebody else speaks, where it was quiet, where a chapter begins, and at the end of a sentence
// once it is long enough to be read in one go.
const (
	quiet     = 4 * time.Second
	longSaid  = 420  // characters
	mostSaid  = 1400 // characters, where no sentence ends
	sentences = ".?!…。？！؟۔।"
)

func (v *recordingPage) paragraphs(cues []media.Cue, language string) []said {
	between := " "
	if language == "zh" || language == "ja" {
		between = ""
	}
	var out []said
	var words strings.Builder
	var ended time.Duration
	taken := map[string]bool{}
	next, size := 0, 0
	finish := func() {
		if len(out) > 0 {
			out[len(out)-1].Text = words.String()
		}
		words.Reset()
		size = 0
	}
	for _, c := range cues {
		at := int(c.Start / time.Second)
		heading := text{}
		for next < len(v.cut) && v.cut[next].at <= at+1 { // a chapter is set by hand, a little late
			heading = v.cut[next].Label
			heading.Other = string(heading.Locale) != language // the paragraphs around it are marked with theirs
			next++
		}
		last, _ := utf8.DecodeLastRuneInString(words.String())
		if len(out) == 0 || !heading.Empty() || c.Voice != "" && c.Voice != out[len(out)-1].Voice || c.Start-ended >= quiet ||
			size >= longSaid && strings.ContainsRune(sentences, last) || size >= mostSaid {
			finish()
			x := said{Clock: content.FormatOffset(at), Heading: heading, Voice: c.Voice, ID: "t" + strconv.Itoa(at)}
			x.on = len(out) > 0 && heading.Empty() && c.Start-ended < quiet
			if x.Voice == "" && x.on {
				x.Voice = out[len(out)-1].Voice // the same goes on
			}
			if v.Player != nil {
				x.URL = v.jump(at)
			}
			for n := 2; taken[x.ID]; n++ {
				x.ID = fmt.Sprintf("t%d-%d", at, n)
			}
			taken[x.ID] = true
			out = append(out, x)
		}
		if words.Len() > 0 {
			words.WriteString(between)
		}
		words.WriteString(c.Text)
		size += utf8.RuneCountInString(c.Text)
		ended = max(ended, c.End)
	}
	finish()
	for i := len(out) - 1; i > 0; i-- { // who speaks is told once
		if out[i].Voice == out[i-1].Voice && out[i].on {
			out[i].Voice = ""
		}
	}
	return out
}

// maxTranscript is how many bytes of what was said search engines are told in the head of the page. All of it stands on it.
const maxTranscript = 50_000

// jsonLD describes the recording in the terms of schema.org.
func (v *recordingPage) jsonLD() (template.JS, error) {
	s, r := v.site, v.r
	n := s.ldRecording(v.entryPage, v.e, r)
	n.set("description", v.Summary)
	n.set("inLanguage", v.base.Locale.Tag())
	if len(r.Languages) > 0 {
		n.set("inLanguage", r.Languages)
	}
	if r.Minutes > 0 {
		n.set("duration", fmt.Sprintf("PT%dM", r.Minutes))
	}
	if v.Player != nil && v.Player.Poster != "" {
		n.set("thumbnailUrl", s.absolute(v.Player.Poster))
	} else if v.Away != nil && v.Away.Poster != nil {
		n.set("thumbnailUrl", s.absolute(v.Away.Poster.Src))
	}
	if f := v.files[string(r.File)]; f != nil {
		n.set("contentUrl", s.absolute(f.URL()))
		n.set("encodingFormat", f.Type)
		n.set("contentSize", i18n.Bytes(i18n.EN, f.Size))
	}
	var captions []node
	for _, t := range r.Tracks {
		if f := v.captions(t); f != nil {
			captions = append(captions, node{{"@type", "MediaObject"}, {"inLanguage", t.Language}, {"encodingFormat", f.Type}, {"contentUrl", s.absolute(f.URL())}})
		}
	}
	n.set("caption", captions)
	var words []string
	size := 0
	for _, x := range v.Said {
		if size += len(x.Text) + 1; size > maxTranscript {
			break
		}
		words = append(words, x.Text)
	}
	n.set("transcript", strings.Join(words, "\n"))
	var clips []node
	for i, c := range v.Chapters {
		clip := node{{"@type", "Clip"}, {"name", c.Label.Words}, {"startOffset", c.at}, {"url", c.URL}}
		if v.Player != nil {
			clip.set("url", s.absolute(strings.TrimSuffix(c.URL, "#player")))
		}
		if i+1 < len(v.Chapters) {
			clip.set("endOffset", v.Chapters[i+1].at)
		} else if end := r.Minutes * 60; end > c.at {
			clip.set("endOffset", end)
		}
		clips = append(clips, clip)
	}
	n.set("hasPart", clips)
	n.set("recordedAt", node{{"@type", "Event"}, {"@id", s.absolute("/e/" + v.ID)}, {"name", v.Page.Title}, {"url", s.absolute(v.Event.URL)}})
	n.set("publisher", s.ldPublisher(v.entryPage))
	return linkedData(n), nil
}

// ldRecording is a recording as its own page and its event's tell of it.
func (s *Site) ldRecording(p *entryPage, e *kind.Event, r kind.Recording) node {
	l := p.Page.Locale
	n := node{{"@type", "VideoObject"}, {"url", s.absolute(address(l, recordingPath(p.Page.Path, r)))}, {"name", p.Page.Title}}
	if r.Kind == "audio" {
		n.set("@type", "AudioObject")
	}
	n.set("name", words(r.Title, p))
	n.set("uploadDate", string(r.Date))
	n.set("sameAs", r.URL)
	return n
}

// recordingMeta tells of a recording: its day, its length, its languages, its captions.
func (p *entryPage) recordingMeta(r kind.Recording) []template.HTML {
	var out []template.HTML
	add := func(s string) { out = append(out, template.HTML(escape(s))) }
	if t := r.Date.Time(); !t.IsZero() {
		add(p.Date(t))
	}
	if r.Minutes > 0 {
		add(p.N("count.minute", r.Minutes))
	}
	if len(r.Languages) > 0 {
		add(capital(p.languageNames(r.Languages)))
	}
	if in := r.Captioned(); len(in) > 0 {
		add(p.M("recording.captions", "Languages", p.languageNames(in)))
	} else if w := p.words(r.NoCaptions, p.Original); !w.Empty() {
		out = append(out, p.html("recording.no_captions", "Reason", w.Span()))
	}
	return out
}
