// Package seal keeps words that few may read and that must be gone for good at a time: encrypted, each under a key of what it belongs
// to. When that key is destroyed, nothing that was sealed with it can be read any more.
//
// There are two layers. A key lies in the database for each subject (an event) and part (a question of its form), made when it is first
// needed and destroyed at its time. These keys are themselves sealed with the site's key, which is not in the database: it comes from
// the configuration or from a file, and is the same on all instances. So the database, and a copy of it, tells nothing by itself.
//
// Everything is AES-256 in Galois counter mode with a nonce made by chance, bound to the place it stands in: moved to another row or
// question it does not open.
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Errors with a name.
var (
	// ErrGone says that the key was destroyed, or never was: what was sealed with it is lost, as was meant.
	ErrGone = errors.New("the key of what was sealed is gone")
	// ErrSiteKey says that the site's key is not the one that this database's keys are sealed with.
	ErrSiteKey = errors.New("this is not the key that the site's sensitive answers are sealed with")
)

const keySize = 32

// Site is where the site's key comes from: the key itself as 64 hexadecimal digits, or file:PATH.
type Site string

// File says whether it lies in a file of ours.
func (s Site) File() bool { return strings.HasPrefix(string(s), "file:") }

// Check says what is wrong with it, in one line; nothing is opened.
func (s Site) Check() error {
	if path, ok := strings.CutPrefix(string(s), "file:"); ok {
		if path == "" {
			return errors.New("file: without a path")
		}
		return nil
	}
	if _, err := parse(string(s)); err != nil {
		return err
	}
	return nil
}

func parse(words string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(words))
	if err != nil || len(key) != keySize {
		return nil, errors.New("not a key: 64 hexadecimal digits, or file:PATH")
	}
	return key, nil
}

// NewSite makes a key for a site, as 64 hexadecimal digits.
func NewSite() string {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}

// Box seals and opens.
type Box struct {
	db   *db.DB
	site cipher.AEAD
	mark string // tells the site's key from others, and nothing of it
	// Now is the clock; nil: the system's.
	Now func() time.Time
}

// Open reads the site's key and holds it against the database. Where neither has ever been, the key is made, and a file written with it.
// A key that is missing or another one is an error that says what to do: nothing could be read with a new one.
func Open(ctx context.Context, d *db.DB, site Site) (*Box, error) {
	path, inFile := strings.CutPrefix(string(site), "file:")
	var known string
	if err := d.Read().NewRaw("SELECT coalesce(max(mark), '') FROM seal_site").Scan(ctx, &known); err != nil {
		return nil, db.Normalize(err)
	}
	if !inFile {
		key, err := parse(string(site))
		if err != nil {
			return nil, err
		}
		return open(ctx, d, key, known, "the key in the configuration")
	}
	made := false
	words, err := os.ReadFile(path)
	switch {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the file of the key cannot be read: %w", err)
	case known != "":
		if words, err = os.ReadFile(path + next); err != nil { // a change of key that was cut off between database and file
			return nil, fmt.Errorf("%s is missing: sensitive answers are sealed with the key in it. Put the file back, or give the key as another instance has it; if it is lost for good, “plenary seal-key lost” gives up these answers", path)
		}
	default:
		if words, err = write(path, NewSite()); err != nil {
			return nil, fmt.Errorf("the file of the key cannot be made: %w", err)
		}
		made = true
	}
	key, err := parse(string(words))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b, err := open(ctx, d, key, known, path)
	if errors.Is(err, ErrSiteKey) {
		if words, again := os.ReadFile(path + next); again == nil {
			if key, again := parse(string(words)); again == nil && mark(key) == known {
				if err := os.Rename(path+next, path); err != nil {
					return nil, err
				}
				return open(ctx, d, key, known, path)
			}
		}
		if made { // another instance was first, and has made another key: this one opens nothing
			err = errors.Join(err, os.Remove(path))
		}
	}
	return b, err
}

