package conceptnote

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"plenary/internal/i18n"
)

// nowhen is a day for zones where the event's is not known.
var nowhen = time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)

// when puts the date, the times and the zone together.
func (r *reader) when() {
	var best *dayWords
	score := func(d *dayWords) int {
		n := 0
		switch {
		case d.noYear:
			n -= 20
		case d.month:
			n -= 3
		}
		if d.label {
			n += 4
		}
		if d.weekday >= 0 {
			n += 2
		}
		if len(d.p.text) < 80 {
			n++
		}
		return n
	}
	for i := range r.days {
		if d := &r.days[i]; best == nil || score(d) > score(best) {
			best = d
		}
	}
	w := When{Found: Found{Key: "when", Sure: Likely}}
	if best != nil && !best.noYear {
		r.dayYears(best.first)
	}
	days := r.programmeDays()
	if best == nil || best.noYear && len(days) == 0 {
		if d, at, ok := r.dateInSentence(); ok {
			best = &dayWords{dateHit: d, p: at}
			w.Sure = Guess
		}
	}
	if best == nil || best.noYear {
		r.lose("date", Missing, nil)
		r.settle(days)
		return
	}
	if best.label || best.weekday >= 0 {
		w.Sure = Sure
	}
	place := func(d *dayWords) At {
		f := fold(d.p.text)
		if d.p.Kind == Row {
			return At{Line: d.p.n}
		}
		return d.p.part(f.at[min(d.from, len(f.at)-1)], f.at[min(d.to, len(f.at)-1)])
	}
	w.At = append(w.At, place(best))
	first, last := best.first, best.last
	if n := len(days); last.IsZero() && n > 1 && days[0].Equal(first) && days[n-1].After(first) {
		last = days[n-1]
		best.last = last
	}
	if last.IsZero() {
		last = first
	}
	if best.weekday >= 0 && int(first.Weekday()) != best.weekday {
		r.lose("weekday", Doubtful, w.At, "Date", i18n.DateWeekday(r.out.Lang, first))
		w.Sure = Likely
	}
	for i := range r.days {
		d := &r.days[i]
		if d == best || d.month {
			continue
		}
		same := d.noYear && d.first.Month() == first.Month() && d.first.Day() == first.Day()
		within := !d.first.Before(first) && !d.first.After(last)
		if !same && !within && !d.noYear && d.last.IsZero() && len(d.p.text) < 60 && d.p.Kind != Row && len(r.out.Sessions) == 0 {
			r.lose("other_date", Doubtful, []At{place(d)}, "Date", i18n.Date(r.out.Lang, d.first))
		} else if same || within {
			w.At = append(w.At, place(d))
		}
	}
	if best.month {
		w.Precision, w.Start = "month", wallTime(first, 0)
		r.out.When = w
		r.lose("day", Missing, w.At)
		return
	}
	// The times: those that stand with the date, else those of the programme.
	var clock *clockWords
	for i := range r.clocks {
		c := &r.clocks[i]
		if c.start < 0 {
			continue
		}
		if clock == nil || c.label && !clock.label || c.end >= 0 && clock.end < 0 && c.label == clock.label {
			clock = c
		}
	}
	w.Precision = "day"
	w.Start = wallTime(first, 0)
	if !best.last.IsZero() {
		w.End = wallTime(last, 0)
	}
	start, end := -1, -1
	if clock != nil {
		start, end = clock.start, clock.end
		at := clock.p.part(clock.f.at[clock.from], clock.f.at[clock.to])
		w.At = append(w.At, at)
		if clock.mended {
			r.lose("clock", Doubtful, []At{at}, "From", clockText(start), "To", clockText(max(end, 0)))
		}
	} else if n := len(r.out.Sessions); n > 0 {
		for i := range r.out.Sessions {
			x := &r.out.Sessions[i]
			if x.Start == "" {
				continue
			}
			m := minutesOf(x.Start)
			if start < 0 {
				start = m
			}
			end = m
			if x.End != "" {
				end = minutesOf(x.End)
			}
		}
	}
	if start >= 0 {
		w.Precision, w.Start = "time", wallTime(first, start)
		if end >= 0 {
			if last.Equal(first) && end <= start {
				end += 24 * 60
			}
			w.End = wallTime(last, end)
		} else if !last.Equal(first) {
			w.End = ""
		}
	}
	r.zone(&w, clock, first)
	r.out.When = w
	if w.Precision == "day" && len(r.out.Sessions) == 0 {
		r.lose("time", Missing, w.At)
	}
	if len(days) == 0 {
		days = []time.Time{first}
	}
	r.settle(days)
}

