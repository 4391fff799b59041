package content

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// PreviewLink lets people without an account see one version of an entry until it ends.
type PreviewLink struct {
	ID, EntryID string
	Revisions   map[Part]int // of the facts and the languages it shows
	Locale      i18n.Locale  // that it opens in
	Note        string       // whom it is for
	Created     time.Time
	CreatedBy   string // account
	Expires     time.Time
	Revoked     time.Time // zero: it was not
	RevokedBy   string
	Opened      int       // times
	OpenedLast  time.Time // zero: never
}

// Locales are the languages it shows, in the order of the site's.
func (l *PreviewLink) Locales() []i18n.Locale {
	var out []i18n.Locale
	for _, x := range i18n.All {
		if l.Revisions[Part(x)] > 0 {
			out = append(out, x)
		}
	}
	return out
}

// Holds reports whether it opens at a time.
func (l *PreviewLink) Holds(at time.Time) bool { return l.Revoked.IsZero() && at.Before(l.Expires) }

type previewLinkRow struct {
	bun.BaseModel `bun:"table:preview_links,alias:pl"`
	ID            string `bun:",pk"`
	Hash          string
	EntryID       string
	Parts         string
	Locale        i18n.Locale
	Note          string
	CreatedAt     time.Time
	CreatedBy     string
	ExpiresAt     time.Time
	RevokedAt     *time.Time
	RevokedBy     string
	Opened        int
	OpenedAt      *time.Time
}

func (r *previewLinkRow) link() (*PreviewLink, error) {
	l := &PreviewLink{ID: r.ID, EntryID: r.EntryID, Locale: r.Locale, Note: r.Note, Created: r.CreatedAt, CreatedBy: r.CreatedBy, Expires: r.ExpiresAt,
		RevokedBy: r.RevokedBy, Opened: r.Opened}
	if r.RevokedAt != nil {
		l.Revoked = *r.RevokedAt
	}
	if r.OpenedAt != nil {
		l.OpenedLast = *r.OpenedAt
	}
	if err := json.Unmarshal([]byte(r.Parts), &l.Revisions); err != nil {
		return nil, fmt.Errorf("preview link %s: %w", r.ID, err)
	}
	return l, nil
}

// Limits of preview links: how long they hold usually and at most, how many of an entry hold at once, and how long their note is.
const (
	PreviewDays     = 7
	MostPreviewDays = 90
	mostPreviews    = 50
	mostPreviewNote = 200
)

// ErrLinkOver says that a preview link was good once: it has expired, was revoked, or its entry was deleted.
var ErrLinkOver = errors.New("the preview link is over")

// NewPreviewLink says what a link is to show: the working parts as they are now.
type NewPreviewLink struct {
	Entry   string
	Locales []i18n.Locale // at least one; it opens in the first
	Days    int           // it holds; 0: PreviewDays
	Note    string
	// Versions are the parts as its maker saw them. A part that has moved since is a conflict. Nil skips the check.
	Versions map[Part]int
}

// AddPreviewLink makes a link and gives its secret, which is kept nowhere. What is wrong comes back as *Invalid, with the
// paths "lang", "days" and "note".
func (s *Store) AddPreviewLink(ctx context.Context, who *auth.Actor, n NewPreviewLink) (secret string, link *PreviewLink, err error) {
	secret, hash := auth.NewLink()
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Hold(ctx, tx, who, n.Entry)
		if err != nil {
			return err
		}
		if !who.Can(auth.Share, e.Object()) {
			return auth.ErrForbidden
		}
		var problems []Problem
		bad := func(path, key string, args ...any) {
			problems = append(problems, Problem{Path: path, Blocks: true, Key: key, Args: args})
		}
		revisions := map[Part]int{Facts: e.Versions[Facts]}
		for _, l := range n.Locales {
			if len(e.Parts[Part(l)]) == 0 {
				bad("lang", "problem.nothing_in_language", "Language", l.Endonym())
			}
			revisions[Part(l)] = e.Versions[Part(l)]
		}
		if len(n.Locales) == 0 {
			bad("lang", "problem.preview_language")
		}
		days := cmp.Or(n.Days, PreviewDays)
		if days < 1 || days > MostPreviewDays {
			bad("days", "problem.preview_days", "Most", MostPreviewDays)
		}
		note := strings.TrimSpace(n.Note)
		if len([]rune(note)) > mostPreviewNote || !printable(note) {
			bad("note", "problem.preview_note", "Most", mostPreviewNote)
		}
		now := s.now()
		count, err := tx.NewSelect().Model((*previewLinkRow)(nil)).Where("entry_id = ? AND revoked_at IS NULL AND expires_at > ?", e.ID, now).Count(ctx)
		if err != nil {
			return fmt.Errorf("preview links of %s: %w", e.ID, err)
		}
		if count >= mostPreviews {
			bad("", "problem.preview_many", "Most", mostPreviews)
		}
		if len(problems) > 0 {
			return &Invalid{problems}
		}
		var conflicts []Conflict
		for p, v := range n.Versions {
			if r, shown := revisions[p]; shown && r != v {
				conflicts = append(conflicts, Conflict{Part: p})
			}
		}
		if len(conflicts) > 0 {
			return &Conflicted{List: conflicts}
		}
		if err := s.Keep(ctx, tx, e.ID, revisions); err != nil {
			return err
		}
		r := &previewLinkRow{ID: NewID(), Hash: hash, EntryID: e.ID, Parts: string(mustJSON(revisions)), Locale: n.Locales[0], Note: note,
			CreatedAt: now, CreatedBy: who.ID, ExpiresAt: now.AddDate(0, 0, days)}
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return fmt.Errorf("preview link of %s: %w", e.ID, err)
		}
		if link, err = r.link(); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "preview.link", e.Object(), map[string]any{"title": e.Title, "link": r.ID})
	})
	if err != nil {
		return "", nil, err
	}
	return secret, link, nil
}

