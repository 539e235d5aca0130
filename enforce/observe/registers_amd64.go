package observe

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// NativeArch is the ABI of 64-bit programs.
const NativeArch = unix.AUDIT_ARCH_X86_64

// struct user_regs_struct: 27 registers of 8 bytes.
const (
	registersSize = 27 * 8
	maxRegisters  = 512
)

// Their order.
const (
	r10, r9, r8       = 7, 8, 9
	rax, rdx, rsi     = 10, 12, 13
	rdi, origRax, rip = 14, 15, 16
)

// decode reads a call. One that was put back has its number in both registers;
// rax has the result of any other.
func (*Thread) decode(registers []byte) Call {
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(registers[i*8:]) }
	return Call{
		Number: int64(at(origRax)), PC: at(rip),
		Args:    [6]uint64{at(rdi), at(rsi), at(rdx), at(r10), at(r8), at(r9)},
		putBack: at(rax) == at(origRax),
	}
}

// refuse answers the call that a thread is stopped before with ENOSYS.
func refuse(tid int) error {
	var registers [maxRegisters]byte
	n, err := registerSet(tid, ntPRStatus, registers[:])
	if err != nil {
		return err
	}
	noCall, failed := int64(-1), -int64(unix.ENOSYS)
	binary.LittleEndian.PutUint64(registers[origRax*8:], uint64(noCall))
	binary.LittleEndian.PutUint64(registers[rax*8:], uint64(failed))
	return setRegisterSet(tid, ntPRStatus, registers[:n])
}
