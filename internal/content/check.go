package content

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// Problem is something wrong with one field, told beside it.
type Problem struct {
	Path   string      // with ids: "sessions.k3f9.title"
	Locale i18n.Locale // of words; "" for facts
	// Blocks problems forbid publishing; the others are advice.
	Blocks bool
	Key    string // of the message, "problem.required"
	Args   []any  // name, value pairs for the message
	// With are the paths of the other items it is about, where two are at odds.
	With []string
}

// Name is the name of the form field it belongs to.
func (p Problem) Name() string { return FormName(p.Path, p.Locale) }

// FormName is the name of a leaf in forms: its path, and for words @ and the locale.
func FormName(path string, l i18n.Locale) string {
	if l == "" {
		return path
	}
	return path + "@" + string(l)
}

// Invalid says that something was refused, and why, field by field. Nothing was changed.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("invalid:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, " %s: %s;", p.Name(), p.Key)
	}
	return b.String()
}

// Fields gives the message keys by form field.
func (e *Invalid) Fields() map[string]string {
	m := map[string]string{}
	for _, p := range e.Problems {
		m[p.Name()] = p.Key
	}
	return m
}

// Checker is a kind's struct that knows what its fields alone cannot tell.
type Checker interface {
	Problems(original i18n.Locale) []Problem
}

// Choices tells whether a value is one of a named list of choices. Set by package kind's user at start-up.
type Choices interface {
	Has(enum, value string) bool
}

// Limits that no field may pass, whatever its tag says.
const (
	maxLine  = 5000
	maxProse = 200_000 // bytes of HTML
	maxItems = 300     // of one list
	maxDepth = 4
)

// MaxItems is how many items all lists of an entry hold together. An item has up to 25 values in a form, and a form up to
// 10,000: an entry with more could not be sent back by the page that shows it, which would take seconds to draw.
const MaxItems = 750

// itemCount counts the items in the lists of an entry's facts, those in lists of removed items left out.
func (k *Kind) itemCount(facts Leaves) int {
	n := 0
	for path, raw := range facts {
		if f := k.Field(path); f != nil && f.Type == TypeList && k.listed(facts, path) {
			ids, _ := ItemIDs(raw)
			n += len(ids)
		}
	}
	return n
}

