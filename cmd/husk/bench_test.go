package main

import (
	"fmt"
	"io"
	"os"
	"testing"
)

// A thousand profiles with three commands each: rendered anew, and again with
// nothing changed.
func BenchmarkApply(b *testing.B) {
	base := b.TempDir()
	if err := os.Chmod(base, 0o755); err != nil {
		b.Fatal(err)
	}
	profiles := base + "/profiles"
	if err := os.Mkdir(profiles, 0o755); err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		text := fmt.Sprintf(`profile "p%[1]d" {
  inherits = ["base"]
  commands = ["a%[1]d", "b%[1]d", "c%[1]d"]
  command "a%[1]d" { exec = "true" }
  command "b%[1]d" { exec = "env" }
  command "c%[1]d" { exec = "/bin/sh" }
  filesystem {
    read  = ["${home}/.config/tool%[1]d"]
    write = ["${project}", "${home}/.cache/tool%[1]d"]
  }
}
`, i)
		if err := os.WriteFile(fmt.Sprintf("%s/p%d.hcl", profiles, i), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	enforcer := base + "/husk-enforce"
	if err := os.WriteFile(enforcer, nil, 0o755); err != nil {
		b.Fatal(err)
	}
	apply := func(b *testing.B, bin string) {
		a := &app{stdout: io.Discard, stderr: io.Discard, host: thisHost(), systemProfiles: base + "/system"}
		a.host.environ = []string{"HOME=" + base + "/home", "PATH=/usr/bin:/bin"}
		if status := a.main([]string{"apply", "--profiles", profiles, "--bin", bin, "--enforcer", enforcer}); status != 0 {
			b.Fatalf("status %d", status)
		}
	}
	b.Run("new", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			apply(b, fmt.Sprintf("%s/new%d", base, n))
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		apply(b, base+"/same")
		apply(b, base+"/same")
		for b.Loop() {
			apply(b, base+"/same")
		}
	})
}
