package enforce

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func patterns(list ...string) []plan.EnvPass {
	var all []plan.EnvPass
	for _, p := range list {
		all = append(all, plan.EnvPass{Pattern: p})
	}
	return all
}

// variables gives the program's environment, sorted.
func (w *world) variables(session string) []string {
	w.t.Helper()
	env, err := environment(w.plan, w.anchors(), session, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(env)
	return env
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{""}, []string{"A"}},
		{"A", []string{"A"}, []string{"", "AA", "a", "BA"}},
		{"*", []string{"", "A", "AB"}, nil},
		{"LC_*", []string{"LC_ALL", "LC_"}, []string{"LC", "XLC_ALL", "lc_all"}},
		{"*_TOKEN", []string{"A_TOKEN", "_TOKEN"}, []string{"TOKEN", "A_TOKENS"}},
		{"A*B", []string{"AB", "AXB", "ABB"}, []string{"A", "B", "ABC", "XAB"}},
		{"A*A", []string{"AA", "ABA"}, []string{"A"}},
		{"A*B*C", []string{"ABC", "AxBxC", "ABBC", "ABCBC"}, []string{"ACB", "AC", "ABCx"}},
		{"**", []string{"", "A"}, nil},
		{"A**B", []string{"AB", "AxxB"}, []string{"A"}},
		{"A?", []string{"A?"}, []string{"AB"}},
		{"[AB]", []string{"[AB]"}, []string{"A"}},
	} {
		for _, name := range c.yes {
			if !match(c.pattern, name) {
				t.Errorf("%q does not match %q", c.pattern, name)
			}
		}
		for _, name := range c.no {
			if match(c.pattern, name) {
				t.Errorf("%q matches %q", c.pattern, name)
			}
		}
	}
}

