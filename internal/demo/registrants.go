package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// registrants are people who do not exist, by the language they read.
var registrants = map[i18n.Locale]string{
	i18n.EN: "Ada Inkwell, Bram Paperbridge, Cora Lampwright, Dov Stampfield, Ella Foldmaker, Finn Ledgerby, Gita Windowsill",
	i18n.FR: "Aline Encrier, Basile Pontpapier, Colette Lampadaire, Denis Timbrechamp, Élodie Plieuse, Firmin Grandlivre, Gaëlle Fenêtron",
	i18n.ES: "Alba Tintero, Bruno Puentepapel, Celia Farolillo, Dario Sellocampo, Elvira Plegadora, Fermín Librogrande, Gala Ventanilla",
	i18n.AR: "أمل المحبرة, باسل جسر الورق, جنى القنديل, داود الطوابع, هدى الطيّات, فارس السجلّات, غادة الشبابيك",
	i18n.ZH: "墨小瓶, 纸桥生, 灯照明, 邮票田, 折页儿, 账本山, 窗台月",
	i18n.RU: "Анна Чернильницына, Борис Бумагомостов, Вера Фонарщикова, Глеб Маркополев, Дина Складочкина, Егор Гроссбухов, Жанна Подоконникова",
	i18n.KO: "먹물병, 종이다리, 등불지기, 우표밭, 접는이, 장부산, 창턱달",
	i18n.PT: "Alda Tinteiro, Bento Pontepapel, Clara Lamparina, Duarte Selocampo, Elsa Dobradeira, Firmo Livrogrande, Graça Janelinha",
	i18n.SW: "Asha Kidauchawino, Baraka Darajakaratasi, Chiku Taandogo, Daudi Stempuni, Eshe Mkunjaji, Faraja Daftarikubwa, Goma Dirishani",
}

// places are where they come from.
var places = []string{"TL", "MZ", "MU", "KE", "TZ", "KR", "CN", "JO", "PE", "KZ", "FR", "PT", "FJ"}

// deskForm is the form of a conference: categories with places of their own, one that staff decide on, a question that hangs on
// another, a sensitive one.
func (f *filler) deskForm(opens, closes content.Moment) kind.Registration {
	return kind.Registration{Opens: opens, Closes: closes, Online: true, Capacity: 40, Waitlist: true, ShowPlaces: true, Mailbox: "registration@example.org",
		Ask: []string{"organization", "position", "country"}, Required: []string{"organization", "country"},
		Categories: []registration.Category{{Item: id("desk"), Capacity: 24}, {Item: id("council"), Capacity: 12}, {Item: id("press"), Capacity: 4, Approval: registration.Manual}},
		Fields: []registration.Field{
			{Item: id("desk"), Type: registration.YesNo, Key: "desk", Required: true},
			{Item: id("cases"), Type: registration.Number, OnlyIf: "desk", OnlyValue: "yes"},
			{Item: id("session"), Type: registration.Choices, Options: []registration.Option{{Item: id("day1")}, {Item: id("practice")}, {Item: id("rule")}}},
			{Item: id("needs"), Type: registration.Long, Personal: true, Sensitive: true, Retention: 30},
		},
		Consents: []registration.Consent{{Item: id("data"), Required: true}}}
}

// drawer keeps the private links of letters that are not sent.
type drawer struct{ link string }

func (d *drawer) Compose(_ i18n.Locale, b mail.Body) (string, string) { return b.Button.URL, "" }

func (d *drawer) Delivers() bool { return false }

func (d *drawer) Forget(context.Context, bun.Tx, string, string) error { return nil }

func (d *drawer) ForgetOne(context.Context, bun.Tx, string, string, string, string) error { return nil }

func (d *drawer) Enqueue(_ context.Context, _ bun.Tx, _ *auth.Actor, l mail.Letter) (string, error) {
	d.link = l.Text[strings.LastIndexByte(l.Text, '/')+1:]
	return "", nil
}

