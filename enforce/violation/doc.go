// Package violation is the process that watches a sandbox whose policy ends
// programs at system calls (kill and trap), and says which call it was, from
// where, by which line of the profile, and what permits it: to a person, and in
// the audit log.
//
// It is husk once more, started by the waiting parent before the program is:
// the parent itself can't, since it is stopped with its job (Ctrl-Z), while
// other processes of the sandbox may run on, and becomes a supervisor that
// looks into nobody's memory. It ends with the sandbox. Nothing depends on it but
// what is said: package observe has what watching means.
//
// What it reads of the sandbox (registers, names, memory) is written by whoever
// runs there: it is bounded, taken for text and nothing else, and printed
// without control characters.
package violation
