package identity

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Line is one line of a uid_map or gid_map (user_namespaces(7)).
type Line struct{ Inside, Outside, Count int }

// Lines maps ids to themselves: what is seen inside is what it is.
func Lines(ids ...int) []Line {
	lines := make([]Line, len(ids))
	for i, id := range ids {
		lines[i] = Line{id, id, 1}
	}
	return lines
}

// Text gives lines as the files of /proc take them.
func Text(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strconv.Itoa(l.Inside) + " " + strconv.Itoa(l.Outside) + " " + strconv.Itoa(l.Count) + "\n")
	}
	return b.String()
}

// Write maps the ids of a process's user namespace, for who has CAP_SETUID and
// CAP_SETGID outside of it. setgroups(2) stays allowed, so that supplementary
// groups can be dropped.
func Write(pid int, uids, gids []Line) error {
	proc := "/proc/" + strconv.Itoa(pid) + "/"
	if err := writeFile(proc+"uid_map", Text(uids)); err != nil {
		return err
	}
	return writeFile(proc+"gid_map", Text(gids))
}

// writeFile writes in one call, as the map files ask for.
func writeFile(path, text string) error {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.New(path + ": " + err.Error())
	}
	defer unix.Close(fd)
	if n, err := unix.Write(fd, []byte(text)); err != nil || n != len(text) {
		return errors.New(path + ": " + errorText(err))
	}
	return nil
}

func errorText(err error) string {
	if err == nil {
		return "written in part only"
	}
	return err.Error()
}

// toolDirs are where the two set-user-ID programs of package uidmap lie:
// directories of root's, never PATH.
var toolDirs = []string{"/usr/bin/", "/run/wrappers/bin/", "/usr/local/bin/", "/bin/"}

// Tools are newuidmap(1) and newgidmap(1).
type Tools struct{ UID, GID string }

// ErrNoTools says that package uidmap is not installed.
var ErrNoTools = errors.New("newuidmap and newgidmap are not installed")

// FindTools looks for both.
func FindTools() (Tools, error) {
	for _, dir := range toolDirs {
		t := Tools{dir + "newuidmap", dir + "newgidmap"}
		if unix.Access(t.UID, unix.X_OK) == nil && unix.Access(t.GID, unix.X_OK) == nil {
			return t, nil
		}
	}
	return Tools{}, ErrNoTools
}

// Write lets the tools map the ids, for whoever /etc/subuid and /etc/subgid
// allow it. Both run at the same time. The process must be dumpable still.
func (t Tools) Write(pid int, uids, gids []Line) error {
	u, errUID := startTool(t.UID, pid, uids)
	g, errGID := startTool(t.GID, pid, gids)
	if errUID == nil {
		errUID = u.wait()
	}
	if errGID == nil {
		errGID = g.wait()
	}
	if errUID != nil {
		return errUID
	}
	return errGID
}

// tool is a running newuidmap or newgidmap.
type tool struct {
	path   string
	pid    int
	output int // what it says on standard error
}

func startTool(path string, pid int, lines []Line) (tool, error) {
	argv := append([]string{path}, strconv.Itoa(pid))
	for _, l := range lines {
		argv = append(argv, strconv.Itoa(l.Inside), strconv.Itoa(l.Outside), strconv.Itoa(l.Count))
	}
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		return tool{}, errors.New("pipe: " + err.Error())
	}
	null, err := syscall.Open("/dev/null", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err == nil {
		var child int
		child, err = syscall.ForkExec(path, argv, &syscall.ProcAttr{Dir: "/",
			Files: []uintptr{uintptr(null), uintptr(null), uintptr(pipe[1])}})
		syscall.Close(null)
		if err == nil {
			syscall.Close(pipe[1])
			return tool{path, child, pipe[0]}, nil
		}
	}
	syscall.Close(pipe[0])
	syscall.Close(pipe[1])
	return tool{}, errors.New(path + ": " + err.Error())
}

// wait gives what the tool said where it failed.
func (t tool) wait() error {
	said, _ := readAll(t.output)
	syscall.Close(t.output)
	var status syscall.WaitStatus
	for {
		if _, err := syscall.Wait4(t.pid, &status, 0, nil); err != syscall.EINTR {
			break
		}
	}
	if status.Exited() && status.ExitStatus() == 0 {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if first == "" {
		first = "ended with status " + strconv.Itoa(int(status)>>8)
	}
	return errors.New(t.path + ": " + strings.TrimPrefix(first, t.path[strings.LastIndexByte(t.path, '/')+1:]+": "))
}
