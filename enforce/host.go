package enforce

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// link is a symbolic link that a path leads through.
type link struct{ path, target string }

// resolved is a path of the host with every link followed.
type resolved struct {
	path  string
	links []link
	mode  uint32 // st_mode; 0 where there is nothing
	// base is the st_mode of the deepest directory or file that exists.
	base uint32
	// missing is the part that does not exist, counted in components.
	missing int
}

func (r resolved) isDir() bool { return r.mode&unix.S_IFMT == unix.S_IFDIR }

// maxLinks is the kernel's own bound (path_resolution(7)).
const maxLinks = 40

// resolve follows a path component by component, as the kernel would. What
// does not exist is kept as it is written.
func resolve(p string) (resolved, bool) {
	r := resolved{path: "/", mode: unix.S_IFDIR, base: unix.S_IFDIR}
	rest := strings.Split(path.Clean(p), "/")
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			r.path = path.Dir(r.path)
			continue
		}
		next := path.Join(r.path, name)
		var st unix.Stat_t
		if r.missing > 0 || unix.Lstat(next, &st) != nil {
			r.path, r.mode = next, 0
			r.missing++
			continue
		}
		if st.Mode&unix.S_IFMT != unix.S_IFLNK {
			r.path, r.mode, r.base = next, st.Mode, st.Mode
			continue
		}
		if len(r.links) == maxLinks {
			return r, false
		}
		target := readlink(next)
		r.links = append(r.links, link{next, target})
		if path.IsAbs(target) {
			r.path = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return r, true
}

func readlink(p string) string {
	buffer := make([]byte, unix.PathMax)
	n, err := unix.Readlink(p, buffer)
	if err != nil {
		return ""
	}
	return string(buffer[:n])
}

// readFile reads a file. os.ReadFile would set up Go's poller first. The size
// that the kernel gives (0 for proc's files) is only where the buffer begins.
func readFile(p string) ([]byte, error) {
	fd, err := unix.Open(p, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, &Failure{Text: p + ": " + err.Error()}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, &Failure{Text: p + ": " + err.Error()}
	}
	text := make([]byte, 0, max(st.Size, 512)+1)
	for {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := unix.Read(fd, text[len(text):cap(text)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &Failure{Text: p + ": " + err.Error()}
		}
		if n == 0 {
			return text, nil
		}
		text = text[:len(text)+n]
	}
}

// host answers the view's questions about the file system.
type host struct{}

func (host) Lstat(p string) uint32 {
	var st unix.Stat_t
	if unix.Lstat(p, &st) != nil {
		return 0
	}
	return st.Mode
}

func (host) Resolve(p string) (string, bool) {
	r, ok := resolve(p)
	return r.path, ok && r.mode != 0
}

func (host) Readlink(p string) string { return readlink(p) }

func (host) Read(p string) ([]byte, error) { return readFile(p) }
