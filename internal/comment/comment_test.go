package comment_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/discussion"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/i18n/i18ntest"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/seal/sealtest"
	"plenary/internal/sheet"
)

var (
	ctx   = context.Background()
	staff = auth.System("test")
	start = time.Date(2027, 4, 2, 12, 0, 0, 0, time.UTC)
)

type house struct {
	*comment.Store
	t       *testing.T
	report  string
	mu      sync.Mutex
	now     time.Time
	letters []mail.Letter
}

type outbox struct {
	*mail.Outbox
	h *house
}

func (o *outbox) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	o.h.letters = append(o.h.letters, l)
	return o.Outbox.Enqueue(ctx, tx, who, l)
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: start}
	d := dbtest.Open(t, dbtest.Address(t))
	words := i18ntest.Words(t, "../../admin/locales")
	c := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	out, err := mail.New(d, mail.Options{BaseURL: "https://office.example", Words: words, Site: func(i18n.Locale) string { return "The Office" }, ReplyTo: func() string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(time.Microsecond); return h.now }
	box := &outbox{out, h}
	reg := &registration.Store{DB: d, Content: c, Seal: sealtest.Box(t, d), Catalogue: words, BaseURL: "https://office.example", Mail: box, Now: clock}
	talk := &discussion.Store{DB: d, Content: c, Registration: reg, Catalogue: words, BaseURL: "https://office.example", Mail: box, Now: clock}
	h.Store = &comment.Store{DB: d, Content: c, Discussion: talk, Catalogue: words, BaseURL: "https://office.example", Mail: box, Now: clock}
	c.OnChange = append(c.OnChange, h.Changed)
	item := func(s string) content.Item { return content.Item{ID: s} }
	org := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Office"), Type: "ngo"})
	event := h.publish(kind.EventKind, &kind.Event{Title: content.L("en", "Open registers"), Summary: content.L("en", "A meeting."), Kind: "webinar", Scope: "global", FocalPoint: "account1",
		When: content.When{Start: "2027-03-20T09:00", End: "2027-03-20T11:00", Zone: "UTC", Precision: "time"}, Status: "scheduled", Mode: "online", Access: "open",
		Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "Platform")}}, WorkingLanguages: []string{"en"},
		Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@example.org"}}, Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: content.Ref(org), Role: "organizer"}}})
	h.report = h.publish(kind.ReportKind, &kind.Report{Title: content.L("en", "Outcome"), Summary: content.L("en", "S."), Stage: "for_comment", Event: content.Ref(event), Date: "2027-03-25",
		CommentUntil: content.Moment{At: "2027-05-01T12:00", Zone: "UTC"}, Executive: content.P("en", "<p>Short.</p>"), Body: content.P("en", "<p>One.</p><p>Two.</p>")})
	return h
}

func (h *house) publish(k *content.Kind, v any) string {
	h.t.Helper()
	r, err := h.Content.Save(ctx, staff, content.Change{Kind: k, Original: i18n.EN, Set: k.Split(v)})
	if err == nil {
		err = h.Content.Publish(ctx, staff, content.PublishChange{ID: r.ID, Facts: true, Locales: []i18n.Locale{i18n.EN}})
	}
	if err != nil {
		var bad *content.Invalid
		if errors.As(err, &bad) {
			h.t.Fatal(bad.Problems)
		}
		h.t.Fatal(err)
	}
	return r.ID
}

// write sends a comment, and gives the key of the letter that follows; empty where none does.
func (h *house) write(paragraph, mailbox, words string) string {
	h.t.Helper()
	stamp, err := h.Stamp(ctx, h.report)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	h.now = h.now.Add(time.Minute) // nobody types faster
	h.mu.Unlock()
	n := len(h.letters)
	err = h.Write(ctx, h.report, paragraph, discussion.Submission{Locale: i18n.FR, Stamp: stamp, From: netip.MustParseAddr("192.0.2.1"),
		Values: map[string][]string{"name": {"Amina"}, "language": {"en"}, "mail": {mailbox}, "text": {words}}})
	if bad := (*registration.Invalid)(nil); errors.As(err, &bad) {
		return ""
	} else if err != nil {
		h.t.Fatal(err)
	}
	if len(h.letters) == n {
		return ""
	}
	_, rest, _ := strings.Cut(h.letters[n].Text, "/fr/comments/")
	return strings.Fields(rest)[0]
}

