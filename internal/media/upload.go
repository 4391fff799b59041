package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Upload is a file on its way in.
type Upload struct {
	Name   string
	Body   io.Reader
	Size   int64 // as announced; 0: not announced
	Office string
	Series string
	Event  string
	Folder string // a path such as Meetings/2027
}

// putTime is how long storing one object may take before it counts as broken off.
const putTime = time.Hour

// Upload stores a file. It is looked at before anything is kept: what is wrong with it is a *Problem. When the file
// store is away it says so (ErrStorage) before the body is read. Nothing half remains of a failed upload.
func (s *Store) Upload(ctx context.Context, actor *auth.Actor, u Upload) (*File, error) {
	return s.upload(ctx, actor, u, func(context.Context, bun.Tx, *File) error { return nil })
}

// upload is Upload with something more to be done in the transaction that makes the row.
func (s *Store) upload(ctx context.Context, actor *auth.Actor, u Upload, also func(context.Context, bun.Tx, *File) error) (*File, error) {
	folder, err := cleanFolder(u.Folder)
	if err != nil {
		return nil, err
	}
	f := &File{ID: newID(), Name: cleanName(u.Name), FocusX: 50, FocusY: 50, Office: u.Office, Series: u.Series, Event: u.Event,
		CreatedAt: db.Now(), Folder: folder, Version: 1}
	if actor != nil {
		f.CreatedBy = actor.ID
	}
	if !actor.Can(auth.Upload, f.Object()) {
		return nil, auth.ErrForbidden
	}
	nothing := func() error { return nil }
	err = s.take(ctx, f, u, nothing, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(f).Value("claimed_until", "?", longAgo).Exec(ctx); err != nil {
			return err
		}
		if err := also(ctx, tx, f); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, actor, "media.upload", f.Object(), map[string]any{"name": f.Name, "type": f.Type, "size": f.Size, "sha256": f.SHA256})
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// take stores the body of an upload and says in f what it is. check may refuse that; write writes the row that speaks of f.Key.
func (s *Store) take(ctx context.Context, f *File, u Upload, check func() error, write func(context.Context, bun.Tx) error) error {
	if u.Size < 0 {
		return &Problem{Key: "media.problem.size"}
	}
	if u.Size > s.limits.FileSize {
		return s.tooLarge()
	}
	if err := s.storage.Check(ctx); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	temp, err := s.spool(ctx, f, u)
	if err != nil {
		return err
	}
	defer temp.close()
	found, err := sniff(temp, f.Size, f.Name)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	f.Type, f.Kind, f.Width, f.Height, f.Pages, f.Tagged = found.Type, found.Kind, found.Width, found.Height, found.Pages, found.Tagged
	f.State, f.Key, f.NameKey = None, newKey(), strings.ToLower(f.Name)
	if f.Kind == Picture {
		f.State = Pending
	}
	if err := check(); err != nil {
		return err
	}
	if err := s.checkQuota(ctx, s.db.Read(), f); err != nil {
		return err
	}
	err = s.store(ctx, f.Key, temp, f.Size, f.Type, func(ctx context.Context, tx bun.Tx) error {
		if err := s.checkQuota(ctx, tx, f); err != nil {
			return err
		}
		return write(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if f.State == Pending {
		s.rouse()
	}
	return nil
}

// store puts bytes under a new key and writes the row that speaks of it, both or neither.
func (s *Store) store(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string, write func(context.Context, bun.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, putTime)
	defer cancel()
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return intend(ctx, tx, db.Now().Add(2*putTime), key) })
	if err != nil {
		return err
	}
	if _, err = body.Seek(0, io.SeekStart); err == nil {
		err = s.storage.Put(ctx, key, body, size, contentType)
	}
	if err == nil {
		err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := adopt(ctx, tx, key); err != nil {
				return err
			}
			return write(ctx, tx)
		})
	}
	if err != nil {
		// Whether the object is there or the commit went through after all, the note tells; it is never removed twice.
		if e := s.remove(context.WithoutCancel(ctx), []string{key}); e != nil {
			s.Log.Warn("what is left of an upload is removed later", "error", e)
		}
	}
	return err
}

func (s *Store) tooLarge() error {
	return &Problem{Key: "media.problem.too_large", Data: map[string]any{"Limit": s.limits.FileSize}}
}

// checkQuota refuses what would take an office over its quota. Earlier versions and the trash count.
func (s *Store) checkQuota(ctx context.Context, d bun.IDB, f *File) error {
	if s.limits.Quota <= 0 {
		return nil
	}
	var used int64
	if err := d.NewRaw(`SELECT CAST(coalesce(sum(size), 0) AS bigint) FROM (SELECT size FROM media WHERE office_id = ?
		UNION ALL SELECT v.size FROM media_versions v JOIN media m ON m.id = v.media_id WHERE m.office_id = ?) x`, f.Office, f.Office).Scan(ctx, &used); err != nil {
		return fmt.Errorf("quota: %w", db.Normalize(err))
	}
	if used+f.Size > s.limits.Quota {
		return &Problem{Key: "media.problem.quota", Data: map[string]any{"Limit": s.limits.Quota, "Used": used}}
	}
	return nil
}

// spooled is an upload in a temporary file that has no name any more: it vanishes with the process, however that ends.
type spooled struct {
	*os.File
	named bool // where an open file cannot lose its name
}

func (t *spooled) close() {
	t.File.Close()
	if t.named {
		os.Remove(t.File.Name())
	}
}

func (s *Store) newSpooled() (*spooled, error) {
	file, err := os.CreateTemp(s.limits.Temp, "plenary-upload-*")
	if err != nil {
		return nil, storageError("spool", err)
	}
	return &spooled{file, os.Remove(file.Name()) != nil}, nil
}

func (s *Store) spool(ctx context.Context, f *File, u Upload) (_ *spooled, err error) {
	t, err := s.newSpooled()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			t.close()
		}
	}()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(t.File, hash), io.LimitReader(stopWith(ctx, u.Body), s.limits.FileSize+1))
	switch {
	case errors.Is(err, errBody), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("upload: %w", err)
	case err != nil:
		return nil, storageError("spool", err)
	case n > s.limits.FileSize:
		return nil, s.tooLarge()
	case n == 0:
		return nil, &Problem{Key: "media.problem.empty"}
	case u.Size > 0 && n != u.Size:
		return nil, &Problem{Key: "media.problem.size"}
	}
	f.Size, f.SHA256 = n, hex.EncodeToString(hash.Sum(nil))
	return t, nil
}
