package hcl

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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

// policy gives a plan as it is written into a wrapper, without where it comes
// from: that stands behind the policy.
func policy(t *testing.T, p *plan.Plan) string {
	t.Helper()
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// Both syntaxes give the same policy, byte by byte, with the same numbers of
// origins; every block and attribute is in the files.
func TestBothSyntaxesGiveTheSamePlan(t *testing.T) {
	var plans []string
	var resolved []*plan.Plan
	for _, name := range []string{"every.hcl", "every.hcl.json"} {
		src, err := os.ReadFile(filepath.Join("testdata/equal", name))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := Load(testOptions(writeFiles(t, map[string]string{name: string(src)})))
		if d := p.Check(); len(d.List) > 0 {
			t.Fatalf("%s: %v", name, d.List)
		}
		resolved = append(resolved, mustResolve(t, p, "npm", "npm"))
		plans = append(plans, policy(t, resolved[len(resolved)-1]))
	}
	if plans[0] != plans[1] {
		t.Errorf("native:\n%s\nJSON:\n%s", plans[0], plans[1])
	}
	golden(t, "testdata/equal/every.txt", []byte(plans[0]))
	a, b := resolved[0], resolved[1]
	if !slices.Equal(a.Written, b.Written) {
		t.Errorf("what is written: %v, %v", a.Written, b.Written)
	}
	for i := range a.Origins {
		if x, y := a.Origins[i], b.Origins[i]; x.Profile != y.Profile || !slices.Equal(x.Through, y.Through) {
			t.Errorf("origin %d: %+v, %+v", i, x, y)
		}
	}
}

// Loading twice gives the same plan, byte for byte, though anchors are
// represented by other tokens each time.
func TestTheSameEveryTime(t *testing.T) {
	var plans []string
	for range 3 {
		q, _ := LoadFiles(testOptions(""), []string{"testdata/equal/every.hcl"})
		got := mustResolve(t, q, "npm", "npm")
		plans = append(plans, policy(t, got)+fmt.Sprint(got.Origins, got.Written))
	}
	if plans[0] != plans[1] || plans[1] != plans[2] {
		t.Error("plans differ between loads")
	}
}

// The two files have every block and attribute of the language.
func TestTheFilesHaveEverything(t *testing.T) {
	for file, form := range map[string]struct{ attribute, block string }{
		"every.hcl":      {`(?m)\b%s\s+=|\b%s = `, `(?m)^\s*(?:dynamic )?"?%s"? .*\{$|\b%s \{`},
		"every.hcl.json": {`"%s":|"%s" :`, `"%s":|"%s" :`},
	} {
		src, err := os.ReadFile("testdata/equal/" + file)
		if err != nil {
			t.Fatal(err)
		}
		has := func(pattern, name string) bool {
			return regexp.MustCompile(strings.ReplaceAll(pattern, "%s", regexp.QuoteMeta(name))).Match(src)
		}
		var look func(b *block)
		look = func(b *block) {
			if !has(form.block, b.name) {
				t.Errorf("%s has no block %s", file, b.name)
			}
			for _, a := range b.attributes {
				if b.name != "remove" && !has(form.attribute, a.name) {
					t.Errorf("%s has no %s in %s", file, a.name, b.name)
				}
			}
			for _, inner := range b.blocks {
				look(inner)
			}
		}
		look(profileLanguage)
	}
}
