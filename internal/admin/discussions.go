package admin

import (
	"bytes"
	"errors"
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
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

const queueURL = "/admin/discussions"

// discussionRoutes are the addresses of the moderators' queue, and of what belongs to the board of one event.
func (a *Admin) discussionRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	rule := web.Needs(auth.Moderate)
	at := func(method, path string, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: rule, Class: web.Personal, Handle: handle}
	}
	remove := web.Needs(auth.ManageInstance)
	routes := []web.Route{at(get, queueURL, a.queue), at(post, queueURL, a.moderate),
		{Method: get, Path: queueURL + "/:post/delete", Rule: remove, Class: web.Personal, Handle: a.deletePostPage},
		{Method: post, Path: queueURL + "/:post/delete", Rule: remove, Class: web.Personal, Handle: a.deletePost}}
	for _, k := range a.content.Kinds {
		if _, ok := k.New().(discussion.Boarding); !ok {
			continue
		}
		one := listURL(k) + "/:id"
		of := func(handle func(*content.Kind, *gin.Context) error) func(*gin.Context) error {
			return func(c *gin.Context) error { return handle(k, c) }
		}
		routes = append(routes, at(get, one+"/discussion/export.csv", of(a.exportDiscussion)), at(get, one+"/discussion/export.xlsx", of(a.exportDiscussion)), at(get, one+"/questions", of(a.questionList)), at(post, one+"/questions", of(a.gatherQuestions)),
			at(get, one+"/questions/:question", of(a.questionPage)), at(post, one+"/questions/:question", of(a.saveQuestion)),
			web.Route{Method: post, Path: one + "/discussion/topics", Rule: web.Needs(auth.EditFacts), Class: web.Personal, Handle: of(a.makeTopics)})
	}
	return routes
}

func questionsURL(k *content.Kind, id string) string { return listURL(k) + "/" + id + "/questions" }

// discussionActions lead from an event to its board's posts and questions.
func (a *Admin) discussionActions(who *auth.Actor, e *content.Entry, t tongue) []Link {
	v, ok := e.Value.(discussion.Boarding)
	if !ok || v.DiscussionBoard() == nil || !who.Can(auth.Moderate, e.Object()) {
		return nil
	}
	return []Link{{t.T("moderation.title"), queueURL + "?event=" + e.ID}, {t.T("questions.title"), questionsURL(e.Kind, e.ID)}}
}

// queueScreen is the posts of the boards that one may moderate.
type queueScreen struct {
	*discussion.List
	Filter     *Form
	Filtered   bool
	Tabs       []registrantCount
	Posts      []queuePost
	Events     []Choice
	Here       string // where forms come back to
	From, To   int
	Prev, Next string
	Board      *queueBoard // of the event asked for
}

// queueBoard is what can be done with the board of one event.
type queueBoard struct {
	Name, Entry, Page, Proceedings, Export, Workbook, Questions, Topics string
}

type queuePost struct {
	discussion.Line
	P             *Page
	EventName     string
	TopicName     string
	Tone          string
	Nation        string
	Paragraphs    []string
	Tick          string // what the box is called
	Steps         []registrantStepLine
	Public        string // its place on the site
	ReplyTo       string
	Who           string
	CanDelete     bool
	Ops           []discussion.Op
	Speaker       string   // who answers in it
	Speakers      []Choice // who may
	HasReports    bool
	LanguageOther bool
}

type registrantStepLine struct {
	What, Who, Why string
	At             time.Time
}

var postTags = map[discussion.PostState]string{discussion.Pending: "rev", discussion.Shown: "ok", discussion.Hidden: "bad"}

// queueKeys are the keys that the scripts put on decisions.
var queueKeys = map[discussion.Op]string{discussion.Approve: "a", discussion.Hide: "h", discussion.Undo: "u", discussion.Unpin: "p"}

// Key is the key of a decision.
func (q queuePost) Key(op discussion.Op) string { return queueKeys[op] }

func (a *Admin) queue(c *gin.Context) error { return a.showQueue(c, nil, nil) }

