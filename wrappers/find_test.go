package wrappers

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// host is a made-up file system: a home directory and system directories.
type host struct {
	t    *testing.T
	home string
	path []string
	skip []string
	env  map[string]string
}

func newHost(t *testing.T) *host {
	return &host{t: t, home: tempDir(t) + "/home/u", env: map[string]string{}}
}

const binary = "\x7fELF no real one"

// file, shim and onPath take paths below home.
func (h *host) file(path, content string) string {
	return write(h.t, filepath.Join(h.home, path), content, 0o755)
}

func (h *host) shim(target, path string) string {
	return link(h.t, target, filepath.Join(h.home, path))
}

func (h *host) onPath(dirs ...string) {
	for _, d := range dirs {
		h.path = append(h.path, filepath.Join(h.home, d))
	}
}

func (h *host) finder() *Finder {
	return NewFinder(append(h.path, "/usr/bin", "/bin"), h.skip, Anchors{
		Home: h.home, Getenv: func(name string) string { return h.env[name] },
	})
}

func (h *host) find(p *plan.Plan) (Found, error) { return h.finder().Complete(p) }

// named gives a plan for a program as a profile writes it.
func named(exec string) *plan.Plan {
	p := newPlan("x")
	p.Program = plan.Program{Path: exec}
	return p
}

// below makes paths relative to home again, for comparing.
func (h *host) below(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = strings.Replace(p, h.home, "~", 1)
	}
	return out
}

