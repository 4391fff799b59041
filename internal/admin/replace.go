package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"
	"plenary/internal/writing"

	"github.com/gin-gonic/gin"
)

// replaceRoutes are the addresses of finding and replacing in an entry, and in all of them.
func (a *Admin) replaceRoutes() []web.Route {
	edit := web.Needs(auth.Publish) // who answers for texts
	routes := []web.Route{
		{Method: http.MethodGet, Path: rewordURL, Rule: edit, Class: web.Personal, Handle: a.rewordPage, Timeout: time.Minute},
		{Method: http.MethodPost, Path: rewordURL, Rule: edit, Class: web.Personal, Handle: a.startReword, MaxBody: 128 << 10},
		{Method: http.MethodGet, Path: rewordURL + "/:run", Rule: edit, Class: web.Personal, Handle: a.rewordingPage},
	}
	for _, k := range a.content.Kinds {
		at := func(method string, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/replace", Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: 512 << 10,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, a.replacePage)
		at(http.MethodPost, a.doReplace)
	}
	return routes
}

func replaceURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/replace" }

// Limits of finding and replacing.
const (
	maxFind   = 200 // characters
	maxPlaces = 500 // that are shown, and can be chosen, at once
)

// queryForm is what is looked for, as its form has it.
type queryForm struct {
	writing.Query
	Locales []i18n.Locale // chosen
	Bad     string        // what is wrong with it, as a message's key
	Asked   bool          // something was sent
}

// readQuery reads the form: languages that are not offered are passed over, none chosen means all.
func readQuery(v url.Values, offered []i18n.Locale) queryForm {
	q := queryForm{Query: writing.Query{Find: unmarked(v.Get("find")), Replace: unmarked(v.Get("by")), Case: v.Get("case") != "", Word: v.Get("word") != ""}}
	_, q.Asked = v["find"]
	for _, l := range offered {
		if len(v["in"]) == 0 || slices.Contains(v["in"], string(l)) {
			q.Locales = append(q.Locales, l)
		}
	}
	switch {
	case !q.Asked:
	case utf8.RuneCountInString(q.Find) > maxFind || utf8.RuneCountInString(q.Replace) > maxFind || !utf8.ValidString(q.Find+q.Replace):
		q.Bad = "replace.too_long"
	case writing.NewFinder(q.Query) == nil:
		q.Bad = "replace.nothing_asked"
	}
	return q
}

// unmarked drops the marks of direction that are pasted with words: texts are kept without them, and one would turn round
// the history that quotes it. Blanks stay: they can be what is meant.
func unmarked(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}

// Chosen reports whether a language is looked through.
func (q queryForm) Chosen(l i18n.Locale) bool { return slices.Contains(q.Locales, l) }

// placeView is a place as the preview shows it.
type placeView struct {
	content.Found
	Field  string
	Ticked bool
}

// replaceScreen is the form to find and replace, and each place it would change.
type replaceScreen struct {
	*entryForm
	queryForm
	Heading, Back, Action string
	Offered               []i18n.Locale
	Places                []placeView
	More                  bool
	Seen                  []choice // versions of the parts
	Undo                  []choice // what the last replacement made, to take it back
	Notices               []Notice
}

func (a *Admin) replacePage(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showReplace(c, who, e, l, http.StatusOK, c.Request.URL.Query(), nil)
}

func (a *Admin) showReplace(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, status int, v url.Values, notices []Notice) error {
	offered := e.Replaceable(who)
	if len(offered) == 0 {
		return auth.ErrForbidden
	}
	f := a.filledForm(c, who, e, l)
	if err := f.lookup(c.Request.Context(), a.content, a.media); err != nil {
		return err
	}
	d := &replaceScreen{entryForm: f, queryForm: readQuery(v, offered), Heading: entryTitle(f.tongue, e), Back: entryURL(e.Kind, e.ID, l), Action: replaceURL(e), Offered: offered, Notices: notices}
	for _, l := range offered {
		p := content.Part(l)
		d.Seen = append(d.Seen, choice{"base:" + string(l), strconv.Itoa(e.Versions[p])})
		if n, err := strconv.Atoi(v.Get("made:" + string(l))); err == nil && n > 1 && n == e.Versions[p] {
			d.Undo = append(d.Undo, choice{"made:" + string(l), strconv.Itoa(n)})
		}
	}
	if finder := writing.NewFinder(d.Query); d.Asked && d.Bad == "" && finder != nil {
		_, sent := v["sent"]
		for _, x := range e.Find(finder, d.Locales) {
			if len(d.Places) == maxPlaces {
				d.More = true
				break
			}
			d.Places = append(d.Places, placeView{x, f.nameOf(x.Path), !sent || slices.Contains(v["place"], x.Name())})
		}
	}
	if d.Bad != "" {
		status = http.StatusUnprocessableEntity
	}
	p := a.page(c, "replace.title", "Title", d.Heading)
	p.below(e, l, "replace.name")
	p.D = d
	return a.render(c, status, "replace", p)
}

// doReplace replaces what was chosen, or takes the replacement back.
func (a *Admin) doReplace(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	offered := e.Replaceable(who)
	if len(offered) == 0 {
		return auth.ErrForbidden
	}
	switch v.Get("op") {
	case "undo":
		return a.undoReplace(c, who, e, offered, v)
	case "replace":
	default:
		return badOp()
	}
	q := readQuery(v, offered)
	finder := writing.NewFinder(q.Query)
	say := func(status int, tone, key string) error {
		return a.showReplace(c, who, e, l, status, v, []Notice{{tone, web.T(c, key)}})
	}
	switch {
	case q.Bad != "" || finder == nil:
		return a.showReplace(c, who, e, l, http.StatusUnprocessableEntity, v, nil)
	case len(v["place"]) == 0:
		return say(http.StatusUnprocessableEntity, "error", "replace.nothing_chosen")
	}
	t := tongue{a.cat, web.Locale(c)}
	saved, err := a.content.ReplaceWords(c.Request.Context(), who, e.ID, seenVersions(v), finder, q.Locales, func(x content.Found) bool { return slices.Contains(v["place"], x.Name()) },
		short(t.T("replace.note", "Find", q.Find, "Replace", q.Replace), 200))
	var bad *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &bad):
		f := a.bareForm(c)
		f.Kind, f.Entry, f.Lang = k, e, l
		var notices []Notice
		for _, x := range bad.Problems {
			notices = append(notices, Notice{"error", f.troubleText(e, x)})
		}
		return a.showReplace(c, who, e, l, http.StatusUnprocessableEntity, v, notices)
	case errors.As(err, &moved):
		if e, err = a.content.Get(c.Request.Context(), who, e.ID); err != nil {
			return err
		}
		delete(v, "sent")
		return say(http.StatusConflict, "warning", "replace.moved")
	case err != nil:
		return err
	case len(saved.Changed) == 0:
		return say(http.StatusUnprocessableEntity, "error", "replace.nothing_chosen")
	}
	flash(c, "success", "replace.done")
	made := url.Values{"lang": {string(l)}}
	for _, p := range saved.Changed {
		made.Set("made:"+string(p), strconv.Itoa(saved.Versions[p]))
	}
	return web.Redirect(c, replaceURL(e)+"?"+made.Encode())
}

// undoReplace brings the parts back that a replacement has changed, as far as nobody has changed them since.
func (a *Admin) undoReplace(c *gin.Context, who *auth.Actor, e *content.Entry, offered []i18n.Locale, v url.Values) error {
	back := 0
	for _, l := range offered {
		p := content.Part(l)
		n, err := strconv.Atoi(v.Get("made:" + string(l)))
		if err != nil || n < 2 || n != e.Versions[p] {
			continue
		}
		if _, err := a.content.RestoreRevision(c.Request.Context(), who, e.ID, p, n-1); err != nil {
			return err
		}
		back++
	}
	if back == 0 {
		flash(c, "error", "replace.not_undone")
	} else {
		flash(c, "success", "replace.undone")
	}
	return web.Redirect(c, replaceURL(e))
}

// Number writes a number in the panel's language.
func (d *replaceScreen) Number(n int) string { return i18n.Number(d.entryForm.Locale, n) }
