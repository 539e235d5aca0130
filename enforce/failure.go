package enforce

import (
	"strings"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// Failure is why a sandbox could not be had, for a person.
type Failure struct {
	// Text says what failed: step, object, cause.
	Text string
	// From names the profile's line that asked for it, where there is one.
	From string
	// Hint says what to do.
	Hint string
	// Status is the exit status; 0 stands for StatusSetup.
	Status int

	// step is the step that the kernel refused, where that is the reason.
	step *steps.Failure
}

// Exit statuses of husk's own (design: "Exit status").
const (
	StatusSetup      = 125 // the sandbox could not be set up
	StatusNoExec     = 126 // the program could not be executed
	StatusNotFound   = 127 // the program was not found
	StatusSignalBase = 128 // and n: signal n ended the program
)

func (f *Failure) Error() string {
	if f.From == "" {
		return f.Text
	}
	return f.Text + ", asked for by " + f.From
}

// exitStatus gives the status to end with.
func (f *Failure) exitStatus() int {
	if f.Status == 0 {
		return StatusSetup
	}
	return f.Status
}

// lines gives the failure in husk's voice: standard error, a prefix, no
// capital, no full stop.
func (f *Failure) lines() string {
	var b strings.Builder
	b.WriteString("husk: error: ")
	b.WriteString(f.Error())
	b.WriteByte('\n')
	if f.Hint != "" {
		b.WriteString("husk: hint: ")
		b.WriteString(f.Hint)
		b.WriteByte('\n')
	}
	return b.String()
}
