package site

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/discussion"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Commenting on a draft, a paragraph at a time, and the stages a report has gone through. Forms look like those of boards.

// reportRoutes are the addresses that belong to a report beside its page.
func (s *Site) reportRoutes() []web.Route {
	const of, own = "/:locale/:section/:a/:b", "/:locale/comments/:token"
	at := func(method, path string, class web.Class, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: web.Public, Class: class, MaxBody: 64 << 10, Handle: handle}
	}
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		at(get, of+"/stages/:stage", web.Cacheable, s.earlierPage),
		at(get, of+"/comments", web.Cacheable, s.commentsPage),
		at(get, of+"/comments/:paragraph", web.Personal, s.commentForm),
		at(post, of+"/comments/:paragraph", web.Personal, s.commentPost),
		at(get, of+"/comments/:paragraph/sent", web.Personal, s.commentSent),
		at(get, own, web.Secret, s.ownComment),
		at(post, own, web.Secret, s.changeComment),
	}
}

// earlierPage is a report as it was last public in an earlier stage, marked as superseded.
func (s *Site) earlierPage(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	path, stage := eventPath(c), c.Param("stage")
	err = s.answer(c, func(ctx context.Context) (*answer, error) {
		now, err := s.Content.Live(ctx, l, path)
		if err != nil {
			return nil, err
		}
		p, err := s.Content.EarlierPage(ctx, now, stage)
		if err != nil {
			return nil, err
		}
		e, err := s.newEntryPage(ctx, p)
		if err != nil {
			return nil, err
		}
		e.earlier = publicationTitle(l, now.Publication)
		b := e.base
		b.Path = path + "/stages/" + stage
		// Machines are led to the text that counts.
		b.NoIndex, b.Canonical, b.Alternates, b.Permalink = true, s.absolute(address(l, path)), nil, ""
		for i := range b.Languages {
			b.Languages[i].URL = address(b.Languages[i].Locale, b.Path)
		}
		b.Crumbs = append(b.Crumbs, link{b.URL(path), e.earlier})
		_, data, err := s.reportPage(e)
		if err != nil {
			return nil, err
		}
		return s.render("read", b, data)
	})
	return s.movedBelow(c, l, path, err)
}

// movedBelow sends on from an old address to the same place below the new one.
func (s *Site) movedBelow(c *gin.Context, l i18n.Locale, path string, err error) error {
	var moved *content.Moved
	if errors.As(err, &moved) && c.Request.Method == http.MethodGet {
		_, rest, _ := strings.Cut(c.Request.URL.Path, path)
		return s.moved(c, address(l, moved.Path+rest))
	}
	return err
}

// commented is a draft whose page is asked for.
type commented struct {
	*content.Page
	Round *comment.Round
}

// commentedAt finds the draft of an address. A report that is not open for comment has no such pages, save for the time after
// the date, in which they say that it is over.
func (s *Site) commentedAt(ctx context.Context, l i18n.Locale, path string) (*commented, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	if v, ok := p.Value.(comment.Rounded); ok {
		if r := v.CommentRound(); r.Open {
			return &commented{p, r}, nil
		}
	}
	return nil, db.ErrNotFound
}

// commentBase begins a page of a draft's round.
func (s *Site) commentBase(ctx context.Context, d *content.Page, r *comment.Round, path, title string) (*discussionPage, error) {
	e, err := s.newEntryPage(ctx, d)
	if err != nil {
		return nil, err
	}
	b := e.base
	v := &discussionPage{base: b, Event: named{b.Title, b.URL(d.Path)}}
	b.Crumbs = append(b.Crumbs, link{v.Event.URL, v.Event.Name})
	b.Title, b.Description, b.Image, b.Updated = b.message(title), text{}, nil, time.Time{}
	b.Path, b.NoIndex, b.Canonical, b.Alternates, b.Permalink = path, true, "", nil, ""
	for i := range b.Languages {
		b.Languages[i].URL, b.Languages[i].Missing = address(b.Languages[i].Locale, path), false
	}
	now := s.Now()
	b.untilPassing(now, r.Until)
	if r.Takes(now) {
		v.Notices = append(v.Notices, v.html("comment.open", "Time", v.moment(r.Until, r.Zone)), plain(v.M("comment.how")))
	} else {
		v.Notices = append(v.Notices, v.html("comment.closed", "Time", v.moment(r.Until, r.Zone)))
	}
	return v, nil
}

