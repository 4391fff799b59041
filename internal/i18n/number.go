package i18n

import (
	"math"
	"strconv"
	"strings"
)

const (
	nbsp  = "\u00a0"
	nnbsp = "\u202f" // narrow no-break space
)

// numberStyle is how a language writes numbers; from is the least count of
// digits that is grouped (CLDR minimumGroupingDigits: es and pt leave 4 alone).
type numberStyle struct {
	group, decimal string
	from           int
}

var numberStyles = map[Locale]numberStyle{
	AR: {",", ".", 4}, ZH: {",", ".", 4}, EN: {",", ".", 4}, KO: {",", ".", 4}, SW: {",", ".", 4},
	FR: {nnbsp, ",", 4}, RU: {nbsp, ",", 4}, ES: {nbsp, ",", 5}, PT: {nbsp, ",", 5},
}

// Number writes a whole number as the language groups it, always in Western digits.
func Number(l Locale, n int) string {
	return group(numberStyles[l], strconv.Itoa(n))
}

// Decimal writes f with at most places digits after the mark, without idle zeros.
func Decimal(l Locale, f float64, places int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	st := numberStyles[l]
	whole, frac, _ := strings.Cut(strconv.FormatFloat(f, 'f', max(places, 0), 64), ".")
	frac = strings.TrimRight(frac, "0")
	if frac == "" && strings.Trim(whole, "-0") == "" {
		whole = "0" // no "-0"
	}
	s := group(st, whole)
	if frac != "" {
		s += st.decimal + frac
	}
	return s
}

func group(st numberStyle, digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	if len(digits) < st.from || st.from == 0 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(st.group)
		}
		b.WriteByte(d)
	}
	return b.String()
}

// byteUnits are kilo-, mega-, gigabytes and plain bytes.
var byteUnits = map[Locale][4]string{
	AR: {"بايت", "كيلوبايت", "ميغابايت", "غيغابايت"},
	ZH: {"字节", "KB", "MB", "GB"},
	EN: {"bytes", "KB", "MB", "GB"},
	FR: {"octets", "ko", "Mo", "Go"},
	RU: {"байт", "КБ", "МБ", "ГБ"},
	ES: {"bytes", "KB", "MB", "GB"},
	KO: {"바이트", "KB", "MB", "GB"},
	PT: {"bytes", "KB", "MB", "GB"},
	SW: {"baiti", "KB", "MB", "GB"},
}

// Bytes writes the size of a file for readers: "240 KB", "1.4 MB", counting 1,000
// bytes to the KB. The blank before the unit does not break.
func Bytes(l Locale, n int64) string {
	units := byteUnits[l]
	if units[0] == "" {
		units = byteUnits[EN]
	}
	f, u := float64(max(n, 0)), 0
	for u < 3 && f >= 999.5 {
		f, u = f/1000, u+1
	}
	places := 0
	if u >= 2 && f < 99.95 {
		places = 1
	}
	return Decimal(l, f, places) + nbsp + units[u]
}

// listStyle joins all but the last, and the last.
type listStyle struct{ comma, and string }

var listStyles = map[Locale]listStyle{
	AR: {" و", " و"}, ZH: {"、", "和"}, EN: {", ", " and "}, FR: {", ", " et "}, RU: {", ", " и "},
	ES: {", ", " y "}, KO: {", ", " 및 "}, PT: {", ", " e "}, SW: {", ", " na "},
}

// List joins items as a sentence does: "A, B and C".
func List(l Locale, items []string) string {
	st, ok := listStyles[l]
	if !ok {
		st = listStyles[EN]
	}
	var b strings.Builder
	for i, item := range items {
		switch {
		case i == 0:
		case i < len(items)-1:
			b.WriteString(st.comma)
		case l == ES && startsWithI(item):
			b.WriteString(" e ")
		default:
			b.WriteString(st.and)
		}
		b.WriteString(item)
	}
	return b.String()
}

// startsWithI: Spanish "y" becomes "e" before the sound i, but not before hie-.
func startsWithI(s string) bool {
	s = Fold(ES, s)
	s = strings.TrimPrefix(s, "h")
	return strings.HasPrefix(s, "i") && !strings.HasPrefix(s, "ie") && !strings.HasPrefix(s, "io")
}

// ordinalWords spell the first ten where figures cannot carry the ending.
var ordinalWords = map[Locale][]string{
	AR: {"الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة"},
}

// Ordinal is n as a label before or after an event's name: "2nd", "2e", "第2次".
// Endings agree with the word for webinar: feminine in Arabic, masculine in the
// other languages with gender.
func Ordinal(l Locale, n int) string {
	s := strconv.Itoa(n)
	switch l {
	case AR:
		if w := ordinalWords[AR]; n >= 1 && n <= len(w) {
			return w[n-1]
		}
		return s
	case ZH:
		return "第" + s + "次"
	case KO:
		return "제" + s + "차"
	case FR:
		if n == 1 {
			return "1er"
		}
		return s + "e"
	case RU:
		return s + "-й"
	case ES, PT:
		return s + ".º"
	case SW:
		return "ya " + s
	}
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return s + "st"
	case n%10 == 2:
		return s + "nd"
	case n%10 == 3:
		return s + "rd"
	}
	return s + "th"
}