// printable reports whether words are one line that can be shown.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}

// PreviewLinks lists those of an entry, the latest first, for who may make them.
func (s *Store) PreviewLinks(ctx context.Context, who *auth.Actor, id string) ([]*PreviewLink, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	if !who.Can(auth.Share, e.Object()) {
		return nil, auth.ErrForbidden
	}
	var rows []previewLinkRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("entry_id = ?", id).OrderExpr("created_at DESC, id").Limit(200).Scan(ctx); err != nil {
		return nil, fmt.Errorf("preview links of %s: %w", id, db.Normalize(err))
	}
	out := make([]*PreviewLink, len(rows))
	for i := range rows {
		if out[i], err = rows[i].link(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RevokePreviewLink ends a link at once. One that has ended stays as it is.
func (s *Store) RevokePreviewLink(ctx context.Context, who *auth.Actor, entry, id string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Hold(ctx, tx, who, entry)
		if err != nil {
			return err
		}
		if !who.Can(auth.Share, e.Object()) {
			return auth.ErrForbidden
		}
		found, err := tx.NewSelect().Model((*previewLinkRow)(nil)).Where("id = ? AND entry_id = ?", id, entry).Exists(ctx)
		if err != nil {
			return fmt.Errorf("preview link %s: %w", id, err)
		}
		if !found {
			return db.ErrNotFound
		}
		res, err := tx.NewUpdate().Model((*previewLinkRow)(nil)).Set("revoked_at = ?", s.now()).Set("revoked_by = ?", who.ID).
			Where("id = ? AND revoked_at IS NULL", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("preview link %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return auth.Audit(ctx, tx, who, "preview.revoke", e.Object(), map[string]any{"title": e.Title, "link": id})
	})
}

// UndoRevoke makes a link hold again that was revoked within the last hour; after that it stays as it is.
func (s *Store) UndoRevoke(ctx context.Context, who *auth.Actor, entry, id string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Hold(ctx, tx, who, entry)
		if err != nil {
			return err
		}
		if !who.Can(auth.Share, e.Object()) {
			return auth.ErrForbidden
		}
		res, err := tx.NewUpdate().Model((*previewLinkRow)(nil)).Set("revoked_at = NULL").Set("revoked_by = ''").
			Where("id = ? AND entry_id = ? AND revoked_at > ?", id, entry, db.Now().Add(-time.Hour)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("preview link %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return db.ErrNotFound
		}
		return auth.Audit(ctx, tx, who, "preview.restore", e.Object(), map[string]any{"title": e.Title, "link": id})
	})
}

// Previewed is what a preview link shows.
type Previewed struct {
	*PreviewLink
	entry *Entry
	parts Parts    // as the public would see them
	files []string // that they show
}

// OpenPreview gives what a link shows. It returns db.ErrNotFound for what was never one and ErrLinkOver for one that no
// longer holds.
func (s *Store) OpenPreview(ctx context.Context, secret string) (*Previewed, error) {
	if len(secret) != 32 {
		return nil, db.ErrNotFound
	}
	var r previewLinkRow
	if err := s.DB.Read().NewSelect().Model(&r).Where("hash = ?", auth.LinkHash(secret)).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	link, err := r.link()
	if err != nil {
		return nil, err
	}
	if !link.Holds(s.now()) {
		return nil, ErrLinkOver
	}
	e, err := s.load(ctx, s.DB.Read(), r.EntryID)
	if err != nil {
		return nil, err
	}
	if e.Deleted != nil {
		return nil, ErrLinkOver
	}
	parts := Parts{}
	for p, n := range link.Revisions {
		if parts[p], err = s.revision(ctx, s.DB.Read(), e.ID, p, n); errors.Is(err, db.ErrNotFound) && n == 0 {
			parts[p] = Leaves{}
		} else if err != nil {
			return nil, err
		}
	}
	p := &Previewed{PreviewLink: link, entry: e}
	if p.parts, err = e.Kind.asPublished(parts); err != nil {
		return nil, fmt.Errorf("preview link %s: %w", r.ID, err)
	}
	value, err := e.Kind.Join(p.parts)
	if err != nil {
		return nil, fmt.Errorf("preview link %s: %w", r.ID, err)
	}
	p.files = e.Kind.FilesOf(value)
	return p, nil
}

// PreviewedPage is the page of the version that a link shows, in one of its languages. What it refers to is there if it is public.
func (s *Store) PreviewedPage(ctx context.Context, p *Previewed, l i18n.Locale, at time.Time) (*Page, error) {
	if !slices.Contains(p.Locales(), l) {
		return nil, db.ErrNotFound
	}
	return s.pageIfPublic(ctx, p.entry, p.parts, l, at, func(ids []string) (map[string]*Neighbour, error) { return s.Neighbours(ctx, l, ids) })
}

// Public is the address of the entry on the site, without the locale; "" if it is not public.
func (p *Previewed) Public() string { return p.entry.Path }

// Shows reports whether the version shows an uploaded file.
func (p *Previewed) Shows(file string) bool { return slices.Contains(p.files, file) }

// CountPreview keeps that a link was opened.
func (s *Store) CountPreview(ctx context.Context, p *Previewed) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*previewLinkRow)(nil)).Set("opened = opened + 1").Set("opened_at = ?", s.now()).Where("id = ?", p.ID).Exec(ctx)
		return db.Normalize(err)
	})
}
