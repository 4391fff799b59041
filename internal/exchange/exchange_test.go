package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"plenary/internal/i18n"
)

// sample has every sort of code, signs that formats have to escape, and all states.
func sample() File {
	u := func(id, source, target string, state State) Unit {
		x := Unit{ID: id, Hash: "0123456789ab", State: state, Label: "Description › " + id}
		x.Source, x.Codes = Markup(source, nil)
		if target != "" {
			x.Target, x.Codes = Markup(target, x.Codes)
		}
		return x
	}
	f := File{Ref: Ref{"event", "abcd1234", i18n.EN, i18n.FR, 12, 3}, Title: `Opening <the> "register" & more`, URL: "https://example.org/admin/events/abcd1234/exchange?lang=fr", Units: []Unit{
		{ID: "title", Hash: "0123456789ab", Source: Line("A < B & \"C\"\tD ⟦1⟧ ⟧"), State: Missing, Max: 200},
		{ID: "summary", Hash: "ba9876543210", Source: Line("two\nlines"), Target: Line("deux\nlignes"), State: Translated, Max: 300},
		u("blocks.k1.text:1", `See <a href="https://example.org/?a=1&amp;b=2">the <strong>paper</strong></a><br>or <em>ask</em>.`, `<em>Demandez</em> ou voyez <a href="https://example.org/?a=1&amp;b=2">le <strong>papier</strong></a><br>.`, Outdated),
		u("blocks.k1.text:2", `A note<span data-footnote="said &amp; &quot;done&quot;"></span> and <img src="/media/abc/x.png" alt="a map"> in <span lang="ar" dir="rtl">عربي</span> H<sub>2</sub>O`, "", Missing),
		u("blocks.k1.text:3", `x <a href="/en/a">here</a>`, `x <a href="/fr/a">ici</a> <strong>nouveau</strong>`, Translated),
	}}
	return f
}

// compare checks what came back against what went out.
func compare(t *testing.T, want File, got []File, states bool) {
	t.Helper()
	if len(got) != 1 || got[0].Ref != want.Ref || len(got[0].Units) != len(want.Units) {
		t.Fatalf("%d files, %+v", len(got), got)
	}
	for i, u := range got[0].Units {
		w := want.Units[i]
		if u.ID != w.ID || u.Hash != w.Hash || !u.Source.Same(w.Source) {
			t.Errorf("%s %s %q, want %s %s %q", u.ID, u.Hash, u.Source, w.ID, w.Hash, w.Source)
		}
		if (u.Target == nil) != (w.Target == nil) || !u.Target.Same(w.Target) {
			t.Errorf("%s: %q, want %q", u.ID, u.Target, w.Target)
		}
		if states && u.State != w.State {
			t.Errorf("%s: %s, want %s", u.ID, u.State, w.State)
		}
	}
}

func TestWrittenIsRead(t *testing.T) {
	f := sample()
	for _, format := range Formats {
		b, err := Write(f, format, DOCXWords{Locale: i18n.AR, Intro: []string{"x"}, Head: [3]string{"a", "b", "c"}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(b)
		if err != nil {
			t.Fatalf("%s: %v\n%s", format, err, b)
		}
		compare(t, f, got, format != DOCX)
		again, _ := Write(f, format, DOCXWords{Locale: i18n.AR, Intro: []string{"x"}, Head: [3]string{"a", "b", "c"}})
		if !bytes.Equal(b, again) {
			t.Errorf("%s: the same texts are another file", format)
		}
	}
}

func TestFilesInUTF16(t *testing.T) {
	f := sample()
	text := strings.Replace(string(WriteXLIFF12([]File{f})), `encoding="UTF-8"`, `encoding="UTF-16"`, 1)
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b bytes.Buffer
		for _, u := range utf16.Encode([]rune("\uFEFF" + text)) {
			_ = binary.Write(&b, order, u)
		}
		got, err := Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		compare(t, f, got, true)
	}
	got, err := Read(append([]byte("\xEF\xBB\xBF"), WriteXLIFF21([]File{f})...))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, f, got, true)
}

