package enforce

import (
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/inherited"
)

// restoreOpenFiles gives this process, and so the program, the soft limit on open
// files that the caller had (getrlimit(2), RLIMIT_NOFILE), which Go has raised.
func restoreOpenFiles() error {
	soft, hard := inherited.Files[0], inherited.Files[1]
	if soft >= hard-1 || hard == 0 {
		return nil
	}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: soft, Max: hard}, nil); err != nil {
		return &Failure{Text: "cannot set the limit on open files to the caller's: " + err.Error()}
	}
	return nil
}
