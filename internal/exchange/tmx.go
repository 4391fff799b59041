package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"plenary/internal/i18n"
)

// MaxPairs is how many units a memory's file may have.
const MaxPairs = 60_000

// Pair is a text in two languages, as translation memories hold it.
type Pair struct {
	From, To       i18n.Locale
	Source, Target Text
	At             time.Time // zero: not said
}

const tmxTime = "20060102T150405Z"

// WriteTMX writes a translation memory as TMX 1.4b. Codes are <bpt>, <ept> and <ph> without native code in them.
func WriteTMX(pairs []Pair) []byte {
	var b strings.Builder
	source := i18n.EN
	if len(pairs) > 0 {
		source = pairs[0].From
	}
	b.WriteString(xmlHead + `<tmx version="1.4">` + "\n" + `<header creationtool="Plenary" creationtoolversion="1" datatype="html" segtype="block" adminlang="en" srclang="` + source.Tag() + `" o-tmf="Plenary"/>` + "\n<body>\n")
	for _, p := range pairs {
		at := ""
		if !p.At.IsZero() {
			at = ` changedate="` + p.At.UTC().Format(tmxTime) + `"`
		}
		fmt.Fprintf(&b, `<tu srclang="%s"%s>`, p.From.Tag(), at)
		for _, v := range []struct {
			l i18n.Locale
			t Text
		}{{p.From, p.Source}, {p.To, p.Target}} {
			b.WriteString(`<tuv xml:lang="` + v.l.Tag() + `"><seg>`)
			for _, x := range v.t {
				switch {
				case x.Code == 0:
					b.WriteString(escape(x.Words))
				case x.Part == Open:
					fmt.Fprintf(&b, `<bpt i="%d" x="%d"/>`, x.Code, x.Code)
				case x.Part == Close:
					fmt.Fprintf(&b, `<ept i="%d"/>`, x.Code)
				default:
					fmt.Fprintf(&b, `<ph x="%d"/>`, x.Code)
				}
			}
			b.WriteString(`</seg></tuv>`)
		}
		b.WriteString("</tu>\n")
	}
	b.WriteString("</body>\n</tmx>\n")
	return []byte(b.String())
}

// ReadTMX reads a translation memory of any tool. Each unit gives a pair of its source language with each of its others, as far as
// they are languages of the site; skipped counts units that gave none.
func ReadTMX(file []byte) (pairs []Pair, skipped int, err error) {
	root, err := parse(file)
	if err != nil {
		return nil, 0, err
	}
	body := root.child("body")
	if !root.is("tmx") || body == nil {
		return nil, 0, refuse("tmx")
	}
	srclang := ""
	if h := root.child("header"); h != nil {
		srclang = h.get("srclang")
	}
	var wrong error
	body.each("tu", func(tu *node) {
		if wrong != nil {
			return
		}
		type variant struct {
			l i18n.Locale
			t Text
		}
		var all []variant
		at, _ := time.Parse(tmxTime, first(tu.get("changedate"), tu.get("creationdate")))
		tu.each("tuv", func(v *node) {
			l, ok := ours(v.lang())
			seg := v.child("seg")
			if !ok || seg == nil {
				return
			}
			if t := segment(seg); !t.Empty() {
				all = append(all, variant{l, t})
			}
		})
		from := 0
		if l, ok := ours(first(tu.get("srclang"), srclang)); ok {
			from = -1
			for i, v := range all {
				if v.l == l {
					from = i
					break
				}
			}
		}
		found := false
		for i, v := range all {
			if from < 0 || i == from || v.l == all[from].l {
				continue
			}
			pairs = append(pairs, Pair{all[from].l, v.l, all[from].t, v.t, at})
			found = true
		}
		if !found {
			skipped++
		}
		if len(pairs) > MaxPairs {
			wrong = refuse("large")
		}
	})
	if wrong != nil {
		return nil, 0, wrong
	}
	if len(pairs) == 0 {
		return nil, 0, refuse("tmx_empty")
	}
	return pairs, skipped, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// segment reads what stands in a <seg>.
func segment(n *node) Text {
	var t Text
	number := func(k *node, names ...string) int {
		for _, name := range names {
			if i, err := strconv.Atoi(k.get(name)); err == nil && i > 0 && i < 10_000 {
				return i
			}
		}
		return -1
	}
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			k := &n.kids[i]
			switch k.name {
			case "":
				t = t.words(legal(k.words))
			case "bpt":
				t = t.code(number(k, "i", "x"), Open)
			case "ept":
				t = t.code(number(k, "i", "x"), Close)
			case "ph":
				t = t.code(number(k, "x"), Alone)
			case "it":
				part := Open
				if k.get("pos") == "end" {
					part = Close
				}
				t = t.code(number(k, "x"), part)
			case "ut", "sub":
			default: // hi, and what tools add
				walk(k)
			}
		}
	}
	walk(n)
	out := Text{}
	for _, p := range t { // numbers that nobody can say are of no use to anybody else
		if p.Code >= 0 {
			if p.Code == 0 {
				out = out.words(p.Words)
			} else {
				out = append(out, p)
			}
		}
	}
	return out
}
