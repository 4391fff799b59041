package i18n

import (
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// plain makes no-break blanks comparable with typed ones.
func plain(s string) string { return strings.NewReplacer(nbsp, " ", nnbsp, " ").Replace(s) }

// The reference date of the field: a first of the month, in a zone with a minus.
func TestReferenceDate(t *testing.T) {
	ny := zone(t, "America/New_York")
	start := time.Date(2020, 7, 1, 8, 0, 0, 0, ny)
	end := start.Add(90 * time.Minute)
	for l, want := range map[Locale][2]string{
		EN: {"Wednesday, 1 July 2020, 08:00–09:30, New York (UTC−4)", "Wednesday, 1 July 2020, 08:00–09:30, New York"},
		FR: {"mercredi 1er juillet 2020, 8 h – 9 h 30, New York (UTC−4)", "mercredi 1er juillet 2020, 8 h – 9 h 30, New York"},
		ES: {"miércoles 1 de julio de 2020, 08:00–09:30, Nueva York (UTC−4)", "miércoles 1 de julio de 2020, 08:00–09:30, Nueva York"},
		AR: {"الأربعاء 1 تموز/يوليه 2020، من 08:00 إلى 09:30 بتوقيت نيويورك (UTC−4)", "الأربعاء 1 تموز/يوليه 2020، من 08:00 إلى 09:30 بتوقيت نيويورك"},
		RU: {"среда, 1 июля 2020 года, 08:00–09:30, Нью-Йорк (UTC−4)", "среда, 1 июля 2020 года, 08:00–09:30, Нью-Йорк"},
		ZH: {"2020年7月1日星期三 08:00–09:30（纽约时间，UTC−4）", "2020年7月1日星期三 08:00–09:30（纽约时间）"},
		KO: {"2020년 7월 1일 수요일 08:00~09:30 (뉴욕 시간, UTC−4)", "2020년 7월 1일 수요일 08:00~09:30 (뉴욕 시간)"},
		PT: {"quarta-feira, 1 de julho de 2020, 08:00–09:30, Nova Iorque (UTC−4)", "quarta-feira, 1 de julho de 2020, 08:00–09:30, Nova Iorque"},
		SW: {"Jumatano, 1 Julai 2020, 08:00–09:30, saa za New York (UTC−4)", "Jumatano, 1 Julai 2020, 08:00–09:30, saa za New York"},
	} {
		if got := plain(When(l, start, end, "America/New_York", true)); got != want[0] {
			t.Errorf("%s: %s\nwant %s", l, got, want[0])
		}
		if got := plain(When(l, start, end, "", false)); got != want[1] {
			t.Errorf("%s: %s\nwant %s", l, got, want[1])
		}
	}
}

func TestWhenOtherShapes(t *testing.T) {
	utc := time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC)
	next := utc.Add(3 * time.Hour)
	for _, tc := range []struct{ got, want string }{
		{When(EN, utc, time.Time{}, "UTC", true), "Thursday, 31 December 2026, 22:00, UTC"},
		{When(EN, utc, next, "UTC", false), "Thursday, 31 December 2026, 22:00 – Friday, 1 January 2027, 01:00, UTC"},
		{When(FR, utc, next, "UTC", false), "jeudi 31 décembre 2026 à 22 h – vendredi 1er janvier 2027 à 1 h, UTC"},
		{When(ZH, utc, next, "UTC", false), "2026年12月31日星期四 22:00至2027年1月1日星期五 01:00（UTC时间）"},
		{When(AR, utc, next, "Africa/Nairobi", false), "من الخميس 31 كانون الأول/ديسمبر 2026، الساعة 22:00 إلى الجمعة 1 كانون الثاني/يناير 2027، الساعة 01:00 بتوقيت نيروبي"},
		{When(EN, utc, next, "Our own label", false), "Thursday, 31 December 2026, 22:00 – Friday, 1 January 2027, 01:00, Our own label"},
	} {
		if plain(tc.got) != tc.want {
			t.Errorf("got  %s\nwant %s", plain(tc.got), tc.want)
		}
	}
}

