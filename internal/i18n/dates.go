package i18n

import (
	"fmt"
	"strings"
	"time"
)

// dateStyle is how one language writes dates: names, and patterns with slots.
// Slots: d m y w of the first date (m the month inside a date, n standing alone),
// capitals for the second date of a range; a b two finished texts; c clock, z zone, o offset.
// The patterns follow United Nations usage where CLDR differs: day month year in
// English, both month names in Arabic, "1er" in French, no comma after the
// Spanish weekday, "года" in Russian, never the Swahili clock.
type dateStyle struct {
	months   [12]string // as it stands alone
	inDate   [12]string // inside a date; empty = months
	weekdays [7]string  // Sunday first
	first    string     // the first of a month; empty = "1"

	date, dayMonth, monthYear, full, dateTime string
	sameMonth, sameYear                       string // ranges of days within a month, a year
	span                                      string // any other range of two texts
	clock, clocks                             string // clocks is a range
	when, offset                              string
}

var dateStyles = map[Locale]*dateStyle{
	AR: {
		months: names12("كانون الثاني/يناير|شباط/فبراير|آذار/مارس|نيسان/أبريل|أيار/مايو|حزيران/يونيه|" +
			"تموز/يوليه|آب/أغسطس|أيلول/سبتمبر|تشرين الأول/أكتوبر|تشرين الثاني/نوفمبر|كانون الأول/ديسمبر"),
		weekdays: names7("الأحد|الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت"),
		date:     "{d} {m} {y}", dayMonth: "{d} {m}", monthYear: "{m} {y}", full: "{w} {a}", dateTime: "{a}، الساعة {c}",
		sameMonth: "من {d} إلى {D} {m} {y}", sameYear: "من {d} {m} إلى {D} {M} {y}", span: "من {a} إلى {b}",
		clocks: "من {a} إلى {b}", when: "{a}، {c} بتوقيت {z}{o}", offset: " ({o})",
	},
	ZH: {
		months:   names12("1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月"),
		weekdays: names7("星期日|星期一|星期二|星期三|星期四|星期五|星期六"),
		date:     "{y}年{m}{d}日", dayMonth: "{m}{d}日", monthYear: "{y}年{m}", full: "{a}{w}", dateTime: "{a} {c}",
		sameMonth: "{y}年{m}{d}日至{D}日", sameYear: "{y}年{m}{d}日至{M}{D}日", span: "{a}至{b}",
		clocks: "{a}–{b}", when: "{a} {c}（{z}时间{o}）", offset: "，{o}",
	},
	EN: {
		months:   names12("January|February|March|April|May|June|July|August|September|October|November|December"),
		weekdays: names7("Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"),
		date:     "{d} {m} {y}", dayMonth: "{d} {m}", monthYear: "{m} {y}", full: "{w}, {a}", dateTime: "{a}, {c}",
		sameMonth: "{d}–{D} {m} {y}", sameYear: "{d} {m} – {D} {M} {y}", span: "{a} – {b}",
		clocks: "{a}–{b}", when: "{a}, {c}, {z}{o}", offset: " ({o})",
	},
	FR: {
		months:   names12("janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"),
		weekdays: names7("dimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi"),
		first:    "1er",
		date:     "{d} {m} {y}", dayMonth: "{d} {m}", monthYear: "{m} {y}", full: "{w} {a}", dateTime: "{a} à {c}",
		sameMonth: "{d}–{D} {m} {y}", sameYear: "{d} {m} – {D} {M} {y}", span: "{a} – {b}",
		clock: "h", clocks: "{a} – {b}", when: "{a}, {c}, {z}{o}", offset: " ({o})",
	},
	RU: {
		months:   names12("январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октябрь|ноябрь|декабрь"),
		inDate:   names12("января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"),
		weekdays: names7("воскресенье|понедельник|вторник|среда|четверг|пятница|суббота"),
		date:     "{d} {m} {y} года", dayMonth: "{d} {m}", monthYear: "{n} {y} года", full: "{w}, {a}", dateTime: "{a}, {c}",
		sameMonth: "{d}–{D} {m} {y} года", sameYear: "{d} {m} – {D} {M} {y} года", span: "{a} – {b}",
		clocks: "{a}–{b}", when: "{a}, {c}, {z}{o}", offset: " ({o})",
	},
	ES: {
		months:   names12("enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"),
		weekdays: names7("domingo|lunes|martes|miércoles|jueves|viernes|sábado"),
		date:     "{d} de {m} de {y}", dayMonth: "{d} de {m}", monthYear: "{m} de {y}", full: "{w} {a}", dateTime: "{a}, {c}",
		sameMonth: "{d} a {D} de {m} de {y}", sameYear: "{d} de {m} a {D} de {M} de {y}", span: "{a} a {b}",
		clocks: "{a}–{b}", when: "{a}, {c}, {z}{o}", offset: " ({o})",
	},
	KO: {
		months:   names12("1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월"),
		weekdays: names7("일요일|월요일|화요일|수요일|목요일|금요일|토요일"),
		date:     "{y}년 {m} {d}일", dayMonth: "{m} {d}일", monthYear: "{y}년 {m}", full: "{a} {w}", dateTime: "{a} {c}",
		sameMonth: "{y}년 {m} {d}일~{D}일", sameYear: "{y}년 {m} {d}일~{M} {D}일", span: "{a}~{b}",
		clocks: "{a}~{b}", when: "{a} {c} ({z} 시간{o})", offset: ", {o}",
	},
	PT: {
		months:   names12("janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"),
		weekdays: names7("domingo|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado"),
		date:     "{d} de {m} de {y}", dayMonth: "{d} de {m}", monthYear: "{m} de {y}", full: "{w}, {a}", dateTime: "{a}, {c}",
		sameMonth: "{d} a {D} de {m} de {y}", sameYear: "{d} de {m} a {D} de {M} de {y}", span: "{a} a {b}",
		clocks: "{a}–{b}", when: "{a}, {c}, {z}{o}", offset: " ({o})",
	},
	SW: {
		months:   names12("Januari|Februari|Machi|Aprili|Mei|Juni|Julai|Agosti|Septemba|Oktoba|Novemba|Desemba"),
		weekdays: names7("Jumapili|Jumatatu|Jumanne|Jumatano|Alhamisi|Ijumaa|Jumamosi"),
		date:     "{d} {m} {y}", dayMonth: "{d} {m}", monthYear: "{m} {y}", full: "{w}, {a}", dateTime: "{a}, {c}",
		sameMonth: "{d}–{D} {m} {y}", sameYear: "{d} {m} – {D} {M} {y}", span: "{a} – {b}",
		clocks: "{a}–{b}", when: "{a}, {c}, saa za {z}{o}", offset: " ({o})",
	},
}