// Check is Open that makes nothing: what is wrong with the key, nil where the first start will make it.
func Check(ctx context.Context, d *db.DB, site Site) error {
	var known string
	if err := d.Read().NewRaw("SELECT coalesce(max(mark), '') FROM seal_site").Scan(ctx, &known); err != nil || known == "" {
		return db.Normalize(err)
	}
	_, err := Open(ctx, d, site)
	return err
}

// next ends the name of the file that a new key lies in until the database has taken it.
const next = ".new"

// write makes a file that is its owner's alone, and gives what is in it: where another process has just made it, theirs.
func write(path, words string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".seal-*") // 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(words + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

func open(ctx context.Context, d *db.DB, key []byte, known, from string) (*Box, error) {
	b := &Box{db: d, site: aead(key), mark: mark(key)}
	if known == "" {
		if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.NewRaw("INSERT INTO seal_site (id, mark) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", b.mark).Exec(ctx); err != nil {
				return err
			}
			return tx.NewRaw("SELECT mark FROM seal_site").Scan(ctx, &known)
		}); err != nil {
			return nil, db.Normalize(err)
		}
	}
	if known != b.mark {
		return nil, fmt.Errorf("%s: %w. Give the one that it was made with, or that other instances have; if it is lost for good, “plenary seal-key lost” gives up these answers", from, ErrSiteKey)
	}
	return b, nil
}

func mark(key []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("plenary site key"))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of 32 bytes
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return g
}

// place is what sealed words are bound to; the lengths keep two places from reading alike.
func place(words ...string) []byte {
	var out []byte
	for _, w := range words {
		out = binary.AppendUvarint(out, uint64(len(w)))
		out = append(out, w...)
	}
	return out
}

type keyRow struct {
	bun.BaseModel `bun:"table:seal_keys,alias:k"`
	Subject       string `bun:",pk"`
	Part          string `bun:",pk"`
	Wrapped       string
	MadeAt        time.Time
}

// Keys are those of a subject, as they were in the database when they were asked for: to be used and let go of.
type Keys struct {
	box     *Box
	subject string
	of      map[string]cipher.AEAD
}

// Keys reads the keys of a subject in q.
func (b *Box) Keys(ctx context.Context, q bun.IDB, subject string) (*Keys, error) {
	var rows []keyRow
	if err := q.NewSelect().Model(&rows).Where("k.subject = ?", subject).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	k := &Keys{box: b, subject: subject, of: map[string]cipher.AEAD{}}
	for i := range rows {
		key, err := unwrap(b.site, &rows[i])
		if err != nil {
			return nil, err
		}
		k.of[rows[i].Part] = aead(key)
	}
	return k, nil
}

func unwrap(site cipher.AEAD, r *keyRow) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(r.Wrapped)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", r.Subject, err)
	}
	key, err := site.Open(nil, nil, raw, place("key", r.Subject, r.Part))
	if err != nil { // it was changed while this instance ran
		return nil, fmt.Errorf("%w: start this instance again with the key that the others have", ErrSiteKey)
	}
	return key, nil
}

func wrap(site cipher.AEAD, subject, part string, key []byte) string {
	return base64.RawStdEncoding.EncodeToString(site.Seal(nil, nil, key, place("key", subject, part)))
}

