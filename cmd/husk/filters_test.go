package main

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/seccomptest"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
	"github.com/husk-sandbox/husk/hcl"
)

// shippedPolicies are the system call policies of everything that the library
// has, by what has them first, and of husk's own processes.
func shippedPolicies(t *testing.T) map[string]plan.Syscalls {
	t.Helper()
	p, diags := hcl.Load(hcl.Options{User: "ann", Syscalls: syscallChecker{}})
	if len(diags.List) > 0 {
		t.Fatal(diags.List)
	}
	all, seen := map[string]plan.Syscalls{"the bus proxy": busCalls}, map[string]bool{}
	for _, profile := range p.List() {
		for _, command := range append([]string{""}, profile.Commands...) {
			resolved, diags := p.Resolve(profile.Name, command)
			if resolved == nil {
				t.Fatal(diags.List)
			}
			if key := policyKey(resolved.Syscalls); !seen[key] {
				seen[key] = true
				all[strings.TrimSpace(profile.Name+" "+command)] = resolved.Syscalls
			}
		}
	}
	return all
}

// Every filter that the library ships is what a naive reading of its policy says,
// for every call number and both architectures.
func TestShippedFiltersEqualTheReference(t *testing.T) {
	t.Parallel()
	policies := shippedPolicies(t)
	if len(policies) < 2 {
		t.Fatalf("%d policies", len(policies))
	}
	for name, p := range policies {
		for _, goarch := range table.Architectures() {
			length, err := seccomptest.Compare(p, goarch, 7)
			if err != nil {
				t.Errorf("%s for %s: %v", name, goarch, err)
			}
			if length < 50 {
				t.Errorf("%s for %s: only %d instructions", name, goarch, length)
			}
		}
	}
}
