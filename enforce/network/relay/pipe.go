package relay

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"
)

// pipe is what data is moved through.
type pipe struct{ read, write int }

func (p *pipe) close() {
	_ = unix.Close(p.read)
	_ = unix.Close(p.write)
	pipes.Lock()
	pipes.open--
	pipes.Unlock()
}

// pipes are those of this process. A pipe takes two descriptors, which a
// connection may need more: so there are no more than a number that was put
// aside for them, and whoever gets none copies without.
var pipes = struct {
	sync.Mutex
	idle []*pipe // empty ones
	open int     // all of them
	most int
}{most: 64}

// errNoPipe says that there is none to be had now.
var errNoPipe = errors.New("no pipe")

// takePipe gives an empty pipe. The kernel may have none, too: ENFILE, or a user's
// share of their memory (pipe(7), pipe-user-pages-hard).
func takePipe() (*pipe, error) {
	pipes.Lock()
	defer pipes.Unlock()
	if n := len(pipes.idle); n > 0 {
		p := pipes.idle[n-1]
		pipes.idle = pipes.idle[:n-1]
		return p, nil
	}
	if pipes.open >= pipes.most {
		return nil, errNoPipe
	}
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, errNoPipe
	}
	pipes.open++
	return &pipe{fds[0], fds[1]}, nil
}

// givePipe takes an empty pipe back.
func givePipe(p *pipe) {
	pipes.Lock()
	defer pipes.Unlock()
	pipes.idle = append(pipes.idle, p)
}
