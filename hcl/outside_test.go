package hcl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Diagnostics of the call itself, of files that are no profiles, and of what is too
// large to stand in a file of test data. What is said about each stands in
// testdata/outside.
func TestDiagnosticsFromOutside(t *testing.T) {
	const tool = "variable \"ports\" {\n  type    = list(number)\n  default = [1]\n}\nprofile \"a\" { commands = [\"tool\"] }\n"
	files := func(text string) map[string]string { return map[string]string{"a.hcl": text} }
	check := func(t *testing.T, o Options) Diagnostics {
		p, _ := Load(o)
		return p.Check()
	}
	project := func(text string, trusted bool) func(*testing.T, Options) Diagnostics {
		return func(t *testing.T, o Options) Diagnostics {
			p, _ := Load(o)
			file, d := p.LoadProject(".husk.hcl", []byte(text))
			_, more := p.ResolveWithProject("a", "tool", file, trusted)
			return d.And(more)
		}
	}
	for name, test := range map[string]struct {
		files map[string]string
		set   map[string]string
		run   func(*testing.T, Options) Diagnostics
	}{
		"unknown_variable":   {files(tool), map[string]string{"prots": "[1]"}, check},
		"wrong_value":        {files(tool), map[string]string{"ports": "eighty"}, check},
		"file_too_large":     {files(strings.Repeat("#\n", maxFileSize)), nil, check},
		"not_utf8":           {files("profile \"a\" {\n  description = \"caf\xe9\"\n}\n"), nil, check},
		"expression_long":    {files("locals {\n  x = 1" + strings.Repeat("+1", maxOperators+1) + "\n}\n"), nil, check},
		"number_long":        {files("locals {\n  x = " + strings.Repeat("9", maxDigits+1) + "\n}\n"), nil, check},
		"number_long_json":   {map[string]string{"a.hcl.json": `{"locals": {"x": ` + strings.Repeat("9", maxDigits+1) + "}}"}, nil, check},
		"entries":            {files("profile \"a\" {\n  filesystem { read = flatten([for i in range(1000) : [\"/a${i}\", \"/b${i}\", \"/c${i}\"]]) }\n}\nprofile \"b\" {\n  inherits = [\"a\"]\n  filesystem { read = flatten([for i in range(1000) : [\"/d${i}\", \"/e${i}\", \"/f${i}\"]]) }\n}\n"), nil, check},
		"generations":        {files(generations(maxGenerations + 2)), nil, check},
		"path_long":          {files("profile \"a\" {\n  filesystem { read = [\"/" + strings.Repeat("x", maxPath) + "\"] }\n}\n"), nil, check},
		"host_long":          {files("profile \"a\" {\n  network {\n    mode = \"filtered\"\n    connect \"" + strings.Repeat("a.", 130) + "example\" { ports = [1] }\n  }\n}\n"), nil, check},
		"project_more":       {files(tool), nil, project("profile \"a\" {\n  filesystem { read = [\"${home}/.ssh\"] }\n}\n", false)},
		"project_unknown":    {files(tool), nil, project("profile \"b\" {}\nprofile \"*\" {}\n", false)},
		"project_large":      {files(tool), nil, project("profile \"a\" {\n  filesystem { hide = [for i in range(300) : \"/x${i}\"] }\n}\n", false)},
		"project_not_for_it": {files(tool), nil, project("profile \"a\" {\n  inherits = [\"npm\"]\n  command \"x\" {}\n}\n", true)},
		"no_such_command": {files(tool), nil, func(t *testing.T, o Options) Diagnostics {
			p, _ := Load(o)
			_, d := p.Resolve("a", "toll")
			return d
		}},
		"no_directory": {files(tool), nil, func(t *testing.T, o Options) Diagnostics {
			o.ProfilesDir = "a.hcl"
			return check(t, o)
		}},
		"dangling_link": {nil, nil, func(t *testing.T, o Options) Diagnostics {
			if err := os.Symlink("nowhere", "a.hcl"); err != nil {
				t.Fatal(err)
			}
			return check(t, o)
		}},
		"too_many_files": {nil, nil, func(t *testing.T, o Options) Diagnostics {
			for i := range maxFiles + 1 {
				if err := os.Symlink("x", fmt.Sprintf("%d.hcl", i)); err != nil {
					t.Fatal(err)
				}
			}
			return check(t, o)
		}},
		"format_control": {nil, nil, func(t *testing.T, _ Options) Diagnostics {
			_, d := Format([]byte("{\"a\": \"\x01\"}\n"), "a.hcl.json")
			return d
		}},
		"format_json": {nil, nil, func(t *testing.T, _ Options) Diagnostics {
			_, d := Format([]byte("{\"a\": 1,}\n"), "a.hcl.json")
			return d
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := filepath.Abs("testdata/outside/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(writeFiles(t, test.files))
			o := testOptions(".")
			o.Set = test.set
			golden(t, want, []byte(text(t, test.run(t, o))))
		})
	}
}
