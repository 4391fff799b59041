package registration

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
	"plenary/internal/job"
)

// A place that becomes free can be offered for some hours, if the form says so: it is held meanwhile. Who does not answer in
// time goes to the end of the waiting list as soon as somebody else could have the place, and until then may still take it;
// who does not answer a second time leaves the list. So nobody is asked for ever, and no place stays empty for want of an
// answer.

// offerLeast is how long somebody has at least to answer; where the event begins sooner, a place is given at once.
const offerLeast = time.Hour

// begun says whether the event has begun: nobody is asked any more.
func (f *Form) begun(now time.Time) bool {
	start := f.When.Starts()
	return !start.IsZero() && !now.Before(start)
}

// offer is until when a place that becomes free now is held; zero: it is not, but given at once. It is never held beyond the
// start of the event.
func (f *Form) offer(now time.Time) time.Time {
	ends := now.Add(time.Duration(f.OfferHours) * time.Hour)
	if start := f.When.Starts(); !start.IsZero() && start.Before(ends) {
		ends = start
	}
	if f.OfferHours == 0 || ends.Sub(now) < offerLeast {
		return time.Time{}
	}
	return ends.UTC()
}

// HeldUntil is until when a place is held for somebody it is offered to; an event that has been moved forward may begin
// before the time that was told. Zero where none is offered.
func (f *Form) HeldUntil(r *Registration) time.Time {
	if start := f.When.Starts(); !r.OfferEnds.IsZero() && !start.IsZero() && start.Before(r.OfferEnds) {
		return start
	}
	return r.OfferEnds
}

// promote gives a free place to the next who waits, or offers it. Who has no mailbox cannot be asked.
func (s *Store) promote(ctx context.Context, tx bun.Tx, h *held, r *row) error {
	if ends := h.Form.offer(h.now); !ends.IsZero() && r.Mail != "" {
		r.OfferEnds = &ends
		return s.tell(ctx, tx, h, r, Offered, "offered", "", "offered")
	}
	return s.tell(ctx, tx, h, r, Confirmed, "promoted", "", "promoted")
}

// wanted says whether somebody's place would be somebody else's were it free, or is one more than there are.
func (h *held) wanted(r *row) bool {
	if h.Form.Off || h.Form.Over(h.now) {
		return false
	}
	if h.space(h.pool(r).mode) < 0 || h.within(r.Category) < 0 {
		return true
	}
	h.count(r, -1)
	defer h.count(r, +1)
	return h.behind()
}

// lapse takes one place back that was offered in vain and is wanted, and says whether there was one.
func (s *Store) lapse(ctx context.Context, tx bun.Tx, h *held) (bool, error) {
	for _, r := range h.late {
		if !h.wanted(&r) {
			continue
		}
		before, err := tx.NewSelect().Model((*logRow)(nil)).Where("l.registration_id = ? AND l.action = ?", r.ID, "lapsed").Count(ctx)
		if err != nil {
			return false, err
		}
		if before > 0 {
			return true, s.tell(ctx, tx, h, &r, Withdrawn, "lapsed", "", "lapsed_again")
		}
		return true, s.wait(ctx, tx, h, &r, "lapsed", "", "lapsed")
	}
	return false, nil
}

// clear makes room for somebody who comes while nobody waits for a place like theirs, of what was offered in vain.
func (s *Store) clear(ctx context.Context, tx bun.Tx, h *held, at pool) error {
	for !h.room(at) {
		h.waits[at]++
		lapsed, err := s.lapse(ctx, tx, h)
		h.waits[at]--
		if err != nil || !lapsed {
			return err
		}
	}
	return nil
}

// watch has the next offer's end looked at in its time.
func (s *Store) watch(ctx context.Context, tx bun.Tx, h *held) error {
	if !h.asked || s.Jobs == nil {
		return nil
	}
	h.asked = false
	var next []row
	if err := tx.NewSelect().Model(&next).Column("offer_ends").Where("r.event_id = ? AND r.state = ? AND r.offer_ends > ?", h.ID, Offered, h.now).
		Order("r.offer_ends").Limit(1).Scan(ctx); err != nil || len(next) == 0 {
		return err
	}
	at := *next[0].OfferEnds
	if start := h.Form.When.Starts(); start.After(h.now) && start.Before(at) {
		at = start
	}
	return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: fillKind, Key: "registration.offers:" + h.ID, At: at, Args: h.ID})
}

// Accept takes a place that is offered. After its time one still can until somebody else has it.
func (s *Store) Accept(ctx context.Context, token string) error {
	gone := false
	err := s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		switch {
		case r.State == Confirmed || r.State == Attended:
			return nil
		case r.State != Offered || h.Form.Over(h.now):
			gone = true // no error here: that the place has gone to somebody else stays
			return nil
		}
		return s.tell(ctx, tx, h, r, Confirmed, "accepted", "", "confirmed")
	})
	if err == nil && gone {
		return refuse("", "registration.offer_over")
	}
	return err
}

// moment is a time in words, where the event takes place.
func (f *Form) moment(l i18n.Locale, t time.Time) string {
	return i18n.When(l, t.In(f.Location()), time.Time{}, f.Location().String(), true)
}
