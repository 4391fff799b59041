// Package app puts the parts together from one Config, runs them, and stops them in order.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"plenary/admin"
	panel "plenary/internal/admin"
	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/directory"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/ical"
	"plenary/internal/job"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/memory"
	"plenary/internal/pdf"
	"plenary/internal/registration"
	"plenary/internal/reword"
	"plenary/internal/seal"
	"plenary/internal/search"
	"plenary/internal/settings"
	"plenary/internal/site"
	"plenary/internal/suggestion"
	"plenary/internal/translation"
	"plenary/internal/view"
	"plenary/internal/web"
	"plenary/migrations"
	"plenary/themes"

	"github.com/gin-gonic/gin"
)

// App is the program, built and not yet running.
type App struct {
	Config       Config
	DB           *db.DB
	Seal         *seal.Box
	Auth         *auth.Service
	Media        *media.Store
	Settings     *settings.Store
	Jobs         *job.Queue
	Mail         *mail.Outbox
	Content      *content.Store
	Registration *registration.Store
	Discussion   *discussion.Store
	Comments     *comment.Store
	Clearance    *clearance.Store
	Translation  *translation.Store
	Reword       *reword.Store
	Memory       *memory.Store
	Search       *search.Store
	Suggested    *suggestion.Store
	Site         *site.Site
	Panel        *panel.Admin
	Directory    *directory.Directory // nil: none
	Web          *web.Server
	Engine       *gin.Engine
	Words        *i18n.Catalogue
}