func TestDates(t *testing.T) {
	d := func(y, m, day int) time.Time { return time.Date(y, time.Month(m), day, 20, 5, 0, 0, time.UTC) }
	a := d(2026, 7, 1)
	for _, tc := range []struct{ got, want string }{
		{Date(EN, a), "1 July 2026"}, {Date(FR, a), "1er juillet 2026"}, {Date(FR, d(2026, 8, 11)), "11 août 2026"},
		{Date(AR, a), "1 تموز/يوليه 2026"}, {Date(AR, d(2026, 10, 2)), "2 تشرين الأول/أكتوبر 2026"},
		{Date(RU, a), "1 июля 2026 года"}, {Date(PT, a), "1 de julho de 2026"}, {Date(SW, a), "1 Julai 2026"},
		{Date(KO, a), "2026년 7월 1일"}, {Date(ZH, a), "2026年7月1日"}, {Date(ES, a), "1 de julio de 2026"},
		{Date("xx", a), "1 July 2026"},
		{MonthYear(RU, a), "июль 2026 года"}, {MonthYear(ES, a), "julio de 2026"}, {MonthYear(ZH, a), "2026年7月"}, {MonthYear(AR, a), "تموز/يوليه 2026"},
		{DayMonth(RU, a), "1 июля"}, {DayMonth(FR, a), "1er juillet"}, {DayMonth(KO, a), "7월 1일"},
		{Month(RU, a), "июль"}, {Weekday(SW, a), "Jumatano"}, {DateWeekday(PT, a), "quarta-feira, 1 de julho de 2026"},
		{Clock(EN, a), "20:05"}, {Clock(FR, a), "20 h 05"}, {ClockRange(KO, a, a.Add(time.Hour)), "20:05~21:05"},
		{DateTime(EN, a), "1 July 2026, 20:05"}, {DateTime(FR, a), "1er juillet 2026 à 20 h 05"}, {DateTime(AR, a), "1 تموز/يوليه 2026، الساعة 20:05"},
		{DateRange(EN, a, d(2026, 7, 3)), "1–3 July 2026"}, {DateRange(EN, a, a), "1 July 2026"}, {DateRange(EN, a, time.Time{}), "1 July 2026"},
		{DateRange(EN, d(2026, 7, 30), d(2026, 8, 3)), "30 July – 3 August 2026"},
		{DateRange(EN, d(2026, 12, 30), d(2027, 1, 3)), "30 December 2026 – 3 January 2027"},
		{DateRange(FR, a, d(2026, 7, 3)), "1er–3 juillet 2026"}, {DateRange(ES, a, d(2026, 7, 3)), "1 a 3 de julio de 2026"},
		{DateRange(AR, a, d(2026, 7, 3)), "من 1 إلى 3 تموز/يوليه 2026"}, {DateRange(RU, d(2026, 7, 30), d(2026, 8, 3)), "30 июля – 3 августа 2026 года"},
		{DateRange(ZH, a, d(2026, 8, 3)), "2026年7月1日至8月3日"}, {DateRange(KO, a, d(2026, 7, 3)), "2026년 7월 1일~3일"},
		{DateRange(PT, d(2026, 12, 30), d(2027, 1, 3)), "30 de dezembro de 2026 a 3 de janeiro de 2027"},
		{Offset(a), "UTC"}, {Offset(a.In(zone(t, "Asia/Kolkata"))), "UTC+5:30"}, {Offset(a.In(zone(t, "America/St_Johns"))), "UTC−2:30"},
	} {
		if plain(tc.got) != tc.want {
			t.Errorf("got  %s\nwant %s", plain(tc.got), tc.want)
		}
	}
}

