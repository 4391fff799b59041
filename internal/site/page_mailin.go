package site

import (
	"net/http"
	"path"

	"plenary/internal/db"
	"plenary/internal/docx"
	"plenary/internal/i18n"

	"github.com/gin-gonic/gin"
)

// mailIn offers the form as a document, for those for whom the page does not work.
type mailIn struct{ Text, URL string }

// registerDocument sends the form as a document, while one can register and the event has a mailbox that takes it.
func (s *Site) registerDocument(c *gin.Context) error {
	p, e, err := s.openRegistration(c)
	if err != nil {
		return err
	}
	if e.Form.Mailbox == "" || !e.Form.Open(s.Now()) {
		return db.ErrNotFound
	}
	l, _ := i18n.Parse(c.Param("locale"))
	b, err := s.Registration.Blank(c.Request.Context(), e, l)
	if err != nil {
		return err
	}
	c.Header("Content-Type", docx.Type)
	c.Header("Content-Language", l.Tag())
	c.Header("Content-Disposition", `attachment; filename="`+path.Base(p.Path)+"-"+string(l)+`.docx"`)
	c.Status(http.StatusOK)
	_, err = c.Writer.Write(b)
	return err
}
