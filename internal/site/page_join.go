package site

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Joining an event online. The address of the meeting is in no page, file or log: it is read when somebody joins, from what
// was published with the event and only the staff sees, and given in a redirect, to whom and when the event says. A
// passcode and numbers to dial are shown then, since nothing else could bring them to a person; the page is kept nowhere.

// joinRoutes are the address for everybody, where everybody may join, and the one behind a private link.
func (s *Site) joinRoutes() []web.Route {
	at := func(path string, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Rule: web.Public, Class: web.Secret, Handle: handle}
	}
	return []web.Route{
		at("/:locale/:section/:a/:b/join", s.publicJoin),
		at("/:locale/registrations/:token/join", s.ownJoinAddress),
	}
}

// joinSecret is what joining takes besides the address.
type joinSecret struct{ Label, Words string }

// behind is how one joins an event that is public, as it was published; db.ErrNotFound where there is no way to.
func (s *Site) behind(ctx context.Context, id string) (*kind.Join, error) {
	b, err := s.Content.Behind(ctx, id)
	if err != nil {
		return nil, err
	}
	if e, ok := b.Value.(*kind.Event); ok && e.Join.URL != "" {
		return &e.Join, nil
	}
	return nil, db.ErrNotFound
}

// released says whether a registration lets one join. Without one, only what is for everybody is. Of a hybrid event, who has a
// place in the room joins only if they have asked for it.
func released(j *kind.Join, f *registration.Form, r *registration.Registration) bool {
	switch {
	case j.Release == "public":
		return true
	case r == nil || !f.Joins(r):
		return false
	case j.Release == "registrants":
		return slices.Contains([]registration.State{registration.Pending, registration.Waitlisted, registration.Offered, registration.Confirmed, registration.Attended}, r.State)
	}
	return r.State == registration.Confirmed || r.State == registration.Attended
}

// publicJoin is the address for everybody. Where joining is not for everybody there is nothing.
func (s *Site) publicJoin(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p, err := s.Content.Live(ctx, l, path.Join(c.Param("section"), c.Param("a"), c.Param("b")))
	if err != nil {
		var moved *content.Moved
		if errors.As(err, &moved) {
			return s.moved(c, address(l, moved.Path+"/join"))
		}
		return err
	}
	if e, ok := p.Value.(*kind.Event); !ok || e.Join.Release != "public" {
		return db.ErrNotFound
	}
	j, err := s.behind(ctx, p.ID)
	if err != nil {
		return err
	}
	if !released(j, nil, nil) {
		return db.ErrNotFound
	}
	return s.join(c, p, j, p.Path+"/join", nil, "")
}

// ownJoinAddress is the address behind a private link.
func (s *Site) ownJoinAddress(c *gin.Context) error {
	r, e, p, err := s.own(c)
	if err != nil {
		return err
	}
	j, err := s.behind(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	own := "registrations/" + c.Param("token")
	back := &action{URL: address(p.Locale, own), Label: s.Catalogue.T(p.Locale, "join.own_page")}
	why := ""
	if !released(j, e.Form, r) {
		if j, why = nil, "join.not_yours"; !e.Form.Joins(r) {
			why = "join.room_only"
		}
	}
	return s.join(c, p, j, own+"/join", back, why)
}

// join leads to the meeting while its window is open, and says when it is otherwise. Without j it says why one may not, by the key
// of a message.
func (s *Site) join(c *gin.Context, p *content.Page, j *kind.Join, at string, back *action, why string) error {
	e := p.Value.(*kind.Event)
	opens, closes := e.JoinWindow()
	now := s.Now()
	open := j != nil && !opens.IsZero() && !now.Before(opens) && now.Before(closes)
	if open && (j.Passcode == "" && j.DialIn == "" || c.Request.URL.Query().Has("go")) {
		c.Header("Location", j.URL)
		c.Status(http.StatusSeeOther)
		c.Writer.WriteHeaderNow()
		return nil
	}
	v, err := s.personalBase(c, p, at)
	if err != nil {
		return err
	}
	if v.Kind, v.base.Title, v.Back = "join", v.message("join.title"), back; back == nil {
		v.Back = &action{URL: v.Event.URL, Label: v.M("register.back")}
	}
	switch {
	case j == nil:
		v.Text = v.M(why)
	case open:
		v.Private = j.Release != "public"
		for _, x := range []joinSecret{{"join.platform", j.Platform}, {"join.passcode", j.Passcode}, {"join.dial_in", j.DialIn}} {
			if x.Words != "" {
				v.Secrets = append(v.Secrets, joinSecret{v.M(x.Label), x.Words})
			}
		}
		v.Join = action{URL: v.URL(at) + "?go", Label: v.M("join.go")}
	case opens.IsZero():
		v.Text = v.M("join.off")
	case now.Before(opens):
		v.JoinNote = v.html("join.opens", "Time", v.moment(opens, e.When.Zone))
	default:
		v.Text = v.M("join.over")
	}
	return s.sendPage(c, http.StatusOK, "register", v.base, v)
}

// ownJoin puts the way to the meeting on a registrant's own page, or when it opens. Nothing else of it gets there.
func (s *Site) ownJoin(ctx context.Context, v *registerPage, r *registration.Registration, at *registration.Event, token string) error {
	e, ok := at.Value.(*kind.Event)
	if !ok {
		return nil
	}
	opens, closes := e.JoinWindow()
	now := s.Now()
	if opens.IsZero() || !now.Before(closes) {
		return nil
	}
	j, err := s.behind(ctx, at.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil // they are told in another way
	}
	if err != nil || !released(j, at.Form, r) {
		return err
	}
	if now.Before(opens) {
		v.JoinNote = v.html("join.own_opens", "Time", v.moment(opens, e.When.Zone))
		return nil
	}
	v.Join = action{URL: v.URL("registrations/" + token + "/join"), Label: v.M("event.join")}
	return nil
}
