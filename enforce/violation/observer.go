package violation

import (
	"errors"

	"github.com/husk-sandbox/husk/enforce"
	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/observe"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Main is the life of the process, and gives the status to exit with, which
// nobody asks for.
func Main(environ []string) int {
	assignment, err := enforce.Observe(environ)
	if err != nil {
		return enforce.Report(err)
	}
	tracer, err := observe.Seize(assignment.Pid, observe.Options{Starter: assignment.Starter})
	assignment.Answer(err)
	if err != nil {
		return 0 // the parent says so, should it matter
	}
	o := &observer{plan: assignment.Plan, tracer: tracer, told: map[string]bool{}, assignment: assignment}
	if err := tracer.Run(o.ended); err != nil {
		enforce.Warn("processes of the sandbox are not watched any more: " + err.Error())
	}
	o.finish()
	assignment.Finish()
	return 0
}

// observer is one session's.
type observer struct {
	plan       *plan.Plan
	tracer     *observe.Tracer
	assignment *enforce.Assignment
	log        *audit.Log
	told       map[string]bool
	silent     bool
	// SIGSYS ended the program itself; and it was told at which call.
	mainEnded, mainTold bool
}

// maxTold bounds how many calls are told of in one session: a program that
// starts others in a loop must not fill a terminal.
const maxTold = 16

// ended looks at a thread that SIGSYS ends.
func (o *observer) ended(t *observe.Thread) {
	isMain := t.Process() == o.tracer.Main
	o.mainEnded = o.mainEnded || isMain
	call, ok := t.Call()
	if !ok {
		return
	}
	r := newReport(o.plan, call, t)
	switch {
	case !r.ends():
		return
	case isMain && !o.mainTold:
		o.mainTold = true
		o.assignment.TellMain()
	case o.told[r.key()] || o.silent:
		return
	case len(o.told) >= maxTold:
		o.silent = true
		enforce.Say("more processes of " + o.plan.Command + " were ended by SIGSYS at other calls, which are not told")
		return
	}
	o.told[r.key()] = true
	r.tell()
	o.record(r)
}

// finish says what is left to say.
func (o *observer) finish() {
	if o.tracer.Released && !o.mainTold {
		o.assignment.TellReleased()
	}
	if o.mainEnded && !o.mainTold {
		o.assignment.TellMain()
		enforce.Say(o.plan.Command + " was ended by SIGSYS, and not by its profile: by a filter of its own, or by a signal that was sent")
	}
	if o.log != nil {
		if err := o.log.Close(); err != nil {
			enforce.Warn("the audit log is not complete: " + err.Error())
		}
	}
}

// record writes to the audit log, which is opened when there is something to
// write.
func (o *observer) record(r *report) {
	if o.log == nil {
		log, err := o.openLog()
		if err != nil {
			enforce.Warn("cannot write the audit log: " + err.Error())
			return
		}
		o.log = log
	}
	o.log.Write(r.event())
}

func (o *observer) openLog() (*audit.Log, error) {
	state, ok := plan.XDG("state")
	if !ok {
		return nil, errors.New("no state directory")
	}
	dir, err := o.assignment.Absolute(state.Join("husk/log"))
	if err != nil {
		return nil, err
	}
	return audit.Open(dir, audit.Event{
		Session: o.assignment.Session, Profile: o.plan.Profile, Command: o.plan.Command, Pid: o.assignment.Parent,
	})
}
