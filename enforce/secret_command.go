package enforce

import (
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/namespaces"
)

// secretTime is how long a secret's command may take: a person may have to type
// a passphrase. A variable for tests.
var secretTime = 60 * time.Second

// forCommand are the variables that a secret's command gets: who and where the
// user is, and what password managers need to reach their agent and to ask.
// Nothing else: a project's environment (direnv) must not steer it.
var forCommand = []string{
	"HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TERM",
	"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
	"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
	"GPG_TTY", "GNUPGHOME", "SSH_AUTH_SOCK", "PASSWORD_STORE_DIR",
}

// systemPath is the command's PATH where nothing of the caller's is left.
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// command runs a secret's command, outside and before the sandbox, and gives
// what it prints. Its standard input is empty (the program's is not for it),
// its messages go to the caller's standard error, its working directory is /.
func (g *secretGuard) command(argv []string) ([]byte, error) {
	if len(argv) == 0 || !path.IsAbs(argv[0]) {
		return nil, &Failure{Text: "its command is not an absolute path; render the wrapper again: husk apply"}
	}
	if _, err := g.follow(argv[0]); err != nil {
		return nil, err
	}
	var out [2]int
	if err := unix.Pipe2(out[:], unix.O_CLOEXEC); err != nil {
		return nil, &Failure{Text: "cannot make a pipe: " + err.Error()}
	}
	defer unix.Close(out[0])
	null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		unix.Close(out[1])
		return nil, &Failure{Text: "/dev/null: " + err.Error()}
	}
	defer unix.Close(null)
	pidfd := -1
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Dir: "/", Env: g.commandEnvironment(), Files: []uintptr{uintptr(null), uintptr(out[1]), 2},
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, PidFD: &pidfd},
	})
	unix.Close(out[1])
	if err != nil {
		return nil, &Failure{Text: "cannot run " + argv[0] + ": " + err.Error()}
	}
	defer unix.Close(pidfd)
	text, err := collectOutput(out[0], pidfd)
	if err != nil {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	var status unix.WaitStatus
	for {
		if _, waited := unix.Wait4(pid, &status, 0, nil); waited != unix.EINTR {
			break
		}
	}
	switch {
	case err != nil:
		return nil, &Failure{Text: argv[0] + " " + err.Error()}
	case status.Signaled():
		return nil, &Failure{Text: argv[0] + " was ended by signal " + strconv.Itoa(int(status.Signal()))}
	case status.ExitStatus() != 0:
		return nil, &Failure{Text: argv[0] + " ended with status " + strconv.Itoa(status.ExitStatus())}
	}
	return text, nil
}

// collectOutput reads what the command prints until it ends. What it started
// and left running may keep the pipe open; nobody waits for that.
func collectOutput(pipe, pidfd int) ([]byte, error) {
	if err := unix.SetNonblock(pipe, true); err != nil {
		return nil, &Failure{Text: "printed what cannot be read: " + err.Error()}
	}
	text := make([]byte, maxSecret+3)
	n, open := 0, true
	for deadline := time.Now().Add(secretTime); ; {
		fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}, {Fd: int32(pipe), Events: unix.POLLIN}}
		if !open {
			fds = fds[:1]
		}
		left := time.Until(deadline).Milliseconds()
		ready, err := 0, error(nil)
		if left > 0 {
			ready, err = unix.Poll(fds, int(left))
		}
		if err == unix.EINTR {
			continue
		}
		if err != nil || ready == 0 {
			return nil, &Failure{Text: "did not end within " + strconv.Itoa(int(secretTime.Seconds())) + " seconds"}
		}
		ended := fds[0].Revents != 0
		for open {
			more, err := unix.Read(pipe, text[n:])
			if err == unix.EINTR {
				continue
			}
			if err == unix.EAGAIN {
				break
			}
			if err != nil || more == 0 {
				open = false
				break
			}
			if n += more; n == len(text) {
				return nil, &Failure{Text: "printed more than " + strconv.Itoa(maxSecret) + " bytes"}
			}
		}
		if ended {
			return text[:n], nil
		}
	}
}

// commandEnvironment gives the command's variables.
func (g *secretGuard) commandEnvironment() []string {
	env := []string{"PATH=" + g.commandPath()}
	seen := map[string]bool{}
	for _, entry := range g.anchors.Environ {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || seen[name] {
			continue
		}
		for _, pattern := range forCommand {
			if match(pattern, name) {
				seen[name] = true
				env = append(env, entry)
				break
			}
		}
	}
	return env
}

// commandPath is the caller's PATH without relative entries, without wrappers,
// and without directories in which the program could have put a command.
func (g *secretGuard) commandPath() string {
	list, _ := g.anchors.Getenv("PATH")
	var kept []string
	for _, dir := range strings.Split(withoutDirectories(list, g.plan.Environment.WithoutPath), ":") {
		if path.IsAbs(dir) && !g.mayWrite(dir) {
			kept = append(kept, dir)
		}
	}
	if len(kept) == 0 {
		return systemPath
	}
	return strings.Join(kept, ":")
}

func (g *secretGuard) mayWrite(dir string) bool {
	_, err := g.follow(dir)
	if err != nil {
		return true // or it is not there
	}
	at, _ := resolve(dir)
	for _, root := range g.roots {
		if namespaces.Within(root, at.path) {
			return true // a part of it is
		}
	}
	return false
}
