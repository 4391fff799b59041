package writing

import (
	"strings"

	"plenary/internal/i18n"
)

// common short forms are known by these letters, or stand for a thing and not for words.
var common = set(`UN EU USA UK UNESCO UNICEF ISO PDF HTML XML CSV DOCX XLSX URL QR CD DVD USB TV FM AM PM HIV AIDS COVID DNA RNA UTC GMT ID
	OK SMS GPS Q&A VIP BBC CNN NASA IBM CO2 CO H2O A4 G7 G20 IT USD EUR CHF
	ONU UE OK ООН США ЕС СССР РФ ЮНЕСКО ЮНИСЕФ ВИЧ СПИД EE.UU EEUU UM UNICEF`)

func set(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// ShortForms reads a list of short forms that somebody has typed, with commas, blanks or on lines of their own.
func ShortForms(s string) map[string]bool {
	return set(strings.Map(func(r rune) rune {
		if strings.ContainsRune(",;،、，；", r) {
			return ' '
		}
		return r
	}, s))
}

// emptyLinks are words that say nothing of where a link leads, folded.
var emptyLinks = folded(map[i18n.Locale]string{
	i18n.AR: "هنا|انقر هنا|اضغط هنا|اقرأ المزيد|المزيد|للمزيد|هذا الرابط|الرابط|المزيد هنا|انقر",
	i18n.ZH: "这里|此处|点击这里|点击此处|点此|点击|更多|阅读更多|了解更多|链接|此链接|查看更多|请点击这里|请点击此处",
	i18n.EN: "here|click here|click|this|this link|link|read more|more|learn more|more information|see here|this page|details|find out more|see more|download",
	i18n.FR: "ici|cliquez ici|cliquer ici|cliquez|ce lien|lien|lire la suite|en savoir plus|plus|plus d'informations|plus d’informations|voir ici|cette page|par ici|suite|telecharger",
	i18n.RU: "здесь|тут|нажмите здесь|нажмите сюда|по ссылке|по этой ссылке|ссылка|эта ссылка|подробнее|читать далее|далее|сюда|узнать больше|скачать",
	i18n.ES: "aqui|haga clic aqui|haz clic aqui|pulse aqui|clic aqui|este enlace|enlace|leer mas|mas|mas informacion|saber mas|ver mas|esta pagina|descargar",
	i18n.KO: "여기|여기를 클릭|여기를 클릭하세요|여기를 클릭하십시오|클릭|이 링크|링크|더 보기|더보기|자세히|자세히 보기|더 알아보기|다운로드",
	i18n.PT: "aqui|clique aqui|clicar aqui|este link|link|ligacao|esta ligacao|leia mais|ler mais|mais|saiba mais|mais informacoes|ver mais|esta pagina|descarregar|baixar",
	i18n.SW: "hapa|bofya hapa|bonyeza hapa|bofya|kiungo|kiungo hiki|soma zaidi|zaidi|habari zaidi|maelezo zaidi|jifunze zaidi|ukurasa huu|pakua",
})

func folded(in map[i18n.Locale]string) [][]string {
	var out [][]string
	for _, l := range i18n.All {
		var list []string
		for w := range strings.SplitSeq(in[l], "|") {
			list = append(list, plainWords(w))
		}
		out = append(out, list)
	}
	return out
}

// mayDouble are words that rightly follow themselves.
var mayDouble = map[i18n.Locale][]string{
	i18n.EN: {"had", "that", "ha", "bye"}, i18n.FR: {"nous", "vous"}, i18n.ES: {"muy"}, i18n.PT: {"nos", "muito"}, i18n.RU: {"да", "нет", "очень", "что", "то"},
	i18n.AR: {"شيئا", "شيئًا", "خطوة", "كلا", "جدا", "جدًا", "يوما", "يومًا", "بابا", "بابًا", "فردا", "فردًا", "واحدا", "واحدًا"}, i18n.KO: {"하나", "너무", "매우"},
}

// smallSwahili are words that Swahili does not double.
var smallSwahili = []string{"na", "ya", "wa", "la", "za", "cha", "vya", "kwa", "ni", "katika", "pa", "mwa", "au", "kama", "hii", "huo", "hilo", "hizo"}

// longest is how long a sentence may be: words, of Chinese characters.
var longest = map[i18n.Locale]int{i18n.AR: 45, i18n.ZH: 100, i18n.EN: 40, i18n.FR: 45, i18n.RU: 35, i18n.ES: 45, i18n.KO: 30, i18n.PT: 45, i18n.SW: 40}
