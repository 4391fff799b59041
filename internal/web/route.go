package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plenary/internal/auth"

	"github.com/gin-gonic/gin"
)

// Class says what kind of answer a route gives, and with it the headers.
type Class int

const (
	_ Class = iota // a route must say
	// Cacheable is the same for everyone: cookies are not read, shared caches may keep it as its Cache-Control says
	// (default: ask again each time, by ETag).
	Cacheable
	// Personal depends on who looks: never stored, never in a search engine.
	Personal
	// Secret is Personal with a secret in its address: no Referer either.
	Secret
	// Static never changes under its address.
	Static
)

// String names the class.
func (c Class) String() string {
	return [...]string{"", "cacheable", "personal", "secret", "static"}[c]
}

// Rule says who may use a route. What may be done to which object is asked again in the packages that do it.
type Rule struct {
	name   string
	ok     func(*auth.Actor) bool
	action auth.Action
}

// Lets reports whether the rule lets somebody in, nil being a stranger.
func (r Rule) Lets(a *auth.Actor) bool { return r.ok != nil && r.ok(a) }

// Action is what the rule needs, "" if it is not about an action.
func (r Rule) Action() auth.Action { return r.action }

func (r Rule) String() string { return r.name }

var (
	// Public lets everybody in.
	Public = Rule{name: "public", ok: func(*auth.Actor) bool { return true }}
	// SignedIn lets in who has an account.
	SignedIn = Rule{name: "signed in", ok: func(a *auth.Actor) bool { return a != nil }}
)

// Needs lets in who may do action somewhere.
func Needs(action auth.Action) Rule {
	return Rule{"needs " + string(action), func(a *auth.Actor) bool { return a.CanSomewhere(action) }, action}
}

// Asked is the action that the rule of the request's route needs; "" where there is none.
func Asked(c *gin.Context) auth.Action {
	if r := stateOf(c).route; r != nil {
		return r.Rule.action
	}
	return ""
}

// Route is one address: who may use it, what class of answer it gives, how much it takes. GET serves HEAD too.
type Route struct {
	Method, Path string
	Rule         Rule
	Class        Class
	MaxBody      int64         // bytes; 0: 1 MiB
	Upload       bool          // the handler reads the body as it comes; of all others it is a form, read before they start
	ByMail       bool          // also taken from what says nothing of where it comes from: mail programs that press a letter's button (RFC 8058). What is done hangs on the secret in the address alone
	WhileSeeing  bool          // also taken from who looks at the panel as somebody else; nothing else that changes anything is
	Timeout      time.Duration // for reading, handling and answering; 0: 30 s. Big files need more
	CSP          string        // Content-Security-Policy; empty: PanelCSP under /admin, else SiteCSP
	Unfinished   bool          // also for those who must set up a second factor before anything else
	Framed       bool          // a page of the panel shows it in a frame; its policy is FrameCSP
	Handle       func(*gin.Context) error
}

// Content security policies. No inline code or style anywhere.
const (
	SiteCSP  = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	PanelCSP = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self'; style-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types plenary ProseMirrorClipboard"
	// PreviewCSP is for pages of the site that show what is not public: their forms go nowhere. FrameCSP lets pages of ours
	// show them in a frame.
	PreviewCSP = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	FrameCSP   = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
	// FileCSP is for files people uploaded.
	FileCSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
)

const defaultMaxBody = 1 << 20

// NewEngine gives a Gin engine with its unsafe defaults off and what every answer needs: recovery, host check, security
// headers, log.
func NewEngine(s *Server) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.HandleMethodNotAllowed = true
	e.ForwardedByClientIP = false
	e.RemoteIPHeaders = nil
	e.ContextWithFallback = true
	e.MaxMultipartMemory = 1 << 20
	_ = e.SetTrustedProxies(nil)
	e.Use(s.begin, s.recovery, s.gate)
	e.NoRoute(func(c *gin.Context) {
		if panel(c.Request.URL.Path) {
			_ = s.recognize(c) // the page that says so is one of theirs; it does not fail for that
		}
		s.fail(c, Fail(http.StatusNotFound, "error.not_found"))
	})
	e.NoMethod(func(c *gin.Context) {
		// Gin looks into the trees of other methods with what is left of its first search, and finds what is not there.
		if !s.knowsElse(c.Request.Method, c.Request.URL.Path) {
			c.Writer.Header().Del("Allow")
			s.fail(c, Fail(http.StatusNotFound, "error.not_found"))
			return
		}
		s.fail(c, Fail(http.StatusMethodNotAllowed, "error.method"))
	})
	e.GET("/healthz", s.alive)
	e.HEAD("/healthz", s.alive)
	e.GET("/readyz", s.ready)
	e.HEAD("/readyz", s.ready)
	return e
}

