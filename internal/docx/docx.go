// Package docx writes and reads word processors' documents: WordprocessingML, as ISO/IEC 29500 has it.
//
// What is written needs nothing but itself: styles with real headings, lists and numbers that the program counts, tables with
// head rows, notes, and the language and direction of every run. The same document is the same bytes. What is read may come
// from anybody: it is bounded before it is unpacked, nothing is followed, and there are no entities.
package docx

import (
	"encoding/xml"
	"strings"

	"plenary/internal/i18n"
)

// Type is the media type of a document.
const Type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// Namespaces of the format. Those of 2010 hold the check box.
const (
	nsW       = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsW14     = "http://schemas.microsoft.com/office/word/2010/wordml"
	nsRel     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsStrict  = "http://purl.oclc.org/ooxml/wordprocessingml/main"
	relStrict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
)

// Names of parts of a document.
const (
	Main      = "word/document.xml"
	Custom    = "docProps/custom.xml"
	styles    = "word/styles.xml"
	numbering = "word/numbering.xml"
	footnotes = "word/footnotes.xml"
	relations = "word/_rels/document.xml.rels"
)

// Escape makes words fit for XML: what the format cannot hold is replaced.
func Escape(w string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(w)) // a Builder takes everything
	return b.String()
}

// languages are the tags that word processors know.
var languages = map[i18n.Locale]string{i18n.EN: "en-GB", i18n.FR: "fr-FR", i18n.ES: "es-ES", i18n.AR: "ar-SA", i18n.ZH: "zh-CN", i18n.RU: "ru-RU", i18n.KO: "ko-KR", i18n.PT: "pt-PT", i18n.SW: "sw-KE"}

// Language is the tag of a language that word processors know.
func Language(l i18n.Locale) string {
	if tag := languages[l]; tag != "" {
		return tag
	}
	return string(l)
}
