package hcl

import (
	"regexp"
	"sync"
)

// lazily gives a regular expression that is compiled when it is first used: a
// supervisor, which starts beside a program that runs already, pays for what
// this package makes at its start, and reads no profile.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
