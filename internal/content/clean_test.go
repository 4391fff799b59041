package content

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestProseCannotReachBeyondItself: what an author leaves open, or closes without having opened it, ends with the text,
// wherever that is shown; and no words are lost over it.
func TestProseCannotReachBeyondItself(t *testing.T) {
	for in, want := range map[string]string{
		`<p><a href="https://evil.example">x</p>`:            `<p><a href="https://evil.example">x</a></p>`,
		`</p></blockquote></table>x`:                         `<p></p>x`,
		`<table><tr><td>x`:                                   `<table><tbody><tr><td>x</td></tr></tbody></table>`,
		`<p><em><strong>x</em> y</strong></p>`:               `<p><em><strong>x</strong></em><strong> y</strong></p>`,
		`<li>x</li>`:                                         `<p>x</p>`,
		`<ul><li>a<li>b</ul>`:                                `<ul><li>a</li><li>b</li></ul>`,
		`<a href="/a">x<a href="/b">y</a></a>`:               `<a href="/a">x</a><a href="/b">y</a>`,
		`<p>a &lt;b&gt; <br> c</p><ol><li>d</li></ol>`:       `<p>a &lt;b&gt; <br> c</p><ol><li>d</li></ol>`,
		`<td>x</td>`:                                         `x`,
		`<table><tr><td><p>x</p></td></tr></table>`:          `<table><tr><td><p>x</p></td></tr></table>`,
		strings.Repeat("<em>", 5000) + "some &amp;lt; words": `<p>some &amp;lt; words</p>`,
	} {
		got := Clean(in)
		if got != want {
			t.Errorf("%.60s:\n got %.200s\nwant %s", in, got, want)
		}
		if again := Clean(got); again != got {
			t.Errorf("%.60s: cleaned again: %.200s", in, again)
		}
	}
	pieces := []string{"<p>", "</p>", "<a href=/x>", "</a>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<ul>", "<li>", "</li>", "<em>", "</em>", "<h2>", "</h2>", "<blockquote>", "</ul>", "w", "<br>",
		"<figure>", "<figcaption>", "<span data-footnote=x>", "</span>", "<tbody>", "</tr>", "<!--", "<"}
	n := uint32(1)
	for range 20_000 {
		var b strings.Builder
		for range 12 {
			n = n*1664525 + 1013904223
			b.WriteString(pieces[int(n>>8)%len(pieces)])
		}
		in := b.String()
		got := Clean(in)
		// Put into a page, it leaves the page round it as it was.
		doc, err := html.Parse(strings.NewReader(`<ul><li><div id=a>` + got + `</div><p id=b></p></li><li></li></ul>`))
		if err != nil {
			t.Fatal(err)
		}
		var box, after *html.Node
		for c := range doc.Descendants() {
			for _, a := range c.Attr {
				switch {
				case a.Key == "id" && a.Val == "a":
					box = c
				case a.Key == "id" && a.Val == "b":
					after = c
				}
			}
		}
		if box == nil || after == nil || box.NextSibling != after || after.FirstChild != nil || after.Parent.NextSibling == nil {
			t.Fatalf("%s becomes %s, and reaches beyond itself", in, got)
		}
		if strings.Count(PlainText(got), "w") != strings.Count(PlainText(policy().Sanitize(in)), "w") {
			t.Fatalf("%s becomes %s: words are lost", in, got)
		}
	}
}
