package admin

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// echoView says in words what was understood of a date: the best place to see that 1/7 is not in January.
type echoView struct {
	*entryForm
	ID, URL  string
	Quiet    bool // a line without a box
	Text     string
	Cities   []string
	Problems []string
	Readings []reading
}

// reading is one way to understand an ambiguous date.
type reading struct{ Control, Value, Text string }

func (f *entryForm) echo(path string, ps []content.Problem, text string, cities []string) *echoView {
	e := &echoView{entryForm: f, ID: "echo-" + path, Text: text, Cities: cities}
	for _, p := range ps {
		e.Problems = append(e.Problems, f.problemText(p))
		for _, t := range f.readings[p.Path] {
			e.Readings = append(e.Readings, reading{p.Path, t.Format(time.DateOnly), i18n.Date(f.Locale, t)})
		}
	}
	return e
}

func (f *entryForm) echoURL(path string, q url.Values) string {
	if q == nil {
		q = url.Values{}
	}
	q.Set("name", path)
	return "/admin/echo/when?" + q.Encode()
}

// zonesShown are the cities in which an event's time is told beside its own.
func (f *entryForm) zonesShown() []string {
	if zs := filled(f.Values["show_zones"]); len(zs) > 0 {
		return zs
	}
	return f.cities
}

// otherCities tells a moment elsewhere.
func (f *entryForm) otherCities(t time.Time, own string) []string {
	var out []string
	zones := append([]string{"UTC"}, f.zonesShown()...)
	for i, z := range zones {
		if z == own || slices.Contains(zones[:i], z) || z != "UTC" && content.Zone(z) == time.UTC || len(out) == 12 {
			continue
		}
		there := t.In(content.Zone(z))
		args := []any{"Time", i18n.Clock(f.Locale, there), "City", f.isolate(i18n.ZoneCity(f.Locale, z)), "Day", f.isolate(i18n.DayMonth(f.Locale, there))}
		if there.Day() == t.Day() {
			out = append(out, f.T("form.time_in_city", args...))
		} else {
			out = append(out, f.T("form.time_in_city_day", args...))
		}
	}
	return out
}

func (f *entryForm) echoWhen(path string, v url.Values) *echoView {
	w, ps := f.readWhen(v, path)
	var text string
	var cities []string
	if len(ps) == 0 {
		text, cities = f.whenInWords(w)
	}
	e := f.echo(path, ps, text, cities)
	e.URL = f.echoURL(path, url.Values{"zones": {strings.Join(f.zonesShown(), " ")}})
	return e
}

// whenInWords says when something is, and the same moment elsewhere.
func (f *entryForm) whenInWords(w content.When) (string, []string) {
	if !w.Known() {
		if w.Precision == content.PrecisionTBD {
			return enumLabel(f.tongue, "precision", w.Precision), nil
		}
		return "", nil
	}
	from, to := w.Start.In(time.UTC), w.End.In(time.UTC)
	switch w.Precision {
	case content.PrecisionMonth:
		return i18n.MonthYear(f.Locale, from), nil
	case content.PrecisionDay:
		if to.IsZero() {
			return i18n.DateWeekday(f.Locale, from), nil
		}
		return i18n.DateRange(f.Locale, from, to), nil
	}
	zone := content.Zone(w.Zone)
	from, to = w.Start.In(zone), w.End.In(zone)
	if w.Zone == "" {
		return i18n.DateTime(f.Locale, from), nil
	}
	return i18n.When(f.Locale, from, to, w.Zone, true), f.otherCities(from, w.Zone)
}

func (f *entryForm) echoDate(path, typed string) *echoView {
	t, ps := f.readDay(url.Values{path: {typed}}, path)
	text := ""
	switch {
	case len(ps) > 0 || t.Date.IsZero():
	case t.MonthOnly:
		ps = []content.Problem{{Path: path, Blocks: true, Key: "problem.day_missing"}}
	default:
		text = i18n.DateWeekday(f.Locale, t.Date)
	}
	e := f.echo(path, ps, text, nil)
	e.Quiet = true
	e.URL = f.echoURL(path, nil)
	return e
}

func (f *entryForm) echoMoment(path string, v url.Values) *echoView {
	at := "00:00"
	if strings.Contains(path, "close") || strings.Contains(path, "until") {
		at = "23:59"
	}
	zone := v.Get(path + ":zone")
	if zone == "" {
		_, zone = f.typedStart(v)
	}
	if zone == "" {
		zone = f.zone
	}
	t, ps := f.readMoment(v, path, at)
	text := ""
	if len(ps) == 0 && t != "" {
		text = i18n.When(f.Locale, t.In(content.Zone(zone)), time.Time{}, zone, true)
	}
	e := f.echo(path, ps, text, nil)
	e.Quiet = true
	e.URL = f.echoURL(path, url.Values{"zone": {zone}})
	return e
}

func (f *entryForm) echoSlot(path string, v url.Values) *echoView {
	day, zone := f.typedStart(v)
	return f.echoSlotOn(path, v, dayOf(day), zone)
}

func (f *entryForm) echoSlotOn(path string, v url.Values, day, zone string) *echoView {
	s, ps := f.readSlot(v, path, day)
	text := ""
	if len(ps) == 0 && s.Start != "" {
		text = f.slotInWords(s, zone)
	}
	e := f.echo(path, ps, text, nil)
	e.Quiet = true
	e.URL = f.echoURL(path, url.Values{"day": {day}, "zone": {zone}})
	return e
}

func (f *entryForm) slotInWords(s content.Slot, zone string) string {
	from, to := s.Start.In(time.UTC), s.End.In(time.UTC)
	if zone != "" {
		return i18n.When(f.Locale, s.Start.In(content.Zone(zone)), s.End.In(content.Zone(zone)), zone, false)
	}
	if to.IsZero() {
		return i18n.DateTime(f.Locale, from)
	}
	return f.T("form.day_clock", "Day", i18n.DateWeekday(f.Locale, from), "Clock", i18n.ClockRange(f.Locale, from, to))
}

// echoTimes answers what was understood of the date and time fields that are sent: those of one field.
func (a *Admin) echoTimes(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	f := a.bareForm(c)
	path := c.Query("name")
	if len(path) > 200 || path == "" {
		return web.Fail(422, "error.invalid")
	}
	f.Values = url.Values{}
	for name, vs := range v {
		if name == path || strings.HasPrefix(name, path+":") {
			f.Values[name] = vs
		}
	}
	for _, z := range strings.Fields(c.Query("zones")) {
		if (kind.Choices{}).Has("zone", z) && len(f.cities) < 12 {
			f.cities = append(f.cities, z)
		}
	}
	var e *echoView
	has := func(piece string) bool { _, ok := f.Values[path+":"+piece]; return ok }
	switch {
	case has("start_date"):
		e = f.echoWhen(path, f.Values)
	case has("start"):
		e = f.echoSlotOn(path, f.Values, c.Query("day"), c.Query("zone"))
	case has("date"):
		f.zone = c.Query("zone")
		e = f.echoMoment(path, f.Values)
	default:
		e = f.echoDate(path, f.Values.Get(path))
	}
	return a.renderPart(c, 200, "entry", "echo", &Page{a: a, Locale: f.Locale, D: e})
}
