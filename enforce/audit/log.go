package audit

import (
	"errors"
	"os"
	"path"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The log's files, in a directory of their own: the current one, and the one
// before, which is replaced when the current one is full.
const (
	Current  = "events.jsonl"
	Previous = "events.1.jsonl"
)

// maxFile bounds a file, in bytes; the log is at most twice as large.
const maxFile = 4 << 20

// maxLines bounds what one session writes: what a program does in a loop must
// not push everything else out.
const maxLines = 20000

// Log is where one session's decisions go. It may be used by several
// goroutines, and the files by several sessions.
type Log struct {
	mu      sync.Mutex
	dir     string
	file    *os.File
	session Event
	lines   int
	dropped int
	failed  error
	now     func() time.Time
}

// Open makes the directory, mode 0700, if it is not there, and opens the log.
// session has what all lines have in common.
func Open(dir string, session Event) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{dir: dir, session: session, now: time.Now}
	return l, l.open()
}

// open opens the current file. It is neither followed when it is a link nor
// used when it is none of ours.
func (l *Log) open() error {
	fd, err := unix.Open(path.Join(l.dir, Current), unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return &os.PathError{Op: "open", Path: path.Join(l.dir, Current), Err: err}
	}
	if l.file != nil {
		_ = l.file.Close()
	}
	l.file = os.NewFile(uintptr(fd), Current)
	return nil
}

// Write adds a decision. A failure is kept for [Log.Close].
func (l *Log) Write(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines >= maxLines {
		l.dropped++
		return
	}
	l.lines++
	l.put(e)
}

func (l *Log) put(e Event) {
	e.Session, e.Profile, e.Command, e.Pid = l.session.Session, l.session.Profile, l.session.Command, l.session.Pid
	e.stamp(l.now())
	if err := l.makeRoom(); err != nil {
		l.failed = err
	}
	// One write(2) to a file that is only appended to is never mixed with
	// another's.
	if _, err := l.file.Write(e.line()); err != nil {
		l.failed = err
	}
}

// makeRoom puts a full file aside, unless another session has done so already:
// then the new one is gone on with.
func (l *Log) makeRoom() error {
	size, replaced, err := l.look()
	if err != nil || replaced {
		return errors.Join(err, l.open())
	}
	if size < maxFile || unix.Flock(int(l.file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // or another session is at it
	}
	if _, replaced, err = l.look(); err == nil && !replaced {
		err = os.Rename(path.Join(l.dir, Current), path.Join(l.dir, Previous))
	}
	return errors.Join(err, l.open())
}

// look gives the size of the open file, and whether another one has its name.
func (l *Log) look() (size int64, replaced bool, err error) {
	var ours, there unix.Stat_t
	if err := unix.Fstat(int(l.file.Fd()), &ours); err != nil {
		return 0, false, err
	}
	err = unix.Lstat(path.Join(l.dir, Current), &there)
	if err == unix.ENOENT {
		return ours.Size, true, nil
	}
	return ours.Size, err == nil && there.Ino != ours.Ino, err
}

// Close says what was not written and gives the first error there was.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dropped > 0 {
		l.put(Event{Kind: Connect, Verdict: Denied, Reason: "too-many-lines", Suppressed: l.dropped})
	}
	if err := l.file.Close(); l.failed == nil {
		l.failed = err
	}
	return l.failed
}
