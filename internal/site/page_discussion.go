package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// The board of an event. What everybody reads is kept like all pages, since whatever changes what is shown raises the
// generation; forms and private pages are each reader's own.

// discussionRoutes are the addresses of boards.
func (s *Site) discussionRoutes() []web.Route {
	const board, own, mine, following = "/:locale/:section/:a/:b/discussion", "/:locale/posts/:token", "/:locale/registrations/:token/discussion", "/:locale/following/:token"
	at := func(method, path string, class web.Class, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: web.Public, Class: class, MaxBody: 64 << 10, Handle: handle}
	}
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		at(get, board, web.Cacheable, s.boardPage),
		at(get, board+"/proceedings", web.Cacheable, s.boardPage),
		at(get, board+"/follow", web.Personal, s.followForm),
		at(post, board+"/follow", web.Personal, s.followBoard),
		at(get, board+"/follow/sent", web.Personal, s.followSent),
		at(get, following, web.Secret, s.following),
		at(post, following, web.Secret, s.changeFollowing),
		at(get, following+"/stop", web.Secret, s.following),
		{Method: post, Path: following + "/stop", Rule: web.Public, Class: web.Secret, MaxBody: 64 << 10, Upload: true, ByMail: true, Handle: s.stopFollowing},
		at(get, board+"/:topic", web.Cacheable, s.boardPage),
		at(get, board+"/:topic/write", web.Personal, s.writeForm),
		at(post, board+"/:topic/write", web.Personal, s.writePost),
		at(get, board+"/:topic/sent", web.Personal, s.discussionSent),
		at(get, board+"/:topic/report/:post", web.Personal, s.reportForm),
		at(post, board+"/:topic/report/:post", web.Personal, s.reportPost),
		at(get, own, web.Secret, s.ownPost),
		at(post, own, web.Secret, s.changePost),
		at(get, mine, web.Secret, s.writeAsForm),
		at(post, mine, web.Secret, s.writeAs),
	}
}

// discussionPage is a board, a topic, a form, what comes after it, the proceedings.
type discussionPage struct {
	*base
	Event      named
	Kind       string // board, topic, proceedings, paragraphs; form, sent, own
	Failed     bool
	State      status
	Notices    []template.HTML
	Lead       text
	Rules      text
	Actions    []action
	Topics     []topicLine
	Questions  []questionView
	Pinned     []postView
	Spoken     []languageLine // languages that the topic can be read in alone
	Summary    text           // of a discussion that has ended
	Posts      []postView
	Prev, Next string
	Problems   []registerProblem
	Form       *registerForm
	Sections   []proceedingsPart
	Post       *postView // that is answered, reported, one's own
	Others     []otherPost
	Text       string
	Why        string
	Confirm    bool
	Withdraw   bool
	Follow     string // the word of a button that follows the board, on a private page
	Stop       string // address that stops it
	Back       link
}

// languageLine leads to what is said in a language.
type languageLine struct {
	Text text
	URL  string
	N    string
	Here bool
}

// otherPost waits for the same mailbox to be confirmed.
type otherPost struct {
	Post  postView
	Event text
}

type topicLine struct {
	ID          string
	Title, Text text
	URL         string
	Count       string
	Last        template.HTML
}

type postView struct {
	ID         string
	Name       string // empty: a participant
	Anonymous  string
	From       []string // organisation, country
	Lang       text     // for its attributes
	Paragraphs []string
	Time       template.HTML
	Note       string
	Answers    answering
	Place      string // where it stands, of one that is shown before
	PlaceWord  string
	Reply      string // addresses
	Report     string
	ReplyWord  string
	ReportWord string
	Replies    []postView
}

// answering is who of the event answers in a post.
type answering struct {
	Word string // that somebody does
	Name named
	As   []text // position and organization, as they were at the event
}

type questionView struct {
	Name, Asked  string
	Lang         text
	Paragraphs   []string
	AnswerLang   text
	Answer       []string
	AnswerWord   string
	AnsweredLive string
}

type proceedingsPart struct {
	Title     text
	Questions []questionView
	Posts     []postView
}

// FullTitle says first that something is wrong.
func (p *discussionPage) FullTitle() string {
	if p.Failed {
		return p.M("register.error", "Title", p.base.FullTitle())
	}
	return p.base.FullTitle()
}

// discussed is an event whose page is asked for, with its board.
type discussed struct {
	*content.Page
	Board *discussion.Event
	zone  string
}

