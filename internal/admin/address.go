package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"plenary/internal/auth"
	"plenary/internal/mail"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

const addressPath = "/admin/address"

// addressScreen asks one of two mailboxes whether an account's address may change.
type addressScreen struct {
	auth.Half
	Outcome string // message key of what came of it; "" before
	Tongues []Link
}

// askAddress writes to both mailboxes; the account has the new address when both have agreed.
func (a *Admin) askAddress(c *gin.Context, who *auth.Actor, email string) error {
	if !reachable(email) {
		return auth.Invalid{"email": "auth.email_invalid"}
	}
	return a.auth.AskAddress(c.Request.Context(), who, email, func(ctx context.Context, tx bun.Tx, acc auth.Account, h auth.Half) error {
		if !reachable(h.To) {
			return auth.Invalid{"email": "security.address_unreachable"}
		}
		l := lettersIn(acc, web.Locale(c))
		key := "security.letter.address_new"
		if h.Old {
			key = "security.letter.address_old"
		}
		text, html := a.mail.Compose(l, mail.Body{Greeting: a.greeting(l, acc.Name), Paragraphs: []string{a.cat.T(l, key, "Site", a.settings.Site().Name.In(l), "Address", tongue{a.cat, l}.isolate(h.Email))},
			Button: mail.Link{Text: a.cat.T(l, "security.letter.address_button"), URL: a.base + addressPath + "?token=" + h.Token + "&lang=" + string(l)},
			After:  []string{a.cat.T(l, "security.letter.address_after")}})
		_, err := a.mail.Enqueue(ctx, tx, auth.System("security"), mail.Letter{Cause: "security.address:" + auth.LinkHash(h.Token), To: h.To, Name: acc.Name, Locale: l,
			Subject: a.cat.T(l, "security.letter.address_subject"), Text: text, HTML: html, Priority: mail.Urgent, Keys: []string{h.Token}})
		return err
	})
}

func (a *Admin) addressPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	h, err := a.auth.AddressHalf(c.Request.Context(), c.Query("token"))
	if err != nil {
		return err
	}
	return a.showAddress(c, addressScreen{Half: h})
}

func (a *Admin) showAddress(c *gin.Context, d addressScreen) error {
	p := a.page(c, "security.address_title")
	d.Tongues = tongues(c, url.Values{"token": {d.Token}})
	p.D = d
	return a.render(c, http.StatusOK, "address", p)
}

// agreeAddress takes the yes or no of one mailbox.
func (a *Admin) agreeAddress(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, v.Get("lang"))
	ctx, yes := c.Request.Context(), v.Get("op") == "yes"
	if !yes && v.Get("op") != "no" {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	h, err := a.auth.AddressHalf(ctx, v.Get("token"))
	if err != nil {
		return err
	}
	done, err := a.auth.AgreeAddress(ctx, h.Token, yes, func(ctx context.Context, tx bun.Tx, acc auth.Account, old string) error {
		return errors.Join(a.inform(ctx, tx, web.RequestID(c), "address_done", acc, old, acc.Email), a.inform(ctx, tx, web.RequestID(c), "address_done", acc, acc.Email, acc.Email))
	})
	if err != nil {
		return err
	}
	h.Token = ""
	outcome := "security.address_waits"
	switch {
	case !yes:
		outcome = "security.address_kept"
	case done:
		outcome = "security.address_done"
	}
	return a.showAddress(c, addressScreen{Half: h, Outcome: outcome})
}
