package auth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"context"
)

func audited(t testing.TB, s *Service, action string, detail map[string]any) {
	t.Helper()
	if err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return Audit(ctx, tx, program, action, Object{Kind: "event", ID: "e1"}, detail)
	}); err != nil {
		t.Fatal(err)
	}
}

func verified(t testing.TB, s *Service, remembered *Head) *Record {
	t.Helper()
	r, err := s.Verify(ctx, remembered)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sealed(t testing.TB, s *Service) {
	t.Helper()
	if err := s.Seal(ctx); err != nil {
		t.Fatal(err)
	}
}

func (s *Service) raw(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Whatever is done to the log behind the program's back is found, and where.
func TestTheLogCannotBeChangedQuietly(t *testing.T) {
	fill := func(t *testing.T) *Service {
		s, _ := open(t)
		for i := range 10 {
			audited(t, s, "save", map[string]any{"title": fmt.Sprint("Ä <b>", i), "parts": []string{"facts", "fr"}, "count": i, "own_text": true, "none": nil, "half": 0.5})
		}
		sealed(t, s)
		if r := verified(t, s, nil); r.Broken != nil || r.Lines != 10 || r.Seq != 10 || r.Waiting != 0 {
			t.Fatalf("whole: %+v", r)
		}
		return s
	}
	id := "(SELECT id FROM audit WHERE seq = %d)"
	for _, c := range []struct {
		what string
		do   []string
		seq  int64
	}{
		{"an actor", []string{"UPDATE audit SET actor = 'another' WHERE seq = 4"}, 4},
		{"an action", []string{"UPDATE audit SET action = 'delete' WHERE seq = 4"}, 4},
		{"an object", []string{"UPDATE audit SET object_id = 'e2' WHERE seq = 4"}, 4},
		{"what of it", []string{"UPDATE audit SET kind = 'report' WHERE seq = 4"}, 4},
		{"a language", []string{"UPDATE audit SET locale = 'fr' WHERE seq = 4"}, 4},
		{"an office", []string{"UPDATE audit SET office_id = 'o' WHERE seq = 4"}, 4},
		{"a time", []string{"UPDATE audit SET at = (SELECT at FROM audit WHERE seq = 9) WHERE seq = 4"}, 4},
		{"a detail", []string{`UPDATE audit SET detail = '{"count": 3}' WHERE seq = 4`}, 4},
		{"a detail gone", []string{"UPDATE audit SET detail = '{}' WHERE seq = 4"}, 4},
		{"a digest too", []string{"UPDATE audit SET actor = 'another', digest = 'x' WHERE seq = 4"}, 4},
		{"deleted first", []string{"DELETE FROM audit WHERE seq = 1"}, 1},
		{"deleted", []string{"DELETE FROM audit WHERE seq = 5"}, 5},
		{"deleted, the others moved up", []string{"DELETE FROM audit WHERE seq = 5", "UPDATE audit SET seq = -seq WHERE seq > 5", "UPDATE audit SET seq = -seq - 1 WHERE seq < 0", "UPDATE audit_head SET seq = 9"}, 5},
		{"deleted last", []string{"DELETE FROM audit WHERE seq > 8"}, 9},
		{"deleted last, and the head set back", []string{"DELETE FROM audit WHERE seq > 8", "UPDATE audit_head SET seq = 8"}, 8},
		{"deleted all", []string{"DELETE FROM audit"}, 1},
		{"two swapped", []string{"UPDATE audit SET seq = -3 WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = -3"}, 3},
		{"swapped, links and all", []string{"UPDATE audit SET seq = -3 WHERE seq = 3", "UPDATE audit SET seq = 3, link = (SELECT link FROM audit WHERE seq = -3) WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = -3"}, 3},
		{"what two say swapped", []string{"UPDATE audit SET id = 'x' WHERE seq = 3", "UPDATE audit SET id = 'y', salt = (SELECT salt FROM audit WHERE seq = 3), detail = (SELECT detail FROM audit WHERE seq = 3) WHERE seq = 4"}, 3},
		{"put in at the end, and linked", []string{"INSERT INTO audit (id, at, actor, action, detail) SELECT 'zzz', at, actor, 'publish', detail FROM audit WHERE seq = 9"}, 11},
		{"put in between", []string{"UPDATE audit SET seq = seq + 100 WHERE seq > 5", "UPDATE audit SET seq = seq - 99 WHERE seq > 100", "UPDATE audit_head SET seq = 11",
			"INSERT INTO audit (id, at, actor, action, detail, salt, digest, link, seq) SELECT 'zzz', at, actor, 'publish', detail, salt, digest, link, 6 FROM audit WHERE seq = 5"}, 6},
		{"a detail taken out quietly", []string{fmt.Sprintf("UPDATE audit SET taken_out = 'aa', salt = '', detail = '{}' WHERE id = "+id, 7)}, 7},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := fill(t)
			for _, q := range c.do {
				s.raw(t, q)
			}
			sealed(t, s) // the program goes on
			r := verified(t, s, nil)
			if r.Broken == nil || r.Broken.Seq != c.seq {
				t.Errorf("%+v, broken: %v", r, r.Broken)
			}
		})
	}
	t.Run("not yet in the chain", func(t *testing.T) {
		s := fill(t)
		audited(t, s, "delete", nil)
		if r := verified(t, s, nil); r.Broken != nil || r.Waiting != 1 {
			t.Fatalf("%+v", r)
		}
		s.raw(t, "UPDATE audit SET action = 'save' WHERE seq IS NULL")
		if r := verified(t, s, nil); r.Broken == nil || r.Broken.Seq != 0 || r.Broken.Line == "" {
			t.Errorf("%+v", r)
		}
		sealed(t, s)
		if r := verified(t, s, nil); r.Broken == nil || r.Broken.Seq != 11 {
			t.Errorf("linked: %+v", r)
		}
	})
	t.Run("made anew", func(t *testing.T) {
		// The whole chain by the book, without the last lines: only a head that was told finds it.
		s := fill(t)
		told := verified(t, s, nil).Head
		s.raw(t, "DELETE FROM audit WHERE seq > 7")
		s.raw(t, "UPDATE audit SET seq = NULL")
		s.raw(t, "UPDATE audit_head SET seq = 0, link = ''")
		sealed(t, s)
		if r := verified(t, s, nil); r.Broken != nil || r.Seq != 7 {
			t.Fatalf("%+v %v", r, r.Broken)
		}
		if r := verified(t, s, &told); r.Broken == nil || r.Broken.Seq != 8 {
			t.Errorf("cut off: %+v", r)
		}
		for range 5 {
			audited(t, s, "save", nil)
		}
		sealed(t, s)
		if r := verified(t, s, &told); r.Broken == nil || r.Broken.Seq != 10 {
			t.Errorf("written on: %+v", r)
		}
		now := verified(t, s, nil).Head
		if r := verified(t, s, &now); r.Broken != nil {
			t.Errorf("its own head: %v", r.Broken)
		}
	})
	t.Run("cut off after it was told", func(t *testing.T) {
		s := fill(t)
		if err := s.Tell(ctx, verified(t, s, nil).Head, func(context.Context, bun.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		s.raw(t, "DELETE FROM audit WHERE seq > 7")
		s.raw(t, "UPDATE audit_head SET seq = 7, link = (SELECT link FROM audit WHERE seq = 7)")
		if r := verified(t, s, nil); r.Broken == nil || r.Broken.Seq != 8 {
			t.Errorf("%+v", r)
		}
	})
}

// Several instances link at once while others write, and some change their mind.
func TestManyWriteTheLog(t *testing.T) {
	s, _ := open(t)
	other := New(s.db, s.opts)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 25 {
				err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
					if err := Audit(ctx, tx, program, "save", Object{Kind: "event", ID: fmt.Sprint(i)}, map[string]any{"count": j}); err != nil {
						return err
					}
					if j%5 == 4 {
						return errors.New("no after all")
					}
					return nil
				})
				if (err != nil) != (j%5 == 4) {
					t.Error(err)
				}
			}
		})
	}
	for _, x := range []*Service{s, other, s} {
		wg.Go(func() {
			for range 20 {
				if err := x.Seal(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	sealed(t, s)
	if r := verified(t, s, nil); r.Broken != nil || r.Lines != 160 || r.Seq != 160 || r.Waiting != 0 {
		t.Errorf("%+v %v", r, r.Broken)
	}
}

// The log of a program before the chain is taken in whole; what comes without a digest later is not.
func TestAnOlderLogIsTakenIn(t *testing.T) {
	s, _ := open(t)
	for range 3 * sealBatch / 2 {
		audited(t, s, "save", map[string]any{"title": "Old"})
	}
	s.raw(t, "UPDATE audit SET salt = '', digest = ''")
	if r := verified(t, s, nil); r.Broken != nil {
		t.Fatalf("before: %v", r.Broken)
	}
	sealed(t, s)
	older := "INSERT INTO audit (id, at, actor, action, detail) SELECT ?, at, actor, action, detail FROM audit WHERE seq = 1"
	s.raw(t, older, "z1") // by an instance that has not been replaced yet
	sealed(t, s)
	if r := verified(t, s, nil); r.Broken != nil || r.Lines != 3*sealBatch/2+1 {
		t.Fatalf("%+v %v", r, r.Broken)
	}
	s.raw(t, "UPDATE audit_head SET adopts_until = (SELECT at FROM audit WHERE seq = 1)")
	s.raw(t, older, "z2")
	sealed(t, s)
	if r := verified(t, s, nil); r.Broken == nil || r.Broken.Line != "z2" {
		t.Errorf("%+v", r)
	}
}

func TestADetailIsTakenOut(t *testing.T) {
	s, _ := open(t)
	audited(t, s, "save", map[string]any{"title": "Jane Doe"})
	audited(t, s, "save", map[string]any{"title": "John Doe"})
	sealed(t, s)
	lines, _, err := s.AuditLog(ctx, program, AuditFilter{}, Paging{})
	if err != nil || lines[1].Detail["title"] != "Jane Doe" || lines[1].Seq != 1 {
		t.Fatal(lines, err)
	}
	create(t, s, "editor@example.org", onSite)
	_, editor := signIn(t, s, "editor@example.org")
	if err := s.TakeOut(ctx, editor, []int64{1}); !errors.Is(err, ErrForbidden) {
		t.Errorf("an editor: %v", err)
	}
	if err := s.TakeOut(ctx, program, []int64{1, 99}); err == nil {
		t.Error("a line that is not there")
	}
	if err := s.TakeOut(ctx, program, []int64{1}); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, s, nil); r.Broken != nil {
		t.Errorf("not yet linked: %v", r.Broken)
	}
	sealed(t, s)
	if r := verified(t, s, nil); r.Broken != nil {
		t.Errorf("linked: %v", r.Broken)
	}
	var all []map[string]any
	if err := s.db.Read().NewRaw("SELECT * FROM audit").Scan(ctx, &all); err != nil || strings.Contains(fmt.Sprint(all), "Jane") || !strings.Contains(fmt.Sprint(all), "John") {
		t.Errorf("%v %v", all, err)
	}
	lines, _, _ = s.AuditLog(ctx, program, AuditFilter{Action: TakeOut}, Paging{})
	if len(lines) != 1 || lines[0].Seq == 0 {
		t.Fatalf("%+v", lines)
	}
	if err := s.TakeOut(ctx, program, []int64{lines[0].Seq}); err == nil {
		t.Error("what says that something was taken out was taken out")
	}
	s.raw(t, `UPDATE audit SET detail = '{"title":"Another"}' WHERE seq = 1`)
	if r := verified(t, s, nil); r.Broken == nil || r.Broken.Seq != 1 {
		t.Errorf("another put in: %+v", r)
	}
}

func TestHeads(t *testing.T) {
	h := Head{12, strings.Repeat("0a", 32)}
	if got, err := ParseHead(" " + h.String() + "\n"); err != nil || got != h {
		t.Error(got, err)
	}
	for _, s := range []string{"", "12", "x:" + h.Link, "12:" + h.Link[1:], "12:zz" + h.Link[2:], "0:" + h.Link, "-1:" + h.Link} {
		if _, err := ParseHead(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

// Reading is written down once for a sitting, by person, action and object.
func TestOneLineForASitting(t *testing.T) {
	s, _ := open(t)
	other := System("other")
	for _, c := range []struct {
		who    *Actor
		action string
		id     string
	}{{program, "registrants.read", "e1"}, {program, "registrants.read", "e1"}, {program, "registrants.read", "e2"}, {other, "registrants.read", "e1"}, {program, "registrants.export", "e1"}, {program, "registrants.read", "e1"}} {
		if err := AuditSitting(ctx, s.db, c.who, c.action, Object{Kind: "event", ID: c.id}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, n, err := s.AuditLog(ctx, program, AuditFilter{}, Paging{}); err != nil || n != 4 {
		t.Errorf("%d lines, %v", n, err)
	}
	s.raw(t, "UPDATE audit SET id = '000' || substr(id, 4) WHERE object_id = 'e2'") // long ago
	if err := AuditSitting(ctx, s.db, program, "registrants.read", Object{Kind: "event", ID: "e2"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, n, err := s.AuditLog(ctx, program, AuditFilter{}, Paging{}); err != nil || n != 5 {
		t.Errorf("%d lines, %v", n, err)
	}
	if err := AuditSitting(ctx, s.db, nil, "registrants.read", Object{}, nil); err == nil {
		t.Error("nobody read")
	}
}
