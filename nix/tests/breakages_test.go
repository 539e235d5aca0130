package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// breakage is a mistake that the flake's checks must find.
type breakage struct {
	name     string
	file     string
	old, new string // old stands in the file once; "" is all of it
	want     string // what the failed check says
}

var breakages = []breakage{
	{
		name: "a dropped output", file: "nix/wrap.nix",
		old: `(package.meta.outputsToInstall or [ "out" ])`, new: `[ "out" ]`,
		want: "husk-check-wrapped",
	}, {
		name: "a stale vendorHash", file: "nix/package.nix",
		old: `vendorHash = "sha256-`, new: `vendorHash = "sha256-AAAA`,
		want: "hash",
	}, {
		name: "no priority", file: "nix/wrap.nix",
		old: `(lib.hiPrio package).meta`, new: `(package.meta or { })`,
		want: "it wins over the plain package",
	}, {
		name: "a desktop file that starts the plain program", file: "nix/install.sh",
		old: "for dir in share/applications etc/xdg/autostart", new: "for dir in etc/xdg/autostart",
		want: "husk-check-wrapped",
	}, {
		name: "an enforcer that enforces nothing", file: "cmd/husk-enforce/main.go",
		new: `package main

import (
	"os"
	"syscall"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func main() {
	text, _ := os.ReadFile(os.Args[1])
	p, err := plan.Decode(text)
	if err != nil {
		os.Exit(125)
	}
	_ = syscall.Exec(p.Program.Path, append([]string{p.Command}, os.Args[2:]...), os.Environ())
}
`,
		want: "this should have failed",
	}, {
		name: "an undeclared option", file: "nix/examples/home.nix",
		old: "enable = true;", new: "enabel = true;",
		want: "programs.husk.enabel' does not exist",
	}, {
		name: "a misspelt path of a module", file: "flake.nix",
		old: "nix/modules/home-manager.nix", new: "nix/modules/home-manger.nix",
		want: "home-manger.nix",
	}, {
		name: "an invalid profile", file: "nix/tests/demo.hcl",
		old: "    read  = ", new: "    reed  = ",
		want: "demo.hcl:7",
	},
}

// check applies the mistake to a copy and asks for the failure that it deserves.
func (b breakage) check(t *testing.T) {
	tree := copyTree(t)
	path := filepath.Join(tree, b.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := b.new
	if b.old != "" {
		if n := strings.Count(string(text), b.old); n != 1 {
			t.Fatalf("%s holds %q %d times, not once", b.file, b.old, n)
		}
		broken = strings.Replace(string(text), b.old, b.new, 1)
	}
	if strings.Contains(b.name, "vendorHash") {
		// Of the same length, so that it is a hash.
		at := strings.Index(broken, "sha256-AAAA") + len("sha256-AAAA")
		broken = broken[:at] + broken[at+4:]
	}
	if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := flakeCheck(t, tree)
	if err == nil {
		t.Fatal("nix flake check passed")
	}
	if !strings.Contains(out, b.want) {
		t.Errorf("it failed, but not with %q:\n%s", b.want, out)
	}
}
