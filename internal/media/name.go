package media

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"mime"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// newKey makes the name of a stored object: random, so that nothing can be read out of it or into it; flat, because
// some stores do not allow a key to be another key's folder; in 256 folders, so that none grows too large.
func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	h := hex.EncodeToString(b[:])
	return h[:2] + "/" + h[2:]
}

// newID is 12 characters, 60 bits, as an entry's: it names and does not guard. A file that is not public is refused by
// rule, whoever knows its address; and a page may name thirty of them.
func newID() string { return strings.ToLower(rand.Text()[:12]) }

const maxName = 200 // runes

// cleanName makes the name a file was given safe to show and to give back: the last part of a path, without control
// characters, marks that turn the direction of text, and broken UTF-8; at most 200 runes, its ending kept.
func cleanName(name string) string {
	name = path.Base("/" + strings.ReplaceAll(name, `\`, "/"))
	name = strings.Trim(i18n.StripControls(name), "./ ")
	if runes := []rune(name); len(runes) > maxName {
		ext := []rune(path.Ext(name))
		if len(ext) > 10 {
			ext = nil
		}
		name = strings.TrimSpace(string(runes[:maxName-len(ext)])) + string(ext)
	}
	if name == "" {
		return "file"
	}
	return name
}

// slugName is the name as it stands in an address: letters and digits of any script, lower case, and the ending that
// belongs to the content whatever the name said.
func slugName(name, contentType string) string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	b := make([]byte, 0, len(stem)+8)
	n := 0
	for _, r := range strings.ToLower(stem) {
		if n >= 80 {
			break
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b = utf8.AppendRune(b, r)
			n++
		} else if len(b) > 0 && b[len(b)-1] != '-' {
			b = append(b, '-')
			n++
		}
	}
	b = bytes.TrimRight(b, "-")
	if len(b) == 0 {
		b = append(b, "file"...)
	}
	slug := string(append(b, extensionOf(name, contentType)...))
	if renditionName.MatchString(slug) {
		return "file-" + slug // an original never takes a rendition's address
	}
	return slug
}

func extensionOf(name, contentType string) string {
	if t, ok := types[contentType]; ok {
		return t.ext
	}
	ext := strings.ToLower(path.Ext(name))
	for _, r := range strings.TrimPrefix(ext, ".") {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ".bin"
		}
	}
	if len(ext) < 2 || len(ext) > 10 {
		return ".bin"
	}
	return ext
}

// disposition is the header of RFC 6266: the name for old programs in ASCII, and in full as RFC 5987 says.
func disposition(how, name string) string {
	var ascii, full strings.Builder
	plain := true
	for _, r := range name {
		if r >= 0x20 && r < 0x7f && r != '"' && r != '\\' && r != '%' && r != '/' {
			ascii.WriteRune(r)
		} else {
			ascii.WriteByte('_')
			plain = false
		}
	}
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			full.WriteByte(c)
		} else {
			fmt.Fprintf(&full, "%%%02X", c)
		}
	}
	if plain {
		return fmt.Sprintf(`%s; filename="%s"`, how, ascii.String())
	}
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, how, ascii.String(), full.String())
}

// typeHeader is a content type as it is sent: text is always UTF-8 here.
func typeHeader(contentType string) string {
	if strings.HasPrefix(contentType, "text/") {
		return mime.FormatMediaType(contentType, map[string]string{"charset": "utf-8"})
	}
	return contentType
}
