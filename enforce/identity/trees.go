package identity

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// Mapping shows files of one user as another's (mount_setattr(2), "ID-mapped
// mounts"): what Outside owns belongs to Inside there, and what Inside makes
// belongs to Outside on the disk. Everybody else stays who they are. It takes
// CAP_SYS_ADMIN in the user namespace that the file system was mounted in.
type Mapping struct{ namespace int }

// NewMapping makes the mapping: a user namespace that nothing ever runs in.
func NewMapping(outside, inside Pair) (*Mapping, error) {
	uids, errUID := mapped("/proc/self/uid_map")
	gids, errGID := mapped("/proc/self/gid_map")
	if err := errors.Join(errUID, errGID); err != nil {
		return nil, err
	}
	fd, err := namespaceOf(swap(uids, outside.UID, inside.UID), swap(gids, outside.GID, inside.GID))
	if err != nil {
		return nil, err
	}
	return &Mapping{fd}, nil
}

// Close closes the mapping; trees that have it keep it.
func (m *Mapping) Close() { unix.Close(m.namespace) }

// mapped reads which ids exist for this process.
func mapped(file string) ([]Range, error) {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(file + ": " + err.Error())
	}
	defer unix.Close(fd)
	text, err := readAll(fd)
	if err != nil {
		return nil, errors.New(file + ": " + err.Error())
	}
	var ranges []Range
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return nil, errors.New(file + ": not three numbers: " + line)
		}
		first, errFirst := strconv.Atoi(fields[0])
		n, errCount := strconv.Atoi(fields[2])
		if errFirst != nil || errCount != nil {
			return nil, errors.New(file + ": not three numbers: " + line)
		}
		ranges = append(ranges, Range{first, n})
	}
	return ranges, nil
}

// swap gives the lines of a map in which file owner outside is seen as inside
// and everybody else of all as themselves. The owner inside is not seen.
func swap(all []Range, outside, inside int) []Line {
	lines := []Line{{outside, inside, 1}}
	low, high := min(outside, inside), max(outside, inside)
	for _, r := range all {
		end := r.First + r.Count
		for _, part := range [][2]int{{r.First, low}, {low + 1, high}, {high + 1, end}} {
			from, to := max(part[0], r.First), min(part[1], end)
			if from < to {
				lines = append(lines, Line{from, from, to - from})
			}
		}
	}
	return lines
}

// namespaceOf gives a descriptor of a user namespace with the maps. Its only
// process ends before this returns.
func namespaceOf(uids, gids []Line) (int, error) {
	pipe, err := steps.Pipe()
	if err != nil {
		return -1, err
	}
	l := steps.New()
	l.BlockSignals()
	l.DieWithParent(pipe)
	p := l.Process(steps.Options{Flags: unix.CLONE_NEWUSER, Terminal: -1, Pipe: pipe})
	if err := p.Clone(); err != nil {
		unix.Close(pipe[0])
		unix.Close(pipe[1])
		return -1, errors.New("clone: " + err.Error())
	}
	defer p.Abort()
	if err := Write(p.Pid, uids, gids); err != nil {
		return -1, err
	}
	file := "/proc/" + strconv.Itoa(p.Pid) + "/ns/user"
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, errors.New(file + ": " + err.Error())
	}
	return fd, nil
}

// Tree gives a copy of the mount tree at path, attached nowhere, with the
// attributes (MOUNT_ATTR_*) and the mapping on all that is mounted in it. path
// must lead through no symbolic link.
func (m *Mapping) Tree(path string, attributes uint64) (int, error) {
	at, err := unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS})
	if err != nil {
		return -1, err
	}
	defer unix.Close(at)
	flags := uint(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_EMPTY_PATH | unix.AT_RECURSIVE)
	tree, err := unix.OpenTree(at, "", flags)
	if err != nil {
		return -1, err
	}
	err = unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &unix.MountAttr{
		Attr_set: attributes | unix.MOUNT_ATTR_IDMAP, Propagation: unix.MS_PRIVATE, Userns_fd: uint64(m.namespace)})
	if err != nil {
		unix.Close(tree)
		return -1, err
	}
	return tree, nil
}
