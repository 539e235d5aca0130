// Bench compares the start-up of a wrapped command with others, pair by pair in
// one run: one of A, one of B, one of A, … A machine that is busy for a while is
// busy for both, so the ratio within a pair says more than two separate means.
// It prints medians of those ratios with their quartiles; it judges nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	bin := flag.String("bin", "bin", "directory that holds husk and husk-enforce")
	source := flag.String("plain", "testscripts/bench/plain.c", "the plain C program's source")
	pairs := flag.Int("pairs", 300, "pairs per comparison, at least 200")
	warmUp := flag.Int("warm-up", 20, "pairs that are run before and not counted")
	bombed := flag.Bool("bomb", false, "measure the machine's response beside a fork bomb in a sandbox instead")
	flag.Parse()
	if *pairs < 200 {
		return fmt.Errorf("%d pairs say nothing: at least 200", *pairs)
	}
	place, err := os.MkdirTemp("", "husk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	if *bombed {
		return bomb(place, *bin)
	}
	list, remove, err := comparisons(place, *bin, *source)
	if err != nil {
		return err
	}
	defer remove()
	fmt.Printf("uid %d, %s/%s, %d CPUs; %d pairs each after %d to warm up; every run is of /bin/true\n\n",
		os.Getuid(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *pairs, *warmUp)
	fmt.Printf("%-44s %8s %17s %9s %9s %7s\n", "A / B", "median", "quartiles", "A ms", "B ms", "goal")
	for _, c := range list {
		if c.missing != "" {
			fmt.Printf("%-44s not run: %s\n", c.name(), c.missing)
			continue
		}
		r, err := c.measure(*warmUp, *pairs)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
		fmt.Printf("%-44s %8.3f %17s %9.3f %9.3f %7s\n", c.name(), r.ratio.median,
			fmt.Sprintf("%.3f to %.3f", r.ratio.lower, r.ratio.upper),
			r.a.median, r.b.median, c.goal)
	}
	fmt.Println("\n" + strings.TrimSpace(legend))
	return nil
}

const legend = `
husk: a rendered wrapper with everything on: all namespaces, a root of its own, Landlock, seccomp, a session
TMPDIR made and removed, the environment filtered. bubblewrap: the classic recipe, all namespaces, none of the rest.
plain: plain.c, the same namespace and mount calls as husk's in a static C program, and nothing else.
filtered network: a profile of the same emptiness with one connect rule; its supervisor's start and end are in it.
The first line compares husk with itself and shows this run's noise.`
