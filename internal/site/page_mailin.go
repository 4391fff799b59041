package site

import (
	"context"
	"net/http"
	"path"

	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"

	"github.com/gin-gonic/gin"
)

const pdfType = "application/pdf"

// mailIn offers the form as a document, for those for whom the page does not work.
type mailIn struct {
	Text, Document, Print       string
	DocumentLabel, PrintedLabel string
	Missing                     string // what the file to print lacks, in words
}

func (s *Site) mailIn(ctx context.Context, v *base, p string, e *registration.Event) (*mailIn, error) {
	b, err := s.Registration.Blank(ctx, e, v.Locale)
	if err != nil {
		return nil, err
	}
	x, err := s.Registration.Print(ctx, e, v.Locale)
	if err != nil {
		return nil, err
	}
	m := &mailIn{Text: v.M("register.mail_in", "Mailbox", i18n.Isolate(e.Form.Mailbox)), Document: v.URL(p + "/register/form.docx"), Print: v.URL(p + "/register/form.pdf"),
		DocumentLabel: v.M("print.document", "Size", i18n.Bytes(v.Locale, int64(len(b)))), PrintedLabel: v.M("print.form", "Size", i18n.Bytes(v.Locale, x.Size))}
	if x.Missing != "" {
		m.Missing = v.M("print.missing", "Characters", x.Missing)
	}
	return m, nil
}

// registerDocument sends the form as a document, while one can register and the event has a mailbox that takes it.
func (s *Site) registerDocument(kind, ending string, give func(context.Context, *registration.Event, i18n.Locale) ([]byte, error)) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, e, err := s.openRegistration(c)
		if err != nil {
			return err
		}
		if e.Form.Mailbox == "" || !e.Form.Open(s.Now()) {
			return db.ErrNotFound
		}
		l, _ := i18n.Parse(c.Param("locale"))
		b, err := give(c.Request.Context(), e, l)
		if err != nil {
			return err
		}
		return sendFile(c, kind, l, path.Base(p.Path)+"-"+string(l)+ending, b)
	}
}

// sendFile sends what somebody downloads.
func sendFile(c *gin.Context, kind string, l i18n.Locale, name string, b []byte) error {
	c.Header("Content-Type", kind)
	c.Header("Content-Language", l.Tag())
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Status(http.StatusOK)
	_, err := c.Writer.Write(b)
	return err
}
