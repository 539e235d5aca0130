package landlock

import (
	"encoding/binary"
	"math/bits"
	"testing"

	"golang.org/x/sys/unix"
)

// What the policy's words mean must be held by the oldest version that husk
// takes for files: a right that isn't handled is a right that everybody has.
func TestRightsAreHandledFromABIFilesOn(t *testing.T) {
	for version := ABIFiles; version <= 12; version++ {
		handled := HandledBy(version).FS
		for name, a := range map[string]Access{"list": List, "read": Read, "execute": Execute, "write": Write} {
			if a&^handled != 0 {
				t.Errorf("ABI %d does not handle %#x of %s", version, uint64(a&^handled), name)
			}
		}
	}
}

func TestHandledBy(t *testing.T) {
	const (
		refer, truncate, ioctl, resolve = 1 << 13, 1 << 14, 1 << 15, 1 << 16
		first                           = 1<<13 - 1
	)
	for _, c := range []struct {
		version int
		want    Handled
	}{
		{0, Handled{}},
		{1, Handled{FS: first}},
		{2, Handled{FS: first | refer}},
		{3, Handled{FS: first | refer | truncate}},
		{4, Handled{FS: first | refer | truncate, Net: 3}},
		{5, Handled{FS: first | refer | truncate | ioctl, Net: 3}},
		{6, Handled{FS: first | refer | truncate | ioctl, Net: 3, Scoped: 3}},
		{7, Handled{FS: first | refer | truncate | ioctl, Net: 3, Scoped: 3}},
		{9, Handled{FS: first | refer | truncate | ioctl | resolve, Net: 3, Scoped: 3}},
	} {
		if got := HandledBy(c.version); got != c.want {
			t.Errorf("ABI %d: %+v, want %+v", c.version, got, c.want)
		}
	}
	for version := 1; version < 20; version++ {
		old, now := HandledBy(version-1), HandledBy(version)
		if old.FS&^now.FS != 0 || old.Net&^now.Net != 0 || old.Scoped&^now.Scoped != 0 {
			t.Errorf("ABI %d lost a right", version)
		}
	}
}

// A write grant makes everything but device nodes, and no grant makes those.
func TestNoGrantMakesDevices(t *testing.T) {
	const makeChar, makeBlock = 1 << 6, 1 << 11
	for name, a := range map[string]Access{"read": Read, "write": Write | Execute, "device": Device} {
		if a&(makeChar|makeBlock) != 0 {
			t.Errorf("%s makes devices", name)
		}
	}
	if left := HandledBy(3).FS &^ (Write | Execute); left != makeChar|makeBlock {
		t.Errorf("a write grant lacks %#x", uint64(left))
	}
}

// The kernel answers EINVAL to a rule on a file that has rights of directories.
func TestOnFile(t *testing.T) {
	const readDir, refer = 1 << 3, 1 << 13
	for _, a := range []Access{List, Read, Write, Execute, Device, Write | Execute} {
		got := a.OnFile()
		if got&^a != 0 {
			t.Errorf("%v on a file is %v: more than was given", a, got)
		}
		if got&(readDir|refer) != 0 || got&0x1ff0 != 0 { // 4 to 12: remove and make
			t.Errorf("%v on a file keeps a directory's rights: %#x", a, uint64(got))
		}
	}
	if Read.OnFile() == 0 || Execute.OnFile() != Execute || Write.OnFile() == Read.OnFile() {
		t.Error("a file's own rights are lost")
	}
}

func TestAccessText(t *testing.T) {
	for a, want := range map[Access]string{
		0:                         "",
		List:                      "list",
		Read:                      "read",
		Execute:                   "execute",
		Read | Execute:            "read, execute",
		Write:                     "write",
		Write | Execute:           "write, execute",
		Write.OnFile():            "write the file, read",
		Device:                    "write the file, read, device ioctls",
		List | Execute:            "list, execute",
		(Read | Execute).OnFile(): "read, execute",
	} {
		if got := a.String(); got != want {
			t.Errorf("%#x: %q, want %q", uint64(a), got, want)
		}
	}
}

func TestAttr(t *testing.T) {
	h := Handled{FS: 0x1234, Net: 3, Scoped: 1}
	b := h.Attr()
	if len(b) != 24 {
		t.Fatalf("%d bytes", len(b))
	}
	for i, want := range []uint64{0x1234, 3, 1} {
		if got := binary.NativeEndian.Uint64(b[8*i:]); got != want {
			t.Errorf("word %d: %#x, want %#x", i, got, want)
		}
	}
	if got := h.String(); got != "ruleset over files, network, signals and abstract sockets" {
		t.Error(got)
	}
	if got := (Handled{FS: 1}).String(); got != "ruleset over files" {
		t.Error(got)
	}
}

// The running kernel takes all that its version says, and its version is one
// that x/sys would also find.
func TestTheKernelTakesWhatItsVersionHandles(t *testing.T) {
	version, err := ABI()
	if err != nil {
		if version != 0 {
			t.Errorf("ABI %d with error %v", version, err)
		}
		cannotRun(t, "no Landlock: "+err.Error())
	}
	fd, err := createRuleset(HandledBy(version).Attr())
	if err != nil {
		t.Fatalf("ABI %d refuses %s: %v", version, HandledBy(version), err)
	}
	unix.Close(fd)
	if bits.OnesCount64(uint64(HandledBy(version).FS)) < 13 {
		t.Errorf("ABI %d handles %#x", version, uint64(HandledBy(version).FS))
	}
}
