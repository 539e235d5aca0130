package wrappers

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marker begins the second line of a wrapper. [IsWrapper] looks for it.
const marker = "# husk wrapper for "

// header is the comment that tells a person what the file is. Every line begins
// with "#": the plan's decoder skips such lines, a shell does as well. Values are
// escaped, so that none of them can end its line.
func header(j Job, renderer string) string {
	p := j.Plan
	var b strings.Builder
	b.WriteString(marker + comment(p.Command) + " (renderer " + renderer + ", husk " + comment(j.Version) + ")\n")
	b.WriteString("# profile:  " + comment(p.Profile) + ", from " + comment(p.Source) + "\n")
	b.WriteString("# starts:   " + comment(p.Program.Path) + "\n")
	b.WriteString("# Made by \"husk apply\", which leaves the file alone once it was edited by hand: change\n")
	b.WriteString("# the profile instead. \"husk explain " + comment(p.Command) + "\" shows these rules with the lines they come from.\n")
	return b.String()
}

// comment gives s as it may stand in a one-line comment.
func comment(s string) string {
	if printable(s) {
		return s
	}
	return strconv.Quote(s)
}

// printable says whether s is valid UTF-8 that holds no control characters.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}
