package testscripts

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/husk-sandbox/husk/testscripts/pty"
)

// ptyMain is the program pty: what the terminal showed on standard output, with
// plain line ends; status 1 where the dialogue went wrong.
func ptyMain() {
	if len(os.Args) < 3 {
		fail("usage: pty DIALOGUE PROGRAM [ARG…]")
	}
	text, err := os.ReadFile(os.Args[1])
	check(err)
	dialogue, err := pty.Parse(string(text))
	if err != nil {
		fail(fmt.Sprintf("%s: %v", os.Args[1], err))
	}
	terminal, err := pty.Start(exec.Command(os.Args[2], os.Args[3:]...))
	check(err)
	held := dialogue.Hold(terminal)
	check(terminal.Close())
	fmt.Print(strings.ReplaceAll(terminal.Output(), "\r\n", "\n"))
	if held != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], held)
		os.Exit(1)
	}
}
