package enforce

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/absent"
	"github.com/husk-sandbox/husk/enforce/homes"
	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/observe/asking"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// start is everything that one start of a program needs.
type start struct {
	plan    *plan.Plan
	anchors *anchors
	args    []string // the caller's
	tier    tier
	session *session.Dir
	term    terminal
	pipe    [2]int
	// handover is the pair of sockets that the listener of a notifying filter
	// comes through; 0 where there is none.
	handover [2]int
	// alone says that the kernel has no place for that listener.
	alone bool
	// named are sockets of the host that the program may connect to, opened with
	// O_PATH.
	named   []int
	signals int // where caught signals arrive
	// signalPipe is the whole pipe that they come through.
	signalPipe [2]int
	closed     []int  // standard streams that the caller had closed
	mask       uint64 // the caller's signal mask
	notices    []string
	flags      uintptr
	reaper     bool
	list       *steps.List
	env        []string
	secrets    [][2]string // variables whose values were read at the start
	base       string      // where session directories lie
	homeAt     resolved    // the caller's home, "" for none
	files      *files      // what the profile's paths are
	dry        bool        // nothing is to be made
	// collected is closed when what killed parents left was looked for.
	collected chan struct{}
	gone      bool // what the program has of the caller's was let go of
	absent    *absent.Record
	finisher  finisher    // who finishes it where this process can't
	home      *homes.Home // the persistent one, in use
	leftOver  []*Failure  // what a killed session's program made where nothing must be
	appeared  bool        // such a thing was made in this session
	became    bool        // this process took the program's restrictions on
	user      *user       // the program's own, nil where it is the caller
	passed    []int       // descriptors above 2 that the program inherits
	keyringWait
	drop int // descriptor of the late drop, 0 for none
	supervision
	sessionLimits
	buses
	callLog  callLog
	observer observer
}

// decide finds out what this start can do, before anything is made.
func (s *start) decide() error {
	if err := unsupported(s.plan); err != nil {
		return err
	}
	if err := s.tier.askLandlock(s.plan); err != nil {
		return err
	}
	s.flags = cloneFlags(s.plan)
	if err := s.checkUser(); err != nil {
		return err
	}
	if err := s.checkLateDrop(); err != nil {
		return err
	}
	if err := s.checkBuses(); err != nil {
		return err
	}
	s.tier.namespaces = s.flags != 0
	s.tier.seccomp = true
	if degrades(s.plan, plan.DegradeSeccomp) {
		if err := kernel.Seccomp(); err != nil {
			s.tier.seccomp = false
			s.tier.without = append(s.tier.without, plan.DegradeSeccomp)
		}
	}
	return s.superviseReady()
}

// early writes the steps that need nothing but the decision: the child makes
// them while the rest is still being written.
func (s *start) early() {
	s.reaper = s.reaps()
	s.list = steps.New()
	l := s.list
	l.BlockSignals()
	// The parent's death is the session's: nothing goes on unwaited for.
	l.DieWithParent(s.pipe)
	if s.user == nil {
		s.settle()
		s.closeInit()
	} // else the maps are still to be written, and the views descriptors handed over
}

// settle makes the child what it is to be for the sandbox.
func (s *start) settle() {
	l := s.list
	if s.tier.namespaces {
		s.identity()
	}
	s.addSessionLimits()
	if s.reaper {
		// Out of the wrapper's process group: what is sent to that group is the
		// parent's to pass on, and must not come twice.
		l.OwnGroup(-1)
		if s.observer.pid == 0 {
			s.notDumpable()
		}
	}
}

// notDumpable sees to it that from here on nobody inside may read PID 1: it
// shares the caller's memory and environment (prctl(2), PR_SET_DUMPABLE). Not
// before: the maps of a process that is not dumpable belong to root. Where an
// observer begins to watch PID 1, which it may not do to such a process either,
// this waits for the rest of the list; nothing of the program's runs before.
func (s *start) notDumpable() { s.list.Prctl("not dumpable", unix.PR_SET_DUMPABLE, 0) }

