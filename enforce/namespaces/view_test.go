package namespaces

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/steps"
)

func TestBefore(t *testing.T) {
	// In this order, and so in every pair.
	order := []string{"/", "/a", "/a/b", "/a/b/c", "/a/z", "/a!", "/a!/b", "/a-b", "/a.b/c", "/ab", "/b", "/é"}
	for i, a := range order {
		for j, b := range order {
			if got := before(a, b); got != (i < j) {
				t.Errorf("before(%q, %q) is %v", a, b, got)
			}
		}
	}
}

// By its definition: the same as comparing the paths name by name.
func TestBeforeComparesNames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const letters = "a-.!~/"
	path := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		// Clean, as all paths of a view are.
		p := "/" + strings.Join(slices.DeleteFunc(strings.Split(b.String(), "/"), func(s string) bool { return s == "" }), "/")
		return p
	}
	for range 20_000 {
		a, b := path(), path()
		if a == "/" || b == "/" {
			continue
		}
		want := slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) < 0
		if got := before(a, b); got != want {
			t.Fatalf("before(%q, %q) is %v", a, b, got)
		}
	}
}

func TestWithinAndParent(t *testing.T) {
	for _, c := range []struct {
		path, dir string
		want      bool
	}{
		{"/a", "/a", true}, {"/a/b", "/a", true}, {"/a/b/c", "/a", true}, {"/a", "/", true}, {"/", "/", true},
		{"/ab", "/a", false}, {"/a-b/c", "/a", false}, {"/a", "/a/b", false}, {"/", "/a", false}, {"/b", "/a", false},
	} {
		if got := Within(c.path, c.dir); got != c.want {
			t.Errorf("Within(%q, %q) is %v", c.path, c.dir, got)
		}
	}
	for path, want := range map[string]string{"/": "/", "/a": "/", "/a/b": "/a", "/a/b/c": "/a/b"} {
		if got := Parent(path); got != want {
			t.Errorf("Parent(%q) is %q, want %q", path, got, want)
		}
	}
}

func show(path string, o steps.BindOptions) Place {
	return Place{Path: path, Kind: Show, Source: path, Origin: none, Options: o}
}

func TestCovers(t *testing.T) {
	var v View
	v.Add(show("/a", steps.BindOptions{}))
	v.Add(show("/a/b", steps.BindOptions{Writable: true, NoExec: true}))
	v.Add(show("/a/b/c", steps.BindOptions{Writable: true}))
	v.Add(Place{Path: "/elsewhere", Kind: Show, Source: "/from"}) // not at its own place
	v.Add(Place{Path: "/made", Kind: Tmpfs})                      // not of the host
	for path, want := range map[string]Cover{
		"/": {}, "/b": {}, "/ab": {}, "/elsewhere/x": {}, "/made/x": {}, "/from": {},
		"/a": {Shown: true, Executable: true}, "/a/x": {Shown: true, Executable: true},
		"/a/b": {Shown: true, Writable: true}, "/a/b/x": {Shown: true, Writable: true}, "/a/bc": {Shown: true, Executable: true},
		"/a/b/c/d/e": {true, true, true},
	} {
		if got := v.Covers(path); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
	if !v.Shows("/a/b") || v.Shows("/a/x") || v.Shows("/made") || !v.Shows("/elsewhere") {
		t.Error("Shows is about exactly that place")
	}
}

func TestHides(t *testing.T) {
	var v View
	v.Add(Place{Path: "/a", Kind: HideDir})
	v.Add(Place{Path: "/f", Kind: HideFile})
	for path, want := range map[string]bool{"/a": true, "/a/b": true, "/ab": false, "/": false, "/f": false} {
		if got := v.Hides(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// At one path the later kinds lie on top, so they must be mounted later.
func TestSortedKeepsTheOrderOfKinds(t *testing.T) {
	var v View
	v.Add(Place{Path: "/a/b", Kind: HideDir})
	v.Add(Place{Path: "/a", Kind: HideDir})
	v.Add(Place{Path: "/a-b", Kind: Show})
	v.Add(Place{Path: "/a", Kind: Protect})
	v.Add(Place{Path: "/a", Kind: Show, Origin: 1})
	v.Add(Place{Path: "/a", Kind: Show, Origin: 2})
	v.Add(Place{Path: "/a", Kind: Dir})
	var got []string
	for _, p := range v.sorted() {
		got = append(got, p.Path+" "+[]string{"dir", "link", "content", "show", "tmpfs", "pin", "pin link", "protect", "hide"}[p.Kind]+
			strings.Repeat("'", p.Origin))
	}
	want := []string{"/a dir", "/a show'", "/a show''", "/a protect", "/a hide", "/a/b hide", "/a-b show"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if v.places[0].Path != "/a/b" {
		t.Error("the view itself was sorted")
	}
}

func TestName(t *testing.T) {
	for name, want := range map[string]string{
		"anna": "anna", "": "user", "a:b": "user", "a\nroot:x:0:0::/:/bin/sh": "user", "a\x00": "user", "../x": "user",
	} {
		if got := Name(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
