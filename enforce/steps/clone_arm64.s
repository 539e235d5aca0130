#include "textflag.h"

// func cloneShared(number uintptr, first, second uintptr, c *child) (pid, errno uintptr)
//
// clone3(2) (first: the arguments' address, second: their size) or clone(2)
// (first: flags, second: the stack's end), with memory shared and a stack of
// the child's own. The child finds c in R19, which the system call keeps, and
// never returns: what would be its frame lies on the other stack.
TEXT ·cloneShared(SB), NOSPLIT|NOFRAME, $0-48
	MOVD	number+0(FP), R8
	MOVD	first+8(FP), R0
	MOVD	second+16(FP), R1
	MOVD	c+24(FP), R19
	MOVD	ZR, R2
	MOVD	ZR, R3
	MOVD	ZR, R4
	MOVD	ZR, R5
	SVC
	CBZ	R0, child
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, pid+32(FP)
	MOVD	ZR, errno+40(FP)
	RET
failed:
	MOVD	ZR, pid+32(FP)
	NEG	R0, R0
	MOVD	R0, errno+40(FP)
	RET
child:
	MOVD	ZR, R29
	SUB	$32, RSP
	MOVD	R19, 8(RSP)
	// Through a register: a child that itself starts a helper is no recursion,
	// since each has a stack of its own, which the linker cannot know.
	MOVD	$·childMain(SB), R9
	CALL	(R9)
	BRK

// func vfork(number uintptr) (pid, errno uintptr)
//
// clone(2) with CLONE_VM|CLONE_VFORK|SIGCHLD. The return address is in the
// link register, which survives SVC, so the shared stack can't harm it.
TEXT ·vfork(SB), NOSPLIT|NOFRAME, $0-24
	MOVD	number+0(FP), R8
	MOVD	$0x4111, R0	// CLONE_VM|CLONE_VFORK|SIGCHLD
	MOVD	ZR, R1
	MOVD	ZR, R2
	MOVD	ZR, R3
	MOVD	ZR, R4
	MOVD	ZR, R5
	SVC
	CMN	$4095, R0
	BCC	ok
	MOVD	ZR, pid+8(FP)
	NEG	R0, R0
	MOVD	R0, errno+16(FP)
	RET
ok:
	MOVD	R0, pid+8(FP)
	MOVD	ZR, errno+16(FP)
	RET
