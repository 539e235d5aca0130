// Filters measures system call filters: how long each library profile's, and each
// policy of the library's sets, is as a program, how long it takes to compile, and what a call costs
// under it: with no filter, with husk's, and with one that libseccomp makes of
// the same policy. Medians of several runs, in turn; it judges nothing.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/hcl"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/filters:", err)
		os.Exit(1)
	}
}

// policy is a policy with a name.
type policy struct {
	name string
	plan.Syscalls
}

// measured is what both compilers make the filter of.
const measured = "@network, getppid, clock_gettime"

// baseline is what no profile is without.
const baseline = "the baseline"

// libraryPolicies gives the policies of the library's profiles, each with the
// names of those that have it.
func libraryPolicies() ([]policy, error) {
	profiles, diags := hcl.Load(hcl.Options{User: "user"})
	if diags.HasErrors() {
		return nil, errors.New("the library has errors: husk check")
	}
	var all []policy
	at := map[string]int{}
	for _, info := range profiles.List() {
		resolved, diags := profiles.Resolve(info.Name, "")
		if diags.HasErrors() || resolved == nil {
			return nil, errors.New("no policy for " + info.Name)
		}
		compiled, err := seccomp.Compile(resolved.Syscalls, runtime.GOARCH)
		if err != nil {
			return nil, err
		}
		key := string(compiled.Program)
		if i, ok := at[key]; ok {
			all[i].name += " " + info.Name
			continue
		}
		at[key] = len(all)
		all = append(all, policy{info.Name, resolved.Syscalls})
	}
	return all, nil
}

func policies() []policy {
	list := func(name, def string, calls ...string) policy {
		p := policy{name, plan.Syscalls{Default: def, ForeignABI: "kill", Origin: plan.NoOrigin}}
		if len(calls) > 0 {
			p.Lists = []plan.SyscallList{{Action: "allow", Names: calls, Origin: plan.NoOrigin}}
		}
		return p
	}
	return []policy{
		list(baseline, "allow"),
		list("@system-service", "errno:EPERM", "@system-service"),
		list("@computation, @start-dynamic", "kill", "@computation", "@start-dynamic"),
		list("@buffer, @start-dynamic", "trap", "@buffer", "@start-dynamic"),
		list("@buffer-strict, late entry", "trap", "@buffer-strict"),
		list("@network, @start-static", "kill", "@network", "@start-static"),
		list("@network-strict, late entry", "kill", "@network-strict"),
		list("@pledge-stdio rpath tty, @start-dynamic", "kill", "@pledge-stdio", "@pledge-rpath", "@pledge-tty", "@start-dynamic"),
		list(measured, "kill", "@network", "getppid", "clock_gettime"),
	}
}

func run() error {
	place, err := os.MkdirTemp("", "husk-filters-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	fmt.Printf("%-42s %12s %12s\n", "policy", "instructions", "compile µs")
	library, err := libraryPolicies()
	if err != nil {
		return err
	}
	var ours, plain string
	for _, p := range append(library, policies()...) {
		compiled, took, err := compile(p.Syscalls)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Printf("%-42s %12d %12.0f\n", p.name, len(compiled)/8, took)
		file := filepath.Join(place, fmt.Sprint(len(compiled)))
		if err := os.WriteFile(file, compiled, 0o600); err != nil {
			return err
		}
		switch p.name {
		case measured:
			ours = file
		case baseline:
			plain = file
		}
	}
	return cost(place, ours, plain)
}

// compile gives the filter and the median of the microseconds that it took.
func compile(p plan.Syscalls) (program []byte, took float64, err error) {
	var all []float64
	for range 50 {
		start := time.Now()
		compiled, err := seccomp.Compile(p, runtime.GOARCH)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, float64(time.Since(start).Nanoseconds())/1e3)
		program = compiled.Program
	}
	return program, median(all), nil
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// cost runs the C program with each filter in turn.
func cost(place, ours, plain string) error {
	program := filepath.Join(place, "cost")
	out, err := exec.Command("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, "testscripts/bench/filters/cost.c", "-lseccomp").CombinedOutput()
	if err != nil {
		fmt.Printf("\nnot compared: it takes a C compiler and libseccomp's headers: %v\n%s", err, out)
		return nil
	}
	rows := []struct{ name, filter string }{{"no filter", "none"}, {"husk, the baseline", plain}, {"husk, " + measured, ours}, {"libseccomp, the same", "libseccomp"}}
	const rounds = 11
	got := make([][4][]float64, len(rows))
	for range rounds {
		for i, r := range rows {
			out, err := exec.Command(program, r.filter).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			var v [4]float64
			if _, err := fmt.Sscan(strings.TrimSpace(string(out)), &v[0], &v[1], &v[2], &v[3]); err != nil {
				return err
			}
			for k := range v {
				got[i][k] = append(got[i][k], v[k])
			}
		}
	}
	fmt.Printf("\n%-42s %12s %12s %12s %12s\n", "a call", "instructions", "made in µs", "getppid ns", "fcntl ns")
	for i, r := range rows {
		fmt.Printf("%-42s %12.0f %12.0f %12.1f %12.1f\n", r.name, median(got[i][0]), median(got[i][1]), median(got[i][2]), median(got[i][3]))
	}
	return nil
}
