package admin

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// Documents of an event are put up by dropping their files: those that differ by language alone become one document with a file in
// each, and all of them stand in the event's list as drafts, for the publishing of the event with what it refers to.

// mostPapers is how many files are taken at once.
const mostPapers = 60

// papersOf is the field of a list's items that refers to a document, nil for lists that are not of documents on a page.
func papersOf(list *content.Field) *content.Field {
	if list.Type != content.TypeList || !slices.ContainsFunc(list.Fields, func(d *content.Field) bool { return d.Enum == "document_slot" }) {
		return nil
	}
	for _, d := range list.Fields {
		if d.Type == content.TypeRef && d.Of == kind.DocumentKind.Name {
			return d
		}
	}
	return nil
}

// PapersName is the control of the files that were dropped on a list of documents, "" where none can be.
func (v *fieldView) PapersName() string {
	if v.Off || v.Def == nil || papersOf(v.Def) == nil || !v.who.CanSomewhere(auth.Create) {
		return ""
	}
	return "add:files:" + v.Path
}

// PapersField is the view of that control.
func (v *fieldView) PapersField() *fieldView {
	return &fieldView{entryForm: v.entryForm, Def: v.Def, Path: v.Path, Name: "add:files:" + v.Path, ID: "add:files:" + v.Path}
}

// languageNames are how file names say a language, besides its tag and its own name. Single letters say it in few names only: an
// annex A is no Arabic.
var languageNames = map[string]i18n.Locale{"arabic": i18n.AR, "ara": i18n.AR, "chinese": i18n.ZH, "chi": i18n.ZH, "cn": i18n.ZH, "eng": i18n.EN, "english": i18n.EN, "fra": i18n.FR, "fre": i18n.FR,
	"french": i18n.FR, "rus": i18n.RU, "russian": i18n.RU, "spa": i18n.ES, "esp": i18n.ES, "spanish": i18n.ES, "kor": i18n.KO, "kr": i18n.KO, "korean": i18n.KO, "por": i18n.PT, "portuguese": i18n.PT,
	"swa": i18n.SW, "swahili": i18n.SW}

var wordBreak = regexp.MustCompile(`[\s_.()\[\]-]+`)

// paper is what the name of a file says: what the document is called without the language, and in which language the file is, ""
// where the name does not tell.
func paper(name string) (title string, l i18n.Locale) {
	words := slices.DeleteFunc(wordBreak.Split(strings.TrimSuffix(name, path.Ext(name)), -1), func(w string) bool { return w == "" })
	for _, at := range []int{len(words) - 1, 0} { // languages stand at the end, or at the beginning
		if len(words) < 2 || at < 0 {
			break
		}
		w := strings.ToLower(words[at])
		found, ok := languageNames[w]
		if !ok {
			found, ok = i18n.Parse(w)
		}
		if !ok {
			i := slices.IndexFunc(i18n.All, func(l i18n.Locale) bool { return strings.EqualFold(l.Endonym(), w) })
			if ok = i >= 0; ok {
				found = i18n.All[i]
			}
		}
		if ok {
			l, words = found, slices.Delete(words, at, at+1)
			break
		}
	}
	title = strings.Join(words, " ")
	if l == "" {
		l = scriptOf(title)
	}
	if r := []rune(title); len(r) > 0 {
		title = string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return title, l
}

// scriptOf is the language whose letters alone tell it, "" for those that share theirs.
func scriptOf(s string) i18n.Locale {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Arabic, r):
			return i18n.AR
		case unicode.Is(unicode.Hangul, r):
			return i18n.KO
		case unicode.Is(unicode.Han, r):
			return i18n.ZH
		case unicode.Is(unicode.Cyrillic, r):
			return i18n.RU
		}
	}
	return ""
}

// addPapers makes documents of the files that were dropped on a list, and lists them.
func (a *Admin) addPapers(ctx context.Context, f *entryForm, d *content.Field, list string) error {
	ref := papersOf(d)
	if ref == nil {
		return badOp()
	}
	name := "add:files:" + list
	ids := filled(f.Values[name])
	delete(f.Values, name)
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > mostPapers {
		f.complain(content.Problem{Path: list, Blocks: true, Key: "problem.too_many", Args: []any{"Max", mostPapers}})
		return nil
	}
	files, err := a.media.Get(ctx, ids...)
	if err != nil {
		return err
	}
	type file struct {
		of *media.File
		l  i18n.Locale
	}
	papers, titles := map[string][]file{}, []string(nil)
	for _, id := range ids {
		x := files[id]
		if x == nil || !f.who.Can(auth.Read, x.Object()) {
			return badOp()
		}
		title, l := paper(x.Name)
		if l == "" {
			l = f.Original
		}
		key := strings.ToLower(title)
		if slices.ContainsFunc(papers[key], func(o file) bool { return o.l == l }) {
			key += " " + id // a second one in the same language is another document
		}
		if papers[key] == nil {
			titles = append(titles, key)
		}
		papers[key] = append(papers[key], file{x, l})
	}
	for _, key := range titles {
		group := papers[key]
		title, _ := paper(group[0].of.Name)
		id, err := a.createPaper(ctx, f, title, func(facts content.Leaves) {
			version := content.NewItemID()
			at := "versions." + version
			facts.Set("versions", []string{version})
			facts.Set(at+".stage", "final")
			var items []string
			for _, x := range group {
				item := content.NewItemID()
				items = append(items, item)
				facts.Set(at+".files."+item+".language", string(x.l))
				facts.Set(at+".files."+item+".file", x.of.ID)
				if x.l == f.Original && len(group) > 1 {
					facts.Set(at+".files."+item+".original", true)
				}
			}
			facts.Set(at+".files", items)
		})
		if err != nil {
			return err
		}
		if err := f.addItem(d, list); err != nil {
			return err
		}
		item, ok := strings.CutPrefix(f.focus, "item-")
		if !ok {
			return nil // the list is full, and says so
		}
		f.Values.Set(item+"."+ref.Name, id)
		for _, x := range d.Fields {
			if x.Enum == "document_slot" {
				f.Values.Set(item+"."+x.Name, "background")
			}
		}
		f.focus = "item-" + item
	}
	f.notices = append(f.notices, Notice{"info", f.T("quick.papers_done", "Documents", i18n.Number(f.Locale, len(titles)), "Files", i18n.Number(f.Locale, len(ids)))})
	return nil
}

// createPaper makes the draft of a document.
func (a *Admin) createPaper(ctx context.Context, f *entryForm, title string, versions func(content.Leaves)) (string, error) {
	k := a.content.Kind(kind.DocumentKind.Name)
	facts, words := content.Leaves{}, content.Leaves{}
	facts.Set("kind", "background_document")
	facts.Set("access", "public")
	versions(facts)
	words.SetText("title", content.Text{Words: title})
	saved, err := a.content.Save(ctx, f.who, content.Change{Kind: k, Original: f.Original, Office: a.officeBeside(f.who, k.Name, f.office()), Set: content.Parts{content.Facts: facts, content.Part(f.Original): words}})
	if err != nil {
		return "", err
	}
	return saved.ID, nil
}
