// Package sealtest gives tests a box to seal with.
package sealtest

import (
	"testing"

	"plenary/internal/db"
	"plenary/internal/seal"
)

// key is the site's, the same for all instances of a test.
var key = seal.Site(seal.NewSite())

// Box is one on a database with the tables of today.
func Box(t testing.TB, d *db.DB) *seal.Box {
	t.Helper()
	b, err := seal.Open(t.Context(), d, key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
