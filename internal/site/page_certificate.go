package site

import (
	"net/http"

	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// certificatePage is a certificate of attendance, to be printed.
type certificatePage struct {
	*base
	Certificate *registration.Certificate
	Back        string
}

// certificate shows the certificate of a private link, to who attended.
func (s *Site) certificate(c *gin.Context) error {
	l, ok := s.pathLocale(c.Param("locale"))
	if !ok {
		return db.ErrNotFound
	}
	web.SetLocale(c, l)
	ctx := c.Request.Context()
	r, e, err := s.Registration.Own(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	r.Locale = l // the page's language can be chosen like any page's
	x := s.Registration.Certificate(e.Form, e.Original, r, func(l i18n.Locale) string { return s.siteName(l) })
	if x == nil {
		return db.ErrNotFound
	}
	p, err := s.Content.LiveByID(ctx, l, e.ID)
	if err != nil {
		return err
	}
	v, err := s.personalBase(c, p, "registrations/"+c.Param("token")+"/certificate")
	if err != nil {
		return err
	}
	v.base.Title = v.message("certificate.title")
	return s.sendPage(c, http.StatusOK, "certificate", v.base, &certificatePage{v.base, x, address(l, "registrations/"+c.Param("token"))})
}
