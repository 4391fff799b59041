package demo

import (
	"fmt"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// document is the facts of a document: kind, symbol, event and the place it has on the event's page.
type document struct {
	slug, typ, symbol, event, slot, topics, people string
	access                                         string // public if empty
	office                                         string
	versions                                       []version
}

// version is a stage with its files: languages whose file is made of the site's words, the original first, a star
// behind unofficial translations; and files that are there, by language.
type version struct {
	stage, number string
	issued        content.Date
	languages     string
	word          bool // Word files instead of PDF
	files         map[string]string
}

func (f *filler) documents() {
	const opening, symposium = "opening-the-register", "public-service-symposium"
	for _, d := range []document{
		{slug: "opening-concept-note", typ: "concept_note", symbol: "RCPG/TR/2027/2/CN", event: opening, slot: "concept_note", topics: "land-and-property",
			versions: []version{{stage: "final", issued: "2026-11-02", languages: "fr ar", files: map[string]string{"en": "concept-note-en.docx"}}}},
		{slug: "opening-programme", typ: "programme", symbol: "RCPG/TR/2027/2/INF.1", event: opening, slot: "programme", topics: "land-and-property",
			versions: []version{{stage: "draft", number: "2", issued: "2026-11-16", languages: "en fr"}}},
		{slug: "opening-background-paper", typ: "background_document", symbol: "RCPG/TR/2027/2/BP.1", event: opening, slot: "background", topics: "land-and-property data-protection",
			people: "huynh-khai-toan", versions: []version{
				{stage: "final", number: "1.0", issued: "2026-10-30", files: map[string]string{"en": "background-paper-en.pdf", "ar": "background-paper-summary-ar.pdf", "zh": "background-paper-summary-zh.pdf"}},
				{stage: "superseded", number: "0.9", issued: "2026-10-12", languages: "en"}}},
		{slug: "opening-registration-sheet", typ: "registration_form", event: opening, slot: "registration_form", topics: "registrars",
			versions: []version{{stage: "final", issued: "2026-11-16", languages: "en fr ar", word: true}}},
		{slug: "names-concept-note", typ: "concept_note", symbol: "RCPG/TR/2026/1/CN", event: "names-on-record", slot: "concept_note", topics: "civil-registration",
			versions: []version{{stage: "final", issued: f.day(-115), languages: "en fr"}}},
		{slug: "names-presentation", typ: "presentation", event: "names-on-record", slot: "presentation", topics: "civil-registration", people: "al-khatibi",
			versions: []version{{stage: "final", issued: f.day(-61), languages: "en"}}},
		{slug: "names-talking-points", typ: "talking_points", event: "names-on-record", slot: "talking_points", topics: "civil-registration", people: "otieno",
			versions: []version{{stage: "final", issued: f.day(-63), languages: "en sw", word: true}}},
		{slug: "registration-round-sheet", typ: "guideline", symbol: "RCPG/TR/2026/1/INF.3", event: "names-on-record", slot: "outcome", topics: "civil-registration registrars",
			versions: []version{{stage: "final", number: "1.1", issued: f.day(-22), languages: "en fr es ar zh ru", word: true}, {stage: "superseded", number: "1.0", issued: f.day(-35), languages: "en"}}},
		{slug: "draft-safeguards", typ: "working_document", symbol: "RCPG/DI/2026/WP.1", event: "identity-safeguards", slot: "background", topics: "data-protection civil-registration",
			versions: []version{{stage: "for_comment", number: "2", issued: f.day(-10), languages: "en fr es*"}, {stage: "superseded", number: "1", issued: f.day(-48), languages: "en"}}},
		{slug: "symposium-concept-note", typ: "concept_note", symbol: "RCPG/SYM/12/CN", event: symposium, slot: "concept_note", topics: "local-government",
			versions: []version{{stage: "final", issued: f.day(-25), languages: "en fr"}}},
		{slug: "symposium-programme", typ: "programme", symbol: "RCPG/SYM/12/INF.1", event: symposium, slot: "programme", topics: "local-government",
			versions: []version{{stage: "draft", issued: f.day(-5), languages: "en fr"}}},
		{slug: "symposium-information-note", typ: "information_note", symbol: "RCPG/SYM/12/INF.2", event: symposium, slot: "information_note", topics: "local-government",
			versions: []version{{stage: "final", issued: f.day(-5), languages: "en fr es"}}},
		{slug: "symposium-log-in-guideline", typ: "log_in_guideline", symbol: "RCPG/SYM/12/INF.3", event: symposium, slot: "log_in_guideline", topics: "local-government",
			access: "registrants", versions: []version{{stage: "final", issued: f.day(-4), languages: "en fr"}}},
		{slug: "symposium-11-proceedings", typ: "proceedings", symbol: "RCPG/SYM/11/PROC", event: "public-service-symposium-11", slot: "outcome", topics: "local-government",
			versions: []version{{stage: "final", issued: f.day(-290), languages: "en"}}},
		{slug: "six-languages-guide", typ: "guideline", symbol: "RCPG/LA/2026/1", event: "field-guide-launch", slot: "outcome", topics: "language-access municipal-officials", people: "baraka",
			versions: []version{{stage: "final", issued: f.day(-3), languages: "en fr sw"}, {stage: "superseded", number: "draft", issued: f.day(-80), languages: "en"}}},
		{slug: "nomination-form", typ: "registration_form", event: "from-shelf-to-server", slot: "registration_form", topics: "records-and-archives",
			versions: []version{{stage: "final", issued: f.day(-14), languages: "en fr", word: true}}},
		{slug: "firms-data-model", typ: "working_document", symbol: "RCPG/BR/2026/WP.1", event: "one-form-for-firms", slot: "background", topics: "digital-government", people: "ryabinkina",
			versions: []version{{stage: "advance_unedited", issued: f.day(-20), languages: "en ru"}}},
		{slug: "plain-notices-guidelines", typ: "guideline", symbol: "RCPG/LA/2026/2", event: "plain-notices", slot: "background", topics: "language-access",
			versions: []version{{stage: "for_comment", issued: f.day(-7), languages: "en fr es pt sw ar zh ru ko"}}},
		{slug: "complaints-figures", typ: "summary", symbol: "RCPG/CR/2026/INF.1", event: "complaints-online", slot: "outcome", topics: "complaints-and-redress",
			versions: []version{{stage: "final", issued: f.day(-170), languages: "en fr"}}},
		{slug: "survey-tables", typ: "compendium", symbol: "RCPG/TR/2026/INF.1", topics: "land-and-property",
			versions: []version{{stage: "final", issued: "2026-10-05", languages: "en"}}},
		{slug: "clinic-flyer", typ: "flyer", event: "surveyors-clinic", slot: "other", topics: "land-and-property", office: "organization/salan",
			versions: []version{{stage: "final", issued: f.day(-8), languages: "en"}}},
	} {
		f.document(d)
	}
}

func (f *filler) document(d document) {
	name := "document/" + d.slug
	v := &kind.Document{Kind: d.typ, Symbol: d.symbol, Access: "public", Topics: f.topics(strings.Fields(d.topics)...), People: f.refs("person", strings.Fields(d.people)...),
		Authors: content.Refs{f.ref("organization/rcpg")}}
	if d.access != "" {
		v.Access = d.access
	}
	if d.office != "" {
		v.Authors = content.Refs{f.ref(d.office)}
	}
	event := ""
	if d.event != "" {
		event = "event/" + d.event
		v.Event = f.ref(event)
	}
	if d.versions[0].stage == "for_comment" {
		v.CommentUntil, v.CommentTo = f.moment(14, "18:00"), "comments@example.org"
	}
	for n, x := range d.versions {
		ver := kind.Version{Stage: x.stage, Number: x.number, Issued: x.issued}
		for _, l := range []string{"en", "ar", "zh"} { // of files that are there the English is the original
			if x.files[l] != "" {
				ver.Files = append(ver.Files, kind.LanguageVersion{Language: l, File: f.embedded(x.files[l]), Original: l == "en"})
			}
		}
		for i, l := range strings.Fields(x.languages) {
			l, unofficial := strings.CutSuffix(l, "*")
			ver.Files = append(ver.Files, kind.LanguageVersion{Language: l, File: f.paper(name, event, i18n.Locale(l), n, x.word), Original: i == 0 && len(x.files) == 0, Unofficial: unofficial})
		}
		v.Versions = append(v.Versions, ver)
	}
	f.add(name, v, option{office: d.office})
	if d.slot != "" && f.err == nil {
		f.papers[event] = append(f.papers[event], kind.DocumentLink{Slot: d.slot, Document: f.ref(name)})
	}
}

// paper makes a file of a document out of its own words and those of its event, in one language.
func (f *filler) paper(name, event string, l i18n.Locale, version int, word bool) content.FileRef {
	p := paper{language: string(l)}
	p.title, _ = f.words.line(name, "title").Pick(l, i18n.EN)
	p.subtitle = f.words.line("settings/site", "name").In(l)
	say := func(entry, key string) {
		for _, t := range strings.Split(f.words.line(entry, key).In(l), "\n") {
			if t = footnote.ReplaceAllString(strings.TrimSpace(t), ""); t != "" && !strings.HasPrefix(t, "| ") {
				p.text = append(p.text, strings.TrimPrefix(t, "### "))
			}
		}
	}
	for _, key := range []string{"abstract", "executive"} {
		say(name, key)
	}
	for i, t := range strings.Split(f.words.line(name, "recommendations").In(l), "\n") {
		if t != "" {
			t, _, _ = strings.Cut(strings.TrimPrefix(t, "- "), " → ")
			p.text = append(p.text, fmt.Sprintf("%d. %s", i+1, t))
		}
	}
	if event != "" {
		if t := f.words.line(event, "title").In(l); t != "" {
			p.text = append(p.text, "## "+t)
		}
		for _, key := range []string{"summary", "blocks.background.body", "blocks.objectives.points", "blocks.format.body", "blocks.audience.body"} {
			say(event, key)
		}
	}
	_, slug, _ := strings.Cut(name, "/")
	file := fmt.Sprintf("%s-%s", slug, l)
	if strings.HasPrefix(name, "report/") {
		file = fmt.Sprintf("%s-report-%s", slug, l)
	}
	if version > 0 {
		file += fmt.Sprintf("-v%d", version+1)
	}
	if word || l == i18n.AR || l == i18n.ZH || l == i18n.RU || l == i18n.KO { // scripts that the standard fonts of PDF lack
		return f.upload(file+".docx", p.docx)
	}
	return f.upload(file+".pdf", func() ([]byte, error) { return p.pdf(), nil })
}