// What tools make of a file: segments, states, elements and attributes of their own, other ways to write codes.
func TestFilesOfTools(t *testing.T) {
	ref := sample().Ref.String()
	twelve := func(body string) string {
		return `<?xml version="1.0"?><xliff version="1.2" xmlns="` + ns12 + `" xmlns:mq="MQXliff"><file original="` + ref + `" source-language="en-GB" target-language="fr-FR" mq:x="1"><header><mq:stuff/></header><body><group>` + body + `</group></body></file></xliff>`
	}
	two := func(body string) string {
		return `<xliff version="2.0" xmlns="` + ns20 + `" xmlns:t="urn:tool" srcLang="en" trgLang="fr"><file id="f1" original="` + ref + `"><t:x/><group id="g">` + body + `</group></file></xliff>`
	}
	for _, x := range []struct {
		name, file, target string
		state              State
		partly             bool
	}{
		{"segments of 1.2", twelve(`<trans-unit id="u"><source>One. Two.</source><seg-source><mrk mtype="seg" mid="1">One.</mrk> <mrk mtype="seg" mid="2">Two.</mrk></seg-source><target><mrk mtype="seg" mid="1">Un.</mrk> <mrk mtype="seg" mid="2"><g id="1">Deux.</g></mrk></target></trans-unit>`), "Un. ⟦1⟧Deux.⟦/1⟧", Translated, false},
		{"an empty segment", twelve(`<trans-unit id="u"><source>One. Two.</source><target><mrk mtype="seg" mid="1">Un.</mrk><mrk mtype="seg" mid="2"/></target></trans-unit>`), "Un.", Translated, true},
		{"native codes", twelve(`<trans-unit id="u"><source>x</source><target>a<bpt id="1">&lt;b&gt;</bpt>b<ept id="1">&lt;/b&gt;</ept><ph id="2">&lt;br/&gt;</ph><mq:ignored>no</mq:ignored><it id="3" pos="open">x</it><bx id="4"/>c<ex id="4"/></target></trans-unit>`), "a⟦1⟧b⟦/1⟧⟦2/⟧⟦3⟧⟦4⟧c⟦/4⟧", Translated, false},
		{"copied and not translated", twelve(`<trans-unit id="u"><source>x</source><target state="new">x</target></trans-unit>`), "", Missing, false},
		{"to be looked over", twelve(`<trans-unit id="u"><source>x</source><target state="needs-review-translation">y</target></trans-unit>`), "y", Outdated, false},
		{"signed off", twelve(`<trans-unit id="u" approved="yes"><source>x</source><target state="signed-off">y</target><alt-trans><target>z</target></alt-trans></trans-unit>`), "y", Translated, false},
		{"segments of 2.0 in another order", two(`<unit id="u"><originalData><data id="d">evil</data></originalData><segment state="reviewed"><source>One.</source><target order="3">Un.</target></segment><ignorable><source> </source></ignorable><segment state="final"><source>Two.</source><target order="1"><pc id="1">Deux.</pc></target></segment></unit>`), "⟦1⟧Deux.⟦/1⟧ Un.", Translated, false},
		{"a segment without a target", two(`<unit id="u"><segment state="translated"><source>One.</source><target>Un.</target></segment><segment><source>Two.</source></segment></unit>`), "Un.", Translated, true},
		{"spanning codes and marks", two(`<unit id="u"><t:meta/><segment state="translated"><source>x</source><target><sc id="1"/>a<mrk id="m" type="term">b</mrk><ec startRef="1"/><ph id="2"/><cp hex="0001"/></target></segment></unit>`), "⟦1⟧ab⟦/1⟧⟦2/⟧", Translated, false},
		{"nothing", two(`<unit id="u"><segment><source>One.</source></segment></unit>`), "", Missing, false},
	} {
		files, err := ReadXLIFF([]byte(x.file))
		if err != nil || len(files) != 1 || len(files[0].Units) != 1 {
			t.Errorf("%s: %v %+v", x.name, err, files)
			continue
		}
		if u := files[0].Units[0]; u.Target.String() != x.target || u.State != x.state || u.Partly != x.partly {
			t.Errorf("%s: %q %s %v", x.name, u.Target, u.State, u.Partly)
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	ref := sample().Ref.String()
	deep := strings.Repeat("<group>", 200)
	for want, file := range map[string]string{
		"exchange.file.doctype":  `<!DOCTYPE x [<!ENTITY e "e">]><xliff version="1.2" xmlns="` + ns12 + `"/>`,
		"exchange.file.foreign":  `<xliff version="1.2" xmlns="` + ns12 + `"><file original="a.html"/></xliff>`,
		"exchange.file.kind":     `<html/>`,
		"exchange.file.broken":   `<xliff version="1.2"><file>&undefined;`,
		"exchange.file.encoding": `<?xml version="1.0" encoding="windows-1252"?><xliff/>`,
		"exchange.file.large":    `<xliff>` + deep + `</xliff>`,
		"exchange.file.pair":     `<xliff version="1.2" xmlns="` + ns12 + `"><file original="` + ref + `" source-language="en" target-language="de"/></xliff>`,
		"exchange.file.empty":    "",
	} {
		if _, err := Read([]byte(file)); Refused(err) == nil || Refused(err).Key != want {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
	if _, err := Read([]byte("PK\x03\x04 no zip")); Refused(err) == nil {
		t.Errorf("a broken document: %v", err)
	}
	// A document type that defines nothing is a habit of old formats.
	if _, err := parse([]byte(`<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx/>`)); err != nil {
		t.Error(err)
	}
}

// strict is a reader of its own, by the words of the standards alone: each element and attribute has to be one that they have in
// that place. It gives the words of sources and targets, codes left out, by unit.
func strict(t *testing.T, file []byte, space string, rules map[string]string, unit, source, target string) map[string][2]string {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	out := map[string][2]string{}
	var path []string
	id, in := "", -1
	ids := map[string]bool{}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			name := x.Name.Local
			if x.Name.Space == nsSize {
				name = "slr:" + name
			} else if x.Name.Space != space {
				t.Errorf("%s in namespace %q", name, x.Name.Space)
			}
			parent := ""
			if len(path) > 0 {
				parent = path[len(path)-1]
			}
			rule, ok := rules[name]
			if !ok {
				t.Errorf("no element %s", name)
			}
			parents, attributes, _ := strings.Cut(rule, "|")
			if !slices.Contains(strings.Fields(parents), parent) && parent != "" {
				t.Errorf("%s in %s", name, parent)
			}
			for _, a := range x.Attr {
				n := a.Name.Local
				if a.Name.Space == "xmlns" || n == "xmlns" {
					continue
				}
				if !slices.Contains(strings.Fields(attributes), n) {
					t.Errorf("%s with %s", name, n)
				}
				if name == unit && n == "id" {
					if id = a.Value; ids[id] {
						t.Errorf("two units %s", id)
					}
					ids[id] = true
				}
			}
			path = append(path, name)
			switch name {
			case source:
				in = 0
			case target:
				in = 1
			}
		case xml.EndElement:
			path = path[:len(path)-1]
			if x.Name.Local == source || x.Name.Local == target {
				in = -1
			}
		case xml.CharData:
			if in >= 0 {
				both := out[id]
				both[in] += string(x)
				out[id] = both
			}
		}
	}
}

func TestStandards(t *testing.T) {
	f := sample()
	inline := "source target g"
	twelve := map[string]string{"xliff": "|version", "file": "xliff|original source-language target-language datatype product-name", "header": "file|", "skl": "header|", "external-file": "skl|href",
		"note": "header trans-unit|", "body": "file|", "trans-unit": "body|id resname space maxwidth size-unit approved", "source": "trans-unit|", "target": "trans-unit|state", "g": inline + "|id ctype equiv-text", "x": inline + "|id ctype equiv-text"}
	inline = "source target pc"
	two := map[string]string{"xliff": "|version srcLang trgLang", "file": "xliff|id original", "slr:profiles": "file|generalProfile", "notes": "file unit|", "note": "notes|category",
		"unit": "file|id name space sizeRestriction", "originalData": "unit|", "data": "originalData|id", "segment": "unit|state subState", "source": "segment|", "target": "segment|",
		"pc": inline + "|id dataRefStart dataRefEnd type subType dispStart canCopy canDelete canOverlap", "ph": inline + "|id dataRef type subType disp canCopy canDelete"}
	for name, got := range map[string]map[string][2]string{"1.2": strict(t, WriteXLIFF12([]File{f}), ns12, twelve, "trans-unit", "source", "target"), "2.1": strict(t, WriteXLIFF21([]File{f}), ns20, two, "unit", "source", "target")} {
		for _, u := range f.Units {
			if x := got[u.ID]; x[0] != u.Source.Plain() || x[1] != u.Target.Plain() {
				t.Errorf("%s: %s: %q, want %q and %q", name, u.ID, x, u.Source.Plain(), u.Target.Plain())
			}
		}
	}
}

// A block of prose that goes out and comes back in any format is the same block.
func TestMarkupSurvives(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		prose := block(r, 3)
		text, codes := Markup(prose, nil)
		same := func(how string, back Text) {
			if got := HTML(back, codes); HTML(text, codes) != got {
				t.Errorf("%s: %s\nis %s", how, HTML(text, codes), got)
			}
		}
		if again, _ := Markup(HTML(text, codes), codes); again.String() != text.String() {
			t.Errorf("%s\nis %s\nand then %s", prose, text, again)
		}
		same("tags", ParseText(text.String()))
		if bad := Check(text, nil, text, codes); bad != nil {
			t.Errorf("%s: %v", text, bad)
		}
		f := File{Ref: sample().Ref, Units: []Unit{{ID: "a:1", Hash: "0123456789ab", Source: text, Target: text, Codes: codes, State: Translated}}}
		for _, format := range Formats {
			b, err := Write(f, format, DOCXWords{Locale: i18n.EN})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read(b)
			if err != nil || len(got[0].Units) != 1 {
				t.Fatal(err)
			}
			if text.Empty() {
				continue
			}
			if !got[0].Units[0].Target.Same(text) {
				t.Errorf("%s: %s\nis %s", format, text, got[0].Units[0].Target)
			}
		}
	}
}

// block is a random block of clean prose.
func block(r *rand.Rand, depth int) string {
	words := []string{"the ", "register & co ", "a < b ", "«\u00a0oui\u00a0» ", "السجل ", "登记 ", "등록", "x\u200dy ", "⟦1⟧ ", "⟧", "  ", "<em>no tag ", "“q” ", "É\u0301 ", "🙂 ", "1 000\u202f€ "}
	var b strings.Builder
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")
	for range 1 + r.IntN(4) {
		b.WriteString(esc.Replace(words[r.IntN(len(words))]))
		if depth == 0 {
			continue
		}
		inside := func() string { return block(r, depth-1) }
		switch r.IntN(10) {
		case 0:
			b.WriteString("<strong>" + inside() + "</strong>")
		case 1:
			b.WriteString("<em>" + inside() + "</em>")
		case 2:
			fmt.Fprintf(&b, `<span lang="ar" dir="rtl">%s</span>`, inside())
		case 3:
			b.WriteString("<br/>")
		case 4:
			fmt.Fprintf(&b, `<span data-footnote="%s"></span>`, esc.Replace(words[r.IntN(len(words))]))
		case 5:
			fmt.Fprintf(&b, `<img src="/media/abc/%d.png" alt="%s"/>`, r.IntN(3), esc.Replace(words[r.IntN(len(words))]))
		case 6:
			b.WriteString("<sub>2</sub>")
		case 7:
			if !strings.Contains(b.String(), "<a") && depth == 3 {
				fmt.Fprintf(&b, `<a href="/x?a=%d&amp;b" hreflang="fr">%s</a>`, r.IntN(9), strings.ReplaceAll(inside(), "<a", "<em"))
			}
		}
	}
	return strings.TrimSpace(b.String())
}

func TestCodes(t *testing.T) {
	source, codes := Markup(`<strong>a</strong> <a href="/x">b</a><br><span data-footnote="n"></span>`, nil)
	if source.String() != "⟦1⟧a⟦/1⟧ ⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦/4⟧" {
		t.Fatal(source)
	}
	for words, want := range map[string]string{
		"⟦1⟧a⟦/1⟧ ⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦/4⟧":    "",
		"⟦2⟧b⟦/2⟧ ⟦1⟧a⟦/1⟧⟦3/⟧⟦4⟧n⟦/4⟧":    "order 1",
		"⟦1⟧a⟦/1⟧ ⟦2⟧b⟦/2⟧⟦3/⟧":            "missing 4",
		"⟦1⟧⟦2⟧b⟦/1⟧⟦/2⟧⟦3/⟧⟦4⟧n⟦/4⟧":      "crossed 1",
		"⟦1⟧a ⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦/4⟧":        "unpaired 1",
		"⟦1⟧a⟦/1⟧⟦3/⟧⟦3/⟧⟦2⟧b⟦/2⟧⟦4⟧n⟦/4⟧": "twice 3",
		"⟦1⟧a⟦/1⟧⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦9/⟧⟦/4⟧": "unknown 9",
		"⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦1⟧a⟦/1⟧⟦/4⟧":     "inside 1",
		"⟦1/⟧⟦2⟧b⟦/2⟧⟦3/⟧⟦4⟧n⟦/4⟧":         "unpaired 1",
	} {
		got := ""
		for _, x := range Check(source, nil, ParseText(words), codes) {
			if got == "" || x.Bars() {
				got = fmt.Sprint(x.What, " ", x.Number)
			}
			if x.Bars() {
				break
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
	if got := HTML(ParseText(`⟦4⟧"n" <b>⟦/4⟧⟦2⟧x⟦/2⟧`), codes); got != `<span data-footnote="&#34;n&#34; &lt;b&gt;"></span><a href="/x">x</a>` {
		t.Error(got)
	}
	clean, removed, marks := Hidden(Line("a\u202eb\u200bc\u200fd\u200d"))
	if clean.Plain() != "abc\u200fd\u200d" || removed != 2 || marks != 1 {
		t.Errorf("%q %d %d", clean.Plain(), removed, marks)
	}
}

func FuzzXLIFF(f *testing.F) {
	f.Add(WriteXLIFF12([]File{sample()}))
	f.Add(WriteXLIFF21([]File{sample()}))
	f.Fuzz(func(t *testing.T, b []byte) {
		files, err := ReadXLIFF(b)
		if err != nil {
			if Refused(err) == nil {
				t.Errorf("an error that says nothing to people: %v", err)
			}
			return
		}
		for _, x := range files {
			for _, u := range x.Units {
				if again := ParseText(u.Target.String()); !again.Same(u.Target) && !slices.ContainsFunc(u.Target, func(p Piece) bool { return p.Code < 0 }) {
					t.Errorf("%q is %q", u.Target, again)
				}
				Check(u.Source, nil, u.Target, []Code{{Number: 1, Start: "<b>", End: "</b>"}})
				HTML(u.Target, []Code{{Number: 1, Start: "<b>", End: "</b>"}})
			}
		}
	})
}

func FuzzDOCX(f *testing.F) {
	b, _ := WriteDOCX(sample(), DOCXWords{Locale: i18n.EN})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ReadDOCX(b); err != nil && Refused(err) == nil {
			t.Errorf("an error that says nothing to people: %v", err)
		}
	})
}

func FuzzMarkup(f *testing.F) {
	f.Add(`a <a href="/x">b</a><span data-footnote="n"></span>`, "⟦1⟧a⟦/1⟧")
	f.Fuzz(func(t *testing.T, block, words string) {
		text, codes := Markup(block, nil)
		HTML(text, codes)
		target := ParseText(words)
		Check(text, nil, target, codes)
		HTML(target, codes)
	})
}

func TestMemories(t *testing.T) {
	var pairs []Pair
	for _, u := range sample().Units {
		if u.Target != nil {
			pairs = append(pairs, Pair{From: i18n.EN, To: i18n.FR, Source: u.Source, Target: u.Target})
		}
	}
	got, skipped, err := ReadTMX(WriteTMX(pairs))
	if err != nil || skipped != 0 || len(got) != len(pairs) {
		t.Fatal(got, skipped, err)
	}
	for i, p := range got {
		if p.From != i18n.EN || p.To != i18n.FR || !p.Source.Same(pairs[i].Source) || !p.Target.Same(pairs[i].Target) {
			t.Errorf("%+v", p)
		}
	}
	// Of other tools: a document type, all languages, variants of languages, native code, languages that are not ours.
	got, skipped, err = ReadTMX([]byte(`<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="*all*"/><body>
<tu><tuv xml:lang="EN-US"><seg>One <bpt i="1">&lt;b&gt;</bpt>two<ept i="1">&lt;/b&gt;</ept><ut>x</ut></seg></tuv><tuv lang="fr_CA"><seg>Un <hi>deux</hi></seg></tuv><tuv xml:lang="de"><seg>Eins</seg></tuv><tuv xml:lang="es"><seg>Uno</seg></tuv></tu>
<tu srclang="fr"><tuv xml:lang="de"><seg>a</seg></tuv><tuv xml:lang="fr"><seg>b</seg></tuv></tu></body></tmx>`))
	if err != nil || skipped != 1 || len(got) != 2 || got[0].Source.String() != "One ⟦1⟧two⟦/1⟧" || got[0].Target.String() != "Un deux" || got[1].To != i18n.ES {
		t.Errorf("%+v %d %v", got, skipped, err)
	}
	if _, _, err := ReadTMX([]byte(`<tmx><header/></tmx>`)); Refused(err) == nil {
		t.Error(err)
	}
}

func terms() []Term {
	return []Term{{ID: "abc1", Subject: "Countries", Note: "Since 2022 <&>", Names: []TermName{{i18n.EN, "Türkiye", Preferred}, {i18n.EN, "Turkey", OldName}, {i18n.FR, "Türkiye", Preferred}, {i18n.FR, "Turquie", OldName}, {i18n.FR, "Turkie", Forbidden}}},
		{ID: "abc2", Names: []TermName{{i18n.EN, "register", Preferred}, {i18n.EN, "registry, public", Admitted}, {i18n.AR, "سجل", Preferred}}}}
}

func TestTerms(t *testing.T) {
	var table bytes.Buffer
	if err := TermTable(terms()).Write(&table, "csv"); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"TBX": WriteTBX(terms(), "x"), "CSV": table.Bytes()} {
		got, err := ReadTerms(file)
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %v %+v", name, err, got)
		}
		for i, w := range terms() {
			g := got[i]
			same := g.ID == w.ID && g.Subject == w.Subject && g.Note == w.Note && len(g.Names) == len(w.Names)
			for _, n := range w.Names {
				same = same && slices.Contains(g.Names, n)
			}
			if !same {
				t.Errorf("%s: %+v, want %+v", name, g, w)
			}
		}
	}
	for name, file := range map[string]string{
		"TBX of 2008":      `<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd"><martif type="TBX-Basic"><text><body><termEntry id="9"><descripGrp><descrip type="subjectField">Law</descrip></descripGrp><langSet xml:lang="en"><tig><term>register</term></tig><ntig><termGrp><term>registry</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig></langSet><langSet xml:lang="de"><tig><term>x</term></tig></langSet></termEntry></body></text></martif>`,
		"TBX in DCT style": `<tbx type="TBX-Basic" style="dct" xmlns="` + nsTBX + `" xmlns:min="http://www.tbxinfo.net/ns/min"><text><body><conceptEntry id="9"><min:subjectField>Law</min:subjectField><langSec xml:lang="en-GB"><termSec><term>register</term><min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus></termSec><termSec><term>registry</term><min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec></langSec></conceptEntry></body></text></tbx>`,
		"a table by names": "id;subject;English;en forbidden;Deutsch\n9;Law;register;registry;x\n",
	} {
		got, err := ReadTerms([]byte(file))
		if err != nil || len(got) != 1 || got[0].ID != "9" || got[0].Subject != "Law" || !slices.Equal(got[0].Names, []TermName{{i18n.EN, "register", Preferred}, {i18n.EN, "registry", Forbidden}}) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if _, err := ReadTerms([]byte("a,b\n1,2\n")); Refused(err) == nil || Refused(err).Key != "exchange.file.terms_columns" {
		t.Error(err)
	}
}

func FuzzTMX(f *testing.F) {
	f.Add([]byte(`<tmx><body><tu srclang="en"><tuv xml:lang="en"><seg>a<bpt i="1"/>b<ept i="1"/></seg></tuv><tuv xml:lang="fr"><seg>c<ph x="2"/></seg></tuv></tu></body></tmx>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		pairs, _, err := ReadTMX(b)
		if err != nil {
			if Refused(err) == nil {
				t.Errorf("an error that says nothing to people: %v", err)
			}
			return
		}
		again, _, err := ReadTMX(WriteTMX(pairs))
		if err != nil || len(again) != len(pairs) {
			t.Fatalf("%d pairs, then %d: %v", len(pairs), len(again), err)
		}
		for i := range pairs {
			if !again[i].Source.Same(pairs[i].Source) || !again[i].Target.Same(pairs[i].Target) {
				t.Errorf("%q is %q, %q is %q", pairs[i].Source, again[i].Source, pairs[i].Target, again[i].Target)
			}
		}
	})
}

func FuzzTerms(f *testing.F) {
	f.Add(WriteTBX(terms(), "x"))
	f.Add([]byte("en,fr\na,b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ReadTerms(b)
		if err != nil {
			return
		}
		again, err := ReadTBX(WriteTBX(got, ""))
		if err != nil || len(again) != len(got) {
			t.Errorf("%d terms, then %d: %v", len(got), len(again), err)
		}
	})
}

// A file within all limits that is made to be slow: names of one term by the hundred thousand, a text of nothing but codes.
func TestFilesThatAreMadeToBeSlow(t *testing.T) {
	began := time.Now()
	var b strings.Builder
	b.WriteString(`<tbx type="TBX-Basic" style="dca" xmlns="` + nsTBX + `"><text><body><conceptEntry id="a"><langSec xml:lang="en">`)
	for i := range 120_000 {
		fmt.Fprintf(&b, `<termSec><term>n%d</term></termSec>`, i)
	}
	b.WriteString(`</langSec></conceptEntry></body></text></tbx>`)
	terms, err := ReadTerms([]byte(b.String()))
	if err != nil || len(terms) != 1 || len(terms[0].Names) <= MaxNames {
		t.Errorf("many names: %v, %d", err, len(terms))
	}
	unit := `<xliff version="1.2" xmlns="` + ns12 + `"><file original="` + sample().Ref.String() + `"><body><trans-unit id="u"><target>%s</target></trans-unit></body></file></xliff>`
	for name, codes := range map[string]string{"open": "x" + strings.Repeat(`<bx id="1"/>`, 150_000) + strings.Repeat(`<ex id="1"/>`, 150_000), "words": strings.Repeat("word ", maxText/5) + "more"} {
		if _, err := Read([]byte(fmt.Sprintf(unit, codes))); Refused(err) == nil || Refused(err).Key != "exchange.file.large" {
			t.Errorf("%s: %v", name, err)
		}
	}
	var text Text
	for i := range maxText / 7 {
		text = text.code(i%9999+2, Alone).code(1, Open)
	}
	if all := Check(Text{{Code: 1, Part: Open}, {Code: 1, Part: Close}}, nil, text, []Code{{Number: 1, Start: "<b>", End: "</b>"}}); len(all) < 9999 {
		t.Errorf("%d troubles", len(all))
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}
