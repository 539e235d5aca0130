// Package filter builds seccomp filters: programs of classic BPF over struct
// seccomp_data.
//
// A [Builder] makes a graph of nodes, each of which ends in a return. Equal
// nodes are one node, so two system calls with the same rules share their code.
// [Builder.Assemble] writes the graph backwards, the returns first: every jump
// then goes to code that is already placed, and one that would be longer than
// the 255 instructions of a conditional jump gets a relay.
package filter
