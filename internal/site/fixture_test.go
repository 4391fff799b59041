package site

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/settings"
)

// world is one of everything, published; names are invented.
type world struct {
	series, topic, report, doc                            content.Ref
	event, eventPath, reportPath, newsPath, docPath       string
	personPath, orgPath, seriesPath, topicPath, aboutPath string
	footer                                                []string
}

var all3 = []i18n.Locale{i18n.EN, i18n.AR, i18n.FR}

func (h *house) file(name string, body []byte) content.FileRef {
	h.t.Helper()
	f, err := h.media.Upload(ctx, staff, media.Upload{Name: name, Body: bytes.NewReader(body)})
	if err != nil {
		h.t.Fatal(err)
	}
	return content.FileRef(f.ID)
}

// pdf is a file of so many pages and about so many bytes.
func (h *house) pdf(name string, pages, size int) content.FileRef {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.7\n")
	object("<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>>>")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", i+3)
	}
	object(fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, pages))
	for range pages {
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
	}
	b.WriteString("%" + strings.Repeat("x", size-b.Len()) + name + "\n")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return h.file(name, b.Bytes())
}

// photo is a picture with its renditions made.
func (h *house) photo(name string, w, hgt int, from, to color.RGBA) content.FileRef {
	h.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, hgt))
	for y := range hgt {
		for x := range w {
			f := float64(x+y) / float64(w+hgt)
			mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*f) }
			img.Set(x, y, color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		h.t.Fatal(err)
	}
	ref := h.file(name, b.Bytes())
	if err := h.media.Drain(ctx); err != nil {
		h.t.Fatal(err)
	}
	return ref
}

func line(en, ar, fr string) content.Line { return content.L("en", en, "ar", ar, "fr", fr) }

func point1(id, en, ar, fr string) kind.Point {
	return kind.Point{Item: content.Item{ID: id}, Text: line(en, ar, fr)}
}

