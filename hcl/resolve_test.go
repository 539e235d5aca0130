package hcl

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// summary writes the parts of a plan that the merge tests look at.
func summary(p *plan.Plan) string {
	var out []string
	add := func(name string, values ...string) {
		if len(values) > 0 {
			out = append(out, name+"="+strings.Join(values, ","))
		}
	}
	paths := func(rules []plan.PathRule) (all []string) {
		for _, r := range rules {
			text := r.Path.String()
			if r.Required {
				text += "!"
			}
			all = append(all, text)
		}
		return all
	}
	add("view", p.Filesystem.View)
	add("read", paths(p.Filesystem.Read)...)
	add("write", paths(p.Filesystem.Write)...)
	add("hide", paths(p.Filesystem.Hide)...)
	if p.Filesystem.ExecuteOnly {
		add("execute", append([]string{"only"}, paths(p.Filesystem.Execute)...)...)
	}
	for _, b := range p.Filesystem.Bind {
		add("bind", fmt.Sprintf("%s>%s:%s", b.From, b.To, b.Mode))
	}
	for _, s := range p.Environment.Set {
		add("set", s.Name+":"+setText(s))
	}
	for _, c := range p.Network.Connect {
		add("connect", fmt.Sprintf("%s%v%s%s", c.Host, c.Ports, c.Protocol, c.Check))
	}
	for _, l := range p.Syscalls.Lists {
		add(l.Action, l.Names...)
	}
	for _, l := range p.Limits {
		if l.Name == plan.LimitFiles {
			add("files", fmt.Sprint(l.Value))
		}
	}
	return strings.Join(out, " ")
}

