package seccomp

// Refusal is one line of what husk refuses in every profile.
type Refusal struct {
	Call   string
	When   string // a condition, or empty for every such call
	Action string
	Lift   Lift
	Why    string
}

// Lift says what a profile must write to lift a refusal.
type Lift int

const (
	// LiftByName is for whole calls: an allow, log or notify list that names
	// the call lifts it, and so does a rule.
	LiftByName Lift = iota
	// LiftByRule is for refusals that concern some arguments only, and for
	// clone3, whose arguments no filter can read: a list of names that were seen
	// in a trace must not open them by accident, a rule block says it on purpose.
	LiftByRule
	// LiftNever is for what no profile can lift.
	LiftNever
)

// Baseline lists what every profile refuses unless it says otherwise. The
// result is shared: do not change it.
func Baseline() []Refusal { return baseline }

// CoreRefusals lists what is refused beside the baseline where a profile allows
// no core dump ([plan.Syscalls], NoCore). Where the host hands dumps to a program
// of its own (core_pattern(5)), the kernel starts that as root at every crash and
// whatever the limit is, but for a limit of 1 byte (coredump_pipe, fs/coredump.c).
// The enforcer sets that one; lowered to 0 it would be lost. Programs with keys in
// memory do lower it, and end themselves where they can't (ssh-agent(1), gpg(1)), so
// they are told that it was done: what they want is what they have. The new value
// lies in memory, where no filter can look. The result is shared: do not change it.
func CoreRefusals() []Refusal { return coreRefusals }

var coreRefusals = []Refusal{
	{"setrlimit", "arg0 == RLIMIT_CORE", answerDone, LiftByRule, whyCore},
	{"prlimit64", "arg1 == RLIMIT_CORE && arg2 != 0 && arg3 == 0", answerDone, LiftByRule, whyCore},
	{"prlimit64", "arg1 == RLIMIT_CORE && arg2 != 0 && arg3 != 0", "errno:EPERM", LiftByRule, whyCore + "; no call can be answered that asks for the old limit as well"},
}

// The flags of clone(2) and unshare(2) that make namespaces. CLONE_NEWTIME is
// not among clone's: there its bit belongs to the exit signal.
const (
	cloneNamespaces   = "(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)"
	unshareNamespaces = "(CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)"
)

// What gives a file set-user-ID or set-group-ID. The mode of an open counts
// where the flags say that a file is made (O_TMPFILE holds O_DIRECTORY), and
// libraries leave anything there else. It is looked at first, since it nearly
// always decides: opens are frequent, and no longer in the kernel's per-call
// cache.
const (
	setID     = "(S_ISUID | S_ISGID)"
	makesFile = "(O_CREAT | O_TMPFILE) not in [0, O_DIRECTORY]"
)

const (
	whyTerminal  = "types into the caller's terminal (CVE-2017-5226, CVE-2023-28100); compared on the 32 bits that the kernel reads (CVE-2019-10063)"
	whyMount     = "the mount tree is husk's; old and new calls alike (CVE-2021-41133)"
	whyNamespace = "a nested user namespace has all capabilities inside, and opens mount, overlayfs and nftables to attack"
	whyKeyring   = "keyrings are shared by user id, not by sandbox"
	whySystem    = "changes the whole system"
	whyModule    = "loads code into the kernel"
	whyRing      = "carries out calls that no filter sees; ENOSYS, because programs then use epoll or plain calls"
	whyFamily    = "protocol families beyond these reach the host (vsock) or kernel code that few programs need"
	whySetID     = "a file that runs with its owner's rights, left in a tree that others reach (setuid and setgid bits have no effect inside)"
	whyCore      = "where limits allow no core dump: a limit of 0 would let the host's crash handler be started, the one that is set doesn't"
	whyFastOpen  = "connects without connect(2), which Landlock does not see; EOPNOTSUPP is what a kernel with fast open switched off answers"
)

