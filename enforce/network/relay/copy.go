package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/network/inspect"
)

// join copies both ways until both have ended, and closes both. The end of one
// way is passed on and leaves the other one open (half-close); a failure ends
// both ways at once, as a reset would. sends is told what the program's way does.
func join(inside, outside *net.TCPConn, check *inspect.Inspector, sends *sending, sent, received *int64) error {
	failed := make(chan error, 1)
	go func() {
		err := forward(inside, outside, nil, received)
		abort(err, inside, outside)
		failed <- err
	}()
	err := checked(outside, inside, check, sends, sent)
	if err == nil {
		err = forward(outside, inside, sends, sent)
	}
	abort(err, inside, outside)
	if sends != nil {
		sends.end()
	}
	return cause(err, <-failed)
}

// abort resets both connections after a failure. That they were closed here is
// none: what was passed on before is still to be delivered, and a reset would take
// it back.
func abort(err error, conns ...*net.TCPConn) {
	if err == nil || errors.Is(err, net.ErrClosed) {
		return
	}
	for _, conn := range conns {
		reset(conn)
	}
}

// cause gives the error that came first: the other way's is that it was closed.
func cause(a, b error) error {
	if a == nil || errors.Is(a, net.ErrClosed) && b != nil {
		return b
	}
	return a
}

// checked passes the beginning of what the program sends on, as far as it was
// looked at and found right.
func checked(to, from *net.TCPConn, check *inspect.Inspector, sends *sending, count *int64) error {
	if check == nil {
		return nil
	}
	source, err := newEnd(from)
	if err != nil {
		return err
	}
	for done := false; !done; {
		b, err := source.read(&buffers)
		if err == io.EOF {
			return check.End() // forward meets the end once more
		}
		if err != nil {
			return err
		}
		var pass []byte
		pass, done, err = check.Feed(*b)
		giveBuffer(&buffers, b)
		if err != nil {
			return err
		}
		if _, err := to.Write(pass); err != nil {
			return err
		}
		*count += int64(len(pass))
		sends.move(len(pass))
	}
	return nil
}

// forward moves what one connection sends to the other one, inside the kernel
// (splice(2)), until its end, which it passes on. What moves the data is only
// held while there is some: an idle connection has neither pipe nor buffer.
func forward(to, from *net.TCPConn, sends *sending, count *int64) error {
	source, err := newEnd(from)
	if err != nil {
		return err
	}
	sink, err := newEnd(to)
	if err != nil {
		return err
	}
	for {
		p, n, err := source.fill()
		if err == errNoPipe {
			n, err = source.pass(to)
		}
		if err == io.EOF {
			return closeWrite(to)
		}
		*count += int64(n)
		if err != nil {
			return err
		}
		if p == nil {
			sends.move(n)
			continue
		}
		if err := sink.drain(p, n); err != nil {
			p.close() // with what is left in it
			return err
		}
		sends.move(n)
		givePipe(p)
	}
}

// closeWrite passes the end of one way on. Who closed its socket and was sent
// something afterwards has reset the connection: there is nobody left to tell,
// and nothing is lost that anybody waits for (shutdown(2), ENOTCONN).
func closeWrite(to *net.TCPConn) error {
	if err := to.CloseWrite(); !errors.Is(err, unix.ENOTCONN) {
		return err
	}
	return nil
}

// end is one connection with its descriptor at hand.
type end struct{ raw syscall.RawConn }

func newEnd(c *net.TCPConn) (end, error) {
	raw, err := c.SyscallConn()
	return end{raw}, err
}

// atOnce is how much is moved by one call, in bytes: what a pipe holds.
const atOnce = 64 << 10

// fill waits for data and moves it into a pipe. io.EOF says that there will be
// no more, errNoPipe that there is no pipe to be had now; then nothing was
// moved.
func (e end) fill() (p *pipe, n int, err error) {
	var failure error
	err = e.raw.Read(func(fd uintptr) bool {
		if p, failure = takePipe(); failure != nil {
			return true
		}
		n, failure = splice(int(fd), p.write)
		if failure == unix.EAGAIN {
			givePipe(p)
			p = nil
			return false
		}
		return true
	})
	if err = errors.Join(err, failure); err == nil && n > 0 {
		return p, n, nil
	}
	if p != nil {
		givePipe(p)
	}
	switch {
	case failure == errNoPipe:
		err = errNoPipe
	case err == nil:
		err = io.EOF
	}
	return nil, 0, err
}

// pass waits for data and copies it through a buffer, for want of a pipe. The
// buffer is given back before the next wait, as a pipe would be.
func (e end) pass(to *net.TCPConn) (int, error) {
	b, err := e.read(&smallBuffers)
	if err != nil {
		return 0, err
	}
	defer giveBuffer(&smallBuffers, b)
	return to.Write(*b)
}

// drain moves n bytes out of a pipe.
func (e end) drain(p *pipe, n int) error {
	for n > 0 {
		moved := 0
		var failure error
		err := e.raw.Write(func(fd uintptr) bool {
			moved, failure = splice(p.read, int(fd))
			return failure != unix.EAGAIN
		})
		if err = errors.Join(err, failure); err != nil {
			return err
		}
		n -= moved
	}
	return nil
}

func splice(from, to int) (int, error) {
	for {
		n, err := unix.Splice(from, nil, to, nil, atOnce, unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
		if err != unix.EINTR {
			return int(n), err
		}
	}
}

// read waits for data and gives it in a buffer out of a pool, which [giveBuffer]
// takes back.
func (e end) read(pool *sync.Pool) (b *[]byte, err error) {
	var failure error
	err = e.raw.Read(func(fd uintptr) bool {
		b = pool.Get().(*[]byte)
		n, err := unix.Read(int(fd), *b)
		for err == unix.EINTR {
			n, err = unix.Read(int(fd), *b)
		}
		failure = err
		if err != nil {
			giveBuffer(pool, b)
			return err != unix.EAGAIN
		}
		*b = (*b)[:n]
		return true
	})
	if err = errors.Join(err, failure); err != nil {
		return nil, err
	}
	if len(*b) == 0 {
		giveBuffer(pool, b)
		return nil, io.EOF
	}
	return b, nil
}

// Buffers: for beginnings, which are looked at, and for copying without a pipe,
// of which every connection may hold two.
var (
	buffers      = sync.Pool{New: newBuffer(atOnce)}
	smallBuffers = sync.Pool{New: newBuffer(16 << 10)}
)

func newBuffer(size int) func() any {
	return func() any { b := make([]byte, size); return &b }
}

func giveBuffer(pool *sync.Pool, b *[]byte) {
	*b = (*b)[:cap(*b)]
	pool.Put(b)
}