func TestInheritance(t *testing.T) {
	const base = `
profile "base_" {
  filesystem {
    view  = "host"
    read  = ["/a", "/b"]
    hide  = ["/h"]
  }
  environment { set = { A = "1", B = "1" } }
  limits { files = 10 }
}
`
	for _, test := range []struct{ name, text, want string }{
		{
			"lists add up without duplicates", `
profile "x" {
  inherits = ["base_"]
  filesystem { read = ["/b", "/c"] }
}`, "view=host read=/a,/b,/c hide=/h set=A:1 set=B:1 files=10",
		},
		{
			"single values override, maps merge", `
profile "x" {
  inherits = ["base_"]
  filesystem { view = "empty" }
  environment { set = { B = "2", C = "${home}/c" } }
  limits { files = 20 }
}`, "view=empty read=/a,/b hide=/h set=A:1 set=B:2 set=C:${home}/c files=20",
		},
		{
			"null restores the default", `
profile "x" {
  inherits = ["base_"]
  filesystem {
    view = null
    read = null
  }
  environment { set = null }
  limits { files = null }
}`, "view=minimal hide=/h files=65536",
		},
		{
			"remove takes inherited entries out, own ones are added after", `
profile "x" {
  inherits = ["base_"]
  remove {
    read = ["/a", "/b"]
    hide = ["/h"]
    set  = ["A"]
  }
  filesystem { read = ["/b"] }
}`, "view=host read=/b set=B:1 files=10",
		},
		{
			"required wins over optional", `
profile "x" {
  inherits = ["base_"]
  filesystem { read = [required("/b")] }
}`, "view=host read=/a,/b! hide=/h set=A:1 set=B:1 files=10",
		},
		{
			"an empty list of execute is given, and null takes it back", `
profile "p" {
  filesystem { execute = [] }
}
profile "q" {
  inherits = ["p"]
  filesystem { execute = null }
}
profile "x" {
  inherits = ["p"]
}`, "view=minimal execute=only files=65536",
		},
		{
			"the right parent overrides the left", `
profile "l" {
  filesystem { view = "host" }
}
profile "r" {
  filesystem { view = "empty" }
}
profile "x" { inherits = ["l", "r"] }`, "view=empty files=65536",
		},
		{
			"in a diamond the ancestor's value doesn't displace the override", `
profile "l" {
  inherits = ["base_"]
  filesystem { view = "empty" }
  environment { set = { A = "l" } }
}
profile "r" { inherits = ["base_"] }
profile "x" { inherits = ["l", "r"] }`, "view=empty read=/a,/b hide=/h set=A:l set=B:1 files=10",
		},
		{
			"in a diamond what one side removed comes from the other", `
profile "l" {
  inherits = ["base_"]
  remove { hide = ["/h"] }
}
profile "r" { inherits = ["base_"] }
profile "x" { inherits = ["l", "r"] }`, "view=host read=/a,/b hide=/h set=A:1 set=B:1 files=10",
		},
		{
			"labelled blocks merge by label", `
profile "p" {
  network {
    mode = "filtered"
    connect "a.example" { ports = [80] }
    connect "b.example" { ports = [80] }
  }
  filesystem {
    bind "/from" { to = "/to" }
  }
}
profile "x" {
  inherits = ["p"]
  remove { connect = ["b.example"] }
  network {
    connect "a.example" {
      ports = [443]
      check = "off"
    }
  }
  filesystem {
    bind "/other" {
      to   = "/to"
      mode = "write"
    }
  }
}`, "view=minimal bind=/other>/to:write connect=a.example[80 443]off files=65536",
		},
		{
			"lists of system calls by action and line", `
profile "p" {
  syscalls {
    deny  = ["ptrace"]
    errno = { ENOSYS = ["clone3", "openat2"] }
  }
}
profile "x" {
  inherits = ["p"]
  remove { errno = ["openat2"] }
  syscalls {
    deny  = ["bpf", "ptrace"]
    errno = { EACCES = ["mknod"] }
  }
}`, "view=minimal errno:EPERM=ptrace errno:EPERM=bpf errno:ENOSYS=clone3 errno:EACCES=mknod files=65536",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := loadText(t, base+test.text)
			if got := summary(mustResolve(t, p, "x", "")); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Null in a parent is not inherited as an order to drop the other parents' lists.
func TestNullIsTheChildsOwn(t *testing.T) {
	p := loadText(t, `
profile "a" {
  filesystem { read = ["/a"] }
}
profile "b" {
  inherits = ["a"]
  filesystem { read = null }
}
profile "x" { inherits = ["a", "b"] }
profile "y" { inherits = ["b"] }
`)
	if got := summary(mustResolve(t, p, "x", "")); !strings.Contains(got, "read=/a") {
		t.Error("the other parent's list is gone:", got)
	}
	if got := summary(mustResolve(t, p, "y", "")); strings.Contains(got, "read=") {
		t.Error("the list came back:", got)
	}
}

func TestCommandsAreNotInherited(t *testing.T) {
	p := loadText(t, `
profile "a" {
  description = "of a"
  commands    = ["one", "two"]
  command "two" {
    exec = "/bin/two"
    args = ["-x"]
  }
  command "three" {}
}
profile "b" { inherits = ["a"] }
`)
	got, d := p.Commands("a")
	if len(d.List) > 0 || len(got) != 3 {
		t.Fatal(got, d.List)
	}
	if got[0].Exec != "one" || got[1].Exec != "/bin/two" || !slices.Equal(got[1].Args, []string{"-x"}) || got[2].Name != "three" {
		t.Errorf("%+v", got)
	}
	if got, _ := p.Commands("b"); len(got) != 0 {
		t.Errorf("inherited: %+v", got)
	}
	if none, d := p.Resolve("b", "one"); none != nil || !strings.Contains(text(t, d), "has no command") {
		t.Error("a plan for a command of the parent", text(t, d))
	}
	if q := mustResolve(t, p, "a", "two"); q.Program.Path != "/bin/two" || q.Command != "two" {
		t.Errorf("%+v", q.Program)
	}
}

func TestOriginsNameTheWay(t *testing.T) {
	p := loadText(t, `profile "a" {
  filesystem {
    read = [
      "/one",
      "/two",
    ]
  }
}
profile "b" { inherits = ["a"] }
profile "c" { inherits = ["b"] }
`)
	q := mustResolve(t, p, "c", "")
	o := q.Origins[q.Filesystem.Read[1].Origin]
	if o.Profile != "a" || o.Line != 5 || !slices.Equal(o.Through, []string{"c", "b", "a"}) || !strings.HasSuffix(o.File, "test.hcl") {
		t.Errorf("%+v", o)
	}
	if q.Home.Origin != plan.NoOrigin {
		t.Error("a default has an origin")
	}
	own := mustResolve(t, p, "a", "")
	if o := own.Origins[own.Filesystem.Read[0].Origin]; len(o.Through) != 0 || o.Line != 4 {
		t.Errorf("%+v", o)
	}
}

func TestCommandIsKnown(t *testing.T) {
	p := loadText(t, `
locals {
  dir = "${home}/.${command}"
}
profile "p" {
  filesystem { read = [local.dir] }
}
profile "x" {
  inherits = ["p"]
  commands = ["one", "two"]
}
`)
	for _, command := range []string{"one", "two", "one"} {
		if got := mustResolve(t, p, "x", command).Filesystem.Read[0].Path.Path; got != "."+command {
			t.Errorf("%s: %s", command, got)
		}
	}
}

// What a command block says about its own command can name it.
func TestCommandIsKnownInItsBlock(t *testing.T) {
	p := loadText(t, `
profile "p" {
  commands = ["one", "two"]
  command "one" {
    exec = "/opt/${command}"
    args = [command]
  }
}
`)
	if got := mustResolve(t, p, "p", "one").Program; got.Path != "/opt/one" || len(got.Args) != 1 || got.Args[0] != "one" {
		t.Errorf("one: %+v", got)
	}
	if got := mustResolve(t, p, "p", "two").Program; got.Path != "two" || len(got.Args) != 0 {
		t.Errorf("two: %+v", got)
	}
}

// A profile with an error anywhere in its ancestry gives no plan.
func TestErrorsCloseTheDescendants(t *testing.T) {
	p, _ := Load(testOptions(writeFiles(t, map[string]string{
		"broken.hcl": "profile \"a\" {\n  filesystem { view = = }\n}\n",
		"fine.hcl":   "profile \"b\" { inherits = [\"a\"] }\nprofile \"c\" {}\n",
	})))
	for _, name := range []string{"a", "b"} {
		if q, d := p.Resolve(name, ""); q != nil || !d.HasErrors() {
			t.Errorf("%s: a plan in spite of errors", name)
		}
	}
	mustResolve(t, p, "c", "")
}

func TestClosedByDefault(t *testing.T) {
	q := mustResolve(t, loadText(t, `profile "x" {}`), "x", "")
	var pass []string
	for _, e := range q.Environment.Pass {
		pass = append(pass, e.Pattern)
	}
	if !slices.Equal(pass, harmless) {
		t.Error("environment", pass)
	}
	if q.Filesystem.View != plan.ViewMinimal || len(q.Filesystem.Read)+len(q.Filesystem.Write) > 0 || q.Network.Mode != plan.NetworkNone ||
		q.Home.Mode != plan.HomeGranted || q.Syscalls.ForeignABI != "kill" || len(q.Degrade) > 0 || len(q.Namespaces.Share) > 0 ||
		q.LateDrop != nil || q.Supervise != nil || q.Tmp.Mode != plan.TmpSession || len(q.Filesystem.Reserved) != 2 {
		t.Errorf("%+v", q)
	}
	none := mustResolve(t, loadText(t, "profile \"x\" {\n  environment { pass = [] }\n}"), "x", "")
	if len(none.Environment.Pass) > 0 {
		t.Error("an empty list means none", none.Environment.Pass)
	}
}
