package app

import (
	"fmt"
	"strings"
	"testing"
)

func TestPublicConfigHidesSecrets(t *testing.T) {
	c := Config{Database: "postgres://u:topsecret@h/db?sslpassword=topsecret", Storage: "s3://key:topsecret@h:1/b?tls=0", Mail: "smtp://u:topsecret@m:25"}
	if s := fmt.Sprint(c.Public()); strings.Contains(s, "topsecret") || !strings.Contains(s, "@h:1/b?tls=0") || !strings.Contains(s, "smtp://…@m:25") {
		t.Errorf("shown: %s", s)
	}
}

func TestVariables(t *testing.T) {
	v := Variables()
	if len(v) < 10 || v[0] != "PLENARY_LISTEN" {
		t.Errorf("variables: %v", v)
	}
}

func TestMailIsChecked(t *testing.T) {
	for address, fits := range map[string]bool{"": true, "log:": true, "smtp://h:25": true, "smtps://u:topsecret@h": true, "smtp://u:topsecret@h:25?tls=0": true,
		"smtp://u:topsecret@h:25?tls=yes": false, "smtp://u:topsecret@:25": false, "http://u:topsecret@h": false, "smtp://u:topsecret@h:99999": false, "smtp://u:top%secret@h": false, "smtp://u:topsecret@h/x": false} {
		c := Config{MaxFile: 1, Mail: address}
		if err := c.Check(); (err == nil) != fits || err != nil && (strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "mail: ")) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := (&Config{MaxFile: 1, MailFrom: "Office <a@example.org>\r\nBcc: x"}).Check(); err == nil {
		t.Error("an address with a header in it")
	}
}
