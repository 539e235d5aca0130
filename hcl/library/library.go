// Package library holds the profiles that come with husk.
package library

import "embed"

// Files are the library's profiles, *.hcl.
//
//go:embed *.hcl
var Files embed.FS
