package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// explanation prints a policy for a person: a head, then one group per part.
// What opens something is yellow or, where it opens everything, red; what closes
// something is green.
func (p *printer) explanation(e explanation) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s  profile %s, from %s\n", p.paint(bold, oneLine(e.title())), oneLine(quoted(e.Profile)), oneLine(e.Source))
	rows := rowsOf(e.Rules)
	part, width := "", widest(rows)
	for _, r := range rows {
		if r.Part != part {
			part = r.Part
			fmt.Fprintf(&out, "\n%s\n", p.paint(bold, part))
		}
		p.row(&out, r, width)
	}
	_, err := p.out.Write([]byte(out.String()))
	return err
}

// row writes the name, the value and, in a column of its own, the origin.
func (p *printer) row(out *strings.Builder, r rule, width int) {
	value := oneLine(r.Value)
	colour := r.colour()
	fmt.Fprintf(out, "  %s %s", p.paint(colour, fmt.Sprintf("%-12s", r.Rule)), p.paint(colour, value))
	if r.Origin != nil {
		pad := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(value)))
		fmt.Fprintf(out, "%s  %s", pad, p.paint(faint, oneLine(r.Origin.String())))
	}
	out.WriteByte('\n')
}

// colour says at a glance what a rule does.
func (r rule) colour() string {
	switch r.Part + " " + r.Rule + " " + r.Value {
	case "home mode host", "network mode host", "environment pass *":
		return red
	case "filesystem view host", "home mode persistent", "network mode filtered", "tmp mode host":
		return yellow
	}
	switch r.Rule {
	case "write", "bind", "connect", "listen", "socket", "secret", "share", "descriptor", "degrade":
		return yellow
	case "hide", "protect", "unset", "verify", "sha256":
		return green
	case "reserved", "readable":
		return faint
	}
	return ""
}

// shortWords are the rules whose values are names that stand well beside each
// other.
var shortWords = []string{"environment pass", "environment unset", "filesystem marker", "namespaces degrade"}

// rowWidth is up to where words are put into one row.
const rowWidth = 48

// rowsOf puts the words that one line of one profile lists into one row.
func rowsOf(rules []rule) []rule {
	var rows []rule
	for _, r := range rules {
		short := r.Part == "syscalls" && !strings.Contains(r.Value, " ") || slices.Contains(shortWords, r.Part+" "+r.Rule)
		if last := len(rows) - 1; short && last >= 0 && rows[last].joins(r) {
			rows[last].Value += " " + r.Value
			continue
		}
		rows = append(rows, r)
	}
	return rows
}

// joins reports whether other may stand in the same row.
func (r rule) joins(other rule) bool {
	here, there := r.Origin, other.Origin
	if here == nil || there == nil || here.Line != there.Line || here.String() != there.String() {
		return false
	}
	return r.Part == other.Part && r.Rule == other.Rule && len(r.Value)+len(other.Value) < rowWidth
}

// widest is the width of the column of values; a very long value doesn't push all
// origins off the screen.
func widest(rows []rule) int {
	widest := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(oneLine(r.Value)); n > widest && n <= rowWidth+2 {
			widest = n
		}
	}
	return widest
}