func (a *Admin) showQueue(c *gin.Context, sent url.Values, refused error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	f := newForm("q", c.Query("q"), "state", c.Query("state"), "event", c.Query("event"))
	q := discussion.Query{Event: f.Get("event"), State: f.Get("state"), Search: f.Get("q"), Limit: 25}
	all := q.State == "all"
	switch {
	case q.State == "":
		q.State = discussion.Waiting
	case all:
		q.State = ""
	case q.State != discussion.Waiting && !slices.Contains(discussion.PostStates, discussion.PostState(q.State)):
		return errQuery()
	}
	page, _ := web.Page(c)
	q.Offset = (page - 1) * q.Limit
	list, err := a.discussion.Queue(ctx, who, q)
	if err != nil {
		return err
	}
	p := a.page(c, "moderation.title")
	p.Active, p.Layout = "discussions", "one"
	d := queueScreen{List: list, Filter: f, Filtered: q.Event != "" || q.Search != "", Here: c.Request.URL.RequestURI()}
	if sent != nil {
		d.Here = sent.Get("back")
		f.Values.Set("reason", sent.Get("reason"))
		if !p.refused(f, refused, "reason") {
			return refused
		}
	}
	at := func(name, value string) string {
		v := url.Values{}
		for _, n := range []string{"q", "state", "event"} {
			if w := f.Get(n); w != "" {
				v.Set(n, w)
			}
		}
		v.Set(name, value)
		if value == "" {
			v.Del(name)
		}
		return strings.TrimSuffix(queueURL+"?"+v.Encode(), "?")
	}
	total := 0
	for _, st := range discussion.PostStates {
		total += list.Counts[string(st)]
	}
	d.Tabs = []registrantCount{{p.T("moderation.waiting"), at("state", ""), list.Counts[discussion.Waiting], q.State == discussion.Waiting}, {p.T("moderation.all"), at("state", "all"), total, all}}
	for _, st := range discussion.PostStates {
		if n := list.Counts[string(st)]; n > 0 && st != discussion.Pending || q.State == string(st) {
			d.Tabs = append(d.Tabs, registrantCount{p.T("enum.discussion_post." + string(st)), at("state", string(st)), n, q.State == string(st)})
		}
	}
	if d.Posts, err = a.queuePosts(c, p, list.Lines, sent); err != nil {
		return err
	}
	if q.Event != "" {
		if d.Board, err = a.queueBoard(c, p, q.Event); err != nil {
			return err
		}
	}
	if page > 1 {
		d.Prev = at("page", strconv.Itoa(page-1))
	}
	if q.Offset+len(list.Lines) < list.Total {
		d.Next = at("page", strconv.Itoa(page+1))
	}
	d.From, d.To = min(q.Offset+1, list.Total), q.Offset+len(list.Lines)
	p.D = d
	code := http.StatusOK
	if p.Failed {
		code = http.StatusUnprocessableEntity
	}
	return a.render(c, code, "discussions", p)
}

