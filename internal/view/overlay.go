package view

import (
	"errors"
	"io/fs"
	"sort"
)

// Overlay lays file systems over each other: a file is taken from the first that has it, so a theme's folder needs to
// hold only what differs.
func Overlay(layers ...fs.FS) fs.FS {
	if len(layers) == 1 {
		return layers[0]
	}
	return overlay(layers)
}

type overlay []fs.FS

func (o overlay) Open(name string) (fs.File, error) {
	err := error(&fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist})
	for _, l := range o {
		f, e := l.Open(name)
		if e == nil {
			return f, nil
		}
		if !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}
	return nil, err
}

// ReadDir joins the layers' folders, so that fs.Glob sees all files.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	seen := map[string]fs.DirEntry{}
	found := false
	for _, l := range o {
		entries, err := fs.ReadDir(l, name)
		if err != nil {
			continue
		}
		found = true
		for _, e := range entries {
			if _, ok := seen[e.Name()]; !ok {
				seen[e.Name()] = e
			}
		}
	}
	if !found {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	out := make([]fs.DirEntry, 0, len(seen))
	for _, e := range seen {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}
