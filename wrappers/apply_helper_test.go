package wrappers

import (
	"fmt"
	"os"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// generation gives plans that differ from one generation to the next.
func generation(n, count int) []*plan.Plan {
	plans := make([]*plan.Plan, count)
	for i := range plans {
		plans[i] = newPlan(fmt.Sprintf("tool%d", i))
		plans[i].Program.Args = []string{fmt.Sprintf("generation %d", n)}
	}
	return plans
}

// applyForever writes two generations in turn until it is killed.
func applyForever(dir string) {
	o := Options{Directory: dir, Renderer: execRenderer{}, Enforcer: "/usr/bin/husk-enforce", Version: "1"}
	for n := 0; ; n++ {
		if report, err := Apply(o, generation(n%2, 20)); err != nil || len(report.Left) > 0 {
			fmt.Println("failed:", report.Left, err)
			os.Exit(1)
		}
		fmt.Println("applied", n)
	}
}
