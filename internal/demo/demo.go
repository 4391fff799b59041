// Package demo fills an empty site with the content of a regional office that does not exist: the Regional Centre for
// Public Governance, its partners, its people and all they have published. Every happening is dated from the day of
// filling, so that each phase of an event's life can be seen. Nothing is made by SQL: entries go through
// content.Save and Publish, files through media.Upload, accounts through auth.
package demo

import (
	"context"
	"errors"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/settings"
)

const office = "Asia/Bangkok"

// Site is what is filled.
type Site struct {
	Auth    *auth.Service
	Content *content.Store
	Media   *media.Store
	// Registration is who registers for its events.
	Registration *registration.Store
	// Discussion is what is said on their boards.
	Discussion *discussion.Store
	// Settings are filled too.
	Settings *settings.Store
}

// errHalf is a start that was broken off.
var errHalf = errors.New("the site was not made by plenary demo, or that was interrupted")

// Filled reports whether there is a demo site. It is an error if there is something else, or half of one: whatever
// someone works on is never filled.
func (s Site) Filled(ctx context.Context) (bool, error) {
	accounts, err := s.Auth.Count(ctx)
	if err != nil {
		return false, err
	}
	entries, _, err := s.Content.List(ctx, demo, content.ListQuery{Limit: 1})
	if err != nil {
		return false, err
	}
	if accounts == 0 && len(entries) == 0 {
		return false, nil
	}
	// The name of the site is set last.
	if accounts == 0 || s.Settings.Site().Name[i18n.EN] == settings.Defaults().Name[i18n.EN] {
		return false, errHalf
	}
	return true, nil
}

// Fill makes the demo site as of now and gives its accounts, with passwords that are made here and kept nowhere.
// The site has to be empty.
func (s Site) Fill(ctx context.Context, now time.Time) ([]Account, error) {
	filled, err := s.Filled(ctx)
	if err != nil {
		return nil, err
	}
	if filled {
		return nil, errors.New("the demo site is there already")
	}
	f := &filler{ctx: ctx, site: s, now: now, zone: content.Zone(office), ids: map[string]string{}, files: map[string]string{},
		papers: map[string][]kind.DocumentLink{}}
	if f.words, err = readWords(); err != nil {
		return nil, err
	}
	f.topicsAndOrganizations()
	f.accounts()
	f.people()
	f.series()
	f.events()
	f.documents()
	f.reports()
	f.news()
	f.pages()
	f.hang()
	f.publishAll()
	f.later()
	f.grant()
	f.drafts()
	f.registered()
	f.attended()
	f.discussed()
	f.concluded()
	f.settings()
	return f.staff, f.err
}
