package site

import (
	"slices"
	"time"

	"plenary/internal/content"
	"plenary/internal/kind"
)

// What others say of an entry: its own page shows it, although it names none of them.

// children are the parts of an event's page for those that name it as their parent, by how they belong to it, in the order of
// the days; and those that do not say how.
func (v *eventPage) children(now time.Time) (parts []part, others []content.Publication, err error) {
	list, err := v.site.Content.Referring(v.ctx, v.base.Locale, v.ID, "parent", "event")
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	whole, err := v.site.Content.Neighbours(v.ctx, v.base.Locale, ids)
	if err != nil {
		return nil, nil, err
	}
	slices.Reverse(list)
	by := map[string][]content.Publication{}
	for _, e := range list {
		if n := whole[e.ID]; n != nil {
			relation := n.Value.(*kind.Event).Relation
			by[relation] = append(by[relation], e)
		}
	}
	for _, x := range []struct{ relation, id, heading string }{{"in_margins_of", "side-events", "around.side_events"}, {"joint_with", "joint-events", "around.joint_events"},
		{"follow_up_to", "follow-ups", "around.follow_ups"}} {
		if len(by[x.relation]) > 0 {
			parts = append(parts, part{ID: x.id, Kind: "cards", Heading: v.message(x.heading), Data: v.rows(now, by[x.relation])})
		}
	}
	return parts, by[""], nil
}

// usedIn are the events whose page shows a document: those it names itself, and those that name it.
func (p *entryPage) usedIn(x *kind.Document) ([]named, error) {
	var out []named
	var ids []string
	if n := p.neighbour(x.Event); n != nil {
		out, ids = append(out, p.namedNeighbour(n)), append(ids, n.ID)
	}
	list, err := p.site.Content.Referring(p.ctx, p.base.Locale, p.ID, "", "event")
	if err != nil {
		return nil, err
	}
	const most = 20
	for _, e := range list[:min(len(list), most)] {
		if !slices.Contains(ids, e.ID) {
			out = append(out, named{publicationTitle(p.base.Locale, e), p.URL(e.Path)})
		}
	}
	return out, nil
}

func has(list []content.Publication, id string) bool {
	return slices.ContainsFunc(list, func(p content.Publication) bool { return p.ID == id })
}
