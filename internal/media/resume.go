package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Uploads can come in pieces, as the core of the tus protocol has it: begun with a name and a size, then appended to at an
// offset that both sides know, until all is there. Each piece is a stored object with a row, so that an upload outlives
// the connection, the page, the program and the instance. What the file is, is looked at when it is whole.

// Limits of uploads under way.
const (
	PieceSize   = 8 << 20            // bytes of one piece, at most
	maxPieces   = 2000               // of one file
	leastPiece  = 64 << 10           // of a piece whose connection broke: less is sent again
	OpenUploads = 20                 // of one account, at most
	UploadTime  = 3 * 24 * time.Hour // after which an upload that nobody went on with is dropped
)

// ErrOffset means that a piece does not begin where the last one ended: ask how far the upload is, and go on from there.
var ErrOffset = errors.New("the upload is elsewhere")

var errWhole = errors.New("another request has made the file meanwhile")

// Partial is an upload under way. It belongs to the account that began it, and to nobody else.
type Partial struct {
	bun.BaseModel `bun:"table:media_uploads,alias:u"`
	ID            string    `bun:"id,pk"`
	Account       string    `bun:"account_id"`
	Print         string    `bun:"print"` // by which a file that is chosen again is known
	Name          string    `bun:"name"`
	Size          int64     `bun:"size"`
	Received      int64     `bun:"received"` // bytes, from the beginning
	Office        string    `bun:"office_id"`
	Series        string    `bun:"series_id"`
	Event         string    `bun:"event_id"`
	Folder        string    `bun:"folder"`
	FileID        string    `bun:"media_id"` // what it has become; "" while it is under way
	At            time.Time `bun:"at"`       // when something came last
}

// Percent is how much has come.
func (p *Partial) Percent() int { return int(p.Received * 100 / max(p.Size, 1)) }

type piece struct {
	bun.BaseModel `bun:"table:media_pieces,alias:p"`
	UploadID      string `bun:"upload_id,pk"`
	At            int64  `bun:"at_byte,pk"`
	Size          int64  `bun:"size"`
	Key           string `bun:"object_key"`
}

// Begin begins an upload of u.Size bytes, or finds the one that the same account has begun of a file with the same name,
// size and print: a hash of parts of it, or whatever else tells two files apart.
func (s *Store) Begin(ctx context.Context, actor *auth.Actor, u Upload, print string) (*Partial, error) {
	folder, err := cleanFolder(u.Folder)
	if err != nil {
		return nil, err
	}
	p := &Partial{ID: newID(), Print: i18n.StripControls(print), Name: cleanName(u.Name), Size: u.Size, Office: u.Office, Series: u.Series, Event: u.Event, Folder: folder, At: db.Now()}
	if actor != nil {
		p.Account = actor.ID
	}
	switch {
	case !actor.Can(auth.Upload, (&File{Office: u.Office, Series: u.Series, Event: u.Event, CreatedBy: p.Account}).Object()):
		return nil, auth.ErrForbidden
	case u.Size == 0:
		return nil, &Problem{Key: "media.problem.empty"}
	case u.Size < 0 || utf8.RuneCountInString(p.Print) > 200:
		return nil, &Problem{Key: "media.problem.size"}
	case u.Size > s.limits.FileSize:
		return nil, s.tooLarge()
	}
	if err := s.storage.Check(ctx); err != nil {
		return nil, fmt.Errorf("begin an upload: %w", err)
	}
	if err := s.checkQuota(ctx, s.db.Read(), &File{Office: u.Office, Size: u.Size}); err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var open []*Partial
		if err := tx.NewSelect().Model(&open).Where("u.account_id = ? AND u.media_id = ''", p.Account).Scan(ctx); err != nil {
			return err
		}
		for _, o := range open {
			if p.Print != "" && o.Print == p.Print && o.Name == p.Name && o.Size == p.Size {
				o.Office, o.Series, o.Event, o.Folder, o.At = p.Office, p.Series, p.Event, p.Folder, p.At
				p = o
				_, err := tx.NewUpdate().Model(p).WherePK().Column("office_id", "series_id", "event_id", "folder", "at").Exec(ctx)
				return err
			}
		}
		if len(open) >= OpenUploads {
			return &Problem{Key: "library.problem.open", Data: map[string]any{"Count": OpenUploads}}
		}
		_, err := tx.NewInsert().Model(p).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin an upload: %w", err)
	}
	return p, nil
}