func minutesOf(s string) int {
	return (int(s[0]-'0')*10+int(s[1]-'0'))*60 + int(s[3]-'0')*10 + int(s[4]-'0')
}

// programmeDays are the days that the programme names.
func (r *reader) programmeDays() []time.Time {
	var out []time.Time
	for _, x := range r.out.Sessions {
		if day, ok := strings.CutPrefix(x.Kind, "\x00"); ok {
			if t, err := time.Parse(time.DateOnly, day); err == nil {
				out = append(out, t)
			}
		}
	}
	return out
}

// dayYears gives the days of the programme that were named without a year that of the event.
func (r *reader) dayYears(first time.Time) {
	for i := range r.out.Sessions {
		x := &r.out.Sessions[i]
		if day, ok := strings.CutPrefix(x.Kind, "\x00?"); ok {
			if t, err := time.Parse("01-02", day); err == nil {
				t = time.Date(first.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
				if t.Before(first.AddDate(0, -6, 0)) {
					t = t.AddDate(1, 0, 0)
				}
				x.Kind = "\x00" + t.Format(time.DateOnly)
			}
		}
	}
}

// settle gives the sessions their days, and takes out what only marked them.
func (r *reader) settle(days []time.Time) {
	var day time.Time
	if len(days) > 0 {
		day = days[0]
	}
	var out []Session
	last := -1
	for _, x := range r.out.Sessions {
		if d, ok := strings.CutPrefix(x.Kind, "\x00"); ok {
			if t, err := time.Parse(time.DateOnly, d); err == nil {
				day = t
			}
			last = -1
			continue
		}
		if day.IsZero() {
			out = append(out, x)
			continue
		}
		m := minutesOf(x.Start)
		if m < last-6*60 { // past midnight
			day = day.AddDate(0, 0, 1)
		}
		last = m
		e := m
		if x.End != "" {
			e = minutesOf(x.End)
			if e < m {
				e += 24 * 60
			}
			x.End = wallTime(day, e)
		}
		x.Start = wallTime(day, m)
		out = append(out, x)
	}
	r.out.Sessions = out
}

// dateInSentence finds the event's date in the text: one beside words of taking place, or of the event's kind.
func (r *reader) dateInSentence() (dateHit, piece, bool) {
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind == Row || l.Kind == NoteText {
			continue
		}
		for _, s := range sentencesOf(l.Text) {
			f := fold(l.Text[s[0]:s[1]])
			ds := datesIn(f)
			if len(ds) == 0 || ds[0].noYear || !f.has("kind") || f.has("hint.bythen") && f.has("hint.registration") {
				continue
			}
			p := piece{l, i, s[0], l.Text[s[0]:s[1]]}
			r.times(p, false)
			r.days = r.days[:len(r.days)-len(ds)]
			return ds[0], p, true
		}
	}
	return dateHit{}, piece{}, false
}

// zone reads the zone from beside the times, else from the place.
func (r *reader) zone(w *When, clock *clockWords, day time.Time) {
	try := func(f folded, p piece) bool {
		z, ok := zoneIn(f, day)
		if !ok || z.zone == "" {
			return false
		}
		w.Zone, w.ZoneSure = z.zone, z.sure
		if p.Line != nil && p.Kind != Row && z.to > z.from {
			w.At = append(w.At, p.part(f.at[z.from], f.at[z.to]))
		}
		if z.offset && z.zone != "UTC" {
			r.lose("zone_offset", Doubtful, w.At, "Zone", i18n.ZoneCity(r.out.Lang, z.zone))
		} else if z.sure == Guess {
			r.lose("zone_clash", Doubtful, w.At, "Zone", i18n.ZoneCity(r.out.Lang, z.zone))
		}
		return true
	}
	if clock != nil {
		after := folded{s: clock.f.s[clock.to:], at: clock.f.at[clock.to:], from: clock.f.from}
		if try(after, clock.p) || try(clock.f, clock.p) {
			return
		}
		if n := clock.p.n + 1; n < len(r.doc.Lines) && wordCount(r.doc.Lines[n].Text) < 9 {
			if strings.ContainsAny(r.doc.Lines[n].Text, "(（") || has(r.doc.Lines[n].Text, "hint.time") {
				if try(fold(r.doc.Lines[n].Text), piece{&r.doc.Lines[n], n, 0, r.doc.Lines[n].Text}) {
					return
				}
			}
		}
	}
	for _, c := range r.clocks {
		if try(c.f, c.p) {
			return
		}
	}
	for _, v := range r.venues {
		f := fold(v.text)
		if zone, _, a, b := cityIn(f.s); a >= 0 && platform(f) == "" {
			w.Zone, w.ZoneSure = zone, Likely
			w.At = append(w.At, v.part(f.at[a], f.at[b]))
			return
		}
	}
	if w.Precision == "time" {
		r.lose("zone", Missing, w.At)
	}
}

