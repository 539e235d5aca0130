package kernel

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

var update = flag.Bool("update", false, "write the table of docs/tiers.md anew")

func TestAvailable(t *testing.T) {
	for name, c := range map[string]struct {
		missing []Feature
		want    []bool
	}{
		"everything":          {nil, []bool{true, true, true}},
		"an optional thing":   {[]Feature{{Optional: true}}, []bool{true, true, true}},
		"no Landlock":         {[]Feature{{Degrade: plan.DegradeLandlock}, {Degrade: plan.DegradeLandlockScope}}, []bool{false, true, false}},
		"an older Landlock":   {[]Feature{{Degrade: plan.DegradeLandlockScope}}, []bool{false, true, false}},
		"no namespaces":       {[]Feature{{Degrade: plan.DegradeNamespaces}, {Degrade: plan.DegradeNetworkNamespace}}, []bool{false, false, true}},
		"neither":             {[]Feature{{Degrade: plan.DegradeNamespaces}, {Degrade: plan.DegradeLandlock}}, []bool{false, false, false}},
		"an old kernel":       {[]Feature{{}}, []bool{false, false, false}},
		"no seccomp anywhere": {[]Feature{{Degrade: plan.DegradeSeccomp}}, []bool{false, false, false}},
	} {
		if got := Available(append(c.missing, Feature{Available: true})); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The table of the documentation is this one.
func TestTiersAreDocumented(t *testing.T) {
	const file = "../../docs/tiers.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| |")
	for _, tier := range Tiers {
		table.WriteString(" " + tier.Name + " |")
	}
	table.WriteString("\n|---|---|---|---|\n")
	for _, g := range Guarantees {
		table.WriteString("| " + g.What + " | " + strings.Join(g.Holds[:], " | ") + " |\n")
	}
	const begin, end = "<!-- table: begin -->\n", "<!-- table: end -->"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s has no table", file)
	}
	want := before + begin + "\n" + table.String() + "\n" + end + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s differs (go test -update writes it anew)", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
