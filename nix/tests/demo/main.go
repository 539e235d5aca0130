// Command demo reads and writes files, to see what a sandbox lets it.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: demo read|write FILE")
		os.Exit(2)
	}
	var err error
	switch os.Args[1] {
	case "read":
		var text []byte
		if text, err = os.ReadFile(os.Args[2]); err == nil {
			_, err = os.Stdout.Write(text)
		}
	case "write":
		err = os.WriteFile(os.Args[2], []byte("written\n"), 0o600)
	default:
		err = fmt.Errorf("unknown command %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