func (b *base) placeOf(p *comment.Paragraph) text {
	return text{comment.Place(b.site.Catalogue, b.Locale, p.Kind, p.Number), b.Locale, false}
}

// commentsPage lists what can be commented on.
func (s *Site) commentsPage(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	path := eventPath(c)
	err = s.answer(c, func(ctx context.Context) (*answer, error) {
		d, err := s.commentedAt(ctx, l, path)
		if err != nil {
			return nil, err
		}
		v, err := s.commentBase(ctx, d.Page, d.Round, d.Path+"/comments", "comment.title")
		if err != nil {
			return nil, err
		}
		v.Kind = "paragraphs"
		takes := d.Round.Takes(s.Now())
		for i := range d.Round.Paragraphs {
			p := &d.Round.Paragraphs[i]
			x := topicLine{ID: p.ID, Title: v.placeOf(p)}
			if p.Kind != comment.Whole {
				x.Text = v.words(p.Words, d.Original)
			}
			if takes {
				x.URL = v.URL(d.Path + "/comments/" + p.ID)
			}
			v.Topics = append(v.Topics, x)
		}
		if takes && d.Round.Mailbox != "" {
			v.Actions = []action{{URL: mailto(d.Round.Mailbox, v.Event.Name.Words, ""), Label: v.M("report.comment"), Icon: "mail"}}
		}
		v.Back = link{v.Event.URL, v.message("comment.back")}
		return s.render("discussion", v.base, v)
	})
	return s.movedBelow(c, l, path, err)
}

// openComment finds the draft and the paragraph of an address.
func (s *Site) openComment(c *gin.Context) (*commented, *comment.Paragraph, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.commentedAt(c.Request.Context(), l, eventPath(c))
	if err != nil {
		return nil, nil, s.movedBelow(c, l, eventPath(c), err)
	}
	p, _ := d.Round.Paragraph(c.Param("paragraph"))
	if p == nil {
		return nil, nil, db.ErrNotFound
	}
	return d, p, nil
}

func (s *Site) commentForm(c *gin.Context) error { return s.showComment(c, nil, nil) }

// showComment draws the form, again with what was typed where something was wrong.
func (s *Site) showComment(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	d, p, err := s.openComment(c)
	if err != nil || d == nil {
		return err
	}
	ctx := c.Request.Context()
	path := d.Path + "/comments/" + p.ID
	v, err := s.commentBase(ctx, d.Page, d.Round, path, "comment.title")
	if err != nil {
		return err
	}
	v.Crumbs = append(v.Crumbs, link{v.URL(d.Path + "/comments"), v.base.Title})
	v.Kind, v.base.Title = "form", v.placeOf(p)
	if p.Kind != comment.Whole {
		v.Lead = v.words(p.Words, d.Original)
	}
	v.Back = link{v.URL(d.Path+"/comments") + "#" + p.ID, v.message("comment.all")}
	if d.Round.Takes(s.Now()) || sent != nil {
		v.Form = &registerForm{Action: v.URL(path), Button: v.M("talk.send"), Trap: true}
		if v.Form.Stamp, err = s.Comments.Stamp(ctx, d.ID); err != nil {
			return err
		}
		v.Form.Questions = v.postFields(sent, bad, true)
		for i := range v.Form.Questions {
			switch q := &v.Form.Questions[i]; q.Name { // nothing of it appears
			case discussion.FieldName:
				q.Label = v.message("register.name")
			case discussion.FieldText:
				q.Label = v.message("comment.text")
			case discussion.FieldLanguage:
				q.Label = v.message("comment.language")
			case discussion.FieldMail:
				q.Help = v.message("comment.mail_help")
			}
		}
	}
	return s.sendForm(c, v, bad)
}

func (s *Site) commentPost(c *gin.Context) error {
	d, p, err := s.openComment(c)
	if err != nil || d == nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get(trap) == "" {
		err = s.Comments.Write(c.Request.Context(), d.ID, p.ID, s.said(c, form))
		if bad, is := refusal(err); is {
			return s.showComment(c, form, bad)
		}
		if err != nil {
			return err
		}
	}
	return web.Redirect(c, address(web.Locale(c), d.Path+"/comments/"+p.ID+"/sent"))
}

