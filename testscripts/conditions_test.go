package testscripts

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/cgroup"
	"github.com/husk-sandbox/husk/enforce/identity"
)

// condition answers the conditions that the package comment lists.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Getuid() == 0, nil
	case "cgroup":
		return delegatedCgroup(), nil
	case "memorygroup":
		return memoryGroup() != "", nil
	case "userns":
		return userNamespaces(), nil
	case "subids":
		return subordinateIDs(), nil
	case "i386":
		return i386Calls(), nil
	case "registry":
		return registryAnswers(), nil
	}
	if want, ok := strings.CutPrefix(name, "landlock:"); ok {
		n, err := strconv.Atoi(want)
		if err != nil {
			return false, fmt.Errorf("condition %s: %w", name, err)
		}
		return landlockABI() >= n, nil
	}
	return false, fmt.Errorf("unknown condition %s", name)
}

// userNamespaces tries whether an ordinary user can make one, whoever runs the
// tests.
var userNamespaces = sync.OnceValue(func() bool {
	user, err := ordinaryUser()
	if err != nil {
		return false
	}
	cmd := exec.Command("/bin/true")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:                 syscall.CLONE_NEWUSER,
		GidMappingsEnableSetgroups: false,
	}
	if os.Getuid() == 0 {
		// The clone is the caller's: so have the user ask for it.
		cmd = exec.Command("unshare", "--user", "/bin/true")
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user.credential()}
	}
	return cmd.Run() == nil
})

// subordinateIDs says whether who runs the scripts has ids of subuid(5) and
// subgid(5) and the programs that map them, or needs neither.
var subordinateIDs = sync.OnceValue(func() bool {
	if os.Getuid() == 0 {
		return true
	}
	user, err := ordinaryUser()
	if err != nil {
		return false
	}
	for _, tool := range []string{"newuidmap", "newgidmap"} {
		if _, err := exec.LookPath(tool); err != nil {
			return false
		}
	}
	for _, file := range []string{"/etc/subuid", "/etc/subgid"} {
		text, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		if ranges, err := identity.Ranges(string(text), user.name, user.uid); err != nil || len(ranges) == 0 {
			return false
		}
	}
	return true
})

var landlockABI = sync.OnceValue(func() int {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(abi)
})

// i386Calls tries whether the kernel takes 32-bit calls of a 64-bit program.
var i386Calls = sync.OnceValue(func() bool {
	return exec.Command(filepath.Join(tools.probe(), "probe"), "call-i386", "getpid").Run() == nil
})

// registryAnswers asks the registry that npm would ask.
var registryAnswers = sync.OnceValue(func() bool {
	registry := "https://registry.npmjs.org/"
	if own := os.Getenv("npm_config_registry"); own != "" {
		registry = own
	}
	client := http.Client{Timeout: 15 * time.Second}
	answer, err := client.Head(registry)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode < 500
})

// memoryGroup gives the directory in which root can make a control group with a
// bound on memory, of version 2 or 1; "" for none.
func memoryGroup() string {
	if text, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control"); err == nil {
		if slices.Contains(strings.Fields(string(text)), "memory") && unix.Access("/sys/fs/cgroup", unix.W_OK) == nil {
			return "/sys/fs/cgroup"
		}
		return ""
	}
	const one = "/sys/fs/cgroup/memory"
	if _, err := os.Stat(one + "/memory.limit_in_bytes"); err != nil || unix.Access(one, unix.W_OK) != nil {
		return ""
	}
	return one
}

// delegatedCgroup says whether a session of this user can have a cgroup with a
// bound on memory and processes of its own.
func delegatedCgroup() bool {
	h, err := cgroup.Host()
	if err == nil {
		_, err = h.Find([]string{cgroup.Memory, cgroup.Processes}, true)
	}
	return err == nil
}
