package main

import (
	"fmt"
	"os"
	"time"
)

// comparison is two recipes run in turn.
type comparison struct {
	a, b    recipe
	goal    string
	missing string
}

func pair(a, b recipe, goal string) comparison {
	c := comparison{a: a, b: b, goal: goal, missing: a.missing}
	if c.missing == "" {
		c.missing = b.missing
	}
	return c
}

func (c comparison) name() string { return c.a.name + " / " + c.b.name }

// result holds times in milliseconds, and the ratios of each pair.
type result struct{ a, b, ratio summary }

// measure runs so many pairs, A and B in turn.
func (c comparison) measure(warmUp, pairs int) (result, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return result{}, err
	}
	defer null.Close()
	var as, bs, ratios []float64
	for i := range warmUp + pairs {
		a, err := c.a.once(null)
		if err != nil {
			return result{}, err
		}
		b, err := c.b.once(null)
		if err != nil {
			return result{}, err
		}
		if i < warmUp {
			continue
		}
		as = append(as, milliseconds(a))
		bs = append(bs, milliseconds(b))
		ratios = append(ratios, float64(a)/float64(b))
	}
	return result{summarise(as), summarise(bs), summarise(ratios)}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// once runs the recipe from its start to its end. StartProcess uses
// clone(CLONE_VFORK|CLONE_VM): what it costs doesn't depend on this program's
// size, and is the same for both sides.
func (r recipe) once(null *os.File) (time.Duration, error) {
	start := time.Now()
	process, err := os.StartProcess(r.argv[0], r.argv, &os.ProcAttr{
		Env: r.env, Files: []*os.File{null, null, os.Stderr},
	})
	if err != nil {
		return 0, err
	}
	state, err := process.Wait()
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if !state.Success() {
		return 0, fmt.Errorf("%s: %s", r.argv[0], state)
	}
	return took, nil
}
