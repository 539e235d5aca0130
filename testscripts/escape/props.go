package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/cgroup"
)

// prop is something that stands outside during an attempt.
type prop func(s *stage) error

// victim is a process of the same user: $VICTIM is its number, $MARK the
// address of a text in it, $FD its descriptor of a file with the secret. The
// secret is in its arguments and its environment as well.
func victim(s *stage) error {
	file := s.path("$OUTSIDE/secret")
	a, err := s.stand([]string{"HUSK_ESCAPE_SECRET=" + s.secret}, "victim", s.secret, file)
	if err != nil {
		return err
	}
	fields := strings.Fields(a.head)
	s.vars["VICTIM"] = strconv.Itoa(a.cmd.Process.Pid)
	s.vars["MARK"], s.vars["FD"] = fields[0], fields[1]
	return nil
}

// inGroup lets the command start in the victim's process group, as the jobs of
// a script share the script's.
func inGroup(s *stage) error {
	s.group = s.accounts[0].cmd.Process.Pid
	return nil
}

// parent puts a shell's part between: it is what getppid(2) gives without a
// sandbox, and may be stopped.
func parent(s *stage) error {
	s.standin = append(s.standin, s.kit.outside, "parent")
	return nil
}

// launched puts the same between where there is no sandbox, for what is about
// the sandbox's own first process.
func launched(s *stage) error {
	if s.bare {
		return parent(s)
	}
	return nil
}

// tokenInEnvironment gives the caller's environment a secret. A process of the
// sandbox must not find it, in whatever way.
func tokenInEnvironment(s *stage) error {
	s.env = append(s.env, "HUSK_ESCAPE_SECRET="+s.secret)
	return nil
}

// inEnvironment sets variables of the caller's.
func inEnvironment(pairs ...string) prop {
	return func(s *stage) error {
		s.env = append(s.env, s.expand(pairs...)...)
		return nil
	}
}

// workIn makes another directory the working directory, and the project.
func workIn(word string) prop {
	return func(s *stage) error {
		s.vars["PROJECT"] = s.path(word)
		return nil
	}
}

// file makes one with the secret in it, or with another text.
func file(word, text string) prop {
	return func(s *stage) error { return s.write(s.path(word), s.path(text)) }
}

// mode gives a file of the stage's a mode, set-user-ID and set-group-ID included.
func mode(word string, bits uint32) prop {
	return func(s *stage) error { return unix.Chmod(s.path(word), bits) }
}

// remove takes something of the stage's away.
func remove(word string) prop {
	return func(s *stage) error { return os.RemoveAll(s.path(word)) }
}

// streamTo makes standard output a file that was opened for appending.
func streamTo(word string) prop {
	return func(s *stage) error {
		f, err := os.OpenFile(s.path(word), os.O_WRONLY|os.O_APPEND, 0)
		s.stdout = f
		return err
	}
}

// streamFrom makes standard input a file.
func streamFrom(word string) prop {
	return func(s *stage) error {
		f, err := os.Open(s.path(word))
		s.stdin = f
		return err
	}
}

// inherit leaves a descriptor of a file or directory open, as number 3.
func inherit(word string, flags int) prop {
	return func(s *stage) error {
		f, err := os.OpenFile(s.path(word), flags, 0)
		s.inherited = append(s.inherited, f)
		return err
	}
}

// inheritPidfd leaves a descriptor of the victim's process open.
func inheritPidfd(s *stage) error {
	fd, err := unix.PidfdOpen(s.accounts[0].cmd.Process.Pid, 0)
	if err == nil {
		s.inherited = append(s.inherited, os.NewFile(uintptr(fd), "pidfd"))
	}
	return err
}

// ownTerminal gives the command a controlling terminal.
func ownTerminal(s *stage) (err error) {
	if s.terminal, err = openTerminal(); err == nil {
		s.onStrike(s.terminal.close)
		s.vars["PTS"] = s.terminal.path
		s.standin = append(s.standin, s.kit.outside, "parent")
	}
	return err
}

