package hcl

import (
	"strings"
	"testing"
)

const projectBase = `
profile "tool" {
  commands = ["tool"]
  filesystem {
    read  = ["${home}/.toolrc", "${home}/.secret"]
    write = ["${project}"]
    hide  = ["${project}/.env"]
  }
  environment { pass = ["TOOL_*"] }
  network {
    mode = "filtered"
    connect "a.example" { ports = [443] }
    connect "b.example" { ports = [443] }
  }
  limits { files = 100 }
}
profile "other" {}
`

func TestProject(t *testing.T) {
	for _, test := range []struct {
		name, text string
		trusted    bool
		want       string // of the changes that take effect
		warning    string
	}{
		{"tightening takes effect", `
profile "tool" {
  filesystem {
    hide    = ["${project}/private"]
    protect = ["${project}/.git"]
  }
  environment { unset = ["TOOL_TOKEN"] }
  remove {
    read    = ["${home}/.secret"]
    connect = ["b.example"]
  }
  limits { files = 50 }
}`, false,
			"- filesystem: execute ${home}/.secret|- filesystem: execute ${project}/private|- filesystem: read ${home}/.secret|" +
				"- filesystem: read ${project}/private|- filesystem: write ${project}/.git|- filesystem: write ${project}/private|" +
				"- environment: pass TOOL_TOKEN|- network: connect b.example:443|- limits: files 50 instead of 100", ""},
		{"fewer programs", `
profile "tool" {
  filesystem { execute = ["${project}/bin", "${project}/scripts"] }
}`, false, "- filesystem: execute ${home}/.secret|- filesystem: execute ${home}/.toolrc|- filesystem: execute ${project}|- filesystem: execute memory that is in no file", ""},
		{"more has no effect", `
profile "tool" {
  filesystem {
    read = ["${home}/.ssh"]
    hide = ["${project}/private"]
  }
}`, false, "- filesystem: execute ${project}/private|- filesystem: read ${project}/private|- filesystem: write ${project}/private", "filesystem: execute ${home}/.ssh"},
		{"more, trusted", `
profile "tool" {
  filesystem { read = ["${home}/.ssh"] }
}`, true, "+ filesystem: execute ${home}/.ssh|+ filesystem: read ${home}/.ssh", ""},
		{"opening what is hidden", `
profile "tool" {
  remove { hide = ["${project}/.env"] }
}`, false, "", "filesystem: execute ${project}/.env"},
		{"a variable with a value", `
profile "tool" {
  environment { set = { NODE_OPTIONS = "--require ./x.js" } }
}`, false, "", "set NODE_OPTIONS"},
		{"a higher limit", `
profile "tool" {
  limits { files = 1000 }
}`, false, "", "files 1000 instead of 100"},
		{"the whole network", `
profile "tool" {
  network { mode = "host" }
}`, false, "", "mode host"},
		{"another host", `
profile "*" {
  network {
    connect "evil.example" { ports = [443] }
  }
}`, false, "", "connect evil.example:443"},
		{"a reset", `
profile "tool" {
  filesystem { hide = null }
}`, false, "", "execute ${project}/.env"},
		{"other markers", `
profile "tool" {
  filesystem { markers = ["x"] }
}`, false, "", "markers x"},
		{"another profile", `
profile "other" {
  filesystem { hide = ["${project}/private"] }
}`, false, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := loadText(t, projectBase)
			base := mustResolve(t, p, "tool", "tool")
			file, d := p.LoadProject(".husk.hcl", []byte(test.text))
			if d.HasErrors() {
				t.Fatal(d.List)
			}
			got, d := p.ResolveWithProject("tool", "tool", file, test.trusted)
			if got == nil {
				t.Fatal(text(t, d))
			}
			var all []string
			for _, c := range Diff(base, got) {
				all = append(all, c.String())
			}
			if joined := strings.Join(all, "|"); joined != test.want {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
			warned := text(t, d)
			if test.warning == "" && strings.Contains(warned, "asks for more") || !strings.Contains(warned, test.warning) {
				t.Errorf("want %q in:\n%s", test.warning, warned)
			}
			if again := mustResolve(t, p, "tool", "tool"); len(Diff(base, again)) > 0 {
				t.Error("the user's own profile changed", Diff(base, again))
			}
		})
	}
}

func TestProjectErrors(t *testing.T) {
	p := loadText(t, projectBase)
	for _, src := range []string{
		`profile "tool" {`,
		`profile "tool" { commands = ["x"] }`,
		`profile "tool" { inherits = ["npm"] }`,
		`profile "tool" { filesystem { hide = ["relative"] } }`,
	} {
		file, d := p.LoadProject(".husk.hcl", []byte(src))
		if !d.HasErrors() {
			t.Errorf("no error for %s", src)
		}
		for _, trusted := range []bool{false, true} {
			if got, d := p.ResolveWithProject("tool", "tool", file, trusted); got != nil || !d.HasErrors() {
				t.Errorf("a plan for %s", src)
			}
		}
	}
}
