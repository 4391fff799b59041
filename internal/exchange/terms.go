package exchange

import (
	"fmt"
	"slices"
	"strings"

	"plenary/internal/i18n"
	"plenary/internal/sheet"
)

// MaxTerms is how many terms a file may have, MaxNames how many names a term.
const (
	MaxTerms = 5000
	MaxNames = 200
)

// TermStatus says whether a name is to be used.
type TermStatus string

// The statuses.
const (
	Preferred TermStatus = "preferred"
	Admitted  TermStatus = "admitted"  // it may be used too
	OldName   TermStatus = "outdated"  // it was right once
	Forbidden TermStatus = "forbidden" // it is not to be used
)

// TermStatuses are all of them.
var TermStatuses = []TermStatus{Preferred, Admitted, OldName, Forbidden}

// Term is a concept with its names.
type Term struct {
	ID            string
	Subject, Note string
	Names         []TermName
}

// TermName is a name of a concept in a language.
type TermName struct {
	Locale i18n.Locale
	Name   string
	Status TermStatus
}

// In gives the names in a language with a status.
func (t *Term) In(l i18n.Locale, s TermStatus) []string {
	var out []string
	for _, n := range t.Names {
		if n.Locale == l && n.Status == s {
			out = append(out, n.Name)
		}
	}
	return out
}

// add puts a name among the others: once, and only one of a language is preferred. A term that has far too many gets no more: it
// is looked through for each.
func (t *Term) add(l i18n.Locale, name string, s TermStatus) {
	if len(t.Names) > 4*MaxNames {
		return
	}
	name = strings.TrimSpace(blanks.ReplaceAllString(legal(name), " "))
	if name == "" || slices.ContainsFunc(t.Names, func(n TermName) bool { return n.Locale == l && n.Name == name }) {
		return
	}
	if s == Preferred && len(t.In(l, Preferred)) > 0 {
		s = Admitted
	}
	t.Names = append(t.Names, TermName{l, name, s})
}

const nsTBX = "urn:iso:std:iso:30042:ed-2"

var tbxStatus = map[TermStatus]string{Preferred: "preferredTerm-admn-sts", Admitted: "admittedTerm-admn-sts", OldName: "supersededTerm-admn-sts", Forbidden: "deprecatedTerm-admn-sts"}

