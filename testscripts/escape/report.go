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

// totals counts per tool, over the attempts that apply.
func totals(w io.Writer, tools []tool, rows []row) {
	fmt.Fprintf(w, "\n%-12s %6s %8s %7s\n", "", "open", "blocked", "broken")
	for i, t := range tools {
		var n [4]int
		for _, r := range rows {
			if r.applicable() && i < len(r.outcomes) {
				n[r.outcomes[i].verdict]++
			}
		}
		fmt.Fprintf(w, "%-12s %6d %8d %7d\n", t.name, n[open], n[blocked], n[broken])
	}
	var not []string
	for _, r := range rows {
		if !r.applicable() {
			not = append(not, fmt.Sprintf("  %-*s %s: %s", nameWidth, r.attempt.name, r.outcomes[0].verdict, r.outcomes[0].why))
		}
	}
	if len(not) > 0 {
		fmt.Fprintf(w, "\nNot counted, since they don't succeed without a sandbox here:\n%s\n", strings.Join(not, "\n"))
	}
}
