package site

import (
	"net/http"

	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"

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
	r, e, p, err := s.own(c)
	if err != nil {
		return err
	}
	r.Locale = p.Locale // the page's language can be chosen like any page's
	x := s.Registration.Certificate(e.Form, e.Original, r, func(l i18n.Locale) string { return s.siteName(l) })
	if x == nil {
		return db.ErrNotFound
	}
	v, err := s.personalBase(c, p, "registrations/"+c.Param("token")+"/certificate")
	if err != nil {
		return err
	}
	v.base.Title = v.message("certificate.title")
	return s.sendPage(c, http.StatusOK, "certificate", v.base, &certificatePage{v.base, x, address(p.Locale, "registrations/"+c.Param("token"))})
}
