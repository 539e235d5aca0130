package main

import (
	"os"
	"strings"
	"testing"
)

// TestTable checks what the compiler can't: names that are unique, policies
// that are there, a program that knows the attempt.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, area := range areas {
		for _, a := range area.attempts {
			if a.name == "" || seen[a.name] {
				t.Errorf("%s: the name %q is empty or taken", area.name, a.name)
			}
			seen[a.name] = true
			if a.tries == "" || len(a.run) == 0 {
				t.Errorf("%s: says not what it tries, or runs nothing", a.name)
			}
			if _, ok := policies[a.profile]; a.profile != "" && !ok {
				t.Errorf("%s: there is no policy %s", a.name, a.profile)
			}
			if a.who != "" && a.who != "root" && a.who != "user" {
				t.Errorf("%s: who is %q", a.name, a.who)
			}
		}
	}
}

// TestJudge shows that no verdict comes from a program that never ran, and that
// what is seen from outside counts more than the program's word.
func TestJudge(t *testing.T) {
	yes := func(*stage, *result) (bool, string) { return true, "seen" }
	no := func(*stage, *result) (bool, string) { return false, "" }
	ran := "started\nrefused: open: EACCES"
	tests := []struct {
		name string
		tool tool
		a    attempt
		r    result
		want verdict
	}{
		{"its word", husk, attempt{}, result{stderr: "started\n"}, open},
		{"its no", husk, attempt{}, result{stderr: ran, status: 1}, blocked},
		{"seen, whatever it says", husk, attempt{seen: yes}, result{stderr: ran, status: 1}, open},
		{"not seen, whatever it says", husk, attempt{seen: no}, result{stderr: "started\n"}, blocked},
		{"never ran", husk, attempt{seen: no}, result{stderr: "husk: error: no", status: 125}, broken},
		{"may not start", husk, attempt{mayNotStart: true}, result{stderr: "husk: error: no", status: 125}, blocked},
		{"a usage error", husk, attempt{}, result{stderr: "started\nthat is no number", status: 2}, broken},
		{"too late", husk, attempt{}, result{stderr: ran, status: 137, late: true}, broken},
		{"killed", husk, attempt{}, result{stderr: "started\n", status: 159}, blocked},
		{"bare no, unknown", nothing, attempt{}, result{stderr: ran, status: 1}, broken},
		{"bare no, known", nothing, attempt{lacks: []string{"EACCES"}}, result{stderr: ran, status: 1}, notApplicable},
		{"bare no, another one", nothing, attempt{lacks: []string{"EPERM"}}, result{stderr: ran, status: 1}, broken},
		{"not built for it", nothing, attempt{}, result{stderr: "started\nnot here: x86's", status: 3}, notApplicable},
	}
	for _, test := range tests {
		if got := judge(test.tool, &test.a, &stage{}, &test.r); got.verdict != test.want {
			t.Errorf("%s: %s (%s), not %s", test.name, got.verdict, got.why, test.want)
		}
	}
}

// TestStage shows that touched sees each kind of change, and nothing else.
func TestStage(t *testing.T) {
	changes := map[string]func(path string) error{
		"content": func(p string) error { return os.WriteFile(p, []byte("other\n"), 0o644) },
		"mode":    func(p string) error { return os.Chmod(p, 0o600) },
		"gone":    os.Remove,
		"renamed": func(p string) error { return os.Rename(p, p+"2") },
		"link":    func(p string) error { _ = os.Remove(p); return os.Symlink("x", p) },
	}
	changes["nothing"] = func(string) error { return nil }
	for name, change := range changes {
		s, err := newStage(tested, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.note()
		if err := change(s.path("$LIBRARY/file")); err != nil {
			t.Fatal(err)
		}
		if got, _ := touched("$LIBRARY/file")(s, nil); got != (name != "nothing") {
			t.Errorf("%s: touched says %v", name, got)
		}
		s.strike()
		if _, err := os.Stat(s.dir); err == nil {
			t.Errorf("%s stays", s.dir)
		}
	}
}

func TestExpand(t *testing.T) {
	s := &stage{vars: map[string]string{"A": "1"}}
	if got := strings.Join(s.expand("$A/x", "$$B", "c"), " "); got != "1/x $B c" {
		t.Errorf("expanded to %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown variable is no mistake")
		}
	}()
	s.expand("$MISSING")
}
