// Package testscripts holds husk's end-to-end tests: scripts that run the real
// binaries, the programs and commands those scripts are written with, and the
// benchmarks.
//
// The scripts lie in script/ (run by everybody) and script/root/ (run by root
// only), one feature per file, category first: fs_protect.txtar,
// tty_ctrl_c.txtar. Each shows the allowed case beside the denied one.
//
// # Where a script runs
//
// Every script has a directory of its own, $WORK, a home at $HOME
// ($WORK/home) and a TMPDIR at $WORK/.tmp. The user's profiles are read from
// $HOME/.config/husk/profiles; $BIN is the wrapper directory husk apply
// fills when it is told nothing else. husk, husk-enforce and probe are built
// once and come first on PATH; $PROBE_DIR is where probe lies, for profiles
// that grant it with env("PROBE_DIR"). $TEST_UID and $TEST_GID are the ordinary
// user's, $CALLER_UID and $CALLER_GID those of who runs the script, $UNIQUE is a number no other script has.
//
// # Conditions
//
//	[root]         the tests run as root
//	[cgroup]       this user can have a cgroup with bounds on memory and processes
//	[memorygroup]  root can make a control group with a bound on memory
//	[userns]       an unprivileged process can make a user namespace
//	[landlock:N]   the kernel has Landlock ABI N or a newer one
//	[subids]       who runs the script has subordinate ids, and uidmap is
//	               installed; or it is root, who needs neither
//	[i386]         the kernel takes 32-bit calls of 64-bit programs
//	[registry]     the npm registry answers ([net] is testscript's own and
//	               only says that tests may use the network)
//	[exec:PROGRAM] PROGRAM is installed (testscript's own)
//
// With HUSK_MUST_WORK=1 a skipped script is a failed one.
//
// # Commands
//
//	exitcode STATUS PROGRAM [ARG…]   the program ends with STATUS: 0 to 255,
//	                                 or the name of the signal that ends it
//	alike PROGRAM [ARG…]             the same status and output with the
//	                                 wrapper directory on PATH and without
//	[!] empty DIR…                   the directories have no entries
//	expand FILE…                     replaces @NAME@ by the variable's value
//	signal NAME PIDFILE              sends a signal to the process whose number
//	                                 the file holds
//	waitfor FILE                     waits until the file exists and holds
//	                                 something
//	waitgone PIDFILE                 waits until that process is gone
//
// # Programs
//
// These are run by exec, also in the background:
//
//	pty DIALOGUE PROGRAM [ARG…]      drives the program in a pseudo-terminal
//	                                 (package pty describes the dialogue) and
//	                                 prints what the terminal showed
//	asuser PROGRAM [ARG…]            as an ordinary user; without effect for
//	                                 one
//	container PROGRAM [ARG…]         where a filter like that of a container
//	                                 engine forbids namespaces, mounts and keys
//	nokeyring ERRNO PROGRAM [ARG…]   where keyctl(2) answers ERRNO
//	noipv6 PROGRAM [ARG…]            where no IPv6 socket is to be had
//	nolandlock ERRNO PROGRAM [ARG…]  where Landlock answers ERRNO
//	noptrace PROGRAM [ARG…]          where nobody may trace another process
//	nouserns ERRNO PROGRAM [ARG…]    where a new user namespace is answered with
//	                                 ERRNO, or, with sysctl in its place, where
//	                                 user.max_user_namespaces is 0
//	busd SOCKET NAME READYFILE [WORD]
//	                                 a service on a message bus: takes NAME, answers
//	                                 every call, with WORD
//	httpd DIR PORTFILE               serves DIR on 127.0.0.1
//	webd ADDRESS READYFILE [DIR]     HTTP on port 80, TLS on 443, 8443, 9443, for
//	                                 good.example and other.example; READYFILE has
//	                                 its certificate; with DIR, the git repositories
//	                                 in it below /git/, all files below /files/
//	dnsd ADDRESS GOOD READYFILE      a name server: good.… is the address GOOD,
//	                                 other names are answered as badly as their
//	                                 first label says
//	unixd PATH READYFILE             answers on a unix socket; @NAME is an
//	                                 abstract one
//	faulty PROGRAM [ARG…]            for TestEveryCallMayFail alone, which lets one
//	                                 call fail, or ends a process at it; with
//	                                 HUSK_EVERY_CALL=1 each call, else the first
//	                                 of each kind and some of the others
//	probe TRY [ARG…]                 one attempt on the sandbox; see probe/
package testscripts
