// Package settings holds what an office sets: name, languages, theme, menus, footer.
package settings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/uptrace/bun"
)

type row struct {
	bun.BaseModel `bun:"table:settings,alias:s"`
	Key           string          `bun:"key,pk"`
	Value         json.RawMessage `bun:"value,type:jsonb"`
	UpdatedAt     time.Time       `bun:"updated_at"`
	UpdatedBy     string          `bun:"updated_by"`
}

// Store keeps the settings, and a copy in memory that every change replaces. Safe for concurrent use.
type Store struct {
	// OnChange runs in the transaction of a change: it has what is kept of the site thrown away. after is called when
	// that has been committed.
	OnChange func(ctx context.Context, tx bun.Tx) (after func(), err error)

	db      *db.DB
	current atomic.Pointer[Site]
}

// Open reads the settings; the database is migrated by then. It hears of changes by the site's generation, which every
// change raises.
func Open(ctx context.Context, d *db.DB) (*Store, error) {
	s := &Store{db: d}
	if err := s.Load(ctx); err != nil {
		return nil, err
	}
	d.OnNotice("generation", func(string) {
		if err := s.Load(context.WithoutCancel(ctx)); err != nil {
			slog.Warn("settings could not be read again", "error", err)
		}
	})
	return s, nil
}

// Site gives the settings in force. The value is shared: do not change what its maps and slices hold.
func (s *Store) Site() Site { return *s.current.Load() }

// Load reads the settings anew.
func (s *Store) Load(ctx context.Context) error {
	site, err := read(ctx, s.db.Read())
	if err == nil {
		s.current.Store(&site)
	}
	return err
}

func read(ctx context.Context, q bun.IDB) (Site, error) {
	site := Defaults()
	var rows []row
	if err := q.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return site, fmt.Errorf("settings: %w", db.Normalize(err))
	}
	fields := site.fields()
	for _, r := range rows {
		if f, ok := fields[r.Key]; ok { // a key that nobody knows is a newer program's
			if err := json.Unmarshal(r.Value, zeroed(f)); err != nil {
				return site, fmt.Errorf("setting %s: %w", r.Key, err)
			}
		}
	}
	return site, nil
}

// Version names the present state of some fields, so that a form can tell what it was filled from.
func (s Site) Version(keys ...string) string {
	h := sha256.New()
	fields := s.fields()
	for _, k := range keys {
		b, _ := json.Marshal(fields[k]) // plain data: cannot fail
		fmt.Fprintf(h, "%s %s\n", k, b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Save changes the named fields to those of next. version is that of these fields as the person saw them; when someone
// else has changed them since, nothing is saved and the error is *Conflicted. "" skips the check. Wrong values are an
// Invalid.
func (s *Store) Save(ctx context.Context, who *auth.Actor, next Site, version string, keys ...string) error {
	if !who.Can(auth.ManageSettings, auth.Object{Kind: "settings"}) {
		return auth.ErrForbidden
	}
	var after func()
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if s.db.Postgres() {
			// One change at a time: the comparison below must hold until the rows are written.
			if _, err := tx.ExecContext(ctx, "LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		now, err := read(ctx, tx)
		if err != nil {
			return err
		}
		if version != "" && version != now.Version(keys...) {
			return &Conflicted{keys}
		}
		was := now.fields()
		before := map[string]string{}
		for k, f := range was {
			b, _ := json.Marshal(f)
			before[k] = string(b)
		}
		from := next.fields()
		for _, k := range keys {
			if was[k] == nil {
				return fmt.Errorf("setting %q: no such field", k)
			}
			b, err := json.Marshal(from[k])
			if err == nil {
				err = json.Unmarshal(b, zeroed(was[k]))
			}
			if err != nil {
				return fmt.Errorf("setting %s: %w", k, err)
			}
		}
		if err := now.clean(); err != nil {
			return err
		}
		changed := map[string]json.RawMessage{}
		for k, f := range now.fields() {
			if b, _ := json.Marshal(f); slices.Contains(keys, k) && string(b) != before[k] {
				changed[k] = b
			}
		}
		if len(changed) == 0 {
			return nil
		}
		for _, k := range slices.Sorted(maps.Keys(changed)) {
			r := &row{Key: k, Value: changed[k], UpdatedAt: db.Now(), UpdatedBy: who.ID}
			if _, err := tx.NewInsert().Model(r).On("CONFLICT (key) DO UPDATE").Set("value = EXCLUDED.value").Set("updated_at = EXCLUDED.updated_at").
				Set("updated_by = EXCLUDED.updated_by").Exec(ctx); err != nil {
				return fmt.Errorf("setting %s: %w", k, err)
			}
		}
		if s.OnChange != nil {
			if after, err = s.OnChange(ctx, tx); err != nil {
				return err
			}
		}
		return auth.Audit(ctx, tx, who, "settings.change", auth.Object{Kind: "settings"}, map[string]any{"fields": slices.Sorted(maps.Keys(changed))})
	})
	if err != nil {
		return err
	}
	if after != nil {
		after()
	}
	return s.Load(ctx)
}

// zeroed empties what p points to: json.Unmarshal adds to a map that is there.
func zeroed(p any) any {
	v := reflect.ValueOf(p).Elem()
	v.SetZero()
	return p
}
