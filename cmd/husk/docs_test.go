package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// docs/commands.md has a section for every command, and every flag in it.
func TestDocsAreComplete(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	common := map[string]bool{"profiles": true, "set": true, "bin": true, "enforcer": true, "help": true}
	for name := range common {
		if name != "help" && !strings.Contains(string(text), "`--"+name+" ") {
			t.Errorf("the page does not describe --%s", name)
		}
	}
	documented := 0
	for _, cmd := range newWorld(t).root().Commands() {
		if cmd.Hidden || cmd.Name() == "help" {
			continue
		}
		_, section, found := strings.Cut(string(text), "\n## husk "+cmd.Name())
		if !found {
			t.Errorf("the page has no section for %s", cmd.Name())
			continue
		}
		documented++
		section, _, _ = strings.Cut(section, "\n## ")
		if cmd.Name() == "shell" && strings.Contains(section, "flags of `husk run`") {
			continue
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !common[f.Name] && !strings.Contains(section, "--"+f.Name) {
				t.Errorf("the section of %s lacks --%s", cmd.Name(), f.Name)
			}
		})
	}
	if sections := strings.Count(string(text), "\n## husk "); sections != documented {
		t.Errorf("the page has %d sections for %d commands", sections, documented)
	}
}
