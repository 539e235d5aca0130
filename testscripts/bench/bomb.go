package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// How much of the machine a fork bomb inside husk's default limits leaves to others:
// how long /bin/true takes outside, without and with a bomb inside.

const (
	quietTime = 2 * time.Second
	bombTime  = 5 * time.Second
	// bombMost bounds the bomb by itself, beyond what husk permits.
	bombMost = 8192
	// watchdog ends the bomb whatever happens: its own time, and what a machine
	// needs to start and to end so many processes.
	watchdog = bombTime + 25*time.Second
)

// bomb measures and prints.
func bomb(place, bin string) error {
	husk, err := filepath.Abs(filepath.Join(bin, "husk"))
	if err != nil {
		return err
	}
	build := exec.Command("go", "build", "-o", place+"/", "./testscripts/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	profiles, work := filepath.Join(place, "profiles"), filepath.Join(place, "work")
	if err := errors.Join(os.Mkdir(profiles, 0o755), os.Mkdir(work, 0o755)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(profiles, "bomb.hcl"), []byte(`profile "bomb" {
  filesystem {
    write = ["${cwd}"]
    read  = ["${env("PROBE_DIR")}"]
  }
}
`), 0o644); err != nil {
		return err
	}
	quiet, err := starts(quietTime, func() bool { return false })
	if err != nil {
		return err
	}
	fmt.Printf("uid %d, %d CPUs; /bin/true outside, ms\n", os.Getuid(), runtime.NumCPU())
	printStarts("alone", quiet)
	argv := []string{husk, "run", "bomb", "--profiles", profiles, "--", filepath.Join(place, "probe"),
		"fork-bomb", fmt.Sprint(bombMost), fmt.Sprint(int(bombTime.Seconds())), "state"}
	for _, own := range []bool{false, true} {
		during, state, err := beside(argv, work, own)
		if err != nil {
			return err
		}
		name := "in the session of"
		if own {
			name = "in another session than"
		}
		printStarts(name+" "+state, during)
	}
	return nil
}

// beside starts the bomb, in a session of its own where own says so, and
// /bin/true for as long as it lasts. The kernel shares processors out by session
// (sched(7), autogroup), as far as it has that and no cgroup says otherwise.
func beside(argv []string, dir string, own bool) (took []float64, state string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), watchdog)
	defer cancel()
	// Killed, the wrapper takes the whole sandbox with it.
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), "PROBE_DIR="+filepath.Dir(dir)), &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: own}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	took, err = starts(bombTime, func() bool { return len(ended) > 0 })
	if bombErr := <-ended; bombErr != nil {
		err = errors.Join(err, fmt.Errorf("the bomb: %w: %s", bombErr, out.String()), ctx.Err())
	}
	return took, strings.TrimSpace(out.String()), err
}

func printStarts(name string, took []float64) {
	s := summarise(took)
	fmt.Printf("%s: %d starts, median %.2f, quartiles %.2f to %.2f, longest %.2f\n", name, len(took), s.median, s.lower, s.upper, slices.Max(took))
}

// starts starts /bin/true over and over for a time, or until stop says so, and
// gives what each took in milliseconds.
func starts(most time.Duration, stop func() bool) (took []float64, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	bare := recipe{name: "bare", argv: []string{"/bin/true"}, env: os.Environ()}
	for end := time.Now().Add(most); time.Now().Before(end) && !stop(); time.Sleep(5 * time.Millisecond) {
		one, err := bare.once(null)
		if err != nil {
			return nil, err
		}
		took = append(took, milliseconds(one))
	}
	if len(took) == 0 {
		return nil, errors.New("the bomb ended before anything was measured")
	}
	return took, nil
}