func (a *Admin) queuePosts(c *gin.Context, p *Page, lines []discussion.Line, sent url.Values) ([]queuePost, error) {
	ctx, who := c.Request.Context(), web.Actor(c)
	var events, accounts []string
	for _, x := range lines {
		if !slices.Contains(events, x.Event) {
			events = append(events, x.Event)
		}
		for _, l := range x.Log {
			accounts = append(accounts, l.Actor)
		}
	}
	names, err := a.accountNames(ctx, p.tongue(), accounts)
	if err != nil {
		return nil, err
	}
	titles, err := a.content.Labels(ctx, p.Locale, events)
	if err != nil {
		return nil, err
	}
	desks, speakers := map[string]*discussion.Desk{}, map[string][]Choice{}
	for _, id := range events {
		switch d, err := a.discussion.Desk(ctx, who, id); {
		case err == nil:
			desks[id] = d
			if speakers[id], err = a.speakerChoices(c, d); err != nil {
				return nil, err
			}
		case !errors.Is(err, db.ErrNotFound): // a board that was switched off
			return nil, err
		}
	}
	var out []queuePost
	for _, x := range lines {
		r := queuePost{Line: x, P: p, EventName: titles[x.Event], Tone: postTags[x.State], Paragraphs: strings.Split(x.Text, "\n\n"), Who: x.Name, LanguageOther: x.Locale != p.Locale}
		if r.Who == "" {
			r.Who = p.T("moderation.anonymous")
		}
		r.Tick = p.T("bulk.select_one", "Title", i18n.Isolate(r.Who))
		if x.Country != "" {
			r.Nation = i18n.CountryName(p.Locale, x.Country)
		}
		if d := desks[x.Event]; d != nil {
			if t := d.Topic(x.Topic); t != nil {
				r.TopicName, _ = t.Title.Pick(p.Locale, d.Original)
				if x.State == discussion.Shown && d.Path != "" {
					r.Public = "/" + string(p.Locale) + "/" + d.Path + "/discussion/" + x.Topic
				}
			}
		}
		r.Speakers = speakers[x.Event]
		for _, s := range r.Speakers {
			if s.Value == string(x.AnswersAs) {
				r.Speaker = s.Text
			}
		}
		if x.Answers != nil {
			name := x.Answers.Name
			if name == "" {
				name = p.T("moderation.anonymous")
			}
			r.ReplyTo = p.T("moderation.in_reply", "Name", i18n.Isolate(name))
		}
		for _, op := range x.May {
			if op == discussion.Delete {
				r.CanDelete = true
			} else {
				r.Ops = append(r.Ops, op)
			}
		}
		r.HasReports = slices.ContainsFunc(x.Said, func(s discussion.Report) bool { return !s.Settled })
		for _, l := range x.Log {
			s := registrantStepLine{What: p.T("moderation.step." + l.Action), Why: l.Reason, At: l.At}
			if l.Actor != "" {
				s.Who = names[l.Actor]
			}
			r.Steps = append(r.Steps, s)
		}
		out = append(out, r)
	}
	return out, nil
}

