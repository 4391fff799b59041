package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/settings"
	"plenary/internal/web"
	"plenary/internal/writing"

	"github.com/gin-gonic/gin"
)

// settingsSection is one card of the settings page: a form of its own that changes these keys of settings.Site.
type settingsSection struct {
	Name string
	Keys []string
}

var settingsSections = []settingsSection{
	{"identity", []string{"name", "part_of", "part_of_url", "description"}},
	{"languages", []string{"languages", "own_only"}},
	{"time", []string{"zone", "cities"}},
	{"footer", []string{"footer", "footer_pages"}},
	{"contact", []string{"contact"}},
	{"social", []string{"social"}},
	{"clearance", []string{"clearance", "clear_own", "together"}},
	{"writing", []string{"checks", "short_forms"}},
	{"sign_in", []string{"second_factor"}},
}

// settingsScreen is what the office sets of its site.
type settingsScreen struct {
	Sections []sectionForm
	Zones    []Choice
	Networks []Choice
	Locales  []Choice
}

type sectionForm struct {
	settingsSection
	Form    *Form
	Version string
	Words   []wordsField
	Order   []orderItem
	Cities  []Choice
	Social  []int // numbers of rows
	Checks  []checkSetting
}

// checkSetting is a check of the writing and what it does.
type checkSetting struct{ Name, Does string }

// Severities are what a check can do.
func (s sectionForm) Severities() []string {
	return []string{settings.CheckOff, settings.CheckAdvises, settings.CheckBlocks}
}

// wordsField is a text in every language of the site.
type wordsField struct {
	Name, Label, Help string
	Fields            []Field
}

// Near are the fields that are always in sight: the page's language and English.
func (w wordsField) Near() []Field { return w.part(true) }

// Far are those of the other languages, folded away.
func (w wordsField) Far() []Field { return w.part(false) }

func (w wordsField) part(near bool) []Field {
	var out []Field
	for _, f := range w.Fields {
		if near == (f.Lang == string(f.P.Locale) || f.Lang == string(i18n.EN) || len(w.Fields) < 4) {
			out = append(out, f)
		}
	}
	return out
}

// FarFilled is how many of the folded fields hold words, FarBad whether one is wrong.
func (w wordsField) FarFilled() int {
	n := 0
	for _, f := range w.Far() {
		if f.Value != "" {
			n++
		}
	}
	return n
}

func (w wordsField) FarBad() bool {
	return slices.ContainsFunc(w.Far(), func(f Field) bool { return f.Bad != "" })
}

// orderItem is one of an ordered list of things to tick.
type orderItem struct {
	Value, Text string
	Lang        i18n.Locale
	On          bool
}

func (a *Admin) settingsPage(c *gin.Context) error {
	return a.showSettings(c, http.StatusOK, "", nil, a.settings.Site(), nil, "")
}

// showSettings shows the page. The section named by back came back with what was typed and, perhaps, a problem.
func (a *Admin) showSettings(c *gin.Context, status int, back string, typed url.Values, site settings.Site, problem error, version string) error {
	p := a.page(c, "settings.title")
	p.Active, p.Layout = "settings", "one narrow"
	p.Path = "/admin/settings"
	now := a.settings.Site()
	var d settingsScreen
	for _, s := range settingsSections {
		sf := sectionForm{settingsSection: s, Version: now.Version(s.Keys...)}
		from := now
		if s.Name == back {
			from = site
			if version != "" {
				sf.Version = version
			}
		}
		sf.Form = settingsForm(s.Name, from)
		if s.Name == back {
			for name, vs := range typed {
				sf.Form.Values[name] = vs
			}
		}
		if err := a.fillSection(c, p, &sf, from); err != nil {
			return err
		}
		if s.Name == back {
			var order []string
			for _, w := range sf.Words {
				for _, f := range w.Fields {
					order = append(order, f.Name)
				}
			}
			p.refused(sf.Form, problem, append(order, "part_of_url", "languages", "zone", "cities", "footer_pages", "contact_email", "contact_phone", "social", "together", "checks")...)
			for i, w := range sf.Words { // made before it was known what is wrong
				for j, f := range w.Fields {
					sf.Words[i].Fields[j].Bad = sf.Form.Bad[f.Name]
				}
			}
		}
		d.Sections = append(d.Sections, sf)
	}
	for _, z := range i18n.Zones() {
		d.Zones = append(d.Zones, Choice{Value: z, Text: p.Zone(z)})
	}
	i18n.SortBy(p.Locale, d.Zones, func(z Choice) string { return z.Text })
	for _, n := range settings.Networks {
		d.Networks = append(d.Networks, Choice{Value: n, Text: n})
	}
	d.Locales = p.LocaleChoices(i18n.All)
	p.D = d
	return a.render(c, status, "settings", p)
}

