// Package i18ntest gives tests the product's messages.
package i18ntest

import (
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"

	"plenary/internal/i18n"
)

var (
	mu   sync.Mutex
	read = map[string]*i18n.Catalogue{}
)

// Words gives the field's words and the messages of folders, read once in a program: tests make hundreds of houses.
func Words(t testing.TB, folders ...string) *i18n.Catalogue {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	key := strings.Join(folders, "\n")
	if read[key] == nil {
		all := []fs.FS{i18n.Shared}
		for _, f := range folders {
			all = append(all, os.DirFS(f))
		}
		words, err := i18n.Load(all...)
		if err != nil {
			t.Fatal(err)
		}
		read[key] = words
	}
	return read[key]
}
