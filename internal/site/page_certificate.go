package site

import (
	"net/http"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"

	"github.com/gin-gonic/gin"
)

// certificatePage is a certificate of attendance, to be printed.
type certificatePage struct {
	*base
	Certificate *registration.Certificate
	Back, File  string
	Missing     string // what the file lacks, in words
}

// ownCertificate is that of a private link, for who attended.
func (s *Site) ownCertificate(c *gin.Context) (*registration.Certificate, *content.Page, error) {
	r, e, p, err := s.own(c)
	if err != nil {
		return nil, nil, err
	}
	r.Locale = p.Locale // the page's language can be chosen like any page's
	x := s.Registration.Certificate(e.Form, e.Original, r, func(l i18n.Locale) string { return s.siteName(l) })
	if x == nil {
		return nil, nil, db.ErrNotFound
	}
	return x, p, nil
}

// certificate shows the certificate, to be read and printed.
func (s *Site) certificate(c *gin.Context) error {
	x, p, err := s.ownCertificate(c)
	if err != nil {
		return err
	}
	path := "registrations/" + c.Param("token") + "/certificate"
	v, err := s.personalBase(c, p, path)
	if err != nil {
		return err
	}
	v.base.Title = v.message("certificate.title")
	d := &certificatePage{base: v.base, Certificate: x, Back: address(p.Locale, "registrations/"+c.Param("token")), File: address(p.Locale, path+".pdf")}
	if missing := s.Registration.Missing([]*registration.Certificate{x}); missing != "" {
		d.Missing = d.M("print.missing", "Characters", missing)
	}
	return s.sendPage(c, http.StatusOK, "certificate", v.base, d)
}

// certificateFile sends it as a file.
func (s *Site) certificateFile(c *gin.Context) error {
	x, p, err := s.ownCertificate(c)
	if err != nil {
		return err
	}
	b, err := s.Registration.CertificatesPDF(c.Request.Context(), p.Locale, x.Title+" – "+x.Name, []*registration.Certificate{x})
	if err != nil {
		return err
	}
	return sendFile(c, pdfType, p.Locale, "certificate-"+string(p.Locale)+".pdf", b)
}
