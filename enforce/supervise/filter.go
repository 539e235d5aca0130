package supervise

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Instructions of the classic BPF machine that the filters are made of
// (linux/bpf_common.h), and where struct seccomp_data has its fields.
const (
	load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	atMost = unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K
	and    = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	answer = unix.BPF_RET | unix.BPF_K

	dataNumber = 0
	dataArch   = 4
	dataArg0   = 16 // the low half: both architectures are little-endian
	dataArg1   = 24
	dataArg5   = 56

	sizeofInstruction = 8
)

// socketType is SOCK_TYPE_MASK (linux/net.h): the flags lie above.
const socketType = 0xf

// foreignCalls are the numbers from which on a call is an x32 one; arm64 has no
// numbers there.
const foreignCalls = 0x40000000

// Filter gives a program for seccomp(2), an array of struct sock_filter, that
// hands connect(2) and listen(2) to the listener and keeps the program from
// making unix sockets that reach others without connecting. Everything else it
// permits: it stands beside the profile's filter, and the stricter answer of
// the two holds.
func Filter() []byte {
	return program([]numbered{
		{unix.SYS_CONNECT, unix.SECCOMP_RET_USER_NOTIF},
		{unix.SYS_LISTEN, unix.SECCOMP_RET_USER_NOTIF},
	}, unix.SYS_SOCKET, unix.SYS_SOCKETPAIR)
}

// LoggingFilter notifies as the plan's second filter says (plan.Syscalls,
// LogProgram); with sockets also as [Filter] does: a process may have one
// listener only (seccomp(2), EBUSY), so both are one program.
//
// husk's own calls between this filter and the program must not be asked about:
// the one that sends the listener to who would answer could never be. They have
// the token in their sixth argument, which neither call reads. It is a new random
// number at every start, so that the program cannot use it to keep a call out
// of the log.
func LoggingFilter(logged []byte, token uint64, sockets bool) []byte {
	p := exempt(token)
	if sockets {
		p = append(p, before(Filter(), logged)...)
	} else {
		p = append(p, logged...)
	}
	return p
}

// exempt permits what husk does itself while the filter holds, and leaves
// everything else to what follows. Only the two calls are looked at more closely:
// the kernel answers others from its per-call cache.
func exempt(token uint64) []byte {
	var p code
	p.add(load, dataNumber, 0, 0)
	p.add(equal, unix.SYS_SENDMSG, 1, 0)
	p.add(equal, unix.SYS_SECCOMP, 0, 5)
	p.add(load, dataArg5, 0, 0)
	p.add(equal, uint32(token), 0, 3)
	p.add(load, dataArg5+4, 0, 0)
	p.add(equal, uint32(token>>32), 0, 1)
	p.add(answer, unix.SECCOMP_RET_ALLOW, 0, 0)
	return p
}

// before puts a filter before another one: where the first one permits, the
// second one is asked.
func before(first, second []byte) []byte {
	var p code
	last := len(first)/sizeofInstruction - 1
	for i := range last + 1 {
		ins := first[i*sizeofInstruction : (i+1)*sizeofInstruction]
		permit := binary.LittleEndian.Uint16(ins) == answer && binary.LittleEndian.Uint32(ins[4:]) == unix.SECCOMP_RET_ALLOW
		if permit {
			p.add(jump, uint32(last-i), 0, 0)
		} else {
			p = append(p, ins...)
		}
	}
	return append(p, second...)
}

// ClosedFilter is for a program that nobody waits for: it makes no unix sockets
// but connected pairs.
func ClosedFilter() []byte { return program(nil, 0, unix.SYS_SOCKETPAIR) }

// numbered is a call with its answer.
type numbered struct{ call, answer uint32 }

// program writes a filter: listed calls get their answer; socket, where it is
// 0, makes no unix socket at all; the others make none of a connectionless type.
// A foreign call gets ENOSYS here and whatever the profile's filter says.
func program(listed []numbered, typed ...uint32) []byte {
	const refuse = unix.SECCOMP_RET_ERRNO
	var p code
	p.add(load, dataArch, 0, 0)
	p.add(equal, nativeArch, 1, 0)
	p.add(answer, refuse|uint32(unix.ENOSYS), 0, 0)
	p.add(load, dataNumber, 0, 0)
	p.add(atMost, foreignCalls-1, 0, 1)
	p.add(answer, refuse|uint32(unix.ENOSYS), 0, 0)
	for _, c := range listed {
		p.add(equal, c.call, 0, 1)
		p.add(answer, c.answer, 0, 0)
	}
	for _, call := range typed {
		if call == 0 {
			p.add(equal, unix.SYS_SOCKET, 0, 4)
			p.add(load, dataArg0, 0, 0)
			p.add(equal, unix.AF_UNIX, 0, 1)
			p.add(answer, refuse|uint32(unix.EACCES), 0, 0)
			p.add(answer, unix.SECCOMP_RET_ALLOW, 0, 0)
			continue
		}
		p.add(equal, call, 0, 8)
		p.add(load, dataArg0, 0, 0)
		p.add(equal, unix.AF_UNIX, 0, 5)
		p.add(load, dataArg1, 0, 0)
		p.add(and, socketType, 0, 0)
		p.add(equal, unix.SOCK_STREAM, 2, 0)
		p.add(equal, unix.SOCK_SEQPACKET, 1, 0)
		p.add(answer, refuse|uint32(unix.EACCES), 0, 0)
		p.add(answer, unix.SECCOMP_RET_ALLOW, 0, 0)
	}
	p.add(answer, unix.SECCOMP_RET_ALLOW, 0, 0)
	return p
}

// code is an array of struct sock_filter.
type code []byte

func (p *code) add(op uint16, k uint32, yes, no uint8) {
	*p = binary.LittleEndian.AppendUint16(*p, op)
	*p = append(*p, yes, no)
	*p = binary.LittleEndian.AppendUint32(*p, k)
}
