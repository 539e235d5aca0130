// Command husk-enforce runs a program inside the sandbox that a plan
// describes. The kernel starts it from the first line of a wrapper.
package main

import (
	"os"
	"runtime"

	"github.com/husk-sandbox/husk/enforce"
)

// The sandbox dies with the thread that cloned it (prctl(2), PR_SET_PDEATHSIG),
// so that thread must be the one that lives as long as the process.
func init() { runtime.LockOSThread() }

func main() { os.Exit(enforce.Main(os.Args, os.Environ())) }
