package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// govulncheck is the Go team's scanner, which asks its database about what our code calls.
const govulncheck = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"

// errUnknown is why a step could tell neither that all is well nor that it is not. It fails nothing, and the table says so.
type errUnknown struct{ why string }

func (e errUnknown) Error() string { return e.why }

// vulns looks for known weaknesses in the code that the program calls. Where the database cannot be reached (it is at
// vuln.go.dev; GOVULNDB names a copy, file:///… too), nothing is known, and that is what it says.
func (r *checkRun) vulns(ctx context.Context) error {
	database := os.Getenv("GOVULNDB")
	if database == "" {
		database = "https://vuln.go.dev"
	}
	if err := reachable(ctx, database); err != nil {
		return errUnknown{fmt.Sprintf("the database of weaknesses cannot be reached: %v", err)}
	}
	if err := r.command(ctx, "go", "run", govulncheck, "-version").Run(); err != nil {
		return errUnknown{fmt.Sprintf("the scanner cannot be had: %v", err)}
	}
	return r.command(ctx, "go", "run", govulncheck, "-tags", "nomsgpack,nodynamic", "./cmd/plenary").Run()
}

func reachable(ctx context.Context, database string) error {
	if folder, ok := strings.CutPrefix(database, "file://"); ok {
		_, err := os.Stat(folder)
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, database+"/index/db.json", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
