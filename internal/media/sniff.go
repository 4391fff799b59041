package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/webp"
)

// Kind says what can be done with a file.
type Kind string

const (
	Picture Kind = "picture" // JPEG, PNG, GIF, WebP that we can decode: shown as renditions
	PDF     Kind = "pdf"
	Office  Kind = "office" // text documents, tables, slides
	Audio   Kind = "audio"
	Video   Kind = "video"
	// Captions of a recording, read strictly when they are handed in.
	Captions Kind = "captions"
	Other    Kind = "other" // everything else: download only
)

// Kinds in the order of a filter.
var Kinds = []Kind{Picture, PDF, Office, Audio, Video, Captions, Other}

type fileType struct {
	kind   Kind
	ext    string
	inline bool // may be shown by a browser instead of saved
}

// types lists what is served under its own content type. Everything else, SVG and HTML among it, goes out as
// application/octet-stream.
var types = map[string]fileType{
	"image/jpeg":                    {Picture, ".jpg", true},
	"image/png":                     {Picture, ".png", true},
	"image/gif":                     {Picture, ".gif", true},
	"image/webp":                    {Picture, ".webp", true},
	"application/pdf":               {PDF, ".pdf", true},
	"application/msword":            {Office, ".doc", false},
	"application/vnd.ms-excel":      {Office, ".xls", false},
	"application/vnd.ms-powerpoint": {Office, ".ppt", false},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   {Office, ".docx", false},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         {Office, ".xlsx", false},
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": {Office, ".pptx", false},
	"application/vnd.oasis.opendocument.text":                                   {Office, ".odt", false},
	"application/vnd.oasis.opendocument.spreadsheet":                            {Office, ".ods", false},
	"application/vnd.oasis.opendocument.presentation":                           {Office, ".odp", false},
	"application/rtf":      {Office, ".rtf", false},
	"application/epub+zip": {Other, ".epub", false},
	"application/zip":      {Other, ".zip", false},
	"audio/mpeg":           {Audio, ".mp3", true},
	"audio/mp4":            {Audio, ".m4a", true},
	"audio/ogg":            {Audio, ".ogg", true},
	"audio/wav":            {Audio, ".wav", true},
	"audio/flac":           {Audio, ".flac", true},
	"video/mp4":            {Video, ".mp4", true},
	"video/webm":           {Video, ".webm", true},
	"video/ogg":            {Video, ".ogv", true},
	CaptionsType:           {Captions, ".vtt", false},
	"text/csv":             {Other, ".csv", false},
	"text/plain":           {Other, ".txt", false},
}

const octets = "application/octet-stream"

// facts are what a look at the content tells.
type facts struct {
	Type          string
	Kind          Kind
	Width, Height int // as shown, after turning by EXIF orientation
	Pages         int // 0: unknown
	Tagged        bool
}