// Partial gives an upload that the actor has begun.
func (s *Store) Partial(ctx context.Context, actor *auth.Actor, id string) (*Partial, error) {
	p := new(Partial)
	if actor == nil {
		return nil, db.ErrNotFound
	}
	err := s.db.Read().NewSelect().Model(p).Where("u.id = ? AND u.account_id = ?", id, actor.ID).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("upload %.20q: %w", id, db.Normalize(err))
	}
	return p, nil
}

// Partials lists the uploads under way that the actor has begun, the latest first.
func (s *Store) Partials(ctx context.Context, actor *auth.Actor) ([]*Partial, error) {
	var out []*Partial
	if actor == nil {
		return nil, nil
	}
	err := s.db.Read().NewSelect().Model(&out).Where("u.account_id = ? AND u.media_id = ''", actor.ID).OrderExpr("u.at DESC, u.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("uploads under way: %w", db.Normalize(err))
	}
	return out, nil
}

// Append adds a piece that begins at offset, where the last one ended: ErrOffset otherwise. Of a piece whose connection breaks
// what has come is kept, with the error. With the last byte the upload becomes a file, which is given back; if the file is not accepted
// (a *Problem) the upload is gone. An empty piece at the end gives the file once more to who missed the answer.
func (s *Store) Append(ctx context.Context, actor *auth.Actor, id string, offset int64, body io.Reader) (*Partial, *File, error) {
	p, err := s.Partial(ctx, actor, id)
	if err != nil {
		return nil, nil, err
	}
	if offset != p.Received {
		return p, nil, ErrOffset
	}
	var broken error
	if p.Received < p.Size {
		if broken, err = s.piece(ctx, p, body); err != nil {
			return p, nil, err
		}
	}
	if broken != nil || p.Received < p.Size {
		return p, nil, broken
	}
	// All is there: whoever goes away now finds the file later.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putTime)
	defer cancel()
	f, err := s.finish(ctx, actor, p)
	return p, f, err
}

