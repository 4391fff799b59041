package registration

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/sheet"
)

// Export writes what a query finds: codes and names of countries, a column for each question. That it was taken is written
// down first.
func (s *Store) Export(ctx context.Context, who *auth.Actor, q Query, f sheet.Format, w io.Writer, words func(key string) string, l i18n.Locale) error {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, q.Event)
	if err != nil {
		return err
	}
	about, err := s.about(ctx, who, e)
	if err != nil {
		return err
	}
	q.Offset, q.Limit = 0, 0
	rows, err := s.rows(ctx, q)
	if err != nil {
		return err
	}
	if err := s.shown(ctx, &about, rows...); err != nil {
		return err
	}
	if err := s.took(ctx, who, "registrants.export", e, map[string]any{"count": len(rows)}); err != nil {
		return err
	}
	t := about.table(rows, words, l)
	if q == (Query{Event: q.Event, State: Waitlisted}) { // all of them, and in their order
		for i, cells := range t.Rows {
			cells[turnColumn] = sheet.Cell{Text: strconv.Itoa(i + 1), Number: true}
		}
	}
	return t.Write(w, f)
}

// columns of a table of registrations, before those of the questions.
var columns = []string{"state", "turn", "held_until", "name", "mail", "organization", "position", "country_code", "country", "category", "language", "channel", "registered", "verified"}

const (
	turnColumn = 1
	heldColumn = 2
)

func (a *About) table(rows []*Registration, words func(key string) string, l i18n.Locale) *sheet.Table {
	form := a.Form
	pick := func(x content.Line) string { t, _ := x.Pick(l, a.Original); return t }
	t := &sheet.Table{Zone: form.Location(), RightToLeft: l.Dir() == "rtl"}
	heads := columns
	if form.Hybrid {
		heads = append(slices.Clone(columns), "mode", "wish")
	}
	for _, key := range heads {
		t.Head = append(t.Head, sheet.Texts(words("registrants.column."+key))...)
	}
	for _, x := range form.Fields {
		t.Head = append(t.Head, sheet.Texts(pick(x.Label))...)
	}
	for _, c := range form.Consents {
		t.Head = append(t.Head, sheet.Texts(pick(c.Text))...)
	}
	for _, r := range rows {
		category, country := "", ""
		if c := form.Category(r.Category); c != nil {
			category = pick(c.Name)
		}
		if r.Country != "" {
			country = i18n.CountryName(l, r.Country)
		}
		cells := sheet.Texts(words("enum.registration_state."+string(r.State)), "", "", r.Name, r.Mail, r.Organization, r.Position, r.Country, country, category,
			string(r.Locale), words("enum.registration_channel."+r.Channel))
		cells[heldColumn] = sheet.Cell{At: form.HeldUntil(r)}
		cells = append(cells, sheet.Cell{At: r.Created}, sheet.Cell{At: r.Verified})
		if form.Hybrid {
			for _, mode := range []string{r.Mode, r.Wish} {
				if mode != "" {
					mode = words("enum.registration_mode." + mode)
				}
				cells = append(cells, sheet.Cell{Text: mode})
			}
		}
		for i := range form.Fields {
			x := &form.Fields[i]
			if r.Answers[x.ID].Hidden() {
				cells = append(cells, sheet.Cell{Text: words(a.Hides())})
				continue
			}
			var vs []string
			for _, v := range r.Answers[x.ID].Values {
				vs = append(vs, x.Words(v, l, a.Original, words))
			}
			cells = append(cells, sheet.Cell{Text: strings.Join(vs, "; "), Number: x.Type == Number && len(vs) == 1})
		}
		for _, c := range form.Consents {
			cells = append(cells, sheet.Cell{At: r.Consents[c.ID].At})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// Location is where the event's times are told; UTC where that is not known.
func (f *Form) Location() *time.Location {
	if z, err := time.LoadLocation(f.Zone); err == nil {
		return z
	}
	return time.UTC
}
