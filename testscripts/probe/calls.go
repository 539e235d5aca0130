package main

import "golang.org/x/sys/unix"

// callTries make system calls with arguments that can do no harm where the
// call is permitted: null pointers, descriptor -1, flags that don't exist. So
// EFAULT, EBADF and EINVAL mean that the kernel's own code was reached, and
// count as success.
var callTries = map[string]try{
	"call":      {"NAME", 1, tryCall},
	"call-x32":  {"NAME", 1, tryX32},
	"call-i386": {"NAME", 1, tryI386},
	"unshare":   {"KIND", 1, tryUnshare},
	"clone":     {"KIND", 1, tryClone},
	"keyring":   {"", 0, tryKeyring},
}

// none is an argument that is neither a descriptor nor an address.
const none = ^uintptr(0)

// calls gives each call its number and harmless arguments.
var calls = map[string]struct {
	number uintptr
	args   [6]uintptr
}{
	"mount":             {unix.SYS_MOUNT, [6]uintptr{none, none, none, 0, none}},
	"umount2":           {unix.SYS_UMOUNT2, [6]uintptr{none, none}},
	"pivot_root":        {unix.SYS_PIVOT_ROOT, [6]uintptr{none, none}},
	"chroot":            {unix.SYS_CHROOT, [6]uintptr{none}},
	"open_tree":         {unix.SYS_OPEN_TREE, [6]uintptr{none, none, none}},
	"move_mount":        {unix.SYS_MOVE_MOUNT, [6]uintptr{none, none, none, none, none}},
	"fsopen":            {unix.SYS_FSOPEN, [6]uintptr{none, none}},
	"fsconfig":          {unix.SYS_FSCONFIG, [6]uintptr{none, none}},
	"fsmount":           {unix.SYS_FSMOUNT, [6]uintptr{none, none, none}},
	"fspick":            {unix.SYS_FSPICK, [6]uintptr{none, none, none}},
	"mount_setattr":     {unix.SYS_MOUNT_SETATTR, [6]uintptr{none, none, none, none, 1}},
	"setns":             {unix.SYS_SETNS, [6]uintptr{none, none}},
	"bpf":               {unix.SYS_BPF, [6]uintptr{none, none, 8}},
	"perf_event_open":   {unix.SYS_PERF_EVENT_OPEN, [6]uintptr{none, none, none, none, none}},
	"userfaultfd":       {unix.SYS_USERFAULTFD, [6]uintptr{none}},
	"io_uring_setup":    {unix.SYS_IO_URING_SETUP, [6]uintptr{1, none}},
	"io_uring_enter":    {unix.SYS_IO_URING_ENTER, [6]uintptr{none}},
	"io_uring_register": {unix.SYS_IO_URING_REGISTER, [6]uintptr{none, none}},
	"kexec_load":        {unix.SYS_KEXEC_LOAD, [6]uintptr{0, 1, none, none}},
	"init_module":       {unix.SYS_INIT_MODULE, [6]uintptr{none, 1, none}},
	"finit_module":      {unix.SYS_FINIT_MODULE, [6]uintptr{none, none, none}},
	"delete_module":     {unix.SYS_DELETE_MODULE, [6]uintptr{none, none}},
	"open_by_handle_at": {unix.SYS_OPEN_BY_HANDLE_AT, [6]uintptr{none, none, none}},
	"add_key":           {unix.SYS_ADD_KEY, [6]uintptr{none, none, none, 1, none}},
	"request_key":       {unix.SYS_REQUEST_KEY, [6]uintptr{none, none, none, none}},
	"keyctl":            {unix.SYS_KEYCTL, [6]uintptr{none}},
	"clone3":            {unix.SYS_CLONE3, [6]uintptr{none, 64}},
	"quotactl":          {unix.SYS_QUOTACTL, [6]uintptr{none, none, none, none}},
	"swapon":            {unix.SYS_SWAPON, [6]uintptr{none, none}},
	"acct":              {unix.SYS_ACCT, [6]uintptr{none}},
	"landlock":          {unix.SYS_LANDLOCK_CREATE_RULESET, [6]uintptr{0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION}},
	"getpid":            {unix.SYS_GETPID, [6]uintptr{}},
}

// reached tells the errors that come from behind the permission checks from
// those of a filter.
func reached(errno unix.Errno) error {
	switch errno {
	case 0, unix.EFAULT, unix.EBADF, unix.EINVAL, unix.E2BIG, unix.EOPNOTSUPP:
		return nil
	}
	return errno
}

func tryCall(args []string) (string, error) {
	c, ok := calls[args[0]]
	if !ok {
		return "", errUsage
	}
	a := c.args
	_, _, errno := unix.RawSyscall6(c.number, a[0], a[1], a[2], a[3], a[4], a[5])
	return "", reached(errno)
}

// namespaceKinds maps the names of namespaces(7) to clone flags.
var namespaceKinds = map[string]uintptr{
	"user": unix.CLONE_NEWUSER, "mount": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID,
	"net": unix.CLONE_NEWNET, "ipc": unix.CLONE_NEWIPC, "uts": unix.CLONE_NEWUTS,
	"cgroup": unix.CLONE_NEWCGROUP, "time": unix.CLONE_NEWTIME,
	"files": unix.CLONE_FILES,
}

// tryUnshare asks for one kind in a child, because a program with several
// threads may not ask for a new user namespace.
func tryUnshare(args []string) (string, error) {
	flag, ok := namespaceKinds[args[0]]
	if !ok {
		return "", errUsage
	}
	return "", inChild(unix.SYS_CLONE, uintptr(unix.SIGCHLD), unix.SYS_UNSHARE, flag)
}

// tryClone makes a child in a new namespace.
func tryClone(args []string) (string, error) {
	flag, ok := namespaceKinds[args[0]]
	if !ok || args[0] == "files" || args[0] == "time" {
		return "", errUsage
	}
	return "", inChild(unix.SYS_CLONE, uintptr(unix.SIGCHLD)|flag, unix.SYS_GETPID, 0)
}

// tryKeyring makes a key in the session keyring: what the call list only asks
// for is done here in full.
func tryKeyring([]string) (string, error) {
	_, err := unix.AddKey("user", "husk-probe", []byte("x"), unix.KEY_SPEC_PROCESS_KEYRING)
	return "", err
}
