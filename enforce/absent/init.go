package absent

import (
	"strings"

	"golang.org/x/sys/unix"
)

// madeByInit says whether what appeared in dir for a rule is what git init makes
// (git-init(1)), and nothing besides: a configuration of lines that name no
// command and no other place, or hooks that are samples, which git never runs
// (githooks(5)). A project gets its repository from inside the sandbox then,
// and nothing that is executed outside.
func madeByInit(dir int, below string) bool {
	switch {
	case below == ".git/config" || strings.HasSuffix(below, "/.git/config"):
		return freshConfig(dir)
	case below == ".git/hooks" || strings.HasSuffix(below, "/.git/hooks"):
		return samplesOnly(dir)
	}
	return false
}

// freshLines are those that git init writes, with the values that it writes.
var freshLines = map[string]bool{
	"[core]": true, "repositoryformatversion = 0": true, "bare = false": true, "logallrefupdates = true": true,
	"filemode = true": true, "filemode = false": true, "symlinks = false": true, "ignorecase = true": true, "": true,
}

// freshConfig reads the file "config" in dir. It must have no second name, under
// which a later session could write it.
func freshConfig(dir int) bool {
	fd, err := unix.Openat(dir, "config", unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Nlink != 1 {
		return false
	}
	text := make([]byte, 1<<10)
	n, err := unix.Read(fd, text)
	if err != nil || n == len(text) {
		return false // longer than any that git init writes
	}
	core := false // git init always writes it: a file without is no repository's
	for _, line := range strings.Split(string(text[:n]), "\n") {
		line = strings.TrimSpace(line)
		if !freshLines[line] {
			return false
		}
		core = core || line == "[core]"
	}
	return core
}

// samplesOnly looks at the names in the directory "hooks" of dir. git init makes
// none where its template has no samples.
func samplesOnly(dir int) bool {
	fd, err := unix.Openat(dir, "hooks", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	entries, err := names(fd)
	if err != nil {
		return false
	}
	for _, name := range entries {
		if !strings.HasSuffix(name, ".sample") {
			return false
		}
	}
	return len(entries) > 0
}
