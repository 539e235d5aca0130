package main

import (
	"strings"

	"github.com/husk-sandbox/husk/enforce/kernel"
)

// tier is one of the tiers of docs/tiers.md.
type tier struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	// Degrade is what a profile must name to be run in it.
	Degrade []string `json:"degrade,omitempty"`
	// Holds says how each guarantee is kept: "yes", or "yes, …", or "no", or "no, …".
	Holds map[string]string `json:"holds"`
}

// tiersOf gives every tier for what the kernel offers.
func tiersOf(features []kernel.Feature) []tier {
	var all []tier
	for i, available := range kernel.Available(features) {
		t := tier{Name: kernel.Tiers[i].Name, Available: available, Degrade: kernel.Tiers[i].Degrade, Holds: map[string]string{}}
		for _, g := range kernel.Guarantees {
			t.Holds[g.What] = g.Holds[i]
		}
		all = append(all, t)
	}
	return all
}

// tiers prints which tiers there are here, and what each one keeps.
func (p *printer) tiers(tiers []tier) error {
	rows := [][]string{{""}, {"TIER", "HERE", "FOR A PROFILE"}}
	header := []string{"WHAT IS KEPT"}
	for _, t := range tiers {
		asks := "any"
		if len(t.Degrade) > 0 {
			asks = `with degrade = ["` + strings.Join(t.Degrade, `", "`) + `"]`
		}
		rows = append(rows, []string{t.Name, yesNo(t.Available), asks})
		header = append(header, t.Name)
	}
	if err := p.table(rows); err != nil {
		return err
	}
	rows = [][]string{{""}, header}
	for _, g := range kernel.Guarantees {
		row := []string{g.What}
		for _, holds := range g.Holds {
			word := strings.FieldsFunc(holds, func(r rune) bool { return r == ',' || r == ';' })[0]
			if strings.Contains(holds, ";") || strings.Contains(holds, "unless") || strings.Contains(holds, "from ABI") {
				word += ", but"
			}
			row = append(row, word)
		}
		rows = append(rows, row)
	}
	return p.table(append(rows, []string{"(docs/tiers.md says more of each)"}))
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
