package media

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Reading a PDF here means following its cross-reference to the catalogue and the root of the page tree (ISO 32000-1,
// 7.5 and 7.7): enough for "PDF, 4 pages" and for whether it is tagged. Nothing is rendered. Every step has a limit,
// and whatever does not fit is "unknown", never an error.

const (
	pdfWindow   = 64 << 10 // bytes looked at for one object that is not a stream's content
	pdfUnpacked = 16 << 20 // of one stream
	pdfBudget   = 64 << 20 // of all streams together
	pdfSections = 256      // cross-reference sections followed
	pdfDepth    = 32       // nesting of arrays and dictionaries
	pdfMaxPages = 100_000
)

// lookIntoPDF returns the number of pages, 0 if that cannot be told, and whether the file says it is tagged for
// accessibility.
func lookIntoPDF(r io.ReaderAt, size int64) (pages int, tagged bool) {
	d := &pdfFile{r: r, size: size, budget: pdfBudget}
	root, err := d.readReferences()
	if err != nil {
		return 0, false
	}
	catalogue, _ := d.resolve(root, 0).(pdfDict)
	if mark, ok := d.resolve(catalogue["MarkInfo"], 0).(pdfDict); ok {
		tagged, _ = d.resolve(mark["Marked"], 0).(bool)
	}
	tree, _ := d.resolve(catalogue["Pages"], 0).(pdfDict)
	n, _ := d.resolve(tree["Count"], 0).(int64)
	if n < 1 || n > pdfMaxPages {
		return 0, tagged
	}
	return int(n), tagged
}

type (
	pdfName string
	pdfDict map[pdfName]any
	pdfRef  struct{ number, generation int64 }
	pdfWord string // a keyword: obj, stream, R …
)

type pdfFile struct {
	r        io.ReaderAt
	size     int64
	sections []pdfSection // newest first: the first that knows an object is right
	budget   int64
	cached   map[int64][]byte // unpacked object streams
}

// pdfSection is a run of cross-reference entries: 20 bytes each in the file, or rows of an unpacked stream.
type pdfSection struct {
	first, count int64
	at           int64  // in the file
	rows         []byte // or here
	w            [3]int64
}

var errPDF = errors.New("not understood")

// readReferences follows the chain of cross-reference sections and returns the reference to the catalogue.
func (d *pdfFile) readReferences() (root any, err error) {
	tail := make([]byte, min(d.size, 2048))
	if _, err := d.r.ReadAt(tail, d.size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return nil, errPDF
	}
	p := &pdfParser{b: tail[i+len("startxref"):]}
	at, ok := p.value(0).(int64)
	if !ok {
		return nil, errPDF
	}
	todo, seen := []int64{at}, map[int64]bool{}
	for len(todo) > 0 {
		at, todo = todo[0], todo[1:]
		if seen[at] || len(seen) > pdfSections {
			return nil, errPDF
		}
		seen[at] = true
		trailer, err := d.readSection(at)
		if err != nil {
			return nil, err
		}
		if root == nil {
			root = trailer["Root"]
		}
		// A hybrid file's stream comes before the older sections.
		for _, key := range []pdfName{"XRefStm", "Prev"} {
			if prev, ok := trailer[key].(int64); ok {
				todo = append(todo, prev)
			}
		}
	}
	return root, nil
}

func (d *pdfFile) readSection(at int64) (pdfDict, error) {
	window, err := d.window(at)
	if err != nil {
		return nil, err
	}
	p := &pdfParser{b: window}
	if p.value(0) != pdfWord("xref") {
		return d.readStreamSection(at)
	}
	pos := at + int64(p.i)
	for range pdfSections {
		if window, err = d.window(pos); err != nil {
			return nil, err
		}
		p = &pdfParser{b: window}
		v := p.value(0)
		if v == pdfWord("trailer") {
			trailer, _ := p.value(0).(pdfDict)
			if trailer == nil {
				return nil, errPDF
			}
			return trailer, nil
		}
		first, ok1 := v.(int64)
		count, ok2 := p.value(0).(int64)
		p.space()
		pos += int64(p.i)
		if !ok1 || !ok2 || first < 0 || count < 0 || count > d.size/20+1 || first > 1<<40 {
			return nil, errPDF
		}
		d.sections = append(d.sections, pdfSection{first: first, count: count, at: pos})
		pos += 20 * count
	}
	return nil, errPDF
}

func (d *pdfFile) readStreamSection(at int64) (pdfDict, error) {
	dict, start, err := d.object(at, -1)
	if err != nil {
		return nil, err
	}
	trailer, _ := dict.(pdfDict)
	if trailer["Type"] != pdfName("XRef") || start == 0 {
		return nil, errPDF
	}
	rows, err := d.unpack(trailer, start)
	if err != nil {
		return nil, err
	}
	var w [3]int64
	ws, _ := trailer["W"].([]any)
	if len(ws) < 3 {
		return nil, errPDF
	}
	width := int64(0)
	for i := range w {
		n, ok := ws[i].(int64)
		if !ok || n < 0 || n > 8 {
			return nil, errPDF
		}
		w[i] = n
		width += n
	}
	if width == 0 {
		return nil, errPDF
	}
	index, _ := trailer["Index"].([]any)
	if index == nil {
		index = []any{int64(0), trailer["Size"]}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(int64)
		count, ok2 := index[i+1].(int64)
		if !ok1 || !ok2 || first < 0 || count < 0 || len(d.sections) > 100_000 {
			return nil, errPDF
		}
		count = min(count, int64(len(rows))/width)
		d.sections = append(d.sections, pdfSection{first: first, count: count, rows: rows[:count*width], w: w})
		rows = rows[count*width:]
	}
	return trailer, nil
}

// resolve follows a reference to the object it means; other values are themselves.
func (d *pdfFile) resolve(v any, depth int) any {
	ref, ok := v.(pdfRef)
	if !ok {
		return v
	}
	if depth > pdfDepth {
		return nil
	}
	for _, s := range d.sections {
		if ref.number < s.first || ref.number-s.first >= s.count {
			continue
		}
		i := ref.number - s.first
		if s.rows == nil {
			line := make([]byte, 20)
			if n, _ := d.r.ReadAt(line, s.at+20*i); n < 18 || line[17] != 'n' {
				continue // free here; a hybrid file's stream may know it
			}
			at, err := strconv.ParseInt(string(line[:10]), 10, 64)
			if err != nil {
				return nil
			}
			got, _, err := d.object(at, ref.number)
			if err != nil {
				return nil
			}
			return d.resolve(got, depth+1)
		}
		row := s.rows[i*(s.w[0]+s.w[1]+s.w[2]):]
		kind, a, b := int64(1), bigEndian(row[s.w[0]:s.w[0]+s.w[1]]), bigEndian(row[s.w[0]+s.w[1]:s.w[0]+s.w[1]+s.w[2]])
		if s.w[0] > 0 {
			kind = bigEndian(row[:s.w[0]])
		}
		switch kind {
		case 1:
			got, _, err := d.object(a, ref.number)
			if err != nil {
				return nil
			}
			return d.resolve(got, depth+1)
		case 2:
			return d.resolve(d.packed(a, b, ref.number, depth+1), depth+1)
		}
		return nil
	}
	return nil
}

// packed reads an object out of an object stream.
func (d *pdfFile) packed(stream, index, number int64, depth int) any {
	if depth > pdfDepth {
		return nil
	}
	content, ok := d.cached[stream]
	var first int64
	if !ok {
		var at int64 = -1
		for _, s := range d.sections { // an object stream is never inside another
			if i := stream - s.first; i >= 0 && i < s.count && s.rows != nil {
				row := s.rows[i*(s.w[0]+s.w[1]+s.w[2]):]
				if s.w[0] == 0 || bigEndian(row[:s.w[0]]) == 1 {
					at = bigEndian(row[s.w[0] : s.w[0]+s.w[1]])
				}
				break
			}
		}
		v, start, err := d.object(at, stream)
		dict, _ := v.(pdfDict)
		if err != nil || start == 0 || dict["Type"] != pdfName("ObjStm") {
			return nil
		}
		if content, err = d.unpack(dict, start); err != nil {
			return nil
		}
		if first, ok = d.resolve(dict["First"], depth+1).(int64); !ok || first < 0 || first > int64(len(content)) {
			return nil
		}
		content = fmt.Appendf(nil, "%d %s", first, content) // kept with its /First in front
		if d.cached == nil {
			d.cached = map[int64][]byte{}
		}
		d.cached[stream] = content
	}
	p := &pdfParser{b: content}
	first, _ = p.number()
	body := content[min(len(content), p.i+1):]
	p = &pdfParser{b: body[:min(first, int64(len(body)))]}
	for i := int64(0); i <= index; i++ {
		n, ok1 := p.number()
		at, ok2 := p.number()
		if !ok1 || !ok2 {
			return nil
		}
		if i == index {
			if n != number || at < 0 || at > int64(len(body))-first {
				return nil
			}
			return (&pdfParser{b: body[first+at:]}).value(0)
		}
	}
	return nil
}

// object reads the object at an offset, which has to have this number unless it is -1. start is where its stream
// begins, 0 if it has none.
func (d *pdfFile) object(at, number int64) (v any, start int64, err error) {
	window, err := d.window(at)
	if err != nil {
		return nil, 0, err
	}
	p := &pdfParser{b: window}
	n, ok1 := p.number()
	_, ok2 := p.number()
	if !ok1 || !ok2 || p.value(0) != pdfWord("obj") || number >= 0 && n != number {
		return nil, 0, errPDF
	}
	v = p.value(0)
	if _, ok := v.(pdfDict); ok && p.value(0) == pdfWord("stream") {
		if p.i < len(window) && window[p.i] == '\r' {
			p.i++
		}
		if p.i < len(window) && window[p.i] == '\n' {
			p.i++
		}
		start = at + int64(p.i)
	}
	return v, start, nil
}

// unpack reads a stream that is plain or deflated. Where it ends it says itself: /Length may be wrong or elsewhere.
func (d *pdfFile) unpack(dict pdfDict, start int64) ([]byte, error) {
	filter, parms := dict["Filter"], dict["DecodeParms"]
	if list, ok := filter.([]any); ok {
		if len(list) != 1 {
			return nil, errPDF
		}
		filter = list[0]
		if list, ok := parms.([]any); ok && len(list) == 1 {
			parms = list[0]
		}
	}
	raw := io.NewSectionReader(d.r, start, d.size-start)
	limit := min(pdfUnpacked, d.budget)
	var out []byte
	switch filter {
	case nil:
		length, ok := dict["Length"].(int64)
		if !ok || length < 0 || length > limit {
			return nil, errPDF
		}
		out = make([]byte, min(length, d.size-start))
		if _, err := io.ReadFull(raw, out); err != nil {
			return nil, err
		}
	case pdfName("FlateDecode"):
		z, err := zlib.NewReader(raw)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		// A wrong checksum at the end is forgiven, as every viewer does.
		if _, err := io.Copy(&b, io.LimitReader(z, limit+1)); err != nil && b.Len() == 0 {
			return nil, err
		}
		out = b.Bytes()
	default:
		return nil, errPDF
	}
	if int64(len(out)) > limit {
		return nil, errPDF
	}
	d.budget -= int64(len(out))
	pd, _ := parms.(pdfDict)
	switch predictor, _ := pd["Predictor"].(int64); {
	case predictor <= 1:
		return out, nil
	case predictor >= 10:
		columns, ok := pd["Columns"].(int64)
		if !ok {
			columns = 1
		}
		if columns < 1 || columns > 1<<16 {
			return nil, errPDF
		}
		return unfilter(out, int(columns))
	}
	return nil, errPDF
}

// unfilter undoes PNG's row filters for one byte per column.
func unfilter(in []byte, columns int) ([]byte, error) {
	out := make([]byte, 0, len(in))
	prev := make([]byte, columns)
	for len(in) > columns {
		row := in[1 : columns+1]
		for i := range row {
			var left, upLeft byte
			if i > 0 {
				left, upLeft = row[i-1], prev[i-1]
			}
			switch in[0] {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += prev[i]
			case 3:
				row[i] += byte((int(left) + int(prev[i])) / 2)
			case 4:
				row[i] += paeth(left, prev[i], upLeft)
			default:
				return nil, errPDF
			}
		}
		out = append(out, row...)
		prev, in = row, in[columns+1:]
	}
	return out, nil
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}

func abs(n int) int { return max(n, -n) }

func (d *pdfFile) window(at int64) ([]byte, error) {
	if at < 0 || at >= d.size {
		return nil, errPDF
	}
	b := make([]byte, min(pdfWindow, d.size-at))
	if n, err := d.r.ReadAt(b, at); err != nil && n < len(b) {
		return nil, err
	}
	return b, nil
}

func bigEndian(b []byte) (n int64) {
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	return n
}

// pdfParser reads values out of a buffer; at its end, or where it makes no sense, it gives nil.
type pdfParser struct {
	b []byte
	i int
}

func pdfSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func pdfDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (p *pdfParser) space() {
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case pdfSpace(c):
			p.i++
		case c == '%':
			for p.i < len(p.b) && p.b[p.i] != '\n' && p.b[p.i] != '\r' {
				p.i++
			}
		default:
			return
		}
	}
}