func TestEmptyEnvironmentPolicy(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"HOME=/h", "USER=u", "LOGNAME=u", "SHELL=/bin/sh", "PWD=/p", "PATH=/usr/bin:/bin",
		"TERM=xterm", "LANG=C", "SECRET=1", "AWS_ACCESS_KEY_ID=1", "LD_PRELOAD=x", "TMPDIR=/t", "home=x", "BARE", "=x"}
	want := []string{"HOME=/h", "LOGNAME=u", "PATH=/usr/bin:/bin", "PWD=/p", "SHELL=/bin/sh", "USER=u"}
	if got := w.variables(""); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPassAndUnset(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"LANG=C", "LC_ALL=C", "LC_TIME=C", "npm_config_cache=/c", "A=1", "A_B=2", "USER=u"}
	for name, c := range map[string]struct{ pass, unset, want []string }{
		"names":                    {[]string{"LANG", "A"}, nil, []string{"A=1", "LANG=C", "USER=u"}},
		"patterns":                 {[]string{"LC_*", "npm_config_*"}, nil, []string{"LC_ALL=C", "LC_TIME=C", "USER=u", "npm_config_cache=/c"}},
		"unset wins over a name":   {[]string{"A"}, []string{"A"}, []string{"USER=u"}},
		"unset by a pattern":       {[]string{"A*", "LANG"}, []string{"A_*"}, []string{"A=1", "LANG=C", "USER=u"}},
		"unset wins over a glob":   {[]string{"LC_*"}, []string{"LC_TIME"}, []string{"LC_ALL=C", "USER=u"}},
		"unset of the usual ones":  {nil, []string{"USER"}, nil},
		"all but the usual ones":   {[]string{"*"}, []string{"*"}, nil},
		"what isn't there is none": {[]string{"NONE"}, nil, []string{"USER=u"}},
	} {
		w.plan.Environment = plan.Environment{Pass: patterns(c.pass...), Unset: patterns(c.unset...)}
		if got := w.variables(""); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What makes a program load or run something is passed by its full name only.
func TestHooksNeedTheirFullName(t *testing.T) {
	for _, name := range []string{"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GCONV_PATH", "GLIBC_TUNABLES", "BASH_ENV", "ENV",
		"BASH_FUNC_ls%%", "NODE_OPTIONS", "NODE_PATH", "PYTHONSTARTUP", "PYTHONPATH", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS",
		"GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH", "EDITOR", "PAGER", "LESSOPEN",
		"RUSTC_WRAPPER", "GOFLAGS", "npm_config_node_options", "npm_config_NODE_OPTIONS", "NPM_CONFIG_node_options", "npm_config_script_shell",
		"npm_config_script-shell", "NPM_CONFIG_Git", "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "CARGO_BUILD_RUSTC_WRAPPER", "GIT_TRACE2_EVENT",
		"DOTNET_STARTUP_HOOKS", "PYTHONWARNINGS", "PIP_CONFIG_FILE", "TAR_OPTIONS", "LESS", "OPENSSL_CONF", "GOAUTH", "MAKEFLAGS", "HOSTALIASES",
		"NODE_EXTRA_CA_CERTS", "PHP_INI_SCAN_DIR", "VIMINIT", "RIPGREP_CONFIG_PATH"} {
		w := newWorld(t)
		w.Environ = []string{name + "=evil", name + "_not=1"}
		for _, pattern := range []string{"*", name[:2] + "*", "*" + name[1:], name + "*", name[:1] + "*" + name[len(name)-1:]} {
			w.plan.Environment.Pass = patterns(pattern)
			if got := w.variables(""); slices.Contains(got, name+"=evil") {
				t.Errorf("%q passes %s", pattern, name)
			}
		}
		w.plan.Environment.Pass = patterns(name)
		if got := w.variables(""); !slices.Equal(got, []string{name + "=evil"}) {
			t.Errorf("by its name: %q", got)
		}
	}
	w := newWorld(t)
	w.Environ = []string{"NODE_ENV=test", "GIT_AUTHOR_NAME=u", "npm_config_registry=x", "LDFLAGS=-x", "ENVIRONMENT=x"}
	w.plan.Environment.Pass = patterns("*")
	if got := w.variables(""); len(got) != 5 {
		t.Errorf("settings beside the hooks: %q", got)
	}
}

func TestSet(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"A=caller", "HOME=/h", "XDG=/xdg"}
	state := plan.Path{Anchor: plan.AnchorEnv, Name: "XDG_STATE_HOME", Default: ".local/state"}
	unset, missing, relative := env("XDG"), env("NONE"), home("x")
	w.plan.Environment = plan.Environment{Pass: patterns("*"), Set: []plan.EnvSet{
		{Name: "A", Text: "set"}, {Name: "HOME", Text: "/other"}, {Name: "EMPTY"}, {Name: "P", Path: &unset},
		{Name: "SKIPPED", Path: &missing}, {Name: "H", Path: &relative}, {Name: "S", Path: &state}, {Name: "ODD", Text: "a=b\nc $X ${home}"},
	}}
	want := []string{"A=set", "EMPTY=", "H=T/home/u/x", "HOME=/other", "ODD=a=b\nc $X ${home}", "P=/xdg", "S=T/home/u/.local/state", "XDG=/xdg"}
	var got []string
	for _, v := range w.variables("") {
		got = append(got, w.text(v))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSetRefuses(t *testing.T) {
	rel := env("REL")
	for name, s := range map[string]plan.EnvSet{
		"a NUL":          {Name: "A", Text: "a\x00b", Origin: 1},
		"no name":        {Name: "", Text: "a", Origin: 1},
		"a name with =":  {Name: "A=B", Text: "a", Origin: 1},
		"a NUL in it":    {Name: "A\x00", Text: "a", Origin: 1},
		"a relative one": {Name: "A", Path: &rel, Origin: 1},
	} {
		w := newWorld(t)
		w.Environ = []string{"REL=x"}
		w.plan.Environment.Set = []plan.EnvSet{s}
		_, err := environment(w.plan, w.anchors(), "", nil)
		t.Run(name, func(t *testing.T) { refused(t, err, "b.hcl:9") })
	}
}

// A name may be anything: what has none is passed by no pattern.
func TestOddNames(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"=x", "==y", "", "BARE", "BASH_FUNC_ls%%=() { evil; }", "a b=1", "npm_config_//registry.npmjs.org/:_authToken=t", "Ü=1"}
	w.plan.Environment.Pass = patterns("*", "")
	want := []string{"a b=1", "npm_config_//registry.npmjs.org/:_authToken=t", "Ü=1"}
	if got := w.variables(""); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Two of a name could be read differently by two programs.
func TestNoNameStandsTwice(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"A=1", "A=2", "HOME=/1", "HOME=/2", "TMPDIR=/evil", "B=1", "TMP=/evil"}
	w.plan.Environment = plan.Environment{Pass: patterns("A", "B", "TMP*"), Set: []plan.EnvSet{
		{Name: "B", Text: "set"}, {Name: "TMPDIR", Text: "/x"}, {Name: "TEMPDIR", Text: "/x"}}}
	want := []string{"A=1", "B=set", "HOME=/1", "TEMP=/s", "TEMPDIR=/s", "TMP=/s", "TMPDIR=/s"}
	if got := w.variables("/s"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTemporaryDirectoryVariables(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"TMPDIR=/evil", "TMP=/evil", "TMPFOO=x"}
	want := []string{"TEMP=/s", "TEMPDIR=/s", "TMP=/s", "TMPDIR=/s"}
	if got := w.variables("/s"); !slices.Equal(got, want) {
		t.Errorf("with a session: %q, want %q", got, want)
	}
	if got := w.variables(""); len(got) != 0 {
		t.Errorf("without: %q", got)
	}
	w.plan.Tmp.Mode = plan.TmpHost
	if got, want := w.variables(""), []string{"TMP=/evil", "TMPDIR=/evil"}; !slices.Equal(got, want) {
		t.Errorf("the host's: %q, want %q", got, want)
	}
}

func TestPathWithoutTheWrappers(t *testing.T) {
	w := newWorld(t)
	w.dir("husk/bin", "other/bin", "usr")
	w.link("husk/bin", "bin")           // the same last name
	w.link("husk/bin", "somethingelse") // another one
	w.link("husk", "h")
	w.link("nowhere", "dangling")
	w.plan.Environment.WithoutPath = []string{w.root + "/husk/bin"}
	for list, want := range map[string]string{
		"T/usr:/bin":                             "T/usr:/bin",
		"T/husk/bin:T/usr":                       "T/usr",
		"T/usr:T/husk/bin/":                      "T/usr",
		"T/usr:T/./husk//bin:/bin":               "T/usr:/bin",
		"T/husk/bin:T/usr:T/husk/bin":            "T/usr",
		"T/bin:T/usr":                            "T/usr",
		"T/somethingelse:T/usr":                  "T/usr",
		"T/h/bin:T/usr":                          "T/usr",
		"T/other/bin:T/husk/binary:T/dangling:x": "T/other/bin:T/husk/binary:T/dangling:x",
		"T/husk/bin":                             "",
		"":                                       "",
		"T/usr::/bin":                            "T/usr::/bin",
	} {
		w.Environ = []string{"PATH=" + strings.ReplaceAll(list, "T/", w.root+"/")}
		if got := w.text(strings.Join(w.variables(""), "|")); got != "PATH="+want {
			t.Errorf("%s: %s, want PATH=%s", list, got, want)
		}
	}
	// A working directory that is the wrappers', named by nothing or a dot.
	t.Chdir(w.root + "/husk/bin")
	w.Environ = []string{"PATH=/bin::.:/usr/bin"}
	if got := w.variables(""); !slices.Equal(got, []string{"PATH=/bin:/usr/bin"}) {
		t.Errorf("%q", got)
	}
	if err := os.Remove(w.root + "/husk/bin"); err != nil {
		t.Fatal(err)
	}
	w.Environ = []string{"PATH=/bin:" + w.root + "/husk/bin"}
	if got := w.variables(""); !slices.Equal(got, []string{"PATH=/bin"}) {
		t.Errorf("a wrapper directory that is gone: %q", got)
	}
}
