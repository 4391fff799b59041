package site

import (
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// Readers are told what has changed in a programme that they may have written down, version by version, in their language.
func TestProgrammeChanges(t *testing.T) {
	h := open(t, 8<<20)
	h.now = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	id, path := h.symposium()
	facts := func(pairs ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	h.alter(id, facts("status", "scheduled", "when", content.When{Start: "2026-10-14T09:00", End: "2026-10-14T12:00", Zone: "Africa/Nairobi", Precision: "time"}), nil)
	told := func(l string) string {
		return strings.Join(strings.Fields(h.get("/"+l+"/"+path).Find("#programme details").Text()), " ")
	}
	if s := told("en"); s != "" {
		t.Errorf("told of a first programme: %s", s)
	}
	h.alter(id, facts("sessions.s2.slot", content.Slot{Start: "2026-10-14T10:30", End: "2026-10-14T12:00"}), nil)
	h.alter(id, facts("sessions", []string{"s2"}), nil)
	en := told("en")
	for _, want := range []string{"Changes to the programme", "(version 3)“Opening” was taken out.", "(version 2)“Panel” is now at 10:30–12:00 (before: 10:00–12:00)."} {
		if !strings.Contains(en, want) {
			t.Errorf("%q is not in %q", want, en)
		}
	}
	if strings.Index(en, "version 3") > strings.Index(en, "version 2") {
		t.Error("the latest is not first")
	}
	if ar := told("ar"); !strings.Contains(ar, "«الافتتاح»") || !strings.Contains(ar, "تغييرات في البرنامج") {
		t.Errorf("in Arabic: %s", ar)
	}
	// What has nothing to do with the programme adds no version.
	h.alter(id, facts("status", "scheduled"), map[i18n.Locale]string{i18n.EN: "A note."})
	if s := told("en"); s != en {
		t.Errorf("after a note: %s", s)
	}
}
