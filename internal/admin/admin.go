// Package admin is one set of screens for all kinds, plus media, people and rights, translations, registrations,
// settings, log.
package admin

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/directory"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/memory"
	"plenary/internal/registration"
	"plenary/internal/reword"
	"plenary/internal/settings"
	"plenary/internal/suggestion"
	"plenary/internal/translation"
	"plenary/internal/view"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Options are the parts the panel stands on.
type Options struct {
	Content      *content.Store
	Media        *media.Store
	Auth         *auth.Service
	Settings     *settings.Store
	Registration *registration.Store // who registers for events
	Discussion   *discussion.Store   // what is said on their boards
	Comments     *comment.Store      // what is said on drafts of reports
	Translation  *translation.Store  // who translates what
	Reword       *reword.Store       // words that are replaced in many entries
	Clearance    *clearance.Store    // who clears, and what is published when
	Suggested    *suggestion.Store   // what somebody proposes who may not change it
	Memory       *memory.Store       // files for translators, memory and terms
	Jobs         *job.Queue
	Mail         *mail.Outbox
	DB           *db.DB               // for what several of them do in one transaction
	Draw         Drawer               // pages of the site, for previews
	BaseURL      string               // for links in letters
	Directory    *directory.Directory // the office's; nil: none
	DirectoryIs  string               // what people call it; empty: in general words
	Catalogue    *i18n.Catalogue
	Web          *web.Server
	Files        fs.FS            // templates/ and static/ of package plenary/admin
	Now          func() time.Time // the clock; nil: the system's
	Dev          bool             // read templates anew for each page
	Log          *slog.Logger     // nil: the default
}

// Admin is the panel.
type Admin struct {
	content         *content.Store
	media           *media.Store
	auth            *auth.Service
	settings        *settings.Store
	registration    *registration.Store
	discussion      *discussion.Store
	comments        *comment.Store
	clearance       *clearance.Store
	translation     *translation.Store
	reword          *reword.Store
	memory          *memory.Store
	suggested       *suggestion.Store
	jobs            *job.Queue
	mail            *mail.Outbox
	db              *db.DB
	draw            Drawer
	base            string
	directory       *directory.Directory
	directoryCalled string
	cat             *i18n.Catalogue
	web             *web.Server
	views           *view.Set
	assets          *view.Assets
	now             func() time.Time
	log             *slog.Logger
	words           map[i18n.Locale]string // of the scripts, as JSON
	reminded        string                 // the last day on which all reminders were written by this instance; the task's alone
}

// New reads templates and assets, so that what is broken in them is found at start.
func New(o Options) (*Admin, error) {
	a := &Admin{content: o.Content, media: o.Media, auth: o.Auth, settings: o.Settings, registration: o.Registration, discussion: o.Discussion, comments: o.Comments, clearance: o.Clearance, translation: o.Translation, reword: o.Reword, memory: o.Memory, suggested: o.Suggested, jobs: o.Jobs, mail: o.Mail, db: o.DB, draw: o.Draw, base: o.BaseURL, directory: o.Directory, directoryCalled: o.DirectoryIs, cat: o.Catalogue, web: o.Web,
		now: o.Now, log: o.Log,
		words: map[i18n.Locale]string{}}
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	a.jobs.Handle(resetKind, a.sendReset)
	a.suggested.Told = a.tellSuggester
	static, err := fs.Sub(o.Files, "static")
	if err != nil {
		return nil, err
	}
	if a.assets, err = view.NewAssets(static, "/admin/static/"); err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	if a.views, err = view.New(o.Files, a.funcs(), o.Dev); err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	keys := o.Catalogue.Keys(i18n.EN)
	for _, l := range i18n.All {
		words := map[string]string{}
		for _, key := range keys {
			if name, ok := strings.CutPrefix(key, "js."); ok {
				words[name] = o.Catalogue.T(l, key)
			}
		}
		b, err := json.Marshal(words)
		if err != nil {
			return nil, err
		}
		a.words[l] = string(b)
	}
	return a, nil
}

// Owns says whether an address is the panel's, whether there is a page or not.
func (a *Admin) Owns(path string) bool { return path == "/admin" || strings.HasPrefix(path, "/admin/") }

// RenderError shows a failure as a page of the panel, in the actor's language. For a stranger it says no more than the
// site would.
func (a *Admin) RenderError(c *gin.Context, status int, key string, err error) {
	p := a.page(c, key+".title")
	p.Active = ""
	d := errorPage{Status: status, Text: p.T(key + ".text"), Why: a.whyRefused(c, err)}
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		for _, k := range invalid.Fields() {
			d.Problems = append(d.Problems, p.T(k))
		}
	}
	if status >= http.StatusInternalServerError {
		d.Reference = p.T("error.reference", "Request", web.RequestID(c))
	}
	p.D = d
	if e := a.renderPart(c, status, "error", "layout.html", p); e != nil {
		panic(e) // web falls back to a page that needs no template
	}
}

type errorPage struct {
	Status    int
	Text      string
	Problems  []string
	Reference string
	Why       string // where it is explained
}

// static answers the panel's scripts and styles. What is not there is an error like others: its answer must not be kept
// for a year, as a file's is, by who asks an instance that is a version behind.
func (a *Admin) static(c *gin.Context) error {
	if !a.assets.Has(c.Request.URL.Path) {
		return db.ErrNotFound
	}
	a.assets.ServeHTTP(c.Writer, c.Request)
	return nil
}
