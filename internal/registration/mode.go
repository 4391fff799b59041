package registration

import (
	"context"
	"math"

	"github.com/uptrace/bun"
)

// Who registers for a hybrid event comes to the room or joins online. Places are counted by that: those in the room are the
// form's places, those online have a limit of their own, or none. Who has a place in one and wishes for the other keeps it
// until there is one: nobody gives up what they have for a turn on a list.

// How somebody takes part in a hybrid event.
const (
	InPerson = "in_person"
	Online   = "online"
)

// Modes are the ways to take part in a hybrid event.
var Modes = []string{InPerson, Online}

// other is the mode that a mode is not.
func other(mode string) string {
	if mode == Online {
		return InPerson
	}
	return Online
}

// Takes is how somebody with a mode takes part; "" where there is nothing to choose. Who registered before it was asked has a
// place in the room: there was one for all.
func (f *Form) Takes(mode string) string {
	switch {
	case !f.Hybrid:
		return ""
	case mode == Online:
		return Online
	}
	return InPerson
}

// Limit is how many places there are in a mode ("" where there is nothing to choose); 0: no limit.
func (f *Form) Limit(mode string) int {
	if mode == Online {
		return f.OnlineCapacity
	}
	return f.Capacity
}

// Fixed is the mode in which all people of a category take part; "" where they choose.
func (f *Form) Fixed(category string) string {
	if c := f.Category(category); c != nil && f.Hybrid {
		return c.Mode
	}
	return ""
}

// AsksMode says whether the form asks how somebody takes part: not where all categories that one can choose tell it.
func (f *Form) AsksMode() bool {
	if !f.Hybrid {
		return false
	}
	offered := f.Offered()
	for _, c := range offered {
		if c.Mode == "" {
			return true
		}
	}
	return len(offered) == 0
}

// Joins says whether somebody is let into the meeting online: of a hybrid event, who takes part so, who wants to besides, and
// who registered before it was asked.
func (f *Form) Joins(r *Registration) bool {
	return !f.Hybrid || r.Mode != InPerson || r.AlsoOnline
}

// pool is what places are counted by.
type pool struct{ category, mode string }

// places are those of a form that are taken, and who waits for one.
type places struct {
	form  *Form
	taken map[pool]int
	waits map[pool]int   // people on the waiting list
	moves map[string]int // people with a place who wait for one in another mode, by that
}

func (p *places) pool(r *row) pool { return pool{r.Category, p.form.Takes(r.Mode)} }

// count adds somebody where they stand, or takes them away.
func (p *places) count(r *row, by int) {
	at := p.pool(r)
	switch {
	case holds(r.State):
		if p.taken[at] += by; p.wishes(r) {
			p.moves[r.Wish] += by
		}
	case r.State == Waitlisted:
		p.waits[at] += by
	}
}

// wishes says whether somebody who has a place waits for one in another mode.
func (p *places) wishes(r *row) bool {
	return p.form.Hybrid && r.State == Confirmed && r.Wish != "" && r.Wish != p.form.Takes(r.Mode)
}

// unlimited is how many places are left where there is no limit.
const unlimited = math.MaxInt

// space is how many places are left in a mode; less than 0 where more are taken than there are.
func (p *places) space(mode string) int {
	limit := p.form.Limit(mode)
	if limit == 0 {
		return unlimited
	}
	for at, n := range p.taken {
		if at.mode == mode {
			limit -= n
		}
	}
	return limit
}

// within is space in a category.
func (p *places) within(category string) int {
	c := p.form.Category(category)
	if c == nil || c.Capacity == 0 {
		return unlimited
	}
	left := c.Capacity
	for at, n := range p.taken {
		if at.category == category {
			left -= n
		}
	}
	return left
}

// room says whether there is a place.
func (p *places) room(at pool) bool { return p.space(at.mode) > 0 && p.within(at.category) > 0 }

// behind says whether places are free for people who wait: a portion of them got theirs, and the next is on its way.
func (h *held) behind() bool {
	if h.Form.Off || h.Form.Over(h.now) {
		return false
	}
	for at, n := range h.waits {
		if n > 0 && h.room(at) {
			return true
		}
	}
	for mode, n := range h.moves {
		if n > 0 && h.space(mode) > 0 {
			return true
		}
	}
	return false
}

// open limits a query to those who wait and for whom places are free.
func (h *held) open(q *bun.SelectQuery) *bun.SelectQuery {
	for at, n := range h.waits {
		if n <= 0 || !h.room(at) {
			continue
		}
		modes := []string{at.mode, ""}
		if at.mode == Online {
			modes = modes[:1]
		}
		if at.mode == "" {
			q = q.WhereOr("r.state = ? AND r.category = ?", Waitlisted, at.category)
			continue
		}
		q = q.WhereOr("r.state = ? AND r.category = ? AND r.mode IN (?)", Waitlisted, at.category, bun.List(modes))
	}
	for mode, n := range h.moves {
		if n > 0 && h.space(mode) > 0 {
			q = q.WhereOr("r.state = ? AND r.wish = ?", Confirmed, mode)
		}
	}
	return q
}

