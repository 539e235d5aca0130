package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// stamp stands for everything that decides what the profiles resolve to: their
// files, the library in this very husk, and what the command line and the
// environment say. With the same stamp, and the same programs behind the
// commands, apply would render the same wrappers. It is empty where something
// can't be read; then nothing is assumed.
func (p *pipeline) stamp(f applyFlags, project *project) string {
	h := sha256.New()
	home, err := p.app.host.home()
	if err != nil {
		return ""
	}
	exe, err := identity(p.app.host.executable)
	if err != nil {
		return ""
	}
	fmt.Fprintf(h, "%q %q %q %q %d\n", version(), exe, home, p.options.User, p.options.UID)
	fmt.Fprintf(h, "%q %q %q\n", f.library, f.set, p.without)
	for _, e := range p.app.host.environ {
		if strings.HasPrefix(e, "HUSK_VAR_") {
			fmt.Fprintf(h, "%q\n", e)
		}
	}
	for _, r := range p.options.Reserved {
		fmt.Fprintf(h, "%q\n", r.Path.Path)
	}
	for _, dir := range []string{p.locations.profiles, p.locations.system} {
		if stampDirectory(h, dir) != nil {
			return ""
		}
	}
	if project != nil {
		fmt.Fprintf(h, "%q %q %t\n", project.file, project.text, project.trusted)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// identity tells one build of a program from another without reading it.
func identity(path string) (string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("%s has no inode", path)
	}
	return fmt.Sprintf("%s %d %d %d %d %d", path, st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()), nil
}

// stampDirectory adds the names and contents of all that could be a profile. An
// absent directory is one with nothing in it.
func stampDirectory(h hash.Hash, dir string) error {
	fmt.Fprintf(h, "directory %q\n", dir)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".hcl") && !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		fi, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !fi.Mode().IsRegular() {
			fmt.Fprintf(h, "other %q %v\n", e.Name(), fi.Mode())
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "file %q %d\n", e.Name(), len(content))
		h.Write(content)
	}
	return nil
}