// closeInit closes what PID 1 does not need.
func (s *start) closeInit() {
	if !s.reaper {
		return
	}
	keep := []int{s.pipe[1]}
	if s.handover[1] > 0 {
		keep = append(keep, s.handover[1])
	}
	if s.term.fd >= 0 {
		keep = append(keep, s.term.fd)
	}
	keep = append(keep, s.passed...)
	if s.user != nil && s.user.lease != nil {
		keep = append(keep, s.user.lease.FD)
	}
	if len(s.published) > 0 {
		keep = append(keep, s.supervision.network[1])
	}
	s.list.CloseAllBut(keep...)
}

// late writes the rest but for the very end, which [start.last] adds.
func (s *start) late() error {
	if err := s.look(); err != nil {
		return err
	}
	return s.write()
}

// look makes the session directory and finds out what the profile's paths are: all
// that can be done without the list.
func (s *start) look() (err error) {
	if err := s.makeSession(); err != nil {
		return err
	}
	s.homeAt = resolved{}
	if s.anchors.Home != "" {
		s.homeAt, _ = resolve(s.anchors.Home)
	}
	s.files, err = s.resolveFiles(s.homeAt.path)
	return err
}

// write writes what look found out.
func (s *start) write() error {
	if s.user != nil {
		s.settle()
		s.list.OpenUmask()
	}
	rules, err := s.view()
	if err != nil {
		return err
	}
	s.env, err = environment(s.plan, s.anchors, s.sessionPath(), s.secrets)
	if err != nil {
		return err
	}
	s.env = s.busVariables(s.env)
	if s.reaper {
		s.list.StartProgram()
	} else {
		s.list.Program()
	}
	return s.program(rules)
}

// identity maps the one user and group that exist inside (user_namespaces(7)),
// and makes what clone(2) can't.
func (s *start) identity() {
	l, c := s.list, s.anchors.Caller
	switch {
	case s.flags&unix.CLONE_NEWUSER == 0:
	case s.user != nil:
		s.noteMaps()
	default:
		uid, gid := s.inside()
		l.Write("/proc/self/setgroups", "deny", s.plan.Identity.Origin)
		l.Write("/proc/self/uid_map", strconv.Itoa(uid)+" "+strconv.Itoa(c.UID)+" 1", s.plan.Identity.Origin)
		l.Write("/proc/self/gid_map", strconv.Itoa(gid)+" "+strconv.Itoa(c.GID)+" 1", s.plan.Identity.Origin)
	}
	if !sharesNamespace(s.plan, plan.NamespaceTime) && s.reaper {
		l.Unshare("time namespace for the program", unix.CLONE_NEWTIME)
	}
	s.setUpNetwork()
}

// inside gives the user and group that the program sees itself as.
func (s *start) inside() (uid, gid int) {
	if s.user != nil {
		return s.user.UID, s.user.GID
	}
	if s.plan.Identity.User == plan.IdentityRoot {
		return 0, 0
	}
	return s.anchors.UID, s.anchors.GID
}

// view writes the mount steps of the file policy and gives Landlock's rules.
func (s *start) view() ([]access, error) {
	home, files := s.homeAt, s.files
	s.notices = append(s.notices, files.notices...)
	var err error
	if files.sockets, err = s.busSockets(files.sockets); err != nil {
		return nil, err
	}
	if err := s.openNamed(files.sockets); err != nil {
		return nil, err
	}
	set := &setting{plan: s.plan, caller: s.anchors.Caller, home: home, files: files, console: s.term.console(), anchors: s.anchors, user: s.user, dry: s.dry,
		landlocked: s.tier.abi > 0 && !s.tier.lacks(plan.DegradeLandlock), lowered: s.tier.lacks(plan.DegradeNamespaces)}
	set.uid, set.gid = s.inside()
	if s.filtered() {
		set.resolver = network.ResolverFiles()
	}
	if s.session != nil {
		set.session = s.session.Path
	}
	if s.plan.Home.Mode == plan.HomePersistent && home.path != "" {
		if set.state, err = s.persistentHome(); err != nil {
			return nil, err
		}
	}
	if err := s.keepAbsent(set); err != nil {
		return nil, err
	}
	if s.flags&unix.CLONE_NEWNS == 0 || !s.tier.namespaces {
		s.viewWritten()
		return flatRules(set)
	}
	layout, err := newLayout(set)
	if err != nil {
		return nil, err
	}
	if err := buildView(&layout.view, s.list, s.plan.Filesystem.View == plan.ViewHost); err != nil {
		return nil, &Failure{Text: err.Error()}
	}
	s.viewWritten()
	layout.closure(s.plan)
	return layout.rules, nil
}

