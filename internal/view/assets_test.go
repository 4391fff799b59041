package view

import "testing"

func TestCompactCSS(t *testing.T) {
	in := "/* why\n   so */\n:root{\n  --a:1px;--b:2px;\n}\n.a,\n.b .c{\n  margin:0\n    auto;\n  content:\"a  b\"\n}\n@media (x){\n  .d{e:f}\n}\n"
	want := `:root{--a:1px;--b:2px;}.a,.b .c{margin:0 auto;content:"a  b"}@media (x){.d{e:f}}`
	if got := string(compactCSS([]byte(in))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
