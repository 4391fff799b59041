package registration_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// A workbook holds what the CSV holds, by the same rows: heads in the reader's language, codes and names of countries.
func TestTables(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		r := &e.Registration
		r.Ask = []string{"organization", "country"}
		r.Fields = []registration.Field{{Item: content.Item{ID: "many"}, Label: content.L("en", "How many"), Type: registration.Number},
			{Item: content.Item{ID: "words"}, Label: content.L("en", "Words"), Type: registration.Text}}
	})
	h.join("a@example.org", "organization", "+x", "country", "KE", "f.many", "-12", "f.words", "007")
	write := func(f sheet.Format, l i18n.Locale) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := h.Export(ctx, staff, registration.Query{Event: h.event}, f, &b, func(key string) string { return h.Catalogue.T(l, key) }, l); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	rows, err := sheet.Read(write(sheet.XLSX, i18n.AR))
	if err != nil || len(rows) != 2 {
		t.Fatal(len(rows), err)
	}
	for head, want := range map[string]string{"الاسم": "Person a", "المنظمة": "+x", "البلد": "كينيا", "How many": "-12", "Words": "007"} {
		if i := slices.Index(rows[0], head); i < 0 || rows[1][i] != want {
			t.Errorf("%s: %q in %q", head, rows[1], rows[0])
		}
	}
	if !slices.ContainsFunc(rows[0], func(c string) bool { return strings.HasSuffix(c, "(Africa/Nairobi)") }) {
		t.Errorf("the times' zone is not told: %q", rows[0])
	}
	if table := string(write(sheet.CSV, i18n.EN)); !strings.Contains(table, ",Person a,a@example.org,'+x,") || !strings.Contains(table, ",-12,007\r\n") || !strings.Contains(table, ",KE,Kenya,") {
		t.Error(table)
	}
}