// queueBoard is the board of an event; nil where it is none that the actor moderates.
func (a *Admin) queueBoard(c *gin.Context, p *Page, id string) (*queueBoard, error) {
	ctx, who := c.Request.Context(), web.Actor(c)
	desk, err := a.discussion.Desk(ctx, who, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	titles, err := a.content.Labels(ctx, p.Locale, []string{id})
	if err != nil {
		return nil, err
	}
	k := kind.EventKind
	b := &queueBoard{Name: titles[id], Questions: questionsURL(k, id)}
	if desk.Path != "" {
		b.Page = "/" + string(p.Locale) + "/" + desk.Path + "/discussion"
		b.Proceedings, b.Export, b.Workbook = b.Page+"/proceedings", listURL(k)+"/"+id+"/discussion/export.csv", listURL(k)+"/"+id+"/discussion/export.xlsx"
	}
	if e, err := a.content.Get(ctx, who, id); err == nil {
		b.Entry = entryURL(k, id, "")
		if who.Can(auth.EditFacts, e.Object()) {
			b.Topics = listURL(k) + "/" + id + "/discussion/topics"
		}
	}
	return b, nil
}

// queueBack is where a form of the queue comes back to.
func queueBack(form url.Values) string {
	back := form.Get("back")
	if u, err := url.Parse(back); err != nil || u.Path != queueURL || !web.SafePath(back) {
		return queueURL
	}
	return back
}

// moderate takes a decision: on one post by its own button ("approve" and the post's id), or on all that are ticked.
func (a *Admin) moderate(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	op, ids, reason := discussion.Op(form.Get("op")), form["id"], form.Get("reason")
	if id, ok := strings.CutPrefix(form.Get("one"), "pin "); ok {
		return a.pin(c, form, id)
	}
	if one, id, ok := strings.Cut(form.Get("one"), " "); ok {
		op, ids, reason = discussion.Op(one), []string{id}, form.Get("reason."+id)
	}
	if op != discussion.Approve && op != discussion.Hide && op != discussion.Undo && op != discussion.Unpin {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	if len(ids) == 0 {
		flash(c, "warning", "bulk.none")
		return web.Redirect(c, queueBack(form))
	}
	if err := a.decidePosts(c, ids, op, reason); err != nil {
		var bad *registration.Invalid
		if errors.As(err, &bad) {
			return a.showQueue(c, form, err)
		}
		return err
	}
	return web.Redirect(c, queueBack(form))
}

// pin puts a post before the others of its topic, as the answer of a person of the event where one is chosen.
func (a *Admin) pin(c *gin.Context, form url.Values, id string) error {
	err := a.discussion.Pin(c.Request.Context(), web.Actor(c), id, content.Ref(form.Get("as."+id)))
	var bad *registration.Invalid
	if errors.As(err, &bad) {
		return a.showQueue(c, form, err)
	} else if err != nil {
		return err
	}
	flash(c, "success", "moderation.done_pin")
	return web.Redirect(c, queueBack(form))
}

func (a *Admin) decidePosts(c *gin.Context, ids []string, op discussion.Op, reason string) error {
	d, err := a.discussion.Decide(c.Request.Context(), web.Actor(c), ids, op, reason)
	if err != nil {
		return err
	}
	l := web.Locale(c)
	if d.Done > 0 {
		flash(c, "success", "moderation.done_"+string(op), "Count", i18n.Number(l, d.Done))
	}
	if d.Passed > 0 {
		flash(c, "info", "moderation.done_passed", "Count", i18n.Number(l, d.Passed))
	}
	return nil
}

func (a *Admin) deletePostPage(c *gin.Context) error {
	p := a.page(c, "moderation.delete_title")
	p.Active, p.Layout = "discussions", "one"
	p.Crumbs = []Link{{p.T("moderation.title"), queueURL}}
	p.D = confirmPage{Heading: p.Title, Text: p.T("moderation.delete_text"), Button: p.T("moderation.op_delete"), Action: c.Request.URL.Path, Back: queueURL + "?state=all"}
	return a.render(c, http.StatusOK, "confirm", p)
}

func (a *Admin) deletePost(c *gin.Context) error {
	if err := a.decidePosts(c, []string{c.Param("post")}, discussion.Delete, ""); err != nil {
		return err
	}
	return web.Redirect(c, queueURL+"?state=all")
}

func (a *Admin) exportDiscussion(_ *content.Kind, c *gin.Context) error {
	l := web.Locale(c)
	f := sheet.CSV
	if strings.HasSuffix(c.Request.URL.Path, ".xlsx") {
		f = sheet.XLSX
	}
	var b bytes.Buffer
	if err := a.discussion.Export(c.Request.Context(), web.Actor(c), c.Param("id"), f, &b, func(key string) string { return a.cat.T(l, key) }, l); err != nil {
		return err
	}
	return sendTable(c, f, "discussion-"+c.Param("id"), b.Bytes())
}

// makeTopics adds the event's key questions to its board as topics, in all languages they have. It is an ordinary save: what is
// public changes when the event is published.
func (a *Admin) makeTopics(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	back := queueURL + "?event=" + e.ID
	ev, ok := e.Value.(*kind.Event)
	if !ok {
		return db.ErrNotFound
	}
	topics := ev.KeyQuestionTopics()
	if len(topics) == 0 {
		flash(c, "info", "moderation.topics_none")
		return web.Redirect(c, back)
	}
	after := *ev
	after.Discussion.Topics = append(slices.Clone(ev.Discussion.Topics), topics...)
	if _, err := a.content.Save(c.Request.Context(), who, content.Change{ID: e.ID, Base: e.Versions, Set: topicParts(k, ev, &after)}); err != nil {
		return err
	}
	flash(c, "success", "moderation.topics_done", "Count", i18n.Number(web.Locale(c), len(topics)))
	return web.Redirect(c, back)
}

// topicParts are the leaves in which two versions of an event differ.
func topicParts(k *content.Kind, before, after *kind.Event) content.Parts {
	was, set := k.Split(before), k.Split(after)
	for part, leaves := range set {
		for path, v := range leaves {
			if slices.Equal(was[part][path], v) {
				delete(leaves, path)
			}
		}
		if len(leaves) == 0 {
			delete(set, part)
		}
	}
	return set
}

// questionsScreen is what was asked at an event.
type questionsScreen struct {
	Path, New string
	Tabs      []registrantCount
	Rows      []questionLine
	CanGather bool
}

type questionLine struct {
	discussion.Question
	URL, TopicName, SpeakerName, Who, Tone string
}

var questionTags = map[string]string{discussion.Asked: "rev", discussion.AnsweredLive: "ok", discussion.AnsweredNow: "ok"}

func (a *Admin) questionsDesk(k *content.Kind, c *gin.Context, title string) (*Page, *discussion.Desk, error) {
	desk, err := a.discussion.Desk(c.Request.Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	labels, err := a.content.Labels(c.Request.Context(), web.Locale(c), []string{c.Param("id")})
	if err != nil {
		return nil, nil, err
	}
	p := a.page(c, title)
	p.Active, p.Layout = "discussions", "one"
	p.Crumbs = []Link{{p.T("moderation.title"), queueURL}, {labels[c.Param("id")], queueURL + "?event=" + c.Param("id")}}
	return p, desk, nil
}

func (a *Admin) questionList(k *content.Kind, c *gin.Context) error {
	ctx, id, state := c.Request.Context(), c.Param("id"), c.Query("state")
	if state != "" && !slices.Contains(discussion.QuestionStates, state) {
		return errQuery()
	}
	p, desk, err := a.questionsDesk(k, c, "questions.title")
	if err != nil {
		return err
	}
	list, counts, err := a.discussion.Questions(ctx, web.Actor(c), id, state)
	if err != nil {
		return err
	}
	d := questionsScreen{Path: questionsURL(k, id), CanGather: desk.Question != "" && desk.Path != ""}
	if desk.Path != "" {
		d.New = d.Path + "/new"
	}
	all := 0
	for _, n := range counts {
		all += n
	}
	d.Tabs = []registrantCount{{p.T("moderation.all"), d.Path, all, state == ""}}
	for _, st := range discussion.QuestionStates {
		d.Tabs = append(d.Tabs, registrantCount{p.T("enum.discussion_question." + st), d.Path + "?state=" + st, counts[st], st == state})
	}
	speakers, err := a.speakerChoices(c, desk)
	if err != nil {
		return err
	}
	for _, q := range list {
		r := questionLine{Question: q, URL: d.Path + "/" + q.ID, Who: q.Name, Tone: questionTags[q.State]}
		if r.Who == "" {
			r.Who = p.T("moderation.anonymous")
		}
		if t := desk.Topic(q.Topic); t != nil {
			r.TopicName, _ = t.Title.Pick(p.Locale, desk.Original)
		}
		for _, s := range speakers {
			if s.Value == q.Speaker {
				r.SpeakerName = s.Text
			}
		}
		d.Rows = append(d.Rows, r)
	}
	p.D = d
	return a.render(c, http.StatusOK, "questions", p)
}

func (a *Admin) speakerChoices(c *gin.Context, desk *discussion.Desk) ([]Choice, error) {
	var ids []string
	for _, s := range desk.Speakers {
		ids = append(ids, string(s.Person))
	}
	names, err := a.content.Labels(c.Request.Context(), web.Locale(c), ids)
	var out []Choice
	for _, id := range ids {
		out = append(out, Choice{Value: id, Text: names[id]})
	}
	return out, err
}

// gatherQuestions takes over what was asked in the form to register.
func (a *Admin) gatherQuestions(k *content.Kind, c *gin.Context) error {
	id := c.Param("id")
	if _, err := a.discussion.Desk(c.Request.Context(), web.Actor(c), id); err != nil {
		return err
	}
	n, err := a.discussion.Gather(c.Request.Context(), id)
	if err != nil {
		return err
	}
	flash(c, "success", "questions.gathered", "Count", i18n.Number(web.Locale(c), n))
	return web.Redirect(c, questionsURL(k, id))
}

// questionScreen is one question, or a new one.
type questionScreen struct {
	*discussion.Question // nil: a new one
	Path, Back           string
	Form                 *Form
	Topics, Speakers     []Choice
	States, Sources      []Choice
	Answers              []Field
	Original             i18n.Locale
	CanSeed              bool
}

func (a *Admin) questionPage(k *content.Kind, c *gin.Context) error {
	return a.showQuestion(k, c, nil, nil)
}

func (a *Admin) showQuestion(k *content.Kind, c *gin.Context, sent url.Values, refused error) error {
	id, qid := c.Param("id"), c.Param("question")
	p, desk, err := a.questionsDesk(k, c, "questions.add")
	if err != nil {
		return err
	}
	p.Crumbs = append(p.Crumbs, Link{p.T("questions.title"), questionsURL(k, id)})
	p.Layout = "one narrow"
	d := questionScreen{Path: questionsURL(k, id) + "/" + qid, Back: questionsURL(k, id), Original: desk.Original}
	f := newForm(discussion.FieldSource, "floor", discussion.FieldLanguage, string(p.Locale), discussion.FieldState, discussion.Asked)
	if qid != "new" {
		if d.Question, err = a.discussion.Question(c.Request.Context(), web.Actor(c), id, qid); err != nil {
			return err
		}
		q := d.Question
		p.Title = p.T("moderation.what.question")
		f = newForm(discussion.FieldText, q.Text, discussion.FieldLanguage, string(q.Locale), discussion.FieldName, q.Name, discussion.FieldTopic, q.Topic, discussion.FieldSpeaker, q.Speaker,
			discussion.FieldState, q.State)
		for l, w := range q.Answers {
			f.Values.Set(discussion.AnswerPrefix+string(l), w)
		}
		d.CanSeed = q.Post == "" && q.State == discussion.Asked && desk.Path != ""
	} else if desk.Path == "" {
		return db.ErrNotFound // nothing is kept of a board that is not public
	}
	if sent != nil {
		f.Values = sent
	}
	for _, t := range desk.Topics {
		w, _ := t.Title.Pick(p.Locale, desk.Original)
		d.Topics = append(d.Topics, Choice{Value: t.ID, Text: w})
	}
	if d.Speakers, err = a.speakerChoices(c, desk); err != nil {
		return err
	}
	for _, st := range discussion.QuestionStates {
		d.States = append(d.States, Choice{Value: st, Text: p.T("enum.discussion_question." + st)})
	}
	for _, s := range []string{"floor", "day"} {
		d.Sources = append(d.Sources, Choice{Value: s, Text: p.T("enum.discussion_source." + s)})
	}
	if refused != nil && !p.refused(f, refused, discussion.FieldText, discussion.FieldLanguage, discussion.FieldName, discussion.FieldMail, discussion.FieldTopic, discussion.FieldSpeaker, discussion.FieldState) {
		return refused
	}
	for _, l := range p.SiteLocales() {
		name := discussion.AnswerPrefix + string(l)
		d.Answers = append(d.Answers, Field{P: p, Name: name, Label: p.T("questions.answer_in", "Language", i18n.LanguageName(p.Locale, string(l))), Value: f.Get(name), Lang: string(l), Rows: 4, Bad: f.Bad[name]})
	}
	d.Form = f
	p.D = d
	code := http.StatusOK
	if p.Failed {
		code = http.StatusUnprocessableEntity
	}
	return a.render(c, code, "question", p)
}

func (a *Admin) saveQuestion(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who, id, qid := c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("question")
	done, was := "questions.saved", qid
	if was == "new" {
		was = ""
	}
	saved, err := a.discussion.SaveQuestion(ctx, who, id, was, form)
	if err == nil && form.Get("op") == "seed" {
		done = "questions.seeded"
		err = a.discussion.Seed(ctx, who, id, saved)
	}
	var bad *registration.Invalid
	switch {
	case errors.As(err, &bad):
		return a.showQuestion(k, c, form, err)
	case err != nil:
		return err
	}
	flash(c, "success", done)
	return web.Redirect(c, questionsURL(k, id))
}
