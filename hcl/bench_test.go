package hcl

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// manyProfiles writes 1,000 profiles with three commands each, one per file.
func manyProfiles(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for i := range 1000 {
		src := fmt.Sprintf(`# profile %[1]d
profile "tool-%[1]d" {
  description = "tool %[1]d: this project and its cache"
  inherits    = ["node"]
  commands    = ["tool-%[1]d", "tool-%[1]d-run", "tool-%[1]d-watch"]

  filesystem {
    read    = ["${project}", "${home}/.toolrc-%[1]d"]
    write   = ["${project}", "${xdg.cache}/tool-%[1]d"]
    hide    = ["${project}/.env"]
    protect = ["${project}/.git/hooks"]
  }

  environment {
    pass = ["TOOL_%[1]d_*"]
    set  = { TOOL_QUIET = "1" }
  }

  network {
    mode = "filtered"
    connect "registry-%[1]d.example" { ports = [443] }
  }
}
`, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("tool-%04d.hcl", i)), []byte(src), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func BenchmarkLoad1000(b *testing.B) {
	dir := manyProfiles(b)
	for b.Loop() {
		if _, d := Load(testOptions(dir)); d.HasErrors() {
			b.Fatal(d.List)
		}
	}
}

func BenchmarkLoadResolveCheck1000(b *testing.B) {
	dir := manyProfiles(b)
	for b.Loop() {
		p, _ := Load(testOptions(dir))
		if d := p.Check(); d.HasErrors() {
			b.Fatal(d.List)
		}
		for _, i := range p.List() {
			if i.Layer != layerUser {
				continue
			}
			for _, c := range i.Commands {
				if q, d := p.Resolve(i.Name, c); q == nil {
					b.Fatal(d.List)
				}
			}
		}
	}
}
