// Package steps holds the setup program: a flat list of prepared system calls
// that builds a sandbox, and the small interpreter that a cloned child runs
// over it.
//
// After clone(2) of a multi-threaded Go process the child has one thread and a
// copy of a heap whose locks may be held by threads that no longer exist. It
// may not allocate, grow its stack or schedule. So everything that needs Go is
// done before: the list is data, its arguments are prepared, and the child
// only makes raw system calls in order. A list can be printed, compared in
// tests and counted without being run.
package steps

import "strings"

// Kind says what a step does.
type Kind string

// The kinds of steps. Each one is one action for a person and one to six
// system calls for the kernel.
const (
	Map       Kind = "map"       // write a file of /proc/self that maps ids
	Mkdir     Kind = "mkdir"     // make a directory
	Symlink   Kind = "symlink"   // make a symbolic link
	File      Kind = "file"      // make a file with a given content
	Mount     Kind = "mount"     // mount a new file system
	Bind      Kind = "bind"      // show a file or tree at another place
	Attr      Kind = "attr"      // change the attributes of a mount
	Root      Kind = "root"      // enter and leave root directories
	Namespace Kind = "namespace" // enter a new namespace
	Network   Kind = "network"   // configure a network interface
	Prctl     Kind = "prctl"     // change an attribute of the process
	Caps      Kind = "caps"      // drop capabilities
	Rlimit    Kind = "rlimit"    // set a resource limit
	Close     Kind = "close"     // close descriptors
	Signals   Kind = "signals"   // change the signal mask
	Group     Kind = "group"     // process group, session and terminal
	Key       Kind = "keyring"   // session keyring
	User      Kind = "user"      // change user and groups
	Start     Kind = "process"   // start the program's process
	Helper    Kind = "helper"    // the late drop's helper
	Landlock  Kind = "landlock"  // ruleset, rules, restriction
	Seccomp   Kind = "seccomp"   // load the system call filter
	Exec      Kind = "exec"      // execute the program
)

// Step is one entry of the list.
type Step struct {
	Kind Kind
	// words are the step's arguments, for a person who asks: put together at
	// every start, they would cost more than some of the steps.
	words [maxWords]string
	// Object is what a failure is about: a path, a limit's name.
	Object string
	// Origin is the rule's index in the plan's table, or plan.NoOrigin.
	Origin int
	// Process says who runs it: "init" (PID 1 of the sandbox) or "program".
	Process string
}

// NewStep gives a step whose text is the words, joined.
func NewStep(kind Kind, origin int, object string, words ...string) Step {
	s := Step{Kind: kind, Object: object, Origin: origin}
	copy(s.words[:], words)
	return s
}

// maxWords is the number of pieces that a step's text is made of.
const maxWords = 5

// Text gives the step's arguments, for a person.
func (s Step) Text() string { return strings.Join(s.words[:], "") }

// String gives the step on one line.
func (s Step) String() string {
	var b strings.Builder
	b.WriteString(s.Process)
	b.WriteString(strings.Repeat(" ", max(1, 9-len(s.Process))))
	b.WriteString(string(s.Kind))
	b.WriteString(strings.Repeat(" ", max(1, 11-len(s.Kind))))
	b.WriteString(s.Text())
	return b.String()
}
