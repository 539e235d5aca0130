package enforce

import (
	"errors"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/identity"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// user is who the program is where that is not its caller: a subordinate user
// and group. The sandbox is built by its caller all the same; the program's
// process changes just before it is restricted.
type user struct {
	identity.Pair
	lease *identity.Lease
	// mapping shows the caller's files as the user's, nil where the kernel lets
	// only root do that and the caller isn't.
	mapping *identity.Mapping
	// trees are descriptors that the child takes over.
	trees []int
}

// ofItsOwn says whether the program gets a user of its own.
func ofItsOwn(p *plan.Plan) bool {
	return p.Identity.User == plan.IdentityDedicated || p.Identity.User == plan.IdentityUnique
}

// checkUser refuses what a user of its own can't be had without.
func (s *start) checkUser() error {
	if !ofItsOwn(s.plan) {
		return nil
	}
	if s.flags&unix.CLONE_NEWNS == 0 {
		return s.noUser("needs a mount namespace: its files must be shown to it as its own", "take \"mount\" out of namespaces { share }")
	}
	if s.flags&unix.CLONE_NEWUSER == 0 && s.anchors.UID != 0 {
		return s.noUser("needs a user namespace", "take \"user\" out of namespaces { share }")
	}
	return nil
}

func (s *start) noUser(why, hint string) error {
	return &Failure{Text: "identity " + s.plan.Identity.User + " " + why, Hint: hint, From: where(s.plan, s.plan.Identity.Origin)}
}

// chooseUser finds the program's user, and keeps it from others where it is one
// for this run alone.
func (s *start) chooseUser() error {
	if !ofItsOwn(s.plan) {
		return nil
	}
	store, err := s.identities()
	if err != nil {
		return err
	}
	if store == nil { // nothing was given away yet, and nothing is to be made
		s.user = &user{Pair: identity.Pair{UID: identity.Own.First, GID: identity.Own.First}}
		return nil
	}
	defer store.Close()
	s.user = &user{}
	if s.plan.Identity.User == plan.IdentityUnique && !s.dry {
		if s.user.lease, err = store.Unique(); err == nil {
			s.user.Pair = s.user.lease.Pair
		}
	} else {
		s.user.Pair, err = store.Dedicated(s.plan.Profile, s.dry)
	}
	if err != nil {
		return s.noPair(err)
	}
	if s.anchors.UID == 0 && !s.dry {
		s.user.mapping, err = identity.NewMapping(identity.Pair{UID: s.anchors.UID, GID: s.anchors.GID}, s.user.Pair)
		if err != nil {
			return s.noUser("cannot be prepared: "+err.Error(), subordinateHint)
		}
	}
	return nil
}

const subordinateHint = "the ids must exist here: in a container, /etc/subuid and /etc/subgid must name some that it has"

func (s *start) noPair(err error) error {
	hint := "husk doctor shows what this system offers"
	switch {
	case errors.Is(err, identity.ErrShrunk):
		hint = "give the range back, or take the profile's line out of that file: it gets another user then, and files of the old one are nobody's"
	case errors.Is(err, identity.ErrExhausted):
		hint = "a longer range: usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST, or end some sessions"
	}
	return &Failure{Text: "identity " + s.plan.Identity.User + ": " + err.Error(), Hint: hint, From: where(s.plan, s.plan.Identity.Origin)}
}

// identities opens the store of identities below husk's state directory, with
// what the caller may give away; nil where it would have to be made and nothing
// is to be.
func (s *start) identities() (*identity.Store, error) {
	uids, err := s.subordinate("/etc/subuid", "--add-subuids")
	if err != nil {
		return nil, err
	}
	gids, err := s.subordinate("/etc/subgid", "--add-subgids")
	if err != nil {
		return nil, err
	}
	p, _ := plan.XDG("state")
	dir, err := s.anchors.absolute(p.Join("husk/identities"))
	if err != nil {
		return nil, s.noUser("needs husk's state directory: "+err.Error(), "set HOME or XDG_STATE_HOME")
	}
	at, ok := resolve(dir)
	if !ok {
		return nil, s.noUser("needs "+dir+", which leads through too many symbolic links", "")
	}
	if at.mode == 0 {
		if s.dry {
			return nil, nil
		}
		base := at.path
		for (host{}).Lstat(base) == 0 {
			base = path.Dir(base)
		}
		if err := mkdirAll(base, at.path); err != nil {
			return nil, s.noUser("needs "+at.path+", which cannot be made: "+err.Error(), "")
		}
	}
	store, err := identity.Open(at.path, s.anchors.UID, uids, gids)
	if err != nil {
		return nil, s.noUser("cannot use "+err.Error(), "chmod 700 it, or remove it")
	}
	return store, nil
}

// subordinate gives the caller's ranges. Root needs nobody's permission and has
// a range without an entry.
func (s *start) subordinate(file, option string) ([]identity.Range, error) {
	text, err := readFile(file)
	if err != nil && s.anchors.UID != 0 {
		return nil, s.noUser("needs subordinate ids: "+err.Error(), "apt install uidmap")
	}
	passwd, _ := readFile("/etc/passwd")
	name := identity.Name(string(passwd), s.anchors.UID)
	if name == "" {
		name = variable(s.anchors.Caller, "USER") // a directory service's; newuidmap has the last word
	}
	ranges, err := identity.Ranges(string(text), name, s.anchors.UID)
	if err != nil {
		return nil, s.noUser("cannot use "+file+": "+err.Error(), "")
	}
	if len(ranges) > 0 {
		return ranges, nil
	}
	who := name
	if who == "" {
		who = strconv.Itoa(s.anchors.UID)
	}
	add := "usermod " + option + " 100000-165535 " + who + ", with a range that nobody has"
	switch {
	case s.anchors.UID != 0:
		return nil, s.noUser("needs subordinate ids, and "+file+" gives "+who+" none", add)
	case identity.Overlaps(string(text), identity.Own):
		return nil, s.noUser("needs subordinate ids: "+file+" gives "+who+" none, and the usual ones for root to others", add)
	}
	return []identity.Range{identity.Own}, nil
}

// mapUser maps the ids of the child's user namespace, which waits meanwhile.
func (s *start) mapUser(pid int) error {
	if s.user == nil || s.flags&unix.CLONE_NEWUSER == 0 {
		return nil
	}
	uids, gids := identity.Lines(s.anchors.UID, s.user.UID), identity.Lines(s.anchors.GID, s.user.GID)
	if s.anchors.UID == 0 {
		if err := identity.Write(pid, uids, gids); err != nil {
			return s.noUser("cannot be had: "+err.Error(), subordinateHint)
		}
		return nil
	}
	tools, err := identity.FindTools()
	if err != nil {
		return s.noUser("cannot be had: "+err.Error(), "apt install uidmap")
	}
	if err := tools.Write(pid, uids, gids); err != nil {
		return s.noUser("cannot be had: "+err.Error(), "/etc/subuid and /etc/subgid must give you the ids, and both tools must be set-user-ID "+
			"or have their file capabilities; inside another sandbox, with no_new_privs, they have no effect")
	}
	return nil
}

// noteMaps lists the maps that the parent has written by then.
func (s *start) noteMaps() {
	by := "newuidmap and newgidmap"
	if s.anchors.UID == 0 {
		by = "the parent"
	}
	origin := s.plan.Identity.Origin
	s.list.Note(steps.Map, origin, "uid_map", "uid_map ", quotedMap(s.anchors.UID, s.user.UID), ", written by ", by)
	s.list.Note(steps.Map, origin, "gid_map", "gid_map ", quotedMap(s.anchors.GID, s.user.GID), ", written by ", by)
}

func quotedMap(ids ...int) string { return strconv.Quote(identity.Text(identity.Lines(ids...))) }

// becomeUser gives the program's process its user, while it still has the
// capabilities for that.
func (s *start) becomeUser() {
	if s.user == nil {
		return
	}
	s.list.RestoreUmask()
	s.list.SetUser(s.user.UID, s.user.GID, s.plan.Identity.Origin)
	if !s.reaper {
		s.list.StillDieWithParent(s.pipe)
		s.list.ChildOf(unix.Getpid()) // who is in the same PID namespace
	}
}

// title gives argv[0]: the command's name, or, where the profile wants to be seen
// in a list of processes, that name with the profile before it. What stands
// behind the last slash stays, which is what multi-call programs look at.
func title(p *plan.Plan) string {
	if p.Identity.Title {
		return "husk:" + p.Profile + "/" + p.Command
	}
	return p.Command
}

// handOver makes what the program is to write its own: file systems of the
// sandbox's own belong to it, the session directory is one of them, and what the
// profile grants is shown with mapped owners, where the kernel allows that. A
// write grant that would make files of another owner is refused.
func (l *layout) handOver(s *setting) error {
	if s.user == nil {
		return nil
	}
	owner := ",uid=" + strconv.Itoa(s.user.UID) + ",gid=" + strconv.Itoa(s.user.GID)
	return l.view.Each(func(p *namespaces.Place) error {
		switch {
		case p.Kind == namespaces.Tmpfs && (!p.Part || p.Private):
			p.Part = false
			p.Data += owner
		case p.Kind != namespaces.Show || !p.Options.Exact:
		case p.Source == s.session:
			*p = sessionFiles(s, p.Path, owner)
		default:
			return s.mapOwners(p)
		}
		return nil
	})
}

// sessionFiles is the session directory of a program that isn't its caller: in
// memory, since its caller could not remove what it leaves on a disk. The
// directory on the disk stays as the lock that it is.
func sessionFiles(s *setting, at, owner string) namespaces.Place {
	size := sizeTmp
	if s.plan.Tmp.Size > 0 {
		size = strconv.FormatUint(s.plan.Tmp.Size, 10)
	}
	return namespaces.Place{Path: at, Kind: namespaces.Tmpfs, Data: "mode=700,size=" + size + owner,
		Flags: noExec(s.plan.Filesystem.ExecuteOnly), Origin: s.plan.Tmp.Origin}
}

// mapOwners shows something of the host with the caller's files as the user's.
// Without that a read grant is what its mode bits make of it for others.
func (s *setting) mapOwners(p *namespaces.Place) error {
	from := where(s.plan, p.Origin)
	if s.user.mapping == nil {
		if !p.Options.Writable || (s.caller.UID == 0 && s.dry) {
			return nil
		}
		return &Failure{Text: p.Path + " cannot be written by a user of the program's own: what user " + strconv.Itoa(s.user.UID) +
			" makes there would belong to that user, not to you, and only root may map owners (idmapped mounts)", From: from,
			Hint: "grant it for reading, or keep identity { user = \"self\" }; a private home, tmp and tmpfs can be written"}
	}
	tree, err := s.user.mapping.Tree(p.Source, p.Options.Attributes())
	switch {
	case err == nil:
		s.user.trees = append(s.user.trees, tree)
		p.Options.Tree = tree
		return nil
	case err == unix.EINVAL && !p.Options.Writable:
		return nil // a file system that can't map: what others may read stays readable
	}
	return &Failure{Text: "the owners of " + p.Source + " cannot be mapped (idmapped mount): " + err.Error(), From: from,
		Hint: "its file system, or one mounted below it, does not know mapped owners, or this root may not map them: keep identity { user = \"self\" }"}
}

// release closes what the child has copies of by now.
func (u *user) release() {
	if u == nil {
		return
	}
	for _, fd := range u.trees {
		unix.Close(fd)
	}
	u.trees = nil
}
