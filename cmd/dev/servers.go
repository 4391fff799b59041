package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// servers starts what steps ask for, once, in a folder that is removed at the end.
type servers struct {
	processes
	in       *installer
	dir      string // temporary, readable by others: PostgreSQL may run as another user
	postgres string // address of the running database, once asked for
	s3       string
	demos    map[int]*demoSite
}

// demoSite is the program, started as a visitor of the README would start it.
type demoSite struct {
	url, accounts string // base address; file with the accounts
	dir           string // of its database and files
	process       *process
	start         time.Duration // from the start of the process to its first page
}

// startPostgres makes and starts an empty database and gives its address. It runs as an unprivileged user, keeps
// nothing through a crash (fsync is off: tests only), and listens on loopback with a random password.
func (s *servers) startPostgres(ctx context.Context) (string, error) {
	if s.postgres != "" {
		return s.postgres, nil
	}
	bin, err := postgresBin()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.dir, "postgres")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	password := rand.Text()
	pwfile := filepath.Join(dir, "password")
	if err := os.WriteFile(pwfile, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	cred, err := unprivileged(dir, pwfile)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := commandContext(ctx, dir, filepath.Join(bin, "initdb"), "-D", data, "-U", "plenary", "--pwfile", pwfile, "-A", "scram-sha-256",
		"-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr.Credential = cred
	initdb.Env = append(os.Environ(), "LC_ALL=C")
	if err := run(initdb); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	pr, err := s.start("postgres", cmd, syscall.SIGINT) // its "fast" shutdown: does not wait for clients
	if err != nil {
		return "", err
	}
	address := func(db string) string {
		return fmt.Sprintf("postgres://plenary:%s@127.0.0.1:%d/%s?sslmode=disable", password, port, db)
	}
	if err := pr.wait(ctx, 30*time.Second, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, address("postgres"))
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "CREATE DATABASE plenary_test")
		return err
	}); err != nil {
		return "", err
	}
	s.postgres = address("plenary_test")
	return s.postgres, nil
}

// unprivileged gives the files to the user who shall run PostgreSQL: it refuses to run as root. Nil means ourselves.
func unprivileged(files ...string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres") // the package makes it
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := os.Chown(f, uid, gid); err != nil {
			return nil, err
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// startS3 starts an S3 server over a folder, makes a bucket, and gives the address as PLENARY_STORAGE takes it.
func (s *servers) startS3(ctx context.Context) (string, error) {
	if s.s3 != "" {
		return s.s3, nil
	}
	objects, meta := filepath.Join(s.dir, "s3", "objects"), filepath.Join(s.dir, "s3", "meta")
	for _, d := range []string{objects, meta} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return "", err
		}
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	key, secret, host := "plenary", rand.Text(), fmt.Sprintf("127.0.0.1:%d", port)
	// The sidecar folder keeps metadata in files: not every file system has extended attributes.
	cmd := exec.Command(s.in.goProgram(versitygw), "--port", host, "posix", "--sidecar", meta, objects)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+key, "ROOT_SECRET_KEY="+secret)
	pr, err := s.start("versitygw", cmd, syscall.SIGTERM)
	if err != nil {
		return "", err
	}
	client, err := minio.New(host, &minio.Options{Creds: credentials.NewStaticV4(key, secret, "")})
	if err != nil {
		return "", err
	}
	if err := pr.wait(ctx, 30*time.Second, func(ctx context.Context) error {
		ok, err := client.BucketExists(ctx, "plenary")
		if err == nil && !ok {
			err = client.MakeBucket(ctx, "plenary", minio.MakeBucketOptions{})
		}
		return err
	}); err != nil {
		return "", err
	}
	s.s3 = fmt.Sprintf("s3://%s:%s@%s/plenary?tls=0", key, secret, host)
	return s.s3, nil
}

// startDemo serves demo site n, from 0, from the given binary.
func (s *servers) startDemo(ctx context.Context, binary string, n int) (*demoSite, error) {
	if d := s.demos[n]; d != nil {
		return d, nil
	}
	dir := filepath.Join(s.dir, fmt.Sprint("demo", n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	host := fmt.Sprintf("127.0.0.1:%d", port)
	d := &demoSite{url: "http://" + host, accounts: filepath.Join(s.dir, fmt.Sprintf("accounts%d.json", n)), dir: dir}
	cmd := exec.Command(binary, "demo", "--dir", dir, "--listen", host, "--accounts-file", d.accounts)
	cmd.Dir = dir // nothing of the source tree: the binary must have everything inside
	if d.process, err = s.start("plenary demo", cmd, syscall.SIGTERM); err != nil {
		return nil, err
	}
	if err := d.process.wait(ctx, 2*time.Minute, func(ctx context.Context) error { return getOK(ctx, d.url+"/en/") }); err != nil {
		return nil, err
	}
	if s.demos == nil {
		s.demos = map[int]*demoSite{}
	}
	s.demos[n] = d
	return d, nil
}

// serve starts the program once more, on the database and files of a demo site, and waits for the page at path. The
// caller ends its process when done with it.
func (s *servers) serve(ctx context.Context, binary, dir, path string, env ...string) (*demoSite, error) {
	databases, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil || len(databases) != 1 {
		return nil, fmt.Errorf("%d files *.db in %s, want one", len(databases), dir)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	host := fmt.Sprintf("127.0.0.1:%d", port)
	d := &demoSite{url: "http://" + host, dir: dir}
	cmd := exec.Command(binary, "serve", "--listen", host)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "PLENARY_DATABASE=sqlite:"+databases[0], "PLENARY_STORAGE=file:"+filepath.Join(dir, "uploads"))
	cmd.Env = append(cmd.Env, env...)
	begin := time.Now()
	if d.process, err = s.start("plenary serve", cmd, syscall.SIGTERM); err != nil {
		return nil, err
	}
	err = d.process.wait(ctx, time.Minute, func(ctx context.Context) error { return getOK(ctx, d.url+path) })
	d.start = time.Since(begin)
	return d, err
}

// getOK asks for a page and wants 200.
func getOK(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, res.Status)
	}
	return nil
}
