package web

import (
	"context"
	"errors"
	"html/template"
	"math"
	"net/http"
	"sort"
	"strconv"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/gin-gonic/gin"
)

// Error is a failure that knows its status and message key (with .title and .text).
type Error struct {
	Status int
	Key    string
	Cause  error // for the log
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Key + ": " + e.Cause.Error()
	}
	return e.Key
}

func (e *Error) Unwrap() error { return e.Cause }

// Fail makes an Error.
func Fail(status int, key string) error { return &Error{Status: status, Key: key} }

// Status says with which status and message key an error is told. What has no name is 500.
func Status(err error) (status int, key string) {
	var own *Error
	var big *http.MaxBytesError
	var slow *auth.ThrottledError
	var invalid interface{ Fields() map[string]string }
	var conflict interface{ Conflicts() int }
	switch {
	case errors.As(err, &own):
		return own.Status, own.Key
	case errors.Is(err, db.ErrNotFound):
		return http.StatusNotFound, "error.not_found"
	case errors.Is(err, auth.ErrForbidden):
		return http.StatusForbidden, "error.forbidden"
	case errors.Is(err, auth.ErrSession):
		return http.StatusUnauthorized, "error.signed_out"
	case errors.Is(err, auth.ErrSignIn):
		return http.StatusUnprocessableEntity, "error.sign_in"
	case errors.Is(err, auth.ErrStep):
		return http.StatusForbidden, "error.step"
	case errors.Is(err, auth.ErrPasskey):
		return http.StatusUnprocessableEntity, "error.passkey"
	case errors.Is(err, auth.ErrConfirm):
		return http.StatusForbidden, "error.confirm"
	case errors.Is(err, auth.ErrDirectory):
		return http.StatusForbidden, "error.directory"
	case errors.Is(err, auth.ErrSetup):
		return http.StatusForbidden, "error.setup"
	case errors.Is(err, auth.ErrReset):
		return http.StatusForbidden, "error.reset"
	case errors.Is(err, auth.ErrInvited):
		return http.StatusForbidden, "error.invited"
	case errors.As(err, &slow):
		return http.StatusTooManyRequests, "error.throttled"
	case errors.As(err, &conflict):
		return http.StatusConflict, "error.conflict"
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, "error.invalid"
	case errors.As(err, &big):
		return http.StatusRequestEntityTooLarge, "error.too_large"
	case errors.Is(err, auth.ErrBusy), errors.Is(db.Normalize(err), db.ErrUnavailable):
		return http.StatusServiceUnavailable, "error.unavailable"
	case errors.Is(err, context.Canceled):
		return 499, "error.unavailable" // the reader has gone; nobody sees this
	}
	return http.StatusInternalServerError, "error.internal"
}

// fail answers with the error's page, and keeps the error for the one log line.
func (s *Server) fail(c *gin.Context, err error) {
	st := stateOf(c)
	st.err = err
	c.Abort()
	if c.Writer.Written() {
		return
	}
	status, key := Status(err)
	h := c.Writer.Header()
	personal(h) // errors are not kept: the next answer may be another
	if st.route == nil || !st.route.Framed {
		h.Set("Content-Security-Policy", policy(c.Request.URL.Path)) // the page's own, not that of the file or face that is not there
	}
	for _, name := range []string{"ETag", "Last-Modified", "Expires", "Content-Encoding", "Content-Length", "Content-Disposition", "Content-Range"} {
		h.Del(name)
	}
	switch status {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "10")
	case http.StatusTooManyRequests:
		var slow *auth.ThrottledError
		if errors.As(err, &slow) {
			h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(slow.RetryAfter.Seconds())))))
		}
	}
	defer func() {
		// The faces' page may be what is broken.
		if p := recover(); p != nil {
			s.log.Error("panic in the error page", "request", st.request, "panic", p)
			if !c.Writer.Written() {
				s.plainError(c, status, key, err)
			}
		}
	}()
	s.RenderError(c, status, key, err)
}

var errorPage = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}" dir="{{.Dir}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p>
{{- with .Fields}}<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{end}}
{{- with .Reference}}<p>{{.}}</p>{{end}}
<p><a href="/">{{.Home}}</a></p></main></body>
</html>
`))

// plainError is the page of last resort: it needs no template folder and no database.
func (s *Server) plainError(c *gin.Context, status int, key string, err error) {
	l := Locale(c)
	data := map[string]any{"Lang": l.Tag(), "Dir": l.Dir(), "Title": s.words.T(l, key+".title"), "Text": s.words.T(l, key+".text"), "Home": s.words.T(l, "error.home")}
	var invalid interface{ Fields() map[string]string }
	if errors.As(err, &invalid) {
		var fields []string
		for _, k := range invalid.Fields() {
			fields = append(fields, s.words.T(l, k))
		}
		sort.Strings(fields)
		data["Fields"] = fields
	}
	if status >= 500 {
		data["Reference"] = s.words.T(l, "error.reference", "Request", RequestID(c))
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Content-Language", l.Tag())
	c.Status(status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	if err := errorPage.Execute(c.Writer, data); err != nil {
		s.log.Debug("error page not sent", "error", err)
	}
}