// settingsForm gives the values of a section as its form names them.
func settingsForm(section string, s settings.Site) *Form {
	f := newForm()
	words := func(name string, w settings.Words) {
		for l, text := range w {
			f.Values.Set(name+"@"+string(l), text)
		}
	}
	switch section {
	case "identity":
		words("name", s.Name)
		words("part_of", s.PartOf)
		words("description", s.Description)
		f.Values.Set("part_of_url", s.PartOfURL)
	case "languages":
		for _, l := range s.Languages {
			f.Values.Add("languages", string(l))
		}
		if s.OwnOnly {
			f.Values.Set("own_only", "1")
		}
	case "time":
		f.Values.Set("zone", s.Zone)
		f.Values["cities"] = s.Cities
	case "footer":
		words("footer", s.Footer)
		f.Values["footer_pages"] = s.FooterPages
	case "contact":
		words("contact_address", s.Contact.Address)
		f.Values.Set("contact_email", s.Contact.Email)
		f.Values.Set("contact_phone", s.Contact.Phone)
	case "clearance":
		for name, on := range map[string]bool{"clearance": s.Clearance, "clear_own": s.ClearOwn} {
			if on {
				f.Values.Set(name, "1")
			}
		}
		for _, l := range s.Together {
			f.Values.Add("together", string(l))
		}
	case "sign_in":
		for _, r := range s.SecondFactor {
			f.Values.Add("second_factor", string(r))
		}
	case "writing":
		words("short_forms", s.ShortForms)
		for _, check := range writing.Checks {
			f.Values.Set("check:"+check, s.Severity(check))
		}
	case "social":
		for _, x := range s.Social {
			f.Values.Add("network", x.Network)
			f.Values.Add("url", x.URL)
			f.Values.Add("locale", string(x.Locale))
		}
	}
	return f
}

// fillSection makes what the section's template shows.
func (a *Admin) fillSection(c *gin.Context, p *Page, sf *sectionForm, s settings.Site) error {
	words := func(name, rows string) error {
		w := wordsField{Name: name, Label: p.T("settings." + name), Help: p.T("settings." + name + "_help")}
		for _, l := range a.settings.Site().Languages {
			f, err := p.Field(sf.Form, name+"@"+string(l), "settings."+name, "lang", string(l), "rows", rows)
			if err != nil {
				return err
			}
			w.Fields = append(w.Fields, f)
		}
		sf.Words = append(sf.Words, w)
		return nil
	}
	switch sf.Name {
	case "identity":
		return errors.Join(words("name", ""), words("part_of", ""), words("description", "--"))
	case "languages":
		for _, l := range ordered(sf.Form.Values["order"], s.Languages, i18n.All) {
			sf.Order = append(sf.Order, orderItem{string(l), l.Endonym(), l, slices.Contains(s.Languages, l)})
		}
	case "time":
		for _, z := range s.Cities {
			sf.Cities = append(sf.Cities, Choice{Value: z, Text: p.Zone(z)})
		}
	case "footer":
		if err := words("footer", "---"); err != nil {
			return err
		}
		rows, _, err := a.content.List(c.Request.Context(), p.Actor, content.ListQuery{Kind: "page", Sort: "title", Reader: p.Locale, Limit: 200})
		if err != nil {
			return err
		}
		titles := map[string]orderItem{}
		var ids []string
		for _, r := range rows {
			o := orderItem{Value: r.ID, Text: r.Title, Lang: r.Original}
			if t := r.Languages[p.Locale].Title; t != "" {
				o.Text, o.Lang = t, p.Locale
			}
			titles[r.ID] = o
			ids = append(ids, r.ID)
		}
		for _, id := range ordered(sf.Form.Values["order"], s.FooterPages, ids) {
			if o, ok := titles[id]; ok {
				o.On = slices.Contains(s.FooterPages, id)
				sf.Order = append(sf.Order, o)
			}
		}
	case "contact":
		return words("contact_address", "---")
	case "clearance":
		for _, l := range a.settings.Site().Languages {
			sf.Order = append(sf.Order, orderItem{string(l), l.Endonym(), l, slices.Contains(sf.Form.Values["together"], string(l))})
		}
	case "sign_in":
		for _, r := range auth.Roles {
			sf.Order = append(sf.Order, orderItem{string(r), p.T("auth.role." + string(r)), p.Locale, slices.Contains(sf.Form.Values["second_factor"], string(r))})
		}
	case "writing":
		for _, check := range writing.Checks {
			sf.Checks = append(sf.Checks, checkSetting{check, sf.Form.Values.Get("check:" + check)})
		}
		return words("short_forms", "--")
	case "social":
		for i := range len(sf.Form.Values["url"]) + 1 {
			sf.Social = append(sf.Social, i)
		}
	}
	return nil
}

