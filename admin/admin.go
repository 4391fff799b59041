// Package admin embeds the panel's face: templates, scripts and styles, words. What they show is made by internal/admin.
package admin

import "embed"

// Files holds templates/, static/ and locales/.
//
//go:embed templates static locales
var Files embed.FS

// Packages is npm's list of what the panel's scripts are built from, package-lock.json.
//
//go:embed package-lock.json
var Packages []byte