// knowsElse reports whether there is a route for a path with another method.
func (s *Server) knowsElse(method, path string) bool {
	if path == "/healthz" || path == "/readyz" {
		return true
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	segments := strings.Split(path, "/")
	for _, r := range s.routes {
		if r.Method == method {
			continue
		}
		pattern := strings.Split(r.Path, "/")
		for i, p := range pattern {
			if strings.HasPrefix(p, "*") {
				return i < len(segments)
			}
			if i >= len(segments) || p != segments[i] && (segments[i] == "" || !strings.HasPrefix(p, ":")) {
				break
			}
			if i == len(pattern)-1 && len(segments) == len(pattern) {
				return true
			}
		}
	}
	return false
}

// Mount adds the routes. It fails, and the program does not start, when one lacks a rule or a class, or says something
// that cannot be true.
func Mount(e *gin.Engine, s *Server, routes []Route) (err error) {
	for _, r := range routes {
		if err := r.check(); err != nil {
			return fmt.Errorf("route %s %s: %w", r.Method, r.Path, err)
		}
		if err := s.add(e, r); err != nil {
			return fmt.Errorf("route %s %s: %w", r.Method, r.Path, err)
		}
	}
	return nil
}

// Routes lists what is mounted, for tests and the list of rules.
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }

func (r Route) check() error {
	switch {
	case r.Rule.ok == nil:
		return errors.New("it does not say who may use it (Rule)")
	case r.Class < Cacheable || r.Class > Static:
		return errors.New("it does not say what class of answer it gives (Class)")
	case r.Handle == nil:
		return errors.New("it does nothing (Handle)")
	case !strings.HasPrefix(r.Path, "/"):
		return errors.New("its path must start with /")
	case safe(r.Method) && r.Method != http.MethodGet || !safe(r.Method) && !changing[r.Method]:
		return errors.New("its method must be GET, POST, PUT, PATCH or DELETE")
	case (r.Class == Cacheable || r.Class == Static) && r.Rule.name != Public.name:
		return errors.New("an answer that caches keep cannot depend on rights: use Personal")
	case r.Framed && !panel(r.Path):
		return errors.New("only the panel shows pages in frames")
	case r.ByMail && (r.Class != Secret || r.Rule.name != Public.name):
		return errors.New("what mail programs press is open to all, with a secret in its address")
	case (r.Class == Cacheable || r.Class == Static) && !safe(r.Method):
		return errors.New("an answer that caches keep must be to GET: use Personal")
	}
	return nil
}

var changing = map[string]bool{http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// add turns Gin's panic about a doubled or conflicting path into an error.
func (s *Server) add(e *gin.Engine, r Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	if r.MaxBody == 0 {
		r.MaxBody = defaultMaxBody
	}
	if r.Timeout == 0 {
		r.Timeout = 30 * time.Second
	}
	if r.Framed {
		r.CSP = FrameCSP
	}
	if r.CSP == "" {
		r.CSP = policy(r.Path)
	}
	h := s.handler(&r)
	e.Handle(r.Method, r.Path, h)
	if r.Method == http.MethodGet {
		e.HEAD(r.Path, h)
	}
	s.routes = append(s.routes, r)
	return nil
}

// policy is what the pages under a path may load.
func policy(path string) string {
	if panel(path) {
		return PanelCSP
	}
	return SiteCSP
}

func panel(path string) bool { return path == "/admin" || strings.HasPrefix(path, "/admin/") }

func (s *Server) handler(r *Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		st := stateOf(c)
		st.route = r
		r.headers(c.Writer.Header())
		ctx, cancel := context.WithTimeout(c.Request.Context(), r.Timeout)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		if r.Timeout > readTimeout {
			rc := http.NewResponseController(c.Writer)
			_ = rc.SetReadDeadline(time.Now().Add(r.Timeout))
			_ = rc.SetWriteDeadline(time.Now().Add(r.Timeout + 10*time.Second))
		}
		if c.Request.ContentLength > r.MaxBody {
			s.fail(c, &http.MaxBytesError{Limit: r.MaxBody})
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, r.MaxBody)
		if err := s.admit(c, r); err != nil {
			s.fail(c, err)
			return
		}
		if c.IsAborted() {
			return
		}
		if changing[r.Method] && !r.Upload {
			// Also for those who look at nothing in it: a broken form is not a press of their button.
			if _, err := Form(c); err != nil {
				s.fail(c, err)
				return
			}
		}
		if err := r.Handle(c); err != nil {
			s.fail(c, err)
		}
	}
}

