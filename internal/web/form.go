package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// MaxValues is how many values a form may have.
const MaxValues = 10_000

// Form reads a form sent as application/x-www-form-urlencoded, once; later calls give the same values. Too much, or
// what is not text, is an error that says so. The query is not mixed in.
func Form(c *gin.Context) (url.Values, error) {
	st := stateOf(c)
	if st.body != nil {
		return *st.body, nil
	}
	if media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); c.Request.ContentLength != 0 && (err != nil || media != "application/x-www-form-urlencoded") {
		return nil, Fail(http.StatusUnsupportedMediaType, "error.form_type")
	}
	b, err := io.ReadAll(c.Request.Body)
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return nil, err
		}
		return nil, &Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
	}
	body := string(b)
	if strings.Count(body, "&") >= MaxValues {
		return nil, Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	v, err := url.ParseQuery(body)
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
	}
	if !cleanValues(v) {
		return nil, Fail(http.StatusUnprocessableEntity, "error.not_text")
	}
	st.body = &v
	return v, nil
}

// MaxPage bounds how far one can page: beyond it nobody reads, and the database counts through all of it.
const MaxPage = 10_000

// Page reads ?page= and ?size= of a list: the page counts from 1, the size is 25 unless asked, at most 200. Nonsense
// is taken as not said.
func Page(c *gin.Context) (page, size int) {
	page, size = 1, 25
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 0 {
		page = min(n, MaxPage)
	}
	if n, err := strconv.Atoi(c.Query("size")); err == nil && n > 0 {
		size = min(n, 200)
	}
	return page, size
}

// Pager is what a list's page needs to lead to the others.
type Pager struct {
	Page, Size, Total int
	address           url.URL
}

// NewPager makes the pager of this request's list with total rows. A page after the last is the last.
func NewPager(c *gin.Context, total int) Pager {
	page, size := Page(c)
	p := Pager{Page: page, Size: size, Total: total, address: url.URL{Path: c.Request.URL.Path, RawQuery: c.Request.URL.RawQuery}}
	p.Page = min(p.Page, p.Pages())
	return p
}

// Offset is how many rows come before this page.
func (p Pager) Offset() int { return (p.Page - 1) * p.Size }

// Pages is the number of pages, at least 1.
func (p Pager) Pages() int { return max(1, (p.Total+p.Size-1)/p.Size) }

// From and To number the rows shown, from 1; both are 0 in an empty list.
func (p Pager) From() int { return min(p.Offset()+1, p.Total) }

// To is the number of the last row shown.
func (p Pager) To() int { return min(p.Offset()+p.Size, p.Total) }

// URL is the address of page n of this list, its filters kept.
func (p Pager) URL(n int) string {
	q := p.address.Query()
	q.Set("page", strconv.Itoa(n))
	if n == 1 {
		q.Del("page")
	}
	u := url.URL{Path: p.address.Path, RawQuery: q.Encode()}
	return u.String()
}

// Prev is the address of the page before, or empty.
func (p Pager) Prev() string {
	if p.Page <= 1 {
		return ""
	}
	return p.URL(p.Page - 1)
}

// Next is the address of the page after, or empty.
func (p Pager) Next() string {
	if p.Page >= p.Pages() {
		return ""
	}
	return p.URL(p.Page + 1)
}