// sniff decides what a file is by its content; the name only chooses between types that look alike (plain text and
// CSV, the three old Office formats, sound and film in MPEG-4). It never unpacks or decodes more than a header. Content that would be dangerous
// to open later (a picture too large, an office file that is a bomb) is a Problem.
func sniff(r io.ReaderAt, size int64, name string) (facts, error) {
	head := make([]byte, min(size, 4096))
	if n, err := r.ReadAt(head, 0); err != nil && !(errors.Is(err, io.EOF) && n == len(head)) {
		return facts{}, err
	}
	all := func() *io.SectionReader { return io.NewSectionReader(r, 0, size) }
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	ext := strings.ToLower(path.Ext(name))
	is := func(t string) (facts, error) { return facts{Type: t, Kind: types[t].kind}, nil }
	other := func(t string) (facts, error) { return facts{Type: t, Kind: Other}, nil }
	switch {
	case has(0, "\xff\xd8\xff"):
		return sniffPicture("image/jpeg", all, jpeg.DecodeConfig)
	case has(0, "\x89PNG\r\n\x1a\n"):
		return sniffPicture("image/png", all, png.DecodeConfig)
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return sniffPicture("image/gif", all, gif.DecodeConfig)
	case has(0, "RIFF") && has(8, "WEBP"):
		return sniffPicture("image/webp", all, webp.DecodeConfig)
	case has(0, "%PDF-"):
		f := facts{Type: "application/pdf", Kind: PDF}
		f.Pages, f.Tagged = lookIntoPDF(r, size)
		return f, nil
	case has(0, "PK\x03\x04"), has(0, "PK\x05\x06"):
		return sniffZip(r, size)
	case has(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		switch ext {
		case ".doc":
			return is("application/msword")
		case ".xls":
			return is("application/vnd.ms-excel")
		case ".ppt":
			return is("application/vnd.ms-powerpoint")
		}
		return other("application/x-ole-storage")
	case has(0, `{\rtf`):
		return is("application/rtf")
	case has(0, "ID3"), len(head) > 1 && head[0] == 0xff && (head[1] == 0xfb || head[1] == 0xf3 || head[1] == 0xf2):
		return is("audio/mpeg")
	case has(4, "ftyp") && len(head) >= 12:
		switch brand := string(head[8:12]); brand {
		case "M4A ", "M4B ":
			return is("audio/mp4")
		case "isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "dash", "mmp4", "3gp4", "3gp5":
			if ext == ".m4a" { // these say nothing of what is inside
				return is("audio/mp4")
			}
			return is("video/mp4")
		case "heic", "heix", "mif1", "msf1", "hevc":
			return other("image/heic")
		case "avif", "avis":
			return other("image/avif")
		}
		return other(octets)
	case has(0, "\x1a\x45\xdf\xa3"):
		if bytes.Contains(head[:min(len(head), 64)], []byte("webm")) {
			return is("video/webm")
		}
		return other("video/x-matroska")
	case has(0, "OggS"):
		if bytes.Contains(head[:min(len(head), 256)], []byte("\x80theora")) {
			return is("video/ogg")
		}
		return is("audio/ogg")
	case has(0, "RIFF") && has(8, "WAVE"):
		return is("audio/wav")
	case has(0, "fLaC"):
		return is("audio/flac")
	}
	t := textType(head, int64(len(head)) == size, ext)
	if t == CaptionsType {
		_, err := ReadCaptions(all())
		return facts{Type: t, Kind: Captions}, err
	}
	return other(t)
}

// textType names text; markup is never "plain".
func textType(head []byte, whole bool, ext string) string {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for cut := 0; !whole && cut < utf8.UTFMax && len(text) > 0; cut++ { // a rune may be cut at the end of the head
		if r, _ := utf8.DecodeLastRune(text); r != utf8.RuneError {
			break
		}
		text = text[:len(text)-1]
	}
	if !utf8.Valid(text) || bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' }) {
		return octets
	}
	lower := bytes.ToLower(text)
	switch guess, _, _ := strings.Cut(http.DetectContentType(text), ";"); {
	case bytes.Contains(lower, []byte("<svg")):
		return "image/svg+xml"
	case guess == "text/html", bytes.Contains(lower, []byte("<script")), bytes.Contains(lower, []byte("<html")):
		return "text/html"
	case guess == "text/xml", bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")):
		return "text/xml"
	case bytes.HasPrefix(text, []byte("WEBVTT")):
		return "text/vtt"
	case ext == ".csv":
		return "text/csv"
	}
	return "text/plain"
}

const (
	maxPixels = 50_000_000
	maxSide   = 12_000
	maxMemory = 400 << 20 // of decoding one picture
	maxScans  = 100       // of a progressive JPEG: each costs a walk over the whole picture
)

