package media

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/db"

	webpwrite "github.com/gen2brain/webp"
	"github.com/kovidgoyal/imaging"
	"github.com/uptrace/bun"
	webpread "golang.org/x/image/webp"
)

// Rendition is a picture made of an uploaded one: upright, scaled, perhaps cut, without the metadata.
type Rendition struct {
	bun.BaseModel `bun:"table:renditions,alias:r"`
	FileID        string `bun:"media_id,pk"`
	Name          string `bun:"name,pk"` // as in the address: 640.webp, 16x9-320.jpg, og.jpg
	Width         int    `bun:"width"`   // pixels; less than the name says when the original is smaller
	Height        int    `bun:"height"`
	Type          string `bun:"type"`
	Size          int64  `bun:"size"`
	SHA256        string `bun:"sha256"`
	Focus         string `bun:"focus"` // focal point a crop was made with
	Key           string `bun:"object_key" json:"-"`
	version       string // of all renditions of the file
}

// URL is where the rendition is served. The part after ? changes with the bytes of any of the file's renditions, so it can
// be kept for ever; that it is the same for all of them makes pages shorter.
func (r *Rendition) URL() string { return "/media/" + r.FileID + "/" + r.Name + "?v=" + r.version }

// crop is a shape pictures are cut to. A side of 0 is not cut.
type crop struct {
	name   string // "" the whole picture
	w, h   int    // proportion
	widths []int
}

// crops is the fixed list of what is made and served. Nothing else is, whatever an address asks for.
var crops = []crop{
	{"", 0, 0, []int{320, 640, 960, 1600}},
	{"16x9", 16, 9, []int{320, 640, 960, 1600}},
	{"square", 1, 1, []int{160, 320, 640}},
}

const (
	ogName   = "og"
	ogWidth  = 1200
	ogHeight = 630
	ogBytes  = 300_000
)

var renditionName = regexp.MustCompile(`^(?:(?:16x9-)?(?:320|640|960|1600)|square-(?:160|320|640)|og)\.(?:webp|jpg|png)$`)

func stem(crop string, width int) string {
	if crop == "" {
		return strconv.Itoa(width)
	}
	return crop + "-" + strconv.Itoa(width)
}

// Rendition finds one by its name, with or without the ending; without, it is the JPEG or PNG. Nil if there is none.
func (f *File) Rendition(name string) *Rendition {
	for _, r := range f.Renditions {
		if r.Name == name || r.Type != "image/webp" && r.stem() == name {
			return r
		}
	}
	return nil
}

// Best is the smallest JPEG or PNG of a crop ("", 16x9, square) at least so wide, else the widest; nil while none is
// made. For the src, width and height of an img.
func (f *File) Best(crop string, width int) *Rendition {
	var best *Rendition
	for _, r := range f.ofCrop(crop, false) {
		if best == nil || best.Width < width {
			best = r
		}
	}
	return best
}

// Srcset lists the JPEG or PNG renditions of a crop ("", 16x9, square) for the srcset of an img.
func (f *File) Srcset(crop string) string { return srcset(f.ofCrop(crop, false)) }

// SrcsetWebP lists the WebP renditions of a crop for the srcset of a source of type image/webp.
func (f *File) SrcsetWebP(crop string) string { return srcset(f.ofCrop(crop, true)) }

func srcset(all []*Rendition) string {
	var b strings.Builder
	for i, r := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(r.URL())
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(r.Width))
		b.WriteByte('w')
	}
	return b.String()
}

// ofCrop gives the renditions of a crop in one format, narrow ones first.
func (f *File) ofCrop(name string, webp bool) []*Rendition {
	found := make([]*Rendition, 0, 4)
	for _, r := range f.Renditions {
		if (r.Type == "image/webp") == webp && r.crop() == name && r.stem() != ogName {
			found = append(found, r)
		}
	}
	// The name tells the width that was asked for: a small original has several renditions of its own width.
	slices.SortFunc(found, func(a, b *Rendition) int { return cmp.Or(len(a.Name)-len(b.Name), strings.Compare(a.Name, b.Name)) })
	return found
}

// stem is the name without its ending, crop that without the width.
func (r *Rendition) stem() string { return strings.TrimSuffix(r.Name, path.Ext(r.Name)) }

func (r *Rendition) crop() string {
	name := r.stem()
	return name[:max(0, strings.LastIndexByte(name, '-'))]
}

// decoding lets one picture at a time be decoded in this process, whatever the number of stores and workers.
var decoding = make(chan struct{}, 1)

// errPicture means that a picture cannot be decoded; trying again would not help.
var errPicture = errors.New("the picture cannot be decoded")

