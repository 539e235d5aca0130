package seccomp

// readOnlyOpen is the condition under which openat's flags only read.
const readOnlyOpen = "arg2 & (O_ACCMODE | O_CREAT | O_TRUNC) == 0"

// startGroups are what has to be permitted beside a set because a wrapper loads
// the filter before it executes the program. What they hold stays permitted
// afterwards; a program that enters a set by itself, after its start, does
// without them.
var startGroups = []Group{
	{
		Name: "@start-static", Summary: "execve, and the start-up code of a static program (glibc, musl)",
		Calls: "arch_prctl brk execve exit exit_group getrandom prlimit64 readlink readlinkat rseq " +
			"set_robust_list set_thread_area set_tid_address uname",
		Members: []Member{
			{Call: "mprotect", When: noExec},
			{Call: "mmap", When: noExec},
			{Call: "mmap2", When: noExec},
		},
	},
	{
		Name: "@start-dynamic", Summary: "execve, and the dynamic loader: files can be opened for reading, and mapped as code",
		Calls: "@start-static access close faccessat faccessat2 fstat fstat64 fstatat64 futex getcwd lseek mmap mmap2 " +
			"mprotect munmap newfstatat pread64 read statx",
		Members: []Member{
			{Call: "openat", When: readOnlyOpen},
			{Call: "open", When: "arg1 & (O_ACCMODE | O_CREAT | O_TRUNC) == 0"},
		},
	},
}