// baseline is what every profile refuses. What it does not list on purpose:
// ptrace, process_vm_readv, process_vm_writev, pidfd_getfd and kcmp (debuggers
// need them; the PID namespace and Landlock's ptrace scope keep them inside),
// name_to_handle_at (a handle is useless without open_by_handle_at, and tools
// take mount ids from it), adjtimex and clock_adjtime (reading is harmless and
// the mode lies in memory; the kernel asks for CAP_SYS_TIME to write), mbind and
// set_mempolicy (databases and Java place their memory), seccomp and
// landlock_* (a program may restrict itself further), memfd_secret, mseal, aio;
// mkdir and mkdirat with S_ISGID, a bit that the kernel takes away there
// (vfs_mkdir, fs/namei.c), and that "cp -r" asks for.
var baseline = []Refusal{
	{"ioctl", "arg1 in [TIOCSTI, TIOCLINUX]", "errno:EPERM", LiftNever, whyTerminal},
	{"ioctl", "arg1 == TIOCSETD", "errno:EPERM", LiftByRule, "makes the kernel load line disciplines (CVE-2017-2636)"},

	{"mount", "", "errno:EPERM", LiftByName, whyMount},
	{"umount", "", "errno:EPERM", LiftByName, whyMount},
	{"umount2", "", "errno:EPERM", LiftByName, whyMount},
	{"pivot_root", "", "errno:EPERM", LiftByName, whyMount},
	{"chroot", "", "errno:EPERM", LiftByName, whyMount},
	{"open_tree", "", "errno:EPERM", LiftByName, whyMount},
	{"open_tree_attr", "", "errno:EPERM", LiftByName, whyMount},
	{"move_mount", "", "errno:EPERM", LiftByName, whyMount},
	{"mount_setattr", "", "errno:EPERM", LiftByName, whyMount},
	{"fsopen", "", "errno:EPERM", LiftByName, whyMount},
	{"fsconfig", "", "errno:EPERM", LiftByName, whyMount},
	{"fsmount", "", "errno:EPERM", LiftByName, whyMount},
	{"fspick", "", "errno:EPERM", LiftByName, whyMount},
	{"open_by_handle_at", "", "errno:EPERM", LiftByName, "opens files outside the mount tree"},

	{"clone", "arg0 & " + cloneNamespaces + " != 0", "errno:EPERM", LiftByRule, whyNamespace},
	{"unshare", "arg0 & " + unshareNamespaces + " != 0", "errno:EPERM", LiftByRule, whyNamespace},
	{"setns", "", "errno:EPERM", LiftByName, whyNamespace},
	{"clone3", "", "errno:ENOSYS", LiftByRule, "its flags lie in memory, where no filter can look; with ENOSYS libc takes clone"},

	{"add_key", "", "errno:EPERM", LiftByName, whyKeyring},
	{"request_key", "", "errno:EPERM", LiftByName, whyKeyring},
	{"keyctl", "", "errno:EPERM", LiftByName, whyKeyring},

	{"bpf", "", "errno:EPERM", LiftByName, whyModule},
	{"init_module", "", "errno:EPERM", LiftByName, whyModule},
	{"finit_module", "", "errno:EPERM", LiftByName, whyModule},
	{"delete_module", "", "errno:EPERM", LiftByName, whyModule},
	{"kexec_load", "", "errno:EPERM", LiftByName, whyModule},
	{"kexec_file_load", "", "errno:EPERM", LiftByName, whyModule},
	{"perf_event_open", "", "errno:EPERM", LiftByName, "a large part of the kernel, and samples of what others do"},
	{"userfaultfd", "", "errno:EPERM", LiftByName, "stops the kernel in the middle of a copy: most exploits use it, few programs do"},
	{"io_uring_setup", "", "errno:ENOSYS", LiftByName, whyRing},
	{"io_uring_enter", "", "errno:ENOSYS", LiftByName, whyRing},
	{"io_uring_register", "", "errno:ENOSYS", LiftByName, whyRing},
	{"modify_ldt", "", "errno:ENOSYS", LiftByName, "16-bit segments; ENOSYS, as on a kernel built without them"},
	{"fanotify_init", "", "errno:EPERM", LiftByName, "watches whole file systems"},
	{"migrate_pages", "", "errno:EPERM", LiftByName, "moves other processes' memory"},

	{"socket", "arg0 not in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]", "errno:EAFNOSUPPORT", LiftByRule, whyFamily},
	{"socket", "arg0 == AF_NETLINK && arg2 != NETLINK_ROUTE", "errno:EPROTONOSUPPORT", LiftByRule,
		"netlink for routes only; with this error PAM and sudo take it that the kernel has no audit"},
	{"socket", "arg0 in [AF_INET, AF_INET6] && arg2 not in [IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6]",
		"errno:EPROTONOSUPPORT", LiftByRule, "Landlock's TCP rules know TCP alone, not MPTCP, SMC or SCTP; programs fall back to TCP"},
	{"socketpair", "arg0 != AF_UNIX", "errno:EAFNOSUPPORT", LiftByRule, whyFamily},
	{"sendto", "arg3 & MSG_FASTOPEN != 0", "errno:EOPNOTSUPP", LiftByRule, whyFastOpen},
	{"sendmsg", "arg2 & MSG_FASTOPEN != 0", "errno:EOPNOTSUPP", LiftByRule, whyFastOpen},
	{"sendmmsg", "arg3 & MSG_FASTOPEN != 0", "errno:EOPNOTSUPP", LiftByRule, whyFastOpen},

	{"chmod", "arg1 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"fchmod", "arg1 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"fchmodat", "arg2 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"fchmodat2", "arg2 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"mknod", "arg1 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"mknodat", "arg2 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"creat", "arg1 & " + setID + " != 0", "errno:EPERM", LiftByRule, whySetID},
	{"open", "arg2 & " + setID + " != 0 && arg1 & " + makesFile, "errno:EPERM", LiftByRule, whySetID},
	{"openat", "arg3 & " + setID + " != 0 && arg2 & " + makesFile, "errno:EPERM", LiftByRule, whySetID},
	{"openat2", "", "errno:ENOSYS", LiftByRule, "its mode lies in memory, where no filter can look for set-ID bits; with ENOSYS most programs take openat"},

	{"setpriority", "arg0 != PRIO_PROCESS", "errno:EPERM", LiftByRule, "groups and users reach outside the PID namespace"},
	{"ioprio_set", "arg0 != IOPRIO_WHO_PROCESS", "errno:EPERM", LiftByRule, "groups and users reach outside the PID namespace"},
	{"prlimit64", "arg0 == 1 && arg2 != 0", "errno:EPERM", LiftByRule, "PID 1 of the sandbox is husk's own; reading its limits is harmless"},
	{"personality", "arg0 not in [PER_LINUX, ADDR_NO_RANDOMIZE, PERSONALITY_QUERY]", "errno:EPERM", LiftByRule,
		"other ABIs' behaviour, and READ_IMPLIES_EXEC; ADDR_NO_RANDOMIZE is for debuggers and sanitizers and concerns the program alone"},

	{"acct", "", "errno:EPERM", LiftByName, whySystem},
	{"clock_settime", "", "errno:EPERM", LiftByName, whySystem},
	{"settimeofday", "", "errno:EPERM", LiftByName, whySystem},
	{"ioperm", "", "errno:EPERM", LiftByName, whySystem},
	{"iopl", "", "errno:EPERM", LiftByName, whySystem},
	{"quotactl", "", "errno:EPERM", LiftByName, whySystem},
	{"quotactl_fd", "", "errno:EPERM", LiftByName, whySystem},
	{"reboot", "", "errno:EPERM", LiftByName, whySystem},
	{"setdomainname", "", "errno:EPERM", LiftByName, whySystem},
	{"sethostname", "", "errno:EPERM", LiftByName, whySystem},
	{"swapoff", "", "errno:EPERM", LiftByName, whySystem},
	{"swapon", "", "errno:EPERM", LiftByName, whySystem},
	{"syslog", "", "errno:EPERM", LiftByName, "shows the kernel's log, with its addresses"},
	{"vhangup", "", "errno:EPERM", LiftByName, "hangs up the caller's terminal"},
	{"_sysctl", "", "errno:ENOSYS", LiftByName, "gone since Linux 5.5"},
	{"lookup_dcookie", "", "errno:ENOSYS", LiftByName, "gone since Linux 6.7"},
	{"nfsservctl", "", "errno:ENOSYS", LiftByName, "gone since Linux 3.1"},
	{"uselib", "", "errno:ENOSYS", LiftByName, "loads libraries of the a.out age; compiled out of most kernels"},
}
