package hcl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds adds the test data to a fuzz target's corpus.
func seeds(f *testing.F, patterns ...string) {
	f.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds for", pattern, err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
}

// loadBytes loads text as a user's layer and resolves all of it. Nothing may
// panic; a plan and an error exclude each other.
func loadBytes(t *testing.T, src []byte, name string) {
	parsed := parse(src, name)
	o := testOptions("")
	p := &Profiles{options: o, modules: make(map[string]*module)}
	p.shared = newSharedScope(o, 1)
	p.shared.budget.left = 1 << 18 // enough for the library, and little time for each input
	p.modules[layerUser] = newModule(layerUser, []*file{parsed}, p.shared)
	p.Check()
	for _, found := range p.modules[layerUser].order {
		got, d := p.Resolve(found.name, "")
		if (got == nil) != d.HasErrors() {
			t.Fatalf("plan %v, diagnostics %v", got, d.List)
		}
		if got != nil && len(Diff(got, got)) > 0 {
			t.Fatal("a plan differs from itself", Diff(got, got))
		}
	}
}

func FuzzLoadHCL(f *testing.F) {
	seeds(f, "testdata/diagnostics/*.hcl", "testdata/equal/*.hcl", "library/*.hcl")
	f.Fuzz(func(t *testing.T, src []byte) { loadBytes(t, src, "fuzz.hcl") })
}

func FuzzLoadJSON(f *testing.F) {
	seeds(f, "testdata/diagnostics/*.hcl.json", "testdata/equal/*.hcl.json")
	f.Fuzz(func(t *testing.T, src []byte) { loadBytes(t, src, "fuzz.hcl.json") })
}

// Formatting keeps the meaning and is done after one pass.
func FuzzFormat(f *testing.F) {
	seeds(f, "testdata/diagnostics/*.hcl", "testdata/equal/*.hcl", "testdata/format/*.hcl", "library/*.hcl")
	f.Fuzz(func(t *testing.T, src []byte) {
		once, d := Format(src, "fuzz.hcl")
		if d.HasErrors() {
			if strings.Contains(d.List[0].Summary, "cannot format") {
				t.Fatal("formatting would change the meaning")
			}
			return
		}
		twice, d := Format(once, "fuzz.hcl")
		if d.HasErrors() || string(once) != string(twice) {
			t.Errorf("once:\n%s\ntwice:\n%s\n%v", once, twice, d.List)
		}
	})
}
