package admin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// rightsSystem asks and tells of rights that end.
var rightsSystem = auth.System("rights")

// maxAsked is how many rights a letter names; the page has the rest.
const maxAsked = 30

// TellOfRights writes the letters about rights that are to be confirmed, that end since nobody has confirmed them, and that end by
// themselves. It can be run at any time, twice, and by several instances at once: each is told of once.
func (a *Admin) TellOfRights(ctx context.Context) error {
	ask, ending, warn, err := a.auth.DueGrants(ctx)
	if err != nil {
		return err
	}
	err = a.askToConfirm(ctx, ask)
	for _, n := range ending { // a mailbox that takes nothing must not keep the others' letters
		err = errors.Join(err, a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			at, first, err := a.auth.MarkEnding(ctx, tx, n.Grant)
			if err != nil || !first {
				return err
			}
			return a.tellHolder(ctx, tx, n, "rights.ending_text", at)
		}))
	}
	for _, n := range warn {
		err = errors.Join(err, a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			first, err := a.auth.MarkWarned(ctx, tx, n.ID)
			if err != nil || !first {
				return err
			}
			return a.tellHolder(ctx, tx, n, "rights.warn_text", *n.Until)
		}))
	}
	return err
}

// askToConfirm writes one letter to each of those who are to say whether rights are still right.
func (a *Admin) askToConfirm(ctx context.Context, all []auth.Notice) error {
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		by, order := map[string][]auth.Notice{}, []*auth.Actor(nil)
		for _, n := range all {
			first, err := a.auth.MarkAsked(ctx, tx, n.ID)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			for _, who := range n.By {
				if by[who.ID] == nil {
					order = append(order, who)
				}
				by[who.ID] = append(by[who.ID], n)
			}
		}
		for _, who := range order {
			if !reachable(who.Email) {
				continue
			}
			l := lettersIn(who.Account, i18n.EN)
			list := by[who.ID]
			var grants []auth.Grant
			for _, n := range list[:min(len(list), maxAsked)] {
				grants = append(grants, n.Grant)
			}
			words, err := a.inWords(ctx, &Page{a: a, Locale: l}, grants)
			if err != nil {
				return err
			}
			var lines []string
			for i, w := range words {
				lines = append(lines, a.cat.T(l, "rights.ask_line", "Name", i18n.Isolate(list[i].Holder.Name), "Right", w.Role+" · "+w.Where))
			}
			if more := len(list) - len(words); more > 0 {
				lines = append(lines, a.cat.T(l, "rights.more", "Count", i18n.Number(l, more)))
			}
			body := mail.Body{Greeting: a.greeting(l, who.Name), Paragraphs: []string{a.cat.T(l, "rights.ask_text"), strings.Join(lines, "\n")},
				Button: mail.Link{Text: a.cat.T(l, "rights.ask_button"), URL: a.base + rightsURL + "?state=due"}}
			x := mail.Letter{Cause: "rights.ask:" + list[0].ID + ":" + who.ID + ":" + a.now().UTC().Format(time.DateOnly), To: who.Email, Name: who.Name, Locale: l, Subject: a.cat.T(l, "rights.ask_subject")}
			x.Text, x.HTML = a.mail.Compose(l, body)
			if _, err := a.mail.Enqueue(ctx, tx, rightsSystem, x); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellHolder writes to who holds a right that it ends, and who could prolong it.
func (a *Admin) tellHolder(ctx context.Context, tx bun.Tx, n auth.Notice, key string, at time.Time) error {
	if !reachable(n.Holder.Email) {
		return nil
	}
	l := lettersIn(*n.Holder, i18n.EN)
	p := &Page{a: a, Locale: l}
	words, err := a.inWords(ctx, p, []auth.Grant{n.Grant})
	if err != nil {
		return err
	}
	body := mail.Body{Greeting: a.greeting(l, n.Holder.Name), Paragraphs: []string{a.cat.T(l, key, "Time", p.DateTime(at))},
		Facts: []mail.Fact{{Label: a.cat.T(l, "users.role"), Value: words[0].Role}, {Label: a.cat.T(l, "users.scope"), Value: words[0].Where}}}
	var names []string
	for _, who := range n.By[:min(len(n.By), 5)] {
		names = append(names, i18n.Isolate(who.Name)+" <"+who.Email+">")
	}
	if len(names) > 0 {
		body.After = []string{a.cat.T(l, "rights.ask_these", "Names", i18n.List(l, names))}
	}
	x := mail.Letter{Cause: key + ":" + n.ID + ":" + at.UTC().Format(time.DateOnly), To: n.Holder.Email, Name: n.Holder.Name, Locale: l, Subject: a.cat.T(l, "rights.ending_subject")}
	x.Text, x.HTML = a.mail.Compose(l, body)
	_, err = a.mail.Enqueue(ctx, tx, rightsSystem, x)
	return err
}
