package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
)

// disk keeps objects in a folder. All access goes through os.Root, so that not even a wrong key or a link inside the
// folder leads outside it.
type disk struct{ root *os.Root }

const unfinished = ".unfinished" // folder of objects being written, inside the storage folder so that rename is atomic

func openDisk(folder string) (Storage, error) {
	if folder == "" {
		return nil, fmt.Errorf("storage address: a folder must follow file:")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	if err := root.Mkdir(unfinished, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	d := &disk{root}
	d.clean(time.Now().Add(-time.Hour)) // what an earlier process left; not what another one is writing now
	return d, nil
}

func (d *disk) clean(before time.Time) {
	names, err := fs.ReadDir(d.root.FS(), unfinished)
	if err != nil {
		return
	}
	for _, n := range names {
		if i, err := n.Info(); err == nil && i.ModTime().Before(before) {
			d.root.Remove(unfinished + "/" + n.Name())
		}
	}
}

var keyPattern = regexp.MustCompile(`^[0-9a-f]{2}/[0-9a-f]{30}$`)

func checkKey(key string) error {
	if !keyPattern.MatchString(key) {
		return fmt.Errorf("%w: not a key of ours", ErrNoObject)
	}
	return nil
}

func (d *disk) Put(ctx context.Context, key string, r io.Reader, size int64, _ string) (err error) {
	if err := checkKey(key); err != nil {
		return err
	}
	temp := unfinished + "/" + strings.ReplaceAll(key, "/", "")
	f, err := d.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return storageError("write", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			d.root.Remove(temp)
		}
	}()
	n, err := io.Copy(f, stopWith(ctx, r))
	if err != nil {
		return storageError("write", err)
	}
	if n != size {
		return fmt.Errorf("store: %d bytes came, %d were announced", n, size)
	}
	if err := f.Sync(); err != nil {
		return storageError("write", err)
	}
	if err := f.Close(); err != nil {
		return storageError("write", err)
	}
	dir := path.Dir(key)
	if err := d.root.Mkdir(dir, 0o700); err == nil {
		err = d.syncFolder(".")
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return storageError("write", err)
	}
	// Link, unlike rename, refuses to replace; but not every file system has it. Keys are random: rename it is.
	if err := d.root.Rename(temp, key); err != nil {
		return storageError("write", err)
	}
	// Without this a power cut may take the name away although the bytes are there.
	return d.syncFolder(dir)
}

func (d *disk) syncFolder(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return storageError("write", err)
	}
	defer f.Close()
	return storageError("write", f.Sync())
}

func (d *disk) Open(_ context.Context, key string) (*Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := d.root.Open(key)
	if err != nil {
		return nil, storageError("open", err)
	}
	i, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, storageError("open", err)
	}
	return &Object{f, i.Size(), i.ModTime()}, nil
}

func (d *disk) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := d.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storageError("delete", err)
	}
	return nil
}

func (d *disk) Check(context.Context) error {
	name := unfinished + "/check-" + strings.ReplaceAll(newKey(), "/", "")
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return storageError("check", err)
	}
	_, err = f.Write([]byte{1})
	f.Close()
	d.root.Remove(name)
	return storageError("check", err)
}

// storageError wraps a failure of the store as ErrStorage, or as ErrNoObject where that is what it says.
func storageError(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrStorage), errors.Is(err, ErrNoObject), errors.Is(err, context.Canceled), errors.Is(err, errBody):
		return err
	case errors.Is(err, fs.ErrNotExist) && what == "open":
		return fmt.Errorf("%w: %w", ErrNoObject, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrStorage, what, err)
}

// errBody marks a failure of the reader that is being stored, which is not the store's fault.
var errBody = errors.New("reading the upload")

type stopper struct {
	ctx context.Context
	r   io.Reader
}

// stopWith makes a reader fail once ctx has ended.
func stopWith(ctx context.Context, r io.Reader) io.Reader { return stopper{ctx, r} }

func (s stopper) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", errBody, err)
	}
	return n, err
}
