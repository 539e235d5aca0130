// Package cgroup gives a session a control group of its own: one bound on
// memory, on processes and on processor time for all that runs in a sandbox,
// where setrlimit(2) has bounds for each process only (cgroups(7); the kernel's
// admin-guide/cgroup-v2.rst).
//
// Only version 2 counts, and only a place in it that the caller may use without
// asking anybody: a directory above the caller's own group that it can write,
// such as the user manager's of systemd (user@UID.service, which is delegated),
// or any for root. Nothing is mounted, no manager is asked, and what others have
// set is left as it is. The group is held by a lock (flock(2)) on its directory
// for as long as its maker lives; whoever gets the lock may remove it.
package cgroup
