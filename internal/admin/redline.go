package admin

import (
	"html/template"
	"strings"

	"plenary/internal/content"
	"plenary/internal/redline"

	"znkr.io/diff"
)

// How differences look: what went and what came stand in del and ins, beside each other or, for who wants both sides whole, in
// two columns. What only moved, or is only formatted otherwise, is named.

// wordDiff marks what went and what came in a line.
func wordDiff(was, now string) template.HTML {
	var b strings.Builder
	for _, r := range redline.Words(was, now) {
		writeRun(&b, r, 0)
	}
	return template.HTML(b.String())
}

// wordSides gives both sides of a line, each with its own marks.
func wordSides(was, now string) (left, right template.HTML) {
	var a, b strings.Builder
	for _, r := range redline.Words(was, now) {
		writeRun(&a, r, -1)
		writeRun(&b, r, 1)
	}
	return template.HTML(a.String()), template.HTML(b.String())
}

// writeRun writes a run: on the side of the old (-1), of the new (1), or as it is between both (0).
func writeRun(b *strings.Builder, r redline.Run, side int) {
	if r.Op == redline.Out && side > 0 || r.Op == redline.In && side < 0 {
		return
	}
	tag := ""
	switch r.Op {
	case redline.Out:
		tag = "del"
	case redline.In:
		tag = "ins"
	}
	if tag != "" {
		b.WriteString("<" + tag + ">")
	}
	b.WriteString(strings.ReplaceAll(template.HTMLEscapeString(r.Text), "\n", "<br>"))
	if tag != "" {
		b.WriteString("</" + tag + ">")
	}
}

// proseDiff marks what became of prose: paragraphs that are the same are counted, but for those next to a change.
func (f *entryForm) proseDiff(was, now string, sides bool) template.HTML {
	all := redline.Blocks(redline.Parse(was), redline.Parse(now))
	var b strings.Builder
	b.WriteString(`<div class="blocks-diff">`)
	kept := 0
	near := func(i int) bool {
		return i > 0 && all[i-1].Kind != redline.Kept || i+1 < len(all) && all[i+1].Kind != redline.Kept
	}
	flush := func() {
		if kept > 0 {
			b.WriteString(`<p class="muted sm">` + template.HTMLEscapeString(f.N("redline.kept", kept)) + `</p>`)
		}
		kept = 0
	}
	for i, c := range all {
		if c.Kind == redline.Kept && !near(i) {
			kept++
			continue
		}
		flush()
		if sides {
			b.WriteString(`<div class="sides"><div>`)
			f.writeBlock(&b, c, -1)
			b.WriteString(`</div><div>`)
			f.writeBlock(&b, c, 1)
			b.WriteString(`</div></div>`)
			continue
		}
		f.writeBlock(&b, c, 0)
	}
	flush()
	b.WriteString(`</div>`)
	return template.HTML(b.String())
}

func (f *entryForm) writeBlock(b *strings.Builder, c redline.Change, side int) {
	if side < 0 && (c.Was < 0 || c.Kind == redline.Moved) || side > 0 && c.Now < 0 {
		return
	}
	var said []string
	switch {
	case c.Kind == redline.Moved:
		said = append(said, f.T("redline.moved"))
	case c.Kind == redline.Added && side == 0:
		said = append(said, f.T("redline.added", "What", f.blockName(c.NowTag)))
	case c.Kind == redline.Removed && side == 0:
		said = append(said, f.T("redline.removed", "What", f.blockName(c.WasTag)))
	case c.Kind == redline.Changed && c.WasTag != c.NowTag && side >= 0:
		said = append(said, f.T("redline.became", "Was", f.blockName(c.WasTag), "Now", f.blockName(c.NowTag)))
	}
	b.WriteString(`<div class="blk">`)
	for _, s := range said {
		b.WriteString(`<small class="tag">` + template.HTMLEscapeString(s) + `</small> `)
	}
	for _, r := range c.Runs {
		writeRun(b, f.named(r), side)
		if r.Op == redline.Same && r.Was != r.Now && side >= 0 {
			out, in := r.Formatting()
			var marks []string
			for _, m := range in {
				marks = append(marks, f.T("redline.mark_in", "What", f.markName(m)))
			}
			for _, m := range out {
				marks = append(marks, f.T("redline.mark_out", "What", f.markName(m)))
			}
			b.WriteString(` <small class="tag">` + template.HTMLEscapeString(strings.Join(marks, " · ")) + `</small> `)
		}
	}
	b.WriteString(`</div>`)
}

