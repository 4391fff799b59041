package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plenary/internal/auth"

	"github.com/gin-gonic/gin"
)

const (
	sessionCookie = "plenary"
	flashCookie   = "plenary-flash"
	stepCookie    = "plenary-step"   // of a sign-in that goes on: the second step, the way to a directory and back
	deviceCookie  = "plenary-device" // accounts were used by this browser before
)

// deviceTime is how long a browser is known without being used.
const deviceTime = 90 * 24 * time.Hour

// cookieName: __Host- binds the cookie to this very host and https, so no neighbouring host can plant one. Browsers
// take it over https only.
func (s *Server) cookieName(name string) string {
	if s.HTTPS() {
		return "__Host-" + name
	}
	return name
}

func (s *Server) cookie(c *gin.Context, name string) string {
	ck, err := c.Request.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return ck.Value
}

// setCookie lasts as long as the browser is open; the server decides when a session ends. An empty value removes it.
func (s *Server) setCookie(c *gin.Context, name, value string) {
	ck := &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", Secure: s.HTTPS(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	switch {
	case value == "":
		ck.MaxAge = -1
	case name == deviceCookie:
		ck.MaxAge = int(deviceTime.Seconds())
	}
	http.SetCookie(c.Writer, ck)
}

// ClientFrom is where the request comes from, and by which browser, for what is asked of accounts.
func ClientFrom(c *gin.Context) auth.From {
	return auth.From{IP: ClientIP(c), Agent: c.GetHeader("User-Agent"), Device: of(c).cookie(c, deviceCookie)}
}

// Pending gives the token of the sign-in that goes on in this browser, or "".
func Pending(c *gin.Context) string { return of(c).cookie(c, stepCookie) }

// SetPending keeps the token of a sign-in that goes on; "" ends it.
func SetPending(c *gin.Context, token string) { of(c).setCookie(c, stepCookie, token) }

// SignIn opens a session in this browser by the password. Errors are those of auth.Service.SignIn; where it is a
// *auth.StepError the browser keeps the token for the second step.
func SignIn(c *gin.Context, email, password string) error {
	o, err := of(c).auth.SignIn(c.Request.Context(), email, password, ClientFrom(c))
	return Entered(c, o, err)
}

// Entered goes on in this browser with what came of a sign-in, and gives its error back. The session that the browser had ends.
func Entered(c *gin.Context, o *auth.Opened, err error) error {
	s, st := of(c), stateOf(c)
	var step *auth.StepError
	if errors.As(err, &step) {
		SetPending(c, step.Token)
	}
	if err != nil {
		return err
	}
	if st.token != "" {
		if err := s.auth.SignOut(c.Request.Context(), st.token); err != nil {
			return err
		}
	}
	s.setCookie(c, sessionCookie, o.Token)
	s.setCookie(c, deviceCookie, o.Device)
	if Pending(c) != "" {
		SetPending(c, "")
	}
	st.actor, st.token, st.locale = o.Actor, o.Token, ""
	return nil
}

// Again finds out anew who is signed in, after their rights have changed.
func Again(c *gin.Context) (*auth.Actor, error) {
	st := stateOf(c)
	who, err := of(c).auth.ActorBySession(c.Request.Context(), st.token)
	if err == nil {
		st.actor = who
	}
	return who, err
}

// Renewed goes on with another token of the same session; "" leaves it as it is.
func Renewed(c *gin.Context, token string) {
	if token != "" {
		of(c).setCookie(c, sessionCookie, token)
		stateOf(c).token = token
	}
}

// SignOut ends this browser's session.
func SignOut(c *gin.Context) error {
	s, st := of(c), stateOf(c)
	s.setCookie(c, sessionCookie, "")
	if st.token == "" {
		return nil
	}
	err := s.auth.SignOut(c.Request.Context(), st.token)
	st.actor, st.token = nil, ""
	return err
}