func TestComments(t *testing.T) {
	h := open(t)
	if _, _, err := h.List(ctx, &auth.Actor{}, h.report, comment.Open, "", 0, 10); err == nil {
		t.Error("a stranger reads comments")
	}
	second := h.write("p-2", "amina@example.org", "=HYPERLINK(1)")
	first := h.write("p-1", "bo@example.org", "One thing.")
	for _, key := range []string{second, second, first} { // pressed twice, it counts once
		if err := h.Confirm(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	// A mailbox that somebody floods gets few letters; what is written after them is refused, not dropped.
	sent := 0
	for range 7 {
		if h.write("p-1", "flooded@example.org", "x") != "" {
			sent++
		}
	}
	if sent != discussion.MailboxLetters {
		t.Error("letters to one mailbox:", sent)
	}
	list, counts, err := h.List(ctx, staff, h.report, comment.Open, "", 0, 10)
	if err != nil || len(list) != 2 || list[0].Number != 1 || list[1].Words != "Two." || counts[comment.Open] != 2 {
		t.Fatalf("%+v %v %v", list, counts, err)
	}
	due, err := h.Due(ctx, staff, "report")
	if err != nil || len(due) != 1 || due[0].N != 2 || due[0].Entry != h.report {
		t.Errorf("%+v %v", due, err)
	}
	var bad *registration.Invalid
	for _, x := range []comment.Decision{{Disposition: "nonsense"}, {Disposition: "declined"}, {Disposition: "noted", Reason: strings.Repeat("x", 1001)}} {
		if err := h.Dispose(ctx, staff, h.report, list[0].ID, x); !errors.As(err, &bad) {
			t.Errorf("%+v: %v", x, err)
		}
	}
	n := len(h.letters)
	for range 2 { // told once of the same
		if err := h.Dispose(ctx, staff, h.report, list[0].ID, comment.Decision{Disposition: "partly", Reason: "In part.", Assignee: "acc1", Tell: true}); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.letters) != n+1 || h.letters[n].To != "bo@example.org" {
		t.Errorf("%d letters", len(h.letters)-n)
	}
	if err := h.Withdraw(ctx, first); err != nil {
		t.Fatal(err)
	}
	if _, counts, err = h.List(ctx, staff, h.report, comment.All, "", 0, 10); err != nil || counts["partly"] != 1 || counts[comment.Open] != 1 {
		t.Error(counts, err) // what has been dealt with is not taken back
	}
	steps, err := h.Log(ctx, staff, h.report, list[0].ID)
	if err != nil || len(steps) != 5 || steps[4].Action != "told" {
		t.Errorf("%+v %v", steps, err)
	}

	table, err := h.Table(ctx, staff, h.report, i18n.FR)
	if err != nil || len(table.Rows) != 2 || table.Rows[0][8].Text != "Retenue en partie" {
		t.Fatalf("%+v %v", table, err)
	}
	var csv bytes.Buffer
	if err := table.Write(&csv, sheet.CSV); err != nil || !strings.Contains(csv.String(), "'=HYPERLINK") || strings.Contains(csv.String(), "@example.org") {
		t.Error(csv.String(), err)
	}
	file, err := h.Compilation(ctx, staff, h.report, i18n.AR)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := docx.Read(file, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]docx.TextCell
	for _, b := range doc.Blocks {
		if b.Rows != nil {
			rows = b.Rows
		}
	}
	if len(rows) != 3 || rows[1][1].Blocks[0].String() != "One." || rows[1][5].Blocks[0].String() != "In part." || !rows[0][0].Blocks[0].RTL {
		t.Errorf("%+v", rows)
	}

	// After the date nothing comes in, and long after it addresses are forgotten.
	h.now = time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	if err := h.Confirm(ctx, second); err != nil {
		t.Error(err) // it was confirmed before: nothing changes
	}
	err = h.Write(ctx, h.report, "p-1", discussion.Submission{Locale: i18n.EN, From: netip.MustParseAddr("192.0.2.9")})
	if !errors.As(err, &bad) || bad.Problems[0].Key != "comments.closed" {
		t.Error(err)
	}
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if list, _, _ = h.List(ctx, staff, h.report, comment.All, "", 0, 10); list[0].Mail == "" {
		t.Error("addresses are forgotten before their time")
	}
	h.now = h.now.AddDate(0, 0, 181)
	for range 2 {
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var logged, left int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM audit WHERE action = 'comments.forget'").Scan(ctx, &logged); err != nil || logged != 1 {
		t.Error(logged, err)
	}
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM comments WHERE mail <> '' OR state = 'unverified'").Scan(ctx, &left); err != nil || left != 0 {
		t.Error(left, err)
	}
}
