package admin

import (
	"fmt"
	"html/template"
)

// icons are drawn on a 24 × 24 grid with a stroke; the class "flip" mirrors one in right-to-left pages.
var icons = map[string]string{
	"find":              `<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>`,
	"home":              `<path d="M4 11l8-7 8 7v9h-5v-6H9v6H4z"/>`,
	"warn":              `<path d="M12 4l9 16H3zM12 10v4.5M12 17.2v.1"/>`,
	"ok":                `<circle cx="12" cy="12" r="9"/><path d="M8 12.5l2.7 2.7L16 9.5"/>`,
	"info":              `<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.1"/>`,
	"page":              `<path d="M5 4h14v16H5zM5 9h14"/>`,
	"kind-event":        `<path d="M4 6h16v14H4zM4 10h16M8 3v4M16 3v4"/>`,
	"kind-series":       `<path d="M7 8h13v12H7zM7 12h13M10 6v4M17 6v4M4 17V5h13"/>`,
	"kind-news":         `<path d="M4 5h13v14H6a2 2 0 0 1-2-2zM17 9h3v8a2 2 0 0 1-2 2M8 9h5M8 13h5"/>`,
	"kind-person":       `<circle cx="9" cy="8" r="3.5"/><path d="M3 20c0-4 2.5-6 6-6s6 2 6 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3 2.7 3 5.5"/>`,
	"kind-organization": `<path d="M4 20V9l8-5 8 5v11M3 20h18M9 20v-5h6v5M8 11h.01M12 11h.01M16 11h.01"/>`,
	"kind-document":     `<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h4"/>`,
	"kind-report":       `<path d="M5 20V4h14v16zM9 16v-3M12 16V8M15 16v-5"/>`,
	"kind-page":         `<path d="M5 4h14v16H5zM5 9h14"/>`,
	"kind-topic":        `<path d="M4 4h8l8 8-8 8-8-8zM8 8h.01"/>`,
	"lang":              `<path d="M4 6h9M8.5 4v2c0 4-2 7-5 8M6 10c1 2 3 3.5 6 4M12 20l4-10 4 10M13.5 17h5"/>`,
	"img":               `<path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4"/><circle cx="15.5" cy="9" r="1.3"/>`,
	"file":              `<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>`,
	"audio":             `<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>`,
	"video":             `<path d="M4 6h11v12H4zM15 11l5-3v8l-5-3"/>`,
	"menu":              `<path d="M4 7h16M4 12h16M4 17h10"/>`,
	"gear":              `<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2"/>`,
	"key":               `<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3"/>`,
	"log":               `<path d="M6 4h12v16H6zM9 9h6M9 13h6M9 17h3"/>`,
	"eye":               `<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>`,
	"down":              `<path d="M6 9.5l6 6 6-6"/>`,
	"up":                `<path d="M6 14.5l6-6 6 6"/>`,
	"next":              `<path d="M9.5 6l6 6-6 6"/>`,
	"prev":              `<path d="M14.5 6l-6 6 6 6"/>`,
	"x":                 `<path d="M7 7l10 10M17 7L7 17"/>`,
	"clock":             `<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
	"plus":              `<path d="M12 5v14M5 12h14"/>`,
	"grip":              `<path d="M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01" stroke-width="2.6"/>`,
	"link":              `<path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17"/>`,
	"undo":              `<path d="M9 7L4 12l5 5M4 12h10a5 5 0 0 1 0 10"/>`,
	"trash":             `<path d="M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5"/>`,
	"help":              `<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.6v.1"/>`,
	"out":               `<path d="M13 4H5v16h8M10 12h10M16.5 8.5L20 12l-3.5 3.5"/>`,
	"mail":              `<path d="M4 6h16v12H4zM4 7l8 6 8-6"/>`,
	"sun":               `<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4"/>`,
	"moon":              `<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>`,
	"screen":            `<path d="M4 5h16v11H4zM9 20h6M12 16v4"/>`,
	"upload":            `<path d="M12 16V5M7.5 9.5L12 5l4.5 4.5M5 19h14"/>`,
	"download":          `<path d="M12 5v11M7.5 11.5L12 16l4.5-4.5M5 19h14"/>`,
	"folder":            `<path d="M4 6h6l2 2h8v11H4z"/>`,
	"filter":            `<path d="M4 6h16l-6 7v5l-4 2v-7z"/>`,
	"sort-up":           `<path d="M12 19V6M7 11l5-5 5 5"/>`,
	"sort-down":         `<path d="M12 5v13M7 13l5 5 5-5"/>`,
	"pause":             `<path d="M9 6v12M15 6v12"/>`,
	"user":              `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c0-4.2 3.2-6.5 7.5-6.5s7.5 2.3 7.5 6.5"/>`,
	"copy":              `<path d="M9 9h11v11H9zM5 15H4V4h11v1"/>`,
	"history":           `<path d="M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4.5l3 1.8"/>`,
	"pin":               `<path d="M9 3h6l-1 7 4 3v2H6v-2l4-3zM12 15v6"/>`,
	"flag":              `<path d="M6 21V4M6 5h11l-2 4 2 4H6"/>`,
	"play":              `<path d="M8 5l11 7-11 7z"/>`,
}

// icon draws an icon. It only decorates: what it stands beside says the same in words.
func icon(name string, classes ...string) (template.HTML, error) {
	d, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	class := "i"
	for _, c := range classes {
		class += " " + c
	}
	return template.HTML(`<svg class="` + template.HTMLEscapeString(class) + `" viewBox="0 0 24 24" aria-hidden="true">` + d + `</svg>`), nil
}