// otherTerminal is somebody else's; its name is $PTS.
func otherTerminal(s *stage) error {
	if err := ownTerminal(s); err != nil {
		return err
	}
	s.standin, s.group = nil, 0
	s.vars["OTHER_TERMINAL"] = "1"
	return nil
}

// hostTerminals gives $PTS_DEVICE, the device number of the host's /dev/pts.
func hostTerminals(s *stage) error {
	var st unix.Stat_t
	err := unix.Stat("/dev/pts", &st)
	s.vars["PTS_DEVICE"] = strconv.FormatUint(st.Dev, 10)
	return err
}

// objects are System V IPC objects with the key $KEY and POSIX ones with the
// name $NAME.
func objects(s *stage) error {
	s.vars["KEY"], s.vars["NAME"] = "0x4"+s.vars["UNIQUE"][:7], "/husk-escape-"+s.vars["UNIQUE"]
	_, err := s.stand(nil, "ipc", s.vars["KEY"], s.vars["NAME"], s.secret)
	return err
}

// fileHandle is what open_by_handle_at(2) takes: $HANDLE_TYPE and $HANDLE, of the
// secret outside.
func fileHandle(s *stage) error {
	h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, s.path("$OUTSIDE/secret"), 0)
	if err != nil {
		return err
	}
	s.vars["HANDLE_TYPE"], s.vars["HANDLE"] = strconv.Itoa(int(h.Type())), hex.EncodeToString(h.Bytes())
	return nil
}

// ownHusk is a copy of husk's binaries in $BIN, for attempts on themselves.
func ownHusk(s *stage) error {
	s.vars["BIN"] = filepath.Join(s.dir, "bin")
	return os.CopyFS(s.vars["BIN"], os.DirFS(s.kit.bin))
}

// interfaceName is $INTERFACE, a network interface of the host's that is not lo.
func interfaceName(s *stage) error {
	entries, err := os.ReadDir("/sys/class/net")
	if err != nil {
		return err
	}
	s.vars["INTERFACE"] = "lo"
	for _, e := range entries {
		if e.Name() != "lo" {
			s.vars["INTERFACE"] = e.Name()
		}
	}
	if s.vars["INTERFACE"] == "lo" {
		return fmt.Errorf("%w: a network interface beside lo", errMissing)
	}
	return nil
}

// domain notes the machine's domain name as $DOMAIN.
func domain(s *stage) error {
	var u unix.Utsname
	err := unix.Uname(&u)
	s.vars["DOMAIN"] = unix.ByteSliceToString(u.Domainname[:])
	return err
}

// needs is for a program or file of the machine's that the attempt is about.
func needs(path string) prop {
	return func(*stage) error {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w: %s", errMissing, path)
		}
		return nil
	}
}

// processors is for what one processor can't show.
func processors(*stage) error {
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("%w: a second processor", errMissing)
	}
	return nil
}

// callersFiles is $FILES, the hard limit of open files that the caller has.
func callersFiles(s *stage) error {
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	s.vars["FILES"] = strconv.FormatUint(limit.Max, 10)
	return err
}

// coreHandler is a program of the host's that takes core dumps: it leaves a mark
// for each that comes from this stage, which it knows by $UNIQUE among the
// arguments. Others' on the machine are let go.
func coreHandler(s *stage) error {
	taker := s.path("$OUTSIDE/taker")
	text := "#!/bin/sh\ntr '\\0' '\\n' <\"/proc/$1/cmdline\" | grep -q " + s.vars["UNIQUE"] + " && echo taken >>\"${0%/*}/taken\"\ncat >/dev/null\n"
	if err := s.write(taker, text); err != nil {
		return err
	}
	if err := os.Chmod(taker, 0o755); err != nil {
		return err
	}
	_, err := s.stand(nil, "handler", taker)
	return err
}

// group is for what nothing but a control group bounds: the memory of all
// processes together, and what they share. husk takes one where it is there to
// be taken (cgroups(7)).
func group(*stage) error {
	h, err := cgroup.Host()
	if err == nil {
		_, err = h.Find([]string{cgroup.Memory, cgroup.Processes}, false)
	}
	if err != nil {
		return fmt.Errorf("%w: a control group for the session: %w", errMissing, err)
	}
	return nil
}