// spare says whether a place stays free when all who wait have theirs.
func (h *held) spare(at pool) bool {
	mode, category := h.moves[at.mode], 0
	for x, n := range h.waits {
		if x.mode == at.mode {
			mode += n
		}
		if x.category == at.category {
			category += n
		}
	}
	return h.space(at.mode) > mode && h.within(at.category) > category
}

// alter changes how somebody takes part or wishes to, and what is counted of it.
func (h *held) alter(r *row, mode, wish string) {
	h.count(r, -1)
	r.Mode, r.Wish = mode, wish
	h.count(r, +1)
}

// move gives somebody who has a place one in another mode instead. They asked for it and can go back: it is not offered first.
func (s *Store) move(ctx context.Context, tx bun.Tx, h *held, r *row, to, action, actor string) error {
	h.alter(r, to, "")
	r.AlsoOnline = false
	return s.tell(ctx, tx, h, r, r.State, action, actor, "switched")
}

var (
	// errModeFull says that all places in the mode are taken, and that there is no list for them.
	errModeFull = refuse("", "registration.mode_full")
	// errModeFixed says that somebody's category tells how they take part.
	errModeFixed = refuse("", "registration.mode_fixed")
)

// Switch changes how somebody takes part, by the private link. Where no place is free, who has one keeps it and waits; who waits
// for the room can take a place online and keeps the turn. To the mode they are in, it ends the wait for the other.
func (s *Store) Switch(ctx context.Context, token, to string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if !h.Form.MaySwitch(r.State, to, h.now) && h.Form.Takes(r.Mode) != to {
			return refuse("", "registration.edit_closed")
		}
		return s.switchTo(ctx, tx, h, r, to, "")
	})
}

func (s *Store) switchTo(ctx context.Context, tx bun.Tx, h *held, r *row, to, actor string) error {
	is := h.Form.Takes(r.Mode)
	switch {
	case is == "" || to != InPerson && to != Online:
		return refuse("", "registration.choice")
	case h.Form.Fixed(r.Category) != "":
		return errModeFixed
	case to == is && r.Wish == "" || r.Wish == to:
		return nil
	case to == is:
		h.alter(r, r.Mode, "")
		return s.set(ctx, tx, h, r, r.State, "stays", actor)
	case r.State == Pending:
		h.alter(r, to, "")
		return s.set(ctx, tx, h, r, r.State, "switched", actor)
	}
	behind := h.behind()
	if !behind {
		if err := s.clearFor(ctx, tx, h, to); err != nil {
			return err
		}
	}
	free := !behind && h.space(to) > 0
	switch r.State {
	case Confirmed:
		if free {
			return s.move(ctx, tx, h, r, to, "switched", actor)
		}
		if !h.Form.Waitlist {
			return errModeFull
		}
		if err := s.turn(ctx, tx, h, r); err != nil {
			return err
		}
		h.alter(r, r.Mode, to)
		return s.tell(ctx, tx, h, r, r.State, "wishes", actor, "switch_waits")
	case Waitlisted:
		if !free || !h.room(pool{r.Category, to}) {
			return errModeFull
		}
		h.alter(r, to, is)
		return s.tell(ctx, tx, h, r, Confirmed, "switched", actor, "confirmed")
	case Offered:
		if !free {
			return errModeFull
		}
		h.alter(r, to, "")
		return s.tell(ctx, tx, h, r, Confirmed, "switched", actor, "confirmed")
	}
	return refuse("", "registration.edit_closed")
}

// clearFor is clear for somebody who has a place in the other mode.
func (s *Store) clearFor(ctx context.Context, tx bun.Tx, h *held, mode string) error {
	for h.space(mode) <= 0 {
		h.moves[mode]++
		lapsed, err := s.lapse(ctx, tx, h)
		h.moves[mode]--
		if err != nil || !lapsed {
			return err
		}
	}
	return nil
}

// AlsoOnline says that somebody with a place in the room wants to be able to join online besides, or no longer does. It takes no
// place there, so it is only where these have no limit.
func (s *Store) AlsoOnline(ctx context.Context, token string, on bool) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.AlsoOnline == on {
			return nil
		}
		if on && (h.Form.Takes(r.Mode) != InPerson || h.Form.OnlineCapacity > 0 || r.State != Confirmed || h.Form.Over(h.now)) {
			return refuse("", "registration.edit_closed")
		}
		r.AlsoOnline = on
		action := "also_online"
		if !on {
			action = "room_only"
		}
		if err := s.set(ctx, tx, h, r, r.State, action, ""); err != nil || !on {
			return err
		}
		return s.late(ctx, tx, h, r)
	})
}