// tooManyItems complains of the lists that made an entry grow beyond what it can hold. One that is too large already can
// be changed, and made smaller.
func (k *Kind) tooManyItems(was, now Leaves) error {
	if n := k.itemCount(now); n <= MaxItems || n <= k.itemCount(was) {
		return nil
	}
	e := &Invalid{}
	for path, raw := range now {
		if f := k.Field(path); f != nil && f.Type == TypeList {
			ids, _ := ItemIDs(raw)
			before, _ := ItemIDs(was[path])
			if len(ids) > len(before) && k.listed(now, path) {
				e.Problems = append(e.Problems, Problem{Path: path, Blocks: true, Key: "problem.too_many_in_all", Args: []any{"Max", MaxItems}})
			}
		}
	}
	slices.SortFunc(e.Problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	e.Problems = e.Problems[:min(len(e.Problems), 20)]
	return e
}

var (
	refID   = regexp.MustCompile(`^[0-9a-z]{4,32}$`)
	wallRE  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$`)
	numeral = regexp.MustCompile(`^-?\d{1,9}$`)
)

// CheckLeaf makes a leaf canonical, or says what is wrong with it. l is the language of words.
func (f *Field) CheckLeaf(path string, l i18n.Locale, raw json.RawMessage, choices Choices) (json.RawMessage, *Problem) {
	bad := func(key string, args ...any) (json.RawMessage, *Problem) {
		return nil, &Problem{Path: path, Locale: l, Blocks: true, Key: key, Args: args}
	}
	if f.Text() != (l != "") {
		return bad("problem.not_a_field")
	}
	if f.Type == TypeList {
		ids, err := ItemIDs(raw)
		if err != nil {
			return bad("problem.malformed")
		}
		if len(ids) > maxItems || f.Max > 0 && len(ids) > f.Max {
			return bad("problem.too_many", "Max", min(maxItems, orMax(f.Max)))
		}
		for i, id := range ids {
			if !ValidItemID(id) || slices.Contains(ids[:i], id) {
				return bad("problem.malformed")
			}
		}
		return mustJSON(ids), nil
	}
	if f.Type == TypeGroup {
		return bad("problem.not_a_field")
	}
	v := reflect.New(f.goType)
	if f.Text() {
		v = reflect.ValueOf(&Text{})
	}
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		return bad("problem.malformed")
	}
	switch x := v.Interface().(type) {
	case *Text:
		if !utf8.ValidString(x.Words) || strings.ContainsRune(x.Words, 0) {
			return bad("problem.bad_characters")
		}
		if f.Type == TypeProse {
			x.Words = cleanStored(x.Words)
			if len(x.Words) > maxProse || f.Max > 0 && utf8.RuneCountInString(PlainText(x.Words)) > f.Max {
				return bad("problem.too_long", "Max", f.Max)
			}
		} else {
			x.Words = cleanLine(x.Words, f.Widget == "area")
			if n := utf8.RuneCountInString(x.Words); n > maxLine || f.Max > 0 && n > f.Max {
				return bad("problem.too_long", "Max", f.Max, "Now", n)
			}
		}
		if x.How != "" && x.How != "assisted" && x.How != "machine" {
			return bad("problem.malformed")
		}
	case *Date:
		if *x != "" {
			if _, err := time.Parse(time.DateOnly, string(*x)); err != nil || x.Time().Year() < 1800 || x.Time().Year() > 2200 {
				return bad("problem.date")
			}
		}
	case *LocalTime:
		if key := checkWall(*x, time.UTC); key != "" {
			return bad(key)
		}
	case *When:
		if x.Zone != "" && !choices.Has("zone", x.Zone) {
			return bad("problem.zone")
		}
		if !slices.Contains([]string{"", PrecisionTBD, PrecisionMonth, PrecisionDay, PrecisionTime}, x.Precision) {
			return bad("problem.choice")
		}
		if x.Start == "" && x.End != "" {
			return bad("problem.start_missing")
		}
		zone := x.Location()
		if x.Precision != PrecisionTime {
			zone = time.UTC // only the day counts
		}
		for _, t := range []LocalTime{x.Start, x.End} {
			if key := checkWall(t, zone); key != "" {
				return bad(key)
			}
		}
	case *Moment:
		if x.Zone != "" && !choices.Has("zone", x.Zone) {
			return bad("problem.zone")
		}
		if key := checkWall(x.At, Zone(x.Zone)); key != "" {
			return bad(key)
		}
	case *Slot:
		for _, t := range []LocalTime{x.Start, x.End} {
			if key := checkWall(t, time.UTC); key != "" {
				return bad(key)
			}
		}
	case *Ref:
		if *x != "" && !refID.MatchString(string(*x)) {
			return bad("problem.reference")
		}
	case *FileRef:
		if *x != "" && !refID.MatchString(string(*x)) {
			return bad("problem.reference")
		}
	case *Refs:
		if len(*x) > maxItems {
			return bad("problem.too_many", "Max", maxItems)
		}
		for i, r := range *x {
			if !refID.MatchString(string(r)) || slices.Contains((*x)[:i], r) {
				return bad("problem.reference")
			}
		}
	case *int:
		if *x < 0 || f.Max > 0 && *x > f.Max {
			return bad("problem.number", "Max", orMax(f.Max))
		}
	case *bool:
	default:
		e := v.Elem()
		switch f.Type {
		case TypeEnum:
			if s := e.String(); s != "" && !choices.Has(f.Enum, s) {
				return bad("problem.choice")
			}
		case TypeEnums:
			if f.Max > 0 && e.Len() > f.Max {
				return bad("problem.too_many", "Max", f.Max)
			}
			seen := map[string]bool{}
			for i := range e.Len() {
				s := e.Index(i).String()
				if !choices.Has(f.Enum, s) || seen[s] {
					return bad("problem.choice")
				}
				seen[s] = true
			}
		case TypeString:
			s := e.String()
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				return bad("problem.bad_characters")
			}
			s = cleanLine(s, f.Widget == "area")
			if n := utf8.RuneCountInString(s); n > maxLine || f.Max > 0 && n > f.Max {
				return bad("problem.too_long", "Max", f.Max, "Now", n)
			}
			if key := checkWidget(f.Widget, s); key != "" {
				return bad(key)
			}
			if n := Offset(s); f.Widget == "offset" && n >= 0 {
				s = FormatOffset(n)
			}
			e.SetString(s)
		}
	}
	if v.Elem().IsZero() || v.Elem().Kind() == reflect.Slice && v.Elem().Len() == 0 {
		return nil, nil
	}
	if t, ok := v.Interface().(*Text); ok && t.Words == "" {
		return nil, nil
	}
	return mustJSON(v.Interface()), nil
}

func orMax(n int) int {
	if n == 0 {
		return 1 << 30
	}
	return n
}

func checkWall(t LocalTime, zone *time.Location) string {
	if t == "" {
		return ""
	}
	if !wallRE.MatchString(string(t)) {
		return "problem.time"
	}
	switch CheckWall(t, zone) {
	case nil:
		if y := t.In(time.UTC).Year(); y < 1800 || y > 2200 {
			return "problem.date"
		}
		return ""
	case ErrNoSuchTime:
		return "problem.no_such_time"
	case ErrTwiceTime:
		return "problem.twice_time"
	}
	return "problem.time"
}

func checkWidget(widget, s string) string {
	switch {
	case s == "":
	case widget == "url":
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(s, " \t\n\"<>") || u.User != nil {
			return "problem.url"
		}
	case widget == "email":
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || strings.ContainsAny(s, " \r\n<>\"") {
			return "problem.email"
		}
	case widget == "offset":
		if Offset(s) < 0 {
			return "problem.offset"
		}
	}
	return ""
}

var offsetRE = regexp.MustCompile(`^(?:(\d{1,2}):)?(\d{1,2}):(\d{2})$`)

// Offset reads a time from the beginning of something, "1:02:30" or "2:30", as seconds; -1 where it is none.
func Offset(s string) int {
	m := offsetRE.FindStringSubmatch(s)
	if m == nil {
		return -1
	}
	n := 0
	for i, digits := range m[1:] {
		part, _ := strconv.Atoi(digits) // figures; no hours are none
		if i > 0 && part > 59 {
			return -1
		}
		n = n*60 + part
	}
	return n
}

// FormatOffset writes a number of seconds as Offset reads it.
func FormatOffset(seconds int) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// cleanLine removes what does not belong into a line: control and direction characters (titles are isolated by the
// page instead), doubled blanks, and line ends unless it may have several lines.
func cleanLine(s string, lines bool) string {
	if lines {
		ls := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
		for i := range ls {
			ls[i] = strings.TrimRightFunc(i18n.StripControls(ls[i]), unicode.IsSpace)
		}
		return strings.TrimSpace(strings.Join(ls, "\n"))
	}
	s = i18n.StripControls(s)
	// Fields would also fold no-break blanks, which French needs before its colons.
	return strings.Trim(foldBlanks.ReplaceAllString(s, " "), " ")
}

var foldBlanks = regexp.MustCompile(`[ \t\n]+`)

// Check says what would keep value from being published with words in locales (the original among them or not), and
// what is advisable. Facts and words must be complete in the original; a translation needs its own title and summary.
func (k *Kind) Check(value any, original i18n.Locale, locales []i18n.Locale) []Problem {
	c := checker{original: original, locales: locales}
	v := reflect.ValueOf(value).Elem()
	c.group(k.Fields, v, "", "")
	if x, ok := value.(Checker); ok {
		c.problems = append(c.problems, x.Problems(original)...)
	}
	c.problems = append(c.problems, k.factProblems(value, original, locales)...)
	return c.problems
}

type checker struct {
	original i18n.Locale
	locales  []i18n.Locale
	problems []Problem
}

func (c *checker) group(fields []*Field, v reflect.Value, prefix, kind string) {
	for _, f := range fields {
		path, fv := prefix+f.Name, v.Field(f.index)
		if len(f.For) > 0 && !slices.Contains(f.For, kind) {
			continue
		}
		switch f.Type {
		case TypeGroup:
			c.group(f.Fields, fv, path+".", kind)
		case TypeList:
			for i := range fv.Len() {
				item := fv.Index(i)
				c.group(f.Fields, item, path+"."+item.Field(0).Field(0).String()+".", selector(f.Fields, item))
			}
			c.need(f, path, "", fv.Len() == 0)
		case TypeLine, TypeProse:
			all := wordings(fv)
			has := func(l i18n.Locale) bool { return wording(all, l).Words != "" }
			c.need(f, path, c.original, !has(c.original))
			if f.As == "title" || f.As == "summary" {
				for _, l := range c.locales {
					if l != c.original && has(c.original) {
						c.need(f, path, l, !has(l))
					}
				}
			}
		case TypeWhen:
			w := fv.Interface().(When)
			c.need(f, path, "", w.Precision == "" || !w.Known() && w.Precision != PrecisionTBD)
		default:
			c.need(f, path, "", fv.IsZero() || fv.Kind() == reflect.Slice && fv.Len() == 0)
		}
	}
}

func (c *checker) need(f *Field, path string, l i18n.Locale, empty bool) {
	if !empty || f.Need == "" {
		return
	}
	p := Problem{Path: path, Locale: l, Blocks: f.Need == "R", Key: "problem.required"}
	if !p.Blocks {
		p.Key = "problem.advised"
	}
	c.problems = append(c.problems, p)
}

// selector gives the value that the items' for: tags ask about: a block's kind, a venue's type, a role's status.
func selector(fields []*Field, item reflect.Value) string {
	for _, f := range fields {
		if f.Type == TypeEnum && (f.Name == "kind" || f.Name == "type") {
			return item.Field(f.index).String()
		}
	}
	for _, f := range fields {
		if f.Type == TypeEnum && f.Name == "status" {
			return item.Field(f.index).String()
		}
	}
	return ""
}
