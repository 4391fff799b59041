// Package directory signs people in by an office's own directory, by OpenID Connect: the code flow, with PKCE, state and nonce.
package directory

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config is how the program is known to a directory. Without an Issuer there is none.
type Config struct {
	Issuer   string // address of the directory, as it calls itself
	Client   string // name and secret that the directory gave the site
	Secret   string
	Callback string // address of ours that the browser comes back to
}

// Check says what is wrong with the configuration, in one line that does not hold the secret.
func (c Config) Check() error {
	if c.Issuer == "" {
		if c.Client != "" || c.Secret != "" {
			return errors.New("the issuer is missing")
		}
		return nil
	}
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the issuer is no address")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return errors.New("the issuer needs https")
	}
	if c.Client == "" {
		return errors.New("the client is missing")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// Errors of Finish. All others say that the directory cannot be reached or does not do what it should.
var (
	ErrRefused = errors.New("the directory did not let the person in")
	ErrWrong   = errors.New("what the directory says is not for this sign-in")
)

// Person is what the directory says of somebody.
type Person struct {
	Issuer, Subject string
	Email           string
	Verified        bool
}

// Directory is the office's. Safe for concurrent use.
type Directory struct {
	config Config
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until it was reached
	logout   string
}

const (
	answerTime = 10 * time.Second
	maxAnswer  = 1 << 20
)

// New gives the directory of a configuration that was checked; nil where none is named. It is reached when it is first needed:
// that it is down keeps nothing from starting.
func New(c Config) *Directory {
	if c.Issuer == "" {
		return nil
	}
	return &Directory{config: c, client: &http.Client{Timeout: answerTime, Transport: limited{http.DefaultTransport}}}
}

// limited cuts answers that are too long to be any.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// reach reads what the directory says of itself, once.
func (d *Directory) reach(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider != nil {
		return d.provider, nil
	}
	// The provider keeps the context for the keys it reads later: it must not end with this request.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), d.client), d.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	var more struct {
		Logout string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	d.provider, d.logout = p, more.Logout
	return p, nil
}

// Check says whether the directory answers.
func (d *Directory) Check(ctx context.Context) error {
	_, err := d.reach(ctx)
	return err
}

func (d *Directory) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: d.config.Client, ClientSecret: d.config.Secret, Endpoint: p.Endpoint(), RedirectURL: d.config.Callback,
		Scopes: []string{oidc.ScopeOpenID, "email"}}
}

// Secrets makes what a sign-in is known by when it comes back: nonce and verifier are kept and not sent.
func Secrets() (nonce, verifier string) { return rand.Text() + rand.Text(), oauth2.GenerateVerifier() }

// Begin gives the address of the directory that the browser is sent to.
func (d *Directory) Begin(ctx context.Context, state, nonce, verifier string) (string, error) {
	p, err := d.reach(ctx)
	if err != nil {
		return "", err
	}
	return d.oauth(p).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Finish takes the query that the browser came back with; whoever calls has found its state to be one they gave.
func (d *Directory) Finish(ctx context.Context, q url.Values, nonce, verifier string) (*Person, error) {
	p, err := d.reach(ctx)
	if err != nil {
		return nil, err
	}
	// RFC 9207: an answer that says that it is another's is.
	if iss := q.Get("iss"); iss != "" && iss != d.config.Issuer {
		return nil, ErrWrong
	}
	if q.Get("error") != "" {
		return nil, ErrRefused
	}
	code := q.Get("code")
	if code == "" {
		return nil, ErrWrong
	}
	ctx = oidc.ClientContext(ctx, d.client)
	token, err := d.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil && answered.Response.StatusCode < 500 {
		return nil, fmt.Errorf("%w: %s", ErrWrong, answered.ErrorCode)
	}
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: d.config.Client}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrWrong, err)
	}
	if id.Nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return nil, fmt.Errorf("%w: nonce", ErrWrong)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrWrong, err)
		}
	}
	out := &Person{Issuer: id.Issuer, Subject: id.Subject}
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some say it as text
	}
	if err := id.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrWrong, err)
	}
	out.Email, out.Verified = claims.Email, claims.Verified == true || claims.Verified == "true"
	if out.Email == "" && p.UserInfoEndpoint() != "" {
		// Many give the address on a page of its own only. It must be the same person's.
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
		if info.Subject == id.Subject {
			out.Email, out.Verified = info.Email, info.EmailVerified
		}
	}
	return out, nil
}

// Logout is where one signs out of the directory too, and comes back to an address of ours; "" where it has no such place, or
// was never reached.
func (d *Directory) Logout(back string) string {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	u, err := url.Parse(d.logout)
	if d.logout == "" || err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", d.config.Client)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// Origin is the directory's place on the network, to which the page that leads there may send its form.
func (d *Directory) Origin() string {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	p := d.provider
	d.mu.Unlock()
	at := d.config.Issuer
	if p != nil {
		at = p.Endpoint().AuthURL
	}
	u, err := url.Parse(at)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
