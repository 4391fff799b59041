// Package web holds what the faces share of HTTP: sessions, cross-origin checks, locale, limits, paging, errors →
// pages.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/gin-gonic/gin"
)

// Config says how the program stands in its network. The zero value with Listen is right for one machine.
type Config struct {
	Listen    string        // host:port
	BaseURL   string        // scheme://host[:port] the public uses; empty: http:// and Listen
	Hosts     []string      // further host names that are answered; those of BaseURL and loopback always are
	Proxies   []string      // addresses or CIDR ranges whose X-Forwarded-For is believed
	Drain     time.Duration // how long to go on serving after SIGTERM while the balancer looks away; at most 15 s
	AccessLog bool          // a line for every request; otherwise for the panel's and for errors
	Log       *slog.Logger
	Checks    []Check // what readiness depends on besides the database
}

// Server is what all faces stand on. Set the hooks before Mount.
type Server struct {
	// RenderError shows an error page; the faces set it. key is a message key with .title and .text. It must not
	// fail; the default is a plain page in the reader's language.
	RenderError func(c *gin.Context, status int, key string, err error)
	// Ready gives finished answers to plain requests before anything else sees them; nil leaves all to the handler.
	Ready Ready
	// SignInPath is where those are sent who must sign in first.
	SignInPath string
	// FactorPath is where those are sent who must set up a second factor first.
	FactorPath string

	cfg      Config
	base     *url.URL
	hosts    map[string]bool
	proxies  []netip.Prefix
	auth     *auth.Service
	db       *db.DB
	words    *i18n.Catalogue
	log      *slog.Logger
	origins  *http.CrossOriginProtection
	health   health
	draining atomic.Bool
	routes   []Route
}

// New checks the configuration. words holds the messages of admin/locales/web.en.toml.
func New(cfg Config, a *auth.Service, d *db.DB, words *i18n.Catalogue) (*Server, error) {
	s := &Server{cfg: cfg, auth: a, db: d, words: words, log: cfg.Log, SignInPath: "/admin/sign-in", FactorPath: "/admin/account/security", hosts: map[string]bool{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = "http://" + cfg.Listen
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		if strings.Contains(cfg.BaseURL, "@") {
			return nil, errors.New("base address: want http(s)://host[:port], without a user or password") // which is not repeated
		}
		return nil, fmt.Errorf("base address %q: want http(s)://host[:port]", cfg.BaseURL)
	}
	base.Path = ""
	s.base = base
	for _, h := range append([]string{base.Hostname()}, cfg.Hosts...) {
		name, ok := hostName(h)
		if !ok {
			return nil, fmt.Errorf("host name %q: want a name or address", h)
		}
		s.hosts[name] = true
	}
	for _, p := range cfg.Proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			addr, err := netip.ParseAddr(p)
			if err != nil {
				return nil, fmt.Errorf("proxy %q: want an address or a range", p)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		s.proxies = append(s.proxies, prefix.Masked())
	}
	s.origins = http.NewCrossOriginProtection()
	if err := s.origins.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, err
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		s.log.Warn("the base address is http: passwords and sessions cross the network in the clear", "base", cfg.BaseURL)
	}
	s.RenderError = s.plainError
	s.health.checks = append([]Check{{"database", s.databaseAnswers}}, cfg.Checks...)
	return s, nil
}

func (s *Server) databaseAnswers(ctx context.Context) error {
	var one int
	return db.Normalize(s.db.Read().NewSelect().ColumnExpr("1").Scan(ctx, &one))
}

// BaseURL is the address the public uses, without a slash at the end: for links that leave the site, as in mail and
// feeds. Nothing in a request changes it.
func (s *Server) BaseURL() string { return s.base.String() }

// HTTPS says whether the public comes by https.
func (s *Server) HTTPS() bool { return s.base.Scheme == "https" }

// T gives a message in the reader's language.
func T(c *gin.Context, key string, args ...any) string { return of(c).words.T(Locale(c), key, args...) }

const stateKey = "plenary/web"

// state is what web knows of one request.
type state struct {
	server  *Server
	route   *Route
	request string // a short name for this request, in the log and on error pages
	actor   *auth.Actor
	token   string // of the session, as the browser sent it
	locale  i18n.Locale
	err     error // what the access log says
	body    *url.Values
	flashes []Flash
}

func stateOf(c *gin.Context) *state { return c.MustGet(stateKey).(*state) }
func of(c *gin.Context) *Server     { return stateOf(c).server }

// Actor is who is signed in; nil is the public. It is always nil on Public and Static routes: what they show must not
// depend on who looks.
func Actor(c *gin.Context) *auth.Actor { return stateOf(c).actor }

// RequestID names the request in the log.
func RequestID(c *gin.Context) string { return stateOf(c).request }

// SetLocale fixes the language of this request, as the site does from the path.
func SetLocale(c *gin.Context, l i18n.Locale) { stateOf(c).locale = l }

// Locale is the language to answer in: as set by SetLocale, the first part of the path, the account's choice, what the
// browser asks for, English.
func Locale(c *gin.Context) i18n.Locale {
	st := stateOf(c)
	if st.locale == "" {
		first, _, _ := strings.Cut(strings.TrimPrefix(c.Request.URL.Path, "/"), "/")
		if l, ok := i18n.Parse(first); ok {
			st.locale = l
		} else if st.actor != nil && st.actor.Locale != "" {
			st.locale = st.actor.Locale
		} else {
			st.locale = i18n.Negotiate(c.GetHeader("Accept-Language"), i18n.All, i18n.EN)
		}
	}
	return st.locale
}

func newRequestID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// ClientIP is the address the request comes from. What proxies say counts only as far as the chain of configured
// proxies reaches: from the right, the first that is not one of them.
func ClientIP(c *gin.Context) netip.Addr {
	s := of(c)
	host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	ip = ip.Unmap()
	var chain []string
	for _, line := range c.Request.Header.Values("X-Forwarded-For") {
		chain = append(chain, strings.Split(line, ",")...)
	}
	for i := len(chain) - 1; i >= 0 && s.isProxy(ip); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		ip = next.Unmap()
	}
	return ip
}

func (s *Server) isProxy(ip netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(ip.WithZone("")) {
			return true
		}
	}
	return false
}

// hostName takes the port off a Host header or configured name and puts it in one spelling.
func hostName(host string) (string, bool) {
	name := host
	if strings.HasPrefix(host, "[") || strings.Count(host, ":") == 1 {
		u, err := url.Parse("http://" + host)
		if err != nil || u.Host != host || u.Path != "" {
			return "", false
		}
		name = u.Hostname()
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String(), true
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' {
			return "", false
		}
	}
	return name, name != ""
}

// Hostname is the name that the reader calls the site by: one of those that are answered.
func Hostname(c *gin.Context) string {
	name, _ := hostName(c.Request.Host)
	return name
}

func loopback(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}
