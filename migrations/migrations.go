// Package migrations holds the schema: numbered SQL files, one for both databases wherever possible.
//
// A file is named NNNN_subject.sql and runs once, in one transaction, in the order of its number. Words that differ
// between the databases are written as {{.JSON}}, {{.Time}} and {{.Bytes}}; where more than a word differs, the file
// says {{if .Postgres}} … {{end}}. Statements are separated by a line holding only "--;;". A file that has shipped is
// never edited: write a new one.
package migrations

import "embed"

//go:embed *.sql
var Files embed.FS
