package session

// RemoveTree removes the directory name of the directory base with all that is
// in it; fd is name, opened. It copes with what sandboxed programs leave
// (directories without rights, trees of any depth) and follows no link.
func RemoveTree(base int, name string, fd int) error { return removeTree(base, name, fd) }

// Names lists the directory that fd has open, without "." and "..".
func Names(fd int) ([]string, error) { return names(fd) }
