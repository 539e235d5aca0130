// Escape tries to get out of sandboxes. Each attempt is a small program
// (programs/) that is first run with nothing around it: only what succeeds
// there says anything about a sandbox. Then bubblewrap, firejail and husk run it
// in the same stage with the same grants, and a table says for each whether the
// attempt worked: as seen from outside where that is possible, else by the
// program's own word.
//
//	go run ./testscripts/escape -bin bin             the table (make escape)
//	go run ./testscripts/escape -bin bin -only ptrace -v
//
// The tests of this package run every attempt with nothing and with husk.
//
// # Adding an attempt
//
// Write what it does as a function of programs/c/AREA.c (or of
// programs/sockets), which ends with 0 where it worked and says errno where it
// didn't, or find one that does it already: many take paths and numbers. Add a
// line to attempts_AREA.go: its name, what it tries and from where that is known,
// the program's words, what must stand outside (props.go), and how a success is
// seen (seen.go). Nothing may harm the machine in the run without a sandbox: take
// the least that proves the point, undo it in seen or by a prop, or make the call
// with arguments that fail after the permission check.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "escape:", err)
		os.Exit(1)
	}
}

func run() error {
	bin := flag.String("bin", "bin", "directory that holds husk and husk-enforce")
	source := flag.String("source", "testscripts/escape", "this package's directory")
	only := flag.String("only", "", "run only attempts whose name holds this text")
	verbose := flag.Bool("v", false, "say for each verdict what it rests on")
	flag.Parse()
	absolute, err := filepath.Abs(*bin)
	if err != nil {
		return err
	}
	k, err := openKit(*source, absolute)
	if err != nil {
		return err
	}
	defer k.remove()
	tools := []tool{nothing}
	for _, t := range []tool{bubblewrap, firejail, husk} {
		if why := t.missing(); why != "" {
			fmt.Printf("without %s: %s\n", t.name, why)
			continue
		}
		tools = append(tools, t)
	}
	rows := table(k, tools, *only, *verbose)
	totals(os.Stdout, tools, rows)
	return failures(tools, rows)
}

// table runs everything and prints as it goes.
func table(k *kit, tools []tool, only string, verbose bool) []row {
	heading(os.Stdout)
	header(os.Stdout, tools)
	var rows []row
	for _, area := range areas {
		fmt.Printf("\n%s\n", area.name)
		for i := range area.attempts {
			a := &area.attempts[i]
			if !strings.Contains(a.name, only) || !a.forWhom(os.Getuid() == 0) {
				continue
			}
			r := row{area: area.name, attempt: a}
			for _, t := range tools {
				r.outcomes = append(r.outcomes, k.try(t, a))
				if !r.applicable() {
					break
				}
			}
			line(os.Stdout, r)
			if verbose {
				explain(tools, r)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func explain(tools []tool, r row) {
	for i, o := range r.outcomes {
		fmt.Printf("    %-11s %s: %s\n", tools[i].name, o.verdict, o.why)
	}
}

// failures gives an error where husk let something through, or where a run of
// it or without a sandbox says nothing.
func failures(tools []tool, rows []row) error {
	var bad []string
	for _, r := range rows {
		for i, o := range r.outcomes {
			ours := tools[i].name == husk.name && o.verdict != blocked
			if ours || tools[i].name == nothing.name && o.verdict == broken {
				bad = append(bad, fmt.Sprintf("%s, %s: %s: %s", r.attempt.name, tools[i].name, o.verdict, o.why))
			}
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("%d failures:\n%s", len(bad), strings.Join(bad, "\n"))
	}
	return nil
}
