package wrappers

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

func TestUnifiedDiff(t *testing.T) {
	for name, c := range map[string]struct{ before, after, want string }{
		"equal":      {"a\nb\n", "a\nb\n", ""},
		"new":        {"", "a\nb\n", "--- x\n+++ y\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"gone":       {"a\n", "", "--- x\n+++ y\n@@ -1,1 +0,0 @@\n-a\n"},
		"in between": {"a\nb\nc\n", "a\nB\nc\n", "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		"no newline": {"a\nb", "a\nb\n", "--- x\n+++ y\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		"two hunks": {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
			"--- x\n+++ y\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(UnifiedDiff("x", "y", []byte(c.before), []byte(c.after))); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// patch(1) makes the second text from the first one with the diff.
func TestUnifiedDiffPatches(t *testing.T) {
	patch, err := exec.LookPath("patch")
	if err != nil {
		cannotRun(t, err.Error())
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		text := func() string {
			var b strings.Builder
			for range random.IntN(40) {
				fmt.Fprintf(&b, "%d\n", random.IntN(6))
			}
			return b.String()
		}
		before, after := text(), text()
		if before == after || after == "" {
			continue
		}
		file := write(t, tempDir(t)+"/f", before, 0o644)
		cmd := exec.Command(patch, "-s", file)
		cmd.Stdin = strings.NewReader(string(UnifiedDiff("f", "f", []byte(before), []byte(after))))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got := read(t, file); got != after {
			t.Fatalf("got %q, want %q from %q", got, after, before)
		}
	}
}

// Two huge texts without a line in common don't take memory by the square.
func TestUnifiedDiffOfHugeTexts(t *testing.T) {
	before, after := strings.Repeat("a\n", 100_000), strings.Repeat("b\n", 100_000)
	got := UnifiedDiff("x", "y", []byte(before), []byte(after))
	if want := len(before)*3/2 + len(after)*3/2; len(got) < want || len(got) > want+100 {
		t.Errorf("%d bytes, want %d and a head", len(got), want)
	}
}
