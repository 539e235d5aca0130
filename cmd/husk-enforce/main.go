// Go would look for a cgroup's CPU limit before main, to set GOMAXPROCS by it:
// 3 % of the time of a whole start, measured, for a process that mostly waits.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command husk-enforce runs a program inside the sandbox that a plan
// describes. The kernel starts it from the first line of a wrapper.
package main

import (
	"os"

	"github.com/husk-sandbox/husk/enforce"
)

func main() { os.Exit(enforce.Main(os.Args, os.Environ())) }
