package wrappers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// The test binary plays the other programs: as husk-enforce it prints its
// arguments, as husk-render-* it is an external renderer.
func TestMain(m *testing.M) {
	switch base := filepath.Base(os.Args[0]); {
	case base == enforcerName:
		fakeEnforcer()
	case strings.HasPrefix(base, externalPrefix):
		fakeRenderer()
	case os.Getenv("WRAPPERS_TEST_APPLY") != "":
		applyForever(os.Getenv("WRAPPERS_TEST_APPLY"))
	default:
		os.Exit(m.Run())
	}
}

// fakeEnforcer prints each argument with a NUL behind it.
func fakeEnforcer() {
	var out bytes.Buffer
	for _, a := range os.Args[1:] {
		out.WriteString(a)
		out.WriteByte(0)
	}
	os.Stdout.Write(out.Bytes())
	os.Exit(0)
}

// fakeRenderer makes a script like the built-in renderer sh does.
func fakeRenderer() {
	var req ExternalRequest
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p, err := plan.Decode(req.Plan)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	reply := ExternalReply{Version: ExternalVersion, Files: []ExternalFile{
		{Name: p.Command, Executable: true, Text: "#!/bin/sh\n" + req.Header +
			"exec " + QuotePOSIX(req.Enforcer) + " " + QuotePOSIX(filepath.Join(req.Directory, "plans", p.Command)) + " \"$@\"\n"},
		{Name: "plans/" + p.Command, Base64: []byte(req.Plan)},
	}}
	if err := json.NewEncoder(os.Stdout).Encode(reply); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// play makes the test binary known under another name and gives its path.
func play(t testing.TB, dir, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// newPlan gives a small valid plan.
func newPlan(command string) *plan.Plan {
	return &plan.Plan{
		Version: plan.Version,
		Profile: command, Source: "/home/u/.config/husk/profiles/x.hcl", Command: command,
		Program:    plan.Program{Path: "/usr/bin/true"},
		Filesystem: plan.Filesystem{View: plan.ViewMinimal, Markers: []string{".git"}},
		Home:       plan.Home{Mode: plan.HomeGranted, Origin: plan.NoOrigin},
		Tmp:        plan.Tmp{Mode: plan.TmpSession, SlashTmp: plan.SlashTmpPrivate, Cleanup: plan.CleanupParent, Origin: plan.NoOrigin},
		Network:    plan.Network{Mode: plan.NetworkNone, Origin: plan.NoOrigin},
		Namespaces: plan.Namespaces{Origin: plan.NoOrigin},
		Syscalls:   plan.Syscalls{Default: "allow", ForeignABI: "kill", Origin: plan.NoOrigin},
		Identity:   plan.Identity{User: plan.IdentitySelf, Origin: plan.NoOrigin},
		Terminal:   plan.Terminal{Origin: plan.NoOrigin},
	}
}

// write makes a file with its directories.
func write(t testing.TB, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	// A process that is forked while the file is open for writing holds it open
	// until it executes; starting the file fails with ETXTBSY meanwhile.
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(content), mode)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// link makes a symbolic link with its directories.
func link(t testing.TB, target, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// tempDir is a temporary directory without symbolic links in its path.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
