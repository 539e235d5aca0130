package enforce

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestCurrentCaller(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for environ, want := range map[string]string{
		"HOME=/h": "/h", "HOME=/h/": "/h", "HOME=/a/../h": "/h", "HOME=/": "/", "HOME=": "", "HOME=h": "", "HOM=/x": "", "HOMEX=/x": "", "": "",
	} {
		c, err := currentCaller([]string{environ})
		if err != nil {
			t.Fatal(err)
		}
		if c.Home != want {
			t.Errorf("%q: home %q, want %q", environ, c.Home, want)
		}
		if c.UID != os.Getuid() || c.GID != os.Getgid() || !strings.HasSuffix(c.Cwd, dir[strings.LastIndex(dir, "/"):]) {
			t.Errorf("%+v", c)
		}
	}
}

func TestDeepWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	name := strings.Repeat("d", 255)
	for range 17 {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chdir(name); err != nil {
			t.Fatal(err)
		}
	}
	_, err := currentCaller(nil)
	refused(t, err, "the path of the working directory is too long")
}

func TestRemovedWorkingDirectory(t *testing.T) {
	dir := t.TempDir() + "/gone"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_, err := currentCaller(nil)
	refused(t, err, "the working directory cannot be named", "removed")
}

func TestGetenvTakesTheFirst(t *testing.T) {
	c := &Caller{Environ: []string{"AB=0", "A=1", "A=2", "EMPTY=", "BARE", "=x", "E=a=b"}}
	for name, want := range map[string]string{"A": "1", "AB": "0", "EMPTY": "", "E": "a=b"} {
		if got, ok := c.Getenv(name); !ok || got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"BARE", "B", "NONE"} {
		if got, ok := c.Getenv(name); ok {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAnchors(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"ABS=/abs/x/", "REL=rel", "EMPTY=", "DOTS=/a/../b"}
	state, _ := plan.XDG("state")
	emptyOr := plan.Path{Anchor: plan.AnchorEnv, Name: "EMPTY", Default: ".d"}
	a := w.anchors()
	for _, c := range []struct {
		path plan.Path
		want string
	}{
		{plan.Path{Path: "/etc/x"}, "/etc/x"},
		{home(""), "T/home/u"},
		{home(".npm"), "T/home/u/.npm"},
		{cwd(""), "T/home/u/proj"},
		{cwd("a/b"), "T/home/u/proj/a/b"},
		{project("x"), "T/home/u/proj/x"},
		{env("ABS"), "/abs/x"},
		{env("ABS").Join("y"), "/abs/x/y"},
		{env("DOTS"), "/b"},
		{state.Join("husk"), "T/home/u/.local/state/husk"},
		{emptyOr, "T/home/u/.d"},
	} {
		got, err := a.absolute(c.path)
		if err != nil || w.text(got) != c.want {
			t.Errorf("%v: %q, %v; want %q", c.path, got, err, c.want)
		}
	}
	for _, p := range []plan.Path{env("NONE"), env("EMPTY"), env("NONE").Join("x")} {
		if got, err := a.absolute(p); !errors.Is(err, errUnset) {
			t.Errorf("%v: %q, %v; want errUnset", p, got, err)
		}
	}
	for want, p := range map[string]plan.Path{
		"REL is rel, not an absolute path": env("REL"),
		"not an absolute path":             {Path: "etc"},
		"unknown anchor nowhere":           {Anchor: "nowhere"},
		"NUL":                              {Path: "/a\x00b"},
	} {
		if got, err := a.absolute(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %q, %v; want an error with %q", p, got, err, want)
		}
	}
}

func TestHomeUnset(t *testing.T) {
	w := newWorld(t)
	w.Home = ""
	cache, _ := plan.XDG("cache")
	for _, p := range []plan.Path{home(""), home(".npm"), cache} {
		_, err := w.anchors().absolute(p)
		refused(t, err, "HOME is not set")
	}
	if got, err := w.anchors().absolute(cwd("x")); err != nil || w.text(got) != "T/home/u/proj/x" {
		t.Errorf("what doesn't need it: %q, %v", got, err)
	}
}

func TestProjectRoot(t *testing.T) {
	for name, c := range map[string]struct {
		markers []string // made, relative to home/u; a name with / at its end is a directory
		looked  []string // for; nil for .git
		cwd     string
		want    string
	}{
		"none":                        {nil, nil, "proj", "proj"},
		"none, from below":            {nil, nil, "proj/a/b", "proj/a/b"},
		"here":                        {[]string{"proj/.git/"}, nil, "proj", "proj"},
		"above":                       {[]string{"proj/.git/"}, nil, "proj/a/b", "proj"},
		"a file, as in a worktree":    {[]string{"proj/.git"}, nil, "proj/a", "proj"},
		"the nearest":                 {[]string{"proj/.git/", "proj/a/.git"}, nil, "proj/a/b", "proj/a"},
		"home is no project":          {[]string{".git/"}, nil, "proj/a", "proj/a"},
		"home in home":                {[]string{".git/"}, nil, "", ""},
		"above home is out":           {[]string{"../.git/"}, nil, "proj/a", "proj/a"},
		"another marker":              {[]string{"proj/package.json"}, []string{"package.json"}, "proj/a", "proj"},
		"not the default with others": {[]string{"proj/.git/"}, []string{"package.json"}, "proj/a", "proj/a"},
		"one of several":              {[]string{"proj/a/go.mod", "proj/.git/"}, []string{".git", "go.mod"}, "proj/a/b", "proj/a"},
		"no markers at all":           {[]string{"proj/.git/"}, []string{}, "proj/a", "proj/a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir("home/u/proj/a/b")
			for _, m := range c.markers {
				if dir, ok := strings.CutSuffix(m, "/"); ok {
					w.dir("home/u/" + dir)
				} else {
					w.file("home/u/" + m)
				}
			}
			if c.looked != nil {
				w.plan.Filesystem.Markers = c.looked
			}
			w.Cwd = strings.TrimSuffix(w.Home+"/"+c.cwd, "/")
			if got, want := w.anchors().projectRoot(), strings.TrimSuffix("T/home/u/"+c.want, "/"); w.text(got) != want {
				t.Errorf("%s, want %s", w.text(got), want)
			}
			// The same where HOME is a link: the working directory never is.
			w.link("home/u", "myhome")
			w.Home = w.root + "/myhome"
			if got, want := w.anchors().projectRoot(), strings.TrimSuffix("T/home/u/"+c.want, "/"); w.text(got) != want {
				t.Errorf("with a link for HOME: %s, want %s", w.text(got), want)
			}
		})
	}
}

// A dangling link called .git is there, too: following it is not the question.
func TestProjectMarkerMayBeALink(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/proj/a")
	w.link("/nowhere", "home/u/proj/.git")
	w.Cwd += "/a"
	if got := w.text(w.anchors().projectRoot()); got != "T/home/u/proj" {
		t.Error(got)
	}
}
