package settings

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/writing"
)

// Words is a text in the site's languages.
type Words map[i18n.Locale]string

// In gives the words in a language, else in English, else in the first language that has any.
func (w Words) In(l i18n.Locale) string {
	for _, at := range append([]i18n.Locale{l, i18n.EN}, i18n.All...) {
		if s := w[at]; s != "" {
			return s
		}
	}
	return ""
}

// Site is what an office sets. Each field is one row of the table; its tag is the key.
type Site struct {
	Name        Words         `json:"name"`         // of the site, in full: no acronyms alone
	PartOf      Words         `json:"part_of"`      // the body it belongs to, above the name; may be empty
	PartOfURL   string        `json:"part_of_url"`  // where the body's own site is
	Description Words         `json:"description"`  // one or two sentences, for the front page and search engines
	Footer      Words         `json:"footer"`       // under every page: disclaimer, rights
	Languages   []i18n.Locale `json:"languages"`    // offered to the public, in the order of the language bar
	OwnOnly     bool          `json:"own_only"`     // lists leave out what has no words in the reader's language
	Zone        string        `json:"zone"`         // of the office: the first choice for a new event
	Cities      []string      `json:"cities"`       // zones in which event pages tell the time as well
	Social      []Social      `json:"social"`       // the office elsewhere
	FooterPages []string      `json:"footer_pages"` // entries of kind page, linked from every page's foot
	Contact     Contact       `json:"contact"`
	Clearance   bool          `json:"clearance"` // nothing is published that has not been cleared
	ClearOwn    bool          `json:"clear_own"` // one may clear what one has written
	Together    []i18n.Locale `json:"together"`  // languages of which none is published without the others; none or several

	SecondFactor []auth.Role `json:"second_factor"` // roles that need one to sign in

	Checks     map[string]string `json:"checks"`      // writing.Checks that do not advise: what they do instead, see Severity
	ShortForms Words             `json:"short_forms"` // that need no explanation, with commas
}

// What a check of the writing does.
const (
	CheckOff     = "off"
	CheckAdvises = "advice"
	CheckBlocks  = "block" // forbids publishing
)

// Severity is what a check of the writing does.
func (s Site) Severity(check string) string {
	if v := s.Checks[check]; v != "" {
		return v
	}
	return CheckAdvises
}

// ChecksBlock reports whether any check forbids publishing.
func (s Site) ChecksBlock() bool {
	for _, v := range s.Checks {
		if v == CheckBlocks {
			return true
		}
	}
	return false
}

// Social is the office's page on another network.
type Social struct {
	Network string      `json:"network"` // one of Networks
	URL     string      `json:"url"`
	Locale  i18n.Locale `json:"locale,omitempty"` // language it is written in; empty: several
}

// Networks are the choices of Social.Network; their names are proper names, the same in every language.
var Networks = []string{"Facebook", "Flickr", "Instagram", "LinkedIn", "Mastodon", "Telegram", "WeChat", "Weibo", "X", "YouTube"}

// Contact is how to reach the office.
type Contact struct {
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Address Words  `json:"address,omitempty"` // lines of the postal address
}

// Defaults is a site nobody has set anything of.
func Defaults() Site {
	return Site{Name: Words{i18n.EN: "Plenary"}, Languages: slices.Clone(i18n.All), Zone: "UTC"}
}

// Invalid is input that cannot be accepted: a message key for each field that is wrong.
type Invalid map[string]string

func (e Invalid) Error() string {
	b, _ := json.Marshal(map[string]string(e)) // strings only: cannot fail
	return "invalid: " + string(b)
}

// Fields gives the message key of each wrong field.
func (e Invalid) Fields() map[string]string { return e }

// Conflicted says that somebody else has changed the same fields since they were read.
type Conflicted struct{ Keys []string }

func (e *Conflicted) Error() string { return "changed by someone else: " + strings.Join(e.Keys, ", ") }

// Conflicts is how many fields it is about.
func (e *Conflicted) Conflicts() int { return len(e.Keys) }

var entryID = regexp.MustCompile(`^[0-9a-z]{4,32}$`)