func names12(s string) [12]string { return [12]string(strings.Split(s, "|")) }
func names7(s string) [7]string   { return [7]string(strings.Split(s, "|")) }

// style is the date style of l, English for a locale we do not know.
func style(l Locale) *dateStyle {
	if s := dateStyles[l]; s != nil {
		return s
	}
	return dateStyles[EN]
}

// slots are what a pattern can name; see dateStyle.
type slots struct {
	t, u          time.Time
	a, b, c, z, o string
}

func (s *dateStyle) write(pattern string, in slots) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(pattern, '{')
		if i < 0 {
			b.WriteString(pattern)
			return b.String()
		}
		b.WriteString(pattern[:i])
		switch pattern[i+1] {
		case 'd':
			b.WriteString(s.day(in.t))
		case 'D':
			b.WriteString(s.day(in.u))
		case 'm':
			b.WriteString(s.month(in.t))
		case 'n':
			b.WriteString(s.months[in.t.Month()-1])
		case 'M':
			b.WriteString(s.month(in.u))
		case 'y':
			fmt.Fprint(&b, in.t.Year())
		case 'w':
			b.WriteString(s.weekdays[in.t.Weekday()])
		case 'a':
			b.WriteString(in.a)
		case 'b':
			b.WriteString(in.b)
		case 'c':
			b.WriteString(in.c)
		case 'z':
			b.WriteString(in.z)
		case 'o':
			b.WriteString(in.o)
		}
		pattern = pattern[i+3:]
	}
}

func (s *dateStyle) day(t time.Time) string {
	if t.Day() == 1 && s.first != "" {
		return s.first
	}
	return fmt.Sprint(t.Day())
}

func (s *dateStyle) month(t time.Time) string {
	if m := s.inDate[t.Month()-1]; m != "" {
		return m
	}
	return s.months[t.Month()-1]
}

// Date is the long date, "1 July 2026". All functions here print the wall time
// of the time's own location.
func Date(l Locale, t time.Time) string { s := style(l); return s.write(s.date, slots{t: t}) }

// DateWeekday is the long date with its weekday, "Wednesday, 1 July 2026".
func DateWeekday(l Locale, t time.Time) string {
	s := style(l)
	return s.write(s.full, slots{t: t, a: Date(l, t)})
}

// DayMonth is the date without its year, "1 July".
func DayMonth(l Locale, t time.Time) string { s := style(l); return s.write(s.dayMonth, slots{t: t}) }

// MonthYear is "July 2026", for dates known to the month only.
func MonthYear(l Locale, t time.Time) string { s := style(l); return s.write(s.monthYear, slots{t: t}) }

// Month is the month's name standing alone.
func Month(l Locale, t time.Time) string { return style(l).months[t.Month()-1] }

// Weekday is the weekday's name.
func Weekday(l Locale, t time.Time) string { return style(l).weekdays[t.Weekday()] }