// admit checks origin and rule, and finds out who is there.
func (s *Server) admit(c *gin.Context, r *Route) error {
	if err := s.origins.Check(c.Request); err != nil {
		return &Error{Status: http.StatusForbidden, Key: "error.cross_origin", Cause: err}
	}
	// The check lets through what says nothing of where it comes from. Each browser of the last years says so when it
	// sends a form: this is what a token in the form would prove, and it cannot expire under somebody who is writing.
	if changing[r.Method] && !r.ByMail && c.GetHeader("Origin") == "" && c.GetHeader("Sec-Fetch-Site") == "" {
		return &Error{Status: http.StatusForbidden, Key: "error.cross_origin", Cause: errors.New("neither Origin nor Sec-Fetch-Site")}
	}
	if r.Class == Cacheable || r.Class == Static {
		return nil
	}
	if err := s.recognize(c); err != nil {
		return err
	}
	st := stateOf(c)
	s.readFlashes(c)
	if st.actor != nil && st.actor.Unfinished && r.Rule.name != Public.name && !r.Unfinished {
		if safe(r.Method) {
			c.Redirect(http.StatusSeeOther, s.FactorPath+"?next="+url.QueryEscape(c.Request.URL.RequestURI()))
			c.Abort()
			return nil
		}
		return &Error{Status: http.StatusForbidden, Key: "error.second_factor", Cause: auth.ErrForbidden}
	}
	if changing[r.Method] && st.actor.SeenBy() != nil && !r.WhileSeeing {
		return Fail(http.StatusForbidden, "error.seeing")
	}
	if r.Rule.ok(st.actor) {
		return nil
	}
	if st.actor != nil {
		return auth.ErrForbidden
	}
	// A person is sent to sign in and back; a script, and a form whose text must not get lost, is told.
	if mode := c.GetHeader("Sec-Fetch-Mode"); safe(r.Method) && (mode == "" || mode == "navigate") {
		c.Redirect(http.StatusSeeOther, s.SignInPath+"?next="+url.QueryEscape(c.Request.URL.RequestURI()))
		c.Abort()
		return nil
	}
	return auth.ErrSession
}

// recognize finds out whose session the request belongs to, if any.
func (s *Server) recognize(c *gin.Context) error {
	token := s.cookie(c, sessionCookie)
	if token == "" {
		return nil
	}
	who, err := s.auth.ActorBySession(c.Request.Context(), token)
	switch {
	case err == nil:
		st := stateOf(c)
		st.actor, st.token = who, token
		if who.Stale {
			fresh, err := s.auth.Renew(c.Request.Context(), token)
			if err != nil {
				s.log.Warn("session not renewed", "request", st.request, "error", err) // it goes on as it is
			}
			Renewed(c, fresh)
		}
	case !errors.Is(err, auth.ErrSession):
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// headers of the class. Handlers may set a more exact Cache-Control or Content-Security-Policy.
func (r *Route) headers(h http.Header) {
	h.Set("Content-Security-Policy", r.CSP)
	if r.Framed {
		h.Set("X-Frame-Options", "SAMEORIGIN")
	}
	switch r.Class {
	case Cacheable:
		h.Set("Cache-Control", "public, no-cache")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	case Static:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	default:
		personal(h)
		if r.Class == Secret {
			h.Set("Referrer-Policy", "no-referrer")
		}
	}
}

func personal(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
