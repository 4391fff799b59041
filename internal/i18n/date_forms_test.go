package i18n

import (
	"testing"
	"time"
)

func TestMentions(t *testing.T) {
	from, to := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC), time.Date(2026, 7, 3, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		l    Locale
		text string
		want bool
	}{
		{EN, "We meet on 1 July.", true}, {EN, "We meet on 11 July.", false}, {EN, "Join us July 3, at nine", true}, {EN, "1–3 July", true},
		{EN, "since 2026", true}, {EN, "20261 visitors", false}, {EN, "2026-07-01", true}, {EN, "01.07.2026", true}, {EN, "1 July 2026", true},
		{EN, "30 participants in June", false}, {EN, "JULY 2026", true}, {EN, "", false},
		{FR, "Le 1er juillet", true}, {FR, "le 3\u00a0juillet", true}, {FR, "le 2 juillet", false},
		{ES, "el 1 de julio", true}, {PT, "a 3 de julho", true}, {SW, "tarehe 1 Julai", true}, {RU, "с 1 июля", true},
		{ZH, "定于7月1日举行", true}, {ZH, "定于7月11日举行", false}, {ZH, "17月1日", false}, {KO, "7월 1일에", true},
		{AR, "في 1 تموز/يوليه", true}, {AR, "في 1 يوليه", true}, {AR, "في ١ تموز", true}, {AR, "عام ٢٠٢٦", true}, {AR, "في 1 آب", false},
	} {
		if got := Mentions(c.text, DateForms(c.l, from, to, false)); got != c.want {
			t.Errorf("%s %q: %v", c.l, c.text, got)
		}
	}
	if month := DateForms(EN, from, time.Time{}, true); !Mentions("in July 2026", month) || Mentions("on 1 July", month) {
		t.Error("a month is a month")
	}
}
