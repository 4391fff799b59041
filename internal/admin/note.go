package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/conceptnote"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

// A new event from a concept note: the note is read, shown beside what it was understood to say, and becomes a draft as
// somebody decides. Between the two it lies in the page's form, so nothing is kept that nobody has decided to keep.

// noteNames is for how many organizations and people of a note we look whether they are there.
const noteNames = 80

// noteScreen asks for a note, or shows what was read from one.
type noteScreen struct {
	Path, Back string
	Problems   []Link
	Language   Select
	Office     string
	Offices    []choice
	Text       string // as it was pasted
	Limit      string
	noteReview
}

// noteReview is a note beside what it says.
type noteReview struct {
	Source, Name, Hash string // the note as it was read, the file's name and hash
	Lang               i18n.Locale
	Title              Field
	Zone               *Select
	Groups             []noteGroup
	Lines              []noteLine
	Lost               []noteLost
	Found, Sure, Check int
	note               *conceptnote.Note
}

// noteGroup is findings of one section of the event.
type noteGroup struct {
	Name, Label string
	Items       []*noteItem
}

// noteItem is something that was found. Its parts are told in the note's own words.
type noteItem struct {
	Key, Label, Text string
	More             []string // points, people: beneath
	MoreLabel        string
	Sure             string
	Line             int // where it stands first, -1 for nowhere
	On               bool
	Choose           *Select
}

// noteLine is a line of the source.
type noteLine struct {
	N          int
	Class      string
	Mark       string
	Runs       []noteRun
	Cells      []string
	Keys       []noteKey // findings that it is the first place of
	Used, Lost bool
}

// noteRun is words of a line, marked where something was found in them.
type noteRun struct {
	Text   string
	Marked bool
}

type noteKey struct{ Key, Label string }

// noteLost is something that the source should hold, with what to do.
type noteLost struct {
	Level, Text, Do string
	Lines           []int
}

// takesNotes reports whether an entry of a kind can begin with a concept note.
func takesNotes(k *content.Kind) bool { _, ok := k.New().(*kind.Event); return ok }

// Line is the number of a line as readers count.
func (p *Page) Line(i int) string { return p.Number(i + 1) }

func noteURL(k *content.Kind) string { return listURL(k) + "/note" }

func (a *Admin) notePage(k *content.Kind, c *gin.Context) (*Page, *noteScreen, *auth.Actor, error) {
	who, err := web.SignedInActor(c)
	if err != nil {
		return nil, nil, nil, err
	}
	offices := a.offices(who, k.Name)
	if len(offices) == 0 {
		return nil, nil, nil, auth.ErrForbidden
	}
	p := a.page(c, "concept.title")
	p.inKind(k)
	p.Layout, p.Path = "one narrow", noteURL(k)
	d := &noteScreen{Path: noteURL(k), Back: listURL(k), Office: offices[0], Limit: p.Bytes(conceptnote.MaxBytes)}
	if d.Offices, err = a.officeChoices(c.Request.Context(), a.bareForm(c), offices); err != nil {
		return nil, nil, nil, err
	}
	d.Language = Select{P: p, Name: "lang", Label: p.T("concept.language"), Any: p.T("concept.language_guess")}
	for _, l := range i18n.All {
		d.Language.Choices = append(d.Language.Choices, Choice{Value: string(l), Text: l.Endonym(), Lang: l})
	}
	p.D = d
	return p, d, who, nil
}

// note asks for a concept note.
func (a *Admin) note(k *content.Kind, c *gin.Context) error {
	p, _, _, err := a.notePage(k, c)
	if err != nil {
		return err
	}
	return a.render(c, http.StatusOK, "note", p)
}

// noteSent is what a form with a note holds.
type noteSent struct {
	text, html, lang, office, name string
	file                           []byte
}

