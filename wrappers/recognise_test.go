package wrappers

import (
	"os"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestIsWrapper(t *testing.T) {
	dir := tempDir(t)
	for i, c := range []struct {
		head string
		want bool
	}{
		{"#!/usr/bin/husk-enforce\n{}", true},
		{"#! /usr/bin/husk-enforce\n", true},
		{"#!/a/husk-enforce --flag\n", true},
		{"#!/bin/sh\n# husk wrapper for npm (renderer sh, husk 1)\nexec x", true},
		{"# husk wrapper for npm (renderer function, husk 1)\n", true},
		{"#!/" + strings.Repeat("d", 230) + "/husk-enforce\n", true},
		{"#!/bin/sh\n# not a husk wrapper for npm\n", false},
		{"#!/bin/sh\nexec /usr/bin/husk-enforce x\n", false},
		{"#!/usr/bin/env node\n", false},
		{"#!", false},
		{"\x7fELF\x02\x01\x01", false},
		{"", false},
	} {
		path := write(t, dir+"/"+string(rune('a'+i)), c.head, 0o755)
		for _, p := range []string{path, link(t, path, path+".link")} {
			if got, err := IsWrapper(p); err != nil || got != c.want {
				t.Errorf("%.40q: %v, %v; want %v", c.head, got, err, c.want)
			}
		}
	}
	if _, err := IsWrapper(dir + "/absent"); !os.IsNotExist(err) {
		t.Errorf("an absent file: %v", err)
	}
}

// What an external renderer makes may look like anything: the manifest tells.
func TestIsWrapperByManifest(t *testing.T) {
	dir := tempDir(t)
	renderers := tempDir(t)
	write(t, renderers+"/"+externalPrefix+"odd", `#!/bin/sh
printf '{"version":1,"files":[{"name":"npm","executable":true,"text":"#!/usr/bin/python3\\n"}]}'
`, 0o755)
	r, err := Select("odd", []string{renderers})
	if err != nil {
		t.Fatal(err)
	}
	o := options(dir)
	o.Renderer = r
	mustApply(t, o, []*plan.Plan{newPlan("npm")}...)
	other := link(t, dir+"/npm", tempDir(t)+"/npm")
	for _, path := range []string{dir + "/npm", other} {
		if got, err := IsWrapper(path); err != nil || !got {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	write(t, dir+"/mine", "#!/usr/bin/python3\n", 0o755)
	if got, err := IsWrapper(dir + "/mine"); err != nil || got {
		t.Errorf("an unlisted file beside: %v, %v", got, err)
	}
}
