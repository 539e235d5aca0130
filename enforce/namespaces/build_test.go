package namespaces

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// built gives the steps of a view as text, one per line.
func built(t *testing.T, v *View, hostRoot bool) string {
	t.Helper()
	l := steps.New()
	if err := v.Build(l, hostRoot); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range l.Steps {
		b.WriteString(string(s.Kind) + " " + s.Text() + "\n")
	}
	return b.String()
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimLeft(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBuildNothing(t *testing.T) {
	compare(t, built(t, &View{}, false), `
attr / private, recursively
mount tmpfs at /proc (mode=755,size=256m,nr_inodes=65536)
root chdir /proc
root pivot_root . and detach the old root
attr / read-only
`)
	compare(t, built(t, &View{}, true), `
attr / private, recursively
bind / at /proc, read-only, with what is mounted below
root chdir /proc
root pivot_root . and detach the old root
`)
}

func TestBuildAView(t *testing.T) {
	var v View
	v.Add(show("/h/u/p", steps.BindOptions{Writable: true, Recursive: true, Exact: true}))
	v.Add(Place{Path: "/h/u/p/.git", Kind: Pin, Origin: none})
	v.Add(Place{Path: "/h/u/p/.git/hooks", Kind: Protect, Origin: none})
	v.Add(Place{Path: "/h/u/p/secret", Kind: HideDir, Origin: none})
	v.Add(Place{Path: "/h/u/p/.env", Kind: HideFile, Origin: none})
	v.Add(Place{Path: "/h/u/p/.env2", Kind: HideFile, Origin: none})
	v.Add(Place{Path: "/bin", Kind: Link, Source: "usr/bin", Origin: none})
	v.Add(Place{Path: "/e/hosts", Kind: Content, Content: []byte("x"), Origin: none})
	v.Add(Place{Path: "/proc", Kind: Proc, Origin: none})
	v.Add(Place{Path: "/t", Kind: Tmpfs, Data: "mode=1777", Origin: none})
	v.Add(Place{Path: "/t/way/to/this", Kind: Show, Source: "/h/x", File: true, Origin: none})
	v.Add(Place{Path: "/cwd", Kind: Dir, Origin: none})
	compare(t, built(t, &v, false), `
attr / private, recursively
mount tmpfs at /proc (mode=755,size=256m,nr_inodes=65536)
root chdir /proc
symlink bin -> usr/bin
mkdir cwd
mkdir e
file e/hosts (1 bytes)
mkdir h
mkdir h/u
bind /h/u/p at h/u/p, writable, with what is mounted below
file .husk-empty (0 bytes)
bind .husk-empty at h/u/p/.env, read-only
bind .husk-empty at h/u/p/.env2, read-only
bind h/u/p/.git at h/u/p/.git, writable, with what is mounted below
bind h/u/p/.git/hooks at h/u/p/.git/hooks, read-only, with what is mounted below
mount tmpfs at h/u/p/secret (mode=755,size=1m)
mkdir proc
mount proc at proc (hidepid=ptraceable)
mkdir t
mount tmpfs at t (mode=1777,nr_inodes=262144)
mkdir t/way
mount tmpfs at t/way (mode=755,size=1m)
mkdir t/way/to
bind /h/x at t/way/to/this, read-only
file .husk-empty removed
root pivot_root . and detach the old root
attr /h/u/p/secret read-only
attr /t/way read-only
attr / read-only
`)
}

// With the host's tree as ground nothing is made in it, and an empty file has
// to come from somewhere else.
func TestBuildOnTheHost(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"dir", "dir/sub"} {
		if err := os.Mkdir(dir+"/"+name, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var v View
	v.Add(Place{Path: dir + "/dir", Kind: HideDir, Origin: none})
	v.Add(Place{Path: dir + "/file", Kind: HideFile, Origin: none})
	v.Add(show(dir+"/dir/sub", steps.BindOptions{Writable: true}))
	got := strings.ReplaceAll(built(t, &v, true), dir[1:], "T")
	compare(t, strings.ReplaceAll(got, "/T", "/T"), `
attr / private, recursively
bind / at /proc, read-only, with what is mounted below
root chdir /proc
mount tmpfs at T/dir (mode=755,size=1m)
bind /T/dir/sub at T/dir/sub, writable
bind /dev/null at T/file, read-only
root pivot_root . and detach the old root
attr /T/dir read-only
`)
}

// A place that the host hasn't, below something of the host's, could only be
// made in the user's own tree.
func TestBuildMakesNothingInTheUsersTree(t *testing.T) {
	dir := t.TempDir()
	ground := show(dir, steps.BindOptions{Writable: true})
	if err := os.Mkdir(dir+"/there", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		place func(path string) Place
		below string // the place, where it can stand and where it can't
	}{
		"something shown":        {func(p string) Place { return Place{Path: p, Kind: Show, Source: "/usr"} }, ""},
		"something shown deeper": {func(p string) Place { return Place{Path: p + "/deep", Kind: Show, Source: "/usr"} }, "/deep"},
		"an empty file system":   {func(p string) Place { return Place{Path: p, Kind: Tmpfs} }, ""},
		"a directory":            {func(p string) Place { return Place{Path: p, Kind: Dir} }, ""},
		"a proc":                 {func(p string) Place { return Place{Path: p, Kind: Proc} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(dir+"/there"+c.below, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, hostRoot := range []bool{false, true} {
				for path, want := range map[string]bool{dir + "/there": true, dir + "/missing": false} {
					var v View
					if !hostRoot {
						v.Add(ground)
					}
					v.Add(c.place(path))
					err := v.Build(steps.New(), hostRoot)
					switch {
					case want && err != nil:
						t.Errorf("hostRoot %v: %s: %v", hostRoot, path, err)
					case !want && (err == nil || !strings.Contains(err.Error(), dir+"/missing")):
						t.Errorf("hostRoot %v: %s: error %v", hostRoot, path, err)
					}
				}
			}
			if _, err := os.Lstat(dir + "/missing"); err == nil {
				t.Error("it was made")
			}
		})
	}
}

// fakeHost is a file system for [Lookup].
type fakeHost map[string]any // a link's target as string, a file's content as []byte, nil for a directory

func (h fakeHost) Lstat(path string) uint32 {
	switch v, ok := h[path]; v.(type) {
	case string:
		return unix.S_IFLNK
	case []byte:
		return unix.S_IFREG
	default:
		if ok {
			return unix.S_IFDIR
		}
		return 0
	}
}

func (h fakeHost) Resolve(path string) (string, bool) {
	for range 8 {
		target, ok := h[path].(string)
		if !ok {
			break
		}
		path = target
	}
	_, ok := h[path]
	return path, ok
}

func (h fakeHost) Readlink(path string) string { target, _ := h[path].(string); return target }

func (h fakeHost) Read(path string) ([]byte, error) {
	if content, ok := h[path].([]byte); ok {
		return content, nil
	}
	target, ok := h.Resolve(path)
	content, isFile := h[target].([]byte)
	if !ok || !isFile {
		return nil, unix.ENOENT
	}
	return content, nil
}

func placed(v *View) []string {
	var all []string
	for _, p := range v.sorted() {
		text := p.Path
		switch p.Kind {
		case Link:
			text += " -> " + p.Source
		case Content:
			text += " = " + string(p.Content)
		case Show:
			text += " shown"
		case HideDir, HideFile:
			text += " hidden"
		}
		all = append(all, text)
	}
	return all
}

func TestAddEtc(t *testing.T) {
	host := fakeHost{
		"/etc/hosts":       []byte("h"),
		"/etc/resolv.conf": "/run/r.conf", "/run/r.conf": []byte("r"), // out of the system: copied
		"/etc/localtime": "/usr/share/z", "/usr/share/z": []byte("z"), // into the system: a link
		"/etc/os-release": "/nowhere",
		"/etc/services":   nil, // a directory, where a file should be
		"/etc/ssl/certs":  nil,
		"/etc/fonts":      []byte("a file, where a directory should be"),
		"/etc/shadow":     []byte("secret"), "/etc/ssh": nil, "/etc/ssl/private": nil,
		"/etc/ld.so.cache": make([]byte, maxEtcFile+1),
	}
	var v View
	v.AddEtc(host, []byte("P"), []byte("G"))
	want := []string{"/etc/group = G", "/etc/hosts = h", "/etc/localtime -> /usr/share/z", "/etc/passwd = P",
		"/etc/resolv.conf = r", "/etc/ssl/certs shown"}
	if got := placed(&v); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAddSystem(t *testing.T) {
	var v View
	v.AddSystem(fakeHost{"/usr": nil, "/bin": "usr/bin", "/lib": nil, "/sbin": []byte("a file"), "/opt": nil, "/home": nil})
	want := []string{"/bin -> usr/bin", "/lib shown", "/usr shown"}
	if got := placed(&v); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, p := range v.places {
		if p.Options.Writable || p.Options.Devices {
			t.Errorf("%s: %+v", p.Path, p.Options)
		}
	}
}

func TestAddHostSecrets(t *testing.T) {
	var v View
	v.AddHostSecrets(fakeHost{"/home": nil, "/root": nil, "/etc/shadow": []byte("x"), "/usr": nil, "/var/run": "/run", "/run": nil})
	want := []string{"/etc/shadow hidden", "/home hidden", "/root hidden", "/run hidden"}
	if got := placed(&v); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Only harmless devices, and each of them usable.
func TestAddDev(t *testing.T) {
	var v View
	v.AddDev(fakeHost{}, "/dev/pts/3")
	var devs []string
	for _, p := range v.places {
		if p.Kind != Show {
			continue
		}
		devs = append(devs, p.Source+" at "+p.Path)
		if o := p.Options; !o.Writable || !o.Devices || !o.NoExec || o.Recursive || !p.File {
			t.Errorf("%s: %+v", p.Path, p)
		}
	}
	want := []string{"/dev/null at /dev/null", "/dev/zero at /dev/zero", "/dev/full at /dev/full", "/dev/random at /dev/random",
		"/dev/urandom at /dev/urandom", "/dev/tty at /dev/tty", "/dev/pts/3 at /dev/console"}
	if !slices.Equal(devs, want) {
		t.Errorf("%q, want %q", devs, want)
	}
	var none View
	none.AddDev(fakeHost{}, "")
	if none.Shows("/dev/console") {
		t.Error("a console without a terminal")
	}
}
