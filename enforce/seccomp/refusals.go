package seccomp

import (
	"sync"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// The baseline with its conditions read, once per architecture and process: a
// renderer compiles thousands of policies.
var (
	baselineAMD64 = sync.OnceValue(func() map[string][]clause { return readBaseline("amd64") })
	baselineARM64 = sync.OnceValue(func() map[string][]clause { return readBaseline("arm64") })
)

// baselineFor gives husk's refusals by call. The map is shared: nobody changes
// it.
func baselineFor(goarch string) map[string][]clause {
	if goarch == "arm64" {
		return baselineARM64()
	}
	return baselineAMD64()
}

func readBaseline(goarch string) map[string][]clause {
	out := map[string][]clause{}
	for _, line := range baseline {
		c := clause{when: line.When, action: mustAction(line.Action), by: ByBaseline, origin: plan.NoOrigin, detail: line.Why, lift: line.Lift}
		if line.When != "" {
			c.expr = mustParse(line.When, goarch, line.Call)
		}
		out[line.Call] = append(out[line.Call], c)
	}
	return out
}
