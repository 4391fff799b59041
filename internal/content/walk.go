// Package content holds entries: a kind is declared once as a struct, and from walking that struct come the form, the
// checks, saving with a merge leaf by leaf, publishing per language, revisions and links.
//
// An entry lies in parts: the facts, and the words of one language each. A part is a flat set of leaves, path → value:
//
//	facts:  {"kind": "webinar", "sessions": ["k3f9"], "sessions.k3f9.slot": {"start": …}}
//	fr:     {"title": {"t": "Ouvrir le registre"}, "sessions.k3f9.title": {"t": "Ouverture", "of": ["5be0…"]}}
//
// A list is the ids of its items in order, in the facts; so order and structure are shared and only words differ.
// Because a part is flat, merging, comparing, form fields and translation units are all loops over paths.
package content

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/i18n"
)

// Part names a part of an entry: Facts, or a locale.
type Part string

// Facts is the part that all languages share.
const Facts Part = ""

// Locale gives the language of a part of words.
func (p Part) Locale() i18n.Locale { return i18n.Locale(p) }

// Leaves is the content of one part.
type Leaves map[string]json.RawMessage

// Parts is an entry's content, part by part.
type Parts map[Part]Leaves

// Type says what a field holds and so which widget, check and decoder it has.
type Type string

// The types of fields.
const (
	TypeLine   Type = "line"   // Line
	TypeProse  Type = "prose"  // Prose
	TypeString Type = "string" // string, the same in all languages
	TypeBool   Type = "bool"
	TypeInt    Type = "int"
	TypeEnum   Type = "enum"  // string, one of Enum
	TypeEnums  Type = "enums" // []string, some of Enum, in order
	TypeDate   Type = "date"  // Date
	TypeTime   Type = "time"  // LocalTime
	TypeWhen   Type = "when"  // When
	TypeMoment Type = "moment"
	TypeSlot   Type = "slot"
	TypeRef    Type = "ref"  // Ref to an entry of kind Of
	TypeRefs   Type = "refs" // Refs
	TypeFile   Type = "file" // FileRef
	TypeGroup  Type = "group"
	TypeList   Type = "list" // a slice of structs that embed Item
)

// Field is one field of a kind. Its tags:
//
//	json     its name in paths
//	need     "R" needed to publish, "r" a warning if empty
//	max      the most characters (or items)
//	enum     the name of its list of choices
//	of       the kind it refers to; "file" fields: the kind of file (picture, document: as a hint; captions, audio, media:
//	         no other is taken)
//	sec      the section of the form it opens; fields without stay in the section of the field before
//	as       what the engine takes it for: title, summary, image, series, event
//	facet    publish its values under this name, for lists to filter by
//	find     how search takes it: name (counts nearly as the title does), everywhere (a title by which readers of all languages
//	         find it), no (it is not found by this, nor by what is in it)
//	staff    never published
//	own      what it refers to tells whose an item of the list is: who may bring in their own adds items that refer to theirs
//	secret   shown to those only who may change it
//	widget   area, seg, switch, url, email, account, offset (a time from the beginning of something), session (an item of
//	         the same entry's sessions): how the form shows it
//	for      only for items whose kind field has one of these values
//	was      a former name, read from stored documents
type Field struct {
	Name, Path string // Path is the pattern, with * for an item's id: "sessions.*.title"
	Type       Type
	Need       string
	Max        int
	Enum       string
	Of         string
	Section    string
	As         string
	Facet      string
	Find       string
	Staff      bool
	Own        bool
	Secret     bool
	Widget     string
	For        []string
	Was        string
	Fields     []*Field // of groups and lists
	Parent     *Field

	index  int
	goType reflect.Type
}

// Text reports whether the field is words, a value per language.
func (f *Field) Text() bool { return f.Type == TypeLine || f.Type == TypeProse }

// Message is the key of the field's label, "field.event.sessions.title"; the item ids are left out.
func (f *Field) Message() string { return strings.ReplaceAll(f.Path, ".*", "") }

// Kind is a declared kind of entry.
type Kind struct {
	Name string // "event"
	Path string // the segment of its addresses, "events"
	// Dated kinds have the year they start in their address: /events/2027/slug.
	Dated  bool
	Fields []*Field
	// Shape is raised when stored documents need one of Upgrades to be read.
	Shape int

	goType reflect.Type
	byPath map[string]*Field
	byAs   map[string]*Field
}

// Declare makes a kind from its struct T. It panics on a struct it cannot walk: a kind is wrong or right when it is
// compiled, not when it is used.
func Declare[T any](name, path string) *Kind {
	k := &Kind{Name: name, Path: path, Shape: 1, goType: reflect.TypeFor[T](), byPath: map[string]*Field{}, byAs: map[string]*Field{}}
	k.Fields = k.walkType(k.goType, "", nil)
	return k
}