// sniffPicture reads the header only, so that a bomb costs nothing. What has no readable header is not a picture.
func sniffPicture(contentType string, open func() *io.SectionReader, config func(io.Reader) (image.Config, error)) (facts, error) {
	c, err := config(open())
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return facts{Type: octets, Kind: Other}, nil
	}
	perPixel := int64(4)
	f := facts{Type: contentType, Kind: Picture, Width: c.Width, Height: c.Height}
	switch contentType {
	case "image/jpeg":
		j := scanJPEG(open())
		if j.progressive {
			perPixel = 16 // the decoder keeps every coefficient as four bytes
		}
		if j.scans > maxScans {
			return facts{}, &Problem{Key: "media.problem.picture_hostile"}
		}
		if j.orientation >= 5 {
			f.Width, f.Height = f.Height, f.Width
		}
	case "image/png":
		perPixel = 8
	}
	pixels := int64(c.Width) * int64(c.Height)
	if c.Width > maxSide || c.Height > maxSide || pixels > maxPixels || pixels*perPixel > maxMemory {
		return facts{}, &Problem{Key: "media.problem.picture_too_large", Data: map[string]any{"Width": c.Width, "Height": c.Height, "MaxSide": maxSide, "MaxMegapixels": maxPixels / 1_000_000}}
	}
	return f, nil
}

type jpegFacts struct {
	orientation int // 1–8 as in EXIF; 1 is upright
	progressive bool
	scans       int
}

// scanJPEG walks over the markers of a JPEG. Broken files give what was found so far.
func scanJPEG(r io.ReadSeeker) jpegFacts {
	f := jpegFacts{orientation: 1}
	b := newByteReader(r)
	if b.next() != 0xff || b.next() != 0xd8 {
		return f
	}
	for b.err == nil && f.scans <= maxScans {
		if b.next() != 0xff {
			continue // entropy-coded bytes
		}
		m := b.next()
		for m == 0xff && b.err == nil {
			m = b.next()
		}
		if m == 0 || m == 0x01 || m >= 0xd0 && m <= 0xd8 {
			continue // a stuffed byte or a marker without content
		}
		if m == 0xd9 || b.err != nil {
			return f
		}
		n := int(b.next())<<8 | int(b.next())
		if n < 2 || b.err != nil {
			return f
		}
		switch {
		case m == 0xe1 && f.orientation == 1:
			data := make([]byte, n-2)
			b.read(data)
			f.orientation = exifOrientation(data)
			continue
		case m == 0xc2 || m == 0xc6 || m == 0xca || m == 0xce:
			f.progressive = true
		case m == 0xda:
			f.scans++
		}
		b.skip(n - 2)
	}
	return f
}

