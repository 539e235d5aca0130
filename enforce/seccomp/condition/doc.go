// Package condition is the language in which a profile speaks about the
// arguments of a system call:
//
//	arg0 == AF_UNIX || arg0 in [AF_INET, AF_INET6]
//	arg2 & PROT_EXEC == 0 && arg1 < 0x100000
//
// A condition is bound to one call on one architecture when it is parsed, so
// that constants have their values and every argument the width and sign with
// which the kernel reads it. What lies above that width is never compared.
package condition