// ordered puts all in the order the form says, else what is chosen first.
func ordered[T ~string](form []string, chosen, all []T) []T {
	var out []T
	add := func(x T) {
		if slices.Contains(all, x) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	for _, x := range form {
		add(T(x))
	}
	for _, x := range chosen {
		add(x)
	}
	for _, x := range all {
		add(x)
	}
	return out
}

// At is the nth value of a repeated field, or "".
func (f *Form) At(name string, n int) string {
	if vs := f.Values[name]; n < len(vs) {
		return vs[n]
	}
	return ""
}

// settingsFrom reads a section's form over the settings in force.
func settingsFrom(section string, v url.Values, s settings.Site) settings.Site {
	words := func(name string) settings.Words {
		w := settings.Words{}
		for _, l := range i18n.All {
			if text := v.Get(name + "@" + string(l)); text != "" {
				w[l] = text
			}
		}
		return w
	}
	// Words in a language that is not offered now are not in the form, and not lost.
	keep := func(w, old settings.Words) settings.Words {
		for l, text := range old {
			if !slices.Contains(s.Languages, l) {
				w[l] = text
			}
		}
		return w
	}
	switch section {
	case "identity":
		s.Name, s.PartOf, s.Description = keep(words("name"), s.Name), keep(words("part_of"), s.PartOf), keep(words("description"), s.Description)
		s.PartOfURL = v.Get("part_of_url")
	case "languages":
		var chosen []i18n.Locale
		for _, x := range ordered(v["order"], nil, i18n.All) {
			if slices.Contains(v["languages"], string(x)) {
				chosen = append(chosen, x)
			}
		}
		s.Languages, s.OwnOnly = chosen, v.Get("own_only") != ""
	case "time":
		s.Zone, s.Cities = v.Get("zone"), v["cities"]
	case "footer":
		s.Footer = keep(words("footer"), s.Footer)
		s.FooterPages = nil
		for _, id := range v["order"] {
			if slices.Contains(v["footer_pages"], id) {
				s.FooterPages = append(s.FooterPages, id)
			}
		}
	case "contact":
		s.Contact = settings.Contact{Email: v.Get("contact_email"), Phone: v.Get("contact_phone"), Address: keep(words("contact_address"), s.Contact.Address)}
	case "clearance":
		s.Clearance, s.ClearOwn, s.Together = v.Get("clearance") != "", v.Get("clear_own") != "", nil
		for _, x := range v["together"] {
			s.Together = append(s.Together, i18n.Locale(x))
		}
	case "sign_in":
		s.SecondFactor = nil
		for _, x := range v["second_factor"] {
			s.SecondFactor = append(s.SecondFactor, auth.Role(x))
		}
	case "writing":
		s.ShortForms = keep(words("short_forms"), s.ShortForms)
		s.Checks = map[string]string{}
		for _, check := range writing.Checks {
			if does := v.Get("check:" + check); does != "" {
				s.Checks[check] = does
			}
		}
	case "social":
		s.Social = nil
		f := Form{Values: v}
		for i := range v["url"] {
			if address := strings.TrimSpace(f.At("url", i)); address != "" {
				s.Social = append(s.Social, settings.Social{Network: f.At("network", i), URL: address, Locale: i18n.Locale(f.At("locale", i))})
			}
		}
	}
	return s
}

// saveSettings saves one section, or rearranges its list for who has no script.
func (a *Admin) saveSettings(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(settingsSections, func(s settingsSection) bool { return s.Name == v.Get("section") })
	if i < 0 {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	section := settingsSections[i]
	op, what, _ := strings.Cut(v.Get("op"), " ")
	switch op {
	case "up", "down":
		if at := slices.Index(v["order"], what); at >= 0 {
			to := at - 1
			if op == "down" {
				to = at + 1
			}
			if to >= 0 && to < len(v["order"]) {
				v["order"][at], v["order"][to] = v["order"][to], v["order"][at]
			}
		}
	case "drop":
		v["cities"] = slices.DeleteFunc(v["cities"], func(z string) bool { return z == what })
	case "find":
		if q := strings.TrimSpace(v.Get("find_city")); q != "" {
			p := a.page(c, "settings.title")
			found, err := a.options(c.Request.Context(), p.tongue(), p.Actor, "zone", q, "", 1)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return a.showSettings(c, http.StatusUnprocessableEntity, section.Name, v, settingsFrom(section.Name, v, a.settings.Site()), settings.Invalid{"cities": "settings.problem.zone"}, v.Get("version"))
			}
			if !slices.Contains(v["cities"], found[0].Value) {
				v["cities"] = append(v["cities"], found[0].Value)
			}
		}
	case "", "save":
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	next := settingsFrom(section.Name, v, a.settings.Site())
	if op != "" && op != "save" {
		return a.showSettings(c, http.StatusOK, section.Name, v, next, nil, v.Get("version"))
	}
	err = a.settings.Save(c.Request.Context(), web.Actor(c), next, v.Get("version"), section.Keys...)
	var bad settings.Invalid
	var conflict *settings.Conflicted
	switch {
	case errors.As(err, &bad):
		return a.showSettings(c, http.StatusUnprocessableEntity, section.Name, v, next, err, v.Get("version"))
	case errors.As(err, &conflict):
		// What was typed stays in the form, over what is in force now; saving once more is a decision.
		flash(c, "error", "settings.conflict")
		return a.showSettings(c, http.StatusConflict, section.Name, v, next, nil, "")
	case err != nil:
		return err
	}
	flash(c, "success", "settings.saved", "Section", web.T(c, "settings.section."+section.Name))
	return web.Redirect(c, "/admin/settings#"+section.Name)
}
