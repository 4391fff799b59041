package admin

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// recordSystem writes the letters about the log.
var recordSystem = auth.System("record")

// TellRecord goes through the whole log and writes to the administrators where its chain ends: once a day, if it has grown, and
// whenever it does not hold. What they keep in their mailboxes is what a log that was made anew cannot match. A site whose log
// began today tells nothing yet.
func (a *Admin) TellRecord(ctx context.Context) error {
	if err := a.auth.Seal(ctx); err != nil {
		return err
	}
	r, err := a.auth.Check(ctx)
	if err != nil {
		return err
	}
	now := a.now().In(content.Zone(a.settings.Site().Zone))
	if r.Broken != nil {
		a.log.Error("the log does not hold", "problem", r.Broken)
	} else if _, n, err := a.auth.AuditLog(ctx, recordSystem, auth.AuditFilter{To: time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())}, auth.Paging{Size: 1}); err != nil || n == 0 {
		return err
	}
	administrators, err := a.auth.Holders(ctx, auth.ManageInstance)
	if err != nil {
		return err
	}
	write := func(ctx context.Context, tx bun.Tx) error {
		for _, who := range administrators {
			if _, err := a.mail.Enqueue(ctx, tx, recordSystem, a.recordLetter(who, r, now.Format(time.DateOnly))); err != nil {
				return err
			}
		}
		return nil
	}
	if r.Broken != nil {
		return a.db.InTx(ctx, write)
	}
	return a.auth.Tell(ctx, r.Head, write)
}

func (a *Admin) recordLetter(who *auth.Actor, r *auth.Record, today string) mail.Letter {
	l := who.Locale
	if l == "" {
		l = i18n.EN
	}
	t := tongue{a.cat, l}
	body := mail.Body{Greeting: a.greeting(l, who.Name), Button: mail.Link{Text: t.T("record.button"), URL: a.base + "/admin/log"}, Footer: []string{t.T("record.why")}}
	x := mail.Letter{Cause: "record:" + who.ID + ":" + today, To: who.Email, Name: who.Name, Locale: l}
	if r.Broken != nil {
		x.Cause = "record.broken:" + who.ID + ":" + today
		x.Subject = t.T("record.subject_broken")
		body.Paragraphs = []string{t.T("record.broken"), t.T("record.broken_do")}
		body.Facts = []mail.Fact{{Label: t.T("record.place"), Value: r.Broken.Error()}}
	} else {
		x.Subject = t.T("record.subject", "Number", i18n.Number(l, int(r.Seq)))
		body.Paragraphs = []string{t.N("record.whole", int(r.Lines)), t.T("record.keep")}
		body.Facts = []mail.Fact{{Label: t.T("record.number"), Value: i18n.Number(l, int(r.Seq))}, {Label: t.T("record.link"), Value: r.Link}, {Label: t.T("record.check"), Value: "plenary audit verify --head " + r.Head.String()}}
	}
	x.Text, x.HTML = a.mail.Compose(l, body)
	return x
}