func TestFindSkipsWrappers(t *testing.T) {
	h := newHost(t)
	h.file("wrappers/npm", "#!/bin/anything\n") // in the wrapper directory, whatever it is
	h.skip = []string{h.home + "/wrappers"}
	h.file("other/npm", "#!/x/husk-enforce\n{}")
	h.shim("../other/npm", "links/npm")
	h.file("real/npm", binary)
	h.file("later/npm", binary)
	h.onPath("wrappers", "other", "links", "real", "later")
	h.shim("wrappers", "also") // the wrapper directory under another name
	h.path = append([]string{h.home + "/also"}, h.path...)
	p := named("npm")
	found, err := h.find(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := h.home + "/real/npm"; p.Program.Path != want {
		t.Errorf("got %s, want %s", p.Program.Path, want)
	}
	var skipped []string
	for _, s := range found.Skipped {
		skipped = append(skipped, s.Path)
	}
	want := []string{"~/also/npm", "~/wrappers/npm", "~/other/npm", "~/links/npm"}
	if got := h.below(skipped); !slices.Equal(got, want) {
		t.Errorf("skipped %q, want %q", got, want)
	}
	for _, path := range []string{"/wrappers/npm", "/other/npm", "/links/npm"} {
		if _, err := h.find(named(h.home + path)); err == nil || !strings.Contains(err.Error(), "wrapper") {
			t.Errorf("the absolute path of a wrapper was taken: %v", err)
		}
	}
	if all := h.finder().All("npm"); len(all) < 6 || all[0] != h.home+"/also/npm" || all[5] != h.home+"/later/npm" {
		t.Errorf("all: %q", all)
	}
}

func TestFindSkipsWhatTheSandboxMayWrite(t *testing.T) {
	h := newHost(t)
	h.file("project/bin/tool", binary)
	h.file("linked/real/tool", binary)
	h.shim("../linked/real/tool", "links/tool")
	h.file("safe/tool", binary)
	h.shim("project", "alias")
	h.onPath("project/bin", "links", "safe")
	rule := func(path string) plan.PathRule {
		return plan.PathRule{Path: plan.Path{Anchor: plan.AnchorHome, Path: path}}
	}
	for name, c := range map[string]struct {
		change func(*plan.Filesystem)
		want   string
	}{
		"no grant":        {func(*plan.Filesystem) {}, "project/bin/tool"},
		"elsewhere":       {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("proj")} }, "project/bin/tool"},
		"the file":        {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("project/bin/tool")} }, "links/tool"},
		"a tree":          {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("project")} }, "links/tool"},
		"through a link":  {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("alias")} }, "links/tool"},
		"a link":          {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("project"), rule("links")} }, "safe/tool"},
		"a link's target": {func(f *plan.Filesystem) { f.Write = []plan.PathRule{rule("project"), rule("linked")} }, "safe/tool"},
		"a read grant":    {func(f *plan.Filesystem) { f.Read = []plan.PathRule{rule("project")} }, "project/bin/tool"},
		"protected": {func(f *plan.Filesystem) {
			f.Write, f.Protect = []plan.PathRule{rule("project")}, []plan.PathRule{rule("project/bin")}
		}, "project/bin/tool"},
		"protected further": {func(f *plan.Filesystem) {
			f.Write, f.Protect = []plan.PathRule{rule("project")}, []plan.PathRule{rule("project/bin/tool")}
		}, "links/tool"},
		"a bind": {func(f *plan.Filesystem) {
			f.Bind = []plan.Bind{{From: rule("project").Path, To: rule("x").Path, Mode: plan.ModeWrite}}
		}, "links/tool"},
		"a read bind": {func(f *plan.Filesystem) {
			f.Bind = []plan.Bind{{From: rule("project").Path, To: rule("x").Path, Mode: plan.ModeRead}}
		}, "project/bin/tool"},
	} {
		t.Run(name, func(t *testing.T) {
			p := named("tool")
			c.change(&p.Filesystem)
			if _, err := h.find(p); err != nil {
				t.Fatal(err)
			}
			if got := p.Program.Path; got != filepath.Join(h.home, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	host := named("tool")
	host.Home.Mode = plan.HomeHost
	if _, err := h.find(host); err == nil {
		t.Error("a program in a home that is the sandbox's was taken")
	}
	chosen := named(h.home + "/project/bin/tool")
	chosen.Filesystem.Write = []plan.PathRule{rule("project")}
	if _, err := h.finder().CompleteChosen(chosen); err != nil {
		t.Error(err)
	}
	// The enforcer drops a write grant of the whole home directory.
	everything := named("tool")
	everything.Filesystem.Write = []plan.PathRule{rule("")}
	if _, err := h.find(everything); err != nil {
		t.Errorf("got %v", err)
	}
}

// A script's interpreter is as much the program as the script.
func TestInterpreterIsNotWritable(t *testing.T) {
	h := newHost(t)
	h.file("a/bin/npm", "#!/usr/bin/env node\n")
	h.file("project/bin/node", binary)
	h.onPath("a/bin", "project/bin")
	if _, err := h.find(named("npm")); err != nil {
		t.Fatal(err)
	}
	p := named("npm")
	p.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "project"}}}
	h.path = h.path[:2]
	f := NewFinder(h.path, nil, Anchors{Home: h.home})
	if _, err := f.Complete(p); err == nil || !strings.Contains(err.Error(), "it is a script for node") {
		t.Errorf("got %v", err)
	}
}

func TestFindFails(t *testing.T) {
	h := newHost(t)
	h.file("bin/loop", "#!/usr/bin/env loop\n")
	h.file("bin/lost", "#!/usr/bin/env no-such-interpreter-here\n")
	h.file("bin/gone", "#!/no/such/interpreter\n")
	h.file("bin/rel", "#!bin/sh\n")
	h.file("bin/empty", "#!\n")
	h.file("bin/odd\xff", binary)
	write(t, h.home+"/bin/plain", binary, 0o644)
	if err := os.MkdirAll(h.home+"/bin/directory", 0o755); err != nil {
		t.Fatal(err)
	}
	h.shim("ring", "bin/ring")
	h.onPath("bin")
	for exec, want := range map[string]string{
		"absent":                  "not found on PATH",
		"plain":                   "not found on PATH",
		"directory":               "not found on PATH",
		"ring":                    "not found on PATH",
		"loop":                    "more than 5 interpreters",
		"lost":                    "it is a script for no-such-interpreter-here: not found on PATH",
		"gone":                    "it is a script for /no/such/interpreter",
		"rel":                     "relative path",
		"empty":                   "names no interpreter",
		"odd\xff":                 "not UTF-8",
		"bin/loop":                "neither a name nor an absolute path",
		h.home + "/bin/no":        "no such file",
		h.home + "/bin/directory": "not an executable file",
	} {
		if _, err := h.find(named(exec)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", exec, err, want)
		}
	}
	if _, err := h.find(named("absent")); !errors.Is(err, ErrNotFound) {
		t.Errorf("not ErrNotFound: %v", err)
	}
}

