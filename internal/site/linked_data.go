package site

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"time"
	"unicode/utf8"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// node is one thing of schema.org: its properties in the order in which they are said. Every event's page has dozens, so
// they are no maps, and are written here.
type node []property

// property has a string, an int, a node, or a list of strings or nodes as its value.
type property struct {
	name  string
	value any
}

// set adds a property, or says it anew. It leaves empty values out: a property without a value says something wrong.
func (n *node) set(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case []node:
		if len(v) == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	}
	for i := range *n {
		if (*n)[i].name == name {
			(*n)[i].value = value
			return
		}
	}
	*n = append(*n, property{name, value})
}

// get gives a property's value, or nil.
func (n node) get(name string) any {
	for _, p := range n {
		if p.name == name {
			return p.value
		}
	}
	return nil
}

// linkedData is what a page says of things, for a script element: <, > and & are escaped.
func linkedData(things ...node) template.JS {
	return template.JS(appendJSON(make([]byte, 0, 8<<10), node{{"@context", "https://schema.org"}, {"@graph", things}}))
}

// appendJSON writes a value as JSON (RFC 8259) that may stand in a script element of HTML.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendJSONString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case node:
		b = append(b, '{')
		for i, p := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONString(b, p.name), ':')
			b = appendJSON(b, p.value)
		}
		return append(b, '}')
	case []node:
		return appendList(b, v, func(b []byte, n node) []byte { return appendJSON(b, n) })
	case []string:
		return appendList(b, v, appendJSONString)
	}
	panic(fmt.Sprintf("linked data has no values of type %T", value))
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, x)
	}
	return append(b, ']')
}

// appendJSONString writes plain words as they are, and leaves the rest to encoding/json, which escapes what would end the
// script element too.
func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		// 0xe2 begins the two line separators, and anything that is not UTF-8 is for encoding/json as well.
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0xe2 {
			return appendEscaped(b, s)
		}
	}
	if !utf8.ValidString(s) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	escaped, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string does not fail to be written
	}
	return append(b, escaped...)
}

// jsonLD describes a page to search engines in the terms of schema.org. Everything in it stands on the page too.
func (s *Site) jsonLD(p *entryPage) (template.JS, error) {
	pub := &p.Page.Publication
	n := node{{"@id", s.absolute("/e/" + pub.ID)}, {"url", s.absolute(address(pub.Locale, pub.Path))}, {"inLanguage", pub.TextLocale.Tag()}, {"dateModified", pub.Changed.UTC().Format(time.RFC3339)}}
	n.set("name", pub.Title)
	n.set("description", spoken(*pub, pub.TextLocale))
	n.set("image", s.ldImage(p))
	switch v := p.Page.Value.(type) {
	case *kind.Event:
		about, err := s.Content.Referring(p.ctx, pub.Locale, pub.ID, "event", "report")
		if err != nil {
			return "", err
		}
		s.ldEvent(&n, p, v, about)
	case *kind.Series:
		n.set("@type", "EventSeries")
		n.set("organizer", s.ldOrganizers(p, v.Organizations))
	case *kind.News:
		n.set("@type", "NewsArticle")
		n.set("headline", pub.Title)
		n.set("datePublished", string(v.Date))
		n.set("publisher", s.ldPublisher(p))
	case *kind.Person:
		n.set("@type", "Person")
		n.set("jobTitle", words(v.Position, p))
		if o := p.Page.Neighbours[string(v.Organization)]; o != nil {
			n.set("affiliation", s.ldNeighbour("Organization", o))
		}
	case *kind.Organization:
		n.set("@type", "Organization")
		n.set("alternateName", words(v.Acronym, p))
		n.set("sameAs", v.URL)
	case *kind.Document:
		n.set("@type", "DigitalDocument")
		n.set("identifier", v.Symbol)
		n.set("publisher", s.ldPublisher(p))
		if ver := v.Current(); ver != nil {
			n.set("datePublished", string(ver.Issued))
			n.set("encoding", s.ldFiles(p, ver.Files))
		}
	case *kind.Report:
		n.set("@type", "Report")
		n.set("reportNumber", v.Symbol)
		n.set("datePublished", string(v.Date))
		n.set("creativeWorkStatus", v.Stage)
		n.set("publisher", s.ldPublisher(p))
		n.set("encoding", s.ldFiles(p, v.Files))
		if e := p.Page.Neighbours[string(v.Event)]; e != nil {
			n.set("about", s.ldNeighbour("Event", e))
		}
	case *kind.Topic:
		n.set("@type", "DefinedTerm")
		n.set("sameAs", v.ExactMatch)
		n.set("termCode", v.Code)
	default:
		n.set("@type", "WebPage")
	}
	return linkedData(n, s.ldBreadcrumb(p)), nil
}