// Clock is the time of day in 24 hours: "08:00", in French "8 h" and "8 h 05".
func Clock(l Locale, t time.Time) string {
	if style(l).clock != "h" {
		return t.Format("15:04")
	}
	if t.Minute() == 0 {
		return fmt.Sprintf("%d"+nbsp+"h", t.Hour())
	}
	return fmt.Sprintf("%d"+nbsp+"h"+nbsp+"%02d", t.Hour(), t.Minute())
}

// ClockRange is "08:00–09:30"; in Arabic in words, since a dash between two
// times reads backwards from right to left.
func ClockRange(l Locale, a, b time.Time) string {
	s := style(l)
	return s.write(s.clocks, slots{a: Clock(l, a), b: Clock(l, b)})
}

// DateRange is "1–3 July 2026", with as much of the first date repeated as is
// needed; one date if both fall on the same day or b is zero.
func DateRange(l Locale, a, b time.Time) string {
	s := style(l)
	switch in := (slots{t: a, u: b}); {
	case b.IsZero():
		return Date(l, a)
	case a.Year() != b.Year():
		return s.write(s.span, slots{a: Date(l, a), b: Date(l, b)})
	case a.Month() != b.Month():
		return s.write(s.sameYear, in)
	case a.Day() != b.Day():
		return s.write(s.sameMonth, in)
	}
	return Date(l, a)
}

// DateLeaf is a date, or a range of days within a month, in pieces, so that the day can be written large as on a leaf of a
// calendar: one after the other they read as Date or DateRange do. before is empty where the day comes first.
func DateLeaf(l Locale, a, b time.Time) (before, day, after string) {
	s := style(l)
	pattern, last := s.date, "{d}"
	if !b.IsZero() && a.Day() != b.Day() {
		pattern, last = s.sameMonth, "{D}"
	}
	from, to := strings.Index(pattern, "{d}"), strings.Index(pattern, last)+len(last)
	if !strings.Contains(pattern[:from], "{") {
		from = 0 // "from the"
	}
	for to < len(pattern) && pattern[to] != ' ' && pattern[to] != '{' {
		to++ // "1日"
	}
	write := func(p string) string { return strings.TrimSpace(s.write(p, slots{t: a, u: b})) }
	return write(pattern[:from]), write(pattern[from:to]), write(pattern[to:])
}

// DayMonthWeekday is "Friday, 2 April".
func DayMonthWeekday(l Locale, t time.Time) string {
	s := style(l)
	return s.write(s.full, slots{t: t, a: DayMonth(l, t)})
}

// DateTime is the long date with the time of day.
func DateTime(l Locale, t time.Time) string {
	s := style(l)
	return s.write(s.dateTime, slots{a: Date(l, t), c: Clock(l, t)})
}

// When is the full line of an event: weekday, date, times and zone, as in
// "Wednesday, 1 July 2020, 08:00–09:30, New York (UTC−4)". start and end are in
// the location to print; a zero end leaves the range out. zone is an IANA name
// or a ready label, "" taking start's location. offset adds the distance to UTC.
func When(l Locale, start, end time.Time, zone string, offset bool) string {
	s := style(l)
	in := slots{}
	if zone == "" {
		zone = start.Location().String()
	}
	in.z = ZoneCity(l, zone)
	if o := Offset(start); offset && o != in.z {
		in.o = s.write(s.offset, slots{o: o})
	}
	switch {
	case end.IsZero() || end.Equal(start):
		in.a, in.c = DateWeekday(l, start), Clock(l, start)
	case SameDay(start, end):
		in.a, in.c = DateWeekday(l, start), ClockRange(l, start, end)
	default: // both ends in full: date and time belong together
		from := s.write(s.dateTime, slots{a: DateWeekday(l, start), c: Clock(l, start)})
		to := s.write(s.dateTime, slots{a: DateWeekday(l, end), c: Clock(l, end)})
		span := s.write(s.span, slots{a: from, b: to})
		before, after, _ := strings.Cut(s.when, "{a}")
		_, after, _ = strings.Cut(after, "{c}")
		return s.write(before+"{a}"+after, slots{a: span, z: in.z, o: in.o})
	}
	return s.write(s.when, in)
}

// SameDay reports whether two times fall on one day, each on its own clock.
func SameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// Offset is t's distance to UTC with a true minus: "UTC−4", "UTC+5:30", "UTC".
func Offset(t time.Time) string {
	_, sec := t.Zone()
	sign := "+"
	if sec < 0 {
		sign, sec = "−", -sec
	}
	h, m := sec/3600, sec%3600/60
	switch {
	case h == 0 && m == 0:
		return "UTC"
	case m == 0:
		return fmt.Sprintf("UTC%s%d", sign, h)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, h, m)
}
