package enforce

import (
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
)

// hostView shows the host's tree, read-only, without the user's files and
// without what namespaces.HostSecrets names.
func (l *layout) hostView(s *setting) {
	l.view.AddHostSecrets(host{})
	l.view.Add(namespaces.Place{Path: "/dev", Kind: namespaces.HideDir, Origin: plan.NoOrigin})
	l.allow("/", landlock.List, false, plan.NoOrigin)
	h := hostRules{layout: l, hidden: append([]string{"/dev", "/proc"}, namespaces.HostSecrets()...),
		whole: "/etc", rights: landlock.Read | landlock.Execute}
	if s.home.path != "" && s.plan.Home.Mode != plan.HomeHost {
		h.hidden = append(h.hidden, s.home.path)
	}
	h.below("/")
	l.fromRun()
}

// fromRun shows the two things of /run that programs can't do without: where the
// name servers are, and on NixOS the system itself.
func (l *layout) fromRun() {
	const nixos = "/run/current-system"
	if (host{}).Lstat(nixos)&unix.S_IFMT == unix.S_IFLNK {
		l.view.Add(namespaces.Place{Path: nixos, Kind: namespaces.Link, Source: readlink(nixos), Origin: plan.NoOrigin})
	}
	at, ok := resolve("/etc/resolv.conf")
	if !ok || !namespaces.Within(at.path, "/run") || at.mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	if text, err := readFile(at.path); err == nil {
		l.view.Add(namespaces.Place{Path: at.path, Kind: namespaces.Content, Content: text, Origin: plan.NoOrigin})
		l.allow(at.path, landlock.Read, true, plan.NoOrigin)
	}
}

// hostRules gives Landlock's rules for the host view. Rights add up along a
// path and can't be taken away below, so a directory that holds something hidden
// gets none: what is in it gets them, one by one.
type hostRules struct {
	*layout
	hidden []string
	// whole is a directory that gets a rule whatever it holds.
	whole  string
	rights landlock.Access
}

// flatEtc permits reading /etc where there is no view. The files' modes keep a user
// from what is secret there, and root from nothing: what the host view hides gets no
// rule then.
func (l *layout) flatEtc(s *setting) {
	if s.caller.UID != 0 {
		l.allow("/etc", landlock.Read, false, plan.NoOrigin)
		return
	}
	l.allow("/etc", landlock.List, false, plan.NoOrigin)
	h := hostRules{layout: l, hidden: namespaces.HostSecrets(), rights: landlock.Read}
	h.below("/etc")
}

func (h *hostRules) below(dir string) {
	switch {
	case slices.Contains(h.hidden, dir):
		return
	case !h.holdsHidden(dir) || dir == h.whole:
		// A rule is about a file, not about its name, and files of /etc are replaced
		// while programs run. What is hidden there, the view alone holds.
		h.add(dir, false)
		return
	}
	for _, name := range entries(dir) {
		at := path.Join(dir, name)
		switch (host{}).Lstat(at) & unix.S_IFMT {
		case unix.S_IFDIR:
			h.below(at)
		case unix.S_IFREG:
			if !slices.Contains(h.hidden, at) {
				h.add(at, true)
			}
		}
	}
}

// add makes a rule, for what may be gone before it is made.
func (h *hostRules) add(at string, file bool) {
	h.rules = append(h.rules, access{path: at, rights: h.rights, file: file, origin: plan.NoOrigin, passing: true})
}

func (h *hostRules) holdsHidden(dir string) bool {
	return slices.ContainsFunc(h.hidden, func(p string) bool { return namespaces.Within(p, dir) })
}

// entries lists a directory; one that can't be listed here can't be inside.
func entries(dir string) []string {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	names, err := session.Names(fd)
	if err != nil {
		return nil
	}
	return names
}
