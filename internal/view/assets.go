package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Assets serves the files of a folder under addresses that hold a hash of their content, for ever and compressed once.
type Assets struct {
	prefix string
	urls   map[string]string
	files  map[string]*asset
}

type asset struct {
	body   []byte
	kind   string
	packed func() []byte // nil of what is compressed already
}

// NewAssets reads all files below fsys; they will be served below prefix, "/static/".
func NewAssets(fsys fs.FS, prefix string) (*Assets, error) {
	a := &Assets{prefix: prefix, urls: map[string]string{}, files: map[string]*asset{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if path.Ext(name) == ".css" {
			body = compactCSS(body)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
		kind := mime.TypeByExtension(ext)
		switch ext { // the machine's own table of types may lack or bend these
		case ".js":
			kind = "text/javascript; charset=utf-8"
		case ".css":
			kind = "text/css; charset=utf-8"
		case ".svg":
			kind = "image/svg+xml"
		case ".ico":
			kind = "image/x-icon"
		}
		f := &asset{body: body, kind: kind}
		if strings.HasPrefix(kind, "text/") || ext == ".svg" {
			f.packed = sync.OnceValue(func() []byte { return pack(body) })
		}
		a.urls[name], a.files[hashed] = prefix+hashed, f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return a, nil
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	z.Write(body)
	z.Close()
	return b.Bytes()
}

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// compactCSS leaves out comments and the layout of the lines; what stays on a line is not touched.
func compactCSS(b []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(cssComment.ReplaceAll(b, nil)) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if n := out.Len(); n > 0 && !bytes.ContainsRune([]byte("{};,"), rune(out.Bytes()[n-1])) && line[0] != '}' {
			out.WriteByte(' ')
		}
		out.Write(line)
	}
	return out.Bytes()
}

// URL gives the address of a file; templates call it. An unknown name is an error, found by the first page that uses it.
func (a *Assets) URL(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return u, nil
}

// ServeHTTP answers only exact addresses: an old hash is not found rather than another version under its name.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.files[strings.TrimPrefix(r.URL.Path, a.prefix)]
	if f == nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	body := f.body
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = f.packed()
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// Has reports whether there is a file under an address.
func (a *Assets) Has(address string) bool {
	return a.files[strings.TrimPrefix(address, a.prefix)] != nil
}
