package site

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// The versions of a programme that have a name: a page with what changed from one to the next, and one for each as it was. They
// change only with what is published, so they are kept like the event's own page.

// versionRoutes are the addresses of an event's versions.
func (s *Site) versionRoutes() []web.Route {
	at := func(path string) web.Route {
		return web.Route{Method: http.MethodGet, Path: "/:locale/:section/:a/:b/programme" + path, Rule: web.Public, Class: web.Cacheable, Handle: s.versionPage}
	}
	return []web.Route{at(""), at("/:number")}
}

// versionsPage is the log of a programme's versions, or one of them.
type versionsPage struct {
	*base
	Event named
	Stand template.HTML // how the one that is shown stands to the present programme
	Past  bool          // it is not the present one any more
	Note  text
	Log   []versionLog // the latest first
	One   *programme
	Back  link
}

// versionLog is what is told of one version.
type versionLog struct {
	ID      string
	URL     string // of the version; empty for what has no name yet
	Name    text
	Kind    string // of one with a name of its own
	When    template.HTML
	Note    text
	Heading template.HTML // of the changes, where they are not under their version
	Changes []template.HTML
	More    string // that the version's own page has all
	None    string // instead of changes
}

// mostChanges is how many the log tells of one version: a programme of hundreds of sessions may be made anew.
const mostChanges = 100

// versionLine says at the programme what it is called and since when, and leads to the versions; empty where none has a name.
func (v *eventPage) versionLine() template.HTML {
	if len(v.Versions) == 0 {
		return ""
	}
	last := v.Versions[len(v.Versions)-1]
	name := v.versionName(v.Event, last)
	if name.Empty() { // a preview without it
		return ""
	}
	key := "programme.as_of"
	if n := len(v.Told); n > 0 && v.Told[n-1].Number > last.Told {
		key = "programme.changed"
	}
	return v.html(key, "Name", name.Span(), "Date", v.day(last.At.In(v.Event.When.Location()))) +
		template.HTML(` · <a href="`+v.URL(v.Page.Path)+`/programme">`) + plain(v.M("programme.all")) + "</a>"
}

// day writes a day, for machines too.
func (b *base) day(t time.Time) template.HTML {
	return template.HTML(`<time datetime="`+t.Format(time.DateOnly)+`">`) + plain(b.Date(t)) + "</time>"
}

// versionOf is the item that names a version; an empty one where a preview has none.
func versionOf(e *kind.Event, v content.Version) kind.ProgrammeVersion {
	if i := slices.IndexFunc(e.Programmes, func(x kind.ProgrammeVersion) bool { return x.ID == v.Item }); i >= 0 {
		return e.Programmes[i]
	}
	return kind.ProgrammeVersion{}
}

// versionName is what a version is called: by its editors, or by the catalogue.
func (p *entryPage) versionName(e *kind.Event, v content.Version) text {
	x := versionOf(e, v)
	if w := p.words(x.Name, p.Original); !w.Empty() {
		return w
	}
	if x.Kind != "revised" {
		return text{p.Enum("programme_version", x.Kind), p.base.Locale, false}
	}
	n := 0
	for _, o := range p.Versions {
		if versionOf(e, o).Kind == x.Kind && o.Number <= v.Number {
			n++
		}
	}
	return p.message("programme.revision", "Number", i18n.Number(p.base.Locale, n))
}

func (s *Site) versionPage(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	path, number := eventPath(c), 0
	if raw := c.Param("number"); raw != "" {
		if number, err = strconv.Atoi(raw); err != nil || number < 1 || strconv.Itoa(number) != raw {
			return db.ErrNotFound
		}
	}
	err = s.answer(c, func(ctx context.Context) (*answer, error) { return s.versions(ctx, l, path, number) })
	return s.movedBelow(c, l, path, err)
}

