package hcl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// mustResolve gives a plan, or fails with the diagnostics.
func mustResolve(t testing.TB, p *Profiles, name, command string) *plan.Plan {
	t.Helper()
	got, d := p.Resolve(name, command)
	if got == nil {
		t.Fatalf("no plan for %s: %v", name, d.List)
	}
	return got
}

// loadText loads one file of a user's layer.
func loadText(t *testing.T, text string) *Profiles {
	t.Helper()
	p, d := Load(testOptions(writeFiles(t, map[string]string{"test.hcl": text})))
	if d.HasErrors() {
		t.Fatalf("errors: %v", d.List)
	}
	return p
}

// asJSON gives a plan without what depends on the place in a file.
func asJSON(t *testing.T, p *plan.Plan) string {
	t.Helper()
	q := *p
	q.Source, q.Origins = "", nil
	text, err := json.MarshalIndent(q, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	dropOrigins(value)
	if text, err = json.MarshalIndent(value, "", "  "); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func dropOrigins(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "origin")
		for _, inner := range v {
			dropOrigins(inner)
		}
	case []any:
		for _, inner := range v {
			dropOrigins(inner)
		}
	}
}

// Both syntaxes mean the same; every block and attribute is in the files.
func TestBothSyntaxesGiveTheSamePlan(t *testing.T) {
	var plans []string
	for _, name := range []string{"every.hcl", "every.hcl.json"} {
		src, err := os.ReadFile(filepath.Join("testdata/equal", name))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := Load(testOptions(writeFiles(t, map[string]string{name: string(src)})))
		if d := p.Check(); len(d.List) > 0 {
			t.Fatalf("%s: %v", name, d.List)
		}
		plans = append(plans, asJSON(t, mustResolve(t, p, "npm", "npm")))
	}
	if plans[0] != plans[1] {
		t.Errorf("native:\n%s\nJSON:\n%s", plans[0], plans[1])
	}
	golden(t, "testdata/equal/every.txt", []byte(plans[0]+"\n"))
}

// Loading twice gives the same plan, byte for byte, though anchors are
// represented by other tokens each time.
func TestTheSameEveryTime(t *testing.T) {
	var plans []string
	for range 3 {
		p, _ := Load(testOptions("testdata/equal"))
		_ = p
		q, _ := LoadFiles(testOptions(""), []string{"testdata/equal/every.hcl"})
		text, err := json.Marshal(mustResolve(t, q, "npm", "npx"))
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, string(text))
	}
	if plans[0] != plans[1] || plans[1] != plans[2] {
		t.Error("plans differ between loads")
	}
}