// Open builds the program: opens and migrates the database, opens the storage, reads templates and messages. Nothing
// runs yet and nothing listens. An error says in one line what is wrong.
func Open(ctx context.Context, cfg Config) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	a := &App{Config: cfg}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	theme, panelFiles, err := cfg.faces()
	if err != nil {
		return nil, err
	}
	var storage media.Storage
	var g errgroup.Group // messages are much to read; the database answers meanwhile
	g.Go(func() (err error) {
		if a.Words = cfg.Words; a.Words == nil {
			if a.Words, err = i18n.Load(i18n.Shared, sub(panelFiles, "locales"), sub(theme, "locales")); err != nil {
				return fmt.Errorf("messages: %w", err)
			}
		}
		return nil
	})
	g.Go(func() (err error) {
		if a.DB, err = db.Open(ctx, cfg.Database); err != nil {
			return err
		}
		if n, err := a.DB.Migrate(ctx, migrations.Files); err != nil {
			return err
		} else if n > 0 {
			slog.Info("schema brought up to date", "migrations", n)
		}
		if a.Seal, err = seal.Open(ctx, a.DB, cfg.SealSite()); err != nil {
			return fmt.Errorf("seal-key: %w", err)
		}
		a.Seal.Now = cfg.Now
		if storage, err = media.OpenStorage(ctx, cfg.Storage); err != nil {
			return fmt.Errorf("storage: %w", err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	a.Auth = auth.New(a.DB, auth.Options{Argon: cfg.Argon, Address: cfg.base()})
	a.Media = media.New(a.DB, storage, media.Limits{FileSize: int64(cfg.MaxFile) << 20})
	if a.Settings, err = settings.Open(ctx, a.DB); err != nil {
		return nil, err
	}
	a.Jobs = job.New(a.DB, job.Options{Now: cfg.Now})
	sender, err := cfg.sender()
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	if a.Mail, err = mail.New(a.DB, mail.Options{BaseURL: cfg.base(), From: cfg.MailFrom, Sender: sender, Words: a.Words, Now: cfg.Now,
		Site:    func(l i18n.Locale) string { return a.Settings.Site().Name.In(l) },
		ReplyTo: func() string { return a.Settings.Site().Contact.Email }}); err != nil {
		return nil, err
	}
	a.Content = &content.Store{DB: a.DB, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, BaseURL: cfg.base(), Now: cfg.Now}
	a.Registration = &registration.Store{DB: a.DB, Content: a.Content, Catalogue: a.Words, Mail: a.Mail, Jobs: a.Jobs, Seal: a.Seal, BaseURL: cfg.base(), Patience: formPatience, Fonts: pdf.Fonts{Folder: cfg.Fonts}, Now: cfg.Now}
	a.Discussion = &discussion.Store{DB: a.DB, Content: a.Content, Registration: a.Registration, Catalogue: a.Words, Mail: a.Mail, BaseURL: cfg.base(), Account: a.mailbox, Now: cfg.Now}
	a.Suggested = &suggestion.Store{DB: a.DB, Content: a.Content}
	a.Comments = &comment.Store{DB: a.DB, Content: a.Content, Discussion: a.Discussion, Catalogue: a.Words, Mail: a.Mail, BaseURL: cfg.base(), Now: cfg.Now}
	a.Clearance = &clearance.Store{DB: a.DB, Content: a.Content, Auth: a.Auth, Mail: a.Mail, Jobs: a.Jobs, Site: a.Settings.Site, Catalogue: a.Words, BaseURL: cfg.base(), Now: cfg.Now}
	a.Translation = &translation.Store{DB: a.DB, Content: a.Content, Auth: a.Auth, Mail: a.Mail, Jobs: a.Jobs, Catalogue: a.Words, BaseURL: cfg.base(), Now: cfg.Now}
	a.Reword = &reword.Store{DB: a.DB, Content: a.Content, Auth: a.Auth, Jobs: a.Jobs}
	a.Memory = &memory.Store{DB: a.DB, Content: a.Content}
	a.Directory = directory.New(cfg.directory())
	a.Search = &search.Store{DB: a.DB, Content: a.Content, Now: cfg.Now}
	a.wire()
	if err := a.Content.Start(ctx); err != nil {
		return nil, err
	}
	if err := a.Registration.SealOlder(ctx); err != nil {
		return nil, err
	}
	if a.Site, err = site.New(site.Options{Content: a.Content, Media: a.Media, Registration: a.Registration, Discussion: a.Discussion, Comments: a.Comments, Search: a.Search, Catalogue: a.Words, Theme: theme, Settings: a.Settings.Site, BaseURL: cfg.base(),
		Now: cfg.Now, Dev: cfg.Dev, KeepBytes: int64(cfg.Keep) << 20}); err != nil {
		return nil, err
	}
	if a.Web, err = web.New(web.Config{Listen: cfg.Listen, BaseURL: cfg.base(), Hosts: cfg.Hosts, Proxies: cfg.Proxies, Drain: cfg.Drain,
		Checks: []web.Check{{Name: "storage", Check: a.Media.Check}}}, a.Auth, a.DB, a.Words); err != nil {
		return nil, err
	}
	if a.Panel, err = panel.New(panel.Options{Content: a.Content, Media: a.Media, Auth: a.Auth, Settings: a.Settings, Registration: a.Registration, Discussion: a.Discussion, Comments: a.Comments, Clearance: a.Clearance, Translation: a.Translation, Reword: a.Reword, Memory: a.Memory, Suggested: a.Suggested, Jobs: a.Jobs, Mail: a.Mail, DB: a.DB, Catalogue: a.Words,
		Web: a.Web, Files: panelFiles, Draw: a.Site.Preview, BaseURL: cfg.base(), Directory: a.Directory, DirectoryIs: cfg.OIDCName, Now: cfg.Now, Dev: cfg.Dev}); err != nil {
		return nil, err
	}
	a.Web.RenderError = func(c *gin.Context, status int, key string, err error) {
		if a.Panel.Owns(c.Request.URL.Path) {
			a.Panel.RenderError(c, status, key, err)
			return
		}
		a.Site.RenderError(c, status, key, err)
	}
	if cfg.Front {
		a.Web.Ready = a.Site.Ready
	}
	a.Engine = web.NewEngine(a.Web)
	for _, routes := range [][]web.Route{a.Site.Routes(), a.Panel.Routes()} {
		if err := web.Mount(a.Engine, a.Web, routes); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// formPatience is how long a person takes at least to fill in a form that is open to all.
const formPatience = 2 * time.Second

// wire sets what the packages ask of each other without importing each other.
func (a *App) wire() {
	a.Auth.Words = func() []string {
		words := slices.Collect(maps.Values(a.Settings.Site().Name))
		if u, err := url.Parse(a.Config.base()); err == nil {
			words = append(words, u.Hostname())
		}
		return words
	}
	a.Auth.Required = func() []auth.Role { return a.Settings.Site().SecondFactor }
	a.Media.IsPublic = a.Content.FileIsPublic
	a.Media.UsedBy, a.Media.Used = a.Content.FileUsedByTx, content.FileUsed
	// A picture that gets its renditions changes the pages that show it.
	a.Media.OnChange = func(ctx context.Context, tx bun.Tx, id string) (func(), error) {
		return a.Content.Changed, a.Content.RaiseTx(ctx, tx)
	}
	a.Content.Files = media.Visible
	a.Content.OnChange = append(a.Content.OnChange, a.Registration.Changed, a.Discussion.Changed, a.Comments.Changed, a.Memory.Changed, a.Search.Changed)
	a.Content.Following = append(a.Content.Following, a.Search.Following())
	a.Content.Gates = append(a.Content.Gates, a.Clearance.Gate, a.Clearance.JointGate, a.Clearance.WritingGate, a.Clearance.EmbargoGate)
	a.Registration.Handle(a.Jobs)
	a.Registration.OnErase = append(a.Registration.OnErase, a.Discussion.Erased)
	a.Clearance.Handle(a.Jobs)
	a.Reword.Handle(a.Jobs)
	a.Memory.Handle(a.Jobs)
	a.Search.Handle(a.Jobs)
	a.Translation.Handle(a.Jobs)
	a.Registration.Calendar = func(ctx context.Context, q bun.IDB, e *content.Living, l i18n.Locale) (*ical.Calendar, error) {
		return kind.CalendarFile(ctx, q, a.Content, e, l, func(in i18n.Locale) kind.Office {
			site := a.Settings.Site()
			return kind.Office{Words: a.Words, Name: site.Name.In(in), Mailbox: site.Contact.Email, BaseURL: a.Config.base()}
		})
	}
	a.Settings.OnChange = func(ctx context.Context, tx bun.Tx) (func(), error) {
		return a.Content.Changed, a.Content.RaiseTx(ctx, tx)
	}
}

// mailbox is where letters to an account go; empty where it cannot be written to.
func (a *App) mailbox(ctx context.Context, id string) (string, i18n.Locale, error) {
	who, err := a.Auth.Get(ctx, auth.System("letters"), id)
	if errors.Is(err, db.ErrNotFound) || err == nil && who.Disabled {
		return "", "", nil
	} else if err != nil {
		return "", "", err
	}
	l := who.Locale
	if l == "" {
		l = i18n.EN
	}
	return who.Email, l, nil
}

// faces gives the files of the theme and the panel: those built in, under a folder of the office's own, or in
// development those of the working folder.
func (c *Config) faces() (theme, panelFiles fs.FS, err error) {
	theme, panelFiles = themes.Default, admin.Files
	if c.Dev {
		theme, panelFiles = os.DirFS("themes/default"), os.DirFS("admin")
	}
	if c.Theme != "" {
		if info, err := os.Stat(c.Theme); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("theme: %s is not a folder", c.Theme)
		}
		theme = view.Overlay(os.DirFS(c.Theme), theme)
	}
	return theme, panelFiles, nil
}

func sub(fsys fs.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) // dir is a constant
	}
	return s
}

func (c *Config) base() string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	return "http://" + c.Listen
}

// SetupLink gives the one-time link by which the first account is made; "" when there are accounts.
func (a *App) SetupLink(ctx context.Context) (string, error) {
	token, err := a.Auth.SetupToken(ctx)
	if err != nil || token == "" {
		return "", err
	}
	return a.Config.base() + "/admin/setup?token=" + token, nil
}

// Serve listens and runs until ctx ends, then stops everything in order. ready is told the address it serves on.
func (a *App) Serve(ctx context.Context, ready func(address string)) error {
	l, err := net.Listen("tcp", a.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var g errgroup.Group
	for _, task := range a.tasks() {
		g.Go(func() error { task.run(background); return nil })
	}
	tuning := time.AfterFunc(a.Config.Settle, a.tuneMemory)
	defer tuning.Stop()
	ready(a.Config.base())
	err = a.Web.Serve(ctx, a.Site.Kept(a.Engine.Handler()), l)
	stop()
	return errors.Join(err, g.Wait())
}

// tuneMemory gives back what starting took (parsed templates, messages, the pages of the database's schema), and has the collector
// come a third less often than it would, which is a tenth of what a page costs to make; but not where much is kept: from the limit on
// it comes more often. Both can be set by Go's own variables.
func (a *App) tuneMemory() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(150)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(72<<20 + 2*int64(a.Config.Keep)<<20)
	}
}

// Close lets go of what Open took.
func (a *App) Close() error {
	if a.DB == nil {
		return nil
	}
	return a.DB.Close()
}