// viewWritten has the child begin, and ends what belongs to the view.
func (s *start) viewWritten() {
	if s.user != nil { // where a map is still to be written, the child can't begin
		s.closeInit()
	} else {
		s.list.Begin()
	}
	if s.reaper && s.observer.pid != 0 {
		s.notDumpable() // not among what the child begins with
	}
}

// program is what the program's own process does, in the order that the
// design gives: group and terminal while signals are blocked; what needs
// capabilities before they go; no_new_privs before Landlock and seccomp, which
// ask for it; the filter last, since it may refuse what the others do.
func (s *start) program(rules []access) error {
	l, p := s.list, s.plan
	switch {
	case s.direct(): // the wrapper's own group, which its shell knows
	case p.Terminal.NewSession:
		l.NewSession()
	default:
		l.OwnGroup(s.term.handed())
	}
	if err := s.offerDrop(); err != nil {
		return err
	}
	for _, fd := range s.closed {
		l.CloseStream(fd)
	}
	l.CloseOnExec()
	for _, fd := range s.passed {
		l.KeepOnExec(fd)
	}
	s.keepDrop()
	l.NewKeyring()
	if err := s.addLimits(); err != nil {
		return err
	}
	if s.user == nil {
		s.chdir()
	}
	if (s.tier.namespaces && s.flags&unix.CLONE_NEWUSER != 0) || mayDrop() {
		l.BoundCapabilities(lastCapability())
	}
	s.becomeUser()
	l.ClearCapabilities()
	if s.user != nil {
		s.chdir() // as the program, without a capability that opens what it may not
	}
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	restrict(s, rules)
	return nil
}

// chdir enters the caller's working directory.
func (s *start) chdir() {
	if s.flags&unix.CLONE_NEWNS == 0 || !s.tier.namespaces {
		s.list.Chdir(".")
	} else {
		s.list.Chdir(s.anchors.Cwd)
	}
}

// last ends the list: the caller's signal mask, the filter, the program.
func (s *start) last(resetHandlers bool) {
	l, p := s.list, s.plan
	if resetHandlers {
		l.ResetHandlers()
	}
	if ignored := ignoredByCaller(); len(ignored) > 0 {
		l.IgnoreSignals(ignored)
	}
	l.RestoreSignals(s.mask)
	if s.observer.pid != 0 {
		l.Seccomp(asking.Filter(), 0, plan.NoOrigin)
	}
	s.loadMediation()
	if s.tier.seccomp {
		l.Seccomp(p.Syscalls.Program, 0, p.Syscalls.Origin)
	}
	argv := append(append([]string{title(p)}, p.Program.Args...), s.args...)
	l.Exec(p.Program.Path, argv, s.env)
}

func (s *start) sessionPath() string {
	if s.session == nil {
		return ""
	}
	return s.session.Path
}

// lacks says whether the start goes on without name.
func (t *tier) lacks(name string) bool {
	for _, w := range t.without {
		if w == name {
			return true
		}
	}
	return false
}

// The two layers for files. Tests take one away and look whether the other
// holds alone; nothing else ever sets these.
var (
	buildView = (*namespaces.View).Build
	restrict  = (*start).landlock
)
