package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/netutil"
)

const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 60 * time.Second
	writeTimeout   = 90 * time.Second
	idleTimeout    = 120 * time.Second
	stopWithin     = 20 * time.Second
	maxConnections = 4096
)

// Check is one thing readiness depends on; its name is told to whoever asks, its error only to the log.
type Check struct {
	Name  string
	Check func(ctx context.Context) error
}

type health struct {
	checks []Check
	mu     sync.Mutex
	at     time.Time
	reason string
}

// alive never looks at anything: a restart would not help a database that is away.
func (s *Server) alive(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.String(http.StatusOK, "ok\n")
}

func (s *Server) ready(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	reason := "stopping"
	if !s.draining.Load() {
		reason = s.health.reasonNow(s.log)
	}
	if reason != "" {
		c.String(http.StatusServiceUnavailable, "not ready: %s\n", reason)
		return
	}
	c.String(http.StatusOK, "ready\n")
}

// reasonNow looks at most once a second, however many ask.
func (h *health) reasonNow(log *slog.Logger) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < time.Second {
		return h.reason
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	reason := ""
	for _, check := range h.checks {
		if err := check.Check(ctx); err != nil {
			reason = check.Name
			if h.reason != reason {
				log.Error("not ready", "check", check.Name, "error", err.Error())
			}
			break
		}
	}
	if h.reason != "" && reason == "" {
		log.Info("ready again")
	}
	h.reason, h.at = reason, time.Now()
	return reason
}

// Run listens and serves until ctx ends, then stops in order: not ready any more; for the drain period it goes on
// serving, telling each client to close, while balancers look away; then running requests are finished. It returns
// within 20 s of the end of ctx.
func (s *Server) Run(ctx context.Context, e *gin.Engine) error {
	l, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return s.Serve(ctx, e.Handler(), l)
}

// Serve is Run for any handler, on a listener that is already open. It closes l.
func (s *Server) Serve(ctx context.Context, h http.Handler, l net.Listener) error {
	srv := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.draining.Load() {
				w.Header().Set("Connection", "close")
			}
			h.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	l = netutil.LimitListener(l, maxConnections)
	finished := func(context.Context) {}
	if s.Ready != nil {
		f := newFront(l, s.Ready, &s.draining, s.log)
		l, finished = f, func(ctx context.Context) { f.finish(ctx.Done()) }
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.log.Info("stopping", "drain", s.cfg.Drain.String())
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin-time.Second)
	defer cancel()
	if drain := min(s.cfg.Drain, 15*time.Second); drain > 0 {
		select {
		case <-time.After(drain):
		case err := <-failed:
			return fmt.Errorf("serve: %w", err)
		}
	}
	defer finished(stop)
	if err := srv.Shutdown(stop); err != nil {
		srv.Close()
		if errors.Is(err, context.DeadlineExceeded) {
			s.log.Warn("stopped with requests still running")
			return nil
		}
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
