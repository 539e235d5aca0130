package hcl

import (
	"strings"
	"testing"
)

const variableText = `
variable "host" { default = "a.example" }
variable "ports" {
  type    = list(number)
  default = [443]
}
variable "strict" { default = false }
variable "dir" { default = "${home}/dir" }
profile "x" {
  filesystem { read = [var.dir] }
  tmp { strict = var.strict }
  network {
    mode = "filtered"
    connect "${var.host}" { ports = var.ports }
  }
}
`

func TestVariables(t *testing.T) {
	for _, test := range []struct {
		name    string
		set     map[string]string
		environ []string
		want    string
	}{
		{"defaults", nil, nil, "read=${home}/dir connect=a.example[443]"},
		{"--set", map[string]string{"host": "b.example", "ports": "[80, 443]", "dir": "~/other"}, nil, "read=${home}/other connect=b.example[80 443]"},
		{"environment", nil, []string{"HUSK_VAR_host=c.example", "host=x", "HUSK_VAR_unknown=x"}, "read=${home}/dir connect=c.example[443]"},
		{"--set before environment", map[string]string{"host": "b.example"}, []string{"HUSK_VAR_host=c.example"}, "read=${home}/dir connect=b.example[443]"},
		{"the last in the environment", nil, []string{"HUSK_VAR_host=c.example", "HUSK_VAR_host=d.example"}, "read=${home}/dir connect=d.example[443]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := testOptions(writeFiles(t, map[string]string{"a.hcl": variableText}))
			o.Set, o.Environ = test.set, test.environ
			p, d := Load(o)
			if len(d.List) > 0 {
				t.Fatal(d.List)
			}
			want := "view=minimal " + test.want + " files=65536"
			if got := summary(mustResolve(t, p, "x", "")); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A default without a type that is a list or map doesn't say how long.
func TestFreeValues(t *testing.T) {
	const profiles = `
variable "hosts" { default = { "a.example" = [80], "b.example" = [80, 443] } }
variable "files" { default = ["a"] }
profile "x" {
  filesystem { read = [for f in var.files : "/${f}"] }
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = var.hosts
      labels   = [connect.key]
      content { ports = connect.value }
    }
  }
}
`
	o := testOptions(writeFiles(t, map[string]string{"a.hcl": profiles}))
	o.Set = map[string]string{"files": `["b", "c"]`, "hosts": `{ "c.example" = [8443] }`}
	p, d := Load(o)
	if d.HasErrors() {
		t.Fatal(text(t, d))
	}
	const want = "view=minimal read=/b,/c connect=c.example[8443] files=65536"
	if got := summary(mustResolve(t, p, "x", "")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for name, wrong := range map[string]string{"files": `{ a = 1 }`, "hosts": `["a"]`} {
		o.Set = map[string]string{name: wrong}
		if _, d := Load(o); !d.HasErrors() {
			t.Errorf("%s = %s passes", name, wrong)
		}
	}
}

func TestWrongValuesFromOutside(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"ports", "eighty", "list of number is wanted"},
		{"ports", `[home]`, "list of number is wanted"},
		{"ports", `["x"]`, "list of number is wanted"},
		{"ports", `range(3)`, "list of number is wanted"},
		{"ports", "[" + strings.Repeat("(", 300), "it is too large"},
		{"strict", "maybe", "bool is wanted"},
		{"dir", "${home}/x", `write "~/x"`},
		{"dir", "${project}/x", `in a profile write "${project}/x"`},
		{"host", "\uE000home\uE001", "characters that no value may have"},
		{"hots", "x", `did you mean "host"?`},
	} {
		o := testOptions(writeFiles(t, map[string]string{"a.hcl": variableText}))
		o.Set = map[string]string{test.name: test.value}
		p, _ := Load(o)
		d := p.Check()
		if got := text(t, d); !d.HasErrors() || !strings.Contains(got, test.want) {
			t.Errorf("%s=%s: want %q, got:\n%s", test.name, test.value, test.want, got)
		}
		if q, _ := p.Resolve("x", ""); q != nil {
			t.Errorf("%s=%s: a plan in spite of the error", test.name, test.value)
		}
	}
}

// Every function of the language can be called; none reads anything.
func TestFunctions(t *testing.T) {
	p := loadText(t, `
profile "x" {
  filesystem {
    read = flatten([
      sort(["/b", "/a"]),
      [for k, v in { a = 1 } : "/${k}${v}"],
      formatlist("/f/%s", distinct(["x", "x"])),
      split(",", "/s1,/s2"),
      trimsuffix("/t/", "/"),
      lower("/UP"),
      replace("/old", "old", "new"),
      jsondecode("[\"/j\"]"),
      length(regexall("a", "banana")) == 3 ? ["/regex"] : [],
      [for n in range(2) : "/r${n}"],
      keys({ "/k" = 1 }),
      coalesce(null, "/c"),
      contains(["a"], "a") ? "/in" : "/out",
      required("/must"),
    ])
  }
}
`)
	want := "/a /b /a1 /f/x /s1 /s2 /t /up /new /j /regex /r0 /r1 /k /c /in /must"
	if got := strings.Join(readOf(mustResolve(t, p, "x", "")), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
