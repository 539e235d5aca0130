// Package supervisor is the parent of a sandbox whose policy needs decisions at
// run time: the process that husk-enforce was, after it executed husk in its
// own place. It carries on the parent's work (package enforce does that) and
// serves the filtered network. It is not linked into the enforcer.
//
// It restricts itself before it touches anything that comes from the sandbox:
// it can write no file but its log, start no program, and read little.
package supervisor

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce"
	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/network/relay"
	"github.com/husk-sandbox/husk/enforce/network/resolve"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Main goes on for the parent that left argument, and gives the status to exit
// with.
func Main(argument string, environ []string) int {
	session, err := enforce.Resume(argument, environ)
	if session == nil {
		return enforce.Report(err)
	}
	s := &supervisor{session: session, lent: make(chan *os.File, 1)}
	if err == nil {
		err = s.prepare()
	}
	if err != nil {
		return session.Abort(err)
	}
	return session.Wait(s.finish)
}

// supervisor is one session's.
type supervisor struct {
	session *enforce.Resumed
	log     *audit.Log
	relay   *relay.Relay
	// borrowing is held by whoever waits for lent.
	borrowing sync.Mutex
	lent      chan *os.File
}

// prepare opens what is needed, gives up what is not, and begins to serve.
func (s *supervisor) prepare() error {
	dir, err := s.openLog()
	if err != nil {
		return &enforce.Failure{Text: "cannot write the audit log: " + err.Error(), Hint: "it lies in " + dir + "; XDG_STATE_HOME names another place"}
	}
	if err := s.confine(dir); err != nil {
		return &enforce.Failure{Text: "the supervisor cannot restrict itself: " + err.Error()}
	}
	p := s.session.Plan
	s.relay = relay.New(relay.Options{
		Rules: rules.New(p.Network.Connect), Upstream: resolve.New(), Record: s.log.Write,
		Place: func(origin int) string { return place(p, origin) }, Budget: budget(),
	})
	go s.serve()
	return nil
}

// openLog opens the log below husk's state directory (XDG_STATE_HOME).
func (s *supervisor) openLog() (dir string, err error) {
	state, ok := plan.XDG("state")
	if !ok {
		return "", errors.New("no state directory")
	}
	if dir, err = s.session.Absolute(state.Join("husk/log")); err != nil {
		return dir, err
	}
	p, session := s.session.Plan, s.session.Audit
	if session == "" {
		session = audit.NewSession()
	}
	s.log, err = audit.Open(dir, audit.Event{
		Session: session, Profile: p.Profile, Command: p.Command, Pid: os.Getpid(),
	})
	return dir, err
}

// serve serves the network. Where a part of it cannot be served, there is no
// sandbox: what is missing would look like a network that is down.
func (s *supervisor) serve() {
	err := errors.Join(s.publish(), s.listen())
	if err == nil {
		err = s.lend()
	}
	if err != nil {
		s.session.Fail(&enforce.Failure{Text: "the filtered network cannot be served: " + err.Error()})
	}
}

// listen takes the listeners that the sandbox makes. If they don't come, its setup
// has failed, which the session tells.
func (s *supervisor) listen() error {
	for wanted := network.Listeners(&s.session.Plan.Network); len(wanted) > 0; {
		files, err := receive(s.session.Network)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for _, f := range files {
			if len(wanted) == 0 {
				return errors.New("more sockets than the rules name")
			}
			if err := s.relay.Serve(f, wanted[0].UDP); err != nil {
				return errors.New(wanted[0].String() + ": " + err.Error())
			}
			wanted = wanted[1:]
		}
	}
	return nil
}

// publish serves the ports on the host's loopback.
func (s *supervisor) publish() error {
	at := 0
	for _, l := range s.session.Plan.Network.Listen {
		if !l.Publish || at == len(s.session.Published) {
			continue
		}
		f := os.NewFile(uintptr(s.session.Published[at]), "published")
		at++
		if err := s.relay.Publish(f, l, s.borrow); err != nil {
			return errors.New("port " + strconv.Itoa(l.Port) + " is not published: " + err.Error())
		}
	}
	return nil
}

// lend hands on the sockets that were asked for, until the sandbox ends. Whoever
// asked for one that does not arrive gives up.
func (s *supervisor) lend() error {
	for {
		files, err := receive(s.session.Network)
		switch {
		case err == io.EOF:
			return nil
		case err != nil && err != errCut:
			return err
		}
		for _, f := range files {
			select {
			case s.lent <- f:
			default: // whoever asked has given up
				_ = f.Close()
			}
		}
	}
}

// lendPatience bounds how long PID 1 may take to make a socket.
const lendPatience = 5 * time.Second

// borrow asks for a socket of the sandbox's network namespace, and gives up with
// ctx.
func (s *supervisor) borrow(ctx context.Context) (*os.File, error) {
	s.borrowing.Lock()
	defer s.borrowing.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.session.AskSocket()
	select {
	case f := <-s.lent:
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(lendPatience):
		return nil, errors.New("the sandbox gives no socket")
	}
}

// finish ends the network and completes the log.
func (s *supervisor) finish() {
	s.relay.Close()
	if err := s.log.Close(); err != nil {
		enforce.Warn("the audit log is not complete: " + err.Error())
	}
}

// place names a rule's line.
func place(p *plan.Plan, origin int) string {
	o, ok := p.Origin(origin)
	if !ok {
		return ""
	}
	return o.Place()
}

// budget shares out the descriptors that there may be; Go has raised the soft
// limit to the hard one.
func budget() relay.Budget {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return relay.NewBudget(0)
	}
	return relay.NewBudget(limit.Cur)
}
