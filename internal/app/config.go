package app

import (
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	panel "plenary/internal/admin"
	"plenary/internal/directory"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/seal"

	"github.com/alexedwards/argon2id"
)

// Config is everything that can be set from outside. Flags win over variables, variables over the file plenary.toml in
// the working folder, that over the defaults here. cmd/plenary reads the tags.
type Config struct {
	Listen     string        `name:"listen" env:"PLENARY_LISTEN" default:"127.0.0.1:8080" help:"Address and port to serve on."`
	Database   string        `name:"database" env:"PLENARY_DATABASE" default:"sqlite:plenary.db" help:"sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME."`
	Storage    string        `name:"storage" env:"PLENARY_STORAGE" default:"file:uploads" help:"file:FOLDER or s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0."`
	Mail       string        `name:"mail" env:"PLENARY_MAIL" default:"log:" help:"log: or smtp://USER:PASSWORD@HOST:PORT (STARTTLS) or smtps://…; smtp://…?tls=0 without TLS."`
	MailFrom   string        `name:"mail-from" env:"PLENARY_MAIL_FROM" help:"Address letters come from. Default: no-reply at the host of --base-url."`
	BaseURL    string        `name:"base-url" env:"PLENARY_BASE_URL" help:"Address of the site as the public types it. Default: http:// and --listen."`
	SealKey    string        `name:"seal-key" env:"PLENARY_SEAL_KEY" help:"The key that sensitive answers are sealed with, the same on all instances: 64 hexadecimal digits, or file:PATH. Default: the file seal.key beside the SQLite file, else in the working folder; made at the first start."`
	Hosts      []string      `name:"hosts" env:"PLENARY_HOSTS" help:"Further host names that are answered."`
	Proxies    []string      `name:"proxies" env:"PLENARY_PROXIES" help:"Addresses or ranges of the proxies in front, whose X-Forwarded-For is believed."`
	OIDCIssuer string        `name:"oidc-issuer" env:"PLENARY_OIDC_ISSUER" help:"Address of the office's directory (OpenID Connect), by which people sign in too. Empty: none."`
	OIDCClient string        `name:"oidc-client" env:"PLENARY_OIDC_CLIENT" help:"What the directory calls this site."`
	OIDCSecret string        `name:"oidc-secret" env:"PLENARY_OIDC_SECRET" help:"The secret it gave this site."`
	OIDCName   string        `name:"oidc-name" env:"PLENARY_OIDC_NAME" help:"What people call the directory; the button to it says so."`
	Theme      string        `name:"theme" env:"PLENARY_THEME" help:"Folder whose files are used instead of those of the built-in theme, file by file."`
	Keep       int           `name:"keep" env:"PLENARY_KEEP" default:"32" help:"MiB of finished pages kept in memory; 0 keeps none."`
	Front      bool          `name:"front" env:"PLENARY_FRONT" default:"true" negatable:"" help:"Answer plain requests for kept pages before the HTTP server proper."`
	Drain      time.Duration `name:"drain" env:"PLENARY_DRAIN" default:"0s" help:"How long to go on serving after being told to stop, while a balancer looks away."`
	MaxFile    int           `name:"max-file" env:"PLENARY_MAX_FILE" default:"200" help:"The largest file to take, in MiB."`
	Fonts      string        `name:"fonts" env:"PLENARY_FONTS" default:"/usr/share/fonts" help:"Folder of fonts for characters in PDF files that the built-in fonts lack; empty: none."`
	Log        string        `name:"log" env:"PLENARY_LOG" default:"info" enum:"debug,info,warn,error" help:"The least important messages to log."`
	Dev        bool          `name:"dev" env:"PLENARY_DEV" help:"Read templates, styles and messages from the folders admin/ and themes/ and reload them."`

	// Argon is what a password costs to check; nil: what package auth asks. No setting: tests, which make hundreds, ask less.
	Argon *argon2id.Params `kong:"-"`
	// Words are messages that were read already; nil: those of panel and theme are read. No setting: for tests, as Argon is.
	Words *i18n.Catalogue `kong:"-"`
	// Now is the clock that events, their letters and their publishing go by; nil: the system's. No setting: tests move it.
	// Sign-ins, files and what a form advises keep to the system's.
	Now func() time.Time `kong:"-"`
	// Settle is how long who comes first has the machine alone, before the program looks through everything once a day and gives
	// back the memory that starting took. No setting: tests do not wait.
	Settle time.Duration `kong:"-"`
}

// Variables lists the names of all environment variables that mean something to the program.
func Variables() []string {
	var out []string
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if v := t.Field(i).Tag.Get("env"); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Default is what a setting is where nobody has said anything: Default("database").
func Default(name string) string {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("name") == name {
			return t.Field(i).Tag.Get("default")
		}
	}
	return ""
}

// Check says what is wrong with the configuration, in one line.
func (c *Config) Check() error {
	switch {
	case c.Keep < 0:
		return fmt.Errorf("keep: %d MiB is not a size", c.Keep)
	case c.MaxFile < 1 || c.MaxFile > 4096:
		return fmt.Errorf("max-file: %d MiB; from 1 to 4096", c.MaxFile)
	case c.Drain < 0 || c.Drain > 15*time.Second:
		return fmt.Errorf("drain: %s; from 0s to 15s", c.Drain)
	}
	if c.MailFrom != "" {
		if _, err := mail.Address(c.MailFrom); err != nil {
			return fmt.Errorf("mail-from: %w", err)
		}
	}
	if err := c.SealSite().Check(); err != nil {
		return fmt.Errorf("seal-key: %w", err)
	}
	if err := c.directory().Check(); err != nil {
		return fmt.Errorf("oidc: %w", err)
	}
	if _, err := c.sender(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// SealSite is where the key comes from that sensitive answers are sealed with.
func (c *Config) SealSite() seal.Site {
	if c.SealKey != "" {
		return seal.Site(c.SealKey)
	}
	file, _ := strings.CutPrefix(c.Database, "sqlite:")
	if file == c.Database {
		file = ""
	}
	return seal.Site("file:" + filepath.Join(filepath.Dir(file), "seal.key"))
}

// directory is how the office's directory is reached.
func (c *Config) directory() directory.Config {
	return directory.Config{Issuer: c.OIDCIssuer, Client: c.OIDCClient, Secret: c.OIDCSecret, Callback: c.base() + panel.DirectoryPath}
}

// sender is the way letters leave.
func (c *Config) sender() (mail.Sender, error) {
	host := ""
	if u, err := url.Parse(c.base()); err == nil {
		host = u.Hostname()
	}
	return mail.ParseSender(c.Mail, host)
}

// Public is the configuration as it may be shown: passwords and keys left out.
func (c Config) Public() Config {
	hide := func(s string) string {
		u, err := url.Parse(s)
		if err != nil {
			return "(not an address)"
		}
		if u.User != nil {
			u.User = url.User("…")
		}
		q := u.Query()
		for name := range q {
			if strings.Contains(name, "pass") || strings.Contains(name, "secret") {
				q.Set(name, "…")
			}
		}
		u.RawQuery = q.Encode()
		s, _ = url.PathUnescape(u.String())
		return s
	}
	if c.OIDCSecret != "" {
		c.OIDCSecret = "…"
	}
	if c.SealKey != "" && !strings.HasPrefix(c.SealKey, "file:") {
		c.SealKey = "…"
	}
	c.Database, c.Storage, c.Mail = hide(c.Database), hide(c.Storage), hide(c.Mail)
	return c
}