type made struct {
	*Rendition
	data []byte
}

// decode reads a picture whose header has been found harmless, turns it upright and scales it down to what crops
// need: its shorter side to the greatest width.
func decode(ctx context.Context, contentType string, r io.ReadSeeker) (image.Image, error) {
	orientation := 1
	read := jpeg.Decode
	switch contentType {
	case "image/jpeg":
		orientation = scanJPEG(r).orientation
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return nil, storageError("read", err)
		}
	case "image/png":
		read = png.Decode
	case "image/gif":
		read = gif.Decode
	case "image/webp":
		read = webpread.Decode // written in Go, unlike the encoder: it meets what strangers send
	default:
		return nil, fmt.Errorf("%w: %s", errPicture, contentType)
	}
	src := &sourceReader{r: stopWith(ctx, r)}
	m, err := read(src)
	if err != nil {
		if src.err != nil {
			return nil, storageError("read", src.err)
		}
		return nil, fmt.Errorf("%w: %w", errPicture, err)
	}
	size := m.Bounds().Size()
	if size.X < 1 || size.Y < 1 {
		return nil, errPicture
	}
	const side = 1600
	if short := min(size.X, size.Y); short > side {
		m = imaging.Resize(m, max(1, size.X*side/short), max(1, size.Y*side/short), imaging.Lanczos)
	}
	switch orientation {
	case 2:
		m = imaging.FlipH(m)
	case 3:
		m = imaging.Rotate180(m)
	case 4:
		m = imaging.FlipV(m)
	case 5:
		m = imaging.Transpose(m)
	case 6:
		m = imaging.Rotate270(m)
	case 7:
		m = imaging.Transverse(m)
	case 8:
		m = imaging.Rotate90(m)
	}
	return m, nil
}

// sourceReader tells a store that went away from a picture that is broken.
type sourceReader struct {
	r   io.Reader
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// render makes the renditions of an upright picture that f does not have yet.
func render(ctx context.Context, f *File, m image.Image) ([]made, error) {
	focus := fmt.Sprintf("%d,%d", f.FocusX, f.FocusY)
	have := map[string]bool{}
	for _, r := range f.Renditions {
		if r.Focus == "" || r.Focus == focus {
			have[r.Name] = true
		}
	}
	fallback := encoder{".jpg", "image/jpeg", asJPEG(82)}
	if !opaque(m) {
		fallback = encoder{".png", "image/png", asPNG}
	}
	formats := []encoder{{".webp", "image/webp", asWebP}, fallback}
	var all []made
	add := func(name, cropFocus string, m image.Image, formats ...encoder) error {
		for _, e := range formats {
			if have[name+e.ext] {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			data, err := e.encode(m)
			if err != nil {
				return fmt.Errorf("rendition %s%s: %w", name, e.ext, err)
			}
			sum := sha256.Sum256(data)
			all = append(all, made{&Rendition{FileID: f.ID, Name: name + e.ext, Width: m.Bounds().Dx(), Height: m.Bounds().Dy(), Type: e.contentType,
				Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Focus: cropFocus, Key: newKey()}, data})
		}
		return nil
	}
	for _, c := range crops {
		from, cropFocus := m, ""
		if c.w > 0 {
			from, cropFocus = cut(m, c.w, c.h, f.FocusX, f.FocusY), focus
		}
		full := from.Bounds().Dx()
		// From wide to narrow, each made of the one before: half the work, and no visible difference.
		for i := len(c.widths) - 1; i >= 0; i-- {
			w := c.widths[i]
			if i > 0 && c.widths[i-1] >= full {
				continue // a narrower one already holds all there is
			}
			if have[stem(c.name, w)+".webp"] && have[stem(c.name, w)+fallback.ext] {
				continue
			}
			from = shrink(from, w, c.w, c.h)
			if err := add(stem(c.name, w), cropFocus, from, formats...); err != nil {
				return nil, err
			}
		}
	}
	og := onWhite(shrink(cut(m, ogWidth, ogHeight, f.FocusX, f.FocusY), ogWidth, ogWidth, ogHeight))
	return all, add(ogName, focus, og, encoder{".jpg", "image/jpeg", asSmallJPEG})
}

// shrink scales to a width, never up. A proportion, when given, is met to the pixel.
func shrink(m image.Image, width, w, h int) image.Image {
	size := m.Bounds().Size()
	if size.X <= width {
		return m
	}
	height := max(1, (size.Y*width+size.X/2)/size.X)
	if w > 0 {
		height = max(1, (width*h+w/2)/w)
	}
	return imaging.Resize(m, width, height, imaging.Lanczos)
}

// cut takes the greatest part of proportion w:h whose middle is as near to the focal point as the edges allow.
func cut(m image.Image, w, h, focusX, focusY int) image.Image {
	b := m.Bounds()
	cw, ch := b.Dx(), (b.Dx()*h+w/2)/w
	if ch > b.Dy() {
		cw, ch = (b.Dy()*w+h/2)/h, b.Dy()
	}
	cw, ch = min(max(cw, 1), b.Dx()), min(max(ch, 1), b.Dy())
	x := min(max(b.Dx()*focusX/100-cw/2, 0), b.Dx()-cw)
	y := min(max(b.Dy()*focusY/100-ch/2, 0), b.Dy()-ch)
	part := image.Rect(x, y, x+cw, y+ch).Add(b.Min)
	if s, ok := m.(interface {
		SubImage(image.Rectangle) image.Image
	}); ok {
		return s.SubImage(part) // without a copy
	}
	return imaging.Crop(m, part)
}

func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func onWhite(m image.Image) image.Image {
	if opaque(m) {
		return m
	}
	out := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), m, m.Bounds().Min, draw.Over)
	return out
}

