package seccomp

import (
	"slices"
	"sync"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// The baseline with its conditions read, once per architecture and process, and
// again with [CoreRefusals]: a renderer compiles thousands of policies.
var (
	baselineAMD64 = sync.OnceValue(func() map[string][]clause { return readBaseline("amd64", baseline) })
	baselineARM64 = sync.OnceValue(func() map[string][]clause { return readBaseline("arm64", baseline) })
	noCoreAMD64   = sync.OnceValue(func() map[string][]clause { return readBaseline("amd64", withoutCores()) })
	noCoreARM64   = sync.OnceValue(func() map[string][]clause { return readBaseline("arm64", withoutCores()) })
)

func withoutCores() []Refusal { return slices.Concat(baseline, coreRefusals) }

// baselineFor gives husk's refusals by call. The map is shared: nobody changes
// it.
func baselineFor(goarch string, noCore bool) map[string][]clause {
	switch {
	case goarch == "arm64" && noCore:
		return noCoreARM64()
	case goarch == "arm64":
		return baselineARM64()
	case noCore:
		return noCoreAMD64()
	}
	return baselineAMD64()
}

func readBaseline(goarch string, lines []Refusal) map[string][]clause {
	out := map[string][]clause{}
	for _, line := range lines {
		c := clause{when: line.When, action: mustAction(line.Action), by: ByBaseline, origin: plan.NoOrigin, detail: line.Why, lift: line.Lift}
		if line.When != "" {
			c.expr = mustParse(line.When, goarch, line.Call)
		}
		out[line.Call] = append(out[line.Call], c)
	}
	return out
}
