package seccomp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Problem is one thing that is wrong, or with Warning probably wrong, in a
// policy.
type Problem struct {
	Origin  int // index into the plan's origins, or plan.NoOrigin
	Summary string
	Detail  string // what to write instead
	Warning bool
	// Attribute is the one that it is about, where Origin is only that of the
	// block.
	Attribute string
}

func unknownCall(name string) string {
	if _, ok := findGroup("@" + name); ok {
		return fmt.Sprintf("%q is no system call of Linux, but there is a group: write %q", name, "@"+name)
	}
	return fmt.Sprintf("%q is no system call of Linux%s", name, didYouMean(name, callNames()))
}

func unknownGroup(name string) string {
	if _, ok := table.Find(strings.TrimPrefix(name, "@")); ok {
		return fmt.Sprintf("there is no group %q, but a call: write %q", name, name[1:])
	}
	var names []string
	for _, g := range Groups() {
		names = append(names, g.Name)
	}
	return fmt.Sprintf("there is no group %q%s", name, didYouMean(name, names))
}

func conditionDetail(err error) string {
	var unknown *condition.UnknownConstantError
	if errors.As(err, &unknown) {
		return err.Error() + didYouMean(unknown.Name, table.Constants())
	}
	return err.Error()
}

// didYouMean gives a hint with the nearest candidate, or nothing.
func didYouMean(name string, candidates []string) string {
	best, distance := "", len(name)/3+1
	for _, c := range candidates {
		if d := editDistance(name, c, distance); d <= distance && (best == "" || d < distance) {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts insertions, deletions, exchanges and swaps of neighbours
// between a and b, ignoring case; above limit any larger number may come back.
func editDistance(a, b string, limit int) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
