package i18n

import (
	"sync"
	"testing"
	"testing/fstest"
)

func catalogueFS(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, body := range files {
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}

func testCatalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load(catalogueFS(map[string]string{
		"en.toml": "plain = \"Hello\"\nonly = \"English only\"\nslot = \"By {{.Names}}, {{ .N }}\"\n" +
			"[enum.k]\nother = \"Other\"\nvideo = \"Video\"\n[kind.event]\none = \"Event\"\nmany = \"Events\"\n" +
			"[n]\none = \"{{.Count}} paper of {{.Who}}\"\nother = \"{{.Count}} papers of {{.Who}}\"\n",
		"fr.toml": "plain = \"Bonjour\"\n[n]\none = \"{{.Count}} note\"\nmany = \"{{.Count}} de notes\"\nother = \"{{.Count}} notes\"\n",
		"ar.toml": "[n]\nzero = \"z\"\none = \"o\"\ntwo = \"t\"\nfew = \"{{.Count}} f\"\nmany = \"{{.Count}} m\"\nother = \"{{.Count}} x\"\n",
		"ru.toml": "[n]\none = \"{{.Count}} o\"\nfew = \"{{.Count}} f\"\nmany = \"{{.Count}} m\"\nother = \"x\"\n",
	}), catalogueFS(map[string]string{"fr.toml": "plain = \"Salut\"\n"}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMessages(t *testing.T) {
	c := testCatalogue(t)
	for _, tc := range []struct{ got, want string }{
		{c.T(EN, "plain"), "Hello"},
		{c.T(FR, "plain"), "Salut"}, // the later file system wins
		{c.T(FR, "only"), "English only"},
		{c.T(FR, "nowhere"), "nowhere"},
		{c.T(EN, "slot", "N", 3, "Names", "A {{.N}}"), "By A {{.N}}, 3"},
		{c.T(EN, "slot", "N", 3), "By {Names}, 3"},
		{c.T(EN, "enum.k.other"), "Other"},
		{c.T(EN, "kind.event.many"), "Events"},
		{c.N(EN, "n", 1, "Who", "X"), "1 paper of X"},
		{c.N(EN, "n", 2, "Who", "X"), "2 papers of X"},
		{c.N(FR, "n", 0), "0 note"},
		{c.N(FR, "n", 1_000_000), "1\u202f000\u202f000 de notes"},
		{c.N(AR, "n", 0), "z"}, {c.N(AR, "n", 2), "t"}, {c.N(AR, "n", 5), "5 f"}, {c.N(AR, "n", 11), "11 m"}, {c.N(AR, "n", 100), "100 x"},
		{c.N(RU, "n", 21), "21 o"}, {c.N(RU, "n", 3), "3 f"}, {c.N(RU, "n", 12), "12 m"},
		{c.N(KO, "n", 1, "Who", "X"), "1 paper of X"},
		{c.N(KO, "none", 1), "none"},
		{c.N(EN, "plain", 1), "Hello"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
	if got := c.Missing(); len(got) != 4 {
		t.Errorf("missing = %q", got)
	}
	if !c.Has(EN, "only") || c.Has(FR, "only") {
		t.Error("Has must not fall back")
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, bad := range []string{"a = 1", "a = ", "a = \"{{if .X}}\"", "a = \"{{.X\""} {
		if _, err := Load(catalogueFS(map[string]string{"en.toml": bad})); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func BenchmarkT(b *testing.B) {
	c := testCatalogue(b)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			c.T(FR, "plain")
		}
	})
	b.Run("slots", func(b *testing.B) {
		for b.Loop() {
			c.T(EN, "slot", "Names", "A", "N", "2")
		}
	})
	b.Run("plural", func(b *testing.B) {
		for b.Loop() {
			c.N(FR, "n", 4)
		}
	})
}

// Run with -race: requests share one catalogue.
func TestConcurrentUse(t *testing.T) {
	c := testCatalogue(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for _, l := range All {
				c.T(l, "slot", "N", i)
				c.N(l, "n", i)
				c.T(l, "nowhere"+string(l))
				c.Missing()
				CountryName(l, "KE")
				if _, err := ParseDate(l, "1 July 2026", testToday); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
