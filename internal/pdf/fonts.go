package pdf

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"weak"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
)

//go:embed fonts/*.gz
var files embed.FS

// Those built in, in the order in which they are asked for a character.
const (
	latin = iota
	arabic
	eastern
	builtIn
)

var names = [builtIn]string{"NotoSans", "NotoSansArabic", "NotoSansCJK"}

// Fonts makes PDF files with the fonts that are built in and, for characters that these lack, with those of a folder. The
// zero value has no folder. Fonts are held in memory only while a file is made.
type Fonts struct {
	// Folder holds fonts (.ttf, .otf, .ttc), in folders too; empty: none.
	Folder string

	mu   sync.Mutex
	kept weak.Pointer[shelf]
	scan func() []outside // what the folder holds: read at the first need and kept, some hundred KB
}

// shelf is the fonts read so far. Documents made at the same time share one; the garbage collector takes it.
type shelf struct {
	mu     sync.Mutex
	own    [builtIn][2]*font.Font // regular, bold
	index  func() []outside
	opened map[string]*font.Font // of the folder, by name; nil: it cannot be used
}

// outside is a font of the folder.
type outside struct {
	path   string
	number int // in a collection
	covers []span
}

type span struct{ from, to rune }

func (f *Fonts) shelf() *shelf {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.kept.Value()
	if s == nil {
		if f.scan == nil {
			f.scan = sync.OnceValue(func() []outside { return scan(f.Folder) })
		}
		s = &shelf{index: f.scan, opened: map[string]*font.Font{}}
		f.kept = weak.Make(s)
	}
	return s
}

// builtIn gives a font of ours.
func (s *shelf) builtIn(n int, bold bool) (*font.Font, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, weight := names[n]+"-Regular.ttf.gz", 0
	switch {
	case n == eastern:
		name = names[n] + "-Regular.otf.gz"
	case bold:
		name, weight = names[n]+"-Bold.ttf.gz", 1
	}
	if f := s.own[n][weight]; f != nil {
		return f, nil
	}
	packed, err := files.Open("fonts/" + name)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	ld, err := opentype.NewLoader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	f, err := font.NewFont(ld)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	s.own[n][weight] = f
	return f, nil
}

// Of the folder are read at most so many files, each at most so large.
const (
	mostFiles = 4000
	mostBytes = 64 << 20
)

// look finds a font of the folder that has a character; nil if there is none.
func (s *shelf) look(r rune) (*font.Font, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.index() {
		if !o.has(r) {
			continue
		}
		f, known := s.opened[o.name()]
		if !known {
			f = o.open()
			s.opened[o.name()] = f
		}
		if f != nil {
			return f, o.name()
		}
	}
	return nil, ""
}

func (o *outside) name() string {
	return fmt.Sprintf("%s.%d", strings.TrimSuffix(filepath.Base(o.path), filepath.Ext(o.path)), o.number)
}

func (o *outside) has(r rune) bool {
	_, found := slices.BinarySearchFunc(o.covers, r, func(s span, r rune) int {
		switch {
		case s.to < r:
			return -1
		case s.from > r:
			return 1
		}
		return 0
	})
	return found
}

// open reads the font whole; nil if it cannot be used. Files of a folder are not ours: the library may stumble over them.
func (o *outside) open() (out *font.Font) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	f, err := os.Open(o.path)
	if err != nil {
		return nil
	}
	defer f.Close()
	lds, err := opentype.NewLoaders(f)
	if err != nil || o.number >= len(lds) {
		return nil
	}
	x, err := font.NewFont(lds[o.number])
	if err != nil {
		return nil
	}
	return x
}

// scan lists what the fonts of the folder cover, of each only one table being read. Upright and regular ones come first.
func scan(folder string) (out []outside) {
	if folder == "" {
		return nil
	}
	var paths []string
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { // what cannot be read is passed over
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() && info.Size() <= mostBytes && slices.Contains([]string{".ttf", ".otf", ".ttc"}, strings.ToLower(filepath.Ext(path))) {
			if paths = append(paths, path); len(paths) == mostFiles {
				return fs.SkipAll
			}
		}
		return nil
	})
	rank := func(path string) int {
		name, n := strings.ToLower(filepath.Base(path)), 0
		for i, word := range []string{"sans", "regular"} {
			if !strings.Contains(name, word) {
				n += 1 << i
			}
		}
		for _, word := range []string{"bold", "italic", "oblique", "mono", "light", "thin", "black"} {
			if strings.Contains(name, word) {
				n += 4
			}
		}
		return n
	}
	slices.SortStableFunc(paths, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	for _, path := range paths {
		out = append(out, covered(path)...)
	}
	return out
}

// covered lists the fonts of a file with their characters.
func covered(path string) (out []outside) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	lds, err := opentype.NewLoaders(f)
	if err != nil {
		return nil
	}
	for i, ld := range lds {
		if i > 0 && len(lds[0].Tables()) == len(ld.Tables()) { // those of a collection differ in forms, hardly in characters
			break
		}
		if !ld.HasTable(opentype.MustNewTag("glyf")) && !ld.HasTable(opentype.MustNewTag("CFF ")) {
			continue // pictures
		}
		raw, err := ld.RawTable(opentype.MustNewTag("cmap"))
		if err != nil {
			continue
		}
		table, _, err := tables.ParseCmap(raw)
		if err != nil {
			continue
		}
		chars, _, err := font.ProcessCmap(table, 0)
		if err != nil {
			continue
		}
		var all []rune
		for it := chars.Iter(); it.Next(); {
			if r, _ := it.Char(); r >= 0 && r <= unicode.MaxRune && len(all) < 1<<17 {
				all = append(all, r)
			}
		}
		slices.Sort(all)
		o := outside{path: path, number: i}
		for _, r := range all {
			if n := len(o.covers); n > 0 && r <= o.covers[n-1].to+1 {
				o.covers[n-1].to = r
			} else {
				o.covers = append(o.covers, span{r, r})
			}
		}
		out = append(out, o)
	}
	return out
}
