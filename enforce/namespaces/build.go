package namespaces

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// base is where the new root is built. Nothing is ever shown from there, and
// the directory exists wherever husk can run.
const base = "/proc"

// emptyFile stands in the new root while it is built: what HideFile shows.
const emptyFile = ".husk-empty"

// builder writes the steps of a view. Paths in the new root are relative: the
// working directory is the new root until pivot_root.
type builder struct {
	list *steps.List
	// own are the directories that exist on file systems of the view's own, in
	// which a missing directory may be made.
	own map[string]bool
	// under are the mounts made so far, with whether a place may be made there.
	under []mounted
	// close are own file systems to be made read-only in the end.
	close []closing
	empty bool
	// held are the places whose sources the new root covers, by their paths.
	held map[string]int
}

type mounted struct {
	path string
	own  bool
	// foreign says that others than husk can change what is there.
	foreign bool
	// writable says that the program may write there.
	writable bool
	// source is what of the host stands at path, "" for nothing of the host.
	source string
}

// pinned stands for the source of a mount that shows what is there anyway.
const pinned = "pinned"

type closing struct {
	path   string
	origin int
}

// Build writes the steps that make v the root of the process, with hostRoot
// for the whole of the host's tree as its ground. An error is a place that
// could only be made by writing into the user's own tree.
func (v *View) Build(l *steps.List, hostRoot bool) error {
	b := &builder{list: l, own: map[string]bool{"/": true}}
	l.Private()
	if err := b.hold(v); err != nil {
		return err
	}
	if hostRoot {
		l.Bind("/", base, steps.BindOptions{Recursive: true, Existing: true, Origin: none})
	} else {
		l.Mount("tmpfs", base, unix.MS_NOSUID|unix.MS_NODEV, bounded("mode=755,size="+v.size()), none)
	}
	b.under = append(b.under, mounted{path: "/", own: !hostRoot, foreign: hostRoot, source: "/"})
	l.Chdir(base)
	for _, p := range v.sorted() {
		if err := b.place(p); err != nil {
			return err
		}
	}
	b.finish(hostRoot)
	return nil
}

const none = -1

// hold opens what is shown of the directory that the new root is built on: once
// that is mounted, nothing leads there any more.
func (b *builder) hold(v *View) error {
	b.held = map[string]int{}
	for i := range v.places {
		p := &v.places[i]
		if p.Kind != Show || !Within(p.Source, base) {
			continue
		}
		if len(b.held) == steps.MaxHeld {
			return errors.New("more than " + strconv.Itoa(steps.MaxHeld) + " places show something of " + base)
		}
		if _, ok := b.held[p.Path]; ok {
			continue
		}
		p.Options.Origin = p.Origin
		b.list.Hold(p.Source, len(b.held), p.Options)
		b.held[p.Path] = len(b.held)
	}
	return nil
}

func (b *builder) finish(hostRoot bool) {
	if b.empty {
		b.list.Remove(emptyFile)
	}
	b.list.PivotRoot()
	for _, c := range b.close {
		b.list.ReadOnly(c.path, c.origin)
	}
	if !hostRoot {
		b.list.ReadOnly("/", none)
	}
}

// relative gives path as seen from the new root.
func relative(path string) string {
	if path == "/" {
		return "."
	}
	return path[1:]
}

func (b *builder) place(p Place) error {
	at := relative(p.Path)
	switch p.Kind {
	case Pin, PinLink, Protect, HideDir, HideFile, Unread: // these lie over what is there
	default:
		if err := b.reach(Parent(p.Path), p.Origin); err != nil {
			return err
		}
	}
	switch p.Kind {
	case Dir:
		return b.reach(p.Path, p.Origin)
	case Link:
		b.link(p)
	case Content:
		b.list.File(at, 0o444, p.Content, p.Origin)
	case Show:
		p.Options.File, p.Options.Origin = p.File, p.Origin
		p.Options.Existing = !b.isOwn(Parent(p.Path)) || b.own[p.Path]
		if !b.isOwn(Parent(p.Path)) {
			if err := b.hostHas(p.Path); err != nil {
				return err
			}
		}
		p.Options.Foreign = b.isForeign(Parent(p.Path))
		if held, ok := b.held[p.Path]; ok {
			b.list.ShowHeld(p.Source, at, held, p.Options)
		} else {
			b.list.Bind(p.Source, at, p.Options)
		}
		m := b.mount(p.Path, p.Husks)
		m.source, m.foreign = p.Source, true
	case Pin, Protect:
		b.list.Bind(at, at, steps.BindOptions{Writable: p.Kind == Pin, Existing: true, Recursive: true, Exact: true, Origin: p.Origin})
		b.mount(p.Path, false).source = pinned
	case PinLink:
		b.list.PinLink(at, p.Origin)
	case Tmpfs:
		return b.tmpfs(at, p)
	case HideDir:
		b.closed(p.Path, p.Origin)
	case HideFile:
		b.hideFile(at, p)
	case Unread:
		return b.unread(at, p)
	case Proc, Pts:
		return b.special(p)
	}
	return nil
}

// link makes a symbolic link where a name can be made.
func (b *builder) link(p Place) {
	switch dir := Parent(p.Path); {
	case !b.isOwn(dir):
	case b.isForeign(dir):
		b.list.SymlinkForeign(p.Source, relative(p.Path), p.Origin)
	default:
		b.list.Symlink(p.Source, relative(p.Path), p.Origin)
	}
}