func (s *Site) ldEvent(n *node, p *entryPage, e *kind.Event, reports []content.Publication) {
	n.set("@type", "Event")
	w := e.When
	stamp := func(w content.When, t content.LocalTime) string {
		if !w.Known() || t == "" {
			return ""
		}
		switch w.Precision {
		case content.PrecisionTime:
			return t.In(w.Location()).Format(time.RFC3339)
		case content.PrecisionMonth:
			return string(t[:7])
		}
		return string(t[:10])
	}
	n.set("keywords", words(e.Keywords, p))
	if !w.Known() && e.Status == "postponed" {
		w = e.Previous // until there is a new date, search engines want to be told the old one
	}
	n.set("startDate", stamp(w, w.Start))
	n.set("endDate", stamp(w, w.End))
	// What happened may be two things, one after the other: it was moved, and then went online.
	var statuses []string
	moved := e.Previous.Known() && w.Known() && e.Previous.Start != w.Start
	switch {
	case e.Status == "cancelled":
		statuses = []string{"EventCancelled"}
	case e.Status == "postponed":
		statuses = []string{"EventPostponed"}
	case e.Status == "rescheduled" || moved:
		statuses = []string{"EventRescheduled"}
		n.set("previousStartDate", stamp(e.Previous, e.Previous.Start))
	}
	if e.Status == "moved_online" {
		statuses = append(statuses, "EventMovedOnline")
	}
	if len(statuses) == 0 && w.Known() && w.Precision != content.PrecisionMonth {
		statuses = []string{"EventScheduled"}
	}
	for i := range statuses {
		statuses[i] = "https://schema.org/" + statuses[i]
	}
	switch len(statuses) {
	case 0:
	case 1:
		n.set("eventStatus", statuses[0])
	default:
		n.set("eventStatus", statuses)
	}
	modes := map[string]string{"online": "OnlineEventAttendanceMode", "in_person": "OfflineEventAttendanceMode", "hybrid": "MixedEventAttendanceMode"}
	if m := modes[e.Mode]; m != "" {
		n.set("eventAttendanceMode", "https://schema.org/"+m)
	}
	var places []node
	for _, v := range e.Venues {
		if v.Type == "online" {
			// The public page, never the address to join at.
			places = append(places, node{{"@type", "VirtualLocation"}, {"url", n.get("url")}, {"name", words(v.Name, p)}})
			continue
		}
		place := node{{"@type", "Place"}, {"name", words(v.Name, p)}}
		a := node{{"@type", "PostalAddress"}}
		a.set("streetAddress", words(v.Address, p))
		a.set("addressLocality", words(v.City, p))
		a.set("addressCountry", v.Country)
		if len(a) > 1 {
			place.set("address", a)
		}
		places = append(places, place)
	}
	if len(places) == 0 && (e.Mode == "online" || e.Mode == "hybrid") {
		places = append(places, node{{"@type", "VirtualLocation"}, {"url", n.get("url")}})
	}
	n.set("location", places)
	n.set("organizer", s.ldOrganizers(p, e.Organizations))
	n.set("performer", s.ldPerformers(p, e.People))
	if x := p.Page.Neighbours[string(e.Series)]; x != nil {
		n.set("superEvent", s.ldNeighbour("EventSeries", x))
	}
	var parts []node
	for _, x := range e.Sessions {
		if x.Slot.Start == "" || x.TBD || w.Precision != content.PrecisionTime || e.Status == "postponed" {
			continue // an event without a time is none
		}
		part := node{{"@type", "Event"}, {"name", words(x.Title, p)}, {"startDate", stamp(w, x.Slot.Start)}}
		part.set("location", n.get("location"))
		part.set("endDate", stamp(w, x.Slot.End))
		if part.set("eventStatus", n.get("eventStatus")); x.Cancelled {
			part.set("eventStatus", "https://schema.org/EventCancelled")
		}
		part.set("eventAttendanceMode", n.get("eventAttendanceMode"))
		part.set("performer", s.ldPerformers(p, x.People))
		parts = append(parts, part)
	}
	n.set("subEvent", parts)
	var docs []node
	for _, r := range reports {
		doc := node{{"@type", "Report"}, {"name", r.Title}, {"url", s.absolute(address(r.Locale, r.Path))}}
		doc.set("creativeWorkStatus", r.Value.(*kind.Report).Stage)
		docs = append(docs, doc)
	}
	n.set("subjectOf", docs)
	var tapes []node
	for _, r := range e.Recordings {
		if r.URL != "" || p.Files[string(r.File)] != nil {
			tapes = append(tapes, s.ldRecording(p, e, r))
		}
	}
	n.set("recordedIn", tapes)
}