// WithYear makes the kind a dated one.
func (k *Kind) WithYear() *Kind { k.Dated = true; return k }

// New gives a pointer to a new, empty value of the kind's struct.
func (k *Kind) New() any { return reflect.New(k.goType).Interface() }

// As gives the field that the engine takes for something (title, summary, image, series, event), or nil.
func (k *Kind) As(what string) *Field { return k.byAs[what] }

var (
	leafTypes = map[reflect.Type]Type{
		reflect.TypeFor[Line](): TypeLine, reflect.TypeFor[Prose](): TypeProse, reflect.TypeFor[Date](): TypeDate,
		reflect.TypeFor[LocalTime](): TypeTime, reflect.TypeFor[When](): TypeWhen, reflect.TypeFor[Moment](): TypeMoment,
		reflect.TypeFor[Slot](): TypeSlot, reflect.TypeFor[Ref](): TypeRef, reflect.TypeFor[Refs](): TypeRefs,
		reflect.TypeFor[FileRef](): TypeFile, reflect.TypeFor[bool](): TypeBool, reflect.TypeFor[int](): TypeInt,
	}
	itemType = reflect.TypeFor[Item]()
)

func (k *Kind) walkType(t reflect.Type, prefix string, parent *Field) []*Field {
	var fields []*Field
	section := ""
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Type == itemType && sf.Anonymous {
			continue
		}
		tag := sf.Tag
		name, _, _ := strings.Cut(tag.Get("json"), ",")
		if name == "" || name == "-" || strings.ContainsAny(name, ".@* ") {
			panic(fmt.Sprintf("kind %s: field %s needs a plain json name", k.Name, sf.Name))
		}
		if s := tag.Get("sec"); s != "" {
			section = s
		}
		f := &Field{Name: name, Path: prefix + name, Need: tag.Get("need"), Enum: tag.Get("enum"), Of: tag.Get("of"), Section: section,
			As: tag.Get("as"), Facet: tag.Get("facet"), Find: tag.Get("find"), Staff: tag.Get("staff") != "", Own: tag.Get("own") != "", Secret: tag.Get("secret") != "", Widget: tag.Get("widget"), Was: tag.Get("was"),
			Parent: parent, index: i, goType: sf.Type}
		if parent != nil {
			f.Section, f.Staff = parent.Section, f.Staff || parent.Staff
			if parent.Find == "no" {
				f.Find = "no"
			}
		}
		if s := tag.Get("for"); s != "" {
			f.For = strings.Split(s, ",")
		}
		if s := tag.Get("max"); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil {
				panic(fmt.Sprintf("kind %s: %s: max %q", k.Name, f.Path, s))
			}
			f.Max = n
		}
		typ, leaf := leafTypes[sf.Type]
		switch {
		case leaf:
			f.Type = typ
		case sf.Type.Kind() == reflect.String && f.Enum != "":
			f.Type = TypeEnum
		case sf.Type.Kind() == reflect.String:
			f.Type = TypeString
		case sf.Type.Kind() == reflect.Slice && sf.Type.Elem().Kind() == reflect.String && f.Enum != "":
			f.Type = TypeEnums
		case sf.Type.Kind() == reflect.Slice && sf.Type.Elem().Kind() == reflect.Struct:
			if e, ok := sf.Type.Elem().FieldByName("Item"); !ok || e.Type != itemType || e.Index[0] != 0 {
				panic(fmt.Sprintf("kind %s: items of %s must embed content.Item first", k.Name, f.Path))
			}
			f.Type = TypeList
			f.Fields = k.walkType(sf.Type.Elem(), f.Path+".*.", f)
		case sf.Type.Kind() == reflect.Struct:
			f.Type = TypeGroup
			f.Fields = k.walkType(sf.Type, f.Path+".", f)
		default:
			panic(fmt.Sprintf("kind %s: %s: no field can be a %s", k.Name, f.Path, sf.Type))
		}
		if (f.Type == TypeRef || f.Type == TypeRefs) && f.Of == "" {
			panic(fmt.Sprintf("kind %s: %s: say of which kind", k.Name, f.Path))
		}
		if f.As != "" {
			k.byAs[f.As] = f
		}
		k.byPath[f.Path] = f
		fields = append(fields, f)
	}
	return fields
}

// Walk calls f for each field, groups and lists before their own fields.
func (k *Kind) Walk(f func(*Field)) { walkFields(k.Fields, f) }

func walkFields(fields []*Field, f func(*Field)) {
	for _, x := range fields {
		f(x)
		walkFields(x.Fields, f)
	}
}

// Texts calls f for the words that a value has in one language, in the order of the fields, with their path.
func (k *Kind) Texts(value any, l i18n.Locale, f func(path string, field *Field, words string)) {
	eachText(k.Fields, reflect.ValueOf(value).Elem(), "", l, f)
}

