package content

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// Whoever may contribute to an entry brings their own people and documents into its lists, and changes and takes out what is
// theirs. Whose an item is follows from what it refers to: it is theirs who may change that.

// Partner is an organisation that is asked to work on an entry beside its owner.
type Partner struct {
	Organization string // id
	Signs        bool   // it signs off what is published
	Waits        bool   // and publishing waits for it
}

// Partnered is a kind's struct of what several organisations may work on.
type Partnered interface{ Partners() []Partner }

// Partners are the organisations that are asked to work on the entry, each once, as its working facts say.
func (e *Entry) Partners() []Partner {
	x, ok := e.Value.(Partnered)
	if !ok {
		return nil
	}
	var out []Partner
	for _, p := range x.Partners() {
		if i := slices.IndexFunc(out, func(o Partner) bool { return o.Organization == p.Organization }); i >= 0 {
			out[i].Signs, out[i].Waits = out[i].Signs || p.Signs, out[i].Waits || p.Waits
			continue
		}
		out = append(out, p)
	}
	return out
}

// partnersOf is the column by which rights are asked: the ids, each between blanks.
func partnersOf(value any) string {
	var ids []string
	for _, p := range (&Entry{Value: value}).Partners() {
		ids = append(ids, p.Organization)
	}
	if len(ids) == 0 {
		return ""
	}
	slices.Sort(ids)
	return " " + strings.Join(ids, " ") + " "
}

// OwnRef is the field of a list's items that tells whose an item is, nil where nobody's are told apart.
func (f *Field) OwnRef() *Field {
	if f == nil || f.Type != TypeList {
		return nil
	}
	for _, x := range f.Fields {
		if x.Own {
			return x
		}
	}
	return nil
}

// MayContribute reports whether the actor may bring their own into the lists of the entry.
func (e *Entry) MayContribute(who *auth.Actor) bool {
	return e.Deleted == nil && who.Can(auth.Contribute, e.Object())
}

// ItemOf finds the item of a list of own items that a path lies in: "sessions.k3f9.people", "p2". Empty if there is none.
func (k *Kind) ItemOf(path string) (list, item string) {
	segs := strings.Split(path, ".")
	for i := 1; i < len(segs)-1; i++ {
		if at := strings.Join(segs[:i], "."); k.Field(at).OwnRef() != nil {
			return at, segs[i]
		}
	}
	return "", ""
}

// Owner tells which entries are an actor's to change, asking for each once.
type Owner struct {
	store *Store
	q     bun.IDB
	who   *auth.Actor
	known map[string]bool
}

// OwnedBy makes an Owner.
func (s *Store) OwnedBy(q bun.IDB, who *auth.Actor) *Owner {
	return &Owner{s, q, who, map[string]bool{}}
}

// Has reports whether the entry is there and the actor's to change.
func (o *Owner) Has(ctx context.Context, id string) (bool, error) {
	if is, ok := o.known[id]; ok || id == "" {
		return is, nil
	}
	var r row
	err := db.Normalize(o.q.NewSelect().Model(&r).Where("e.id = ? AND e.deleted_at IS NULL", id).Scan(ctx))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	o.known[id] = err == nil && o.who.Can(auth.EditFacts, r.object())
	return o.known[id], nil
}

// contributes reports whether what a change does to parts that the actor may not change as a whole is about items of their own
// alone: added at the end of their lists, changed, or taken out. Nothing of others' moves, and what only staff see stays.
func (s *Store) contributes(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, next Parts, beyond []Part) (bool, error) {
	if !e.MayContribute(who) {
		return false, nil
	}
	before := orEmpty(e.Parts[Facts])
	after := before
	if next[Facts] != nil {
		after = next[Facts]
	}
	owner := s.OwnedBy(tx, who)
	own := func(list, item string) (bool, error) {
		listed := false
		for _, facts := range []Leaves{before, after} {
			ids, err := ItemIDs(facts[list])
			if err != nil {
				return false, err
			}
			if !slices.Contains(ids, item) {
				continue
			}
			listed = true
			if ok, err := owner.Has(ctx, refOf(facts[list+"."+item+"."+e.Kind.Field(list).OwnRef().Name])); err != nil || !ok {
				return false, err
			}
		}
		return listed, nil
	}
	for _, p := range beyond {
		for path := range union(orEmpty(e.Parts[p]), next[p]) {
			if string(e.Parts[p][path]) == string(next[p][path]) {
				continue
			}
			f := e.Kind.Field(path)
			if f == nil || f.Staff {
				return false, nil
			}
			if f.OwnRef() != nil {
				ok, err := ownOrder(path, before, after, own)
				if err != nil || !ok {
					return false, err
				}
				continue
			}
			list, item := e.Kind.ItemOf(path)
			if list == "" {
				return false, nil
			}
			if ok, err := own(list, item); err != nil || !ok {
				return false, err
			}
		}
	}
	return true, nil
}

// ownOrder reports whether a list differs by items of one's own alone: some gone, some new at its end, all others in their order.
func ownOrder(list string, before, after Leaves, own func(list, item string) (bool, error)) (bool, error) {
	was, err := ItemIDs(before[list])
	if err != nil {
		return false, err
	}
	now, err := ItemIDs(after[list])
	if err != nil {
		return false, err
	}
	var stay, added []string
	for _, id := range was {
		if slices.Contains(now, id) {
			stay = append(stay, id)
		} else if ok, err := own(list, id); err != nil || !ok {
			return false, err
		}
	}
	for _, id := range now {
		if !slices.Contains(was, id) {
			added = append(added, id)
			if ok, err := own(list, id); err != nil || !ok {
				return false, err
			}
		}
	}
	return slices.Equal(now, append(stay, added...)), nil
}
