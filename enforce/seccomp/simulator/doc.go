// Package simulator runs seccomp filters as the kernel does: classic BPF over
// struct seccomp_data. It is a program for tests: it knows the instructions
// that husk emits, refuses every other one, and counts what it executes.
package simulator
