// Package themes embeds the themes that come with the program.
package themes

import (
	"embed"
	"io/fs"
)

//go:embed default
var files embed.FS

// Default is the theme in the folder default: templates, static files, messages.
var Default, _ = fs.Sub(files, "default") // the path is constant, Sub cannot fail
