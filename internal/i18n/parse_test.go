package i18n

import (
	"errors"
	"testing"
	"time"
)

var testToday = time.Date(2026, 6, 12, 15, 0, 0, 0, time.UTC)

func TestParseDate(t *testing.T) {
	const first = "2026-07-01"
	for _, tc := range []struct {
		l       Locale
		in, out string
	}{
		{EN, "1 July 2026", first}, {EN, "July 1, 2026", first}, {EN, "Wednesday, 1st of July 2026", first}, {EN, "1 jul 2026", first}, {EN, "sept. 9 2026", "2026-09-09"},
		{EN, "1/7/2026", first}, {EN, "1.7.2026", first}, {EN, "01.07.2026", first}, {EN, "2026-07-01", first}, {EN, "2026/7/1", first}, {EN, "31/12/2026", "2026-12-31"}, {EN, "01/01/2026", "2026-01-01"},
		{AR, "1 يوليه 2026", first}, {AR, "1 تموز/يوليه 2026", first}, {AR, "١ يوليو ٢٠٢٦", first}, {AR, "2 تشرين الأول/أكتوبر 2026", "2026-10-02"},
		{AR, "2 تشرين الثاني 2026", "2026-11-02"}, {AR, "الأربعاء 1 تموز 2026", first}, {AR, "١/٧/٢٠٢٦", first}, {AR, "1 جويلية 2026", first},
		{ZH, "2026年7月1日", first}, {ZH, "2026年7月1日星期三", first}, {ZH, "７月１日", first}, {KO, "2026년 7월 1일 수요일", first}, {KO, "2026년7월1일", first},
		{FR, "1er juillet 2026", first}, {FR, "mercredi 1er juillet 2026", first}, {FR, "11 aout 2026", "2026-08-11"}, {FR, "3 févr. 2026", "2026-02-03"},
		{RU, "1 июля 2026 года", first}, {RU, "1 июля 2026 г.", first}, {RU, "9 мая 2026", "2026-05-09"}, {ES, "1 de julio de 2026", first}, {ES, "9 de setiembre de 2026", "2026-09-09"},
		{PT, "quarta-feira, 1 de julho de 2026", first}, {PT, "1º de julho de 2026", first}, {SW, "Jumatano, 1 Julai 2026", first},
		{EN, "today", "2026-06-12"}, {EN, "Tomorrow", "2026-06-13"}, {AR, "غداً", "2026-06-13"}, {FR, "aujourd’hui", "2026-06-12"}, {FR, "demain", "2026-06-13"}, {ZH, "明天", "2026-06-13"},
		{RU, "сегодня", "2026-06-12"}, {ES, "mañana", "2026-06-13"}, {KO, "내일", "2026-06-13"}, {PT, "amanhã", "2026-06-13"}, {SW, "kesho", "2026-06-13"}, {AR, "اليوم", "2026-06-12"},
		{EN, "1 July", first}, {EN, "1 May", "2027-05-01"}, {EN, "29 February", "2028-02-29"}, {EN, "July 2026", first}, {ZH, "2026年7月", first}, {FR, "mai 2026", "2026-05-01"},
	} {
		p, err := ParseDate(tc.l, tc.in, testToday)
		if got := p.Date.Format(time.DateOnly); err != nil || got != tc.out {
			t.Errorf("%s %q: %s, %v; want %s", tc.l, tc.in, got, err, tc.out)
		}
	}
	if p, _ := ParseDate(EN, "July 2026", testToday); !p.MonthOnly || p.NoYear {
		t.Error("July 2026 is a month only")
	}
	if p, _ := ParseDate(EN, "1 May", testToday); !p.NoYear || p.MonthOnly {
		t.Error("1 May has no year")
	}
}

