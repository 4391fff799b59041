package demo

import (
	"fmt"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// said are what people who do not exist say on a board. to is the post that one answers, by its place.
var said = []struct {
	name, organization, country string
	l                           i18n.Locale
	topic, to                   int
	words                       string
}{
	{"Cora Lampwright", "Town of Millbridge", "GB", i18n.EN, 0, -1, "We put three figures on the page: what came in, what went out, and what is left for next year.\n\nEverything else is on the wall for those who want it. Nobody has asked for a fourth figure yet."},
	{"Elvira Plegadora", "Municipio de Valle Alto", "PE", i18n.ES, 0, 0, "Nosotros añadimos una cuarta: lo que se debe. Fue la que más preguntas trajo, y la que más confianza dio."},
	{"Colette Lampadaire", "Commune de Grand-Lac", "FR", i18n.FR, 1, -1, "« Exécution budgétaire » a fait peur à plus d’un habitant. Nous écrivons maintenant : ce qui a vraiment été dépensé."},
	{"جنى القنديل", "بلدية الوادي", "JO", i18n.AR, 1, 2, "وعندنا كانت كلمة «المخصصات» هي التي لم يفهمها أحد. صرنا نكتب: ما خُصص لكل حي."},
	{"Baraka Darajakaratasi", "Halmashauri ya Mto", "TZ", i18n.SW, 2, -1, "Redio hujibu jioni ileile, kwa Kiswahili na kwa lugha ya kijiji. Asiye na simu humwambia mjumbe."},
	{"灯照明", "河口市财政局", "CN", i18n.ZH, 3, -1, "我们会写“还不知道，星期五前答复”，并把答复贴在同一面墙上。"},
	{"Mwajuma Kipkeu Baraka", "", "KE", i18n.SW, 2, 4, "Nasi tulianza hivyo hivyo. Cha muhimu ni kwamba jibu litoke kabla ya wiki kuisha, hata kama ni “bado hatujui”."},
}

// discussed gives the event that goes on at present a board of its topics, with what was said, what waits, and questions.
func (f *filler) discussed() {
	topics := f.board("event/budget-on-the-wall", "A board for the questions that remain", func(ev *kind.Event) kind.Discussion {
		return kind.Discussion{Online: true, Opens: f.minute(f.now.Add(-20 * time.Minute)), Closes: f.minute(f.now.AddDate(0, 0, 28)), Moderation: discussion.Before,
			Mailbox: "budgets-secretariat@example.org", Topics: ev.KeyQuestionTopics()}
	})
	if f.err != nil || len(topics) < 4 {
		f.fail(fmt.Errorf("board: %d topics", len(topics)))
		return
	}
	event := f.ids["event/budget-on-the-wall"]
	s := f.discussing(&posted{}, f.now)
	ago := func(i int) time.Time { return f.now.Add(time.Duration(i-18) * time.Minute) }
	var err error
	ids := make([]string, len(said))
	for i, x := range said {
		to := ""
		if x.to >= 0 {
			to = ids[x.to]
		}
		ids[i] = f.post(event, topics[x.topic].ID, to, i, ago(i), x.l, map[string][]string{"name": {x.name}, "organization": {x.organization}, "country": {x.country}, "language": {string(x.l)}, "text": {x.words}})
		if f.err == nil {
			_, err = s.Decide(f.ctx, demo, ids[i:i+1], discussion.Approve, "")
			f.fail(err)
		}
	}
	if f.err == nil { // who spoke about the radio answers what was asked about it
		f.fail(s.Pin(f.ctx, demo, ids[len(said)-1], content.Ref(f.ids["person/baraka"])))
	}
	for i, words := range []string{"Does anyone translate the page, or only the wall?", "Buy cheap budgets at budgets.example!"} { // these wait
		f.post(event, topics[0].ID, "", len(said)+i, ago(len(said)+i), i18n.EN, map[string][]string{"name": {"Finn Ledgerby"}, "language": {"en"}, "text": {words}})
	}
	for _, q := range []map[string][]string{
		{"source": {"floor"}, "language": {"en"}, "text": {"Who signs the page before it is printed?"}, "topic": {topics[0].ID}, "state": {discussion.AnsweredNow}, "answer.en": {"The treasurer and one member of the opposition. Both names stand on it."}},
		{"source": {"day"}, "language": {"es"}, "text": {"¿Cuánto cuesta la radio por mes?"}, "topic": {topics[2].ID}},
	} {
		if f.err == nil {
			_, err = s.SaveQuestion(f.ctx, demo, event, "", q)
			f.fail(err)
		}
	}
}

// board gives an event a board, publishes it, and gives its topics.
func (f *filler) board(name, note string, make func(*kind.Event) kind.Discussion) []discussion.Topic {
	if f.err != nil {
		return nil
	}
	e, err := f.site.Content.Get(f.ctx, demo, f.ids[name])
	if err != nil {
		f.fail(err)
		return nil
	}
	ev := *e.Value.(*kind.Event)
	ev.Discussion = make(&ev)
	if _, err := f.site.Content.Save(f.ctx, demo, content.Change{ID: e.ID, Base: e.Versions, Set: e.Kind.Split(&ev), Note: note}); err != nil {
		f.fail(fmt.Errorf("board: %w", err))
		return nil
	}
	var locales []i18n.Locale
	for _, l := range i18n.All {
		if _, live := e.Live[content.Part(l)]; live {
			locales = append(locales, l)
		}
	}
	f.publish(name, locales...)
	return ev.Discussion.Topics
}

func (f *filler) minute(t time.Time) content.Moment {
	return content.Moment{At: content.LocalTime(t.In(f.zone).Format("2006-01-02T15:04")), Zone: office}
}

// concluded gives the event whose outcome is published a board that was closed with a summary.
func (f *filler) concluded() {
	const name = "event/names-on-record"
	topics := f.board(name, "The board, with what came of it", func(*kind.Event) kind.Discussion {
		return kind.Discussion{Online: true, Opens: f.minute(f.now.AddDate(0, 0, -62)), Closes: f.minute(f.now.AddDate(0, 0, -24)), Moderation: discussion.After,
			Closing: content.L("en", "Two things were asked for most: a spelling that the family itself has read before it is entered, and one counter where a mistake is put right without a fee. Nobody wanted a new law for either.",
				"fr", "Deux demandes sont revenues le plus souvent : une orthographe que la famille a relue elle-même avant l’inscription, et un guichet unique où une erreur se corrige sans frais. Personne n’a réclamé de nouvelle loi pour cela.",
				"ar", "تكرر طلبان أكثر من غيرهما: أن تقرأ الأسرة بنفسها كتابة الاسم قبل قيده، وأن يكون هناك شباك واحد يُصحَّح فيه الخطأ دون رسوم. ولم يطلب أحد قانونًا جديدًا لأي منهما."),
			Topics: []discussion.Topic{{Item: content.Item{ID: "spelling"}, Title: content.L("en", "Who decides how a name is spelt?", "fr", "Qui décide de l’orthographe d’un nom ?", "ar", "من يقرر كيف يُكتب الاسم؟",
				"es", "¿Quién decide cómo se escribe un nombre?", "ru", "Кто решает, как пишется имя?", "zh", "姓名怎么写由谁决定？")}}}
	})
	if f.err != nil {
		return
	}
	then := f.now.AddDate(0, 0, -50)
	first := f.post(f.ids[name], topics[0].ID, "", 90, then, i18n.EN, map[string][]string{"name": {"Mara Inkwell"}, "organization": {"Saltmarsh County"}, "country": {"IE"}, "language": {"en"},
		"text": {"We hand the page to the family and wait. It takes three minutes, and saves three years."}})
	f.post(f.ids[name], topics[0].ID, first, 91, then.Add(time.Hour), i18n.FR, map[string][]string{"name": {"Odile Papier"}, "organization": {"Commune de Grand-Lac"}, "country": {"FR"}, "language": {"fr"},
		"text": {"Chez nous aussi, et depuis, le guichet des corrections est presque vide."}})
}

// posted keeps the private link of a post's letter, which is not sent.
type posted struct{ drawer }

// discussing is the store at a moment; its letters go into a drawer.
func (f *filler) discussing(d *posted, at time.Time) *discussion.Store {
	x := f.site.Discussion
	return &discussion.Store{DB: x.DB, Content: x.Content, Registration: f.registering(&d.drawer, at), Catalogue: x.Catalogue, BaseURL: x.BaseURL, Mail: d, Now: func() time.Time { return at }}
}

// post writes a post at a time, confirms it, and gives its id. i tells authors apart.
func (f *filler) post(event, topic, to string, i int, at time.Time, l i18n.Locale, values map[string][]string) string {
	if f.err != nil {
		return ""
	}
	d := &posted{}
	s := f.discussing(d, at)
	stamp, err := s.Stamp(f.ctx, event)
	if err != nil {
		f.fail(err)
		return ""
	}
	values["mail"] = []string{fmt.Sprintf("talker%02d@example.org", i)}
	if err := s.Write(f.ctx, event, topic, to, discussion.Submission{Locale: l, Stamp: stamp, Values: values}); err != nil {
		f.fail(fmt.Errorf("post: %w", err))
		return ""
	}
	token := d.link[strings.LastIndexByte(d.link, '/')+1:]
	if err := s.Confirm(f.ctx, token); err != nil {
		f.fail(fmt.Errorf("post: %w", err))
		return ""
	}
	o, err := s.Own(f.ctx, token)
	if err != nil {
		f.fail(err)
		return ""
	}
	return o.ID
}
