// Package seccomptest compares compiled filters with a naive evaluator of the
// same policy. [Reference] reads the order of precedence as docs/syscalls.md
// tells it, call by call, with none of the compiler's code but the tables and
// the parser of conditions; [Compare] runs filter and reference over every
// call number and many arguments.
package seccomptest
