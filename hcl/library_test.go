package hcl

import (
	"slices"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// The library has no diagnostics of its own, and every profile in it says what
// it is for.
func TestLibrary(t *testing.T) {
	p, d := Load(Options{User: "ann"})
	if len(d.List) > 0 {
		t.Fatal(d.List)
	}
	for _, i := range p.List() {
		if i.Description == "" {
			t.Errorf("%s has no description", i.Name)
		}
		for _, c := range append([]string{""}, i.Commands...) {
			got, d := p.Resolve(i.Name, c)
			if got == nil || len(d.List) > 0 {
				t.Errorf("%s %s: %s", i.Name, c, text(t, d))
			}
		}
	}
}

func TestLibraryNpm(t *testing.T) {
	p, _ := Load(Options{User: "ann"})
	q := mustResolve(t, p, "npm", "npx")
	home := func(path string) plan.Path { return plan.Path{Anchor: plan.AnchorHome, Path: path} }
	project := func(path string) plan.Path { return plan.Path{Anchor: plan.AnchorProject, Path: path} }
	for at, want := range map[plan.Path]string{
		project("src"):         "rw",
		project(".env"):        "",
		project(".git/hooks"):  "r",
		project(".git/config"): "r",
		project(".vscode"):     "r",
		project(".mcp.json"):   "r",
		home(".npm/_cacache"):  "rw",
		home(".npmrc"):         "r",
		home(".ssh"):           "",
		home(".bashrc"):        "",
	} {
		got := ""
		if a := accessAt(q, at, false); a.read {
			got = "r"
			if a.write {
				got = "rw"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	for name, want := range map[string]bool{
		"npm_config_registry": true, "NPM_CONFIG_CACHE": true, "SSL_CERT_FILE": true, "NODE_OPTIONS": false, "AWS_SECRET_ACCESS_KEY": false,
	} {
		if got := passes(q.Environment, name); got != want {
			t.Errorf("%s: passed %v, want %v", name, got, want)
		}
	}
	if !slices.Equal(q.Filesystem.Markers, []string{".git", "package.json"}) || q.Network.Mode != plan.NetworkFiltered {
		t.Errorf("%+v %+v", q.Filesystem.Markers, q.Network)
	}
}

func TestLibraryCurl(t *testing.T) {
	p, _ := Load(Options{User: "ann"})
	q := mustResolve(t, p, "curl", "curl")
	if q.Tmp.SlashTmp != plan.SlashTmpDenied || q.Network.Mode != plan.NetworkHost {
		t.Errorf("%+v %+v", q.Tmp, q.Network)
	}
	if !accessAt(q, plan.Path{Anchor: plan.AnchorCwd, Path: "out"}, false).write || accessAt(q, plan.Path{Anchor: plan.AnchorHome, Path: ".curlrc"}, false).write {
		t.Error("curl writes the working directory, and nothing else")
	}
}
