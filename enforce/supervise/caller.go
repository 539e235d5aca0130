package supervise

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// caller is the thread that waits for an answer. What is read of it is true
// only if it still waits afterwards ([alive]): a thread's number is given anew
// once the thread is gone.
type caller struct {
	tid  int
	proc string // /proc/TID
	// pidfd is -1 until it is needed. It is the caller's own or a dead one's, never
	// that of a thread that got its number later.
	pidfd int
}

func newCaller(tid int) *caller {
	return &caller{tid, "/proc/" + strconv.Itoa(tid), -1}
}

// forget lets go of what is held open of the thread.
func (c *caller) forget() {
	if c != nil {
		closeOnce(&c.pidfd)
	}
}

// caller gives the thread of a notification: mostly the same one as before.
func (m *Mediator) caller(n notification) *caller {
	if m.last == nil || m.last.tid != int(n.pid) {
		m.last.forget()
		m.last = newCaller(int(n.pid))
	}
	return m.last
}

// pidfdThread is PIDFD_THREAD of pidfd_open(2) (Linux 6.9).
const pidfdThread = unix.O_EXCL

// duplicate gives a descriptor of the caller's, duplicated (pidfd_getfd(2)).
func (c *caller) duplicate(fd int) (int, error) {
	if c.pidfd >= 0 {
		got, err := unix.PidfdGetfd(c.pidfd, fd, 0)
		if err != unix.ESRCH {
			return got, err
		}
		c.forget() // of a thread that had the number before
	}
	if err := c.open(); err != nil {
		return -1, err
	}
	return unix.PidfdGetfd(c.pidfd, fd, 0)
}

// open opens the caller's pidfd. Before Linux 6.9 it is the process's, with
// whose descriptors a thread may have parted: then it is another one that is
// duplicated, and just as much the sandbox's.
func (c *caller) open() (err error) {
	c.pidfd, err = unix.PidfdOpen(c.tid, pidfdThread)
	if err == unix.EINVAL {
		c.pidfd, err = unix.PidfdOpen(c.process(), 0)
	}
	return err
}

// read copies the caller's memory (process_vm_readv(2)). Less than all of it is
// EFAULT, as it is to the kernel.
func (c *caller) read(address uint64, into []byte) error {
	if len(into) == 0 {
		return nil
	}
	local := []unix.Iovec{{Base: &into[0]}}
	local[0].SetLen(len(into))
	remote := []unix.RemoteIovec{{Base: uintptr(address), Len: len(into)}}
	n, err := unix.ProcessVMReadv(c.tid, local, remote, 0)
	if err == nil && n != len(into) {
		err = unix.EFAULT
	}
	return err
}

// find opens the file at a path as the caller sees it, with O_PATH. Its root is
// the caller's, looked up anew each time: a late drop gives it another one. Links of proc are not followed, since they would be those of
// the process that follows them.
func (c *caller) find(path string) (int, error) {
	if path[0] != '/' {
		cwd, err := readlink(c.proc + "/cwd")
		if err != nil {
			return -1, err
		}
		path = cwd + "/" + path
	}
	root, err := unix.Open(c.proc+"/root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(root)
	return unix.Openat2(root, path, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
}

func readlink(path string) (string, error) {
	var b [unix.PathMax]byte
	n, err := unix.Readlink(path, b[:])
	return string(b[:max(0, n)]), err
}

// process gives the thread's process, 0 where it cannot be told.
func (c *caller) process() int {
	n, _ := strconv.Atoi(c.status()("Tgid:"))
	return n
}

// interrupted says that a signal waits that would end the caller's wait for a
// connection: any that is neither blocked nor ignored (proc_pid_status(5)).
func (c *caller) interrupted() bool {
	field := c.status()
	mask := func(name string) uint64 {
		n, _ := strconv.ParseUint(field(name), 16, 64)
		return n
	}
	return (mask("SigPnd:")|mask("ShdPnd:"))&^mask("SigBlk:")&^mask("SigIgn:") != 0
}

// isOurUser says that the caller's user and group, as they count for access and
// are told to others (credentials(7)), are this process's own: a profile may
// give the program another identity.
func (c *caller) isOurUser() bool {
	field := c.status()
	all := func(name string, id int) bool {
		ids := strings.Fields(field(name)) // real, effective, saved, file system
		return len(ids) == 4 && ids[1] == strconv.Itoa(id) && ids[3] == strconv.Itoa(id)
	}
	return all("Uid:", unix.Geteuid()) && all("Gid:", unix.Getegid())
}

// status reads the thread's state and gives a field by its name with the colon.
func (c *caller) status() func(name string) string {
	var b [4096]byte
	n := 0
	if fd, err := unix.Open(c.proc+"/status", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		n, _ = unix.Read(fd, b[:])
		_ = unix.Close(fd)
	}
	return func(name string) string { return field(string(b[:max(0, n)]), name) }
}