// partVenues parts "Room B, Suva / also online (Zoom)".
func (r *reader) partVenues() {
	var venues []piece
	for _, v := range r.venues { // "Room B, Suva / also online (Zoom)"
		from := 0
		if f := fold(v.text); platform(f) != "" || f.has("hint.online") {
			for _, sep := range []string{" / ", "; ", " + ", " – ", "；"} {
				if i := strings.Index(v.text, sep); i > 0 {
					venues = append(venues, piece{v.Line, v.n, v.off, v.text[:i]})
					from = i + len(sep)
					break
				}
			}
		}
		venues = append(venues, piece{v.Line, v.n, v.off + from, v.text[from:]})
	}
	r.venues = venues
}

// place reads where the event is, and in which languages.
func (r *reader) place() {
	n := r.out
	online, physical := false, false
	for _, v := range r.venues {
		f := fold(v.text)
		if name := platform(f); name != "" || f.has("hint.online") && !f.has("hint.hybrid") {
			online = true
			if name == "" {
				continue
			}
			if !slices.ContainsFunc(n.Venues, func(x Venue) bool { return x.Type == "online" && x.Name == name }) {
				n.Venues = append(n.Venues, Venue{Found{r.key("venue"), Sure, []At{v.at()}}, "online", name, ""})
			}
			if f.has("hint.hybrid") {
				physical = true
			}
			continue
		}
		text := strings.Trim(strings.TrimSpace(v.text), " .,;")
		if letters(text) < 3 || wordCount(text) > 30 || f.has("hint.hybrid") && wordCount(text) < 4 {
			continue
		}
		if k := slices.IndexFunc(n.Venues, func(x Venue) bool { return x.Type == "physical" }); k >= 0 {
			if x := &n.Venues[k]; x.Country == "" && wordCount(text) <= 5 && !strings.Contains(x.Name, text) { // the town, said elsewhere
				for _, part := range splitPerson(strings.NewReplacer("(", ",", ")", ",").Replace(text)) {
					if code := countryOf(part); code != "" {
						x.Country, x.Name, x.At = code, x.Name+", "+strings.TrimRight(strings.NewReplacer(" (", ", ", ")", "").Replace(text), " ,"), append(x.At, v.at())
					}
				}
			}
			continue
		}
		physical = true
		r.physicalVenue(text, v.at())
	}
	var hybrid, inPerson, remote []At
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind == NoteText || l.Kind == Row {
			continue
		}
		for _, s := range sentencesOf(l.Text) {
			f := fold(l.Text[s[0]:s[1]])
			at := At{i, s[0], s[1]}
			short := len(l.Text) < 90
			about := short || f.has("kind") || f.has("hint.format") || platform(f) != ""
			if f.has("hint.hybrid") && about {
				hybrid = append(hybrid, at)
			}
			if f.has("hint.person") && about {
				inPerson = append(inPerson, at)
				if m := inPersonAt.FindStringSubmatchIndex(l.Text[s[0]:s[1]]); m != nil && !slices.ContainsFunc(n.Venues, func(x Venue) bool { return x.Type == "physical" && !r.townOnly(x) }) {
					r.physicalVenue(l.Text[s[0]+m[2]:s[0]+m[3]], At{i, s[0] + m[2], s[0] + m[3]})
					physical = true
				}
			}
			if name := platform(f); name != "" {
				remote = append(remote, at)
				if k := slices.IndexFunc(n.Venues, func(x Venue) bool { return x.Type == "online" }); k < 0 {
					n.Venues = append(n.Venues, Venue{Found{r.key("venue"), Likely, []At{at}}, "online", name, ""})
				} else if n.Venues[k].Name == name && len(n.Venues[k].At) < 4 && n.Venues[k].At[0].Line != i {
					n.Venues[k].At = append(n.Venues[k].At, at)
				}
			} else if f.has("hint.online") && f.has("hint.format") {
				remote = append(remote, at)
			}
			r.languages(f, at)
		}
	}
	for _, p := range r.tongues {
		for _, s := range sentencesOf(p.text) {
			if words := p.text[s[0]:s[1]]; !has(words, "hint.captions") {
				r.languagesOf(fold(words), p.part(s[0], s[1]), Sure, p.off)
			}
		}
	}
	if k := slices.IndexFunc(n.Venues, func(x Venue) bool { return x.Type == "online" }); k >= 0 {
		online = true
	}
	mode := Text{Found: Found{Key: "mode", Sure: Likely}}
	switch {
	case len(hybrid) > 0:
		mode.Text, mode.At, mode.Sure = "hybrid", hybrid[:1], Sure
	case physical && online:
		mode.Text = "hybrid"
		mode.At = n.Venues[0].At
	case physical:
		mode.Text = "in_person"
		mode.At = n.Venues[0].At
	case len(inPerson) > 0 && !online:
		mode.Text, mode.At = "in_person", inPerson[:1]
	case online || len(remote) > 0:
		mode.Text = "online"
		if len(remote) > 0 {
			mode.At = remote[:1]
		} else if len(n.Venues) > 0 {
			mode.At = n.Venues[0].At
		}
	default:
		mode.Key = ""
	}
	n.Mode = mode
	if !physical && mode.Text == "in_person" {
		r.lose("venue", Missing, mode.At)
	}
}