// clean makes the values canonical and says what is wrong with them, by the names of the form's fields.
func (s *Site) clean() error {
	bad := Invalid{}
	words := func(name string, w *Words, limit int, lines bool) {
		out := Words{}
		for l, text := range *w {
			if _, ok := i18n.Parse(string(l)); !ok {
				bad[name] = "auth.locale_unknown"
				continue
			}
			if text = cleanText(text, lines); text == "" {
				continue
			}
			if utf8.RuneCountInString(text) > limit {
				bad[name+"@"+string(l)] = "settings.problem.too_long"
			}
			out[l] = text
		}
		*w = out
	}
	words("name", &s.Name, 200, false)
	words("part_of", &s.PartOf, 200, false)
	words("description", &s.Description, 400, true)
	words("footer", &s.Footer, 2000, true)
	words("contact_address", &s.Contact.Address, 500, true)
	words("short_forms", &s.ShortForms, 2000, true)
	for _, r := range s.SecondFactor {
		if !slices.Contains(auth.Roles, r) {
			bad["second_factor"] = "auth.role_unknown"
		}
	}
	checks := map[string]string{} // what advises is not kept: it is the rule
	for check, v := range s.Checks {
		switch {
		case !slices.Contains(writing.Checks, check) || v != CheckOff && v != CheckAdvises && v != CheckBlocks:
			bad["checks"] = "settings.problem.check"
		case v != CheckAdvises:
			checks[check] = v
		}
	}
	if s.Checks = checks; len(checks) == 0 {
		s.Checks = nil
	}
	if len(s.Name) == 0 {
		bad["name@en"] = "settings.problem.name_missing"
	}
	address := func(name string, v *string) {
		*v = strings.TrimSpace(*v)
		if *v == "" {
			return
		}
		u, err := url.Parse(*v)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(*v) > 500 || strings.ContainsAny(*v, " \t\r\n\"<>") {
			bad[name] = "settings.problem.url"
		}
	}
	address("part_of_url", &s.PartOfURL)
	if len(s.Languages) == 0 {
		bad["languages"] = "settings.problem.languages"
	}
	for i, l := range s.Languages {
		if _, ok := i18n.Parse(string(l)); !ok || slices.Contains(s.Languages[:i], l) {
			bad["languages"] = "settings.problem.languages"
		}
	}
	// A language that is no longer offered waits for no other.
	chosen := len(s.Together)
	s.Together = slices.DeleteFunc(slices.Clone(s.Together), func(l i18n.Locale) bool { return !slices.Contains(s.Languages, l) })
	slices.Sort(s.Together)
	s.Together = slices.Compact(s.Together)
	switch {
	case len(s.Together) > 1:
	case chosen == 1:
		bad["together"] = "settings.problem.together"
	default:
		s.Together = nil
	}
	zones := i18n.Zones()
	if !slices.Contains(zones, s.Zone) {
		bad["zone"] = "settings.problem.zone"
	}
	if len(s.Cities) > 12 {
		bad["cities"] = "settings.problem.cities"
	}
	for i, z := range s.Cities {
		if !slices.Contains(zones, z) || slices.Contains(s.Cities[:i], z) {
			bad["cities"] = "settings.problem.zone"
		}
	}
	if len(s.Social) > 20 {
		bad["social"] = "settings.problem.too_many"
	}
	for i := range s.Social {
		x := &s.Social[i]
		address("social", &x.URL)
		if _, ok := i18n.Parse(string(x.Locale)); !ok && x.Locale != "" || !slices.Contains(Networks, x.Network) || x.URL == "" {
			bad["social"] = "settings.problem.social"
		}
	}
	if len(s.FooterPages) > 12 {
		bad["footer_pages"] = "settings.problem.too_many"
	}
	for i, id := range s.FooterPages {
		if !entryID.MatchString(id) || slices.Contains(s.FooterPages[:i], id) {
			bad["footer_pages"] = "settings.problem.page"
		}
	}
	c := &s.Contact
	c.Email, c.Phone = strings.TrimSpace(c.Email), cleanText(c.Phone, false)
	if c.Email != "" {
		if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email || len(c.Email) > 254 || strings.ContainsAny(c.Email, " \r\n<>\"") {
			bad["contact_email"] = "settings.problem.email"
		}
	}
	if utf8.RuneCountInString(c.Phone) > 60 {
		bad["contact_phone"] = "settings.problem.too_long"
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// cleanText takes out what cannot be seen, line by line.
func cleanText(s string, lines bool) string {
	if !lines {
		return i18n.StripControls(s)
	}
	all := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	for i := range all {
		all[i] = i18n.StripControls(all[i])
	}
	return strings.TrimSpace(strings.Join(all, "\n"))
}

// fields gives the site's fields by key, as pointers.
func (s *Site) fields() map[string]any {
	out := map[string]any{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		out[v.Type().Field(i).Tag.Get("json")] = v.Field(i).Addr().Interface()
	}
	return out
}
