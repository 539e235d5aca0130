package enforce

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes the wrapper the parent of whatever its program leaves
// behind (prctl(2), PR_SET_CHILD_SUBREAPER), where no PID namespace ends it.
func adoptOrphans() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// endDescendants kills all that is left, round by round: a killed process's
// children become the wrapper's own. spared are processes of husk's, or 0.
func endDescendants(spared ...int) error {
	for {
		pids, err := children()
		if err != nil {
			return &Failure{Text: "cannot list what the program left running: " + err.Error()}
		}
		pids = slices.DeleteFunc(pids, func(pid int) bool { return slices.Contains(spared, pid) })
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range pids {
			_, _ = unix.Wait4(pid, nil, 0, nil)
		}
	}
}

// children lists the wrapper's children, which any of its threads may have
// started or adopted (proc_pid_task(5)).
func children() ([]int, error) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, task := range tasks {
		text, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err != nil {
			return nil, err
		}
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}
