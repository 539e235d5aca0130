package violation

import (
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// kind is what the values of one argument are called: one of values in the bits
// of mask, joined with any of flags.
type kind struct {
	mask   uint64
	values []string
	flags  []string
}

const allBits = ^uint64(0)

var (
	domains = kind{allBits, words("AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_ALG AF_BLUETOOTH AF_CAN AF_KEY AF_TIPC AF_XDP"), nil}
	sockets = kind{0xf, words("SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET"), words("SOCK_CLOEXEC SOCK_NONBLOCK")}
	accepts = kind{0, nil, sockets.flags}
	// What contains another one stands before it.
	opens = kind{3, words("O_RDONLY O_WRONLY O_RDWR"),
		words("O_CREAT O_EXCL O_TRUNC O_APPEND O_CLOEXEC O_NONBLOCK O_TMPFILE O_DIRECTORY O_NOFOLLOW O_PATH O_SYNC O_DSYNC O_DIRECT O_NOATIME O_NOCTTY O_ASYNC")}
	protections = kind{0, nil, words("PROT_READ PROT_WRITE PROT_EXEC PROT_GROWSDOWN PROT_GROWSUP")}
	mappings    = kind{0xf, words("MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE"),
		words("MAP_ANONYMOUS MAP_FIXED MAP_FIXED_NOREPLACE MAP_NORESERVE MAP_POPULATE MAP_STACK MAP_LOCKED MAP_HUGETLB MAP_DENYWRITE MAP_EXECUTABLE MAP_GROWSDOWN MAP_NONBLOCK MAP_SYNC")}
	namespaces = words("CLONE_NEWUSER CLONE_NEWNS CLONE_NEWPID CLONE_NEWNET CLONE_NEWIPC CLONE_NEWUTS CLONE_NEWCGROUP")
	clones     = kind{0xff, signals.values, append(words("CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_THREAD CLONE_SYSVSEM CLONE_SETTLS CLONE_VFORK CLONE_PARENT CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_CHILD_SETTID CLONE_PIDFD CLONE_IO CLONE_PTRACE CLONE_UNTRACED CLONE_DETACHED"), namespaces...)}
	unshares   = kind{0, nil, append(words("CLONE_NEWTIME CLONE_FS CLONE_FILES CLONE_SYSVSEM"), namespaces...)}
	controls   = kind{allBits, words("F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN F_SETSIG F_GETSIG F_SETOWN_EX F_GETOWN_EX F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_SETLEASE F_GETLEASE F_NOTIFY F_DUPFD_CLOEXEC F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS"), nil}
	messages   = kind{0, nil, words("MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC MSG_DONTWAIT MSG_EOR MSG_WAITALL MSG_CONFIRM MSG_ERRQUEUE MSG_NOSIGNAL MSG_MORE MSG_ZEROCOPY MSG_FASTOPEN MSG_CMSG_CLOEXEC")}
	advice     = kind{allBits, words("MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_FREE MADV_REMOVE MADV_DONTFORK MADV_DOFORK MADV_MERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP MADV_COLD MADV_PAGEOUT"), nil}
	signals    = kind{allBits, words("SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS"), nil}
	terminals  = kind{allBits, words("TCGETS TCSETS TCSETSW TCSETSF TIOCGWINSZ TIOCSWINSZ TIOCGPGRP TIOCSPGRP TIOCSCTTY TIOCNOTTY TIOCSTI TIOCLINUX TIOCSETD TIOCGSID FIONREAD FIONBIO FIOCLEX FIONCLEX"), nil}
	attributes = kind{allBits, words("PR_SET_PDEATHSIG PR_SET_DUMPABLE PR_GET_DUMPABLE PR_SET_NAME PR_GET_NAME PR_SET_SECCOMP PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS PR_CAPBSET_READ PR_CAPBSET_DROP PR_CAP_AMBIENT PR_SET_SECUREBITS PR_SET_KEEPCAPS PR_SET_PTRACER PR_SET_CHILD_SUBREAPER PR_SET_VMA PR_SET_MM PR_SET_TIMERSLACK PR_SET_THP_DISABLE"), nil}
	directory  = kind{allBits, words("AT_FDCWD"), nil}
)

func words(text string) []string { return strings.Fields(text) }

// named says what the arguments of a call are called. Arguments that are not
// in it are numbers.
var named = map[string]map[int]kind{
	"socket":       {0: domains, 1: sockets},
	"socketpair":   {0: domains, 1: sockets},
	"accept4":      {3: accepts},
	"open":         {1: opens},
	"openat":       {0: directory, 2: opens},
	"openat2":      {0: directory},
	"pipe2":        {1: kind{0, nil, words("O_CLOEXEC O_NONBLOCK O_DIRECT")}},
	"dup3":         {2: kind{0, nil, words("O_CLOEXEC")}},
	"mmap":         {2: protections, 3: mappings},
	"mprotect":     {2: protections},
	"madvise":      {2: advice},
	"clone":        {0: clones},
	"unshare":      {0: unshares},
	"setns":        {1: unshares},
	"fcntl":        {1: controls},
	"ioctl":        {1: terminals},
	"prctl":        {0: attributes},
	"kill":         {1: signals},
	"tkill":        {1: signals},
	"tgkill":       {2: signals},
	"sendto":       {3: messages},
	"recvfrom":     {3: messages},
	"sendmsg":      {2: messages},
	"recvmsg":      {2: messages},
	"newfstatat":   {0: directory},
	"statx":        {0: directory},
	"faccessat":    {0: directory},
	"faccessat2":   {0: directory},
	"fchmodat":     {0: directory},
	"fchownat":     {0: directory},
	"mkdirat":      {0: directory},
	"mknodat":      {0: directory},
	"unlinkat":     {0: directory},
	"readlinkat":   {0: directory},
	"symlinkat":    {1: directory},
	"linkat":       {0: directory, 2: directory},
	"renameat":     {0: directory, 2: directory},
	"renameat2":    {0: directory, 2: directory},
	"utimensat":    {0: directory},
	"execveat":     {0: directory},
	"rt_sigaction": {0: signals},
}

// name writes a value as the names of its parts; ok is false where it has a
// part without one that matters, or no parts.
func (k kind) name(goarch string, value uint64) (text string, ok bool) {
	var parts []string
	rest := value
	if low := value & k.mask; len(k.values) > 0 && (low != 0 || k.has(goarch, 0)) {
		name, ok := k.value(goarch, low)
		if !ok {
			return "", false
		}
		parts, rest = append(parts, name), value&^k.mask
	}
	for _, name := range k.flags {
		if bits, ok := table.Constant(goarch, name); ok && rest&uint64(bits) == uint64(bits) {
			parts, rest = append(parts, name), rest&^uint64(bits)
		}
	}
	if rest != 0 && len(parts) > 0 {
		parts = append(parts, hex(rest))
	}
	return strings.Join(parts, "|"), len(parts) > 0
}

func (k kind) has(goarch string, value uint64) bool {
	_, ok := k.value(goarch, value)
	return ok
}

func (k kind) value(goarch string, value uint64) (string, bool) {
	for _, name := range k.values {
		if v, ok := table.Constant(goarch, name); ok && uint64(v)&k.mask == value {
			return name, true
		}
	}
	return "", false
}

func hex(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }
