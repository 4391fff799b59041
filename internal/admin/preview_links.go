package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// previewLinksPage lists the preview links of an entry, and makes them.
type previewLinksPage struct {
	*entryForm
	Heading, Back, Preview, Action string
	Form                           *Form
	Fresh                          string // the address of a link just made: it is shown this once
	FreshUntil                     string
	Languages                      []previewLanguage
	Seen                           []choice
	May                            bool // it is not deleted
	Lines                          []previewLine
}

type previewLanguage struct {
	Lang   i18n.Locale
	Name   string
	Chosen bool
}

// previewLine is a link in the list.
type previewLine struct {
	ID, Note, By, Made, Until, Opened, Languages, Ended string
	Old                                                 bool // the entry has changed since
	Live                                                bool // it opens
}

func (a *Admin) previewLinks(k *content.Kind, c *gin.Context) error {
	_, _, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showPreviewLinks(k, c, http.StatusOK, newForm("days", strconv.Itoa(content.PreviewDays), "lang", string(l)), nil, "")
}

func (a *Admin) showPreviewLinks(k *content.Kind, c *gin.Context, status int, form *Form, made *content.PreviewLink, secret string) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	links, err := a.content.PreviewLinks(ctx, who, e.ID)
	if err != nil {
		return err
	}
	f := a.filledForm(c, who, e, l)
	base := entryURL(k, e.ID, "")
	d := &previewLinksPage{entryForm: f, Heading: entryTitle(f.tongue, e), Back: entryURL(k, e.ID, l), Preview: base + "/preview", Action: base + "/preview/links",
		Form: form, May: e.Deleted == nil}
	d.Seen = append(d.Seen, seen(e, content.Facts))
	for _, x := range i18n.All {
		if len(e.Parts[content.Part(x)]) == 0 {
			continue
		}
		d.Seen = append(d.Seen, seen(e, content.Part(x)))
		d.Languages = append(d.Languages, previewLanguage{x, i18n.LanguageName(f.Locale, string(x)), slices.Contains(form.Values["lang"], string(x))})
	}
	if made != nil {
		d.Fresh = a.base + "/preview/" + secret
		d.FreshUntil = f.T("preview.link_until", "Time", f.moment(made.Expires))
	}
	if d.Lines, err = a.previewLines(ctx, f, links); err != nil {
		return err
	}
	p := a.page(c, "preview.links_title", "Title", d.Heading)
	p.below(e, l, "preview.links", Link{p.T("preview.name"), d.Preview})
	p.D = d
	return a.render(c, status, "preview_links", p)
}

// moment writes a time in the site's zone.
func (f *entryForm) moment(t time.Time) string {
	return i18n.When(f.Locale, t.In(content.Zone(f.zone)), time.Time{}, f.zone, true)
}

func (a *Admin) previewLines(ctx context.Context, f *entryForm, links []*content.PreviewLink) ([]previewLine, error) {
	var ids []string
	for _, x := range links {
		ids = append(ids, x.CreatedBy, x.RevokedBy)
	}
	names, err := a.accountNames(ctx, f.tongue, filled(ids))
	if err != nil {
		return nil, err
	}
	var out []previewLine
	for _, x := range links {
		line := previewLine{ID: x.ID, Note: x.Note, By: names[x.CreatedBy], Made: f.moment(x.Created), Until: f.T("preview.link_until", "Time", f.moment(x.Expires)), Live: x.Holds(a.now())}
		var in []string
		for _, l := range x.Locales() {
			in = append(in, i18n.LanguageName(f.Locale, string(l)))
		}
		line.Languages = i18n.List(f.Locale, in)
		line.Opened = f.T("preview.never_opened")
		if x.Opened > 0 {
			line.Opened = f.N("preview.opened", x.Opened, "Time", f.moment(x.OpenedLast))
		}
		switch {
		case !x.Revoked.IsZero():
			line.Ended = f.T("preview.revoked", "Name", names[x.RevokedBy], "Time", f.moment(x.Revoked))
		case !line.Live:
			line.Ended = f.T("preview.expired", "Time", f.moment(x.Expires))
		}
		for p, n := range x.Revisions {
			line.Old = line.Old || f.Entry.Versions[p] != n
		}
		out = append(out, line)
	}
	return out, nil
}

// savePreviewLink makes a link, or ends one.
func (a *Admin) savePreviewLink(k *content.Kind, c *gin.Context) error {
	who, e, _, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if id := v.Get("revoke"); id != "" {
		if err := a.content.RevokePreviewLink(ctx, who, e.ID, id); err != nil {
			return err
		}
		flashUndo(c, "preview.revoke_done", undoPreview, map[string]string{"kind": k.Path, "id": e.ID, "unrevoke": id})
		return web.Redirect(c, entryURL(k, e.ID, "")+"/preview/links")
	}
	if id := v.Get("unrevoke"); id != "" {
		if err := a.content.UndoRevoke(ctx, who, e.ID, id); err != nil {
			return err
		}
		flash(c, "success", "undo.link")
		return web.Redirect(c, entryURL(k, e.ID, "")+"/preview/links")
	}
	if !who.Can(auth.Share, e.Object()) {
		return auth.ErrForbidden
	}
	form := &Form{Values: v, Bad: map[string]string{}}
	n := content.NewPreviewLink{Entry: e.ID, Note: v.Get("note"), Versions: seenVersions(v)}
	if s := v.Get("days"); s != "" {
		if n.Days, err = strconv.Atoi(s); err != nil || n.Days == 0 {
			n.Days = -1
		}
	}
	for _, s := range v["lang"] {
		if l, ok := i18n.Parse(s); ok && !slices.Contains(n.Locales, l) {
			n.Locales = append(n.Locales, l)
		}
	}
	secret, link, err := a.content.AddPreviewLink(ctx, who, n)
	var invalid *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &invalid):
		for _, x := range invalid.Problems {
			form.Bad[x.Path] = web.T(c, x.Key, x.Args...)
		}
		return a.showPreviewLinks(k, c, http.StatusUnprocessableEntity, form, nil, "")
	case errors.As(err, &moved):
		form.Bad[""] = web.T(c, "preview.moved")
		return a.showPreviewLinks(k, c, http.StatusConflict, form, nil, "")
	case err != nil:
		return err
	}
	// The secret is kept nowhere, so this answer shows it; to ask for the page again makes no link again.
	next := newForm("days", strconv.Itoa(content.PreviewDays))
	next.Values["lang"] = v["lang"]
	return a.showPreviewLinks(k, c, http.StatusOK, next, link, secret)
}
