package content

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

type linkRow struct {
	bun.BaseModel `bun:"table:links,alias:k"`
	FromID        string `bun:",pk"`
	Live          bool   `bun:",pk"`
	Field         string `bun:",pk"` // pattern: "sessions.*.people.*.person"
	Position      int    `bun:",pk"`
	FromKind      string
	ToKind        string // a kind, or "file"
	ToID          string
	Role          string // the role beside the reference, if there is one
}

// Link is a reference found in an entry's value.
type Link struct {
	Field    *Field
	Path     string      // with ids
	Locale   i18n.Locale // of the words a picture stands in; "" for facts
	ToKind   string
	ToID     string
	Role     string
	Position int // within its field, over all items
}

// Links finds the references of a value, in order.
func (k *Kind) Links(value any) []Link {
	var out []Link
	count := map[*Field]int{}
	var walk func(fields []*Field, v reflect.Value, prefix string)
	walk = func(fields []*Field, v reflect.Value, prefix string) {
		role := ""
		for _, f := range fields {
			if f.Type == TypeEnum && (f.Name == "role" || f.Name == "slot") {
				role = v.Field(f.index).String()
			}
		}
		add := func(f *Field, path, kind, id string, l ...i18n.Locale) {
			if id != "" {
				link := Link{Field: f, Path: path, ToKind: kind, ToID: id, Role: role, Position: count[f]}
				if len(l) > 0 {
					link.Locale = l[0]
				}
				out = append(out, link)
				count[f]++
			}
		}
		for _, f := range fields {
			fv := v.Field(f.index)
			switch f.Type {
			case TypeGroup:
				walk(f.Fields, fv, prefix+f.Name+".")
			case TypeList:
				for i := range fv.Len() {
					walk(f.Fields, fv.Index(i), prefix+f.Name+"."+fv.Index(i).Field(0).Field(0).String()+".")
				}
			case TypeRef:
				add(f, prefix+f.Name, f.Of, fv.String())
			case TypeRefs:
				for i := range fv.Len() {
					add(f, prefix+f.Name, f.Of, fv.Index(i).String())
				}
			case TypeFile:
				add(f, prefix+f.Name, "file", fv.String())
			case TypeProse: // its pictures are addresses, not references, but the file is used all the same
				var ids []string
				in := map[string]i18n.Locale{}
				for _, t := range wordings(fv) {
					if !strings.Contains(t.Words, "<img") {
						continue
					}
					for _, m := range pictureInProse.FindAllStringSubmatch(t.Words, -1) {
						if !slices.Contains(ids, m[1]) {
							ids = append(ids, m[1])
							in[m[1]] = t.Locale
						}
					}
				}
				slices.Sort(ids)
				for _, id := range ids {
					add(f, prefix+f.Name, "file", id, in[id])
				}
			}
		}
	}
	walk(k.Fields, reflect.ValueOf(value).Elem(), "")
	return out
}

func (s *Store) writeLinks(ctx context.Context, tx bun.Tx, e *Entry, value any, live bool) error {
	if !e.made {
		if _, err := tx.NewDelete().Model((*linkRow)(nil)).Where("from_id = ? AND live = ?", e.ID, live).Exec(ctx); err != nil {
			return fmt.Errorf("links of %s: %w", e.ID, err)
		}
	}
	var rows []linkRow
	for _, l := range e.Kind.Links(value) {
		rows = append(rows, linkRow{FromID: e.ID, FromKind: e.Kind.Name, Live: live, Field: l.Field.Path, Position: l.Position, ToKind: l.ToKind, ToID: l.ToID, Role: l.Role})
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("links of %s: %w", e.ID, err)
	}
	return nil
}

// checkReferences refuses references to what is not there, is of another kind, or is neither public nor the actor's to
// read: the answer is the same for all three. Only references that are new are looked at, was being the entry before: one
// whose neighbour was deleted, or chosen by someone with more rights, can still be saved.
func (s *Store) checkReferences(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, was, next Parts) error {
	before, after := Parts{Facts: was[Facts]}, Parts{Facts: e.Parts[Facts]}
	for p, leaves := range next {
		if p != Facts && pictured(leaves) {
			before, after[p] = was, leaves // a translation takes over the pictures of its source
		}
	}
	if next[Facts] == nil && len(after) == 1 {
		return nil // only words, and no picture in them
	}
	known := map[string]bool{}
	if old, err := e.Kind.Join(before); err == nil {
		for _, l := range e.Kind.Links(old) {
			known[l.ToID] = true
		}
	}
	value, err := e.Kind.Join(after)
	if err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	fresh := slices.DeleteFunc(e.Kind.Links(value), func(l Link) bool { return known[l.ToID] })
	kinds, err := s.reachable(ctx, tx, who, e.Kind, fresh)
	if err != nil {
		return err
	}
	var problems []Problem
	for _, l := range fresh {
		kind, of, _ := strings.Cut(kinds[l.ToID], ":")
		switch {
		case kind == "file" && l.ToKind == "file":
			if key := refused(l.Field.Of, of); key != "" {
				problems = append(problems, Problem{Path: l.Path, Blocks: true, Key: key})
			}
		case kind != l.ToKind || l.ToID == e.ID:
			problems = append(problems, Problem{Path: l.Path, Locale: l.Locale, Blocks: true, Key: "problem.reference"})
		}
	}
	if len(problems) > 0 {
		return &Invalid{problems}
	}
	return nil
}

