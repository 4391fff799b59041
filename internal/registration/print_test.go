package registration_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/pdf/pdftest"
	"plenary/internal/registration"
)

// inspect writes a file where somebody wants to look at it: PLENARY_TEST_PDF=folder.
func inspect(t *testing.T, name string, b []byte) {
	if dir := os.Getenv("PLENARY_TEST_PDF"); dir != "" {
		if err := os.WriteFile(dir+"/"+name+".pdf", b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheFormToPrint holds, in each language, what the form asks, boxes to tick, the mailbox and the form's code.
func TestTheFormToPrint(t *testing.T) {
	h := open(t, 1, mailed)
	if err := h.Content.Publish(ctx, staff, content.PublishChange{ID: h.event, Locales: []i18n.Locale{i18n.AR, i18n.ZH}}); err != nil {
		t.Fatal(err)
	}
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[i18n.Locale][]string{
		"en": {"Open registers", "Registration form", "forms@example.org", "☐ Delegate", "☐ Other & more", "Tick all answers that apply.", "To plan.", "☐ Yes", "☐ I agree to the terms."},
		"ar": {"السجلات المفتوحة", "استمارة التسجيل", "forms@example.org", "☐ مندوب", "☐ Other & more", "☐ نعم", "☐ أوافق على الشروط."},
		"zh": {"公开登记", "报名表", "forms@example.org", "☐ 代表", "用于安排。", "☐ 是", "☐ 我同意条款。"},
		"ko": {"등록 신청서", "☐ Delegate", "해당하는 것을 모두 표시하십시오."},
		"ru": {"Регистрационная форма", "Отметьте один ответ."},
	} {
		b, err := h.PrintPDF(ctx, e, l)
		if err != nil {
			t.Fatal(err)
		}
		inspect(t, "form-"+string(l), b)
		x := pdftest.Read(t, b)
		text := x.Text()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", l, w, text)
			}
		}
		foot := ""
		for _, g := range x.Glyphs {
			if foot += g.Text; g.X < 50 || g.X > 546 || g.Y < 20 {
				t.Fatalf("%s: %+v is off the page", l, g)
			}
		}
		if code := e.ID + "-" + string(l) + "-" + e.Form.Version(l, e.Original); !strings.Contains(foot, code) {
			t.Errorf("%s: the code %s is not at the foot", l, code)
		}
		p, err := h.Print(ctx, e, l)
		if err != nil || p.Size != int64(len(b)) || p.Missing != "" {
			t.Errorf("%s: told of as %+v, is %d bytes (%v)", l, p, len(b), err)
		}
	}
}

// TestCertificatesAsAFile: a page for each in its own language, fast, and nothing of it stays in memory.
func TestCertificatesAsAFile(t *testing.T) {
	h := open(t, 1, mailed)
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	e.Form.Title = content.L("en", "Open registers", "ar", "مؤتمر 2027 للسجلات المفتوحة", "zh", "公开登记", "ko", "열린 등록부", "ru", "Открытые реестры")
	names := []string{"Ada Inkwell", "أحمد بن علي O’Neill", "薛龘曌", "뷁설현", "Щукина-Ёлкина Наталья", strings.Repeat("Maria-Theresia von Habsburg ", 8)}
	one := func(i int, l i18n.Locale) *registration.Certificate {
		return h.Certificate(e.Form, e.Original, &registration.Registration{Name: names[i%len(names)], Locale: l, State: registration.Attended, Updated: time.Now()}, func(i18n.Locale) string { return "Office for Public Registers" })
	}
	for _, l := range []i18n.Locale{"en", "ar", "zh", "ko", "ru"} {
		for i := range names {
			b, err := h.CertificatesPDF(ctx, l, "T", []*registration.Certificate{one(i, l)})
			if err != nil {
				t.Fatal(err)
			}
			inspect(t, fmt.Sprintf("certificate-%s-%d", l, i), b)
			x := pdftest.Read(t, b)
			if got := strings.ReplaceAll(x.Text(), "\n", " "); i == 0 && !strings.Contains(got, names[i]) || !strings.HasPrefix(got, h.Catalogue.T(l, "certificate.title")) || x.Pages != 1 {
				t.Errorf("%s: %d pages, %q", l, x.Pages, got)
			}
			for _, g := range x.Glyphs {
				if g.X < 50 || g.X > 791 || g.Y < 50 || g.Y > 545 {
					t.Fatalf("%s: %+v is out of the frame", l, g)
				}
			}
		}
	}
	use := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var all []*registration.Certificate
	for i := range 400 {
		all = append(all, one(i, i18n.All[i%len(i18n.All)]))
	}
	before, start := use(), time.Now()
	b, err := h.CertificatesPDF(ctx, "en", "All", all)
	if err != nil {
		t.Fatal(err)
	}
	took, size, pages := time.Since(start), len(b), pdftest.Read(t, b).Pages
	b = nil
	after := use()
	t.Logf("400 certificates: %s, %d KB; memory before %d KB, after %d KB", took, size>>10, before>>10, after>>10)
	if pages != 400 || took > 30*time.Second || after > before+2<<20 {
		t.Errorf("%d pages in %s, memory %d KB and then %d KB", pages, took, before>>10, after>>10)
	}
	if got := h.Missing([]*registration.Certificate{{Name: "A\U0010FFF0"}}); !strings.Contains(got, "U+10FFF0") {
		t.Errorf("missing: %q", got)
	}
}
