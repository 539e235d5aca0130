package session

import "path"

// Descriptors gives the descriptors that a process goes on with when it
// executes another program: of the directory that holds the session directory,
// and of itself, with the lock.
func (d *Dir) Descriptors() (base, fd int) { return d.base, d.fd }

// Adopt is the session directory at a path, behind descriptors that
// [Dir.Descriptors] gave.
func Adopt(at string, base, fd int) *Dir {
	return &Dir{Path: at, base: base, name: path.Base(at), fd: fd}
}
