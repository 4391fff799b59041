package site

import (
	"net/http"
	"net/url"

	"plenary/internal/discussion"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Following a board by letters: a form for whoever reads it, and the private page that each letter leads to.

func (s *Site) followForm(c *gin.Context) error { return s.showFollow(c, nil, nil) }

// showFollow asks for an address, again with what was typed where something was wrong.
func (s *Site) showFollow(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	d, v, err := s.followPage(c, "/follow", "talk.follow")
	if err != nil {
		return s.movedDiscussion(c, err)
	}
	v.Kind, v.Text = "form", v.M("talk.follow_text")
	if !d.Board.Board.Followable(s.Now()) && sent == nil {
		v.Text = v.M("board.follow_closed")
		return s.sendForm(c, v, bad)
	}
	v.Form = &registerForm{Action: c.Request.URL.Path, Button: v.M("talk.follow"), Trap: true}
	if v.Form.Stamp, err = s.Discussion.Stamp(c.Request.Context(), d.ID); err != nil {
		return err
	}
	v.Form.Questions = v.fields(sent, bad, question{Name: discussion.FieldMail, Kind: "text", Input: "email", Label: v.message("register.mail"), Help: v.message("talk.follow_help"), Auto: "email"})
	return s.sendForm(c, v, bad)
}

// followPage begins a page about following the board of an address.
func (s *Site) followPage(c *gin.Context, rest, title string) (*discussed, *discussionPage, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.discussed(c.Request.Context(), l, eventPath(c))
	if err != nil {
		return nil, nil, err
	}
	v, err := s.ownBase(c, d, d.Page.Path+"/discussion"+rest, title)
	if err != nil {
		return nil, nil, err
	}
	v.Back = link{v.boardURL(d.Page.Path, ""), v.message("talk.to_board")}
	return d, v, nil
}

func (s *Site) followBoard(c *gin.Context) error {
	d, v, err := s.followPage(c, "/follow", "talk.follow")
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get(trap) == "" {
		err = s.Discussion.Follow(c.Request.Context(), d.ID, s.said(c, form))
		if bad, is := refusal(err); is {
			return s.showFollow(c, form, bad)
		} else if err != nil {
			return err
		}
	}
	return web.Redirect(c, v.boardURL(d.Page.Path, "follow/sent"))
}

// followSent says that a letter is on its way; the same to everybody.
func (s *Site) followSent(c *gin.Context) error {
	_, v, err := s.followPage(c, "/follow/sent", "talk.sent")
	if err != nil {
		return s.movedDiscussion(c, err)
	}
	v.Kind, v.Text = "sent", v.M("talk.follow_sent")
	return s.sendPage(c, http.StatusOK, "discussion", v.base, v)
}

func (s *Site) following(c *gin.Context) error { return s.showFollowing(c, nil) }

// showFollowing is the page behind the private link of a letter. It shows buttons: programs that follow links do nothing.
func (s *Site) showFollowing(c *gin.Context, bad []registration.Problem) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	f, err := s.Discussion.Following(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	p, err := s.Content.LiveByID(ctx, l, f.Event)
	if err != nil {
		return err
	}
	d, err := s.discussedIn(ctx, p)
	if err != nil {
		return err
	}
	at := "following/" + c.Param("token")
	v, err := s.ownBase(c, d, at, "talk.following")
	if err != nil {
		return err
	}
	v.Kind, v.Text, v.Back = "own", v.M("talk.following_state."+f.State), link{v.boardURL(d.Page.Path, ""), v.message("talk.to_board")}
	if f.State == discussion.FollowAsked {
		v.Follow = v.M("talk.follow")
	}
	if f.State != discussion.Stopped {
		v.Stop = v.URL(at + "/stop")
	}
	return s.sendForm(c, v, bad)
}

func (s *Site) changeFollowing(c *gin.Context) error {
	return s.press(c, s.showFollowing, buttons{"follow": s.Discussion.ConfirmFollow})
}

// stopFollowing is the press of a button, on the page or in a mail program.
func (s *Site) stopFollowing(c *gin.Context) error {
	return s.stop(c, "following/", s.Discussion.StopFollowing)
}
