package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
)

// diffVersion is the version of the JSON that `husk diff --json` prints.
const diffVersion = 1

// difference is what husk diff prints.
type difference struct {
	Version int      `json:"version"`
	A       string   `json:"a"`
	B       string   `json:"b"`
	Changes []change `json:"changes"`
}

// change is one thing that B allows and A doesn't ("allows"), the reverse
// ("denies"), or that is just another ("differs").
type change struct {
	Effect string  `json:"effect"`
	Area   string  `json:"area"`
	What   string  `json:"what"`
	Origin *origin `json:"origin,omitempty"`
}

func (a *app) diffCommand() *cobra.Command {
	var s source
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A B [--json]",
		Short: "show what B allows that A does not, and the reverse",
		Long: `Compares two profiles, wrapped commands or rendered wrappers (by their paths) by what they
allow. "+" is what only B allows, "-" what only A allows, "~" what is merely another. The exit
status is 1 where they differ.`,
		Args:              arguments(cobra.ExactArgs(2)),
		RunE:              func(_ *cobra.Command, args []string) error { return a.diff(s, args[0], args[1], asJSON) },
		ValidArgsFunction: a.names(2, true),
	}
	s.flags(cmd)
	s.installFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) diff(s source, nameA, nameB string, asJSON bool) error {
	p, err := a.explaining(s)
	if err != nil {
		return err
	}
	planA, err := p.planFor(nameA)
	if err != nil {
		return err
	}
	planB, err := p.planFor(nameB)
	if err != nil {
		return err
	}
	p.printWarnings()
	out := difference{Version: diffVersion, A: nameA, B: nameB, Changes: changesBetween(planA, planB)}
	if asJSON {
		err = a.printJSON(out)
	} else {
		err = a.printerOn(a.stdout).changes(out.Changes)
	}
	if err == nil && len(out.Changes) > 0 {
		err = status(statusProblem)
	}
	return err
}

func changesBetween(a, b *plan.Plan) []change {
	out := []change{}
	for _, c := range hcl.Diff(a, b) {
		one := change{Effect: string(c.Effect), Area: c.Area, What: c.What}
		if o := c.Origin; o != nil {
			one.Origin = &origin{Profile: o.Profile, File: o.File, Line: o.Line, Through: o.Through}
		}
		out = append(out, one)
	}
	return out
}

// changes prints differences for a person, each with its line.
func (p *printer) changes(all []change) error {
	var out strings.Builder
	for _, c := range all {
		sign := "~"
		switch c.Effect {
		case string(hcl.Allows):
			sign = p.paint(green, "+")
		case string(hcl.Denies):
			sign = p.paint(red, "-")
		}
		fmt.Fprintf(&out, "%s %s: %s", sign, c.Area, oneLine(c.What))
		if c.Origin != nil {
			fmt.Fprintf(&out, "  %s", p.paint(faint, oneLine(c.Origin.String())))
		}
		out.WriteByte('\n')
	}
	_, err := p.out.Write([]byte(out.String()))
	return err
}
