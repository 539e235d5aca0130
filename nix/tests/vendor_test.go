package tests

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// The hash of the modules in package.nix is that of what go.mod names now. Without
// Nix nobody would see otherwise that it is stale.
func TestVendorHash(t *testing.T) {
	want, err := hashTree(vendored(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../package.nix")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`vendorHash = "(.*)";`).FindSubmatch(text)
	if found == nil {
		t.Fatal("package.nix has no vendorHash")
	}
	if got := string(found[1]); got != want {
		t.Errorf("nix/package.nix: vendorHash is %s; for this go.mod it has to be\n\tvendorHash = %q;", got, want)
	}
}

// vendored gives a directory with the modules, as the package's derivation has it.
func vendored(t *testing.T) string {
	t.Helper()
	vendor := t.TempDir() + "/vendor"
	cmd := exec.Command("go", "mod", "vendor", "-o", vendor)
	cmd.Dir = repository(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go mod vendor: %v\n%s", err, out)
	}
	return vendor
}

// The archive's hash is Nix's own: this one was printed by `nix hash path`.
func TestHashTree(t *testing.T) {
	dir := t.TempDir() + "/tree"
	for _, err := range []error{
		os.Mkdir(dir, 0o755),
		os.WriteFile(dir+"/script", []byte("#!/bin/sh\n"), 0o755),
		os.WriteFile(dir+"/text", []byte("12345678"), 0o600),
		os.Symlink("text", dir+"/link"),
		os.Mkdir(dir+"/empty", 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := hashTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := "sha256-ABBDi59NiSr36osj6k2gpULyKuqi3sjm1WzpG2CstPo="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