// build publishes the world. The event is on 1 July 2026, the house's clock stands at 20 June.
func (h *house) build() *world {
	w := &world{}
	item := func(s string) content.Item { return content.Item{ID: s} }
	org := func(en, ar, fr, acronym, typ string) content.Ref {
		id, path := h.publish(kind.OrganizationKind, &kind.Organization{Name: line(en, ar, fr), Acronym: content.L("en", acronym), Type: typ,
			Phrase: line("the "+en, ar, "le "+fr), Summary: line("An office that works on public institutions.", "مكتب يعنى بالمؤسسات العامة.", "Un bureau pour les institutions publiques."),
			URL: "https://www.org.example/", Country: "KE", About: content.P("en", "<p>It was founded in 1990.</p>")}, all3...)
		w.orgPath = path
		return id
	}
	dept := org("Department for Public Institutions", "إدارة المؤسسات العامة", "Département des institutions publiques", "DPI", "un_entity")
	commission := org("Economic Commission for the Region", "اللجنة الاقتصادية للمنطقة", "Commission économique pour la région", "ECR", "regional_commission")
	agency := org("Continental Development Agency", "وكالة التنمية القارية", "Agence continentale de développement", "CDA", "igo")
	assoc := org("Association for Public Administration", "رابطة الإدارة العامة", "Association pour l’administration publique", "APA", "ngo")

	portrait := h.photo("portrait.jpg", 330, 330, color.RGBA{200, 120, 80, 255}, color.RGBA{60, 40, 90, 255})
	person := func(en, ar, fr, sort, pos string, country string, pic content.FileRef) content.Ref {
		p := &kind.Person{Name: line(en, ar, fr), SortName: sort, Position: content.L("en", pos, "ar", "رئيسة البرنامج", "fr", "Cheffe de programme"), Organization: dept, Country: country,
			Languages: []string{"en", "fr"}, ShortBio: content.L("en", en+" has worked on public services for twenty years."),
			Bio:   content.P("en", "<p>"+en+" has worked on public services for twenty years.</p><h2>Earlier work</h2><p>Before that, in <em>schools</em>.</p>"),
			Links: []kind.Link{{Item: item("l1"), URL: "https://www.profile.example/x", Label: content.L("en", "Research profile")}}}
		if pic != "" {
			p.Consent = "2026-01-05"
			p.Portrait = kind.Picture{File: pic, Alt: content.L("en", "Portrait of "+en, "ar", "صورة "+ar)}
			p.Consent = "2026-01-01"
		}
		id, path := h.publish(kind.PersonKind, p, all3...)
		w.personPath = path
		return id
	}
	diallo := person("Amina Diallo", "أمينة ديالو", "Amina Diallo", "Diallo, Amina", "Head of Programme", "SN", portrait)
	moyo := person("Tendai Moyo", "تنداي مويو", "Tendai Moyo", "Moyo, Tendai", "Director", "ZW", "")
	tamm := person("Liis Tamm", "ليس تام", "Liis Tamm", "Tamm, Liis", "Adviser on data exchange", "EE", "")
	park := person("Park Ji-ho", "بارك جي هو", "Park Ji-ho", "Park Ji-ho", "Senior researcher", "KR", "")

	w.topic, w.topicPath = h.publish(kind.TopicKind, &kind.Topic{Label: line("Digital government", "الحكومة الرقمية", "Administration numérique"), Scheme: "theme", Code: "DG",
		Summary: content.L("en", "Services, data and skills.")}, all3...)
	banner := h.photo("banner.jpg", 700, 420, color.RGBA{0, 43, 73, 255}, color.RGBA{0, 158, 219, 255})
	w.series, w.seriesPath = h.publish(kind.SeriesKind, &kind.Series{Title: line("Capacity development webinars", "الندوات الشبكية لتنمية القدرات", "Webinaires de développement des capacités"),
		Summary: line("Short sessions for public officials.", "جلسات قصيرة للموظفين العموميين.", "Des séances courtes pour les agents publics."), Status: "active", Topics: content.Refs{w.topic},
		Blocks:        []kind.Block{{Item: item("s1"), Kind: "objectives", Points: []kind.Point{point1("p1", "Share what works.", "تبادل ما ينجح.", "Partager ce qui marche.")}}},
		Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: dept, Role: "organizer"}},
		Image:         kind.Picture{File: banner, Decorative: true}}, all3...)

	doc := func(title content.Line, typ, stage string, event content.Ref, langs ...string) content.Ref {
		v := kind.Version{Item: item("v1"), Stage: stage, Issued: "2026-06-12"}
		for i, l := range langs {
			v.Files = append(v.Files, kind.LanguageVersion{Item: item("f" + l), Language: l, File: h.pdf(strings.ToLower(typ)+"-"+l+".pdf", 4, 240_000+i*11_000), Original: i == 0, Unofficial: l == "fr"})
		}
		id, path := h.publish(kind.DocumentKind, &kind.Document{Title: title, Kind: typ, Symbol: "ODG/2026/2/BP.1", Abstract: content.L("en", "Purpose, scope and format."), Access: "public",
			Versions: []kind.Version{v, {Item: item("v0"), Stage: "superseded", Number: "0", Files: v.Files[:1]}}, Authors: content.Refs{dept}, Topics: content.Refs{w.topic}}, all3...)
		w.docPath = path
		return id
	}
	note := doc(line("Concept note: opening the register", "مذكرة مفاهيمية: فتح السجل", "Note conceptuelle : ouvrir le registre"), "concept_note", "final", "", "en", "fr", "ar")
	prog := doc(line("Programme", "البرنامج", "Programme"), "programme", "draft", "", "en", "fr")
	form := doc(line("Registration form", "استمارة التسجيل", "Formulaire d’inscription"), "registration_form", "final", "", "en")
	w.doc = note

	e := &kind.Event{
		Title:      line("Digital government in a health emergency: lessons from Africa", "الحكومة الرقمية في أوقات الطوارئ الصحية: دروس من أفريقيا", "L’administration numérique dans l’urgence sanitaire : leçons d’Afrique"),
		ShortTitle: line("Digital government in a health emergency", "الحكومة الرقمية في أوقات الطوارئ", "L’administration numérique dans l’urgence"),
		Summary: line("Public officials from five countries compare what worked when services, data and decisions had to move online within weeks.",
			"يقارن مسؤولون من خمسة بلدان ما نجح عندما انتقلت الخدمات والبيانات إلى الإنترنت خلال أسابيع.", "Des agents publics de cinq pays comparent ce qui a marché quand tout a dû passer en ligne."),
		Kind: "webinar", Scope: "regional", FocalPoint: "account1", Series: w.series, Ordinal: 2, Topics: content.Refs{w.topic}, SDGs: []string{"16"},
		Image: kind.Picture{File: banner, Alt: line("Dots in rows, like seats in a hall", "نقاط في صفوف كمقاعد قاعة", "Des points en rangées"), Credit: "Office"},
		When:  content.When{Start: "2026-07-01T08:00", End: "2026-07-01T09:30", Zone: "America/New_York", Precision: "time"}, Status: "scheduled",
		Mode: "online", Access: "registration", Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "WebEx Event")}},
		WorkingLanguages: []string{"en"}, Interpretation: []kind.Interpretation{{Item: item("i1"), Language: "fr", Kind: "spoken"}, {Item: item("i2"), Language: "ar", Kind: "spoken"}, {Item: item("i3"), Language: "ils", Kind: "sign"}},
		Accessibility: []string{"captions", "sign_language"}, AccessibilityNote: line("Tell us what you need when you register.", "أخبرنا بما تحتاج إليه عند التسجيل.", "Dites-nous vos besoins."),
		Join:      kind.Join{Platform: "WebEx", URL: "https://join.example/secret", Passcode: "tell-nobody", DialIn: "+1 555 0100"},
		StaffNote: "internal remark",
		Registration: kind.Registration{Opens: content.Moment{At: "2026-06-01T09:00", Zone: "America/New_York"}, Closes: content.Moment{At: "2026-06-28T23:59", Zone: "UTC"},
			URL: "https://register.example/form", Mailbox: "registration@office.example", Form: form},
		Discussion: kind.Discussion{Label: line("Discussion board*", "منتدى النقاش*", "Forum de discussion*"), Place: content.L("en", "Learning Hub"), URL: "https://board.example/2",
			Opens: content.Moment{At: "2026-07-01T10:00", Zone: "America/New_York"}, Closes: content.Moment{At: "2026-07-31T23:59", Zone: "America/New_York"}},
		Blocks: []kind.Block{
			{Item: item("b1"), Kind: "background", Body: content.P("en", `<p>Health crises leave governments little time to reorganize. Ministries that could reach people online kept clinics informed.</p>`+
				`<p>By early June, 54 African countries had reported cases.<span data-footnote="Regional situation report, 2 June 2026, 06:00 (UTC+1)."></span> Responses differed widely.</p><h2>What differed</h2><p>Much.</p><h4>In detail</h4><p>More.</p>`+
				`<table><tbody><tr><th>Country</th><th>Portal</th></tr><tr><th>Kenya</th><td>yes</td></tr></tbody></table>`+
				`<p>This session brings those experiences together.<span data-footnote="Session 1 covered Asia and the Pacific."></span> <span lang="ar">مرحبا</span></p>`,
				"ar", `<p>لا تترك الأزمات الصحية للحكومات وقتا طويلا لإعادة التنظيم.<span data-footnote="تقرير الحالة الإقليمي."></span></p>`,
				"fr", `<p>Les crises sanitaires laissent peu de temps aux gouvernements.<span data-footnote="Rapport de situation."></span></p>`)},
			{Item: item("b2"), Kind: "objectives", Points: []kind.Point{
				point1("p1", "Present national experiences of using technology in the response, including what failed and why.", "عرض التجارب الوطنية في استخدام التكنولوجيا.", "Présenter les expériences nationales."),
				point1("p2", "Show practical uses of open data, analytics and emerging tools, adapted to each country’s conditions.", "بيان الاستخدامات العملية للبيانات المفتوحة.", "Montrer les usages pratiques."),
				point1("p3", "Discuss ways around weak connectivity and unequal access to devices and skills.", "مناقشة سبل تجاوز ضعف الاتصال.", "Discuter des moyens."),
				point1("p4", "Compare methods of working with communities at risk, so that services are designed with them.", "مقارنة أساليب العمل مع المجتمعات المعرضة للخطر.", "Comparer les méthodes.")}},
			{Item: item("b3"), Kind: "target_audience", Body: content.P("en", "<p>Officials in charge of information technology and digital services, and their partners.</p>", "ar", "<p>المسؤولون عن تكنولوجيا المعلومات.</p>", "fr", "<p>Responsables des technologies.</p>")},
			{Item: item("b4"), Kind: "expected_results", Groups: []kind.PointGroup{{Item: item("g1"), LeadIn: line("The webinar will help to:", "ستساعد الندوة على:", "Le webinaire aidera à :"), Points: []kind.Point{
				point1("p1", "a compendium of national practice", "خلاصة وافية", "un recueil"), point1("p2", "recommendations on privacy", "توصيات", "des recommandations")}}}},
			{Item: item("b5"), Kind: "key_questions", Groups: []kind.PointGroup{
				{Item: item("g1"), Heading: line("Challenges", "التحديات", "Défis"), Points: []kind.Point{point1("p1", "Which obstacles slowed the use of digital tools?", "ما العقبات؟", "Quels obstacles ?")}},
				{Item: item("g2"), Heading: line("Services and front-line care", "الخدمات", "Services"), Points: []kind.Point{point1("p1", "How can remote consultation support health workers?", "كيف؟", "Comment ?"), point1("p2", "What keeps services running?", "ما الذي؟", "Quoi ?")}},
				{Item: item("g3"), Heading: line("Data governance", "حوكمة البيانات", "Gouvernance des données"), Points: []kind.Point{point1("p1", "Which arrangements let ministries share data quickly?", "ما الترتيبات؟", "Quels arrangements ?")}}}},
		},
		Notes: []kind.Note{{Item: item("n1"), Mark: "*", Text: line("The discussion board opens once the webinar has ended.", "يفتح المنتدى بعد الندوة.", "Le forum ouvre après le webinaire."), Source: "https://board.example/about"}},
		Sessions: []kind.Session{
			{Item: item("s1"), Title: line("Opening", "الافتتاح", "Ouverture"), Kind: "opening", Slot: content.Slot{Start: "2026-07-01T08:00", End: "2026-07-01T08:10"}, People: []kind.PersonRole{{Item: item("r1"), Person: diallo, Role: "welcome_remarks"}},
				Description: content.P("en", "<p>Welcome and introduction of the panel.</p>", "ar", "<p>ترحيب.</p>", "fr", "<p>Accueil.</p>")},
			{Item: item("s2"), Title: line("What five administrations changed", "ما الذي غيرته خمس إدارات", "Ce que cinq administrations ont changé"), Kind: "panel", Slot: content.Slot{Start: "2026-07-01T08:10", End: "2026-07-01T08:50"},
				People: []kind.PersonRole{{Item: item("r1"), Person: diallo, Role: "moderator"}, {Item: item("r2"), Person: moyo, Role: "panellist"}, {Item: item("r3"), Person: tamm, Role: "panellist"}, {Item: item("r4"), Person: park, Role: "panellist"}}, Track: line("Plenary", "الجلسة العامة", "Plénière"), Languages: []string{"en", "fr"}},
			{Item: item("s3"), Title: line("Open discussion", "نقاش مفتوح", "Discussion ouverte"), Kind: "q_and_a", Slot: content.Slot{Start: "2026-07-01T08:50", End: "2026-07-01T09:20"}},
			{Item: item("s4"), Title: line("Conclusions and next steps", "الخلاصات", "Conclusions"), Kind: "closing", TBD: true}},
		People: []kind.PersonRole{{Item: item("r1"), Person: diallo, Role: "moderator", Status: "confirmed", Title: line("Head of Programme", "رئيسة البرنامج", "Cheffe de programme"), Affiliation: line("Regional Office", "المكتب الإقليمي", "Bureau régional"), Country: "SN"},
			{Item: item("r2"), Person: moyo, Role: "panellist", Status: "tentative"}, {Item: item("r3"), Person: tamm, Role: "keynote", Status: "confirmed"}, {Item: item("r4"), Person: park, Role: "panellist", Status: "confirmed"}},
		Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: dept, Role: "organizer"}, {Item: item("o2"), Organization: commission, Role: "collaborator"}, {Item: item("o3"), Organization: agency, Role: "collaborator"}, {Item: item("o4"), Organization: assoc, Role: "partner"}},
		Contacts: []kind.Contact{{Item: item("c1"), Person: diallo, Mailbox: "a.diallo@office.example", Phone: "+1 555 0101", Languages: []string{"en", "fr"}},
			{Item: item("c2"), Name: line("Registration", "التسجيل", "Inscription"), Unit: dept, Mailbox: "registration@office.example"}},
		Documents: []kind.DocumentLink{{Item: item("d1"), Slot: "concept_note", Document: note}, {Item: item("d2"), Slot: "programme", Document: prog},
			{Item: item("d3"), Slot: "outcome", Label: line("Draft outcome report", "مشروع تقرير النتائج", "Projet de rapport final"), Expected: "2026-07-15"}},
		Commitments: []kind.Commitment{{Item: item("c1"), Kind: "recordings", Due: "2026-07-08"}, {Item: item("c2"), Kind: "summary", Text: line("A summary of recommendations will be posted.", "سينشر ملخص.", "Un résumé sera publié."), Due: "2026-07-15"},
			{Item: item("c3"), Kind: "documents", FulfilledBy: note}},
		Countries: []string{"KE", "ZA", "SN"}, Links: []kind.Link{{Item: item("l1"), URL: "https://www.portal.example/", Label: line("Open data portal", "بوابة البيانات المفتوحة", "Portail")}},
	}
	id, path := h.publish(kind.EventKind, e, all3...)
	w.event, w.eventPath = string(id), path

	for i, x := range []struct{ title, start, status string }{{"Session 1: Responses in Asia and the Pacific", "2026-05-20T08:00", "scheduled"},
		{"Session 3: Responses in Latin America", "2026-09-09T08:00", "scheduled"}, {"Session 4: Responses in Western Asia", "2026-10-14T08:00", "postponed"}} {
		o := &kind.Event{Title: content.L("en", x.title), ShortTitle: content.L("en", x.title), Summary: content.L("en", "Another session."), Kind: "webinar", Scope: "regional", FocalPoint: "account1", Series: w.series, Ordinal: i + 1,
			When: content.When{Start: content.LocalTime(x.start), End: content.LocalTime(x.start[:11] + "09:30"), Zone: "America/New_York", Precision: "time"}, Status: x.status, Mode: "online", Access: "open",
			Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "WebEx Event")}}, WorkingLanguages: []string{"en"}, Topics: content.Refs{w.topic},
			Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: dept, Role: "organizer"}}, Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}}}
		oid, _ := h.publish(kind.EventKind, o, i18n.EN)
		if i == 0 {
			w.report, w.reportPath = h.publish(kind.ReportKind, &kind.Report{Title: line("Outcome of session 1", "نتائج الجلسة 1", "Résultats de la séance 1"), Summary: line("What was said and what follows.", "ما قيل وما يلي.", "Ce qui a été dit."),
				Stage: "for_comment", Event: oid, Symbol: "ODG/2026/1/R.1", Date: "2026-06-10", CommentUntil: content.Moment{At: "2026-07-10T23:59", Zone: "UTC"}, CommentTo: "comments@office.example",
				Executive: content.P("en", "<p>Much was learned.</p>"), KeyMessages: []kind.Point{point1("k1", "Start with people.", "ابدأ بالناس.", "Commencer par les gens.")},
				Recommendations: []kind.Recommendation{{Item: item("r1"), Text: line("Publish open data.", "نشر البيانات.", "Publier les données."), Addressee: content.L("en", "Ministries")}},
				Body:            content.P("en", "<h2>Day one</h2><p>Long.</p>"), Statistics: kind.Statistics{Registered: 1200, Attended: 840, Countries: 54, Women: 47},
				Files: []kind.LanguageVersion{{Item: item("f1"), Language: "en", File: h.pdf("report-en.pdf", 32, 1_400_000)}}, Topics: content.Refs{w.topic}, Organizations: content.Refs{dept}}, all3...)
		}
	}
	_, w.newsPath = h.publish(kind.NewsKind, &kind.News{Title: line("Registers open across the region", "افتتاح السجلات في المنطقة", "Ouverture des registres dans la région"), Summary: line("Four countries open their land registers.", "أربعة بلدان تفتح سجلاتها.", "Quatre pays ouvrent leurs registres."),
		Kind: "press_release", Date: "2026-06-15", Dateline: line("Nairobi", "نيروبي", "Nairobi"), Image: kind.Picture{File: banner, Decorative: true},
		Body:       content.P("en", `<p>Four countries opened their registers on Monday.<span data-footnote="Register report."></span></p><h2>Why now</h2><p>Because of trust.</p><blockquote><p>We listened.</p></blockquote><ul><li>One</li><li>Two</li></ul>`, "ar", "<p>فتحت أربعة بلدان سجلاتها يوم الاثنين.</p>"),
		Correction: content.L("en", "An earlier version named three countries."), Editors: content.P("en", "<p>Pictures on request.</p>"), Event: id, Topics: content.Refs{w.topic}, Countries: []string{"KE"}, Unit: dept,
		Documents: content.Refs{note}}, all3...)
	h.publish(kind.NewsKind, &kind.News{Title: content.L("fr", "Une nouvelle seulement en français"), Summary: content.L("fr", "Résumé."), Kind: "news", Date: "2026-06-01", Body: content.P("fr", "<p>Texte.</p>")}, i18n.FR)
	var about content.Ref
	about, w.aboutPath = h.publish(kind.PageKind, &kind.Page{Title: line("About", "من نحن", "À propos"), Summary: content.L("en", "Who we are."), Core: true, Blocks: []kind.Block{{Item: item("b1"), Kind: "custom", Body: content.P("en", "<h2>Our work</h2><p>We help.</p>", "ar", "<p>نساعد.</p>", "fr", "<p>Nous aidons.</p>")}},
		Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}}}, all3...)
	w.footer = append(w.footer, string(about))
	for _, t := range []string{"Accessibility", "Privacy", "Terms of use", "Contact"} {
		id, _ := h.publish(kind.PageKind, &kind.Page{Title: content.L("en", t), Core: true, Blocks: []kind.Block{{Item: item("b1"), Kind: "custom", Body: content.P("en", "<p>Text.</p>")}}}, i18n.EN)
		w.footer = append(w.footer, string(id))
	}
	h.settings.FooterPages = w.footer
	h.settings.Description = settings.Words{"en": "The office helps public institutions of the region to serve people better, online and off."}
	h.settings.Social = nil
	return w
}