// sentNote reads the multipart form.
func sentNote(c *gin.Context) (s noteSent, err error) {
	mr, err := sentParts(c)
	if err != nil {
		return s, err
	}
	for range 20 {
		part, err := nextPart(mr)
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		b, err := readPart(part, conceptnote.MaxBytes)
		if err != nil {
			return s, err
		}
		switch part.FormName() {
		case "text":
			s.text = string(b)
		case "html":
			s.html = string(b)
		case "lang":
			s.lang = string(b)
		case "office":
			s.office = string(b)
		case "file":
			if part.FileName() != "" {
				s.name, s.file = i18n.StripControls(part.FileName()), b
			}
		}
	}
	return s, nil
}

// readNote reads what was pasted or sent, and shows what it says.
func (a *Admin) readNote(k *content.Kind, c *gin.Context) error {
	p, d, who, err := a.notePage(k, c)
	if err != nil {
		return err
	}
	s, err := sentNote(c)
	if err != nil {
		return err
	}
	if slices.Contains(a.offices(who, k.Name), s.office) {
		d.Office = s.office
	}
	l, _ := i18n.Parse(s.lang)
	d.Text, d.Language.Value = shownText(s.text), string(l)
	raw := s.file
	switch {
	case len(raw) > 0:
	case strings.TrimSpace(s.html) != "":
		raw = []byte("<html>" + s.html)
	default:
		raw = []byte(s.text)
	}
	var doc *conceptnote.Doc
	if len(raw) == 0 {
		err = conceptnote.ErrEmpty
	} else if len(s.file) == 0 && strings.TrimSpace(s.html) == "" {
		doc, err = conceptnote.OpenText(s.text)
	} else {
		doc, err = conceptnote.Open(raw)
	}
	if err != nil {
		key, field := noteRefusal(err), "#text"
		if s.name != "" {
			field = "#file"
		}
		p.Failed = true
		d.Problems = []Link{{p.T(key, "Limit", d.Limit), field}}
		return a.render(c, http.StatusUnprocessableEntity, "note", p)
	}
	sum := sha256.Sum256(raw)
	b, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	n := conceptnote.Read(doc, l)
	return a.showNote(c, p, d, who, n, string(b), s.name, hex.EncodeToString(sum[:]), nil, http.StatusOK)
}

// shownText is what was pasted as the page shows it again: its lines stay, what no page can hold goes.
func shownText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func noteRefusal(err error) string {
	switch {
	case errors.Is(err, conceptnote.ErrTooLarge):
		return "concept.too_large"
	case errors.Is(err, conceptnote.ErrLocked):
		return "concept.locked"
	case errors.Is(err, conceptnote.ErrEmpty):
		return "concept.empty"
	}
	return "concept.unread"
}

// showNote draws the note beside what it says; v is what was chosen, nil at first.
func (a *Admin) showNote(c *gin.Context, p *Page, d *noteScreen, who *auth.Actor, n *conceptnote.Note, source, name, hash string, v url.Values, status int) error {
	d.noteReview = noteReview{Source: source, Name: name, Hash: hash, Lang: n.Lang, note: n}
	rv := &d.noteReview
	p.Layout = "one"
	p.Title = p.T("concept.review")
	d.Language.Any, d.Language.Value = "", string(n.Lang)
	title := n.Title.Text
	if v != nil {
		title = v.Get("title")
	}
	rv.Title = Field{P: p, Name: "title", Label: p.T("field.title"), Value: title, Lang: string(n.Lang), Type: "text"}
	if err := a.noteItems(c.Request.Context(), p, rv, who, v); err != nil {
		return err
	}
	p.noteSource(rv)
	return a.render(c, status, "note", p)
}

