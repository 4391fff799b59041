package main

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// A seeder fills a database with published entries: topics, organisations and persons that the others refer to, then
// three news items for each event, every tenth in French too. The first are saved and published as the panel does it.
// On SQLite the rest are copies of their rows under other ids and titles, which is several times faster; a test holds
// copied rows equal to saved ones.
type seeder struct {
	store    *content.Store
	patterns int       // entries that are saved; the others are copies of those that nothing refers to
	today    time.Time // the entries' dates lie around it

	rand                          *rand.Rand // of one entry
	topics, organizations, people []content.Ref
}

// How many of the first entries are what the others refer to. The first that are copied come after them.
const (
	seedTopics        = 20
	seedOrganizations = 30
	seedPeople        = 150
	seedShared        = seedTopics + seedOrganizations + seedPeople
	seedUpcoming      = 25 // events that every site has to come, so that pages of small and big ones show as much
	seedFirst         = seedShared + seedUpcoming
)

var seeding = auth.System("bench")

func newSeeder(store *content.Store) *seeder {
	return &seeder{store: store, patterns: seedFirst + 1600, today: time.Now().UTC().Truncate(24 * time.Hour)}
}

// seed makes n published entries in an empty database; the same n gives the same ones.
func (s *seeder) seed(ctx context.Context, n int) error {
	saved := min(n, s.patterns)
	if s.store.DB.Postgres() {
		saved = n
	}
	const batch = 1000
	for from := 0; from < saved; from += batch {
		if err := s.transaction(ctx, func(ctx context.Context, tx bun.Tx) error {
			for i := from; i < min(from+batch, saved); i++ {
				if err := s.entry(ctx, tx, i); err != nil {
					return fmt.Errorf("entry %d: %w", i, err)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	indices, err := s.dropIndices(ctx, n-saved)
	if err != nil {
		return err
	}
	for from := saved; from < n; from += s.patterns - seedFirst {
		if err := s.transaction(ctx, func(ctx context.Context, tx bun.Tx) error {
			return s.copies(ctx, tx, from, min(n, from+s.patterns-seedFirst))
		}); err != nil {
			return fmt.Errorf("copies from %d: %w", from, err)
		}
	}
	if n > saved {
		if err := s.transaction(ctx, func(ctx context.Context, tx bun.Tx) error {
			for _, q := range append(indices, "DELETE FROM facet_counts", `INSERT INTO facet_counts (kind, name, value, n)
				SELECT e.kind, f.name, f.value, count(*) FROM facets f JOIN entries e ON e.id = f.entry_id GROUP BY e.kind, f.name, f.value`) {
				if _, err := tx.ExecContext(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	// What publishing leaves for later, as learning translations, is not to be done beside what is measured.
	if err := s.transaction(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM jobs")
		return err
	}); err != nil {
		return err
	}
	s.store.Changed()
	return auth.New(s.store.DB, auth.Options{}).Seal(ctx) // else the server that is measured would do it
}

// dropIndices takes away those that only slow down many copies, and gives the statements that make them again.
func (s *seeder) dropIndices(ctx context.Context, copies int) (again []string, err error) {
	if copies < 20_000 {
		return nil, nil
	}
	var names, tables []string
	for _, c := range copied {
		tables = append(tables, c.table)
	}
	err = s.transaction(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []struct{ Name, SQL string }
		if err := tx.NewRaw("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (?)", bun.List(tables)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			if slices.Contains([]string{"facets_by_entry", "paths_by_entry", "audit_object"}, r.Name) {
				continue // the patterns are found by them
			}
			names, again = append(names, r.Name), append(again, r.SQL)
		}
		for _, name := range names {
			if _, err := tx.ExecContext(ctx, "DROP INDEX ?", bun.Ident(name)); err != nil {
				return err
			}
		}
		return nil
	})
	return again, err
}

// transaction lets SQLite hold in memory what it would otherwise read and write again for each entry. This is
// a setting of the connection: the server that is measured opens its own.
func (s *seeder) transaction(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	return s.store.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if !s.store.DB.Postgres() {
			if _, err := tx.ExecContext(ctx, "PRAGMA cache_size = -524288"); err != nil {
				return err
			}
		}
		return f(ctx, tx)
	})
}

// pattern is the entry whose words and facts number i has; only the number in its title is its own.
func (s *seeder) pattern(i int) int {
	if i < s.patterns {
		return i
	}
	return seedFirst + (i-seedFirst)%(s.patterns-seedFirst)
}

// mark is the number as it stands in titles and so in addresses.
func mark(i int) string { return fmt.Sprintf("n%07d", i) }

// entry saves and publishes number i.
func (s *seeder) entry(ctx context.Context, tx bun.Tx, i int) error {
	p := s.pattern(i)
	s.rand = rand.New(rand.NewPCG(1, uint64(p)))
	locales := []i18n.Locale{i18n.EN}
	if p%10 == 9 {
		locales = append(locales, i18n.FR)
	}
	w := writer{s.rand, locales}
	title := func(what string) content.Line {
		return w.line(func(from []string) string { return what + " " + mark(i) + " " + w.words(from, 5) })
	}
	var k *content.Kind
	var v any
	var into *[]content.Ref
	switch {
	case i < seedTopics:
		k, into = kind.TopicKind, &s.topics
		v = &kind.Topic{Label: title("Topic"), Scheme: "theme", Code: fmt.Sprintf("T%d", i)}
	case i < seedTopics+seedOrganizations:
		k, into = kind.OrganizationKind, &s.organizations
		v = &kind.Organization{Name: title("Office"), Type: "igo", Country: w.pick(seedCountries), Summary: w.sentence(12)}
	case i < seedShared:
		k, into = kind.PersonKind, &s.people
		v = &kind.Person{Name: title("Person"), Position: w.sentence(5), Organization: s.one(s.organizations), Country: w.pick(seedCountries), Bio: w.prose(120)}
	case p < seedFirst || p%4 == 3:
		k, v = kind.EventKind, s.event(w, p, title("Forum"))
	default:
		k = kind.NewsKind
		v = &kind.News{Title: title("Note"), Summary: w.sentence(20), Kind: w.pick([]string{"news", "press_release", "statement"}),
			Date: content.Date(s.past().Format(time.DateOnly)), Body: w.prose(300), Topics: content.Refs{s.one(s.topics)},
			Countries: []string{w.pick(seedCountries)}, Unit: s.one(s.organizations)}
	}
	saved, err := s.store.SaveTx(ctx, tx, seeding, content.Change{Kind: k, Original: i18n.EN, Set: k.Split(v)})
	if err != nil {
		return err
	}
	if into != nil {
		*into = append(*into, content.Ref(saved.ID))
	}
	return s.store.PublishTx(ctx, tx, seeding, content.PublishChange{ID: saved.ID, Facts: true, Locales: locales})
}

// event is one day long and has four sessions; of those that are copied one of a hundred is still to come.
func (s *seeder) event(w writer, p int, title content.Line) *kind.Event {
	day := s.past()
	if p < seedFirst || p%400 == 3 {
		day = s.today.AddDate(0, 0, 1+s.rand.IntN(200))
	}
	at := func(hour int) content.LocalTime {
		return content.LocalTime(day.Add(time.Duration(hour) * time.Hour).Format("2006-01-02T15:04"))
	}
	item := func(n int) content.Item { return content.Item{ID: fmt.Sprintf("item%d", n)} }
	e := &kind.Event{Title: title, Summary: w.sentence(20), Kind: w.pick([]string{"webinar", "workshop", "forum", "seminar"}), Scope: "regional",
		Status: "scheduled", Mode: "online", Access: "open", Topics: content.Refs{s.one(s.topics)}, Countries: []string{w.pick(seedCountries)},
		WorkingLanguages: []string{"en", "fr"}, When: content.When{Start: at(8), End: at(17), Zone: "Africa/Nairobi", Precision: content.PrecisionTime},
		Venues:        []kind.Venue{{Item: item(0), Type: "online", Name: w.sentence(2)}},
		Blocks:        []kind.Block{{Item: item(0), Kind: "background", Body: w.prose(200)}},
		Organizations: []kind.OrganizationRole{{Item: item(0), Organization: s.one(s.organizations), Role: "organizer"}},
		Contacts:      []kind.Contact{{Item: item(0), Mailbox: "events@example.org"}}, FocalPoint: "account1"}
	for n := range 4 {
		e.Sessions = append(e.Sessions, kind.Session{Item: item(n), Title: w.sentence(6), Kind: "panel", Slot: content.Slot{Start: at(8 + 2*n), End: at(9 + 2*n)},
			Description: w.prose(20), People: []kind.PersonRole{{Item: item(0), Person: s.one(s.people), Role: "speaker", Status: "confirmed"}}})
	}
	return e
}

// past is a day in the last eight years.
func (s *seeder) past() time.Time { return s.today.AddDate(0, 0, -s.rand.IntN(8*365)) }

func (s *seeder) one(of []content.Ref) content.Ref { return of[s.rand.IntN(len(of))] }

// copied are the tables that hold an entry's rows, each after those it refers to, with the column that holds its id.
var copied = []struct{ table, id string }{{"entries", "id"}, {"entry_languages", "entry_id"}, {"parts", "entry_id"}, {"revisions", "entry_id"}, {"live", "entry_id"},
	{"publications", "entry_id"}, {"entry_titles", "entry_id"}, {"translations", "entry_id"}, {"published", "entry_id"}, {"facets", "entry_id"}, {"links", "from_id"}, {"paths", "entry_id"}, {"audit", "object_id"}}

// copies makes the entries from number from up to, not including, to; they are at most one for each pattern. It reads
// the tables' columns from the database, so that a new column is copied too.
func (s *seeder) copies(ctx context.Context, tx bun.Tx, from, to int) error {
	round := (from - seedFirst) / (s.patterns - seedFirst)
	for _, q := range []string{
		"DROP TABLE IF EXISTS temp.copies",
		// The last eight of an id's twelve characters tell the patterns apart, and o is in no id that was not made here; a
		// title's own number is in its second word.
		fmt.Sprintf(`CREATE TEMP TABLE copies AS SELECT id AS old_id, printf('o%%03d', %d) || substr(id, 5) AS new_id, title AS old_title,
			substr(title, instr(title, ' n') + 1, 8) AS old_mark, 0 AS n, '' AS new_mark FROM entries WHERE kind IN ('news', 'event')
			AND CAST(substr(title, instr(title, ' n') + 2, 7) AS integer) BETWEEN %d AND %d`, round, seedFirst, s.patterns-1),
		fmt.Sprintf("UPDATE copies SET n = CAST(substr(old_mark, 2) AS integer) + %d", round*(s.patterns-seedFirst)),
		fmt.Sprintf("DELETE FROM copies WHERE n < %d OR n >= %d", from, to),
		"UPDATE copies SET new_mark = printf('n%07d', n)",
		"CREATE UNIQUE INDEX temp.copies_by_id ON copies (old_id)",
	} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	var ids []string
	if err := tx.NewRaw("SELECT new_id FROM copies ORDER BY n").Scan(ctx, &ids); err != nil {
		return err
	}
	if len(ids) != to-from {
		return fmt.Errorf("%d patterns for %d copies", len(ids), to-from)
	}
	for _, c := range copied {
		var columns []struct{ Name, Type string }
		if err := tx.NewRaw("SELECT name, type FROM pragma_table_info(?)", c.table).Scan(ctx, &columns); err != nil {
			return err
		}
		var names, values []string
		for _, col := range columns {
			v := "t." + col.Name
			words := "replace(" + v + ", x.old_mark, x.new_mark)"
			switch {
			case col.Name == c.id:
				v = "x.new_id"
			case col.Name == "id": // a line of the log has one of its own
				v = fmt.Sprintf("substr(%s, 1, 18) || printf('o%%03d', %d)", v, round)
			case c.table == "audit" && slices.Contains([]string{"salt", "digest"}, col.Name): // of what the line says; linking it makes one
				v = "''"
			case col.Name == "doc":
				v = "copied_doc(" + v + ", x.old_mark, x.new_mark, x.old_title)"
			case col.Name == "hash":
				v = "sha256_hex(copied_doc(t.doc, x.old_mark, x.new_mark, x.old_title))"
			case col.Name == "sort_key" && c.table == "publications":
				v = "copied_key(t.locale, replace(t.title, x.old_mark, x.new_mark))"
			case col.Name == "sort_key": // of the title that a public entry has in the language
				v = "copied_title_key(t.locale, replace((SELECT title FROM publications p WHERE p.entry_id = x.old_id AND p.locale = t.locale), x.old_mark, x.new_mark))"
			case slices.Contains([]string{"text", "jsonb"}, strings.ToLower(col.Type)):
				v = words
			}
			names, values = append(names, col.Name), append(values, v)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM copies x JOIN %s t ON t.%s = x.old_id ORDER BY x.new_id",
			c.table, strings.Join(names, ", "), strings.Join(values, ", "), c.table, c.id)); err != nil {
			return fmt.Errorf("%s: %w", c.table, err)
		}
	}
	for _, id := range ids {
		for _, f := range s.store.OnChange {
			if err := f(ctx, tx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// SQLite gets the functions that copies needs: connections have those that were there before them.
func init() {
	text := func(v driver.Value) string { s, _ := v.(string); return s }
	sqlite.MustRegisterDeterministicScalarFunction("sha256_hex", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		h := sha256.Sum256([]byte(text(args[0])))
		return hex.EncodeToString(h[:]), nil
	})
	key := func(name string, of func(i18n.Locale, string) []byte) {
		sqlite.MustRegisterDeterministicScalarFunction(name, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			return of(i18n.Locale(text(args[0])), text(args[1])), nil
		})
	}
	key("copied_key", i18n.SortKey)
	key("copied_title_key", content.TitleKey)
	// A document under another title: the translations that were made from it hold its hash.
	sqlite.MustRegisterDeterministicScalarFunction("copied_doc", 4, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		doc, was, is, title := text(args[0]), text(args[1]), text(args[2]), text(args[3])
		unit := func(title string) string { return content.Units(content.TypeLine, title)[0] }
		return strings.NewReplacer(was, is, unit(title), unit(strings.Replace(title, was, is, 1))).Replace(doc), nil
	})
}

var seedCountries = strings.Fields("KE FR EG CN RU ES KR BR TZ IN CH JP MX ZA MA")

var seedWords = map[i18n.Locale][]string{
	i18n.EN: strings.Fields("public institutions open registers members states report results shared practice regional office service review data access people language local " +
		"training support partners measures progress common standard digital archive council session statement country plan budget health water energy climate trade law"),
	i18n.FR: strings.Fields("les institutions publiques ouvrent registres états membres rapport résultats pratique partagée bureau régional service examen données accès personnes " +
		"langue locale formation appui partenaires mesures progrès norme commune numérique archives conseil séance déclaration pays plan budget santé eau énergie climat"),
}

// writer makes up words in some languages.
type writer struct {
	rand    *rand.Rand
	locales []i18n.Locale
}

func (w writer) pick(from []string) string { return from[w.rand.IntN(len(from))] }

func (w writer) words(from []string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = w.pick(from)
	}
	return strings.Join(out, " ")
}

func (w writer) line(words func(from []string) string) content.Line {
	var l content.Line
	for _, at := range w.locales {
		l.Set(at, content.Text{Words: words(seedWords[at])})
	}
	return l
}

func (w writer) sentence(n int) content.Line {
	return w.line(func(from []string) string { return w.words(from, n) + "." })
}

// prose is n words in paragraphs of fifty.
func (w writer) prose(n int) content.Prose {
	return content.Prose(w.line(func(from []string) string {
		var paragraphs []string
		for left := n; left > 0; left -= 50 {
			paragraphs = append(paragraphs, w.words(from, min(50, left))+".")
		}
		return content.Paragraphs(paragraphs...)
	}))
}
