// Command husk-enforce runs a program inside the sandbox that a plan
// describes. The kernel starts it from the first line of a wrapper.
package main

import (
	"os"

	"github.com/husk-sandbox/husk/enforce"
)

func main() { os.Exit(enforce.Main(os.Args, os.Environ())) }