// versions makes the page of a version, or with 0 that of all.
func (s *Site) versions(ctx context.Context, l i18n.Locale, path string, number int) (*answer, error) {
	page, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	e, ok := page.Value.(*kind.Event)
	at := slices.IndexFunc(page.Versions, func(v content.Version) bool { return v.Number == number })
	if !ok || len(page.Versions) == 0 || number > 0 && at < 0 {
		return nil, db.ErrNotFound
	}
	var wanted []int
	if number > 0 {
		wanted = []int{number}
		if at > 0 {
			wanted = append(wanted, page.Versions[at-1].Number)
		}
	}
	all, near, err := s.Content.VersionPages(ctx, page, wanted...)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, db.ErrNotFound
	}
	withThen := *page // with those whom earlier versions name besides
	withThen.Neighbours = map[string]*content.Neighbour{}
	for _, from := range []map[string]*content.Neighbour{page.Neighbours, near} {
		for id, n := range from {
			withThen.Neighbours[id] = n
		}
	}
	p, err := s.newEntryPage(ctx, &withThen)
	if err != nil {
		return nil, err
	}
	b := p.base
	v := &versionsPage{base: b, Event: named{b.Title, b.URL(path)}}
	b.Crumbs = append(b.Crumbs, link{v.Event.URL, v.Event.Name})
	log := link{b.URL(path + "/programme"), b.message("programme.title")}
	// Machines are led to the programme that counts.
	b.Path, b.NoIndex, b.Canonical, b.Alternates, b.Permalink = path+"/programme", true, s.absolute(address(l, path)), nil, ""
	b.Title, b.Description, b.Updated = log.Text, text{}, time.Time{}
	v.Back = link{v.Event.URL + "#programme", b.message("programme.back")}
	tell := func(is, was any) []template.HTML {
		x := &eventPage{entryPage: p, Event: is.(*kind.Event)}
		return x.changes(x.Event.ChangesSince(was.(*kind.Event)))
	}
	for i, x := range all {
		one := versionLog{ID: "v" + strconv.Itoa(x.Number), URL: log.URL + "/" + strconv.Itoa(x.Number), Name: p.versionName(e, x.Version), When: b.moment(x.At, e.When.Zone)}
		own := versionOf(e, x.Version)
		if one.Note = p.words(own.Note, p.Original); len(own.Name) > 0 {
			one.Kind = b.Enum("programme_version", own.Kind)
		}
		if x.Number == page.Versions[0].Number {
			one.None = b.M("programme.first")
		} else if i > 0 {
			one.Heading = b.html("programme.since", "Name", p.versionName(e, all[i-1].Version).Span())
			if one.Changes = tell(x.Value, all[i-1].Value); len(one.Changes) == 0 {
				one.None = b.M("programme.same")
			}
			if n := len(one.Changes); number == 0 && n > mostChanges {
				one.Changes, one.More = one.Changes[:mostChanges], b.M("programme.more", "Number", i18n.Number(l, n))
			}
		}
		v.Log = append(v.Log, one)
	}
	last := page.Versions[len(page.Versions)-1]
	if number == 0 {
		if n := all[len(all)-1]; n.Number == last.Number {
			if since := tell(e, n.Value); len(since) > 0 {
				v.Log = append(v.Log, versionLog{ID: "now", Name: b.message("programme.now"), Changes: since})
			}
		}
		slices.Reverse(v.Log)
		v.place()
		return s.render("programme", b, v)
	}
	x := all[len(all)-1]
	shown := &eventPage{entryPage: p, Event: x.Value.(*kind.Event), now: s.Now()}
	one := shown.timetable()
	v.One, v.Log, v.Note = &one, v.Log[len(v.Log)-1:], v.Log[len(v.Log)-1].Note
	v.Log[0].URL, v.Log[0].Note = "", text{}
	b.Title, b.Path = v.Log[0].Name, b.Path+"/"+strconv.Itoa(number)
	b.Crumbs = append(b.Crumbs, log)
	v.Back = log
	v.Past = true
	switch current := template.HTML(`<a href="` + v.Event.URL + `#programme">`); {
	case number != last.Number:
		v.Stand = b.html("programme.earlier", "Date", b.moment(x.At, e.When.Zone)) + " " + current + plain(b.M("programme.current")) + "</a>"
	case len(tell(e, x.Value)) > 0:
		v.Stand = b.html("programme.outdated", "Date", b.moment(x.At, e.When.Zone)) + " " + current + plain(b.M("programme.current")) + "</a>"
	default:
		v.Past = false
		v.Stand = b.html("programme.holds", "Date", b.moment(x.At, e.When.Zone))
	}
	v.place()
	return s.render("programme", b, v)
}

// place leads the bar of languages to the same page in others.
func (v *versionsPage) place() {
	for i := range v.Languages {
		v.Languages[i].URL = address(v.Languages[i].Locale, v.base.Path)
	}
}
