package relay

import (
	"sync"

	"golang.org/x/sys/unix"
)

// pipe is what data is moved through.
type pipe struct{ read, write int }

func (p *pipe) close() {
	_ = unix.Close(p.read)
	_ = unix.Close(p.write)
}

// maxIdlePipes bounds the pipes that are kept for later.
const maxIdlePipes = 64

// idlePipes are empty ones.
var idlePipes struct {
	sync.Mutex
	list []*pipe
}

func takePipe() (*pipe, error) {
	idlePipes.Lock()
	if n := len(idlePipes.list); n > 0 {
		p := idlePipes.list[n-1]
		idlePipes.list = idlePipes.list[:n-1]
		idlePipes.Unlock()
		return p, nil
	}
	idlePipes.Unlock()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, err
	}
	return &pipe{fds[0], fds[1]}, nil
}

// givePipe takes an empty pipe back.
func givePipe(p *pipe) {
	idlePipes.Lock()
	defer idlePipes.Unlock()
	if len(idlePipes.list) >= maxIdlePipes {
		p.close()
		return
	}
	idlePipes.list = append(idlePipes.list, p)
}
