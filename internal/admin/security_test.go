package admin

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
)

// shown is what an app shows for a key, some periods from now.
func shown(t testing.TB, key string, apart int64) string {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(time.Now().Unix()/30+apart))
	m := hmac.New(sha1.New, b)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// A role needs a second step: whoever has it sets it up before anything else, without scripts; loses the device, and another
// administrator helps, which is told and written down.
func TestASecondStepForARole(t *testing.T) {
	h := open(t)
	box := h.deliver()
	h.auth.Required = func() []auth.Role { return h.settings.Site().SecondFactor }
	admin := h.as("boss", site(auth.Admin))
	ama := h.account("ama@example.org", site(auth.Editor))
	form := admin.page("/admin/settings").form(t, "#sign_in form")
	form.Set("second_factor", "editor")
	form.Set("op", "save")
	if p := admin.postForm("/admin/settings", form); p.status != http.StatusSeeOther {
		t.Fatalf("settings: %d", p.status)
	}

	b := h.signIn("ama@example.org")
	for _, path := range []string{"/admin", "/admin/news", "/admin/account", "/admin/find?q=a"} {
		if p := b.get(path); p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, "/admin/account/security") {
			t.Errorf("%s before it is set up: %d to %s", path, p.status, p.to)
		}
	}
	if p := b.post("/admin/news", "op", "delete"); p.status != http.StatusForbidden {
		t.Errorf("a form before it is set up: %d", p.status)
	}
	p := b.page("/admin/account/security?next=%2Fadmin%2Fnews")
	if p.Find(".notice.warning").Length() != 1 {
		t.Error("not told why")
	}
	p = b.post("/admin/account/security", "op", "app", "next", "/admin/news")
	key := p.Find("#secret").Text()
	set := p.form(t, "#app form")
	if p.Find("#app svg.qr path").Length() != 1 || len(key) != 39 {
		t.Fatalf("no key to scan or type: %q", key)
	}
	set.Set("op", "app_add")
	set.Set("code", "000000")
	if p := b.postForm("/admin/account/security", set); p.status != http.StatusUnprocessableEntity || p.Find("#code[aria-invalid]").Length() != 1 || p.Find("#secret").Text() != key {
		t.Errorf("a wrong code: %d", p.status)
	}
	set.Set("code", shown(t, key, -1))
	p = b.postForm("/admin/account/security", set)
	codes := p.Find("#codes code")
	if p.status != http.StatusOK || codes.Length() != 10 || p.Find("a[href='/admin/news']").Length() == 0 {
		t.Fatalf("set up: %d, %d codes", p.status, codes.Length())
	}
	recovery := codes.First().Text()
	b.page("/admin/news")
	h.work()
	if len(box.got) != 1 || box.got[0].To != "ama@example.org" || strings.Contains(box.got[0].Text, recovery) {
		t.Fatalf("letters: %d", len(box.got))
	}

	v := h.visitor()
	p = v.post("/admin/sign-in", "email", "ama@example.org", "password", secret, "next", "/admin/news")
	if !strings.HasPrefix(p.to, "/admin/sign-in/second?next=") {
		t.Fatalf("no second step: %s", p.to)
	}
	if p := v.get("/admin"); p.status != http.StatusSeeOther {
		t.Error("let in by the password alone")
	}
	v.page(p.to)
	if p := v.post("/admin/sign-in/second", "code", "111111"); p.status != http.StatusUnprocessableEntity || p.Find("#code[aria-invalid]").Length() != 1 {
		t.Errorf("a wrong code: %d", p.status)
	}
	if p := v.post("/admin/sign-in/second", "code", shown(t, key, 0), "next", "/admin/news"); p.to != "/admin/news" {
		t.Fatalf("a right code: %d to %s", p.status, p.to)
	}
	if p := h.visitor().page("/admin/sign-in"); p.Find("#code").Length() != 0 {
		t.Error("a second step for a stranger")
	}
	if p := h.visitor().get("/admin/sign-in/second"); p.to != "/admin/sign-in" {
		t.Errorf("a second step without a first: %d to %s", p.status, p.to)
	}

	// The device is lost.
	if p := admin.page("/admin/users/" + ama.ID); p.Find("button[value=factors]").Length() != 1 {
		t.Fatal("no way to help")
	}
	if p := admin.post("/admin/users/"+ama.ID, "op", "factors"); p.status != http.StatusSeeOther {
		t.Fatalf("%d", p.status)
	}
	if p := v.get("/admin"); p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, "/admin/sign-in") {
		t.Errorf("still signed in: %d", p.status)
	}
	h.work()
	if len(box.got) != 2 || !strings.Contains(box.got[1].Text, "removed your passkeys") {
		t.Errorf("not told: %d letters", len(box.got))
	}
	if p := admin.page("/admin/log?action=session.start"); !strings.Contains(p.Text(), "password + code of an app") {
		t.Error("the log does not say how they signed in")
	}
	if p := admin.page("/admin/log?action=account.factors_reset"); !strings.Contains(p.Text(), "Removed all second steps of an account") {
		t.Error("not written down")
	}
	if p := h.signIn("ama@example.org").get("/admin/news"); !strings.HasPrefix(p.to, "/admin/account/security") {
		t.Errorf("not asked to set it up anew: %s", p.to)
	}
}

var addressLink = regexp.MustCompile(`https://www\.example\.org(/admin/address\?token=[\w-]{43}&lang=\w+)`)

// P46: the address changes when both mailboxes have agreed.
func TestBothMailboxesAgree(t *testing.T) {
	h := open(t)
	box := h.deliver()
	b := h.as("ama", site(auth.Editor))
	if p := b.post("/admin/account/security", "op", "address", "email", "no address"); p.status != http.StatusUnprocessableEntity || p.Find("#email[aria-invalid]").AttrOr("value", "") != "no address" {
		t.Errorf("no address: %d", p.status)
	}
	if p := b.post("/admin/account/security", "op", "address", "email", "new@example.org"); p.status != http.StatusSeeOther {
		t.Fatalf("%d", p.status)
	}
	h.work()
	if len(box.got) != 2 || box.got[0].To != "ama@example.org" || box.got[1].To != "new@example.org" {
		t.Fatalf("%d letters", len(box.got))
	}
	v := h.visitor()
	for i, want := range []string{"when the other mailbox has agreed too", "The address is changed"} {
		m := addressLink.FindStringSubmatch(box.got[i].Text)
		if m == nil {
			t.Fatalf("no link: %s", box.got[i].Text)
		}
		form := v.page(m[1]).form(t, "form[action='/admin/address']")
		v.page(m[1]) // looking at it, as mail scanners do, agrees to nothing
		form.Set("op", "yes")
		if p := v.postForm("/admin/address", form); p.status != http.StatusOK || !strings.Contains(p.Text(), want) {
			t.Fatalf("%d: %d", i, p.status)
		}
	}
	if p := b.get("/admin"); p.status != http.StatusSeeOther {
		t.Error("still signed in")
	}
	h.work()
	if len(box.got) != 4 || box.got[2].To == box.got[3].To {
		t.Errorf("%d letters in all", len(box.got))
	}
	h.signIn("new@example.org")
}
