package inherited_test // a test inside would import syscall into the package

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/inherited"
)

const helper = "HUSK_INHERITED_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		println(inherited.Files[0], inherited.Files[1])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A program that is started with a soft limit sees that one here, though Go has
// raised it by the time main runs.
func TestFiles(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, soft := range []string{"123", "124"} {
		cmd := exec.Command("/bin/sh", "-c", "ulimit -Sn "+soft+` && ulimit -Hn 200 && exec "$0"`, exe)
		cmd.Env = append(os.Environ(), helper+"=1")
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != soft+" 200" {
			t.Errorf("with a soft limit of %s: %q, %v", soft, got, err)
		}
	}
}
