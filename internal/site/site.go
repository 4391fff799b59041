// Package site serves the public: pages, feeds, calendars, sitemap, downloads. It keeps rendered pages and reads only
// what has been published.
package site

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/search"
	"plenary/internal/settings"
	"plenary/internal/view"
)

// Options is what the public site stands on.
type Options struct {
	Content *content.Store
	Media   *media.Store
	// Registration is who registers for events.
	Registration *registration.Store
	// Discussion is what is said on their boards.
	Discussion *discussion.Store
	// Comments are what readers say on drafts of reports.
	Comments *comment.Store
	// Search finds what is published.
	Search    *search.Store
	Catalogue *i18n.Catalogue
	Theme     fs.FS // templates/, static/
	Settings  func() settings.Site
	BaseURL   string           // scheme://host[:port], without a slash at the end
	Now       func() time.Time // nil: time.Now
	Dev       bool             // templates and style sheets are read anew for each page, and no page is kept
	KeepBytes int64            // how much memory finished pages may take; 0 keeps none
}

// Site is the public face. Safe for concurrent use.
type Site struct {
	Options
	host   string // of BaseURL
	views  *view.Set
	static *view.Assets
	kept   *keeper
	files  content.Shared[media.File]
	// options of lists' filters
	options content.Shared[[]filterOption]

	mu     sync.Mutex
	shared map[i18n.Locale]*shared
}

// New parses the theme; a broken template is an error here and not on its page.
func New(o Options) (*Site, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("site: %q is not an address to link to", o.BaseURL)
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dev {
		o.KeepBytes = 0
	}
	s := &Site{Options: o, host: base.Host, kept: newKeeper(o.KeepBytes, base.Host), shared: map[i18n.Locale]*shared{}}
	if s.static, err = s.assets(); err != nil {
		return nil, err
	}
	if s.views, err = view.New(o.Theme, template.FuncMap{"asset": s.asset, "dict": dict}, o.Dev); err != nil {
		return nil, err
	}
	if err := s.views.Compile(); err != nil { // a theme may be an office's own
		return nil, err
	}
	return s, nil
}

func (s *Site) assets() (*view.Assets, error) {
	files, err := fs.Sub(s.Theme, "static")
	if err != nil {
		return nil, err
	}
	return view.NewAssets(files, "/static/")
}

// asset gives the address of a file of the theme's static folder.
func (s *Site) asset(name string) (string, error) {
	if s.Dev {
		a, err := s.assets()
		if err != nil {
			return "", err
		}
		return a.URL(name)
	}
	return s.static.URL(name)
}

// languages are the site's, in the order of the language bar.
func (s *Site) languages() []i18n.Locale {
	offered := s.Settings().Languages
	var out []i18n.Locale
	for _, l := range i18n.All {
		if slices.Contains(offered, l) {
			out = append(out, l)
		}
	}
	return out
}

func (s *Site) offers(l i18n.Locale) bool { return slices.Contains(s.Settings().Languages, l) }

// fallback is the language for readers who ask for none that we have: English where it is offered, since it is what most
// of them can read, else the first of the bar.
func (s *Site) fallback() i18n.Locale {
	if s.offers(i18n.EN) {
		return i18n.EN
	}
	if all := s.languages(); len(all) > 0 {
		return all[0]
	}
	return i18n.EN
}

// address is a page's address on this host: path is without the locale, "" the front page.
func address(l i18n.Locale, path string) string { return "/" + string(l) + "/" + path }

// absolute is an address as other hosts are told it.
func (s *Site) absolute(path string) string { return s.BaseURL + path }

var errNoPage = errors.New("no such page")

func (s *Site) log() *slog.Logger { return slog.Default() }

// dict gives a template several values: name, value, name, value.
func dict(pairs ...any) (map[string]any, error) {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is not a name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}