type encoder struct {
	ext, contentType string
	encode           func(image.Image) ([]byte, error)
}

func asJPEG(quality int) func(image.Image) ([]byte, error) {
	return func(m image.Image) ([]byte, error) {
		var b bytes.Buffer
		err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
		return b.Bytes(), err
	}
}

// asSmallJPEG stays under the size that services which show a preview still fetch.
func asSmallJPEG(m image.Image) (data []byte, err error) {
	for quality := 82; quality >= 22; quality -= 15 {
		if data, err = asJPEG(quality)(m); err != nil || len(data) < ogBytes {
			break
		}
	}
	return data, err
}

func asPNG(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&b, m)
	return b.Bytes(), err
}

func asWebP(m image.Image) ([]byte, error) {
	if m.Bounds().Min != (image.Point{}) {
		m = imaging.Clone(m) // the encoder looks at the pixels' memory and does not know about parts
	}
	var b bytes.Buffer
	err := webpwrite.Encode(&b, m, webpwrite.Options{Quality: 80, Method: 2})
	return b.Bytes(), err
}

// rouse tells the worker that there is something to do; a worker that is busy looks again anyway.
func (s *Store) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run makes renditions until ctx ends: those asked for here at once, those another instance left behind within a
// minute. What was under way when the program stopped goes on. It also sweeps and empties the trash, once an hour.
func (s *Store) Run(ctx context.Context) {
	if !s.db.Postgres() {
		// One process owns an SQLite file: claims are those of the process that has ended.
		err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*File)(nil)).Set("claimed_until = ?", longAgo).Where("state = ?", Pending).Exec(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("renditions: earlier claims stay for two minutes", "error", err)
		}
	}
	var swept time.Time
	for ctx.Err() == nil {
		if time.Since(swept) > time.Hour {
			swept = time.Now()
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("stored objects without a file are removed later", "error", err)
			}
			if err := s.Tidy(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("the trash and what is left of uploads are emptied later", "error", err)
			}
		}
		if err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("renditions are made later", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(30 * time.Second):
		}
	}
}

const (
	claimTime   = 2 * time.Minute // to make the renditions of one picture
	maxAttempts = 3               // of a picture that takes the whole program down
)

type claim struct {
	ID       string `bun:"id"`
	Recipe   int    `bun:"recipe"`
	Attempts int    `bun:"attempts"`
}

// Drain makes all renditions that are waiting and returns.
func (s *Store) Drain(ctx context.Context) error {
	for ctx.Err() == nil {
		var c claim
		now := db.Now()
		err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			return tx.NewRaw(`UPDATE media SET claimed_until = ?, attempts = attempts + 1
				WHERE claimed_until < ? AND id = (SELECT id FROM media WHERE state = ? AND claimed_until < ? ORDER BY created_at LIMIT 1)
				RETURNING id, recipe, attempts`, now.Add(claimTime), now, Pending, now).Scan(ctx, &c)
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("claim a picture: %w", err)
		}
		if err := s.make(ctx, c); err != nil {
			return fmt.Errorf("picture %s: %w", c.ID, err)
		}
	}
	return ctx.Err()
}

