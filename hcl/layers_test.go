package hcl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func readOf(p *plan.Plan) []string {
	var all []string
	for _, r := range p.Filesystem.Read {
		all = append(all, r.Path.String())
	}
	return all
}

func TestLayersHideEachOther(t *testing.T) {
	o := testOptions(writeFiles(t, map[string]string{"u.hcl": `
profile "npm" {
  inherits = ["library/npm"]
  filesystem { read = ["/user"] }
}
profile "base" {
  filesystem { read = ["/users-base"] }
}
profile "mine" { inherits = ["base", "tool"] }
`}))
	o.SystemDir = writeFiles(t, map[string]string{"s.hcl": `
profile "npm" {
  filesystem { read = ["/system"] }
}
profile "tool" {
  inherits = ["npm"]
  filesystem { read = ["/tool"] }
}
`})
	p, d := Load(o)
	if d.HasErrors() {
		t.Fatal(d.List)
	}
	for _, test := range []struct {
		name string
		want []string
	}{
		{"npm", []string{"${project}", "${home}/.npmrc", "/etc/manpath.config", "/etc/groff", "/user"}},
		{"system/npm", []string{"/system"}},
		{"library/npm", []string{"${project}", "${home}/.npmrc", "/etc/manpath.config", "/etc/groff"}},
		// tool is the system's and means its neighbour, not the user's npm.
		{"mine", []string{"/users-base", "/system", "/tool"}},
		// node is the library's and means the library's base.
		{"node", []string{"${project}"}},
	} {
		if got := readOf(mustResolve(t, p, test.name, "")); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	var shadowed []string
	for _, i := range p.List() {
		if i.Shadowed {
			shadowed = append(shadowed, i.QualifiedName)
		}
	}
	if want := []string{"system/npm", "library/base", "library/npm"}; !slices.Equal(shadowed, want) {
		t.Error("shadowed", shadowed)
	}
}

func TestUnknownProfile(t *testing.T) {
	p, _ := Load(Options{})
	got, d := p.Resolve("nmp", "")
	if got != nil || !strings.Contains(text(t, d), `did you mean "npm"?`) {
		t.Error(text(t, d))
	}
}

// Dotfile managers put links into the directory; other files are left alone.
func TestFilesOfADirectory(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"a.hcl":         `profile "a" { description = local.shared }`,
		"b.hcl.json":    `{"locals": {"shared": "text"}}`,
		".hidden.hcl":   `profile "hidden" {}`,
		"c.hcl.bak":     `profile "backup" {}`,
		"README.md":     "text",
		"elsewhere.txt": `profile "linked" {}`,
	})
	if err := os.Symlink("elsewhere.txt", filepath.Join(dir, "linked.hcl")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "directory.hcl"), 0o755); err != nil {
		t.Fatal(err)
	}
	p, d := Load(testOptions(dir))
	if len(d.List) > 0 {
		t.Fatal(d.List)
	}
	var names []string
	for _, i := range p.List() {
		if i.Layer == layerUser {
			names = append(names, i.Name)
		}
	}
	if !slices.Equal(names, []string{"a", "linked"}) {
		t.Error(names)
	}
	if i := p.List()[0]; i.Description != "text" {
		t.Errorf("files of one directory share locals: %+v", i)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	dir := writeFiles(t, map[string]string{"fine.hcl": `profile "a" {}`, "large.hcl": strings.Repeat("#\n", maxFileSize)})
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling.hcl")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(dir, "device.hcl")); err != nil {
		t.Fatal(err)
	}
	p, d := Load(testOptions(dir))
	for _, want := range []string{"dangling.hcl", "device.hcl", "file too large", "not a regular file"} {
		if !strings.Contains(text(t, d), want) {
			t.Errorf("nothing about %q:\n%s", want, text(t, d))
		}
	}
	mustResolve(t, p, "a", "")
	if _, d := Load(testOptions(filepath.Join(dir, "absent"))); len(d.List) > 0 {
		t.Error("an absent directory is no error", d.List)
	}
	if _, d := Load(testOptions(filepath.Join(dir, "fine.hcl"))); !d.HasErrors() {
		t.Error("a file is no directory")
	}
}

func TestLoadFiles(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"a.hcl":      "profile \"a\" {\n  description = local.shared\n  home { mode = \"x\" }\n}",
		"b.hcl":      "locals {\n  shared = \"text\"\n}\nprofile \"b\" {\n  home { mode = \"y\" }\n}",
		"single.txt": "",
	})
	p, _ := LoadFiles(testOptions(dir), []string{filepath.Join(dir, "a.hcl")})
	got := text(t, p.Check())
	if !strings.Contains(got, `"x"`) || strings.Contains(got, `"y"`) || strings.Contains(got, "shared") {
		t.Error("of the directory only the named file is reported about:", got)
	}
	p, _ = LoadFiles(testOptions(""), []string{filepath.Join(dir, "a.hcl")})
	if got := text(t, p.Check()); !strings.Contains(got, `unknown local "shared"`) {
		t.Error("outside the profile directory a file stands alone:", got)
	}
}
