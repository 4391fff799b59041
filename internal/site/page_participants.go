package site

import (
	"net/http"
	"strconv"

	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// participantsPage is the public list of those who take part. It is never kept, so that who takes back the consent is gone
// from it at once; search engines are told to leave it out, and no feed or sitemap knows it.
type participantsPage struct {
	*base
	Event      named
	When       string
	People     []participant
	Words      string // which of them are shown
	Prev, Next string
}

type participant struct {
	Name, Position, Organization, Country string
}

// participantsSize is how many a page shows.
const participantsSize = 100

func (s *Site) participants(c *gin.Context) error {
	p, e, err := s.openRegistration(c)
	if err != nil {
		return err
	}
	all, err := s.Registration.Participants(c.Request.Context(), e)
	if err != nil {
		return err
	}
	v, err := s.personalBase(c, p, p.Path+"/participants")
	if err != nil {
		return err
	}
	l := v.base.Locale
	i18n.SortBy(l, all, func(x registration.Participant) string { return x.Name })
	page, _ := web.Page(c)
	from := (page - 1) * participantsSize
	if from > 0 && from >= len(all) {
		return db.ErrNotFound
	}
	to := min(from+participantsSize, len(all))
	v.base.Title = v.message("participants.title")
	d := &participantsPage{base: v.base, Event: v.Event, When: v.When}
	for _, x := range all[from:to] {
		y := participant{Name: x.Name, Position: x.Position, Organization: x.Organization}
		if x.Country != "" {
			y.Country = i18n.CountryName(l, x.Country)
		}
		d.People = append(d.People, y)
	}
	d.Words = v.N("participants.count", len(all))
	at := func(n int) string {
		u := address(l, p.Path+"/participants")
		if n > 1 {
			u += "?page=" + strconv.Itoa(n)
		}
		return u
	}
	if page > 1 {
		d.Prev = at(page - 1)
	}
	if to < len(all) {
		d.Next = at(page + 1)
	}
	return s.sendPage(c, http.StatusOK, "participants", d.base, d)
}