// registered fills two events: one that is open, and one whose registration is over.
func (f *filler) registered() {
	var open, closed []func(s *registration.Store, d *drawer) error
	n := 0
	for at := range 7 {
		for _, l := range i18n.All {
			name, i := strings.Split(registrants[l], ", ")[at], n
			n++
			open = append(open, f.registrant(f.ids["event/answering-the-mayor"], l, name, i))
			if i%4 == 0 {
				closed = append(closed, f.registrant(f.ids["event/one-form-for-firms"], l, name, i))
			}
		}
	}
	f.fillForm(open, -20)
	f.fillForm(closed, -30)
	f.surveyed("event/names-on-record", 9, 7, 14, 29, 36)
	if f.err != nil {
		return
	}
	// The press office has looked at the first two.
	d := &drawer{}
	s := f.registering(d, f.now)
	pending, err := s.List(f.ctx, demo, registration.Query{Event: f.ids["event/answering-the-mayor"], State: registration.Pending})
	if err != nil || len(pending.Rows) < 3 {
		f.fail(fmt.Errorf("registrations to decide on: %w", err))
		return
	}
	_, err = s.Decide(f.ctx, demo, f.ids["event/answering-the-mayor"], []string{pending.Rows[0].ID, pending.Rows[1].ID}, registration.Approve)
	f.fail(err)
}

// registering is the store at a moment; its letters go into a drawer.
func (f *filler) registering(d *drawer, at time.Time) *registration.Store {
	r := f.site.Registration
	return &registration.Store{DB: r.DB, Content: r.Content, Catalogue: r.Catalogue, BaseURL: r.BaseURL, Mail: d, Jobs: r.Jobs, Seal: r.Seal, Now: func() time.Time { return at }}
}

func (f *filler) fillForm(all []func(s *registration.Store, d *drawer) error, days int) {
	from := f.now.AddDate(0, 0, days)
	for i, do := range all {
		if f.err != nil {
			return
		}
		d := &drawer{}
		f.fail(do(f.registering(d, from.Add(time.Duration(i)*6*time.Hour+time.Duration(i*i)*time.Minute)), d))
	}
}

// registrant is one person's way: most confirm, some forget to, some give their place back.
func (f *filler) registrant(event string, l i18n.Locale, name string, i int) func(s *registration.Store, d *drawer) error {
	return func(s *registration.Store, d *drawer) error {
		e, err := s.Event(f.ctx, event)
		if err != nil {
			return err
		}
		stamp, err := s.Stamp(f.ctx, event, e.Form.Version(l, e.Original))
		if err != nil {
			return err
		}
		v := map[string][]string{"name": {name}, "mail": {fmt.Sprintf("reader%02d@example.org", i)}, "organization": {strings.TrimSpace(name[strings.LastIndexByte(name, ' ')+1:]) + " & Co."},
			"country": {places[i%len(places)]}, "consent.data": {"1"}, "f.desk": {[]string{"yes", "no"}[i%2]}, "f.cases": {fmt.Sprint(10 + 7*i)}, "f.session": {"day1"}}
		if i%3 == 0 {
			v["f.session"] = []string{"practice", "rule"}
		}
		if len(e.Form.Categories) > 0 {
			v["category"] = []string{[]string{"desk", "desk", "council", "desk", "council", "desk", "press"}[i%7]}
		}
		if err := s.Register(f.ctx, event, registration.Submission{Locale: l, Stamp: stamp, Values: v}); err != nil || i%13 == 5 {
			return err
		}
		if err := s.Confirm(f.ctx, d.link); err != nil || i%17 != 9 {
			return err
		}
		return s.Withdraw(f.ctx, d.link)
	}
}

// surveyed answers the survey of an event: how many gave each mark on the scale of accessibility.
func (f *filler) surveyed(event string, marks ...int) {
	if f.err != nil {
		return
	}
	s := f.registering(&drawer{}, f.now)
	e, err := s.Survey(f.ctx, f.ids[event])
	if err != nil {
		f.fail(err)
		return
	}
	stamp, err := s.SurveyStamp(f.ctx, e)
	f.fail(err)
	name := registration.QuestionPrefix + e.Form.All()[0].ID
	for i, n := range marks {
		for range n {
			if f.err == nil {
				f.fail(s.AnswerOpen(f.ctx, e.ID, registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: map[string][]string{name: {fmt.Sprint(i + 1)}}}))
			}
		}
	}
}
