package media

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// keepVersions is how many earlier versions of a file are kept; the oldest go first.
const keepVersions = 20

// Version is what a file was before it was replaced.
type Version struct {
	bun.BaseModel `bun:"table:media_versions,alias:v"`
	FileID        string    `bun:"media_id,pk"`
	Number        int       `bun:"version,pk"`
	Name          string    `bun:"name"`
	Type          string    `bun:"type"`
	Size          int64     `bun:"size"`
	SHA256        string    `bun:"sha256"`
	Width         int       `bun:"width"`
	Height        int       `bun:"height"`
	Pages         int       `bun:"pages"`
	Tagged        bool      `bun:"tagged"`
	At            time.Time `bun:"at"` // when these bytes came
	By            string    `bun:"by_account"`
	Key           string    `bun:"object_key" json:"-"`
}

// version is the file's present bytes as they are kept when others take their place.
func (f *File) version() *Version {
	v := &Version{FileID: f.ID, Number: f.Version, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, Width: f.Width, Height: f.Height,
		Pages: f.Pages, Tagged: f.Tagged, At: f.VersionAt, By: f.VersionBy, Key: f.Key}
	if v.At.IsZero() {
		v.At, v.By = f.CreatedAt, f.CreatedBy
	}
	return v
}

// Versions lists the earlier versions of a file, the latest first. It asks for no right.
func (s *Store) Versions(ctx context.Context, id string) ([]*Version, error) {
	var out []*Version
	err := s.db.Read().NewSelect().Model(&out).Where("v.media_id = ?", id).OrderExpr("v.version DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("versions of a file: %w", db.Normalize(err))
	}
	return out, nil
}

// Replace gives a file new bytes of the same kind: address, name, words and everything that shows it stay, and the
// former bytes are kept as a version. A picture is shown as it was until the renditions of the new one are made. What is
// public needs the right to publish.
func (s *Store) Replace(ctx context.Context, actor *auth.Actor, id string, u Upload) (string, error) {
	old, err := s.one(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.replaceable(ctx, actor, old); err != nil {
		return "", err
	}
	next := &File{Name: cleanName(u.Name), Office: old.Office}
	batch, after := NewBatch(), func() {}
	check := func() error {
		switch {
		case next.Kind != old.Kind:
			return &Problem{Key: "library.problem.kind"}
		case next.SHA256 == old.SHA256:
			return &Problem{Key: "library.problem.same"}
		}
		return nil
	}
	err = s.take(ctx, next, u, check, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := changeable(actor, auth.Upload, f); err != nil {
			return err
		}
		v := next.version()
		v.Name, v.At, v.By = f.Name, db.Now(), actor.ID
		if f.Type != next.Type {
			v.Name = strings.TrimSuffix(f.Name, path.Ext(f.Name)) + extensionOf(next.Name, next.Type)
		}
		after, err = s.put(ctx, tx, actor, batch, f, v)
		return err
	})
	if err != nil {
		return "", err
	}
	after()
	return batch, nil
}

// replaceable is changeable for a file's bytes. Where pages that are public show them, only who may publish changes what
// the public gets.
func (s *Store) replaceable(ctx context.Context, actor *auth.Actor, f *File) error {
	if err := changeable(actor, auth.Upload, f); err != nil || actor.Can(auth.Publish, f.Object()) || s.IsPublic == nil {
		return err
	}
	public, err := s.IsPublic(ctx, f.ID)
	if err == nil && public {
		err = &Problem{Key: "library.problem.public"}
	}
	return err
}

// RestoreVersion makes an earlier version of a file the present one; the present one becomes an earlier one.
func (s *Store) RestoreVersion(ctx context.Context, actor *auth.Actor, id string, number int) (string, error) {
	batch, after := NewBatch(), func() {}
	old, err := s.one(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.replaceable(ctx, actor, old); err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := changeable(actor, auth.Upload, f); err != nil {
			return err
		}
		v := new(Version)
		if err := tx.NewSelect().Model(v).Where("v.media_id = ? AND v.version = ?", id, number).Scan(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Version)(nil)).Where("media_id = ? AND version = ?", id, number).Exec(ctx); err != nil {
			return err
		}
		after, err = s.put(ctx, tx, actor, batch, f, v)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("restore a version: %w", err)
	}
	after()
	s.rouse()
	return batch, nil
}

// put makes v the present bytes of f, and those it had a version.
func (s *Store) put(ctx context.Context, tx bun.Tx, actor *auth.Actor, batch string, f *File, v *Version) (func(), error) {
	number := f.Version + 1
	if _, err := tx.NewInsert().Model(f.version()).Exec(ctx); err != nil {
		return nil, err
	}
	if err := set(ctx, tx, f.ID, `name = ?, name_key = ?, type = ?, size = ?, sha256 = ?, width = ?, height = ?, pages = ?, tagged = ?, object_key = ?,
		version = ?, version_at = ?, version_by = ?`, v.Name, strings.ToLower(v.Name), v.Type, v.Size, v.SHA256, v.Width, v.Height, v.Pages, v.Tagged, v.Key,
		number, v.At, v.By); err != nil {
		return nil, err
	}
	if f.Kind == Picture {
		if err := set(ctx, tx, f.ID, "recipe = recipe + 1, state = ?, attempts = 0, claimed_until = ?", Pending, longAgo); err != nil {
			return nil, err
		}
		if _, err := tx.NewUpdate().Model((*Rendition)(nil)).Set("focus = ?", ofFormerBytes).Where("media_id = ?", f.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	var old []string
	if err := tx.NewRaw(`DELETE FROM media_versions WHERE media_id = ? AND version IN
		(SELECT version FROM media_versions WHERE media_id = ? ORDER BY version DESC LIMIT 1000 OFFSET ?) RETURNING object_key`, f.ID, f.ID, keepVersions).Scan(ctx, &old); err != nil {
		return nil, err
	}
	if err := intend(ctx, tx, longAgo, old...); err != nil {
		return nil, err
	}
	e := edit{action: "replace", detail: map[string]any{"version": number, "size": v.Size, "sha256": v.SHA256}}
	if err := note(ctx, tx, actor, batch, f, e, &former{Version: f.Version}); err != nil {
		return nil, err
	}
	return s.changed(ctx, tx, f.ID)
}

// ServeVersion gives out an earlier version of a file, to whom may lets in. Like Serve it tells nobody else that it is there.
func (s *Store) ServeVersion(w http.ResponseWriter, r *http.Request, id string, number int, may func(*File) bool) error {
	f, err := s.one(r.Context(), id)
	if err != nil {
		return err
	}
	v := new(Version)
	err = s.db.Read().NewSelect().Model(v).Where("v.media_id = ? AND v.version = ?", id, number).Scan(r.Context())
	if err != nil {
		return fmt.Errorf("version %d of file %s: %w", number, id, db.Normalize(err))
	}
	if !may(f) {
		return fmt.Errorf("file %s: %w", id, db.ErrNotFound)
	}
	contentType := octets
	if _, ok := types[v.Type]; ok {
		contentType = v.Type
	}
	stem := strings.TrimSuffix(slugName(v.Name, v.Type), extensionOf(v.Name, v.Type))
	return s.send(w, r, sending{id, v.Key, contentType, v.SHA256, "attachment", fmt.Sprintf("%s-%d%s", stem, number, extensionOf(v.Name, v.Type)), "private, no-cache", "same-origin"})
}
