package demo

import (
	"embed"
	"strings"

	"plenary/internal/content"
	"plenary/internal/kind"
)

// someone is the facts of a person; the words are in words/*/people.txt.
type someone struct {
	slug, sort, nickname, country, office string
	languages                             string
	look                                  string // of the drawn portrait: hair, skin, colour of the hair, glasses
}

var everyone = []*someone{
	{"dumalagan", "Dumalagan, Rafael", "", "PH", "rcpg", "en es", "short 2 3"},
	{"moelja", "Moelja, Lintang Saraswati", "", "ID", "salan", "id en", "long 3 1"},
	{"adhikara", "Adhikara, Retno Wulansari", "", "ID", "tau", "id en fr", "bun 2 0"},
	{"kamarulzaman", "Kamarulzaman, Noor Aziyah", "", "MY", "tanah-melati", "ms en zh", "scarf 2 0"},
	{"otieno", "Otieno, Wanjiru Nyaboke", "", "KE", "mto-mrefu", "sw en", "bun 4 0"},
	{"dang-huu-loc", "Đặng Hữu Lộc", "", "VN", "song-ha", "vi en fr", "short 3 0 glasses"},
	{"sarmento", "Sarmento, Filomena Mau-Leto", "", "TL", "santa-rosinha", "pt en", "long 1 1"},
	{"lesmono", "Lesmono, Bagus Wiratama", "", "ID", "karang-biru", "id en", "short 1 0"},
	{"huynh-khai-toan", "Huỳnh Khải Toàn", "", "VN", "dpss", "vi en", "short 3 1"},
	{"tilman", "Tilman, Aurélio da Cruz", "", "TL", "dpss", "pt en", "short 1 0"},
	{"thammawilai", "Thammawilai, Kanyarat", "Ploy", "TH", "tau", "th en", "long 3 0 glasses"},
	{"al-khatibi", "Al-Khatibi, Samar Idris", "", "JO", "", "ar en fr", "scarf 5 1"},
	{"shen-ruoyun", "Shen Ruoyun", "", "CN", "sai-thong", "zh en", "bun 3 0 glasses"},
	{"ryabinkina", "Ryabinkina, Vera", "", "KZ", "", "ru en", "long 3 2"},
	{"pyo-ga-on", "Pyo Ga-on", "", "KR", "", "ko en", "short 3 0"},
	{"quispe", "Quispe Maldonado, Inés", "", "PE", "treasurers", "es en", "bun 5 1"},
	{"aidara-monnet", "Aïdara-Monnet, Bérénice", "", "MU", "ombuds-circle", "fr en", "long 0 0"},
	{"baraka", "Baraka, Mwajuma Kipkeu", "", "TZ", "plain-language", "sw en", "bun 0 0"},
	{"lim-prak", "Lim-Prak, Sokunthea", "", "KH", "", "km en fr", "long 5 0"},
	{"naivalu", "Ratu-Naivalu, Josefa", "", "FJ", "ombuds-circle", "en", "short 0 4"},
	{"figueira", "Figueira, Tomás Beltrão", "", "MZ", "sai-thong", "pt en", "short 4 3 glasses"},
}

var people = func() map[string]*someone {
	m := map[string]*someone{}
	for _, p := range everyone {
		m[p.slug] = p
	}
	return m
}()

//go:embed files
var files embed.FS

// embedded gives a sample file.
func (f *filler) embedded(name string) content.FileRef {
	return f.upload(name, func() ([]byte, error) { return files.ReadFile("files/" + name) })
}

func (f *filler) people() {
	for _, p := range everyone {
		name := "person/" + p.slug
		v := &kind.Person{SortName: p.sort, Nickname: p.nickname, Country: p.country, Languages: strings.Fields(p.languages), Consent: f.day(-200),
			Portrait: kind.Picture{Alt: content.Line{}, Credit: "RCPG"}}
		if p.office != "" {
			v.Organization = f.ref("organization/" + p.office)
		}
		// One portrait is a camera's file, lying on its side and with the place it was taken at: the site turns the one
		// and leaves out the other.
		if p.slug == "tilman" {
			v.Portrait.File = f.embedded("portrait-exif6.jpg")
		} else {
			v.Portrait.File = f.upload("portrait-"+p.slug+".jpg", func() ([]byte, error) { return drawPortrait(p.slug, p.look) })
		}
		for _, alt := range f.words.line("picture/portrait", "alt") {
			if n := f.words.line(name, "name").In(alt.Locale); n != "" {
				v.Portrait.Alt.Set(alt.Locale, content.Text{Words: strings.ReplaceAll(alt.Words, "{name}", n)})
			}
		}
		f.add(name, v, option{})
	}
}