// inPersonAt is the place in "in person at the Conference Centre and online".
var inPersonAt = regexp.MustCompile(`(?i)(?:in[ -]person at|en présentiel (?:à|au|aux|dans)|en persona en|(?:de forma )?presencial(?:mente)? en|presencial(?:mente)? (?:em|no|na)|حضورياً? في|очно в)\s+(?:the |la |l’|l'|le |el |o |a )?([^,;()（）]{4,90}?)(?:\s+(?:and|et|y|e|и|و|as well as|ainsi que)\s|[,;()（）.]|$)`)

// townOnly reports whether a venue is no more than a town, as it stands beside a date.
func (r *reader) townOnly(v Venue) bool {
	return wordCount(v.Name) <= 3 || v.Country != "" && strings.Count(v.Name, ",") == 1
}

// physicalVenue takes a place; before a town that is known already, it goes in front of it.
func (r *reader) physicalVenue(text string, at At) {
	x := Venue{Found{r.key("venue"), Sure, []At{at}}, "physical", text, ""}
	if k := slices.IndexFunc(r.out.Venues, func(v Venue) bool { return v.Type == "physical" }); k >= 0 {
		v := &r.out.Venues[k]
		if fold(v.Name).s != fold(text).s {
			v.Name, v.At = text+", "+v.Name, append(v.At, at)
		}
		return
	}
	for _, part := range splitPerson(strings.NewReplacer("(", ",", ")", ",").Replace(text)) {
		if code := countryOf(part); code != "" {
			x.Country = code
		}
	}
	r.out.Venues = append(r.out.Venues, x)
}

// languages finds working languages and interpretation in a sentence that speaks of them.
func (r *reader) languages(f folded, at At) {
	if !f.has("hint.language") && !f.has("hint.interpretation") || wordCount(f.from) > 70 {
		return
	}
	if !f.has("hint.format") && !f.has("label.language") && !f.has("hint.interpretation") || !f.has("label.language") && !f.has("hint.interpretation") && len(f.from) > 200 {
		return
	}
	r.languagesOf(f, at, Likely, -1)
}

type languageName struct{ name, code string }

var languageNames = sync.OnceValue(func() []languageName {
	var out []languageName
	codes := []string{"en", "fr", "es", "ar", "zh", "ru", "pt", "sw", "ko", "ja", "de", "it", "id", "th", "vi", "hi", "tr", "fa", "ils"}
	for _, code := range codes {
		for _, l := range i18n.All {
			if w := fold(i18n.LanguageName(l, code)).s; len([]rune(w)) > 1 && w != code {
				out = append(out, languageName{w, code})
			}
		}
	}
	out = append(out, languageName{"английск", "en"}, languageName{"французск", "fr"}, languageName{"испанск", "es"}, languageName{"русск", "ru"}, languageName{"арабск", "ar"}, languageName{"китайск", "zh"},
		languageName{"португальск", "pt"}, languageName{"корейск", "ko"}, languageName{"суахили", "sw"}, languageName{"英文", "en"}, languageName{"英语", "en"}, languageName{"中文", "zh"}, languageName{"汉语", "zh"},
		languageName{"法文", "fr"}, languageName{"西班牙文", "es"}, languageName{"俄文", "ru"}, languageName{"阿拉伯文", "ar"}, languageName{"espagnole", "es"}, languageName{"anglaise", "en"}, languageName{"castellano", "es"},
		languageName{"inglesa", "en"}, languageName{"francesa", "fr"}, languageName{"kiingereza", "en"}, languageName{"kifaransa", "fr"}, languageName{"kiswahili", "sw"}, languageName{"الانجليزيه", "en"}, languageName{"الانكليزيه", "en"},
		languageName{"الفرنسيه", "fr"}, languageName{"الاسبانيه", "es"}, languageName{"العربيه", "ar"}, languageName{"الصينيه", "zh"}, languageName{"الروسيه", "ru"}, languageName{"영어", "en"}, languageName{"한국어", "ko"}, languageName{"불어", "fr"})
	return out
})

