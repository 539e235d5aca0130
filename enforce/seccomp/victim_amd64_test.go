package seccomp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
)

// The victim is a program of some 200 bytes without a libc: it reads a job from
// standard input, catches SIGSYS, loads the job's filter, makes the job's call
// and ends with its errno, 0 for success. A Go program could not be the victim:
// its runtime makes calls of its own, which a strict filter would kill.
const (
	victimCode = 0x400000
	victimData = 0x600000
	victimSize = 0x20000
	// scratch is memory that a job may point to.
	scratch = victimData + 0x10000

	statusTrapped  = 200 // the SIGSYS handler ran
	statusNoFilter = 255 // the kernel did not take the filter
)

// Offsets of the job, from the start of the data.
const (
	jobProgram = 0  // struct sock_fprog: length, pointer
	jobNumber  = 16 // the call's number
	jobArgs    = 24
	jobInt80   = 72 // 1: through the i386 gate
	jobAction  = 80 // struct sigaction of the kernel, 32 bytes
	jobFilter  = 128
)

// line is some machine code, optionally with a label before it, and optionally
// with a jump to a label at its end (one byte, relative).
type line struct {
	label string
	code  []byte
	to    string
}

var victimLines = []line{
	{"", []byte{0x49, 0xc7, 0xc4, 0x00, 0x00, 0x60, 0x00}, ""}, // mov r12, 0x600000
	{"", []byte{0x4d, 0x89, 0xe5}, ""},                         // mov r13, r12
	{"read", []byte{0x31, 0xc0}, ""},                           // xor eax, eax      (read)
	{"", []byte{0x31, 0xff}, ""},                               // xor edi, edi
	{"", []byte{0x4c, 0x89, 0xee}, ""},                         // mov rsi, r13
	{"", []byte{0xba, 0x00, 0x80, 0x00, 0x00}, ""},             // mov edx, 0x8000
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"", []byte{0x49, 0x01, 0xc5}, ""},                         // add r13, rax
	{"", []byte{0x85, 0xc0}, ""},                               // test eax, eax
	{"", []byte{0x7f}, "read"},                                 // jg read
	{"", []byte{0xb8, 0x0d, 0x00, 0x00, 0x00}, ""},             // mov eax, 13       (rt_sigaction)
	{"", []byte{0xbf, 0x1f, 0x00, 0x00, 0x00}, ""},             // mov edi, 31       (SIGSYS)
	{"", []byte{0x49, 0x8d, 0x74, 0x24, 0x50}, ""},             // lea rsi, [r12+80]
	{"", []byte{0x31, 0xd2}, ""},                               // xor edx, edx
	{"", []byte{0x41, 0xba, 0x08, 0x00, 0x00, 0x00}, ""},       // mov r10d, 8
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"", []byte{0xb8, 0x9d, 0x00, 0x00, 0x00}, ""},             // mov eax, 157      (prctl)
	{"", []byte{0xbf, 0x26, 0x00, 0x00, 0x00}, ""},             // mov edi, 38       (PR_SET_NO_NEW_PRIVS)
	{"", []byte{0xbe, 0x01, 0x00, 0x00, 0x00}, ""},             // mov esi, 1
	{"", []byte{0x31, 0xd2}, ""},                               // xor edx, edx
	{"", []byte{0x45, 0x31, 0xd2}, ""},                         // xor r10d, r10d
	{"", []byte{0x45, 0x31, 0xc0}, ""},                         // xor r8d, r8d
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"", []byte{0xb8, 0x3d, 0x01, 0x00, 0x00}, ""},             // mov eax, 317      (seccomp)
	{"", []byte{0xbf, 0x01, 0x00, 0x00, 0x00}, ""},             // mov edi, 1        (SECCOMP_SET_MODE_FILTER)
	{"", []byte{0x31, 0xf6}, ""},                               // xor esi, esi
	{"", []byte{0x4c, 0x89, 0xe2}, ""},                         // mov rdx, r12
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"", []byte{0x85, 0xc0}, ""},                               // test eax, eax
	{"", []byte{0x75}, "fail"},                                 // jnz fail
	{"", []byte{0x49, 0x8b, 0x7c, 0x24, 0x18}, ""},             // mov rdi, [r12+24]
	{"", []byte{0x49, 0x8b, 0x74, 0x24, 0x20}, ""},             // mov rsi, [r12+32]
	{"", []byte{0x49, 0x8b, 0x54, 0x24, 0x28}, ""},             // mov rdx, [r12+40]
	{"", []byte{0x4d, 0x8b, 0x54, 0x24, 0x30}, ""},             // mov r10, [r12+48]
	{"", []byte{0x4d, 0x8b, 0x44, 0x24, 0x38}, ""},             // mov r8, [r12+56]
	{"", []byte{0x4d, 0x8b, 0x4c, 0x24, 0x40}, ""},             // mov r9, [r12+64]
	{"", []byte{0x49, 0x8b, 0x44, 0x24, 0x10}, ""},             // mov rax, [r12+16]
	{"", []byte{0x41, 0x80, 0x7c, 0x24, 0x48, 0x00}, ""},       // cmp byte [r12+72], 0
	{"", []byte{0x75}, "int80"},                                // jne int80
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"", []byte{0xeb}, "done"},                                 // jmp done
	{"int80", []byte{0x89, 0xfb}, ""},                          // mov ebx, edi
	{"", []byte{0xcd, 0x80}, ""},                               // int 0x80
	{"", []byte{0x48, 0x98}, ""},                               // cdqe
	{"done", []byte{0x48, 0x89, 0xc7}, ""},                     // mov rdi, rax
	{"", []byte{0x48, 0xf7, 0xdf}, ""},                         // neg rdi
	{"", []byte{0x7f}, "exit"},                                 // jg exit
	{"", []byte{0x31, 0xff}, ""},                               // xor edi, edi
	{"exit", []byte{0xb8, 0xe7, 0x00, 0x00, 0x00}, ""},         // mov eax, 231      (exit_group)
	{"", []byte{0x0f, 0x05}, ""},                               // syscall
	{"fail", []byte{0xbf, 0xff, 0x00, 0x00, 0x00}, ""},         // mov edi, 255
	{"", []byte{0xeb}, "exit"},                                 // jmp exit
	{"handler", []byte{0xbf, 0xc8, 0x00, 0x00, 0x00}, ""},      // mov edi, 200
	{"", []byte{0xeb}, "exit"},                                 // jmp exit
}

