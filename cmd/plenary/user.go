package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"plenary/internal/app"
	"plenary/internal/auth"
	"plenary/internal/i18n"
)

// userCommand manages accounts from the shell, for when nobody can sign in.
type userCommand struct {
	Add      userAdd      `cmd:"" help:"Add an account."`
	Password userPassword `cmd:"" help:"Set an account's password."`
	Factors  userFactors  `cmd:"" help:"Take away apps, passkeys and recovery codes that somebody has lost; the password stays."`
	Grant    userGrant    `cmd:"" help:"Give a role."`
	Disable  userDisable  `cmd:"" help:"Close an account; its sessions end at once."`
	Enable   userEnable   `cmd:"" help:"Open a closed account again."`
	List     userList     `cmd:"" help:"List the accounts."`
}

type userAdd struct {
	Email  string `arg:"" help:"Address to sign in with."`
	Name   string `arg:"" help:"Name as colleagues know it."`
	Role   string `help:"A role for the whole site to give at once, such as admin or editor."`
	Locale string `default:"en" help:"Language of the panel."`
}

func (u userAdd) Run(ctx context.Context, cfg *app.Config) error {
	return withAccounts(ctx, cfg, func(s *auth.Service, who *auth.Actor) error {
		locale, ok := i18n.Parse(u.Locale)
		if !ok {
			return fmt.Errorf("language %q is not one of the nine", u.Locale)
		}
		password, tell := readPassword()
		acc, err := s.Create(ctx, who, auth.NewAccount{Email: u.Email, Name: u.Name, Locale: locale, Password: password})
		if err != nil {
			return err
		}
		if u.Role != "" {
			if _, err := s.AddGrant(ctx, who, auth.Grant{AccountID: acc.ID, Role: auth.Role(u.Role), Scope: auth.ScopeSite}); err != nil {
				return err
			}
		}
		tell()
		return nil
	})
}

type userPassword struct {
	Email string `arg:""`
}

func (u userPassword) Run(ctx context.Context, cfg *app.Config) error {
	return withAccount(ctx, cfg, u.Email, func(s *auth.Service, who *auth.Actor, id string) error {
		password, tell := readPassword()
		if err := s.SetPassword(ctx, who, id, password); err != nil {
			return err
		}
		tell()
		return nil
	})
}

type userFactors struct {
	Email string `arg:""`
}

func (u userFactors) Run(ctx context.Context, cfg *app.Config) error {
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	shell := auth.System("shell")
	account, err := a.Auth.ByEmail(ctx, shell, u.Email)
	if err != nil {
		return fmt.Errorf("account %s: %w", u.Email, err)
	}
	return a.Auth.ResetFactors(ctx, shell, account.ID, a.Panel.FactorsReset(rand.Text()))
}

type userGrant struct {
	Email string `arg:""`
	Role  string `arg:""`
	Scope string `default:"site" enum:"site,organisation,series,event" help:"How far the role reaches."`
	ID    string `help:"Id of the organisation, series or event."`
	Lang  string `help:"Only for one language."`
}

func (u userGrant) Run(ctx context.Context, cfg *app.Config) error {
	return withAccount(ctx, cfg, u.Email, func(s *auth.Service, who *auth.Actor, id string) error {
		_, err := s.AddGrant(ctx, who, auth.Grant{AccountID: id, Role: auth.Role(u.Role), Scope: auth.ScopeKind(u.Scope), ScopeID: u.ID, Locale: i18n.Locale(u.Lang)})
		return err
	})
}

type userDisable struct {
	Email string `arg:""`
}

func (u userDisable) Run(ctx context.Context, cfg *app.Config) error {
	return withAccount(ctx, cfg, u.Email, func(s *auth.Service, who *auth.Actor, id string) error { return s.Disable(ctx, who, id, true) })
}

type userEnable struct {
	Email string `arg:""`
}

func (u userEnable) Run(ctx context.Context, cfg *app.Config) error {
	return withAccount(ctx, cfg, u.Email, func(s *auth.Service, who *auth.Actor, id string) error { return s.Disable(ctx, who, id, false) })
}

type userList struct{}

func (userList) Run(ctx context.Context, cfg *app.Config) error {
	return withAccounts(ctx, cfg, func(s *auth.Service, who *auth.Actor) error {
		w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
		for offset := 0; ; {
			accounts, total, err := s.List(ctx, who, auth.AccountFilter{}, auth.Paging{Offset: offset, Size: 200})
			if err != nil {
				return err
			}
			for _, a := range accounts {
				state := ""
				if a.Disabled {
					state = "closed"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", a.Email, a.Name, state)
			}
			if offset += len(accounts); offset >= total || len(accounts) == 0 {
				return w.Flush()
			}
		}
	})
}

func withAccounts(ctx context.Context, cfg *app.Config, f func(s *auth.Service, who *auth.Actor) error) error {
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return f(a.Auth, auth.System("shell"))
}

func withAccount(ctx context.Context, cfg *app.Config, email string, f func(s *auth.Service, who *auth.Actor, id string) error) error {
	return withAccounts(ctx, cfg, func(s *auth.Service, who *auth.Actor) error {
		a, err := s.ByEmail(ctx, who, email)
		if err != nil {
			return fmt.Errorf("account %s: %w", email, err)
		}
		return f(s, who, a.ID)
	})
}

// readPassword takes a line of standard input, or makes a password; tell prints one that was made.
func readPassword() (password string, tell func()) {
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no input at all is an empty line
	if password = strings.TrimRight(line, "\r\n"); password != "" {
		return password, func() {}
	}
	password = rand.Text()
	return password, func() { fmt.Println("Password:", password) }
}
