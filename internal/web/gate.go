package web

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// begin comes first: it knows the request, sets the headers every answer has, and writes the one log line at the end.
func (s *Server) begin(c *gin.Context) {
	start := time.Now()
	st := &state{server: s, request: newRequestID()}
	c.Set(stateKey, st)
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", policy(c.Request.URL.Path))
	if s.HTTPS() {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	c.Next()
	status := c.Writer.Status()
	if p := c.FullPath(); p == "/healthz" || p == "/readyz" {
		return // asked every second; what is wrong is logged once, where it is found
	}
	if !s.cfg.AccessLog && status < 500 && !panel(c.FullPath()) && (status < 400 || status == http.StatusNotFound) {
		return
	}
	// The pattern and not the path, no query, no address of the reader: those can be personal or secret.
	args := []any{"request", st.request, "method", method(c.Request.Method), "route", c.FullPath(), "status", status,
		"ms", time.Since(start).Milliseconds(), "bytes", max(c.Writer.Size(), 0)}
	if st.err != nil {
		args = append(args, "error", st.err.Error())
	}
	switch {
	case status >= 500:
		s.log.Error("request", args...)
	case status >= 400:
		s.log.Warn("request", args...)
	default:
		s.log.Info("request", args...)
	}
}

// method keeps made-up methods out of the log.
func method(m string) string {
	if safe(m) || changing[m] {
		return m
	}
	return "other"
}

// recovery turns a panic into an error page, or cuts the connection when half a page has gone out. It logs neither
// headers nor form values.
func (s *Server) recovery(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.log.Error("panic", "request", stateOf(c).request, "route", c.FullPath(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		c.Abort()
		s.fail(c, &Error{Status: http.StatusInternalServerError, Key: "error.internal", Cause: fmt.Errorf("panic: %v", p)})
	}()
	c.Next()
}

// gate refuses what no handler should have to think about: foreign host names, addresses that are not text.
func (s *Server) gate(c *gin.Context) {
	r := c.Request
	if path := c.FullPath(); path == "/healthz" || path == "/readyz" {
		return // balancers call by address
	}
	name, ok := hostName(r.Host)
	if !ok {
		s.fail(c, Fail(http.StatusBadRequest, "error.host"))
		return
	}
	if !s.hosts[name] && !loopback(name) {
		s.fail(c, Fail(http.StatusMisdirectedRequest, "error.host"))
		return
	}
	if !cleanText(r.URL.Path) || strings.ContainsAny(r.URL.Path, "\\\x7f\n\r\t") || strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		s.fail(c, Fail(http.StatusNotFound, "error.not_found"))
		return
	}
	if r.URL.RawQuery != "" {
		q, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil || !cleanValues(q) {
			s.fail(c, Fail(http.StatusBadRequest, "error.query"))
			return
		}
	}
}

// cleanText is UTF-8 without NUL: what both databases can hold.
func cleanText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func cleanValues(v url.Values) bool {
	for k, vs := range v {
		if !cleanText(k) {
			return false
		}
		for _, s := range vs {
			if !cleanText(s) {
				return false
			}
		}
	}
	return true
}
