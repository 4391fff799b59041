package app

import (
	"fmt"
	"strings"
	"testing"
)

func TestPublicConfigHidesSecrets(t *testing.T) {
	c := Config{Database: "postgres://u:topsecret@h/db?sslpassword=topsecret", Storage: "s3://key:topsecret@h:1/b?tls=0"}
	if s := fmt.Sprint(c.Public()); strings.Contains(s, "topsecret") || !strings.Contains(s, "@h:1/b?tls=0") {
		t.Errorf("shown: %s", s)
	}
}

func TestVariables(t *testing.T) {
	v := Variables()
	if len(v) < 10 || v[0] != "PLENARY_LISTEN" {
		t.Errorf("variables: %v", v)
	}
}