// piece stores what comes. broken is why it was less than was sent.
func (s *Store) piece(ctx context.Context, p *Partial, body io.Reader) (broken, err error) {
	t, err := s.newSpooled()
	if err != nil {
		return nil, err
	}
	defer t.close()
	room := min(p.Size-p.Received, PieceSize)
	n, broken := io.Copy(t, io.LimitReader(stopWith(ctx, body), room+1))
	switch {
	case broken != nil && !errors.Is(broken, errBody) && ctx.Err() == nil:
		return nil, storageError("spool", broken)
	case broken != nil && n < leastPiece, broken == nil && n == 0:
		return nil, fmt.Errorf("%w: nothing came: %w", errBody, errors.Join(broken, io.ErrUnexpectedEOF))
	case n > room:
		return nil, &Problem{Key: "media.problem.size"}
	}
	row := &piece{UploadID: p.ID, At: p.Received, Size: n, Key: newKey()}
	ctx = context.WithoutCancel(ctx) // what has come is kept, also if the other side has gone
	return broken, s.store(ctx, row.Key, t, n, octets, func(ctx context.Context, tx bun.Tx) error {
		now := db.Now()
		res, err := tx.NewUpdate().Model((*Partial)(nil)).Set("received = received + ?, at = ?", n, now).Where("id = ? AND received = ?", p.ID, p.Received).Exec(ctx)
		if err != nil {
			return err
		}
		if changed, _ := res.RowsAffected(); changed != 1 {
			return ErrOffset // another request was quicker, or the upload was dropped
		}
		count, err := tx.NewSelect().Model((*piece)(nil)).Where("upload_id = ?", p.ID).Count(ctx)
		if err != nil {
			return err
		}
		if count >= maxPieces {
			return &Problem{Key: "media.problem.size"}
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		p.Received, p.At = p.Received+n, now
		return nil
	})
}

// finish makes a file of an upload that is whole.
func (s *Store) finish(ctx context.Context, actor *auth.Actor, p *Partial) (*File, error) {
	if p.FileID != "" {
		return s.one(ctx, p.FileID)
	}
	var pieces []*piece
	if err := s.db.Read().NewSelect().Model(&pieces).Where("p.upload_id = ?", p.ID).OrderExpr("p.at_byte").Scan(ctx); err != nil {
		return nil, fmt.Errorf("pieces of an upload: %w", db.Normalize(err))
	}
	body := &pieceReader{ctx: ctx, storage: s.storage, pieces: pieces}
	defer body.close()
	var keys []string
	f, err := s.upload(ctx, actor, Upload{Name: p.Name, Body: body, Size: p.Size, Office: p.Office, Series: p.Series, Event: p.Event, Folder: p.Folder},
		func(ctx context.Context, tx bun.Tx, f *File) error {
			res, err := tx.NewUpdate().Model((*Partial)(nil)).Set("media_id = ?, at = ?", f.ID, db.Now()).Where("id = ? AND media_id = ''", p.ID).Exec(ctx)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n != 1 {
				return errWhole
			}
			keys, err = dropPieces(ctx, tx, p.ID)
			return err
		})
	var problem *Problem
	switch {
	case err == nil:
		p.FileID = f.ID
		if err := s.remove(ctx, keys); err != nil {
			s.Log.Warn("pieces of an upload are removed later", "error", err)
		}
		return f, nil
	case errors.Is(err, errWhole), errors.Is(err, ErrNoObject): // or its pieces went while they were read
		if now, e := s.Partial(ctx, actor, p.ID); e == nil && now.FileID != "" {
			p.FileID = now.FileID
			return s.one(ctx, now.FileID)
		}
		if errors.Is(err, errWhole) {
			return nil, fmt.Errorf("upload %s: %w", p.ID, db.ErrNotFound) // dropped meanwhile
		}
		err = &Problem{Key: "media.problem.size"}
		fallthrough
	case errors.As(err, &problem):
		if e := s.drop(ctx, p.ID); e != nil {
			s.Log.Warn("a refused upload is removed later", "error", e)
		}
	}
	return nil, err
}

// dropPieces removes the rows of an upload's pieces and notes that the objects are to go.
func dropPieces(ctx context.Context, tx bun.Tx, ids ...string) (keys []string, err error) {
	if err := tx.NewRaw("DELETE FROM media_pieces WHERE upload_id IN (?) RETURNING object_key", bun.In(ids)).Scan(ctx, &keys); err != nil {
		return nil, err
	}
	return keys, intend(ctx, tx, longAgo, keys...)
}

// drop removes uploads with all that has come of them.
func (s *Store) drop(ctx context.Context, ids ...string) error {
	var keys []string
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		// Locked first: a piece that is being written comes before or after.
		if _, err := tx.NewUpdate().Model((*Partial)(nil)).Set("at = at").Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
			return err
		}
		if keys, err = dropPieces(ctx, tx, ids...); err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*Partial)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop uploads: %w", err)
	}
	if err := s.remove(context.WithoutCancel(ctx), keys); err != nil {
		s.Log.Warn("pieces of an upload are removed later", "error", err)
	}
	return nil
}

// DropPartial removes an upload under way that the actor has begun.
func (s *Store) DropPartial(ctx context.Context, actor *auth.Actor, id string) error {
	p, err := s.Partial(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.drop(ctx, p.ID)
}

// dropUploads removes the uploads that nobody has gone on with for UploadTime, and forgets those that are files now.
func (s *Store) dropUploads(ctx context.Context) error {
	for {
		var ids []string
		err := s.db.Read().NewSelect().Model((*Partial)(nil)).Column("id").Where("u.at < ?", db.Now().Add(-UploadTime)).Limit(100).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("drop uploads: %w", db.Normalize(err))
		}
		if len(ids) == 0 {
			return nil
		}
		if err := s.drop(ctx, ids...); err != nil {
			return err
		}
	}
}

// pieceReader reads pieces as one.
type pieceReader struct {
	ctx     context.Context
	storage Storage
	pieces  []*piece
	open    *Object
}

func (r *pieceReader) Read(p []byte) (int, error) {
	for {
		if r.open == nil {
			if len(r.pieces) == 0 {
				return 0, io.EOF
			}
			o, err := r.storage.Open(r.ctx, r.pieces[0].Key)
			if err != nil {
				return 0, err
			}
			r.open, r.pieces = o, r.pieces[1:]
		}
		n, err := r.open.Read(p)
		if errors.Is(err, io.EOF) {
			r.close()
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (r *pieceReader) close() {
	if r.open != nil {
		r.open.Close()
		r.open = nil
	}
}

// Broken says whether an upload failed because its body ended before its time: nobody's fault here.
func Broken(err error) bool { return errors.Is(err, errBody) && !errors.Is(err, ErrStorage) }
