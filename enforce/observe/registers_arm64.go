package observe

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// NativeArch is the ABI of 64-bit programs.
const NativeArch = unix.AUDIT_ARCH_AARCH64

// struct user_pt_regs: x0 to x30, sp, pc, pstate, 8 bytes each.
const (
	registersSize = 34 * 8
	maxRegisters  = 512
)

const programCounter = 32

// decode reads a call. The kernel forgets a call's number before it looks at
// signals (forget_syscall in arch/arm64/kernel/signal.c), so the number is what
// the program put into x8, if the instruction before the program counter was a
// call.
func (t *Thread) decode(registers []byte) Call {
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(registers[i*8:]) }
	c := Call{Number: int64(int32(at(8))), PC: at(programCounter)}
	for i := range c.Args {
		c.Args[i] = at(i)
	}
	c.putBack = t.calledAt(c.PC)
	return c
}

// calledAt says whether "svc #0" stands before an address, and yes where the
// memory may not be read.
func (t *Thread) calledAt(pc uint64) bool {
	const svc = 0xd4000001
	var instruction [4]byte
	local := []unix.Iovec{{Base: &instruction[0]}}
	local[0].SetLen(len(instruction))
	n, err := unix.ProcessVMReadv(t.ID, local, []unix.RemoteIovec{{Base: uintptr(pc - 4), Len: 4}}, 0)
	return err != nil || n != len(instruction) || binary.LittleEndian.Uint32(instruction[:]) == svc
}

// refuse answers the call that a thread is stopped before with ENOSYS: the number
// is a register set of its own (NT_ARM_SYSTEM_CALL), the result goes to x0.
func refuse(tid int) error {
	const ntSystemCall = 0x404
	var registers [maxRegisters]byte
	n, err := registerSet(tid, ntPRStatus, registers[:])
	if err != nil {
		return err
	}
	failed := -int64(unix.ENOSYS)
	binary.LittleEndian.PutUint64(registers[:], uint64(failed))
	if err := setRegisterSet(tid, ntSystemCall, []byte{0xff, 0xff, 0xff, 0xff}); err != nil {
		return err
	}
	return setRegisterSet(tid, ntPRStatus, registers[:n])
}