func eachText(fields []*Field, v reflect.Value, prefix string, l i18n.Locale, f func(string, *Field, string)) {
	for _, x := range fields {
		path, fv := prefix+x.Name, v.Field(x.index)
		switch x.Type {
		case TypeGroup:
			eachText(x.Fields, fv, path+".", l, f)
		case TypeList:
			for i := range fv.Len() {
				eachText(x.Fields, fv.Index(i), path+"."+fv.Index(i).Field(0).Field(0).String()+".", l, f)
			}
		case TypeLine, TypeProse:
			if t := wording(wordings(fv), l); t.Words != "" {
				f(path, x, t.Words)
			}
		}
	}
}

// ValidItemID reports whether s can be the id of a list's item.
func ValidItemID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= 16
}

// Field gives the field that a path with ids points at, or nil: "sessions.k3f9.title".
func (k *Kind) Field(path string) *Field {
	if f := k.byPath[path]; f != nil && !strings.Contains(path, "*") {
		return f
	}
	fields := k.Fields
	segs := strings.Split(path, ".")
	for i := 0; i < len(segs); i++ {
		f := named(fields, segs[i])
		if f == nil {
			return nil
		}
		if i == len(segs)-1 {
			return f
		}
		switch f.Type {
		case TypeGroup:
		case TypeList:
			i++
			if !ValidItemID(segs[i]) || i == len(segs)-1 {
				return nil // an item alone is not a field
			}
		default:
			return nil
		}
		fields = f.Fields
	}
	return nil
}