func (r *reader) languagesOf(f folded, at At, sure Confidence, off int) {
	type found struct {
		code     string
		from, to int
	}
	var all []found
	for _, x := range languageNames() {
		for from := 0; ; {
			i := strings.Index(f.s[from:], x.name)
			if i < 0 {
				break
			}
			i += from
			from = i + len(x.name)
			cyr := strings.ContainsFunc(x.name, func(c rune) bool { return unicode.Is(unicode.Cyrillic, c) })
			if bounded(f.s, i, i+len(x.name), cyr) && !slices.ContainsFunc(all, func(y found) bool { return y.code == x.code && y.from <= i && i < y.to+1 }) {
				all = append(all, found{x.code, i, i + len(x.name)})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return a.from - b.from })
	// What stands after the word for interpretation, or in its clause, is interpreted.
	split := len(f.s)
	if hits := f.find("hint.interpretation"); len(hits) > 0 {
		split = hits[0].from
		if i := strings.LastIndexAny(f.s[:split], ",;،؛。.:(（"); i >= 0 {
			split = i
		}
	}
	both := len(all) > 1 && split < len(f.s) && all[len(all)-1].from < split                // "English and French, with interpretation"
	if hits := f.find("hint.interpretation"); both && hits[0].from-all[len(all)-1].to < 3 { // "English with French interpretation"
		split, both = all[len(all)-1].from-1, false
	}
	for _, x := range all {
		t := Text{Found{"", sure, []At{at}}, x.code}
		if both && !slices.ContainsFunc(r.out.Interpretation, func(y Text) bool { return y.Text == x.code }) {
			y := t
			y.Key = r.key("interpretation")
			r.out.Interpretation = append(r.out.Interpretation, y)
		}
		if x.from > split {
			if !slices.ContainsFunc(r.out.Interpretation, func(y Text) bool { return y.Text == x.code }) {
				t.Key = r.key("interpretation")
				r.out.Interpretation = append(r.out.Interpretation, t)
			}
			continue
		}
		if !slices.ContainsFunc(r.out.Languages, func(y Text) bool { return y.Text == x.code }) {
			t.Key = r.key("language")
			r.out.Languages = append(r.out.Languages, t)
		}
	}
}

// kind tells what kind of event it is: what the title, the series, the label or most of the text calls it.
func (r *reader) kind() {
	if r.out.Kind.Key != "" {
		return
	}
	scores, at := map[string]int{}, map[string][]At{}
	count := func(s string, a At, weight int) {
		f := fold(s)
		for i, h := range f.find("kind") {
			w := weight
			if i > 0 && weight > 1 {
				w--
			}
			if scores[h.key] += w; len(at[h.key]) < 3 {
				at[h.key] = append(at[h.key], a)
			}
		}
	}
	if r.out.Title.Key != "" {
		count(r.out.Title.Text, r.out.Title.At[0], 6)
	}
	if r.out.Series.Key != "" {
		count(r.out.Series.Text, r.out.Series.At[0], 6)
	}
	lines := 0
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind == NoteText || l.Kind == Row || lines > 200 {
			continue
		}
		lines++
		w := 1
		if has(l.Text, "hint.note") && len(l.Text) < 100 {
			w = 4
		}
		if chrome(l.Text, fold(l.Text)) || len(datesIn(fold(l.Text))) > 2 {
			continue
		}
		count(l.Text, At{Line: i}, w)
	}
	best := ""
	for _, k := range slices.Sorted(mapsKeys(scores)) {
		if best == "" || scores[k] > scores[best] {
			best = k
		}
	}
	if best == "" {
		r.lose("kind", Missing, nil)
		return
	}
	sure := Likely
	if scores[best] > 8 {
		sure = Sure
	} else if scores[best] < 3 {
		sure = Guess
	}
	r.out.Kind = Text{Found{"kind", sure, at[best]}, best}
}

