package content

import (
	"testing"

	"plenary/internal/i18n"
)

func TestReblock(t *testing.T) {
	for _, prose := range []string{
		`<h2>One</h2><p>Two <strong>b</strong></p><ul><li>Three</li><li>Four<ul><li>Five</li></ul></li></ul><table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td>B</td></tr></tbody></table>`,
		`loose <em>words</em><p>x</p>`, `<blockquote><p>q</p></blockquote><p>  </p><p>y<br/>z</p>`,
		`<figure><img src="/media/a/b.png" alt="x"/><figcaption>c</figcaption></figure>`,
	} {
		prose = Clean(prose)
		if got := Reblock(prose, Blocks(prose), i18n.EN, i18n.FR); got != prose {
			t.Errorf("%s\nis %s", prose, got)
		}
	}
	got := Reblock(`<p lang="en" dir="ltr">a</p><p lang="ar" dir="rtl">b</p><ul><li>c</li></ul>`, []string{"1", "<em>2</em>", "3"}, i18n.EN, i18n.AR)
	if got != `<p>1</p><p lang="ar" dir="rtl"><em>2</em></p><ul><li>3</li></ul>` {
		t.Error(got)
	}
}