// make makes what is missing of one picture. A picture that cannot be decoded is no error: it is marked as failed.
func (s *Store) make(ctx context.Context, c claim) error {
	limited, cancel := context.WithTimeout(ctx, claimTime-5*time.Second)
	defer cancel()
	if c.Attempts > maxAttempts {
		return s.fail(ctx, c, errors.New("given up after several attempts"))
	}
	f, err := s.one(limited, c.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	all, err := s.renderings(limited, f)
	switch {
	case errors.Is(err, errPicture), errors.Is(err, ErrNoObject):
		return s.fail(ctx, c, err)
	case errors.Is(err, ErrStorage), ctx.Err() != nil:
		s.unclaim(context.WithoutCancel(ctx), c)
		return err
	case err != nil:
		s.Log.Error("renditions", "file", f.ID, "attempt", c.Attempts, "error", err)
		return nil // tried again when the claim is over
	}
	if err := s.keep(limited, c, f, all); err != nil {
		s.unclaim(context.WithoutCancel(ctx), c)
		return err
	}
	return nil
}

func (s *Store) renderings(ctx context.Context, f *File) (all []made, err error) {
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o, err := s.storage.Open(ctx, f.Key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	// Decoders meet what strangers send: a panic in one means that this picture has no renditions, and nothing more.
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "file", f.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			all, err = nil, fmt.Errorf("%w: panic: %v", errPicture, p)
		}
	}()
	m, err := decode(ctx, f.Type, o)
	if err != nil {
		return nil, err
	}
	return render(ctx, f, m)
}

// keep stores new renditions and puts them in the place of those they replace, unless the picture was changed or
// deleted in the meantime.
func (s *Store) keep(ctx context.Context, c claim, f *File, all []made) error {
	var keys, names []string
	for _, m := range all {
		keys, names = append(keys, m.Key), append(names, m.Name)
	}
	if err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return intend(ctx, tx, db.Now().Add(putTime), keys...)
	}); err != nil {
		return err
	}
	var err error
	for _, m := range all {
		if err = s.storage.Put(ctx, m.Key, bytes.NewReader(m.data), m.Size, m.Type); err != nil {
			break
		}
	}
	drop := keys
	if err == nil {
		var replaced []string
		after := func() {}
		err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			res, err := tx.NewUpdate().Model((*File)(nil)).Set("state = ?", Ready).Set("attempts = 0").Where("id = ?", f.ID).Where("recipe = ?", c.Recipe).Exec(ctx)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n == 0 {
				return errOutdated
			}
			if len(all) > 0 {
				if err := tx.NewRaw("DELETE FROM renditions WHERE media_id = ? AND name IN (?) RETURNING object_key", f.ID, bun.In(names)).Scan(ctx, &replaced); err != nil {
					return err
				}
				var rows []*Rendition
				for _, m := range all {
					rows = append(rows, m.Rendition)
				}
				if err := adopt(ctx, tx, keys...); err != nil {
					return err
				}
				if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
					return err
				}
			}
			// Those of bytes that were replaced, which the new ones have no need of.
			var left []string
			if err := tx.NewRaw("DELETE FROM renditions WHERE media_id = ? AND focus = ? RETURNING object_key", f.ID, ofFormerBytes).Scan(ctx, &left); err != nil {
				return err
			}
			replaced = append(replaced, left...)
			// Someone may be reading a replaced one this moment: it goes with the next sweep but one.
			if err := intend(ctx, tx, db.Now().Add(time.Hour), replaced...); err != nil {
				return err
			}
			after, err = s.changed(ctx, tx, f.ID)
			return err
		})
		if err == nil {
			after()
			return nil
		}
	}
	if e := s.remove(context.WithoutCancel(ctx), drop); e != nil {
		s.Log.Warn("what is left of renditions is removed later", "error", e)
	}
	if errors.Is(err, errOutdated) {
		return nil // the change has put the picture into the queue again
	}
	return err
}

// ofFormerBytes is the focus of renditions that are shown until those of the new bytes are made.
const ofFormerBytes = "replaced"

var errOutdated = errors.New("the picture was changed or deleted meanwhile")

func (s *Store) fail(ctx context.Context, c claim, why error) error {
	s.Log.Warn("a picture has no renditions", "file", c.ID, "error", why)
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*File)(nil)).Set("state = ?", Failed).Where("id = ?", c.ID).Where("recipe = ?", c.Recipe).Exec(ctx)
		return err
	})
}

// unclaim gives a picture back that could not be worked on for reasons outside it.
func (s *Store) unclaim(ctx context.Context, c claim) {
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*File)(nil)).Set("attempts = attempts - 1").Set("claimed_until = ?", longAgo).
			Where("id = ?", c.ID).Where("recipe = ?", c.Recipe).Exec(ctx)
		return err
	})
	if err != nil {
		s.Log.Warn("a claim stays for two minutes", "file", c.ID, "error", err)
	}
}