func mapsKeys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"premier": 1, "premiere": 1, "deuxieme": 2, "second(e)": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10,
	"primer": 1, "primero": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercer": 3, "tercero": 3, "tercera": 3, "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "sexto": 6, "sexta": 6, "septimo": 7, "septima": 7, "octavo": 8, "octava": 8,
	"primeiro": 1, "primeira": 1, "terceiro": 3, "terceira": 3, "quarto": 4, "quarta": 4, "setimo": 7, "setima": 7, "oitavo": 8, "oitava": 8,
	"الاول": 1, "الاولي": 1, "الثاني": 2, "الثانيه": 2, "الثالث": 3, "الثالثه": 3, "الرابع": 4, "الرابعه": 4, "الخامس": 5, "الخامسه": 5, "السادس": 6, "السادسه": 6, "السابع": 7, "السابعه": 7, "الثامن": 8, "الثامنه": 8,
	"перв": 1, "втор": 2, "трет": 3, "четверт": 4, "пят": 5, "шест": 6, "седьм": 7, "восьм": 8,
	"kwanza": 1, "pili": 2, "tatu": 3, "nne": 4, "tano": 5, "sita": 6, "saba": 7, "nane": 8,
	"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "첫": 1, "두": 2, "세": 3, "네": 4, "다섯": 5,
}

var (
	ordinalFigure  = regexp.MustCompile(`(\d{1,3})\.?\s?(?:st|nd|rd|th|er|ere|re|e|eme|o|a|º|ª|-?й|-?я|-?е|-?го|-?м)(?:\P{L}|$)`)
	ordinalChinese = regexp.MustCompile(`第\s?(\d{1,3}|[一二三四五六七八九十])\s?(?:期|次|场|届|讲|回)`)
	ordinalKorean  = regexp.MustCompile(`(?:제\s?(\d{1,3})\s?(?:차|회|회차)|(첫|두|세|네|다섯)\s?번째)`)
)

// ordinal finds which event of its series this is: "the 2nd Webinar of the series".
func (r *reader) ordinal() {
	for pass := range 2 {
		for i := range r.doc.Lines {
			l := &r.doc.Lines[i]
			if l.Kind == NoteText || l.Kind == Row {
				continue
			}
			for _, s := range sentencesOf(l.Text) {
				f := fold(l.Text[s[0]:s[1]])
				if !f.has("series") && pass == 0 || !f.has("kind") && pass == 1 || pass == 1 && r.out.Series.Key == "" {
					continue
				}
				if n, a, b, ok := ordinalIn(f); ok {
					r.out.Ordinal = Number{Found{"ordinal", Likely, []At{{i, s[0] + f.at[a], s[0] + f.at[b]}}}, n}
					return
				}
			}
		}
	}
}

// ordinalIn finds an ordinal beside the word for an event or a series.
func ordinalIn(f folded) (n, from, to int, ok bool) {
	beside := func(a, b int) bool {
		lo, hi := max(0, a-40), min(len(f.s), b+60)
		for lo > 0 && lo < len(f.s) && f.s[lo]&0xc0 == 0x80 {
			lo--
		}
		for hi < len(f.s) && f.s[hi]&0xc0 == 0x80 {
			hi++
		}
		around := folded{s: f.s[lo:hi]}
		return around.has("kind") || around.has("series")
	}
	atoi := func(s string) int {
		v := 0
		for _, c := range s {
			if c < '0' || c > '9' {
				return ordinals[s]
			}
			v = v*10 + int(c-'0')
		}
		return v
	}
	for _, re := range []*regexp.Regexp{ordinalChinese, ordinalKorean} {
		if m := re.FindStringSubmatchIndex(f.s); m != nil {
			for g := 1; g < len(m)/2; g++ {
				if m[2*g] >= 0 {
					if v := atoi(f.s[m[2*g]:m[2*g+1]]); v > 0 {
						return v, m[0], m[1], true
					}
				}
			}
		}
	}
	days := datesIn(f)
	for _, m := range ordinalFigure.FindAllStringSubmatchIndex(f.s, 20) {
		if slices.ContainsFunc(days, func(d dateHit) bool { return m[0] < d.to && d.from < m[1] }) || m[0] > 0 && isWord(lastRune(f.s[:m[0]])) {
			continue
		}
		if v := atoi(f.s[m[2]:m[3]]); v > 0 && v < 200 && beside(m[0], m[1]) {
			return v, m[0], m[1], true
		}
	}
	toks := tokensOf(f.s)
	for _, t := range toks {
		v := ordinals[t.s]
		if v == 0 && unicode.Is(unicode.Cyrillic, lastRune(t.s)) {
			for stem, x := range ordinals {
				if len(stem) >= 8 && strings.HasPrefix(t.s, stem) || stem == "пят" && (t.s == "пятый" || t.s == "пятое" || t.s == "пятая" || t.s == "пятом") || stem == "втор" && strings.HasPrefix(t.s, "втор") && !strings.HasPrefix(t.s, "вторник") {
					v = x
				}
			}
		}
		if v > 0 && !wide(lastRune(t.s)) && beside(t.from, t.to) {
			return v, t.from, t.to, true
		}
	}
	return 0, 0, 0, false
}

