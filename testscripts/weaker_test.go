package testscripts

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The programs here run another one on a weaker kernel than there is, without
// changing the machine.

// nolandlockMain is the program nolandlock: a filter answers
// landlock_create_ruleset with the errno, as a kernel that was built without
// Landlock (ENOSYS) or started without it (EOPNOTSUPP) does.
func nolandlockMain() { answered(unix.SYS_LANDLOCK_CREATE_RULESET) }

// nokeyringMain is the program nokeyring: a filter answers keyctl with the errno,
// as the kernel does where a user has too many keys (EDQUOT), and containers'
// filters (EPERM).
func nokeyringMain() { answered(unix.SYS_KEYCTL) }

// nomountsMain is the program nomounts: a filter answers mount with the errno,
// as AppArmor's restriction of user namespaces does, which lets everybody
// make one that gives no rights (EPERM).
func nomountsMain() { answered(unix.SYS_MOUNT) }

// answered becomes the program of the arguments, to which the call is answered
// with the errno that stands before it.
func answered(call uint32) {
	if len(os.Args) < 3 {
		fail("usage: " + os.Args[0] + " ERRNO PROGRAM [ARG…]")
	}
	errno := wanted(os.Args[1])
	check(load([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4}, // struct seccomp_data: nr
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: call, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	}))
	become(os.Args[2:])
}

// noptraceMain is the program noptrace: a filter answers ptrace with EPERM, as
// Yama's ptrace_scope or a container's filter does.
func noptraceMain() {
	if len(os.Args) < 2 {
		fail("usage: noptrace PROGRAM [ARG…]")
	}
	check(load([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_PTRACE, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	}))
	become(os.Args[1:])
}

// noipv6Main is the program noipv6: a filter answers EAFNOSUPPORT to whoever asks
// for an IPv6 socket, as a kernel does that was started with ipv6.disable=1.
func noipv6Main() {
	if len(os.Args) < 2 {
		fail("usage: noipv6 PROGRAM [ARG…]")
	}
	check(load([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_SOCKET, SkipFalse: 3},
		bpf.LoadAbsolute{Off: 16, Size: 4}, // low half of args[0], the family
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET6, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	}))
	become(os.Args[1:])
}

// errnos are the answers that a weaker kernel gives.
var errnos = map[string]unix.Errno{
	"ENOSYS": unix.ENOSYS, "EOPNOTSUPP": unix.EOPNOTSUPP, "EPERM": unix.EPERM, "ENOSPC": unix.ENOSPC,
	"EDQUOT": unix.EDQUOT,
}

func wanted(name string) unix.Errno {
	errno, ok := errnos[name]
	if !ok {
		fail(name + " is not one of ENOSYS, EOPNOTSUPP, EPERM, ENOSPC, EDQUOT")
	}
	return errno
}

// load restricts this process by a filter.
func load(program []bpf.Instruction) error {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	// The promise is a thread's own, and seccomp(2) asks the one that calls it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Root needs no promise, and what it starts may have set-user-ID helpers.
	if os.Getuid() != 0 {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	return loadFilter(raw)
}

// nousernsMain is the program nouserns. With an errno, a filter answers it to
// whoever asks for a user namespace: ENOSPC as where user.max_user_namespaces
// is 0, EPERM as where a distribution keeps them for root. With sysctl, that
// one is really 0.
func nousernsMain() {
	if len(os.Args) < 3 {
		fail("usage: nouserns sysctl|ERRNO PROGRAM [ARG…]")
	}
	if os.Args[1] == "sysctl" || os.Args[1] == secondStage {
		withoutBySysctl(os.Args[1], os.Args[2:])
	}
	errno := wanted(os.Args[1])
	check(load([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_UNSHARE, SkipTrue: 2},
		// clone3's flags lie in memory, where no filter sees them: libc falls
		// back to clone.
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE3, SkipTrue: 4},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
		bpf.LoadAbsolute{Off: 16, Size: 4}, // low half of args[0], the flags
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.CLONE_NEWUSER, SkipFalse: 2},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	}))
	become(os.Args[2:])
}

// secondStage marks nouserns' own second start.
const secondStage = "--in-user-namespace"

// withoutBySysctl runs the program in a user namespace of its own whose limit
// of further ones is 0: the sysctl counts per namespace. The program has no
// capabilities there and is who it was, or, started by root, an ordinary user
// to whom root's files belong.
func withoutBySysctl(stage string, program []string) {
	if stage == secondStage {
		check(os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0))
		// Started with a uid other than 0, a program keeps ambient
		// capabilities only (capabilities(7)).
		check(unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		become(program)
	}
	inner := os.Getuid()
	if inner == 0 {
		inner = 1000
	}
	self, err := os.Executable()
	check(err)
	cmd := &exec.Cmd{
		Path: self, Args: append([]string{os.Args[0], secondStage}, program...),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: inner, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: inner, HostID: os.Getgid(), Size: 1}},
			// Go clears the capability sets of a child that changes its user
			// namespace; ambient ones outlive the exec.
			AmbientCaps: []uintptr{unix.CAP_SYS_RESOURCE},
		},
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		fail(err.Error())
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

// containerRefuses are the calls that container engines' default filters answer
// with EPERM for a process without capabilities, of those that a sandbox needs.
var containerRefuses = []uint32{
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT,
	unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_MOUNT_SETATTR,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
}

// containerMain is the program container.
func containerMain() {
	if len(os.Args) < 2 {
		fail("usage: container PROGRAM [ARG…]")
	}
	const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
		unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
	for _, number := range containerRefuses {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: number, SkipFalse: 1},
			bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	check(load(append(program,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE3, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE, SkipFalse: 3},
		bpf.LoadAbsolute{Off: 16, Size: 4}, // low half of args[0], the flags
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: namespaces, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	)))
	become(os.Args[1:])
}
