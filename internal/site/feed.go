package site

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"time"

	"plenary/internal/i18n"
)

// feed is one list of published entries in one language, to be written as Atom, RSS 2.0 or JSON Feed 1.1.
type feed struct {
	Title, Subtitle string
	Locale          i18n.Locale
	Home            string // the list's page
	Self            string // the feed itself
	Updated         time.Time
	Entries         []feedEntry
}

type feedEntry struct {
	ID      string // permalink, for ever the same
	URL     string
	Title   string
	Summary string
	First   time.Time
	Changed time.Time
}

type atomLink struct {
	Rel      string `xml:"rel,attr"`
	Href     string `xml:"href,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Link      atomLink `xml:"link"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Summary   string   `xml:"summary,omitempty"`
}

func (f *feed) atom() ([]byte, error) {
	type author struct {
		Name string `xml:"name"`
	}
	doc := struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang     string      `xml:"xml:lang,attr"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle,omitempty"`
		Links    []atomLink  `xml:"link"`
		Updated  string      `xml:"updated"`
		Author   author      `xml:"author"`
		Entries  []atomEntry `xml:"entry"`
	}{Lang: f.Locale.Tag(), ID: f.Self, Title: f.Title, Subtitle: f.Subtitle, Updated: f.Updated.UTC().Format(time.RFC3339), Author: author{f.Subtitle},
		Links: []atomLink{{Rel: "self", Href: f.Self, Type: "application/atom+xml"}, {Rel: "alternate", Href: f.Home, Type: "text/html", Hreflang: f.Locale.Tag()}}}
	if doc.Author.Name == "" {
		doc.Author.Name = f.Title
	}
	for _, e := range f.Entries {
		x := atomEntry{ID: e.ID, Title: e.Title, Link: atomLink{Rel: "alternate", Href: e.URL, Type: "text/html", Hreflang: f.Locale.Tag()},
			Published: e.First.UTC().Format(time.RFC3339), Updated: e.Changed.UTC().Format(time.RFC3339), Summary: e.Summary}
		doc.Entries = append(doc.Entries, x)
	}
	return marshalXML(doc)
}

func (f *feed) rss() ([]byte, error) {
	type guid struct {
		PermaLink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
	type item struct {
		Title       string `xml:"title"`
		Link        string `xml:"link"`
		GUID        guid   `xml:"guid"`
		PubDate     string `xml:"pubDate"`
		Description string `xml:"description,omitempty"`
	}
	type channel struct {
		Title       string   `xml:"title"`
		Link        string   `xml:"link"`
		Self        atomLink `xml:"atom:link"`
		Description string   `xml:"description"`
		Language    string   `xml:"language"`
		LastBuild   string   `xml:"lastBuildDate"`
		Items       []item   `xml:"item"`
	}
	doc := struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Atom    string   `xml:"xmlns:atom,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: channel{Title: f.Title, Link: f.Home, Self: atomLink{Rel: "self", Href: f.Self, Type: "application/rss+xml"},
		Description: asHTML.Replace(f.Subtitle), Language: f.Locale.Tag(), LastBuild: f.Updated.UTC().Format(time.RFC1123Z)}}
	if f.Subtitle == "" {
		doc.Channel.Description = asHTML.Replace(f.Title)
	}
	for _, e := range f.Entries {
		doc.Channel.Items = append(doc.Channel.Items, item{Title: e.Title, Link: e.URL, GUID: guid{true, e.ID}, PubDate: e.First.UTC().Format(time.RFC1123Z),
			Description: asHTML.Replace(e.Summary)})
	}
	return marshalXML(doc)
}

// asHTML makes HTML of plain words: readers take the descriptions of RSS for that.
var asHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func marshalXML(doc any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (f *feed) json() ([]byte, error) {
	type item struct {
		ID        string `json:"id"`
		URL       string `json:"url"`
		Title     string `json:"title"`
		Text      string `json:"content_text"`
		Published string `json:"date_published"`
		Modified  string `json:"date_modified"`
		Language  string `json:"language"`
	}
	doc := struct {
		Version     string `json:"version"`
		Title       string `json:"title"`
		HomePageURL string `json:"home_page_url"`
		FeedURL     string `json:"feed_url"`
		Description string `json:"description,omitempty"`
		Language    string `json:"language"`
		Items       []item `json:"items"`
	}{"https://jsonfeed.org/version/1.1", f.Title, f.Home, f.Self, f.Subtitle, f.Locale.Tag(), []item{}}
	for _, e := range f.Entries {
		text := e.Summary
		if text == "" {
			text = e.Title
		}
		doc.Items = append(doc.Items, item{e.ID, e.URL, e.Title, text, e.First.UTC().Format(time.RFC3339), e.Changed.UTC().Format(time.RFC3339), f.Locale.Tag()})
	}
	return json.MarshalIndent(doc, "", " ")
}
