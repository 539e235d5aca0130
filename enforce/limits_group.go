package enforce

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/cgroup"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// groupHint says how to get a cgroup.
const groupHint = "a systemd session delegates memory and pids to its user manager: start the command there (systemd-run --user --scope)"

// groupLimits are the bounds that a cgroup would hold for all together. husk's
// PID 1 is not the program's.
func (s *start) groupLimits() cgroup.Limits {
	var all cgroup.Limits
	if l, ok := limit(s.plan, plan.LimitMemory); ok {
		all.Memory = bound(l)
	}
	if l, ok := limit(s.plan, plan.LimitProcesses); ok {
		all.Processes = min(bound(l), 1<<22) + 1
	}
	if l, ok := limit(s.plan, plan.LimitCPU); ok {
		all.CPU = min(l.Value, 1<<32)
	}
	return all
}

// makeGroup makes the session's cgroup where the profile wants one and one can
// be had. Where it is required and cannot, nothing starts.
func (s *start) makeGroup() error {
	limits, mode := s.groupLimits(), s.plan.Cgroup
	required := mode.Mode == plan.CgroupRequired || limits.CPU > 0
	if s.group != nil || s.dry || !required && (mode.Mode != plan.CgroupAuto || len(limits.Controllers()) == 0) {
		return nil
	}
	place, err := s.groupPlace(limits, required)
	if err != nil {
		if !required || s.tier.lacks(plan.DegradeLimits) {
			return nil
		}
		return s.tier.lack(s.plan, plan.DegradeLimits, "the session cannot have a cgroup of its own, and the profile needs one: "+err.Error(), groupHint)
	}
	group, err := cgroup.Make(place, s.plan.Profile, s.anchors.UID)
	if err != nil {
		return s.groupFailure(err)
	}
	s.group, s.groupIn = group, place
	if err := group.Set(limits); err != nil {
		return s.groupFailure(err)
	}
	return nil
}

func (s *start) groupPlace(limits cgroup.Limits, enable bool) (cgroup.Place, error) {
	if s.direct() {
		return cgroup.Place{}, errors.New("nothing of husk's stays that could remove it, since the profile leaves cleaning up to the system")
	}
	h, err := cgroup.Host()
	if err != nil {
		return cgroup.Place{}, err
	}
	return h.Find(limits.Controllers(), enable)
}

func (s *start) groupFailure(err error) error {
	return &Failure{Text: "cannot give the session a cgroup: " + err.Error(), From: where(s.plan, s.plan.Cgroup.Origin),
		Hint: "a profile can do without: limits { cgroup = \"off\" }"}
}

// groupRefused says whether clone3(2) refused the cgroup, not the namespaces.
func (s *start) groupRefused(err error) bool {
	return s.group != nil && (err == unix.EACCES || err == unix.EBUSY || err == unix.EOPNOTSUPP || err == unix.ENODEV)
}

// groupFD gives the group's descriptor, 0 for none.
func (s *start) groupFD() int {
	if s.group == nil {
		return 0
	}
	return s.group.FD()
}

// enterGroup moves a child that plain clone(2) made into the group. It may mount by
// now, which is no matter, or have failed at that, which it tells itself.
func (s *start) enterGroup(process *steps.Process) error {
	if s.group == nil || !process.NeedsReset() {
		return nil
	}
	if err := s.group.Add(process.Pid); err != nil && !errors.Is(err, unix.ESRCH) {
		return s.groupFailure(err)
	}
	return nil
}

// leaveGroup says what the group's bounds did, and removes it.
func (s *start) leaveGroup() error {
	if s.group == nil {
		return nil
	}
	if s.group.OutOfMemory() {
		say("the sandbox reached its limit on memory, " + strconv.FormatUint(s.groupLimits().Memory, 10) + " bytes, and the kernel ended processes in it")
	}
	err := s.group.Remove()
	s.group = nil
	if err != nil {
		return &Failure{Text: "the session's cgroup could not be removed: " + err.Error(), Hint: "husk gc tries again"}
	}
	return nil
}

// collectGroups removes what killed parents left where this session's group is.
func (s *start) collectGroups() {
	if s.group != nil {
		_, _ = s.groupIn.Collect(s.anchors.UID)
	}
}