func (b *builder) tmpfs(at string, p Place) error {
	if err := b.mountPoint(p.Path, p.Origin); err != nil {
		return err
	}
	if p.Part && b.under[0].own {
		mode := uint32(0o1777)
		if p.Private {
			mode = 0o700
		}
		b.list.Part(at, mode, p.Flags&unix.MS_NOEXEC != 0, p.Origin)
	} else {
		b.mountTmpfs(p.Path, p.Flags, bounded(p.Data), p.Origin)
	}
	b.mount(p.Path, true).writable = true
	return nil
}

// mountTmpfs mounts an empty file system, by descriptor where somebody could
// exchange what it is mounted on.
func (b *builder) mountTmpfs(path string, flags uintptr, data string, origin int) {
	if !b.isForeign(path) {
		b.list.Mount("tmpfs", relative(path), flags, data, origin)
		return
	}
	attr := uint64(unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV)
	if flags&unix.MS_NOEXEC != 0 {
		attr |= unix.MOUNT_ATTR_NOEXEC
	}
	b.list.MountForeign(relative(path), attr, data, origin)
}

func (b *builder) hideFile(at string, p Place) {
	b.list.Bind(b.emptyFileOutside(), at, steps.BindOptions{Existing: true, NoExec: true, Foreign: b.isForeign(Parent(p.Path)), Origin: p.Origin})
	b.mount(p.Path, false)
}

// emptyFileOutside makes the empty file once. On the host's tree as ground
// there is no place for it, so /dev/null stands in: opened, it is as empty.
func (b *builder) emptyFileOutside() string {
	if !b.under[0].own {
		return "/dev/null"
	}
	if !b.empty {
		b.empty = true
		b.list.File(emptyFile, 0o444, nil, none)
	}
	return emptyFile
}

// mountPoint makes the directory that something is mounted on.
func (b *builder) mountPoint(path string, origin int) error {
	if b.own[path] {
		return nil
	}
	if !b.isOwn(Parent(path)) {
		return b.hostHas(path)
	}
	b.mkdir(path, origin)
	return nil
}

// mkdir makes a directory on a file system where husk may make one.
func (b *builder) mkdir(path string, origin int) {
	if b.isForeign(Parent(path)) {
		b.list.MkdirForeign(relative(path), 0o755, origin)
	} else {
		b.list.Mkdir(relative(path), 0o755, origin)
	}
	b.own[path] = true
}

func (b *builder) special(p Place) error {
	if err := b.mountPoint(p.Path, p.Origin); err != nil {
		return err
	}
	const common = unix.MS_NOSUID | unix.MS_NOEXEC
	if p.Kind == Proc {
		// hidepid=ptraceable: PID 1, which still holds the caller's memory image
		// and environment, is not dumpable and so invisible (proc(5)). Read-only:
		// what may be written there changes the host when root asks (core_pattern).
		b.list.Mount("proc", relative(p.Path), common|unix.MS_NODEV|unix.MS_RDONLY, "hidepid=ptraceable", p.Origin)
	} else {
		b.list.Mount("devpts", relative(p.Path), common, "newinstance,ptmxmode=0666,mode=620", p.Origin)
	}
	b.mount(p.Path, false)
	return nil
}

// holder gives the mount that path lies in: the last one made above it.
func (b *builder) holder(path string) mounted {
	for i := len(b.under) - 1; i >= 0; i-- {
		if b.under[i].source != pinned && Within(path, b.under[i].path) {
			return b.under[i]
		}
	}
	return mounted{}
}

// isOwn says whether a name can be made in the directory path.
func (b *builder) isOwn(path string) bool { return b.holder(path).own }

// isWritable says whether the program may write in the directory path.
func (b *builder) isWritable(path string) bool { return b.holder(path).writable }

// isForeign says whether others than husk can change the directory path.
func (b *builder) isForeign(path string) bool { return b.holder(path).foreign }

// mount notes a mount; what it gives is good until the next one.
func (b *builder) mount(path string, own bool) *mounted {
	b.under = append(b.under, mounted{path: path, own: own})
	b.own[path] = own
	return &b.under[len(b.under)-1]
}

// reach makes the directories up to path where the view's own file systems
// hold them. Below something of the host they are there or the mount fails.
func (b *builder) reach(path string, origin int) error {
	if b.own[path] || path == "/" || b.holder(path).path == path { // made, or mounted
		return nil
	}
	if err := b.reach(Parent(path), origin); err != nil {
		return err
	}
	if !b.isOwn(Parent(path)) {
		return b.hostHas(path)
	}
	b.mkdir(path, origin)
	if b.isWritable(Parent(path)) {
		// A directory that is only the way to something: what is written there
		// would vanish with the session, so it must fail.
		b.closed(path, origin)
	}
	return nil
}

// closed mounts an own file system that is made read-only in the end.
func (b *builder) closed(path string, origin int) {
	b.mountTmpfs(path, unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=755,size=1m", origin)
	b.mount(path, true)
	b.close = append(b.close, closing{path, origin})
}

// hostHas refuses a place below something of the host's that the host hasn't:
// it could only be made by leaving a directory in the user's tree.
func (b *builder) hostHas(path string) error {
	h := b.holder(path)
	real := h.source + path[len(h.path):]
	if h.path == "/" {
		real = path
	}
	var st unix.Stat_t
	if err := unix.Lstat(real, &st); err != nil {
		return errors.New(path + " does not exist and lies in a directory of the host, where the sandbox makes nothing: " + err.Error())
	}
	return nil
}
