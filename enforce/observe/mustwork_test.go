package observe_test

import (
	"os"
	"testing"
)

// cannotRun is for tests that this machine can't run: they are skipped, or
// failed where HUSK_MUST_WORK=1 says that the machine has everything.
func cannotRun(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("HUSK_MUST_WORK") == "1" {
		t.Fatal("cannot run although HUSK_MUST_WORK=1: " + reason)
	}
	t.Skip(reason)
}