func (s *Site) discussed(ctx context.Context, l i18n.Locale, path string) (*discussed, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	return s.discussedIn(ctx, p)
}

func (s *Site) discussedIn(ctx context.Context, p *content.Page) (*discussed, error) {
	e, err := s.Discussion.Event(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	d := &discussed{p, e, e.Board.Zone}
	if d.zone == "" {
		d.zone = "UTC"
	}
	return d, nil
}

func eventPath(c *gin.Context) string {
	return c.Param("section") + "/" + c.Param("a") + "/" + c.Param("b")
}

// boardURL is the address of a board, or of a topic on it.
func (b *base) boardURL(event, topic string) string {
	if topic != "" {
		topic = "/" + topic
	}
	return b.URL(event + "/discussion" + topic)
}

// discussionBase begins a page of an event's board; rest is its own below the board.
func (s *Site) discussionBase(ctx context.Context, d *discussed, path string) (*discussionPage, error) {
	v, err := s.newEntryPage(ctx, d.Page)
	if err != nil {
		return nil, err
	}
	b := v.base
	out := &discussionPage{base: b, Event: named{b.Title, b.URL(d.Page.Path)}}
	b.Crumbs = append(b.Crumbs, link{out.Event.URL, out.Event.Name})
	b.Title, b.Description, b.Image, b.Updated = b.message("talk.title"), text{}, nil, time.Time{}
	b.Path = path
	b.Canonical, b.Alternates, b.Permalink = s.absolute(b.URL(path)), nil, ""
	for i := range b.Languages {
		b.Languages[i].URL = address(b.Languages[i].Locale, path)
	}
	now := s.Now()
	for _, t := range d.Board.Board.Changes() {
		b.untilPassing(now, t)
	}
	return out, nil
}

var boardTones = map[discussion.State]string{discussion.Announced: "info", discussion.Open: "ok", discussion.Closing: "warn", discussion.Closed: "quiet", discussion.Archived: "quiet"}

// boardPage answers what everybody reads.
func (s *Site) boardPage(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	path, topic := eventPath(c), c.Param("topic")
	page, _ := web.Page(c)
	proceedings := strings.HasSuffix(c.Request.URL.Path, "/proceedings")
	// It is long and has no parameters: nobody has it made anew by making some up.
	if key, ok := keyOf(c.Request.URL); proceedings && c.Request.URL.RawQuery != "" && (!ok || key != c.Request.URL.Path) {
		return s.redirect(c, http.StatusMovedPermanently, c.Request.URL.EscapedPath())
	}
	err = s.answer(c, func(ctx context.Context) (*answer, error) {
		d, err := s.discussed(ctx, l, path)
		if err != nil {
			return nil, err
		}
		var v *discussionPage
		switch {
		case proceedings:
			v, err = s.proceedings(ctx, d)
		case topic != "":
			v, err = s.topicOf(ctx, d, topic, i18n.Locale(c.Query("language")), page)
		default:
			v, err = s.board(ctx, d)
		}
		if err != nil {
			return nil, err
		}
		return s.render("discussion", v.base, v)
	})
	var moved *content.Moved
	if errors.As(err, &moved) {
		_, rest, _ := strings.Cut(c.Request.URL.Path, path)
		return s.moved(c, address(l, moved.Path+rest))
	}
	return err
}

func (s *Site) board(ctx context.Context, d *discussed) (*discussionPage, error) {
	v, err := s.discussionBase(ctx, d, d.Page.Path+"/discussion")
	if err != nil {
		return nil, err
	}
	v.Kind = "board"
	b, now := d.Board.Board, s.Now()
	st := b.State(now)
	v.State = status{Label: v.M("enum.discussion_state." + string(st)), Tone: boardTones[st]}
	v.Lead, v.Rules = v.words(b.Intro, d.Original), v.words(b.Rules, d.Original)
	v.sentence(d, st, now)
	counts, err := s.Discussion.Counts(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range b.Topics {
		line := topicLine{Title: v.words(t.Title, d.Original), Text: v.words(t.Text, d.Original), URL: v.boardURL(d.Page.Path, t.ID)}
		if n := counts[t.ID]; n.N > 0 {
			line.Count, line.Last = v.N("talk.posts", n.N), v.moment(n.Last, d.zone)
		}
		v.Topics = append(v.Topics, line)
	}
	questions, err := s.Discussion.PublicQuestions(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	for _, q := range questions { // those of a topic stand with it
		if b.Topic(q.Topic) == nil {
			v.Questions = append(v.Questions, v.questionView(q, d.Original))
		}
	}
	v.Summary = v.words(b.Closing, d.Original)
	if n := v.summary(ctx, d); n != nil {
		v.Actions = append(v.Actions, action{URL: n.URL, Label: v.M("talk.summary"), Icon: "doc", Main: true})
	}
	if st == discussion.Closed || st == discussion.Archived {
		v.Actions = append(v.Actions, action{URL: v.boardURL(d.Page.Path, "proceedings"), Label: v.M("talk.proceedings"), Icon: "doc", Main: len(v.Actions) == 0})
	}
	if b.Followable(now) {
		v.Actions = append(v.Actions, action{URL: v.boardURL(d.Page.Path, "follow"), Label: v.M("talk.follow"), Icon: "mail"})
	}
	if b.Mailbox != "" {
		v.Actions = append(v.Actions, action{URL: mailto(b.Mailbox, v.Event.Name.Words, ""), Label: v.M("talk.contact"), Icon: "mail"})
	}
	return v, nil
}

// summary is the document that closes the discussion, where it is public.
func (v *discussionPage) summary(ctx context.Context, d *discussed) *named {
	id := d.Board.Board.Summary
	if id == "" {
		return nil
	}
	n := d.Neighbours[string(id)]
	if n == nil {
		return nil
	}
	x := v.namedNeighbour(n)
	return &x
}

// sentence says whether and how one can write.
func (v *discussionPage) sentence(d *discussed, st discussion.State, now time.Time) {
	b := d.Board.Board
	say := func(w template.HTML) { v.Notices = append(v.Notices, w) }
	switch {
	case st == discussion.Announced:
		say(v.html("discussion.opens", "Time", v.moment(b.Opens, d.zone)))
	case st == discussion.Archived:
		say(plain(v.M("talk.archived")))
	case st == discussion.Closed && !b.Closes.IsZero() && !b.Closes.After(now):
		say(v.html("discussion.closed", "Time", v.moment(b.Closes, d.zone)))
	case !b.Writable(now):
		say(plain(v.M("board.closed")))
	default:
		if !b.Closes.IsZero() {
			say(v.html("discussion.closes", "Time", v.moment(b.Closes, d.zone)))
		}
		if b.Who == discussion.Registrants {
			say(plain(v.M("talk.registrants")))
		}
		if b.Moderation != discussion.After {
			say(plain(v.M("talk.moderated")))
		}
	}
}

// topicOf is what is said on a topic; with l, in that language.
func (s *Site) topicOf(ctx context.Context, d *discussed, topic string, l i18n.Locale, page int) (*discussionPage, error) {
	b, now := d.Board.Board, s.Now()
	t := b.Topic(topic)
	if t == nil || l != "" && !slices.Contains(i18n.All, l) {
		return nil, db.ErrNotFound
	}
	path := d.Page.Path + "/discussion/" + topic
	v, err := s.discussionBase(ctx, d, path)
	if err != nil {
		return nil, err
	}
	v.Kind = "topic"
	v.Crumbs = append(v.Crumbs, link{v.boardURL(d.Page.Path, ""), v.base.Title})
	v.base.Title, v.Lead = v.words(t.Title, d.Original), v.words(t.Text, d.Original)
	v.Back = link{v.boardURL(d.Page.Path, ""), v.message("talk.to_board")}
	posts, total, err := s.Discussion.Thread(ctx, d.ID, topic, l, (page-1)*discussion.PageSize, discussion.PageSize)
	if err != nil {
		return nil, err
	}
	if page > 1 && len(posts) == 0 {
		return nil, db.ErrNotFound
	}
	at := func(l i18n.Locale, n int) string {
		q := url.Values{}
		if l != "" {
			q.Set("language", string(l))
		}
		if n > 1 {
			q.Set("page", strconv.Itoa(n))
		}
		return strings.TrimSuffix(v.URL(path)+"?"+q.Encode(), "?")
	}
	if page > 1 {
		v.Prev, v.base.Canonical = at(l, page-1), s.absolute(at("", page))
	}
	if l != "" { // a part of the topic's page
		v.base.NoIndex, v.base.Canonical = true, s.absolute(at("", 1))
	}
	spoken, err := s.Discussion.Spoken(ctx, d.ID, topic)
	if err != nil {
		return nil, err
	}
	if len(spoken) > 1 || l != "" {
		v.Spoken = append(v.Spoken, languageLine{Text: v.message("talk.all_languages"), URL: at("", 1), Here: l == ""})
		for _, x := range i18n.All {
			if n := spoken[x]; n > 0 || x == l {
				v.Spoken = append(v.Spoken, languageLine{text{x.Endonym(), x, x != v.base.Locale}, at(x, 1), i18n.Number(v.base.Locale, n), x == l})
			}
		}
	}
	if page*discussion.PageSize < total {
		v.Next = at(l, page+1)
	}
	v.sentence(d, b.State(now), now)
	write := ""
	if b.Writable(now) {
		write = v.URL(path) + "/write"
		v.Actions = []action{{URL: write, Label: v.M("talk.write"), Icon: "talk", Main: true}}
	}
	for _, p := range posts {
		v.Posts = append(v.Posts, v.postView(p, d, write, v.URL(path)+"/report/"))
	}
	if page == 1 {
		if v.Pinned, err = s.pinned(ctx, v, d, topic); err != nil {
			return nil, err
		}
		questions, err := s.Discussion.PublicQuestions(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, q := range questions {
			if q.Topic == topic {
				v.Questions = append(v.Questions, v.questionView(q, d.Original))
			}
		}
	}
	return v, nil
}

// pinned are the posts that moderators have put before a topic's others, with the way to their places.
func (s *Site) pinned(ctx context.Context, v *discussionPage, d *discussed, topic string) ([]postView, error) {
	posts, err := s.Discussion.Pinned(ctx, d.ID, topic)
	if err != nil {
		return nil, err
	}
	var out []postView
	for _, p := range posts {
		spot, err := s.Discussion.Find(ctx, d.ID, p.ID)
		if err != nil {
			return nil, err
		}
		x := v.postView(p, d, "", "")
		x.ID, x.PlaceWord, x.Place = "", v.M("talk.in_place"), v.boardURL(d.Page.Path, topic)
		if spot.Page > 1 {
			x.Place += "?page=" + strconv.Itoa(spot.Page)
		}
		x.Place += "#p-" + p.ID
		out = append(out, x)
	}
	return out, nil
}

// answeringIn says who of the event answers in a post, as their part in it was.
func (b *base) answeringIn(p discussion.Post, d *discussed) answering {
	var a answering
	if p.AnswersAs == "" {
		return a
	}
	n := d.Neighbours[string(p.AnswersAs)]
	if n == nil {
		return a
	}
	a.Word, a.Name = b.M("talk.answers_as"), b.namedNeighbour(n)
	if who := d.Board.Board.Speaker(p.AnswersAs); who != nil {
		for _, w := range []content.Line{who.Title, who.Affiliation} {
			if x := b.words(w, d.Original); !x.Empty() {
				a.As = append(a.As, x)
			}
		}
	}
	return a
}

// postView makes a post ready to be shown. write and report are where it is answered and reported; empty: not at all.
func (b *base) postView(p discussion.Post, d *discussed, write, report string) postView {
	v := postView{ID: p.ID, Name: p.Name, Lang: text{p.Text, p.Locale, p.Locale != b.Locale}, Paragraphs: paragraphs(p.Text), Time: b.moment(p.Created, d.zone)}
	if p.Name == "" {
		v.Anonymous = b.M("talk.anonymous")
	}
	if p.Organization != "" {
		v.From = append(v.From, p.Organization)
	}
	if p.Country != "" {
		v.From = append(v.From, i18n.CountryName(b.Locale, p.Country))
	}
	if p.Question {
		v.Note = b.M("talk.asked")
	}
	v.Answers = b.answeringIn(p, d)
	if report != "" {
		v.Report, v.ReportWord = report+p.ID, b.M("talk.report")
	}
	if write != "" && p.Parent == "" {
		v.Reply, v.ReplyWord = write+"?to="+p.ID, b.M("talk.reply")
	}
	for _, x := range p.Replies {
		v.Replies = append(v.Replies, b.postView(x, d, write, report))
	}
	return v
}

// paragraphs parts plain words at empty lines. No markup comes of them, and no links.
func paragraphs(words string) []string { return strings.Split(words, "\n\n") }

func (b *base) questionView(q discussion.Question, original i18n.Locale) questionView {
	v := questionView{Name: q.Name, Asked: b.M("talk.asked"), Lang: text{q.Text, q.Locale, q.Locale != b.Locale}, Paragraphs: paragraphs(q.Text)}
	if v.Name == "" {
		v.Name = b.M("talk.anonymous")
	}
	if w, l := q.Answer(b.Locale, original); w != "" {
		v.AnswerWord, v.AnswerLang, v.Answer = b.M("talk.answer"), text{w, l, l != b.Locale}, paragraphs(w)
	} else {
		v.AnsweredLive = b.M("talk.answered_live")
	}
	return v
}

// proceedings are all that was said, on one page to read and print.
func (s *Site) proceedings(ctx context.Context, d *discussed) (*discussionPage, error) {
	v, err := s.discussionBase(ctx, d, d.Page.Path+"/discussion/proceedings")
	if err != nil {
		return nil, err
	}
	v.Kind, v.base.NoIndex = "proceedings", true
	v.Crumbs = append(v.Crumbs, link{v.boardURL(d.Page.Path, ""), v.base.Title})
	v.base.Title = v.message("talk.proceedings")
	v.Back = link{v.boardURL(d.Page.Path, ""), v.message("talk.to_board")}
	v.Summary = v.words(d.Board.Board.Closing, d.Original)
	if n := v.summary(ctx, d); n != nil {
		v.Actions = append(v.Actions, action{URL: n.URL, Label: v.M("talk.summary"), Icon: "doc"})
	}
	all, err := s.Discussion.Proceedings(ctx, d.Board)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		part := proceedingsPart{Title: v.message("talk.questions")}
		if t := d.Board.Board.Topic(x.Topic); t != nil {
			part.Title = v.words(t.Title, d.Original)
		}
		for _, q := range x.Questions {
			part.Questions = append(part.Questions, v.questionView(q, d.Original))
		}
		for _, p := range x.Posts {
			part.Posts = append(part.Posts, v.postView(p, d, "", ""))
		}
		if len(part.Questions)+len(part.Posts) > 0 {
			v.Sections = append(v.Sections, part)
		}
	}
	return v, nil
}

// ownBase begins a page that is this reader's own.
func (s *Site) ownBase(c *gin.Context, d *discussed, rest, title string) (*discussionPage, error) {
	v, err := s.discussionBase(c.Request.Context(), d, rest)
	if err != nil {
		return nil, err
	}
	v.Crumbs = append(v.Crumbs, link{v.boardURL(d.Page.Path, ""), v.base.Title})
	v.base.Title, v.base.NoIndex, v.base.Canonical = v.message(title), true, ""
	for i := range v.base.Languages {
		v.base.Languages[i].Missing = false
	}
	return v, nil
}

// openBoard finds the board and the topic of an address.
func (s *Site) openBoard(c *gin.Context) (*discussed, *discussion.Topic, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.discussed(c.Request.Context(), l, eventPath(c))
	if err != nil {
		return nil, nil, err
	}
	t := d.Board.Board.Topic(c.Param("topic"))
	if t == nil {
		return nil, nil, db.ErrNotFound
	}
	return d, t, nil
}

func (s *Site) writeForm(c *gin.Context) error { return s.showWrite(c, nil, nil) }

// showWrite draws the form, again with what was typed where something was wrong.
func (s *Site) showWrite(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	d, t, err := s.openBoard(c)
	if err != nil {
		return s.movedDiscussion(c, err)
	}
	ctx := c.Request.Context()
	path := d.Page.Path + "/discussion/" + t.ID
	v, err := s.ownBase(c, d, path+"/write", "talk.write")
	if err != nil {
		return err
	}
	v.Kind, v.Lead = "form", v.words(t.Title, d.Original)
	v.Back = link{v.URL(path), v.message("talk.to_topic")}
	now := s.Now()
	v.sentence(d, d.Board.Board.State(now), now)
	to := c.Query("to")
	if to != "" {
		x, err := s.Discussion.Find(ctx, d.ID, to)
		if err != nil || x.Topic != t.ID || x.Parent != "" {
			return db.ErrNotFound
		}
		v.base.Title = v.message("talk.reply")
		y := v.postView(x.Post, d, "", "")
		v.Post = &y
		to = "?to=" + url.QueryEscape(to)
	}
	if d.Board.Board.Writable(now) || sent != nil {
		v.Form = &registerForm{Action: v.URL(path+"/write") + to, Button: v.M("talk.send"), Trap: true}
		if v.Form.Stamp, err = s.Discussion.Stamp(ctx, d.ID); err != nil {
			return err
		}
		v.Form.Questions = v.postFields(sent, bad, true)
	}
	return s.sendForm(c, v, bad)
}

// sendForm answers with a form, and above it what is wrong.
func (s *Site) sendForm(c *gin.Context, v *discussionPage, bad []registration.Problem) error {
	r := &registerPage{base: v.base, Form: v.Form}
	r.problems(bad)
	v.Problems, v.Failed = r.Problems, r.Failed
	code := http.StatusOK
	if v.Failed {
		code = http.StatusUnprocessableEntity
	}
	return s.sendPage(c, code, "discussion", v.base, v)
}

// movedDiscussion sends on from an old address.
func (s *Site) movedDiscussion(c *gin.Context, err error) error {
	var moved *content.Moved
	if errors.As(err, &moved) && c.Request.Method == http.MethodGet {
		_, rest, _ := strings.Cut(c.Request.URL.Path, eventPath(c))
		return s.moved(c, address(web.Locale(c), moved.Path+rest))
	}
	return err
}

// fields makes the controls of a form with what was typed and what is wrong.
func (b *base) fields(values url.Values, bad []registration.Problem, all ...question) []question {
	for i := range all {
		q := &all[i]
		for _, p := range bad {
			if p.Field == q.Name && q.Bad == "" {
				q.Bad = b.M(p.Key, p.Args...)
			}
		}
		if q.Optional {
			q.OptionalWord = b.M("register.optional")
		}
		if q.Value == "" {
			q.Value = values.Get(q.Name)
		}
		for j := range q.Options {
			o := &q.Options[j]
			if o.ID = q.Name + "." + o.Value; j == 0 {
				o.ID = q.Name
			}
			o.On = slices.Contains(values[q.Name], o.Value)
		}
	}
	return all
}

// postFields are the fields of a post.
func (v *discussionPage) postFields(sent url.Values, bad []registration.Problem, mail bool) []question {
	l := v.base.Locale
	if sent == nil {
		sent = url.Values{}
	}
	if sent.Get(discussion.FieldLanguage) == "" {
		sent.Set(discussion.FieldLanguage, string(l))
	}
	codes := i18n.Countries()
	name := func(code string) string { return i18n.CountryName(l, code) }
	i18n.SortBy(l, codes, name)
	country := question{Name: discussion.FieldCountry, Kind: "select", Label: v.message("enum.registration_ask.country"), Optional: true, Auto: "country"}
	for _, code := range codes {
		country.Options = append(country.Options, choice{Value: code, Text: text{name(code), l, false}})
	}
	language := question{Name: discussion.FieldLanguage, Kind: "select", Label: v.message("talk.language")}
	for _, x := range i18n.All {
		language.Options = append(language.Options, choice{Value: string(x), Text: text{x.Endonym(), x, x != l}})
	}
	all := []question{{Name: discussion.FieldText, Kind: "long", Label: v.message("talk.text"), Help: v.message("talk.text_help")}, language,
		{Name: discussion.FieldName, Kind: "text", Label: v.message("talk.name"), Auto: "name"},
		{Name: discussion.FieldOrganization, Kind: "text", Label: v.message("enum.registration_ask.organization"), Optional: true, Auto: "organization"}, country}
	if mail {
		all = append(all, question{Name: discussion.FieldMail, Kind: "text", Input: "email", Label: v.message("register.mail"), Help: v.message("talk.mail_help"), Auto: "email"})
	}
	all = append(all, question{Name: discussion.FieldFollow, Kind: "check", Label: v.message("talk.follow_box"), Options: []choice{{Value: "1"}}})
	return v.fields(sent, bad, all...)
}

func (s *Site) said(c *gin.Context, form url.Values) discussion.Submission {
	return discussion.Submission{Locale: web.Locale(c), Stamp: form.Get("stamp"), From: web.ClientIP(c), Values: form}
}

// refusal gives what is wrong with what was sent; false where it is no matter of the form.
func refusal(err error) ([]registration.Problem, bool) {
	var bad *registration.Invalid
	var slow *auth.ThrottledError
	switch {
	case errors.As(err, &bad):
		return bad.Problems, true
	case errors.As(err, &slow):
		return []registration.Problem{{Key: "board.throttled"}}, true
	}
	return nil, false
}

func (s *Site) writePost(c *gin.Context) error {
	d, t, err := s.openBoard(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	sent := address(web.Locale(c), d.Page.Path+"/discussion/"+t.ID+"/sent")
	if form.Get(trap) != "" {
		return web.Redirect(c, sent)
	}
	err = s.Discussion.Write(c.Request.Context(), d.ID, t.ID, c.Query("to"), s.said(c, form))
	if bad, is := refusal(err); is {
		return s.showWrite(c, form, bad)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, sent)
}

// discussionSent says that a letter is on its way, or that a report has come. It is the same for everybody who comes here.
func (s *Site) discussionSent(c *gin.Context) error {
	d, t, err := s.openBoard(c)
	if err != nil {
		return s.movedDiscussion(c, err)
	}
	path := d.Page.Path + "/discussion/" + t.ID
	title, words := "talk.sent", "talk.sent_text"
	if c.Query("what") == "report" {
		title, words = "talk.reported", "talk.reported_text"
	}
	v, err := s.ownBase(c, d, path+"/sent", title)
	if err != nil {
		return err
	}
	if title == "talk.sent" {
		v.Notices = append(v.Notices, plain(v.M("talk.sent_help")))
	}
	v.Kind, v.Text, v.Back = "sent", v.M(words), link{v.URL(path), v.message("talk.to_topic")}
	return s.sendPage(c, http.StatusOK, "discussion", v.base, v)
}

func (s *Site) reportForm(c *gin.Context) error { return s.showReport(c, nil, nil) }

func (s *Site) showReport(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	d, t, err := s.openBoard(c)
	if err != nil {
		return s.movedDiscussion(c, err)
	}
	ctx := c.Request.Context()
	x, err := s.Discussion.Find(ctx, d.ID, c.Param("post"))
	if err != nil || x.Topic != t.ID {
		return db.ErrNotFound
	}
	path := d.Page.Path + "/discussion/" + t.ID
	v, err := s.ownBase(c, d, path+"/report/"+x.ID, "talk.report_title")
	if err != nil {
		return err
	}
	v.Kind, v.Back = "form", link{v.URL(path), v.message("talk.to_topic")}
	y := v.postView(x.Post, d, "", "")
	v.Post = &y
	v.Form = &registerForm{Action: c.Request.URL.Path, Button: v.M("talk.report"), Trap: true}
	if v.Form.Stamp, err = s.Discussion.Stamp(ctx, d.ID); err != nil {
		return err
	}
	why := question{Name: discussion.FieldReason, Kind: "radios", Label: v.message("talk.reason")}
	for _, r := range discussion.Reasons {
		why.Options = append(why.Options, choice{Value: r, Text: v.message("enum.discussion_reason." + r)})
	}
	v.Form.Questions = v.fields(sent, bad, why, question{Name: discussion.FieldNote, Kind: "long", Label: v.message("talk.note"), Optional: true})
	return s.sendForm(c, v, bad)
}

func (s *Site) reportPost(c *gin.Context) error {
	d, t, err := s.openBoard(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get(trap) == "" {
		err = s.Discussion.Report(c.Request.Context(), d.ID, c.Param("post"), s.said(c, form))
		if bad, is := refusal(err); is {
			return s.showReport(c, form, bad)
		}
		if err != nil {
			return err
		}
	}
	return web.Redirect(c, address(web.Locale(c), d.Page.Path+"/discussion/"+t.ID+"/sent?what=report"))
}

func (s *Site) ownPost(c *gin.Context) error { return s.showOwnPost(c, nil) }

var postTones = map[discussion.PostState]string{discussion.Unverified: "warn", discussion.Pending: "info", discussion.Shown: "ok", discussion.Hidden: "bad", discussion.Withdrawn: "quiet"}

// showOwnPost is the page behind the private link of a letter.
func (s *Site) showOwnPost(c *gin.Context, bad []registration.Problem) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	o, err := s.Discussion.Own(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	p, err := s.Content.LiveByID(ctx, l, o.Event.ID)
	if err != nil {
		return err
	}
	d, err := s.discussedIn(ctx, p)
	if err != nil {
		return err
	}
	v, err := s.ownBase(c, d, "posts/"+c.Param("token"), "talk.own")
	if err != nil {
		return err
	}
	v.Kind, v.Back = "own", link{v.boardURL(d.Page.Path, o.Topic), v.message("talk.to_topic")}
	if o.State == discussion.Shown {
		if x, err := s.Discussion.Find(ctx, d.ID, o.ID); err == nil { // not where what it answers is hidden
			if x.Page > 1 {
				v.Back.URL += "?page=" + strconv.Itoa(x.Page)
			}
			v.Back.URL += "#p-" + o.ID
		}
	}
	v.State = status{Label: v.M("enum.discussion_post." + string(o.State)), Tone: postTones[o.State]}
	v.Text, v.Why = v.M("talk.state."+string(o.State)), o.Reason
	v.Confirm = o.State == discussion.Unverified && d.Board.Board.Writable(s.Now())
	v.Withdraw = o.State == discussion.Pending || o.State == discussion.Shown || o.State == discussion.Unverified
	y := v.postView(o.Post, d, "", "")
	v.Post = &y
	for _, x := range o.Others {
		title, in := x.Event.Board.Event.Pick(l, x.Event.Original)
		v.Others = append(v.Others, otherPost{v.postView(x.Post, d, "", ""), text{title, in, in != l}})
	}
	return s.sendForm(c, v, bad)
}

func (s *Site) changePost(c *gin.Context) error {
	return s.press(c, s.showOwnPost, buttons{"confirm": s.Discussion.Confirm, "withdraw": s.Discussion.Withdraw,
		"confirm_other": func(ctx context.Context, token string) error {
			form, _ := web.Form(c) // read, or nothing were pressed
			return s.Discussion.ConfirmOther(ctx, token, form.Get("post"))
		}})
}

func (s *Site) writeAsForm(c *gin.Context) error { return s.showWriteAs(c, nil, nil) }

// showWriteAs is the form for those who come by their registration's private link: no letter is needed.
func (s *Site) showWriteAs(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	r, _, p, err := s.own(c)
	if err != nil {
		return err
	}
	if !r.State.TakesPart() {
		return db.ErrNotFound
	}
	ctx := c.Request.Context()
	d, err := s.discussedIn(ctx, p)
	if err != nil {
		return err
	}
	v, err := s.ownBase(c, d, "registrations/"+c.Param("token")+"/discussion", "talk.write")
	if err != nil {
		return err
	}
	now := s.Now()
	v.Kind, v.Back = "form", link{v.boardURL(d.Page.Path, ""), v.message("talk.to_board")}
	v.sentence(d, d.Board.Board.State(now), now)
	if what := c.Query("sent"); what != "" && sent == nil {
		v.Kind, v.Text = "sent", v.M("talk.sent_pending")
		if what == "follow" {
			v.base.Title, v.Text = v.message("talk.following"), v.M("talk.following_state.follows")
		}
		return s.sendPage(c, http.StatusOK, "discussion", v.base, v)
	}
	if d.Board.Board.Followable(now) {
		v.Follow = v.M("talk.follow")
	}
	if d.Board.Board.Writable(now) || sent != nil {
		v.Form = &registerForm{Action: c.Request.URL.Path, Button: v.M("talk.send"), Trap: true}
		if v.Form.Stamp, err = s.Discussion.Stamp(ctx, d.ID); err != nil {
			return err
		}
		if sent == nil {
			sent = url.Values{discussion.FieldName: {r.Name}, discussion.FieldOrganization: {r.Organization}, discussion.FieldCountry: {r.Country}, discussion.FieldTopic: {c.Query("topic")}}
		}
		topic := question{Name: discussion.FieldTopic, Kind: "radios", Label: v.message("talk.topics")}
		for _, t := range d.Board.Board.Topics {
			topic.Options = append(topic.Options, choice{Value: t.ID, Text: v.words(t.Title, d.Original)})
		}
		v.Form.Questions = append(v.fields(sent, bad, topic), v.postFields(sent, bad, false)...)
	}
	return s.sendForm(c, v, bad)
}

func (s *Site) writeAs(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request.Context(), c.Param("token")
	if form.Get(trap) != "" {
		return web.Redirect(c, c.Request.URL.Path+"?sent=1")
	}
	if form.Get("do") == "follow" {
		err := s.Discussion.FollowAs(ctx, token)
		if bad, is := refusal(err); is {
			return s.showWriteAs(c, form, bad)
		} else if err != nil {
			return err
		}
		return web.Redirect(c, c.Request.URL.Path+"?sent=follow")
	}
	_, e, err := s.Registration.Own(ctx, token)
	if err != nil {
		return err
	}
	b, err := s.Discussion.Event(ctx, e.ID)
	if err != nil {
		return err
	}
	topic := form.Get(discussion.FieldTopic)
	if b.Board.Topic(topic) == nil {
		return s.showWriteAs(c, form, []registration.Problem{{Field: discussion.FieldTopic, Key: "registration.choice"}})
	}
	st, err := s.Discussion.WriteAs(ctx, token, topic, "", s.said(c, form))
	if bad, is := refusal(err); is {
		return s.showWriteAs(c, form, bad)
	}
	switch {
	case err != nil:
		return err
	case st == discussion.Shown:
		return web.Redirect(c, address(l, e.Path+"/discussion/"+topic))
	}
	return web.Redirect(c, c.Request.URL.Path+"?sent=1")
}
