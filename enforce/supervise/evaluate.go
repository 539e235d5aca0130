package supervise

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// More instructions of that machine, which the compiler of policies writes
// (linux/bpf_common.h).
const (
	jump    = unix.BPF_JMP | unix.BPF_JA
	atLeast = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	anyBit  = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	xor     = unix.BPF_ALU | unix.BPF_XOR | unix.BPF_K
)

// evaluate runs a filter over a call as the kernel does, and gives what it
// returns. The kernel keeps the lower half of that to itself, and does not say
// which one of several parts of a filter wanted to be asked. Where the program
// has an instruction that no filter of husk's has, ok is false.
func evaluate(program []byte, n *notification) (value uint32, ok bool) {
	data := n.data()
	var a uint32
	for at := 0; (at+1)*sizeofInstruction <= len(program); at++ {
		ins := program[at*sizeofInstruction:]
		k := binary.LittleEndian.Uint32(ins[4:])
		holds := false
		switch op := binary.LittleEndian.Uint16(ins); op {
		case load:
			if k > uint32(len(data)-4) {
				return 0, false
			}
			a = binary.LittleEndian.Uint32(data[k:])
			continue
		case and:
			a &= k
			continue
		case xor:
			a ^= k
			continue
		case answer:
			return k, true
		case jump:
			at += int(k)
			continue
		case equal:
			holds = a == k
		case atMost:
			holds = a > k
		case atLeast:
			holds = a >= k
		case anyBit:
			holds = a&k != 0
		default:
			return 0, false
		}
		if holds {
			at += int(ins[2])
		} else {
			at += int(ins[3])
		}
	}
	return 0, false
}

// data gives the call as a filter sees it: struct seccomp_data.
func (n *notification) data() (data [64]byte) {
	e := binary.LittleEndian
	e.PutUint32(data[dataNumber:], uint32(n.call))
	e.PutUint32(data[dataArch:], n.arch)
	e.PutUint64(data[8:], n.ip)
	for i, arg := range n.args {
		e.PutUint64(data[dataArg0+8*i:], arg)
	}
	return data
}