// assemble gives the code and the offset of each label.
func assemble(lines []line) (code []byte, labels map[string]int) {
	labels = map[string]int{}
	jumps := map[int]string{}
	for _, l := range lines {
		if l.label != "" {
			labels[l.label] = len(code)
		}
		code = append(code, l.code...)
		if l.to != "" {
			jumps[len(code)] = l.to
			code = append(code, 0)
		}
	}
	for at, to := range jumps {
		code[at] = byte(int8(labels[to] - at - 1))
	}
	return code, labels
}

// elf gives an executable file: one segment of code, one of zeroed data.
func elf(code []byte) []byte {
	const header, segment = 64, 56
	entry := uint64(victimCode + header + 2*segment)
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
				panic(err)
			}
		}
	}
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	put(uint16(2), uint16(62), uint32(1), entry, uint64(header), uint64(0), uint32(0))
	put(uint16(header), uint16(segment), uint16(2), uint16(0), uint16(0), uint16(0))
	size := uint64(header + 2*segment + len(code))
	put(uint32(1), uint32(5), uint64(0), uint64(victimCode), uint64(victimCode), size, size, uint64(0x1000))
	put(uint32(1), uint32(6), uint64(0), uint64(victimData), uint64(victimData), uint64(0), uint64(victimSize), uint64(0x1000))
	b.Write(code)
	return b.Bytes()
}

// victim is the program on disk.
type victim struct {
	path    string
	handler uint64
}

func newVictim(t *testing.T) victim {
	t.Helper()
	code, labels := assemble(victimLines)
	path := filepath.Join(t.TempDir(), "victim")
	// A process that is forked while the file is open for writing would keep it
	// from being executed (ETXTBSY).
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, elf(code), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return victim{path, uint64(victimCode + 64 + 2*56 + labels["handler"])}
}

// permitAll is the filter that does nothing: return SECCOMP_RET_ALLOW. What a
// call gives under it is what the kernel gives; that it sets no_new_privs
// matters to landlock_restrict_self.
var permitAll = filter.Encode([]filter.Instruction{{Code: 0x06, K: 0x7fff0000}})

// bare makes the call with nothing refused.
func (v victim) bare(t *testing.T, j job) outcome {
	t.Helper()
	j.filter = permitAll
	return v.run(t, j)
}

// job is one call to make under one filter.
type job struct {
	filter []byte
	number uint64
	args   [6]uint64
	int80  bool
	// tail is what stands at scratch.
	tail []byte
}

func (v victim) input(j job) []byte {
	out := make([]byte, jobFilter, jobFilter+len(j.filter))
	le := binary.LittleEndian
	le.PutUint16(out[jobProgram:], uint16(len(j.filter)/filter.InstructionSize))
	le.PutUint64(out[jobProgram+8:], victimData+jobFilter)
	le.PutUint64(out[jobNumber:], j.number)
	for i, arg := range j.args {
		le.PutUint64(out[jobArgs+8*i:], arg)
	}
	if j.int80 {
		out[jobInt80] = 1
	}
	const saSiginfo, saRestorer = 4, 0x04000000
	le.PutUint64(out[jobAction:], v.handler)
	le.PutUint64(out[jobAction+8:], saSiginfo|saRestorer)
	le.PutUint64(out[jobAction+16:], v.handler)
	out = append(out, j.filter...)
	if len(j.tail) == 0 {
		return out
	}
	return append(append(out, make([]byte, scratch-victimData-len(out))...), j.tail...)
}

// start loads the filter and executes the program at path, without arguments.
func (v victim) start(t *testing.T, program []byte, path string) outcome {
	t.Helper()
	// argv: a pointer to the path, and the end; the path behind it.
	tail := binary.LittleEndian.AppendUint64(nil, scratch+16)
	tail = binary.LittleEndian.AppendUint64(tail, 0)
	tail = append(append(tail, path...), 0)
	return v.run(t, job{filter: program, number: 59, args: [6]uint64{scratch + 16, scratch, scratch + 8}, tail: tail})
}

// outcome is how a victim ended.
type outcome struct {
	errno   syscall.Errno // what the call gave
	trapped bool
	signal  syscall.Signal
}

func (v victim) run(t *testing.T, j job) outcome {
	t.Helper()
	cmd := exec.Command(v.path)
	cmd.Stdin = bytes.NewReader(v.input(j))
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("the victim did not run: %v", err)
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled():
		return outcome{signal: status.Signal()}
	case status.ExitStatus() == statusNoFilter:
		t.Fatalf("the kernel did not take the filter of %d bytes", len(j.filter))
	case status.ExitStatus() == statusTrapped:
		return outcome{trapped: true}
	}
	return outcome{errno: syscall.Errno(status.ExitStatus())}
}
