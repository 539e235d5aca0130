package identity

import (
	"encoding/binary"
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// Lease is a unique identity that is in use. The lock behind it belongs to the
// open file description (fcntl_locking(2), "open file description locks"): it
// is held until the last copy of the descriptor is closed, however its holders
// end, so a sandbox's PID 1 that has a copy keeps it too.
type Lease struct {
	Pair
	FD int // closed on exec
}

// Release gives the identity back, once the last process that has it is gone.
func (l *Lease) Release() { unix.Close(l.FD) }

// size gives how many pairs there are.
func (s *Store) size() int { return min(count(s.UIDs), count(s.GIDs)) }

func (s *Store) pair(i int) Pair { return Pair{nth(s.UIDs, i), nth(s.GIDs, i)} }

// Dedicated gives a profile's own pair: always the same one, chosen when it is
// asked for the first time. With peek nothing is chosen for good.
func (s *Store) Dedicated(profile string, peek bool) (Pair, error) {
	table, err := s.table()
	if err != nil {
		return Pair{}, err
	}
	if p, ok := find(table, profile); ok {
		return p, s.usable(p, profile)
	}
	if peek {
		return s.free(table)
	}
	var p Pair
	err = s.locked(func() (err error) {
		if table, err = s.table(); err != nil { // somebody may have been faster
			return err
		}
		var ok bool
		if p, ok = find(table, profile); ok {
			return s.usable(p, profile)
		}
		if p, err = s.free(table); err != nil {
			return err
		}
		return s.write(append(table, entry{p, profile}))
	})
	return p, err
}

// ErrShrunk says that a profile's pair does not belong to the caller any more.
var ErrShrunk = errors.New("lies outside of the ranges that /etc/subuid and /etc/subgid give")

// ErrExhausted says that every pair is in use.
var ErrExhausted = errors.New("every subordinate user is in use")

// usable checks that a pair from the table may still be used.
func (s *Store) usable(p Pair, profile string) error {
	if contains(s.UIDs, p.UID) && contains(s.GIDs, p.GID) {
		return nil
	}
	return shrunk{"user " + strconv.Itoa(p.UID) + " and group " + strconv.Itoa(p.GID) + ", which profile " + profile +
		" has by " + s.path + "/" + tableFile + ", " + ErrShrunk.Error()}
}

type shrunk struct{ text string }

func (e shrunk) Error() string        { return e.text }
func (e shrunk) Is(target error) bool { return target == ErrShrunk }

// free gives the lowest pair that nobody has: no profile, no running session,
// no process.
func (s *Store) free(table []entry) (Pair, error) {
	fd, err := s.leases()
	if err != nil {
		return Pair{}, err
	}
	defer unix.Close(fd)
	for i := range s.size() {
		p := s.pair(i)
		if taken(table, p) || s.inUse(p.UID) {
			continue
		}
		ok, err := lock(fd, p.UID) // let go when fd is closed
		if err != nil {
			return Pair{}, s.wrap(leaseFile, err)
		}
		if ok {
			return p, nil
		}
	}
	return Pair{}, ErrExhausted
}

// Unique gives a pair that no live session has. The search begins anywhere, so
// that a pair is seldom used twice in a row: what a session has left behind is
// not found by the next one.
func (s *Store) Unique() (*Lease, error) {
	var lease *Lease
	err := s.locked(func() error {
		table, err := s.table()
		if err != nil {
			return err
		}
		lease, err = s.lease(table)
		return err
	})
	return lease, err
}

func (s *Store) lease(table []entry) (*Lease, error) {
	begin, err := anywhere(s.size())
	if err != nil {
		return nil, err
	}
	fd, err := s.leases()
	if err != nil {
		return nil, err
	}
	for i := range s.size() {
		p := s.pair((begin + i) % s.size())
		if taken(table, p) {
			continue
		}
		ok, err := lock(fd, p.UID)
		if err != nil {
			unix.Close(fd)
			return nil, s.wrap(leaseFile, err)
		}
		if ok && !s.inUse(p.UID) {
			return &Lease{p, fd}, nil
		}
		if ok {
			unlock(fd, p.UID)
		}
	}
	unix.Close(fd)
	return nil, ErrExhausted
}

// anywhere gives a number below n, from getrandom(2).
func anywhere(n int) (int, error) {
	if n == 0 {
		return 0, nil
	}
	var b [8]byte
	if got, err := unix.Getrandom(b[:], 0); err != nil || got != len(b) {
		return 0, errors.New("getrandom gives no number")
	}
	return int(binary.NativeEndian.Uint64(b[:]) % uint64(n)), nil
}

// leases opens the file whose bytes are locked. It stays empty: a lock may lie
// behind a file's end.
func (s *Store) leases() (int, error) {
	fd, err := unix.Openat(s.dir, leaseFile, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, s.wrap(leaseFile, err)
	}
	return fd, nil
}

// lock takes the lock of a uid; false where somebody else has it.
func lock(fd, uid int) (bool, error) {
	err := unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Start: int64(uid), Len: 1})
	if err == unix.EAGAIN || err == unix.EACCES {
		return false, nil
	}
	return err == nil, err
}

// unlock cannot fail for a lock that is held (fcntl_locking(2)).
func unlock(fd, uid int) {
	_ = unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_UNLCK, Start: int64(uid), Len: 1})
}