// countries proposes the countries that the text names in the note's language.
func (r *reader) countries() {
	seen := map[string]bool{}
	type named struct{ name, code string }
	var names []named
	for _, code := range i18n.Countries() {
		if w := fold(i18n.CountryName(r.out.Lang, code)).s; len([]rune(w)) > 2 || r.out.Lang == i18n.ZH {
			names = append(names, named{w, code})
		}
	}
	for _, b := range r.out.Blocks {
		for _, at := range b.At {
			if at.Line >= len(r.doc.Lines) || seen[fmt.Sprint(at.Line)] {
				continue
			}
			seen[fmt.Sprint(at.Line)] = true
			f := fold(r.doc.Lines[at.Line].Words())
			for _, x := range names {
				if i := strings.Index(f.s, x.name); i >= 0 && !seen[x.code] && bounded(f.s, i, i+len(x.name), false) && len(r.out.Countries) < 20 {
					seen[x.code] = true
					r.out.Countries = append(r.out.Countries, Text{Found{r.key("country"), Guess, []At{{at.Line, f.at[i], f.at[i+len(x.name)]}}}, x.code})
				}
			}
		}
	}
}

var (
	personalMail = regexp.MustCompile(`^\pL+[._]\pL+@`)
	capitals     = regexp.MustCompile(`(?:^|[\s(/«“])(\p{Lu}{3,7})(?:$|[\s.,;:)/’'»”])`)
	knownName    = map[string]bool{"UTC": true, "GMT": true, "RSS": true, "PDF": true, "USA": true, "COVID": true, "TBC": true, "TBD": true, "SDG": true, "SDGS": true, "ODD": true, "ODS": true, "UNESCO": true, "UNICEF": true, "ASEAN": true}
)