func TestParseDateRefuses(t *testing.T) {
	for _, in := range []string{"", " ", "nonsense", "32 July 2026", "30 February 2026", "1/13/2026", "13/13/2026", "29/02/2026", "July", "2026", "1", "1/7", "1 July 20266",
		"1 July August 2026", "1 2 July 2026", "1 jui 2026", "2026年13月1日", "1 July 1492", "0/0/2026", "-1 ma 2026", "99999999999999999999 July 2026", "1/7/26", "\x00\xff", "٣٢ يوليه 2026", "29 February 2027"} {
		if p, err := ParseDate(FR, in, testToday); !errors.Is(err, ErrDate) {
			t.Errorf("%q gave %v, %v", in, p, err)
		}
	}
	_, err := ParseDate(EN, "03/04/2026", testToday)
	var amb *Ambiguous
	if !errors.As(err, &amb) || amb.A.Format(time.DateOnly) != "2026-04-03" || amb.B.Format(time.DateOnly) != "2026-03-04" {
		t.Errorf("03/04/2026: %v", err)
	}
	if _, err := ParseDate(AR, "٠٣/٠٤/٢٠٢٦", testToday); !errors.As(err, &amb) {
		t.Errorf("Arabic-Indic figures: %v", err)
	}
}

// Whatever we print, we can read again.
func TestParseDateReadsWhatWePrint(t *testing.T) {
	for _, l := range All {
		for d := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
			for _, s := range []string{Date(l, d), DateWeekday(l, d)} {
				if p, err := ParseDate(l, s, testToday); err != nil || !p.Date.Equal(d) || p.MonthOnly || p.NoYear {
					t.Fatalf("%s %q: %v %v", l, s, p, err)
				}
			}
			if p, err := ParseDate(l, MonthYear(l, d), testToday); err != nil || !p.MonthOnly || p.Date.Month() != d.Month() {
				t.Fatalf("%s %q: %v %v", l, MonthYear(l, d), p, err)
			}
		}
	}
}

func TestParseClock(t *testing.T) {
	for in, want := range map[string][2]int{
		"08:00": {8, 0}, "8.30": {8, 30}, "8h30": {8, 30}, "8 h": {8, 0}, "20 h 30": {20, 30}, "20" + nbsp + "h" + nbsp + "30": {20, 30}, "8:30 pm": {20, 30}, "8:30 p.m.": {20, 30},
		"8pm": {20, 0}, "12 am": {0, 0}, "12:15 pm": {12, 15}, "0830": {8, 30}, "830": {8, 30}, "٠٨:٣٠": {8, 30}, "8:30 م": {20, 30}, "下午8:30": {20, 30}, "오후 8시 30분": {20, 30},
		"20时30分": {20, 30}, "00:00": {0, 0}, "23:59": {23, 59}, "الساعة 08:00": {8, 0}, "８：３０": {8, 30},
	} {
		if h, m, err := ParseClock(in); err != nil || h != want[0] || m != want[1] {
			t.Errorf("%q: %d:%d %v, want %v", in, h, m, err, want)
		}
	}
	for _, in := range []string{"", "8", "24:00", "08:60", "8:3", "13 pm", "0 pm", "08:00:00", "noon", "8 x 30", "99999", "8:30 pm am", "\xff"} {
		if h, m, err := ParseClock(in); !errors.Is(err, ErrClock) {
			t.Errorf("%q gave %d:%d", in, h, m)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"1 July 2026", "03/04/2026", "2026年7月1日", "1 تموز/يوليه 2026", "明天", "\xff年"} {
		f.Add("en", s)
	}
	f.Fuzz(func(t *testing.T, l, s string) {
		p, err := ParseDate(Locale(l), s, testToday)
		if err == nil && (p.Date.Year() < 1900 || p.Date.Year() > 2199 || p.Date.Hour() != 0) {
			t.Errorf("%q gave %v", s, p)
		}
	})
}

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"08:00", "8h30", "8:30 pm", "下午8:30", "٠٨"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if h, m, err := ParseClock(s); err == nil && (h < 0 || h > 23 || m < 0 || m > 59) {
			t.Errorf("%q gave %d:%d", s, h, m)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"fr-CA,fr;q=0.9", "*", "uk", "x-private", "a;q=2", "-"} {
		f.Add(s)
	}
	offered := []Locale{EN, FR, RU}
	f.Fuzz(func(t *testing.T, s string) {
		switch Negotiate(s, offered, EN) {
		case EN, FR, RU:
		default:
			t.Errorf("%q gave a locale not offered", s)
		}
	})
}
