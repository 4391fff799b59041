package registration

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"plenary/internal/i18n"
	"plenary/internal/pdf"
)

// Certificates and the form to register as PDF files.

// CertificatesAtOnce is how many certificates one file holds at most.
const CertificatesAtOnce = 500

// CertificatesPDF gives certificates as a PDF file, a page (A4, on its side) for each in its own language. title and l are
// those of the file.
func (s *Store) CertificatesPDF(ctx context.Context, l i18n.Locale, title string, all []*Certificate) ([]byte, error) {
	info := pdf.Info{Title: title, Lang: l.Tag(), RTL: l.Dir() == "rtl", Created: s.now(), Landscape: true}
	b, _, err := s.Fonts.Make(ctx, info, func(d *pdf.Doc) {
		for _, c := range all {
			line := func(style pdf.Style, l i18n.Locale, words string) pdf.Text {
				style.Centre = true
				return pdf.Text{Style: style, Words: words, Lang: l.Tag(), RTL: l.Dir() == "rtl"}
			}
			small, big := pdf.Style{Size: 14, After: 10}, pdf.Style{Size: 22, Bold: true, After: 10}
			name := line(big, c.Locale, c.Name)
			name.Auto = true
			texts := []pdf.Text{line(pdf.Style{Tag: "H1", Size: 32, Bold: true, After: 28}, c.Locale, c.Title), line(small, c.Locale, c.Certifies), name,
				line(small, c.Locale, c.TookPart), line(big, c.EventLocale, c.Event)}
			if c.When != "" {
				texts = append(texts, line(small, c.Locale, c.When))
			}
			d.Framed(append(texts, line(pdf.Style{Size: 12, Gray: .3, Before: 34}, c.Locale, c.Issued))...)
		}
	})
	return b, err
}

// Missing lists the characters of certificates that no font has, each once, as the file shows boxes for them.
func (s *Store) Missing(all []*Certificate) string {
	var texts []string
	for _, c := range all {
		texts = append(texts, c.Name, c.Event, c.Issued)
	}
	return characters(s.Fonts.Missing(texts...))
}

// characters writes characters out, each with its number, since many readers' fonts lack them too.
func characters(missing []rune) string {
	if len(missing) == 0 {
		return ""
	}
	const most = 20
	var out []string
	for _, r := range missing[:min(most, len(missing))] {
		out = append(out, fmt.Sprintf("%c (U+%04X)", r, r))
	}
	if len(missing) > most {
		out = append(out, "…")
	}
	return i18n.Isolate(strings.Join(out, " "))
}

// Print is the form to register as a PDF file.
type Print struct {
	Size    int64
	Missing string // characters that no font has

	file []byte
}

// printsKept bounds how many files are remembered: there are few forms, and anybody may ask for them again and again.
const printsKept = 40

// PrintPDF gives the form of an event as a PDF file in a language, to be printed and filled in by hand.
func (s *Store) PrintPDF(ctx context.Context, e *Event, l i18n.Locale) ([]byte, error) {
	x, err := s.Print(ctx, e, l)
	return x.file, err
}

func (s *Store) print(ctx context.Context, e *Event, l i18n.Locale) ([]byte, []rune, error) {
	title, _ := e.Form.Title.Pick(l, e.Original)
	code := e.ID + "-" + string(l) + "-" + e.Form.Version(l, e.Original)
	info := pdf.Info{Title: s.Catalogue.T(l, "mailin.title") + " – " + title, Lang: l.Tag(), RTL: l.Dir() == "rtl", Created: s.now(), Foot: func(page, pages int) string {
		return s.Catalogue.T(l, "mailin.foot", "Code", i18n.Isolate(code), "Page", i18n.Number(l, page), "Pages", i18n.Number(l, pages))
	}}
	return s.Fonts.Make(ctx, info, func(d *pdf.Doc) {
		p := &paper{d: d, l: l}
		b := &blank{s: s, e: e, l: l, to: p}
		p.say = b.say
		b.write("mailin.how_print")
		p.flush()
	})
}

// Print tells of the form as a PDF file before somebody fetches it. It is made to know, once for what it holds.
func (s *Store) Print(ctx context.Context, e *Event, l i18n.Locale) (Print, error) {
	docx, err := s.Blank(ctx, e, l) // all that the other holds too
	if err != nil {
		return Print{}, err
	}
	key := sha256.Sum256(docx)
	s.mu.Lock()
	x, known := s.prints[key]
	s.mu.Unlock()
	if known {
		return x, nil
	}
	b, missing, err := s.print(ctx, e, l)
	if err != nil {
		return Print{}, err
	}
	x = Print{int64(len(b)), characters(missing), b}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prints == nil || len(s.prints) >= printsKept {
		s.prints = map[[32]byte]Print{}
	}
	s.prints[key] = x
	return x, nil
}

// paper is a form to be filled in by hand.
type paper struct {
	d     *pdf.Doc
	l     i18n.Locale
	say   func(key string, args ...any) string
	group []pdf.Item // what stays on one page
	open  bool       // the group is headings so far
}

var paperStyles = map[string]pdf.Style{
	"Title":    {Tag: "H1", Size: 18, Bold: true, After: 4},
	"Heading1": {Tag: "H2", Size: 14, Bold: true, Before: 10, After: 6},
	"Question": {Size: 11, Bold: true, Before: 10, After: 2},
	"Help":     {Size: 9, Gray: .25, After: 2},
	"":         {Size: 11, After: 6},
}

func (p *paper) flush() {
	if len(p.group) > 0 {
		p.d.Flow(p.group...)
	}
	p.group, p.open = nil, false
}

func (p *paper) paragraph(style string, ps ...piece) {
	switch {
	case style == "Title" || style == "Heading1":
		if !p.open {
			p.flush()
		}
		p.open = true
	case style == "Help":
		p.open = false
	case !p.open:
		p.flush()
	default:
		p.open = false
	}
	p.add(paperStyles[style], ps...)
}

func (p *paper) add(style pdf.Style, ps ...piece) {
	first := ps[0].lang
	var b strings.Builder
	for _, x := range ps {
		if x.lang != first {
			x.words = " " + i18n.Isolate(strings.TrimSpace(x.words))
		}
		b.WriteString(x.words)
	}
	p.group = append(p.group, pdf.Text{Style: style, Words: b.String(), Lang: first.Tag(), RTL: first.Dir() == "rtl"})
}

func (p *paper) text(_, _ string, long bool) {
	n := pdf.Lines(1)
	if long {
		n = 6
	}
	p.group = append(p.group, n)
}

func (p *paper) day(_, _ string) {
	p.add(paperStyles["Help"], piece{p.say("mailin.day"), p.l})
	p.group = append(p.group, pdf.Lines(1))
}

func (p *paper) list(title, name string, _ []item) { p.text(title, name, false) }

func (p *paper) choice(_, _ string, items []item) { p.options("mailin.tick_one", items) }

func (p *paper) boxes(_, _ string, items []item) { p.options("mailin.tick_all", items) }

func (p *paper) options(help string, items []item) {
	p.add(paperStyles["Help"], piece{p.say(help), p.l})
	for _, x := range items {
		p.tick(piece{x.words, x.lang})
	}
}

func (p *paper) tick(ps ...piece) {
	p.add(pdf.Style{Size: 11, Box: true, Before: 2, After: 2}, ps...)
}

func (p *paper) box(_, _ string, ps ...piece) {
	if !p.open {
		p.flush()
	}
	p.open = false
	p.tick(ps...)
}
