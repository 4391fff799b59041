package discussion

import (
	"context"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// system writes the letters that follow from what readers do.
var system = auth.System("discussion")

// title is the event's in a language, set apart where it is in another.
func (e *Event) title(l i18n.Locale) string {
	t, in := e.Board.Event.Pick(l, e.Original)
	if in != l {
		t = i18n.Isolate(t)
	}
	return t
}

// address is a page of the event's board.
func (s *Store) address(e *Event, l i18n.Locale, topic string) string {
	a := s.BaseURL + "/" + string(l) + "/" + e.Path + "/discussion"
	if topic != "" {
		a += "/" + topic
	}
	return a
}

// keys are those of a letter. Where letters do not leave, staff read all of it in the outbox, and pass the link on by other ways.
func (s *Store) keys(token string) []string {
	if !s.Mail.Delivers() {
		return nil
	}
	return []string{token}
}

func (s *Store) subject(l i18n.Locale, key string, e *Event) string {
	title := e.title(l)
	w := s.Catalogue.T(l, key, "Event", title)
	if over := utf8.RuneCountInString(w) - mail.MaxSubject; over > 0 {
		words, _ := e.Board.Event.Pick(l, e.Original)
		short := []rune(words)
		w = s.Catalogue.T(l, key, "Event", i18n.Isolate(string(short[:max(0, len(short)-over-3)])+"…"))
	}
	return w
}

// letter writes to the author of a post, with a private link of its own. Nothing that a stranger typed stands in it; why a
// post was hidden is a moderator's words.
func (s *Store) letter(ctx context.Context, tx bun.Tx, h *held, r *postRow, name, reason string) error {
	if r.Mail == "" {
		return nil
	}
	l := r.Letters
	key := "board.letter." + name
	say := func(part string) string { return s.Catalogue.T(l, key+"."+part, "Event", h.title(l)) }
	body := mail.Body{Paragraphs: []string{say("text")}, Facts: []mail.Fact{{Label: s.Catalogue.T(l, "letter.page"), Value: s.address(h.Event, l, "")}}}
	var keys []string
	cause := "discussion." + name + ":" + r.ID
	if name == "registrants_only" {
		body.After = []string{s.Catalogue.T(l, "board.letter.not_you")}
	} else {
		token, err := newToken(ctx, tx, h.now, r.ID)
		if err != nil {
			return err
		}
		body.Button = mail.Link{Text: say("button"), URL: s.BaseURL + "/" + string(l) + "/posts/" + token}
		cause += ":" + auth.LinkHash(token)[:12]
		keys = s.keys(token)
	}
	x := mail.Letter{Cause: cause, To: r.Mail, Locale: l, Subject: s.subject(l, key+".subject", h.Event), Keys: keys, About: h.About()}
	switch name {
	case "verify":
		body.After = []string{s.Catalogue.T(l, "board.letter.not_you")}
		x.Priority = mail.Urgent
	case "hidden":
		body.Paragraphs = append(body.Paragraphs, reason)
	}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err := s.Mail.Enqueue(ctx, tx, system, x)
	return err
}