// exifOrientation reads one tag of the first directory of an APP1 segment; 1 where there is none.
func exifOrientation(app1 []byte) int {
	tiff, ok := bytes.CutPrefix(app1, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 1
	}
	var o binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		o = binary.LittleEndian
	case "MM\x00*":
		o = binary.BigEndian
	default:
		return 1
	}
	at := int64(o.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	n := int64(o.Uint16(tiff[at:]))
	for e := at + 2; e < at+2+12*n && e+12 <= int64(len(tiff)); e += 12 {
		if o.Uint16(tiff[e:]) == 0x0112 && o.Uint16(tiff[e+2:]) == 3 && o.Uint32(tiff[e+4:]) == 1 {
			if v := int(o.Uint16(tiff[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}

// byteReader reads single bytes with a small buffer and remembers the first error.
type byteReader struct {
	r    io.ReadSeeker
	buf  [16 << 10]byte
	i, n int
	err  error
}

func newByteReader(r io.ReadSeeker) *byteReader { return &byteReader{r: r} }

func (b *byteReader) next() byte {
	if b.i == b.n {
		if b.err != nil {
			return 0
		}
		b.i, b.n = 0, 0
		for b.n == 0 && b.err == nil {
			b.n, b.err = b.r.Read(b.buf[:])
		}
		if b.n == 0 {
			return 0
		}
		b.err = nil // met again at the next reading
	}
	b.i++
	return b.buf[b.i-1]
}

func (b *byteReader) read(p []byte) {
	for i := range p {
		p[i] = b.next()
	}
}

func (b *byteReader) skip(n int) {
	for ; n > 0 && b.err == nil; n-- {
		b.next()
	}
}

const (
	maxEntries   = 10_000    // in an archive we look into
	maxDirectory = 2 << 20   // bytes of the archive's list
	maxUnpacked  = 1 << 30   // sum of what it says it unpacks to
	maxRatio     = 100       // unpacked to packed, from 10 MiB on
	smallEnough  = 10 << 20  // below which the ratio does not matter
	maxAppXML    = 256 << 10 // of docProps/app.xml
)

// sniffZip tells office documents from other archives by their list of entries. Archives that are not office documents
// are never looked into by anything, so they are simply downloads; an office document has to be harmless to unpack.
func sniffZip(r io.ReaderAt, size int64) (facts, error) {
	hostile := &Problem{Key: "media.problem.archive_hostile"}
	plain := facts{Type: "application/zip", Kind: Other}
	budget := &budgetReader{r: r, left: maxDirectory + 70_000} // the end record may be searched in the last 64 KiB
	z, err := zip.NewReader(budget, size)
	if budget.left < 0 {
		return facts{}, hostile
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return facts{Type: octets, Kind: Other}, nil
	}
	budget.left = 1 << 20 // for the two entries read below
	var contentTypes, macros bool
	var unpacked uint64
	safe := len(z.File) <= maxEntries
	parts := map[string]*zip.File{}
	for i, f := range z.File {
		unpacked += min(f.UncompressedSize64, maxUnpacked+1)
		if f.Name != strings.TrimSuffix(path.Clean("/" + f.Name)[1:], "/") && f.Name != path.Clean("/" + f.Name)[1:]+"/" ||
			strings.ContainsAny(f.Name, "\\\x00:") || !utf8.ValidString(f.Name) || f.Mode()&fs.ModeType&^fs.ModeDir != 0 {
			safe = false
		}
		switch {
		case f.Name == "[Content_Types].xml":
			contentTypes = true
		case strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin"):
			macros = true
		case f.Name == "mimetype" && i > 0:
			continue // has to be the first
		}
		if _, twice := parts[f.Name]; twice {
			safe = false
		}
		if len(parts) < maxEntries {
			parts[f.Name] = f
		}
	}
	if unpacked > maxUnpacked || unpacked > smallEnough && unpacked/uint64(size) > maxRatio {
		safe = false
	}
	found := ""
	for part, t := range map[string]string{
		"word/document.xml":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"xl/workbook.xml":      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	} {
		if parts[part] != nil && contentTypes {
			found = t
		}
	}
	if m := parts["mimetype"]; found == "" && m != nil && m.Method == zip.Store {
		if t := string(readEntry(m, 100)); types[t].ext != "" && (types[t].kind == Office || t == "application/epub+zip") {
			found = t
		}
	}
	switch {
	case found == "":
		return plain, nil
	case !safe:
		return facts{}, hostile
	case macros:
		return facts{Type: octets, Kind: Other}, nil // a program in a document's clothes
	}
	f := facts{Type: found, Kind: types[found].kind}
	if app := parts["docProps/app.xml"]; app != nil {
		f.Pages = officePages(readEntry(app, maxAppXML))
	}
	return f, nil
}

// readEntry unpacks at most limit bytes of one entry; nil if that fails.
func readEntry(f *zip.File, limit int64) []byte {
	rc, err := f.Open()
	if err != nil {
		return nil
	}
	defer rc.Close()
	b, err := io.ReadAll(io.LimitReader(rc, limit+1))
	if err != nil || int64(len(b)) > limit {
		return nil
	}
	return b
}

// officePages reads what the writing program noted: pages of a text, slides of a presentation. It may be out of date.
func officePages(app []byte) int {
	var p struct {
		Pages  string `xml:"Pages"`
		Slides string `xml:"Slides"`
	}
	if xml.Unmarshal(app, &p) != nil {
		return 0
	}
	for _, s := range []string{p.Pages, p.Slides} {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 && n < 100_000 {
			return n
		}
	}
	return 0
}

// budgetReader fails once more than left bytes were read: archive/zip reads a directory as long as it finds one,
// whatever number of entries the archive announces.
type budgetReader struct {
	r    io.ReaderAt
	left int64
}

func (b *budgetReader) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errors.New("the archive's list is too long")
	}
	return b.r.ReadAt(p, at)
}