// missing lists what the note should hold and does not.
func (r *reader) missing() {
	n := r.out
	for _, mark := range slices.Sorted(mapsKeysAt(r.calls)) {
		if _, ok := n.Footnotes[mark]; ok {
			continue
		}
		r.lose("note", Missing, r.calls[mark], "Mark", mark)
	}
	for mark, text := range n.Footnotes {
		if len(r.calls[mark]) > 0 {
			continue
		}
		for i := range r.doc.Lines {
			if l := &r.doc.Lines[i]; l.Kind == NoteText && l.Text == text {
				r.lose("note_uncalled", Doubtful, []At{{Line: i}}, "Mark", mark)
			}
		}
	}
	for _, m := range n.Marks {
		called := r.used[m.Mark]
		for i := range r.doc.Lines {
			l := &r.doc.Lines[i]
			if l.Kind != NoteText && strings.Contains(l.Words(), m.Mark) {
				called = true
			}
		}
		if !called {
			r.lose("note_uncalled", Doubtful, m.At, "Mark", m.Mark)
		}
	}
	if len(n.Organizations) == 0 {
		r.lose("organizer", Missing, nil)
	}
	// Short names of organizations that nothing spells out.
	known := map[string]bool{}
	for i := range r.doc.Lines {
		for _, m := range regexp.MustCompile(`[(（]([^()（）]{2,24})[)）]`).FindAllStringSubmatch(r.doc.Lines[i].Words(), 20) {
			for _, w := range strings.FieldsFunc(m[1], func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
				known[w] = true
			}
		}
	}
	for i := range n.Organizations {
		o := &n.Organizations[i]
		for _, m := range capitals.FindAllStringSubmatch(o.Name, 5) {
			if w := m[1]; !known[w] && !knownName[w] {
				known[w] = true
				r.lose("acronym", Missing, o.At, "Acronym", w)
			}
		}
	}
	personal := []At{}
	for i := range n.Contacts {
		c := &n.Contacts[i]
		switch {
		case c.Name == "":
			r.lose("mail_label", Missing, c.At, "Mail", c.Mail)
		case c.Position == "":
			r.lose("position", Missing, c.At, "Name", c.Name)
		}
		if c.Nickname != "" {
			r.lose("nickname", Mended, c.At, "Nickname", c.Nickname, "Name", c.Name)
		}
		if c.Name != "" && c.Mail != "" {
			personal = append(personal, c.At...)
		}
	}
	if len(n.Contacts) == 0 {
		r.writeTo()
	}
	if len(n.Contacts) == 0 {
		r.lose("contact", Missing, nil)
	}
	if len(personal) > 0 {
		r.lose("personal_mail", Doubtful, personal)
	}
	if n.Mailbox.Key != "" && personalMail.MatchString(n.Mailbox.Text) && !slices.ContainsFunc(n.Contacts, func(c Contact) bool { return c.Mail == n.Mailbox.Text }) {
		r.lose("mailbox", Doubtful, n.Mailbox.At, "Mail", n.Mailbox.Text)
	}
	if n.Register.Key != "" && n.Register.Text == "" {
		r.lose("register_address", Missing, n.Register.At)
	}
	if n.Register.Key == "" && n.Mailbox.Key != "" {
		r.lose("register_address", Missing, n.Mailbox.At)
	}
	// Mailboxes that nothing took.
	taken := func(m string) bool {
		return n.Mailbox.Text == m || slices.ContainsFunc(n.Contacts, func(c Contact) bool { return c.Mail == m })
	}
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		for _, m := range mailboxes.FindAllStringIndex(l.Text, 20) {
			if w := l.Text[m[0]:m[1]]; !taken(w) {
				r.lose("mail_label", Missing, []At{{i, m[0], m[1]}}, "Mail", w)
			}
		}
	}
	speakers := len(n.People)
	for _, s := range n.Sessions {
		speakers += len(s.People)
	}
	if speakers == 0 {
		if k := slices.IndexFunc(n.Documents, func(d Document) bool { return d.Slot == "talking_points" }); k >= 0 {
			r.lose("speakers", Missing, n.Documents[k].At)
		}
	}
	if r.doc.Comments > 0 {
		r.lose("comments", Mended, nil, "Count", fmt.Sprint(r.doc.Comments))
	}
	if r.doc.Changes > 0 {
		r.lose("changes", Mended, nil, "Count", fmt.Sprint(r.doc.Changes))
	}
	if r.doc.Pictures > 0 {
		r.lose("pictures", Missing, nil, "Count", fmt.Sprint(r.doc.Pictures))
	}
	if len(n.Sessions) == 0 {
		tabs := []At{}
		for i := range r.doc.Lines {
			if l := &r.doc.Lines[i]; l.Kind == Paragraph && strings.Count(l.Text, "\t") > 0 {
				tabs = append(tabs, At{Line: i})
			}
		}
		if len(tabs) > 2 {
			r.lose("table", Doubtful, tabs)
		}
	}
	order := map[Severity]int{Missing: 0, Doubtful: 1, Mended: 2}
	slices.SortStableFunc(n.Lost, func(a, b Lost) int { return order[a.Level] - order[b.Level] })
}

// writeTo finds a contact in a sentence: "Questions? Write to Mr. Daniel Otieno, Programme Assistant, payroll@example.org."
func (r *reader) writeTo() {
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind != Paragraph && l.Kind != Item {
			continue
		}
		m := mailboxes.FindStringIndex(l.Text)
		if m == nil {
			continue
		}
		before := l.Text[:m[0]]
		for at := range before {
			if at > 0 && before[at-1] != ' ' {
				continue
			}
			h, _ := cutHonorific(before[at:])
			if h == "" {
				continue
			}
			p, ok := r.person(strings.Trim(before[at:], " ,;:(<"), "")
			if !ok || p.Honorific == "" {
				continue
			}
			c := Contact{Found: Found{r.key("contact"), Likely, []At{{i, at, m[1]}}}, Person: p, Mail: l.Text[m[0]:m[1]]}
			if p.Affiliation != "" {
				c.Position = strings.TrimLeft(p.Position+", "+p.Affiliation, ", ")
			}
			r.out.Contacts = append(r.out.Contacts, c)
			return
		}
	}
}

func mapsKeysAt(m map[string][]At) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
