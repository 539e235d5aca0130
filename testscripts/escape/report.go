package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// row is one attempt with every tool's outcome, in the order of the tools.
type row struct {
	area     string
	attempt  *attempt
	outcomes []outcome
}

// applicable says whether the attempt succeeds where nothing holds it.
func (r *row) applicable() bool { return r.outcomes[0].verdict == open }

// heading says what machine the table is of.
func heading(w io.Writer) {
	var u unix.Utsname
	_ = unix.Uname(&u)
	fmt.Fprintf(w, "Linux %s, %s, as uid %d\n", unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Machine[:]), os.Getuid())
}

const nameWidth = 34

func header(w io.Writer, tools []tool) {
	fmt.Fprintf(w, "\n%-*s", nameWidth, "attempt")
	for _, t := range tools {
		fmt.Fprintf(w, " %-10s", t.name)
	}
	fmt.Fprintln(w, " what it tries")
}

// line prints a row. A tool that could not be tried on it has a dash.
func line(w io.Writer, r row) {
	fmt.Fprintf(w, "%-*s", nameWidth, r.attempt.name)
	for _, o := range r.outcomes {
		fmt.Fprintf(w, " %-10s", o.verdict)
	}
	fmt.Fprint(w, " ", r.attempt.tries)
	if r.attempt.from != "" {
		fmt.Fprintf(w, " (%s)", r.attempt.from)
	}
	fmt.Fprintln(w)
}

// totals counts what is open per area and tool, over the attempts that apply.
func totals(w io.Writer, tools []tool, rows []row) {
	fmt.Fprintf(w, "\n%-*s %8s", nameWidth, "open, of those that apply", "apply")
	for _, t := range tools[1:] {
		fmt.Fprintf(w, " %10s", t.name)
	}
	fmt.Fprintln(w)
	for _, area := range areas {
		count(w, area.name, tools, rows, func(r row) bool { return r.area == area.name })
	}
	count(w, "all", tools, rows, func(row) bool { return true })
	unsaid(w, tools, rows)
}

// count prints a line of totals over some of the rows.
func count(w io.Writer, name string, tools []tool, rows []row, counts func(row) bool) {
	opens := make([]int, len(tools))
	for _, r := range rows {
		if !r.applicable() || !counts(r) {
			continue
		}
		for i, o := range r.outcomes {
			if o.verdict == open {
				opens[i]++
			}
		}
	}
	if opens[0] == 0 {
		return
	}
	fmt.Fprintf(w, "%-*s %8d", nameWidth, name, opens[0])
	for _, n := range opens[1:] {
		fmt.Fprintf(w, " %10d", n)
	}
	fmt.Fprintln(w)
}

// unsaid lists the runs that say nothing: attempts that don't succeed without
// a sandbox here, and those that a tool made nothing of.
func unsaid(w io.Writer, tools []tool, rows []row) {
	var lines []string
	for _, r := range rows {
		for i, o := range r.outcomes {
			if o.verdict == broken || o.verdict == notApplicable {
				lines = append(lines, fmt.Sprintf("  %-*s %-10s %s: %s", nameWidth, r.attempt.name, tools[i].name, o.verdict, o.why))
			}
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\nNot counted:\n%s\n", strings.Join(lines, "\n"))
	}
}