func (p *pdfParser) word() string {
	start := p.i
	if start >= len(p.b) {
		return ""
	}
	for p.i < len(p.b) && !pdfSpace(p.b[p.i]) && !pdfDelimiter(p.b[p.i]) {
		p.i++
	}
	return string(p.b[start:p.i])
}

// number reads an integer without looking whether it begins a reference.
func (p *pdfParser) number() (int64, bool) {
	p.space()
	n, err := strconv.ParseInt(p.word(), 10, 64)
	return n, err == nil
}

// end is what closes an array or a dictionary.
type end string

func (p *pdfParser) value(depth int) any {
	p.space()
	if p.i >= len(p.b) || depth > pdfDepth {
		p.i = len(p.b)
		return nil
	}
	switch c := p.b[p.i]; {
	case c == '/':
		p.i++
		return pdfName(p.word())
	case c == '<' && p.i+1 < len(p.b) && p.b[p.i+1] == '<':
		p.i += 2
		d := pdfDict{}
		for p.i < len(p.b) {
			key := p.value(depth + 1)
			if key == end(">>") {
				return d
			}
			name, ok := key.(pdfName)
			if !ok {
				return nil
			}
			v := p.value(depth + 1)
			if v == end(">>") {
				return d
			}
			d[name] = v
		}
		return nil
	case c == '>' && p.i+1 < len(p.b) && p.b[p.i+1] == '>':
		p.i += 2
		return end(">>")
	case c == '[':
		p.i++
		list := []any{}
		for p.i < len(p.b) {
			v := p.value(depth + 1)
			if v == end("]") {
				return list
			}
			list = append(list, v)
		}
		return nil
	case c == ']':
		p.i++
		return end("]")
	case c == '<': // a hexadecimal string: nothing here needs one
		for p.i < len(p.b) && p.b[p.i] != '>' {
			p.i++
		}
		p.i++
		return ""
	case c == '(':
		open := 0
		for ; p.i < len(p.b); p.i++ {
			switch p.b[p.i] {
			case '\\':
				p.i++
			case '(':
				open++
			case ')':
				if open--; open == 0 {
					p.i++
					return ""
				}
			}
		}
		return nil
	case pdfDelimiter(c):
		p.i++
		return nil
	}
	w := p.word()
	switch w {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil {
		return pdfWord(w)
	}
	// "12 0 R" is a reference, "12 0" two numbers.
	before := p.i
	if g, ok := p.number(); ok {
		if p.space(); p.word() == "R" {
			return pdfRef{n, g}
		}
	}
	p.i = before
	return n
}
