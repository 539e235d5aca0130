// Package seccomp turns the system call policy of a plan into a seccomp filter.
//
// [Compile] does it when a wrapper is rendered; the enforcer only loads the
// bytes that it finds in the plan and does not link this package. [Checker]
// finds mistakes in a policy, [Explain] says what becomes of one call and
// which line decides it, [Groups] lists the names with @. The language and the
// order of precedence are described in docs/syscalls.md; resolve.go is that
// order as code, baseline.go what husk refuses by itself.
package seccomp