// named gives pictures and footnotes, which are no words of the text, words.
func (f *entryForm) named(r redline.Run) redline.Run {
	marks := r.Was + " " + r.Now
	switch {
	case strings.Contains(marks, "img="):
		r.Text = "[" + strings.TrimSpace(f.T("redline.mark.img")+" "+r.Text) + "]"
	case strings.HasPrefix(strings.TrimSpace(marks), "note") || strings.Contains(marks, " note"):
		r.Text = "[" + strings.TrimSpace(f.T("redline.mark.note")+" "+r.Text) + "]"
	}
	return r
}

func (f *entryForm) blockName(tag string) string {
	switch tag {
	case "h2", "h3", "h4", "blockquote", "td", "th":
		return f.T("redline.block." + tag)
	case "ul li", "ol li":
		return f.T("redline.block." + strings.ReplaceAll(tag, " ", "_"))
	}
	return f.T("redline.block.p")
}

func (f *entryForm) markName(mark string) string {
	name, value, _ := strings.Cut(mark, "=")
	switch name {
	case "strong", "em", "sup", "sub", "note", "img":
		return f.T("redline.mark." + name)
	case "a":
		return f.T("redline.mark.a", "Address", value)
	case "fact":
		return "[" + f.factName(value) + "]"
	case "lang":
		return f.T("redline.mark.lang", "Language", value)
	case "dir":
		return f.T("redline.mark.dir")
	}
	return f.T("redline.mark.other")
}

// listDiff marks what came into a list, what left it, and what stands elsewhere in it.
func (f *entryForm) listDiff(was, now []string, name func(string) string) template.HTML {
	gone, come := map[string]bool{}, map[string]bool{}
	edits := diff.Edits(was, now)
	for _, e := range edits {
		switch e.Op {
		case diff.Delete:
			gone[e.X] = true
		case diff.Insert:
			come[e.Y] = true
		}
	}
	var b strings.Builder
	b.WriteString(`<ul class="bullets">`)
	li := func(tag, s, note string) {
		b.WriteString(`<li>`)
		if tag != "" {
			b.WriteString("<" + tag + ` dir="auto">`)
		} else {
			b.WriteString(`<span dir="auto">`)
			tag = "span"
		}
		b.WriteString(template.HTMLEscapeString(s) + "</" + tag + ">")
		if note != "" {
			b.WriteString(` <small class="tag">` + template.HTMLEscapeString(note) + `</small>`)
		}
		b.WriteString(`</li>`)
	}
	for _, e := range edits {
		switch {
		case e.Op == diff.Delete && come[e.X]: // it is told where it is now
		case e.Op == diff.Delete:
			li("del", name(e.X), f.T("redline.item_out"))
		case e.Op == diff.Insert && gone[e.Y]:
			li("", name(e.Y), f.T("redline.moved"))
		case e.Op == diff.Insert:
			li("ins", name(e.Y), f.T("redline.item_in"))
		default:
			li("", name(e.X), "")
		}
	}
	b.WriteString(`</ul>`)
	return template.HTML(b.String())
}

// marked fills a row with a difference: words with their changes in them, lists with what came and went, and of all else both
// values.
func (f *entryForm) marked(row *compareRow, x content.Difference, states [2]content.Parts, sides bool) {
	d := x.Field
	was, now := storedWords(x.Old), storedWords(x.New)
	switch {
	case d != nil && d.Type == content.TypeProse:
		row.Merged = f.proseDiff(string(f.withFacts(row.Lang, was)), string(f.withFacts(row.Lang, now)), sides)
		return
	case d != nil && d.Text() && sides:
		row.Old, row.New = wordSides(was, now)
		return
	case d != nil && d.Text():
		row.Merged = wordDiff(was, now)
		return
	case d != nil && d.Type == content.TypeList:
		a, _ := content.ItemIDs(x.Old)
		b, _ := content.ItemIDs(x.New)
		row.Merged = f.listDiff(a, b, func(id string) string {
			for _, side := range []content.Parts{states[1], states[0]} {
				if name := f.itemName(d, x.Path+"."+id, side); name != "" {
					return name
				}
			}
			return f.T("form.new_item")
		})
		return
	case d != nil && d.Type == content.TypeRefs:
		row.Merged = f.listDiff(readJSON[[]string](x.Old), readJSON[[]string](x.New), f.refLabel)
		return
	case d != nil && d.Type == content.TypeEnums:
		row.Merged = f.listDiff(readJSON[[]string](x.Old), readJSON[[]string](x.New), func(v string) string { return enumLabel(f.tongue, d.Enum, v) })
		return
	}
	row.Old, row.New = f.inWords(d, x.Path, x.Part, x.Old, states[0]), f.inWords(d, x.Path, x.Part, x.New, states[1])
}
