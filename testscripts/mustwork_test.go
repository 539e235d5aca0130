package testscripts

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// runner is testing.T as testscript wants it, but for one thing: where
// HUSK_MUST_WORK is 1, a skipped script is a failed one. A machine that should
// have everything can't lose a feature without anybody seeing it then.
type runner struct {
	*testing.T
	mustWork bool
}

func newRunner(t *testing.T) testscript.T {
	return runner{T: t, mustWork: os.Getenv("HUSK_MUST_WORK") == "1"}
}

func (r runner) Run(name string, f func(testscript.T)) {
	r.T.Run(name, func(t *testing.T) { f(runner{T: t, mustWork: r.mustWork}) })
}

func (r runner) Verbose() bool { return testing.Verbose() }

func (r runner) Skip(reason ...any) {
	r.Helper()
	skip(r.T, r.mustWork, reason...)
}

// skipper is what testing.T has for tests that can't run.
type skipper interface {
	Skip(reason ...any)
	Fatal(reason ...any)
}

func skip(t skipper, mustWork bool, reason ...any) {
	if mustWork {
		t.Fatal("skipped although HUSK_MUST_WORK=1: " + fmt.Sprint(reason...))
	}
	t.Skip(reason...)
}