// months and weekdays as Node's Intl (CLDR 48) gives them, where United Nations
// style does not differ; Arabic months do, see dateStyle.
// The pieces of a leaf read as the date does, and the day is what stands alone in it.
func TestDateLeaf(t *testing.T) {
	a, b := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC), time.Date(2026, 7, 3, 8, 0, 0, 0, time.UTC)
	for l, want := range map[Locale][2]string{EN: {"1", "1–3"}, FR: {"1er", "1er–3"}, ES: {"1", "1 a 3"}, AR: {"1", "من 1 إلى 3"}, RU: {"1", "1–3"}, ZH: {"1日", "1日至3日"}, KO: {"1일", "1일~3일"},
		PT: {"1", "1 a 3"}, SW: {"1", "1–3"}} {
		for i, end := range []time.Time{{}, b} {
			before, day, after := DateLeaf(l, a, end)
			if got := strings.Join(strings.Fields(before+" "+day+" "+after), " "); day != want[i] || strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(DateRange(l, a, end), " ", "") {
				t.Errorf("%s: %q, %q in %q", l, day, got, DateRange(l, a, end))
			}
			if same, _, _ := DateLeaf(l, a, a); i == 0 && same != before {
				t.Errorf("%s: a day that ends is another", l)
			}
		}
	}
	for l, want := range map[Locale]string{EN: "Friday, 3 July", FR: "vendredi 3 juillet", ES: "viernes 3 de julio", AR: "الجمعة 3 تموز/يوليه", ZH: "7月3日星期五", KO: "7월 3일 금요일", RU: "пятница, 3 июля"} {
		if got := DayMonthWeekday(l, b); got != want {
			t.Errorf("%s: %s, want %s", l, got, want)
		}
	}
}

func TestNamesAgreeWithCLDR(t *testing.T) {
	for l, want := range map[Locale]string{
		ZH: "1月|5月|9月|星期日|星期三|星期六", EN: "January|May|September|Sunday|Wednesday|Saturday",
		FR: "janvier|mai|septembre|dimanche|mercredi|samedi", RU: "январь|май|сентябрь|воскресенье|среда|суббота",
		ES: "enero|mayo|septiembre|domingo|miércoles|sábado", KO: "1월|5월|9월|일요일|수요일|토요일",
		PT: "janeiro|maio|setembro|domingo|quarta-feira|sábado", SW: "Januari|Mei|Septemba|Jumapili|Jumatano|Jumamosi",
		AR: "كانون الثاني/يناير|أيار/مايو|أيلول/سبتمبر|الأحد|الأربعاء|السبت",
	} {
		d := func(m, day int) time.Time { return time.Date(2026, time.Month(m), day, 0, 0, 0, 0, time.UTC) }
		got := strings.Join([]string{Month(l, d(1, 1)), Month(l, d(5, 1)), Month(l, d(9, 1)), Weekday(l, d(2, 1)), Weekday(l, d(2, 4)), Weekday(l, d(2, 7))}, "|")
		if got != want {
			t.Errorf("%s: %s", l, got)
		}
	}
}

func TestZones(t *testing.T) {
	all := Zones()
	if len(all) < 200 {
		t.Errorf("only %d zones", len(all))
	}
	for _, z := range all {
		zone(t, z)
		for _, l := range All {
			if ZoneCity(l, z) == "" {
				t.Errorf("%s has no city in %s", z, l)
			}
		}
	}
	for _, tc := range [][3]string{
		{"ar", "Africa/Nairobi", "نيروبي"}, {"zh", "Asia/Shanghai", "北京"}, {"fr", "Europe/Zurich", "Genève"},
		{"en", "America/Indiana/Knox", "Knox"}, {"ko", "America/North_Dakota/New_Salem", "New Salem"}, {"fr", "UTC", "UTC"}, {"fr", "Etc/UTC", "UTC"},
	} {
		if got := ZoneCity(Locale(tc[0]), tc[1]); got != tc[2] {
			t.Errorf("%s %s: %s", tc[0], tc[1], got)
		}
	}
}

func BenchmarkWhen(b *testing.B) {
	start := time.Date(2020, 7, 1, 8, 0, 0, 0, zone(b, "America/New_York"))
	end := start.Add(90 * time.Minute)
	for b.Loop() {
		When(FR, start, end, "America/New_York", true)
	}
}