// noteWords shortens words to some of their beginning.
func noteWords(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	cut := string([]rune(s)[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–-") + " …"
}

// noteItems lists what was found, in the order of the event's sections.
func (a *Admin) noteItems(ctx context.Context, p *Page, rv *noteReview, who *auth.Actor, v url.Values) error {
	n := rv.note
	items := map[string]*noteItem{}
	put := func(key, label, text string, more ...string) *noteItem {
		x := &noteItem{Key: key, Label: label, Text: text, More: more}
		items[key] = x
		return x
	}
	enum := func(list, value string) string {
		if value == "" {
			return "–"
		}
		return p.T("enum." + list + "." + value)
	}
	wall := func(s string) time.Time { t, _ := time.Parse("2006-01-02T15:04", s); return t }
	put("title", p.T("field.title"), n.Title.Text)
	put("kind", p.T("concept.kind"), enum("event_kind", n.Kind.Text))
	put("series", p.T("concept.series"), n.Series.Text)
	put("ordinal", p.T("concept.ordinal"), p.Number(n.Ordinal.N))
	put("mode", p.T("concept.mode"), enum("attendance_mode", n.Mode.Text))
	if n.When.Precision != "" {
		put("when", p.T("concept.when"), noteWhen(p.Locale, n.When))
	}
	for _, x := range n.Venues {
		text := x.Name
		if x.Country != "" {
			text += " (" + i18n.CountryName(p.Locale, x.Country) + ")"
		}
		put(x.Key, enum("venue_type", x.Type), text)
	}
	for _, x := range n.Languages {
		put(x.Key, p.T("concept.working"), i18n.LanguageName(p.Locale, x.Text))
	}
	for _, x := range n.Interpretation {
		put(x.Key, p.T("concept.interpretation"), i18n.LanguageName(p.Locale, x.Text))
	}
	none := func(s string) string {
		if s == "" {
			return p.T("concept.no_address")
		}
		return s
	}
	put("join", p.T("concept.join"), none(n.Join.Text))
	put("register", p.T("concept.register"), none(n.Register.Text))
	put("mailbox", p.T("concept.mailbox"), n.Mailbox.Text)
	if n.Closes.Key != "" {
		put("closes", p.T("concept.closes"), i18n.DateTime(p.Locale, wall(n.Closes.Start)))
	}
	put("board", p.T("concept.board"), n.Board.Label)
	for i := range n.Blocks {
		b := &n.Blocks[i]
		label := enum("block_kind", b.Kind)
		if b.Heading != "" {
			label = b.Heading
		}
		var more []string
		text := b.LeadIn
		for _, x := range b.Body {
			if text == "" {
				text = noteWords(x.Text, 220)
				if text == x.Text {
					continue
				}
			}
			more = append(more, x.Text)
		}
		for _, x := range b.Points {
			more = append(more, "• "+x.Text)
		}
		for _, g := range b.Groups {
			head := g.Heading
			if head == "" {
				head = g.LeadIn
			}
			if head != "" {
				more = append(more, head)
			}
			for _, x := range g.Points {
				more = append(more, "• "+x.Text)
			}
		}
		x := put(b.Key, label, noteWords(text, 260), more...)
		x.MoreLabel = p.noteCounts(b)
	}
	for _, x := range n.Marks {
		put(x.Key, p.T("concept.note", "Mark", x.Mark), noteWords(x.Text, 260))
	}
	for _, s := range n.Sessions {
		when := i18n.Clock(p.Locale, wall(s.Start))
		if len(s.Start) < 10 {
			when = s.Start
		} else if s.End != "" {
			when = i18n.ClockRange(p.Locale, wall(s.Start), wall(s.End))
		}
		var more []string
		for _, x := range s.People {
			more = append(more, p.notePerson(x))
		}
		x := put(s.Key, when, s.Title, more...)
		if len(more) > 0 {
			x.MoreLabel = p.N("concept.people", len(more))
		}
	}
	for _, x := range n.People {
		put(x.Key, enum("person_role", x.Role), p.notePerson(x))
	}
	for _, x := range n.Organizations {
		put(x.Key, enum("org_role", x.Role), noteOrg(x))
	}
	for i := range n.Contacts {
		x := &n.Contacts[i]
		parts := []string{}
		for _, w := range []string{strings.TrimSpace(x.Honorific + " " + x.Name), x.Position, x.Mail, x.Phone} {
			if w != "" {
				parts = append(parts, w)
			}
		}
		put(x.Key, p.T("concept.contact"), strings.Join(parts, " · "))
	}
	for _, x := range n.Documents {
		text := x.Label
		if x.URL != "" {
			text += " · " + x.URL
		}
		put(x.Key, enum("document_slot", x.Slot), text)
	}
	for _, x := range n.Promises {
		put(x.Key, enum("commitment_kind", x.Kind), noteWords(x.Text, 260))
	}
	for _, x := range n.Countries {
		put(x.Key, p.T("concept.country"), i18n.CountryName(p.Locale, x.Text))
	}
	taken := map[string]bool{}
	if v != nil {
		for _, key := range v["take"] {
			taken[key] = true
		}
	}
	n.Each(func(section string, f *conceptnote.Found) {
		x := items[f.Key]
		if x == nil {
			return
		}
		x.Sure, x.Line, x.On = f.Sure.Word(), -1, v == nil && section != "relations" || taken[f.Key]
		if len(f.At) > 0 {
			x.Line = f.At[0].Line
		}
		rv.Found++
		switch f.Sure {
		case conceptnote.Sure:
			rv.Sure++
		case conceptnote.Guess:
			rv.Check++
		}
		if k := len(rv.Groups); k == 0 || rv.Groups[k-1].Name != section {
			label := p.T("section." + section)
			if section == "contacts" || section == "relations" || section == "organizers" {
				label = p.T("concept.section." + section)
			}
			rv.Groups = append(rv.Groups, noteGroup{Name: section, Label: label})
		}
		g := &rv.Groups[len(rv.Groups)-1]
		g.Items = append(g.Items, x)
	})
	if n.When.Key != "" && n.When.Precision != "" {
		rv.Zone = &Select{P: p, Name: "zone", Label: p.T("concept.zone"), Value: n.When.Zone}
		if rv.Zone.Value == "" {
			rv.Zone.Value = a.settings.Site().Zone
		}
		if v != nil {
			rv.Zone.Value = v.Get("zone")
		}
		for _, z := range i18n.Zones() {
			rv.Zone.Choices = append(rv.Zone.Choices, Choice{Value: z, Text: i18n.ZoneCity(p.Locale, z)})
		}
		if !slices.ContainsFunc(rv.Zone.Choices, func(c Choice) bool { return c.Value == rv.Zone.Value }) {
			rv.Zone.Choices = append(rv.Zone.Choices, Choice{Value: rv.Zone.Value, Text: i18n.ZoneCity(p.Locale, rv.Zone.Value)})
		}
		i18n.SortBy(p.Locale, rv.Zone.Choices, func(c Choice) string { return c.Text })
	}
	return a.noteChoices(ctx, p, rv, who, v)
}

// noteCounts says how much a block holds.
func (p *Page) noteCounts(b *conceptnote.Block) string {
	points, groups := len(b.Points), 0
	for _, g := range b.Groups {
		points += len(g.Points)
		if g.Heading != "" {
			groups++
		}
	}
	switch {
	case groups > 0:
		return p.T("concept.points_in_groups", "Points", p.N("concept.points", points), "Groups", p.N("concept.groups", groups))
	case points > 0:
		return p.N("concept.points", points)
	}
	return p.N("concept.paragraphs", len(b.Body))
}

// noteWhen is a time in words.
func noteWhen(l i18n.Locale, w conceptnote.When) string {
	at := func(s string) time.Time { t, _ := time.Parse("2006-01-02T15:04", s); return t }
	start, end := at(w.Start), at(w.End)
	switch {
	case w.Precision == "month":
		return i18n.MonthYear(l, start)
	case w.Precision == "day" && end.IsZero():
		return i18n.DateWeekday(l, start)
	case w.Precision == "day":
		return i18n.DateRange(l, start, end)
	case end.IsZero():
		return i18n.DateTime(l, start)
	}
	zone := ""
	if w.Zone != "" {
		zone = i18n.ZoneCity(l, w.Zone)
	}
	if !i18n.SameDay(start, end) {
		return i18n.DateTime(l, start) + " – " + i18n.DateTime(l, end)
	}
	if zone == "" {
		return i18n.DateWeekday(l, start) + ", " + i18n.ClockRange(l, start, end)
	}
	return i18n.When(l, start, end, zone, false)
}

func noteOrg(o conceptnote.Organization) string {
	if o.Acronym == "" {
		return o.Name
	}
	return o.Name + " (" + o.Acronym + ")"
}

// notePerson is a person with what they do.
func (p *Page) notePerson(x conceptnote.Person) string {
	parts := []string{strings.TrimSpace(x.Honorific + " " + x.Name)}
	for _, w := range []string{x.Position, x.Affiliation} {
		if w != "" {
			parts = append(parts, w)
		}
	}
	if x.Country != "" {
		parts = append(parts, i18n.CountryName(p.Locale, x.Country))
	}
	out := strings.Join(parts, " · ")
	if x.Tentative {
		out += " (" + p.T("enum.person_status.tentative") + ")"
	}
	return out
}

// noteName is a name of a note, and how its choice is called in the form.
type noteName struct {
	of, name, field string
	keys            []string // findings that it belongs to
}

// noteNamesOf lists the names that may be entries of ours, each once.
func noteNamesOf(n *conceptnote.Note) []noteName {
	var out []noteName
	add := func(of, name, key string) {
		if name == "" {
			return
		}
		f := i18n.Fold(n.Lang, name)
		for i := range out {
			if out[i].of == of && i18n.Fold(n.Lang, out[i].name) == f {
				out[i].keys = append(out[i].keys, key)
				return
			}
		}
		if len(out) < noteNames {
			sum := sha256.Sum256([]byte(of + "\x00" + f))
			out = append(out, noteName{of, name, "is:" + hex.EncodeToString(sum[:6]), []string{key}})
		}
	}
	add(kind.SeriesKind.Name, n.Series.Text, "series")
	for _, o := range n.Organizations {
		add(kind.OrganizationKind.Name, o.Name, o.Key)
	}
	for i := range n.Contacts {
		add(kind.OrganizationKind.Name, n.Contacts[i].Unit, n.Contacts[i].Key)
	}
	for _, s := range n.Sessions {
		for _, x := range s.People {
			add(kind.PersonKind.Name, x.Name, s.Key)
		}
	}
	for _, x := range n.People {
		add(kind.PersonKind.Name, x.Name, x.Key)
	}
	return out
}

// noteChoices offers for each name the entries of ours that are called so, a new one, or none.
func (a *Admin) noteChoices(ctx context.Context, p *Page, rv *noteReview, who *auth.Actor, v url.Values) error {
	n := rv.note
	byKey := map[string]*noteItem{}
	for _, g := range rv.Groups {
		for _, x := range g.Items {
			byKey[x.Key] = x
		}
	}
	t := p.tongue()
	group := map[string]*noteGroup{}
	for _, name := range noteNamesOf(n) {
		search := name.name
		if len(search) > 160 {
			search = strings.ToValidUTF8(search[:160], "")
		}
		found, err := a.options(ctx, t, who, name.of, search, "", 6)
		if err != nil {
			return err
		}
		var ids []string
		for _, o := range found {
			ids = append(ids, o.Value)
		}
		own, err := a.content.Labels(ctx, n.Lang, ids)
		if err != nil {
			return err
		}
		sel := &Select{P: p, Name: name.field, Label: p.T("concept.which", "Name", i18n.Isolate(name.name))}
		may := a.mayCreate(who, name.of)
		if may {
			sel.Choices = append(sel.Choices, Choice{Value: "new", Text: p.T("concept.create_new")})
			sel.Value = "new"
		}
		for _, o := range found {
			sel.Choices = append(sel.Choices, Choice{Value: o.Value, Text: p.T("concept.existing", "Name", o.Label)})
			if sel.Value == "" || sel.Value == "new" {
				if sameWords(o.Label, name.name) || sameWords(own[o.Value], name.name) || len(found) == 1 && strings.Count(own[o.Value], " ") == strings.Count(name.name, " ") {
					sel.Value = o.Value
				}
			}
		}
		sel.Choices = append(sel.Choices, Choice{Value: "", Text: p.T("concept.leave_out")})
		if v != nil {
			sel.Value = v.Get(name.field)
		}
		x := byKey[name.keys[0]]
		if name.of != kind.PersonKind.Name && x != nil && x.Choose == nil && name.name != unitOf(n, x.Key) {
			x.Choose = sel
			continue
		}
		if x != nil && x.Choose == nil && strings.HasPrefix(x.Key, "person-") {
			x.Choose = sel
			continue
		}
		// People of sessions and units of contacts have lines of their own.
		label := p.T("concept.names." + name.of)
		g := group[name.of]
		if g == nil {
			g = &noteGroup{Name: "names-" + name.of, Label: label}
			group[name.of] = g
		}
		g.Items = append(g.Items, &noteItem{Label: "", Text: name.name, Line: -1, Choose: sel})
	}
	for _, of := range []string{kind.PersonKind.Name, kind.OrganizationKind.Name} {
		if g := group[of]; g != nil {
			rv.Groups = append(rv.Groups, *g)
		}
	}
	return nil
}

func unitOf(n *conceptnote.Note, key string) string {
	for i := range n.Contacts {
		if n.Contacts[i].Key == key {
			return n.Contacts[i].Unit
		}
	}
	return ""
}

// noteSource draws the lines of the note, with what was found in them and what was lost.
func (p *Page) noteSource(rv *noteReview) {
	n := rv.note
	lines := make([]noteLine, len(n.Doc.Lines))
	spans := make([][][2]int, len(lines))
	labels := map[string]string{}
	for _, g := range rv.Groups {
		for _, x := range g.Items {
			if x.Key != "" && x.Line >= 0 {
				labels[x.Key] = x.Label
			}
		}
	}
	use := func(at []conceptnote.At) {
		for _, w := range at {
			if l := &lines[w.Line]; w.To > w.From {
				spans[w.Line] = append(spans[w.Line], [2]int{w.From, w.To})
				l.Used = true
			} else {
				spans[w.Line] = append(spans[w.Line], [2]int{0, len(n.Doc.Lines[w.Line].Text)})
				l.Used = true
			}
		}
	}
	n.Each(func(_ string, f *conceptnote.Found) {
		use(f.At)
		if len(f.At) > 0 && labels[f.Key] != "" && len(lines[f.At[0].Line].Keys) < 6 {
			l := &lines[f.At[0].Line]
			l.Keys = append(l.Keys, noteKey{f.Key, labels[f.Key]})
		}
	})
	for _, s := range n.Sessions {
		for _, x := range s.People {
			use(x.At)
		}
	}
	for _, l := range n.Lost {
		x := noteLost{Level: string(l.Level), Text: p.T("concept.lost."+l.Key, p.noteArgs(l.Args)...), Do: p.T("concept.do." + l.Key)}
		for _, at := range l.At {
			if !slices.Contains(x.Lines, at.Line) && len(x.Lines) < 6 {
				x.Lines = append(x.Lines, at.Line)
			}
			if l.Level != conceptnote.Mended {
				lines[at.Line].Lost = true
			}
		}
		rv.Lost = append(rv.Lost, x)
	}
	for i := range lines {
		l, src := &lines[i], &n.Doc.Lines[i]
		l.N, l.Mark = i, src.Mark
		l.Class = string(src.Kind)
		if src.Style != "" {
			l.Class += " " + src.Style
		}
		if src.Kind == conceptnote.Row {
			for _, c := range src.Cells {
				if !c.Again {
					l.Cells = append(l.Cells, c.Text)
				}
			}
			continue
		}
		slices.SortFunc(spans[i], func(a, b [2]int) int { return a[0] - b[0] })
		last := 0
		for _, s := range spans[i] {
			from, to := max(s[0], last), min(s[1], len(src.Text))
			if from >= to {
				continue
			}
			if from > last {
				l.Runs = append(l.Runs, noteRun{src.Text[last:from], false})
			}
			l.Runs = append(l.Runs, noteRun{src.Text[from:to], true})
			last = to
		}
		if last < len(src.Text) {
			l.Runs = append(l.Runs, noteRun{src.Text[last:], false})
		}
	}
	rv.Lines = lines
}

// noteArgs sets words of the note apart from the sentence that they stand in.
func (p *Page) noteArgs(args []any) []any {
	out := slices.Clone(args)
	for i := 1; i < len(out); i += 2 {
		if s, ok := out[i].(string); ok {
			out[i] = i18n.Isolate(noteWords(s, 120))
		}
	}
	return out
}

// makeNote takes the choices: it reads the note again in another language, or makes the draft.
func (a *Admin) makeNote(k *content.Kind, c *gin.Context) error {
	p, d, who, err := a.notePage(k, c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	var doc conceptnote.Doc
	if err := json.Unmarshal([]byte(v.Get("source")), &doc); err != nil || !doc.Fit() || len(doc.Lines) == 0 {
		return web.Fail(http.StatusUnprocessableEntity, "concept.source_gone")
	}
	l, ok := i18n.Parse(v.Get("lang"))
	if !ok {
		return badOp()
	}
	if !slices.Contains(a.offices(who, k.Name), v.Get("office")) {
		return auth.ErrForbidden
	}
	d.Office = v.Get("office")
	// Reading takes what lost its mark out of the words; the source stays as it came.
	n := conceptnote.Read(&doc, l)
	name, hash := i18n.StripControls(v.Get("name")), v.Get("hash")
	again := func(v url.Values, status int) error {
		return a.showNote(c, p, d, who, n, v.Get("source"), name, hash, v, status)
	}
	switch v.Get("op") {
	case "again":
		return a.showNote(c, p, d, who, n, v.Get("source"), name, hash, nil, http.StatusOK)
	case "":
	default:
		return badOp()
	}
	if strings.TrimSpace(v.Get("title")) == "" {
		p.Failed = true
		d.Problems = []Link{{p.T("concept.title_missing"), "#title"}}
		return again(v, http.StatusUnprocessableEntity)
	}
	saved, err := a.draftOfNote(c.Request.Context(), k, who, n, v, l)
	var invalid *content.Invalid
	if errors.As(err, &invalid) {
		f := a.openForm(c, who, k, nil, l)
		f.fill(nil)
		p.Failed = true
		for _, x := range f.links(invalid.Problems, "") {
			d.Problems = append(d.Problems, Link{Text: x.Text})
		}
		return again(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "concept.done")
	return web.Redirect(c, entryURL(k, saved, l))
}

// draftOfNote makes the draft, and drafts of the people, organizations and the series that are new, all or nothing.
func (a *Admin) draftOfNote(ctx context.Context, k *content.Kind, who *auth.Actor, n *conceptnote.Note, v url.Values, l i18n.Locale) (id string, err error) {
	taken := map[string]bool{}
	for _, key := range v["take"] {
		taken[key] = true
	}
	names := noteNamesOf(n)
	err = a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		refs := map[string]content.Ref{}
		for _, name := range names {
			if !slices.ContainsFunc(name.keys, func(key string) bool { return taken[key] }) {
				continue
			}
			key := name.of + "\x00" + i18n.Fold(n.Lang, name.name)
			if chosen := v.Get(name.field); chosen != "new" {
				refs[key] = content.Ref(chosen)
				continue
			}
			ref, err := a.entryOfNote(ctx, tx, who, n, name, l)
			if err != nil {
				return err
			}
			refs[key] = ref
		}
		ref := func(of, name string) content.Ref { return refs[of+"\x00"+i18n.Fold(n.Lang, name)] }
		e := kind.EventOfNote(n, kind.NoteChoice{
			Take:         func(key string) bool { return taken[key] },
			Organization: func(name string) content.Ref { return ref(kind.OrganizationKind.Name, name) },
			Person:       func(name string) content.Ref { return ref(kind.PersonKind.Name, name) },
			Series:       ref(kind.SeriesKind.Name, n.Series.Text),
		})
		e.Title = content.L(string(l), strings.TrimSpace(v.Get("title")))
		e.FocalPoint = who.ID
		if e.When.Known() {
			e.When.Zone = v.Get("zone")
			if e.Registration.Closes.At != "" {
				e.Registration.Closes.Zone = e.When.Zone
			}
		} else {
			e.When.Zone = a.settings.Site().Zone
			if e.Registration.Closes.At != "" {
				e.Registration.Closes.Zone = e.When.Zone
			}
		}
		slug := ""
		saved, err := a.content.SaveTx(ctx, tx, who, content.Change{Kind: k, Original: l, Office: v.Get("office"), Slug: &slug, Set: k.Split(e), Note: noteSourceName(v)})
		if err != nil {
			return err
		}
		id = saved.ID
		o := auth.Object{Kind: k.Name, ID: saved.ID, Office: v.Get("office"), Author: who.ID}
		return auth.Audit(ctx, tx, who, "create.note", o, map[string]any{"title": e.Title.In(l), "file": noteSourceName(v), "format": n.Doc.Format, "sha256": noteHash(v), "new": len(names)})
	})
	return id, err
}

// noteSourceName is the name of the file that a note came in.
func noteSourceName(v url.Values) string {
	s := i18n.StripControls(v.Get("name"))
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120])
	}
	return s
}

