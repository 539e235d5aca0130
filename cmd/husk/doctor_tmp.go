package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/husk-sandbox/husk/enforce/session"
)

// examineTmp makes a session directory as a start does, and executes a file in
// it: build tools and package managers do.
func (a *app) examineTmp(h *health) {
	bases := a.sessionBases()
	if len(bases) == 0 {
		h.problem(true, "/tmp should belong to root with mode 1777; or set TMPDIR to a directory of your own",
			"no directory for temporary files can be trusted")
		return
	}
	d, err := session.Make(bases[0], "doctor", a.host.uid, false)
	if err != nil {
		h.problem(true, "free some space, or set TMPDIR to a directory of your own", "cannot make a session directory: %v", err)
		return
	}
	err = tryExecutable(filepath.Join(d.Path, "try"))
	if err := d.Remove(); err != nil {
		h.problem(true, "husk gc tries again", "the session directory could not be removed: %v", err)
	}
	switch {
	case errors.Is(err, syscall.EACCES):
		h.problem(false, "mount it without noexec, or set TMPDIR to a directory where programs may be executed",
			"%s is mounted noexec: programs cannot execute what they put into their TMPDIR", bases[0])
	case err != nil:
		h.problem(true, "free some space, or set TMPDIR to a directory of your own", "cannot use a session directory in %s: %v", bases[0], err)
	}
}

// tryExecutable writes a script and runs it.
func tryExecutable(file string) error {
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o700); err != nil {
		return err
	}
	return exec.Command(file).Run()
}