// refused says why a field does not take a kind of file, as a message's key; "" where it does. Which documents and
// pictures there are is the editors' to say.
func refused(of, kind string) string {
	switch {
	case of == "captions" && kind != of:
		return "problem.file_captions"
	case of == "audio" && kind != of:
		return "problem.file_audio"
	case of == "media" && kind != "video" && kind != "audio":
		return "problem.file_media"
	}
	return ""
}

// reachable gives the kinds of what an actor may refer to, by id: entries that are public or hers to read, and files, as
// "file:" and their kind.
func (s *Store) reachable(ctx context.Context, tx bun.Tx, who *auth.Actor, of *Kind, links []Link) (map[string]string, error) {
	var ids, files []string
	for _, l := range links {
		if l.ToKind == "file" {
			files = append(files, l.ToID)
		} else {
			ids = append(ids, l.ToID)
		}
	}
	kinds := map[string]string{}
	if len(ids) > 0 {
		var rows []row
		if err := tx.NewSelect().Model(&rows).Column("id", "kind", "office_id", "series_id", "event_id", "created_by", "live").
			Where("e.id IN (?)", bun.List(ids)).Where("e.deleted_at IS NULL").Scan(ctx); err != nil {
			return nil, fmt.Errorf("references of a %s: %w", of.Name, err)
		}
		for _, r := range rows {
			if r.Live || who.Can(auth.Read, r.object()) {
				kinds[r.ID] = r.Kind
			}
		}
	}
	if len(files) > 0 {
		found, err := s.Files(ctx, tx, who, files)
		if err != nil {
			return nil, fmt.Errorf("files of a %s: %w", of.Name, err)
		}
		for id, kind := range found {
			kinds[id] = "file:" + kind
		}
	}
	return kinds, nil
}

func pictured(words Leaves) bool {
	for _, raw := range words {
		if bytes.Contains(raw, []byte("/media/")) {
			return true
		}
	}
	return false
}

var pictureInProse = regexp.MustCompile(`<img[^>]* src="/media/([0-9a-z]+)/`)

// FileUsed is the condition of FileUsedBy for a query over files, of which m is one.
const FileUsed = `EXISTS (SELECT 1 FROM links k JOIN entries e ON e.id = k.from_id
	WHERE k.to_id = m.id AND k.to_kind = 'file' AND (k.live OR e.deleted_at IS NULL))`

// FileUsedBy names the entries, drafts included and deleted ones not, that show a file.
func (s *Store) FileUsedBy(ctx context.Context, fileID string) ([]string, error) {
	return s.FileUsedByTx(ctx, s.DB.Read(), fileID)
}

// FileUsedByTx is FileUsedBy as a transaction sees it.
func (s *Store) FileUsedByTx(ctx context.Context, q bun.IDB, fileID string) ([]string, error) {
	var ids []string
	err := q.NewRaw(`SELECT DISTINCT k.from_id FROM links k JOIN entries e ON e.id = k.from_id
		WHERE k.to_id = ? AND k.to_kind = 'file' AND (k.live OR e.deleted_at IS NULL)`, fileID).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("who uses file %s: %w", fileID, db.Normalize(err))
	}
	return ids, nil
}

// refers gives the ids of the entries that a value refers to, each once: of Links, what a page being made needs to know.
func (k *Kind) refers(value any) []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	var walk func(fields []*Field, v reflect.Value)
	walk = func(fields []*Field, v reflect.Value) {
		for _, f := range fields {
			fv := v.Field(f.index)
			switch f.Type {
			case TypeGroup:
				walk(f.Fields, fv)
			case TypeList:
				for i := range fv.Len() {
					walk(f.Fields, fv.Index(i))
				}
			case TypeRef:
				add(fv.String())
			case TypeRefs:
				for i := range fv.Len() {
					add(fv.Index(i).String())
				}
			case TypeProse:
				for _, w := range wordings(fv) {
					for _, id := range linkedEntries(w.Words) {
						add(id)
					}
				}
			}
		}
	}
	walk(k.Fields, reflect.ValueOf(value).Elem())
	return out
}