func (s *Site) ldOrganizers(p *entryPage, roles []kind.OrganizationRole) []node {
	var out []node
	for _, r := range roles {
		if x := p.Page.Neighbours[string(r.Organization)]; x != nil && (r.Role == "organizer" || r.Role == "co_organizer") {
			out = append(out, s.ldNeighbour("Organization", x))
		}
	}
	return out
}

func (s *Site) ldPerformers(p *entryPage, roles []kind.PersonRole) []node {
	var out []node
	for _, r := range roles {
		who, _ := r.Present()
		if x := p.Page.Neighbours[string(who)]; x != nil {
			out = append(out, s.ldNeighbour("Person", x))
		}
	}
	return out
}

func (s *Site) ldNeighbour(kind string, x *content.Neighbour) node {
	return node{{"@type", kind}, {"name", x.Title}, {"url", s.absolute(address(x.Locale, x.Path))}}
}

func (s *Site) ldPublisher(p *entryPage) node {
	return node{{"@type", "Organization"}, {"name", s.siteName(p.Page.Locale)}, {"url", s.BaseURL + "/"}}
}

func (s *Site) ldFiles(p *entryPage, files []kind.LanguageVersion) []node {
	var out []node
	for _, f := range files {
		if x := p.Files[string(f.File)]; x != nil {
			out = append(out, node{{"@type", "MediaObject"}, {"inLanguage", f.Language}, {"encodingFormat", x.Type}, {"contentUrl", s.absolute(x.URL())}, {"contentSize", i18n.Bytes(i18n.EN, x.Size)}})
		}
	}
	return out
}

func (s *Site) ldImage(p *entryPage) string {
	if img := s.shareImage(p); img != "" {
		return s.absolute(img)
	}
	return ""
}

func (s *Site) ldBreadcrumb(p *entryPage) node {
	l := p.Page.Locale
	item := func(n int, name, path string) node {
		return node{{"@type", "ListItem"}, {"position", n}, {"name", name}, {"item", s.absolute(address(l, path))}}
	}
	items := []node{item(1, s.siteName(l), "")}
	if k := s.Content.Kind(p.Page.Kind); k != nil && p.Page.Kind != "page" {
		items = append(items, item(2, s.Catalogue.T(l, "kind."+k.Name+".many"), k.Path))
	}
	items = append(items, item(len(items)+1, p.Page.Title, p.Page.Path))
	return node{{"@type", "BreadcrumbList"}, {"itemListElement", items}}
}

// words gives a line in the page's language, else in the original.
func words(x content.Line, p *entryPage) string {
	s, _ := x.Pick(p.Page.Locale, p.Page.Original)
	return s
}

// siteName is what the site is called in a language.
func (s *Site) siteName(l i18n.Locale) string {
	name := s.Settings().Name.In(l)
	return name
}

// shareImage is the picture that a link to the page is shown with, or "".
func (s *Site) shareImage(p *entryPage) string {
	var id content.FileRef
	switch v := p.Page.Value.(type) {
	case *kind.Event:
		id = v.Image.File
	case *kind.News:
		id = v.Image.File
	case *kind.Series:
		id = v.Image.File
	case *kind.Report:
		id = v.Image.File
	case *kind.Person:
		id = v.Portrait.File
	}
	if f := p.Files[string(id)]; f != nil {
		if r := f.Rendition("og.jpg"); r != nil {
			return r.URL()
		}
	}
	return ""
}
