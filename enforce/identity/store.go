package identity

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Names of the files in a [Store].
const (
	lockFile  = "lock"      // flock(2): held while a pair is chosen
	tableFile = "dedicated" // which profile has which pair
	leaseFile = "unique"    // a lock on byte n: uid n lives
)

// Store is the directory that remembers who has which identity. Only its owner
// may write it.
type Store struct {
	dir  int
	path string
	// UIDs and GIDs are what may be given away: pair n has the n-th of each.
	UIDs, GIDs []Range
	// inUse asks whether a process of that user exists.
	inUse func(uid int) bool
}

// Open opens a store. path must be a directory that belongs to uid and that
// nobody else may write: who can write it chooses who a program is.
func Open(path string, uid int, uids, gids []Range) (*Store, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(path + ": " + err.Error())
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || int(st.Uid) != uid || st.Mode&0o022 != 0 {
		unix.Close(fd)
		return nil, errors.New(path + ": must belong to user " + strconv.Itoa(uid) + " and be writable for nobody else")
	}
	return &Store{dir: fd, path: path, UIDs: uids, GIDs: gids, inUse: alive}, nil
}

// Close closes the store. Leases stay.
func (s *Store) Close() { unix.Close(s.dir) }

// alive says whether there is a process of a user: getpriority(2) answers ESRCH
// where there is none. It asks the kernel once, in place of a walk over /proc.
func alive(uid int) bool {
	_, err := unix.Getpriority(unix.PRIO_USER, uid)
	return err != unix.ESRCH
}

// wrap names the file that an error is about.
func (s *Store) wrap(name string, err error) error {
	return errors.New(s.path + "/" + name + ": " + err.Error())
}

// locked runs f while nobody else chooses.
func (s *Store) locked(f func() error) error {
	fd, err := unix.Openat(s.dir, lockFile, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return s.wrap(lockFile, err)
	}
	defer unix.Close(fd)
	for {
		err = unix.Flock(fd, unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return s.wrap(lockFile, err)
	}
	return f()
}

// table reads the table of dedicated identities; one that isn't there is empty.
func (s *Store) table() ([]entry, error) {
	fd, err := unix.Openat(s.dir, tableFile, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		return nil, nil
	}
	if err != nil {
		return nil, s.wrap(tableFile, err)
	}
	defer unix.Close(fd)
	text, err := readAll(fd)
	if err != nil {
		return nil, s.wrap(tableFile, err)
	}
	table, err := parseTable(text)
	if err != nil {
		return nil, s.wrap(tableFile, err)
	}
	return table, nil
}

func readAll(fd int) (string, error) {
	var b strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, buffer)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return "", err
		case n == 0:
			return b.String(), nil
		default:
			b.Write(buffer[:n])
		}
	}
}

// write replaces the table: a new file, on the disk, then renamed, so that a
// reader and a crash see the old one or the new one.
func (s *Store) write(table []entry) error {
	const fresh = tableFile + ".new"
	fd, err := unix.Openat(s.dir, fresh, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return s.wrap(fresh, err)
	}
	text := []byte(formatTable(table))
	for len(text) > 0 && err == nil {
		var n int
		if n, err = unix.Write(fd, text); err == unix.EINTR {
			err = nil
			continue
		}
		text = text[max(n, 0):]
	}
	if err == nil {
		err = unix.Fsync(fd)
	}
	unix.Close(fd)
	if err == nil {
		err = unix.Renameat(s.dir, fresh, s.dir, tableFile)
	}
	if err == nil {
		err = unix.Fsync(s.dir)
	}
	if err != nil {
		_ = unix.Unlinkat(s.dir, fresh, 0)
		return s.wrap(fresh, err)
	}
	return nil
}
