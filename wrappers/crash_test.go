package wrappers

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A husk that is killed at any moment leaves whole wrappers, and the next one
// knows every file as husk's own.
func TestApplyKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := tempDir(t) + "/bin"
	var whole [2]map[string]string
	for n := range whole {
		sample := tempDir(t)
		mustApply(t, options(sample), generation(n, 20)...)
		whole[n] = map[string]string{}
		for _, p := range generation(n, 20) {
			whole[n][p.Command] = read(t, sample+"/"+p.Command)
		}
	}
	for kill := range 12 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "WRAPPERS_TEST_APPLY="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// After so many lines it is somewhere in the middle of the next one.
		lines := bufio.NewScanner(out)
		for range 1 + kill%3 {
			if lines.Scan(); strings.HasPrefix(lines.Text(), "failed") {
				t.Fatal(lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed: the status says only that
		for command, text := range whole[0] {
			if got := read(t, dir+"/"+command); got != text && got != whole[1][command] {
				t.Fatalf("%s is neither the old nor the new wrapper: %.200q", command, got)
			}
		}
		if r := mustApply(t, options(dir), generation(kill%2, 20)...); len(r.Left) != 0 {
			t.Fatalf("not known any more: %v", r.Left)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 22 {
		t.Errorf("%d entries, want 20 wrappers, the manifest and the lock: %v", len(entries), err)
	}
}

// The same where a crash would be: the manifest was saved with what was coming,
// some wrappers are new, some old, and half of one lies beside.
func TestApplyAfterCrash(t *testing.T) {
	dir := tempDir(t)
	o := options(dir)
	mustApply(t, o, generation(0, 3)...)
	d, err := openDirectory(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.readManifest()
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := renderAll(o, generation(1, 4))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		e := m.Files[name]
		e.Pending = digest(f.Content)
		m.Files[name] = e
	}
	if err := d.saveManifest(m); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/tool0", string(files["tool0"].Content), 0o755)
	write(t, dir+"/tool3", string(files["tool3"].Content), 0o755)
	write(t, dir+"/"+tempPrefix+"1", "half", 0o755)
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	mustApply(t, o, generation(2, 4)...).check(t, []string{"tool0", "tool1", "tool2", "tool3"}, nil, nil)
	if _, err := os.Stat(dir + "/" + tempPrefix + "1"); err == nil {
		t.Error("a leftover of the crash is still there")
	}
}