// noteHash is the hash of the note's bytes, so that one can tell which file it was.
func noteHash(v url.Values) string {
	h := v.Get("hash")
	if b, err := hex.DecodeString(h); err != nil || len(b) != sha256.Size {
		return ""
	}
	return h
}

// entryOfNote makes the draft of a person, an organization or a series.
func (a *Admin) entryOfNote(ctx context.Context, tx bun.Tx, who *auth.Actor, n *conceptnote.Note, name noteName, l i18n.Locale) (content.Ref, error) {
	office, ok := a.officeFor(who, name.of)
	if !ok {
		return "", auth.ErrForbidden
	}
	words := func(s string) content.Line {
		if s == "" {
			return nil
		}
		return content.L(string(l), s)
	}
	var set content.Parts
	var k *content.Kind
	switch name.of {
	case kind.SeriesKind.Name:
		k = kind.SeriesKind
		set = k.Split(&kind.Series{Title: words(name.name), Status: "active"})
	case kind.OrganizationKind.Name:
		k = kind.OrganizationKind
		x := &kind.Organization{Name: words(name.name)}
		for _, o := range n.Organizations {
			if o.Name == name.name {
				x.Acronym = words(o.Acronym)
			}
		}
		set = k.Split(x)
	default:
		k = kind.PersonKind
		x := &kind.Person{Name: words(name.name)}
		take := func(p conceptnote.Person) {
			if i18n.Fold(l, p.Name) != i18n.Fold(l, name.name) {
				return
			}
			if x.Honorific == nil {
				x.Honorific = words(p.Honorific)
			}
			if x.Position == nil {
				x.Position = words(p.Position)
			}
			if x.Country == "" {
				x.Country = p.Country
			}
			if x.Nickname == "" {
				x.Nickname = p.Nickname
			}
		}
		for _, p := range n.People {
			take(p)
		}
		for _, s := range n.Sessions {
			for _, p := range s.People {
				take(p)
			}
		}
		set = k.Split(x)
	}
	saved, err := a.content.SaveTx(ctx, tx, who, content.Change{Kind: k, Original: l, Office: office, Set: set})
	if err != nil {
		return "", err
	}
	return content.Ref(saved.ID), nil
}

// HasTitle reports whether a title was found, so that it stands among the findings.
func (r *noteReview) HasTitle() bool { return r.note.Title.Key != "" }

// LangDir is the direction of the note.
func (r *noteReview) LangDir() string { return r.Lang.Dir() }