// need gives the key of a part, making it in tx where there is none.
func (k *Keys) need(ctx context.Context, tx bun.Tx, part string) (cipher.AEAD, error) {
	if a := k.of[part]; a != nil {
		return a, nil
	}
	q := tx.NewSelect().Table("seal_site").Column("mark")
	if k.box.db.Postgres() {
		q = q.For("SHARE") // nobody changes the site's key before this is committed
	}
	var known string
	if err := q.Scan(ctx, &known); err != nil {
		return nil, db.Normalize(err)
	}
	if known != k.box.mark {
		return nil, fmt.Errorf("%w: start this instance again with the key that the others have", ErrSiteKey)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key)
	now := time.Now
	if k.box.Now != nil {
		now = k.box.Now
	}
	if _, err := tx.NewRaw("INSERT INTO seal_keys (subject, part, wrapped, made_at) VALUES (?, ?, ?, ?) ON CONFLICT (subject, part) DO NOTHING",
		k.subject, part, wrap(k.box.site, k.subject, part, key), now().UTC()).Exec(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	r := keyRow{Subject: k.subject, Part: part}
	if err := tx.NewSelect().Model(&r).WherePK().Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	key, err := unwrap(k.box.site, &r)
	if err != nil {
		return nil, err
	}
	k.of[part] = aead(key)
	return k.of[part], nil
}

// step is what lengths are brought up to: the length of what is sealed tells a yes from a no otherwise.
const step = 64

// Seal gives words sealed under the key of a part, for one place (a registration) and no other. The key is made in tx where there is
// none.
func (k *Keys) Seal(ctx context.Context, tx bun.Tx, part, about, words string) (string, error) {
	a, err := k.need(ctx, tx, part)
	if err != nil {
		return "", err
	}
	plain := binary.AppendUvarint(nil, uint64(len(words)))
	plain = append(plain, words...)
	plain = append(plain, make([]byte, (step-len(plain)%step)%step)...)
	return base64.RawStdEncoding.EncodeToString(a.Seal(nil, nil, plain, place("words", k.subject, part, about))), nil
}

// Open gives the words that were sealed for a place; ErrGone where the key was destroyed. Anything else that does not open was changed
// by somebody, and is another error.
func (k *Keys) Open(part, about, sealed string) (string, error) {
	a := k.of[part]
	if a == nil {
		return "", ErrGone
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("sealed words of %s: %w", k.subject, err)
	}
	plain, err := a.Open(nil, nil, raw, place("words", k.subject, part, about))
	if err != nil {
		return "", fmt.Errorf("sealed words of %s: %w", k.subject, err)
	}
	n, at := binary.Uvarint(plain)
	if at <= 0 || n > uint64(len(plain)-at) {
		return "", fmt.Errorf("sealed words of %s: cut off", k.subject)
	}
	return string(plain[at : at+int(n)]), nil
}

// Destroy does away with keys of a subject, of all its parts where none is named, and gives how many there were. What was sealed with
// them can never be read again.
func (b *Box) Destroy(ctx context.Context, tx bun.Tx, subject string, parts ...string) (int, error) {
	q := tx.NewDelete().Model((*keyRow)(nil)).Where("k.subject = ?", subject)
	if len(parts) > 0 {
		q = q.Where("k.part IN (?)", bun.List(parts))
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return 0, db.Normalize(err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Change seals all keys anew, with another key of the site, which is written to its file where it lies in one. Instances that run with
// the old one refuse from then on to seal and to open, and say so.
func (b *Box) Change(ctx context.Context, to Site) error {
	path, inFile := strings.CutPrefix(string(to), "file:")
	words := string(to)
	if inFile {
		words = NewSite()
		_ = os.Remove(path + next) // of a change that did not happen
		if _, err := write(path+next, words); err != nil {
			return err
		}
	}
	key, err := parse(words)
	if err != nil {
		return err
	}
	site := aead(key)
	if err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw("UPDATE seal_site SET mark = ? WHERE mark = ?", mark(key), b.mark).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrSiteKey)
		}
		var rows []keyRow
		if err := tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			key, err := unwrap(b.site, r)
			if err != nil {
				return err
			}
			r.Wrapped = wrap(site, r.Subject, r.Part, key)
			if _, err := tx.NewUpdate().Model(r).Column("wrapped").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return db.Normalize(err)
	}
	b.site, b.mark = site, mark(key)
	if inFile {
		return os.Rename(path+next, path)
	}
	return nil
}

// Lost gives up all that was sealed, where the site's key is lost: the next start makes another. It gives how many keys were given up.
func Lost(ctx context.Context, d *db.DB) (n int, err error) {
	err = d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw("DELETE FROM seal_keys").Exec(ctx)
		if err != nil {
			return err
		}
		many, err := res.RowsAffected()
		n = int(many)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM seal_site").Exec(ctx)
		return err
	})
	return n, db.Normalize(err)
}