func named(fields []*Field, name string) *Field {
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Join makes the kind's struct from parts: a pointer. Leaves that the struct does not know, and words of items that the
// facts do not list, are left alone. A leaf of another shape than its field is an error that names its path.
func (k *Kind) Join(parts Parts) (any, error) {
	v := reflect.New(k.goType)
	j := joiner{facts: parts[Facts]}
	for p, leaves := range parts {
		if p != Facts && len(leaves) > 0 {
			j.locales = append(j.locales, p.Locale())
		}
	}
	slices.Sort(j.locales) // two structs with the same words are equal
	for _, l := range j.locales {
		j.words = append(j.words, parts[Part(l)])
	}
	err := j.group(k.Fields, v.Elem(), make([]byte, 0, 64))
	return v.Interface(), err
}

type joiner struct {
	facts   Leaves
	words   []Leaves
	locales []i18n.Locale
}

// group fills a struct from the leaves below prefix. Paths are put together in one buffer: most lead to no leaf.
func (j *joiner) group(fields []*Field, v reflect.Value, prefix []byte) error {
	for _, f := range fields {
		path := append(prefix, f.Name...)
		fv := v.Field(f.index)
		switch f.Type {
		case TypeGroup:
			if err := j.group(f.Fields, fv, append(path, '.')); err != nil {
				return err
			}
		case TypeList:
			ids, err := ItemIDs(j.facts[string(path)])
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if len(ids) == 0 {
				continue
			}
			s := reflect.MakeSlice(f.goType, len(ids), len(ids))
			for i, id := range ids {
				s.Index(i).Field(0).Field(0).SetString(id)
				if err := j.group(f.Fields, s.Index(i), append(append(append(path, '.'), id...), '.')); err != nil {
					return err
				}
			}
			fv.Set(s)
		case TypeLine, TypeProse:
			for i, w := range j.words {
				raw, ok := leaf(w, path, prefix, f)
				if !ok {
					continue
				}
				t, err := readText(raw)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				all := settable(fv)
				if *all == nil {
					*all = make([]Wording, 0, len(j.words))
				}
				*all = append(*all, Wording{j.locales[i], t})
			}
		default:
			raw, ok := leaf(j.facts, path, prefix, f)
			if !ok {
				continue
			}
			if fv.Kind() == reflect.String {
				if w, ok := plainString(raw); ok {
					fv.SetString(w)
					continue
				}
			}
			if err := json.Unmarshal(raw, fv.Addr().Interface()); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

// leaf is a field's leaf, under its name or the one it had before.
func leaf(l Leaves, path, prefix []byte, f *Field) (json.RawMessage, bool) {
	raw, ok := l[string(path)]
	if !ok && f.Was != "" {
		raw, ok = l[string(prefix)+f.Was]
	}
	return raw, ok
}

// wordings gives the words of a Line or Prose.
func wordings(v reflect.Value) []Wording {
	if v.CanAddr() {
		return *settable(v)
	}
	return v.Convert(reflect.TypeFor[[]Wording]()).Interface().([]Wording)
}

// settable gives the list under a Line or Prose without going through reflection for each word.
func settable(v reflect.Value) *[]Wording {
	switch x := v.Addr().Interface().(type) {
	case *Line:
		return (*[]Wording)(x)
	case *Prose:
		return (*[]Wording)(x)
	}
	panic("not a text: " + v.Type().String())
}

// ItemIDs reads the order of a list from its leaf.
func ItemIDs(raw json.RawMessage) ([]string, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if ids, ok := plainStrings(raw); ok {
		return ids, nil
	}
	var ids []string
	err := json.Unmarshal(raw, &ids)
	return ids, err
}

// Split takes a kind's struct apart into parts; the inverse of Join. Empty values have no leaf.
func (k *Kind) Split(value any) Parts {
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Type() != k.goType {
		panic(fmt.Sprintf("kind %s is not a %s", k.Name, v.Type()))
	}
	parts := Parts{Facts: {}}
	split(k.Fields, v, "", parts)
	return parts
}

func split(fields []*Field, v reflect.Value, prefix string, parts Parts) {
	for _, f := range fields {
		path := prefix + f.Name
		fv := v.Field(f.index)
		switch f.Type {
		case TypeGroup:
			split(f.Fields, fv, path+".", parts)
		case TypeList:
			if fv.Len() == 0 {
				continue
			}
			ids := make([]string, fv.Len())
			for i := range ids {
				id := fv.Index(i).Field(0).Field(0)
				if id.String() == "" {
					if !id.CanSet() {
						panic("items without ids can only be split through a pointer")
					}
					id.SetString(NewItemID())
				}
				ids[i] = id.String()
				split(f.Fields, fv.Index(i), path+"."+ids[i]+".", parts)
			}
			parts[Facts][path] = mustJSON(ids)
		case TypeLine, TypeProse:
			for _, w := range wordings(fv) {
				if w.Words == "" {
					continue
				}
				p := Part(w.Locale)
				if parts[p] == nil {
					parts[p] = Leaves{}
				}
				parts[p][path] = mustJSON(w.Text)
			}
		default:
			if !fv.IsZero() && !(fv.Kind() == reflect.Slice && fv.Len() == 0) {
				parts[Facts][path] = mustJSON(fv.Interface())
			}
		}
	}
}

// mustJSON encodes what cannot fail: our own leaf types. Canonical: no HTML escapes, keys in order.
func mustJSON(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// SetText puts words into a part as they are stored; empty words remove the leaf.
func (l Leaves) SetText(path string, t Text) {
	if t.Words == "" {
		delete(l, path)
		return
	}
	l[path] = mustJSON(t)
}

// Set puts a fact into a part as it is stored.
func (l Leaves) Set(path string, v any) { l[path] = mustJSON(v) }

// Text reads the words of a leaf; the zero Text if there are none.
func (l Leaves) Text(path string) Text {
	raw, ok := l[path]
	if !ok {
		return Text{}
	}
	t, _ := readText(raw) // a leaf of another shape reads as empty here; Join reports it
	return t
}

// plainString reads a JSON string that holds no escapes, as nearly all do.
func plainString(raw []byte) (string, bool) {
	n := len(raw)
	if n < 2 || raw[0] != '"' || raw[n-1] != '"' || bytes.IndexByte(raw, '\\') >= 0 || bytes.IndexByte(raw[1:n-1], '"') >= 0 {
		return "", false
	}
	return string(raw[1 : n-1]), true
}

// plainStrings is plainString for a list of words without commas.
func plainStrings(raw []byte) ([]string, bool) {
	n := len(raw)
	if n < 4 || raw[0] != '[' || raw[n-1] != ']' {
		return nil, false
	}
	list := strings.Split(string(raw[1:n-1]), ",")
	for i, s := range list {
		w, ok := plainString([]byte(s))
		if !ok {
			return nil, false
		}
		list[i] = w
	}
	return list, true
}

// readText decodes a text leaf. Most are {"t":"plain words"}, or in a translation {"t":"plain words","of":["hash"]}; a
// page has hundreds, so those are read without the decoder.
func readText(raw []byte) (Text, error) {
	if n := len(raw); n > 7 && string(raw[:6]) == `{"t":"` && raw[n-1] == '}' {
		if end := bytes.IndexByte(raw[6:], '"') + 7; end > 6 {
			words, plain := plainString(raw[5:end])
			switch of, stamped := bytes.CutPrefix(raw[end:n-1], []byte(`,"of":`)); {
			case plain && end == n-1:
				return Text{Words: words}, nil
			case plain && stamped:
				t := Text{Words: words}
				if i := bytes.LastIndex(of, []byte(`],"ahead":`)); i > 0 {
					if n, err := strconv.Atoi(string(of[i+10:])); err == nil {
						t.Ahead, of = n, of[:i+1]
					}
				}
				if list, ok := plainStrings(of); ok {
					t.Of = list
					return t, nil
				}
			}
		}
	}
	var t Text
	err := json.Unmarshal(raw, &t)
	return t, err
}