// What stands in the working directory is never found.
func TestFindIgnoresRelativePath(t *testing.T) {
	h := newHost(t)
	h.file("here/tool", binary)
	t.Chdir(h.home + "/here")
	f := NewFinder([]string{"", ".", "../here"}, nil, Anchors{Home: h.home})
	if found, err := f.Complete(named("tool")); !errors.Is(err, ErrNotFound) {
		t.Errorf("found %v, %v", found.Program.Path, err)
	}
}

func TestFindPinned(t *testing.T) {
	h := newHost(t)
	h.file("bin/tool", binary)
	h.onPath("bin")
	p := named("tool")
	p.Program.Digest = strings.ToUpper(digest([]byte(binary)))
	p.Program.Args = []string{"--flag"}
	if _, err := h.find(p); err != nil {
		t.Fatal(err)
	}
	if p.Program.Digest != digest([]byte(binary)) || !slices.Equal(p.Program.Args, []string{"--flag"}) {
		t.Errorf("%+v", p.Program)
	}
	h.file("bin/tool", binary+"!")
	p = named("tool")
	p.Program.Digest = digest([]byte(binary))
	if _, err := h.find(p); err == nil || !strings.Contains(err.Error(), "is pinned to sha256") {
		t.Errorf("got %v", err)
	}
}

// The empty view has no system directories: the program is granted by name.
func TestFindForEmptyView(t *testing.T) {
	h := newHost(t)
	p := named("/bin/sh")
	p.Filesystem.View = plan.ViewEmpty
	found, err := h.find(p)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(p.Program.Grants, found.File) {
		t.Errorf("%s is not in %q", found.File, p.Program.Grants)
	}
}

func TestAnchors(t *testing.T) {
	base := tempDir(t)
	write(t, base+"/repo/.git/HEAD", "", 0o644)
	write(t, base+"/repo/a/b/f", "", 0o644)
	a := Anchors{Home: "/home/u", Cwd: base + "/repo/a/b", Markers: []string{".git"}, Getenv: func(name string) string {
		return map[string]string{"SET": "/set", "RELATIVE": "x"}[name]
	}}
	for _, c := range []struct {
		path plan.Path
		want string
	}{
		{plan.Path{Path: "/etc"}, "/etc"},
		{plan.Path{Anchor: plan.AnchorHome, Path: ".npm"}, "/home/u/.npm"},
		{plan.Path{Anchor: plan.AnchorHome}, "/home/u"},
		{plan.Path{Anchor: plan.AnchorCwd, Path: "x"}, base + "/repo/a/b/x"},
		{plan.Path{Anchor: plan.AnchorProject}, base + "/repo"},
		{plan.Path{Anchor: plan.AnchorEnv, Name: "SET", Path: "y"}, "/set/y"},
		{plan.Path{Anchor: plan.AnchorEnv, Name: "UNSET"}, ""},
		{plan.Path{Anchor: plan.AnchorEnv, Name: "RELATIVE"}, ""},
		{plan.Path{Anchor: plan.AnchorEnv, Name: "UNSET", Default: ".cache", Path: "z"}, "/home/u/.cache/z"},
	} {
		if got, ok := a.Resolve(c.path); got != c.want || ok != (c.want != "") {
			t.Errorf("%v: got %q, %v; want %q", c.path, got, ok, c.want)
		}
	}
	a.Markers = nil
	if got := a.Project(); got != a.Cwd {
		t.Errorf("no marker: %q", got)
	}
	if got := (Anchors{}).Project(); got != "" {
		t.Errorf("no working directory: %q", got)
	}
}
