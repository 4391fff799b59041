package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
)

// A notice tells every instance that something changed: a topic ("generation") and a short text. It goes out when the
// transaction that sent it commits. Notices can be lost when a connection breaks: receivers get an empty text after
// every reconnection and must look for themselves.

// channelOf names the server's channel for the notices of one schema: several sites may share a database.
func channelOf(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	var schema string
	if err := pool.QueryRow(ctx, "SELECT coalesce(current_schema(), '')").Scan(&schema); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(schema)) // a channel's name is shorter than a schema's may be
	return "plenary_" + hex.EncodeToString(sum[:8]), nil
}

type hub struct {
	mu     sync.Mutex
	subs   map[string][]func(string)
	cancel context.CancelFunc
	// On PostgreSQL, the name of this instance and where notices are heard.
	self, channel string
}

func (h *hub) deliver(topic, text string) {
	h.mu.Lock()
	subs := append([]func(string){}, h.subs[topic]...)
	h.mu.Unlock()
	for _, f := range subs {
		f(text)
	}
}

func (h *hub) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var topics []string
	for t := range h.subs {
		topics = append(topics, t)
	}
	return topics
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		h.cancel()
	}
}

// OnNotice calls f for each notice of the topic, in the order they arrive. f must not block.
func (d *DB) OnNotice(topic string, f func(text string)) {
	d.hub.mu.Lock()
	defer d.hub.mu.Unlock()
	if d.hub.subs == nil {
		d.hub.subs = map[string][]func(string){}
	}
	d.hub.subs[topic] = append(d.hub.subs[topic], f)
}

// Notify sends a notice to the other instances as part of tx. This instance's own receivers are called by Delivered,
// after the commit.
func (d *DB) Notify(ctx context.Context, tx bun.Tx, topic, text string) error {
	if !d.Postgres() {
		return nil // one process: Delivered is all there is
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_notify(?, ?)", d.hub.channel, d.hub.self+" "+topic+" "+text)
	return err
}

// Delivered calls this instance's receivers; to be called after the transaction with Notify has been committed, so
// that whoever changed something sees it at once.
func (d *DB) Delivered(topic, text string) { d.hub.deliver(topic, text) }

// Announce is Notify and, once tx has been committed, Delivered. ctx is the one InTx gave.
func (d *DB) Announce(ctx context.Context, tx bun.Tx, topic, text string) error {
	AfterCommit(ctx, func() { d.Delivered(topic, text) })
	return d.Notify(ctx, tx, topic, text)
}

// Listen hears the notices of other instances until ctx ends; on SQLite there are none. It keeps one connection.
func (d *DB) Listen(ctx context.Context) {
	if !d.Postgres() {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	d.hub.mu.Lock()
	d.hub.cancel = cancel
	d.hub.mu.Unlock()
	for ctx.Err() == nil {
		err := d.listenOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		slog.Warn("notices: connection lost, trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (d *DB) listenOnce(ctx context.Context) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// A connection that listens must not go back to the pool.
	raw := conn.Hijack()
	defer raw.Close(context.WithoutCancel(ctx))
	if _, err := raw.Exec(ctx, "LISTEN "+d.hub.channel); err != nil {
		return err
	}
	for _, t := range d.hub.all() {
		d.hub.deliver(t, "")
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		// The server sends our own notices back. They were delivered after the commit: what has been made since then
		// is not thrown away again.
		from, notice, _ := strings.Cut(n.Payload, " ")
		if topic, text, ok := strings.Cut(notice, " "); ok && from != d.hub.self {
			d.hub.deliver(topic, text)
		}
	}
}
