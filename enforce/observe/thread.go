package observe

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Thread is one that stands at its end.
type Thread struct {
	ID int
}

// Call is the last system call of a thread.
type Call struct {
	// Number is the call's, -1 for none.
	Number int64
	// Arch is the AUDIT_ARCH_* value of the ABI that the call was made by; 0
	// where the kernel doesn't say (before Linux 5.3).
	Arch uint32
	Args [6]uint64
	// PC is the address behind the instruction that made the call.
	PC uint64
	// putBack says that the registers look like those of a call that a filter
	// ended.
	putBack bool
}

// Call gives the call that the thread made last. ok is false where that cannot
// be the one that a filter ended the process at.
func (t *Thread) Call() (c Call, ok bool) {
	var registers [maxRegisters]byte
	n, err := registerSet(t.ID, ntPRStatus, registers[:])
	if err != nil || n < registersSize {
		return Call{}, false
	}
	c = t.decode(registers[:n])
	c.Arch = callArch(t.ID)
	return c, c.putBack && c.Number >= 0
}

// Process gives the number of the process that the thread belongs to, 0 where
// it cannot be told (proc_pid_status(5)).
func (t *Thread) Process() int {
	text, err := os.ReadFile(t.proc("status"))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte("\nTgid:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	pid, err := strconv.Atoi(strings.TrimSpace(string(line)))
	if err != nil {
		return 0
	}
	return pid
}

// Name gives the program's name as the kernel has it: up to 15 bytes, which the
// program may have chosen (proc_pid_comm(5)).
func (t *Thread) Name() string {
	text, err := os.ReadFile(t.proc("comm"))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

// String reads a text of at most limit bytes that the thread's memory holds at
// an address, ended by a zero byte. whole is false where it goes on behind
// that. The program may have written anything there.
func (t *Thread) String(address uint64, limit int) (text string, whole, ok bool) {
	buffer := make([]byte, limit+1)
	n := 0
	for n < len(buffer) {
		// To the end of a page at most: the next one may not be there.
		const page = 4096
		at := address + uint64(n)
		size := min(len(buffer)-n, int(page-at%page))
		local := []unix.Iovec{{Base: &buffer[n]}}
		local[0].SetLen(size)
		got, err := unix.ProcessVMReadv(t.ID, local, []unix.RemoteIovec{{Base: uintptr(at), Len: size}}, 0)
		if err != nil || got <= 0 {
			break
		}
		if end := bytes.IndexByte(buffer[n:n+got], 0); end >= 0 {
			return string(buffer[:n+end]), true, true
		}
		n += got
	}
	return string(buffer[:min(n, limit)]), false, n > 0
}

// Place says where an address lies: the last part of the name of the file that
// is mapped there, and how far behind that file's first mapping; "" where no
// file is, or the maps can't be read (proc_pid_maps(5)).
func (t *Thread) Place(address uint64) (file string, offset uint64) {
	maps, err := os.Open(t.proc("maps"))
	if err != nil {
		return "", 0
	}
	defer maps.Close()
	return place(maps, address)
}

func (t *Thread) proc(name string) string { return "/proc/" + strconv.Itoa(t.ID) + "/" + name }