// ChangePassword changes the own password: all other sessions end, this browser gets a new one. Errors are those of
// auth.Service.ChangePassword.
func ChangePassword(c *gin.Context, old, password string) error {
	s, st := of(c), stateOf(c)
	token, err := s.auth.ChangePassword(c.Request.Context(), st.actor, old, password)
	if err != nil {
		return err
	}
	Renewed(c, token)
	return nil
}

// SignedInActor is for handlers behind SignedIn or Needs that must not go on without one.
func SignedInActor(c *gin.Context) (*auth.Actor, error) {
	if who := Actor(c); who != nil {
		return who, nil
	}
	return nil, auth.ErrSession
}

// SafePath says whether to leads to this site: a path from the root, nothing that a browser takes for a host or that
// becomes one when dots are taken out ("/.//host").
func SafePath(to string) bool {
	u, err := url.Parse(to)
	return err == nil && strings.HasPrefix(to, "/") && len(to) <= 4000 && cleanText(to) && !strings.ContainsAny(to, "\\\n\r\t") &&
		u.Scheme == "" && u.Host == "" && u.User == nil && !strings.Contains(u.Path, "//") && !strings.Contains(u.Path, "/.") && !strings.Contains(u.Path, "\\")
}

// Redirect sends the browser to another page of this site with 303, after a form. A target elsewhere is replaced by the
// front page. It always gives nil, to be returned by handlers.
func Redirect(c *gin.Context, to string) error {
	if !SafePath(to) {
		to = "/"
	}
	// Not http.Redirect, which cleans the path and writes a body. A header is ASCII: the rest is escaped.
	var b strings.Builder
	for i := range len(to) {
		if ch := to[i]; ch <= ' ' || ch >= 0x7f || ch == '"' || ch == '<' || ch == '>' {
			fmt.Fprintf(&b, "%%%02X", ch)
		} else {
			b.WriteByte(ch)
		}
	}
	c.Header("Location", b.String())
	c.Status(http.StatusSeeOther)
	c.Writer.WriteHeaderNow()
	return nil
}

// Flash is a short notice shown once, on the next page.
type Flash struct {
	Kind string            // success, info, warning, error
	Key  string            // message key
	Args map[string]string // of the message
	// Undo names the step that takes back what is told of, and With what it needs: ids, no words. "" where there is none. What a name
	// stands for is the page's to know: a cookie says of no address that something be sent there.
	Undo string            `json:",omitempty"`
	With map[string]string `json:",omitempty"`
}

// AddFlash leaves a notice for the next page. Long arguments are cut: it travels in a cookie.
func AddFlash(c *gin.Context, f Flash) {
	st := stateOf(c)
	for k, v := range f.Args {
		if r := []rune(v); len(r) > 120 {
			f.Args[k] = string(r[:119]) + "…"
		}
	}
	st.flashes = append(st.flashes, f)
	b, err := json.Marshal(st.flashes)
	if err != nil || len(b) > 2500 {
		return
	}
	of(c).setCookie(c, flashCookie, base64.RawURLEncoding.EncodeToString(b))
}

// Flashes takes the notices left for this page; they are gone then.
func Flashes(c *gin.Context) []Flash {
	s, st := of(c), stateOf(c)
	all := st.flashes
	if len(all) > 0 {
		st.flashes = nil
		s.setCookie(c, flashCookie, "")
	}
	return all
}

// readFlashes ignores what is not ours: nothing is shown but messages we have.
func (s *Server) readFlashes(c *gin.Context) {
	b, err := base64.RawURLEncoding.DecodeString(s.cookie(c, flashCookie))
	var all []Flash
	if err != nil || len(b) == 0 || len(b) > 3000 || json.Unmarshal(b, &all) != nil {
		return
	}
	for _, f := range all {
		if !s.words.Has("en", f.Key) {
			return
		}
	}
	stateOf(c).flashes = all
}