// WriteTBX writes terms as TBX-Basic in DCA style, ISO 30042:2019.
func WriteTBX(terms []Term, title string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="` + nsTBX + `">` + "\n<tbxHeader><fileDesc><titleStmt><title>" + escape(title) + "</title></titleStmt><sourceDesc><p>Plenary</p></sourceDesc></fileDesc></tbxHeader>\n<text><body>\n")
	for i, t := range terms {
		id := t.ID
		if id == "" {
			id = fmt.Sprint(i + 1)
		}
		b.WriteString(`<conceptEntry id="t` + escape(id) + `">`)
		if t.Subject != "" {
			b.WriteString(`<descrip type="subjectField">` + escape(t.Subject) + "</descrip>")
		}
		if t.Note != "" {
			b.WriteString("<note>" + escape(t.Note) + "</note>")
		}
		for _, l := range i18n.All {
			open := false
			for _, n := range t.Names {
				if n.Locale != l {
					continue
				}
				if !open {
					b.WriteString("\n" + `<langSec xml:lang="` + l.Tag() + `">`)
					open = true
				}
				b.WriteString("<termSec><term>" + escape(n.Name) + `</term><termNote type="administrativeStatus">` + tbxStatus[n.Status] + "</termNote></termSec>")
			}
			if open {
				b.WriteString("</langSec>")
			}
		}
		b.WriteString("\n</conceptEntry>\n")
	}
	b.WriteString("</body></text>\n</tbx>\n")
	return []byte(b.String())
}

// ReadTBX reads terms from TBX of 2008 and 2019, in either style. Languages that the site does not have are left out.
func ReadTBX(file []byte) ([]Term, error) {
	root, err := parse(file)
	if err != nil {
		return nil, err
	}
	if !root.is("tbx") && !root.is("martif") {
		return nil, refuse("terms")
	}
	var out []Term
	var wrong error
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			k := &n.kids[i]
			if !k.is("conceptEntry") && !k.is("termEntry") {
				walk(k)
				continue
			}
			if len(out) == MaxTerms {
				wrong = refuse("large")
				return
			}
			if t := concept(k); len(t.Names) > 0 {
				out = append(out, t)
			}
		}
	}
	walk(root)
	if wrong == nil && len(out) == 0 {
		wrong = refuse("terms_empty")
	}
	return out, wrong
}

func concept(n *node) Term {
	id := strings.TrimPrefix(n.get("id"), "t")
	t := Term{ID: id}
	about := func(k *node) {
		switch {
		case k.is("note") && t.Note == "":
			t.Note = tidy(legal(k.plain()))
		case k.is("descrip") && k.get("type") == "subjectField", k.is("subjectField"):
			t.Subject = tidy(legal(k.plain()))
		}
	}
	for i := range n.kids {
		k := &n.kids[i]
		if k.is("descripGrp") {
			for j := range k.kids {
				about(&k.kids[j])
			}
			continue
		}
		about(k)
		if !k.is("langSec") && !k.is("langSet") {
			continue
		}
		l, ok := ours(k.lang())
		if !ok {
			continue
		}
		for j := range k.kids {
			if s := &k.kids[j]; s.is("termSec") || s.is("tig") || s.is("ntig") {
				name, status := termOf(s)
				t.add(l, name, status)
			}
		}
	}
	return t
}

// termOf reads a name and its status from wherever in its section they stand.
func termOf(n *node) (name string, status TermStatus) {
	status = Admitted
	said := false
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			k := &n.kids[i]
			switch {
			case k.is("term") && name == "":
				name = k.plain()
			case k.is("termNote") && (k.get("type") == "administrativeStatus" || k.get("type") == "normativeAuthorization"), k.is("administrativeStatus"):
				v := strings.TrimSpace(k.plain())
				for s, code := range tbxStatus {
					if v == code || v == strings.Split(code, "-")[0] {
						status, said = s, true
					}
				}
			default:
				walk(k)
			}
		}
	}
	walk(n)
	if !said { // without a status, the first name of a language is the one to use
		status = Preferred
	}
	return name, status
}

const between = " | " // names of one sort in a cell

// TermTable is terms as a table: a row for each, and for each language a column of names to each status.
func TermTable(terms []Term) *sheet.Table {
	head := []string{"id", "subject", "note"}
	for _, l := range i18n.All {
		for _, s := range TermStatuses {
			head = append(head, column(l, s))
		}
	}
	t := &sheet.Table{Head: sheet.Texts(head...)}
	for _, x := range terms {
		row := []string{x.ID, x.Subject, x.Note}
		for _, l := range i18n.All {
			for _, s := range TermStatuses {
				row = append(row, strings.Join(x.In(l, s), between))
			}
		}
		t.Rows = append(t.Rows, sheet.Texts(row...))
	}
	return t
}

func column(l i18n.Locale, s TermStatus) string {
	if s == Preferred {
		return l.Tag()
	}
	return l.Tag() + " " + string(s)
}

// ReadTermTable reads terms from a table, CSV or XLSX: its first row says which column is which language, by its tag ("fr",
// "fr admitted") or its name. Of several names in a column of preferred ones the first is.
func ReadTermTable(file []byte) ([]Term, error) {
	rows, err := sheet.Read(file)
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, refuse("terms_empty")
	}
	type what struct {
		l i18n.Locale
		s TermStatus
	}
	columns := map[int]what{}
	id, subject, note := -1, -1, -1
	for i, h := range rows[0] {
		h = strings.ToLower(strings.TrimSpace(h))
		switch h {
		case "id":
			id = i
			continue
		case "subject", "domain":
			subject = i
			continue
		case "note", "definition", "comment":
			note = i
			continue
		}
		name, status, _ := strings.Cut(h, " ")
		s := TermStatus(status)
		if !slices.Contains(TermStatuses, s) {
			name, s = h, Preferred
		}
		l, ok := ours(name)
		for _, x := range i18n.All {
			for _, in := range i18n.All {
				if !ok && (strings.EqualFold(name, x.Endonym()) || strings.EqualFold(name, i18n.LanguageName(in, string(x)))) {
					l, ok = x, true
				}
			}
		}
		if ok {
			columns[i] = what{l, s}
		}
	}
	if len(columns) == 0 {
		return nil, refuse("terms_columns")
	}
	var out []Term
	cell := func(row []string, i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(legal(row[i]))
	}
	for _, row := range rows[1:] {
		t := Term{ID: cell(row, id), Subject: cell(row, subject), Note: cell(row, note)}
		for i := range row {
			if c, ok := columns[i]; ok {
				for _, name := range strings.FieldsFunc(row[i], func(r rune) bool { return r == '|' || r == '\n' }) {
					t.add(c.l, name, c.s)
				}
			}
		}
		if len(t.Names) == 0 {
			continue
		}
		if out = append(out, t); len(out) > MaxTerms {
			return nil, refuse("large")
		}
	}
	if len(out) == 0 {
		return nil, refuse("terms_empty")
	}
	return out, nil
}

// ReadTerms reads terms from a file of any of the formats, by its first bytes.
func ReadTerms(file []byte) ([]Term, error) {
	if len(file) > MaxBytes {
		return nil, refuse("large")
	}
	text, err := decode(file[:min(len(file), 400)&^1])
	if err == nil && strings.HasPrefix(strings.TrimSpace(text), "<") {
		return ReadTBX(file)
	}
	return ReadTermTable(file)
}
