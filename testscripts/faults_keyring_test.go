package testscripts

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A start that has to wait for a keyring has the caller's streams still when it
// gets one: what the program writes to a pipe arrives.
func TestStreamsOfASecondTry(t *testing.T) {
	if !userNamespaces() {
		skip(t, os.Getenv("HUSK_MUST_WORK") == "1", "no user namespaces")
	}
	f := newFaults(t, scenarios[0])
	whole := f.inject(t, injection{})
	at := 1 + slices.Index(whole.calls[ofProgram], "keyctl")
	if at == 0 || whole.stdout == "" {
		t.Fatalf("without a fault: %+v", whole)
	}
	got := f.inject(t, injection{who: ofProgram, at: at, fail: unix.EDQUOT})
	if got.met != "keyctl" || got.stdout != whole.stdout || got.status != whole.status {
		t.Errorf("%q failed once: status %d, %q, printed %q, not %q", got.met, got.status, got.stderr, got.stdout, whole.stdout)
	}
}
