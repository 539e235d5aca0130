package absent

import (
	"encoding/base32"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// state is husk's state directory, opened: records of living sessions lie in
// absent/, what was moved away in moved/.
type state struct {
	path    string
	dir     int
	records int
}

// openState opens the state directory. Whoever can write a record can have any
// file moved that its reader may move, so everything must be the reader's own.
func openState(path string, create bool) (*state, error) {
	dir, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT && !create {
		return nil, err
	}
	if err != nil {
		return nil, errors.New(path + ": " + err.Error())
	}
	s := &state{path: path, dir: dir}
	if s.records, err = s.subdirectory("absent", create); err != nil {
		unix.Close(dir)
		if err == unix.ENOENT {
			return nil, err
		}
		return nil, errors.New(path + "/absent: " + err.Error())
	}
	return s, nil
}

func (s *state) close() {
	unix.Close(s.dir)
	unix.Close(s.records)
}

// subdirectory opens a directory of the state's, and makes it where it may.
func (s *state) subdirectory(name string, create bool) (int, error) {
	if create {
		if err := unix.Mkdirat(s.dir, name, 0o700); err != nil && err != unix.EEXIST {
			return -1, err
		}
	}
	fd, err := unix.Openat(s.dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := own(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// own says that what fd has open is the caller's, and nobody else may write it.
func own(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if int(st.Uid) != unix.Geteuid() {
		return errors.New("belongs to user " + strconv.Itoa(int(st.Uid)))
	}
	if st.Mode&0o022 != 0 {
		return errors.New("may be written by others")
	}
	return nil
}

// maxRecord bounds a record's size, in bytes.
const maxRecord = 16 << 20

func (s *state) read(fd int) (string, error) {
	if err := own(fd); err != nil {
		return "", err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return "", err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size > maxRecord {
		return "", errors.New("is no record")
	}
	text := make([]byte, st.Size)
	n, err := unix.Pread(fd, text, 0)
	if err != nil {
		return "", err
	}
	return string(text[:n]), nil
}

// names lists a directory without "." and "..".
func names(fd int) ([]string, error) {
	var all []string
	buffer := make([]byte, 4<<10)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return all, err
		}
		_, _, all = unix.ParseDirent(buffer[:n], -1, all)
	}
}

// random gives a name of 80 bits that nobody can guess (getrandom(2)).
func random() (string, error) {
	var b [10]byte
	if n, err := unix.Getrandom(b[:], 0); err != nil || n != len(b) {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), nil
}