// commentSent says that a letter is on its way. It is the same for everybody who comes here.
func (s *Site) commentSent(c *gin.Context) error {
	d, p, err := s.openComment(c)
	if err != nil || d == nil {
		return err
	}
	v, err := s.commentBase(c.Request.Context(), d.Page, d.Round, d.Path+"/comments/"+p.ID+"/sent", "talk.sent")
	if err != nil {
		return err
	}
	v.Kind, v.Notices, v.Text, v.Back = "sent", nil, v.M("comment.sent"), link{v.URL(d.Path+"/comments") + "#" + p.ID, v.message("comment.all")}
	return s.sendPage(c, http.StatusOK, "discussion", v.base, v)
}

func (s *Site) ownComment(c *gin.Context) error { return s.showOwnComment(c, nil) }

var commentTones = map[comment.State]string{comment.Unverified: "warn", comment.Received: "ok", comment.Withdrawn: "quiet"}

// showOwnComment is the page behind the private link of a letter.
func (s *Site) showOwnComment(c *gin.Context, bad []registration.Problem) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	x, d, err := s.Comments.Own(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	p, err := s.Content.LiveByID(ctx, l, d.ID)
	if err != nil {
		return err
	}
	v, err := s.commentBase(ctx, p, d.Round, "comments/"+c.Param("token"), "comment.own")
	if err != nil {
		return err
	}
	v.Kind, v.Notices, v.Back = "own", nil, link{v.Event.URL, v.message("comment.back")}
	v.State = status{Label: v.M("comment.state." + string(x.State)), Tone: commentTones[x.State]}
	v.Text = comment.Place(s.Catalogue, l, x.Kind, x.Number)
	if x.Kind != comment.Whole {
		v.Lead = text{x.Words, x.WordsLocale, x.WordsLocale != l}
	}
	v.Confirm = x.State == comment.Unverified && d.Round.Takes(s.Now())
	v.Withdraw = x.State != comment.Withdrawn && x.Disposition == ""
	y := v.postView(discussion.Post{ID: x.ID, Name: x.Name, Organization: x.Organization, Country: x.Country, Locale: x.Locale, Text: x.Text, Created: x.Created}, &discussed{zone: zoneOr(d.Round.Zone)}, "", "")
	v.Post = &y
	return s.sendForm(c, v, bad)
}

func zoneOr(zone string) string {
	if zone == "" {
		return "UTC"
	}
	return zone
}

func (s *Site) changeComment(c *gin.Context) error {
	return s.press(c, s.showOwnComment, buttons{"confirm": s.Comments.Confirm, "withdraw": s.Comments.Withdraw})
}

// reportDocument is a report as a document, in a language, made of what its page shows.
func (p *entryPage) reportDocument(x *kind.Report) ([]byte, error) {
	source := kind.DocumentSource{Locale: p.base.Locale, Original: p.Original, Words: p.site.Catalogue, Modified: p.Changed, BaseURL: p.site.BaseURL, URL: p.site.absolute(p.URL(p.Page.Path))}
	if n := p.neighbour(x.Event); n != nil {
		source.Event, source.EventLocale = n.Title, n.TextLocale
	}
	for _, f := range p.fileLinks(x.Files) {
		source.Files = append(source.Files, kind.DocumentFile{Name: f.Name, URL: p.site.absolute(f.URL)})
	}
	return x.OutcomeDocument(source)
}

// reportFile answers with that document.
func (s *Site) reportFile(ctx context.Context, l i18n.Locale, path string) (*answer, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	x, ok := p.Value.(*kind.Report)
	if !ok {
		return nil, db.ErrNotFound
	}
	e, err := s.newEntryPage(ctx, p)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range x.Files {
		ids = append(ids, string(f.File))
	}
	if err := e.open(ids); err != nil {
		return nil, err
	}
	b, err := e.reportDocument(x)
	if err != nil {
		return nil, err
	}
	name := path[strings.LastIndexByte(path, '/')+1:] + "-" + x.Stage + "-" + string(l)
	return &answer{Type: docx.Type, Body: b, Header: http.Header{"Content-Language": {l.Tag()}, "Content-Disposition": {`attachment; filename="` + name + `.docx"`}, "X-Robots-Tag": {"noindex"}}}, nil
}
