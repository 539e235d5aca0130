// Package observe watches the processes of a sandbox for calls that a filter
// ends them at (seccomp(2), SECCOMP_RET_KILL_PROCESS and SECCOMP_RET_TRAP), as a
// debugger does, with ptrace(2). It only looks: the kernel enforces the filter
// whether anybody watches or not, and a watcher that goes away leaves the
// processes to run on (PTRACE_O_EXITKILL is not asked for).
//
// What the kernel does, in kernel/seccomp.c and kernel/signal.c:
//
//   - A call that kills puts the registers back to what they were at the call
//     (syscall_rollback) and forces a SIGSYS that no tracer is shown and no
//     handler gets (SA_IMMUTABLE, since Linux 5.16; before, the process ends right
//     there). A tracer sees the stop at the thread's end, PTRACE_EVENT_EXIT:
//     number and arguments are in the registers still, and the memory is there.
//   - A call that traps is put back as well, and forces a SIGSYS that may be
//     caught. If nobody catches it, the thread comes to its end in the same state.
//   - All threads of a process end with the same status. So the one that made the
//     call has to be found among them: the last number that a thread called is in
//     its registers, and on x86-64 a thread that was put back has it in the
//     register of the result, too. Who knows the filter's policy judges the rest.
//
// A watched process behaves as an unwatched one: signals are passed on with what
// came along with them, a stopped process stays stopped (PTRACE_LISTEN), its
// parent hears of its stops and its end as ever (the watcher lets go of each
// thread at its end, so that no zombie waits for it). What is left of ptrace(2):
//
//   - a process has one tracer. Debuggers inside are given whom they ask for
//     (debuggers.go), others are refused (EPERM);
//   - a signal that is ignored wakes a watched thread for a moment: the few calls
//     that are never restarted (signal(7): epoll_wait, semop …) may answer EINTR
//     to it, as they do after a stop;
//   - each new process or thread, each signal and each end takes some tens of
//     microseconds more. Calls take none.
package observe
