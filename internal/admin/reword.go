package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/reword"
	"plenary/internal/web"
	"plenary/internal/writing"

	"github.com/gin-gonic/gin"
)

const rewordURL = "/admin/replace"

// maxHits is how many entries are listed at once; what is replaced in them makes room for the next.
const maxHits = 200

// rewordScreen is finding and replacing in all entries.
type rewordScreen struct {
	queryForm
	Offered []i18n.Locale
	Hits    []hitView
	Places  string
	More    bool
	Bad     bool // nothing was chosen
}

// hitView is an entry in which something is found.
type hitView struct {
	content.Hit
	Kind, URL string
	N         string
	Ticked    bool
}

func (a *Admin) rewordPage(c *gin.Context) error {
	return a.showReword(c, http.StatusOK, c.Request.URL.Query(), false)
}

func (a *Admin) showReword(c *gin.Context, status int, v url.Values, bad bool) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	p := a.page(c, "replace.everywhere")
	d := rewordScreen{Offered: a.settings.Site().Languages, Bad: bad}
	d.queryForm = readQuery(v, d.Offered)
	if d.queryForm.Bad != "" {
		status = http.StatusUnprocessableEntity
	} else if finder := writing.NewFinder(d.Query); d.Asked && finder != nil {
		hits, more, err := a.content.FindEverywhere(c.Request.Context(), who, finder, d.Locales, maxHits)
		if err != nil {
			return err
		}
		total := 0
		_, sent := v["sent"]
		q := url.Values{"find": {d.Find}, "by": {d.Replace}}
		for name, on := range map[string]bool{"case": d.Case, "word": d.Word} {
			if on {
				q.Set(name, "1")
			}
		}
		for _, l := range d.Locales {
			q.Add("in", string(l))
		}
		for _, h := range hits {
			total += h.Count
			x := hitView{Hit: h, Kind: p.KindOne(h.Kind), URL: entryURL(a.content.Kind(h.Kind), h.ID, "") + "/replace?" + q.Encode(), N: i18n.Number(p.Locale, h.Count),
				Ticked: !sent || slices.Contains(v["entry"], h.ID)}
			if x.Title == "" {
				x.Title, x.Original = p.T("list.untitled"), p.Locale
			}
			d.Hits = append(d.Hits, x)
		}
		d.Places, d.More = i18n.Number(p.Locale, total), more
	}
	p.Active, p.Layout, p.D = "replace", "one narrow", d
	return a.render(c, status, "reword", p)
}

// startReword queues the work.
func (a *Admin) startReword(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	q := readQuery(v, a.settings.Site().Languages)
	if q.Bad != "" || len(v["entry"]) == 0 {
		return a.showReword(c, http.StatusUnprocessableEntity, v, q.Bad == "")
	}
	note := short(web.T(c, "replace.note", "Find", q.Find, "Replace", q.Replace), 200)
	id, err := a.reword.Start(c.Request.Context(), who, reword.Query{Query: q.Query, Locales: q.Locales}, v["entry"], note)
	if errors.Is(err, reword.ErrNothing) {
		return a.showReword(c, http.StatusUnprocessableEntity, v, true)
	} else if err != nil {
		return err
	}
	return web.Redirect(c, rewordURL+"/"+id)
}

// rewordingScreen is how far a rewording is.
type rewordingScreen struct {
	Find, By    string
	Total, Done int
	Left        bool
	Line        string
	Entries     []rewordedView
}

// rewordedView is what became of one entry.
type rewordedView struct {
	Title, URL, Text, Tone string
	Lang                   i18n.Locale
}

func (a *Admin) rewordingPage(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	x, err := a.reword.Get(ctx, who, c.Param("run"))
	if err != nil {
		return err
	}
	p := a.page(c, "replace.everywhere")
	d := rewordingScreen{Find: x.Query.Find, By: x.Query.Replace, Total: len(x.Entries), Left: x.Waiting() > 0}
	d.Done = d.Total - x.Waiting()
	d.Line = p.T("replace.progress", "Done", i18n.Number(p.Locale, d.Done), "All", i18n.Number(p.Locale, d.Total))
	var ids []string
	for _, e := range x.Entries {
		ids = append(ids, e.ID)
	}
	// Titles only of what the actor may read: an id that somebody made up tells nothing.
	rows, _, err := a.content.List(ctx, who, content.ListQuery{IDs: ids, Limit: len(ids)})
	if err != nil {
		return err
	}
	tones := map[reword.State]string{reword.Done: "ok", reword.Refused: "bad"}
	for _, e := range x.Entries {
		v := rewordedView{Text: p.T("replace.state."+string(e.State), "Count", i18n.Number(p.Locale, e.Places)), Tone: tones[e.State], Title: p.T("list.untitled"), Lang: p.Locale}
		if i := slices.IndexFunc(rows, func(r content.ListRow) bool { return r.ID == e.ID }); i >= 0 {
			if r := rows[i]; r.Title != "" {
				v.Title, v.Lang = r.Title, r.Original
			}
			v.URL = entryURL(a.content.Kind(rows[i].Kind), e.ID, "") + "/history"
		}
		d.Entries = append(d.Entries, v)
	}
	p.Active, p.Layout, p.D = "replace", "one narrow", d
	p.Crumbs = []Link{{p.T("replace.everywhere"), rewordURL}}
	p.Here = d.Line
	return a.render(c, http.StatusOK, "rewording", p)
}

// QueryForm is the form's own part, with what is wrong with it.
func (d rewordScreen) QueryForm() queryForm { return d.queryForm }
