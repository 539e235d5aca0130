package enforce

import (
	"bytes"
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// maxCopy bounds the file that is copied into memory, in bytes.
const maxCopy = 128 << 20

// undumpable shows the program's loader, or a static program itself, as a copy
// that may be executed and not read. A process cannot set the attribute for the
// program that it executes: execve(2) gives it back, except where the file or
// its loader may not be read (prctl(2), PR_SET_DUMPABLE; would_dump in the
// kernel). So all that this loader starts has it, children too.
func (l *layout) undumpable(s *setting) error {
	if !s.plan.Identity.Undumpable {
		return nil
	}
	from := where(s.plan, s.plan.Identity.Origin)
	if s.plan.Filesystem.View == plan.ViewHost {
		return &Failure{Text: "identity { dumpable = false } has no place for its copy of the loader in the host view", From: from,
			Hint: "use view = \"minimal\""}
	}
	file, text, err := loaded(s.plan.Program.Path, 0)
	if err != nil {
		return &Failure{Text: "identity { dumpable = false }: " + err.Error(), From: from}
	}
	l.view.Add(namespaces.Place{Path: file, Kind: namespaces.Unread, Content: text, Origin: s.plan.Identity.Origin})
	return nil
}

// loaded gives the file that the kernel maps last when it executes a program: its
// loader, its interpreter's loader, or itself.
func loaded(program string, depth int) (string, []byte, error) {
	at, ok := resolve(program)
	if !ok || at.mode&unix.S_IFMT != unix.S_IFREG {
		return "", nil, &Failure{Text: program + " is no file"}
	}
	var st unix.Stat_t
	if err := unix.Stat(at.path, &st); err != nil || st.Size > maxCopy {
		return "", nil, &Failure{Text: at.path + " is too large to be copied, or gone"}
	}
	text, err := readFile(at.path)
	if err != nil {
		return "", nil, err
	}
	next := ""
	if line, ok := bytes.CutPrefix(text, []byte("#!")); ok {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		next, _, _ = strings.Cut(strings.TrimLeft(string(line), " \t"), " ")
	} else if next, ok = elfLoader(text); !ok {
		return "", nil, &Failure{Text: at.path + " is neither a program nor a script"}
	}
	if next == "" {
		return at.path, text, nil
	}
	const deepest = 5 // BINPRM_MAX_RECURSION and a loader
	if depth == deepest {
		return "", nil, &Failure{Text: program + " has too many interpreters"}
	}
	return loaded(next, depth+1)
}

// elfLoader gives the loader that a 64-bit ELF file names (PT_INTERP, elf(5)), ""
// for none. ok is false for what is no such file.
func elfLoader(text []byte) (name string, ok bool) {
	const headerSize, entrySize, interp = 64, 56, 3
	if len(text) < headerSize || string(text[:4]) != "\x7fELF" || text[4] != 2 {
		return "", false
	}
	order := binary.LittleEndian
	table := order.Uint64(text[32:])
	for i := range uint64(order.Uint16(text[56:])) {
		begin := table + i*entrySize
		if begin < table || begin > uint64(len(text)) || uint64(len(text))-begin < entrySize {
			return "", false
		}
		entry := text[begin:]
		if order.Uint32(entry) != interp {
			continue
		}
		offset, size := order.Uint64(entry[8:]), order.Uint64(entry[32:])
		if offset > uint64(len(text)) || size > uint64(len(text))-offset {
			return "", false
		}
		return strings.TrimRight(string(text[offset:offset+size]), "\x00"), true
	}
	return "", true
}
