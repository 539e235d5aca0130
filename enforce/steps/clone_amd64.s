#include "textflag.h"

// func cloneShared(number uintptr, first, second uintptr, c *child) (pid, errno uintptr)
//
// clone3(2) (first: the arguments' address, second: their size) or clone(2)
// (first: flags, second: the stack's end), with memory shared and a stack of
// the child's own. The child finds c in R13, which the system call keeps, and
// never returns: what would be its return address lies on the other stack.
TEXT ·cloneShared(SB), NOSPLIT|NOFRAME, $0-48
	MOVQ	number+0(FP), AX
	MOVQ	first+8(FP), DI
	MOVQ	second+16(FP), SI
	MOVQ	c+24(FP), R13
	XORL	DX, DX
	XORL	R10, R10
	XORL	R8, R8
	XORL	R9, R9
	SYSCALL
	TESTQ	AX, AX
	JEQ	child
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, pid+32(FP)
	MOVQ	$0, errno+40(FP)
	RET
failed:
	MOVQ	$0, pid+32(FP)
	NEGQ	AX
	MOVQ	AX, errno+40(FP)
	RET
child:
	XORL	BP, BP
	ANDQ	$~15, SP
	SUBQ	$32, SP
	MOVQ	R13, 0(SP)
	// Through a register: a child that itself starts a helper is no recursion,
	// since each has a stack of its own, which the linker cannot know.
	MOVQ	$·childMain(SB), AX
	CALL	AX
	INT	$3

// func vfork(number uintptr) (pid, errno uintptr)
//
// clone(2) with CLONE_VM|CLONE_VFORK|SIGCHLD. The child runs on this very
// stack until it executes a program, and what it calls overwrites the return
// address that CALL put there. So it is kept in a register across the system
// call, for both of them (R12 survives SYSCALL).
TEXT ·vfork(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ	number+0(FP), AX
	MOVQ	$0x4111, DI	// CLONE_VM|CLONE_VFORK|SIGCHLD
	XORL	SI, SI
	XORL	DX, DX
	XORL	R10, R10
	XORL	R8, R8
	XORL	R9, R9
	POPQ	R12
	SYSCALL
	PUSHQ	R12
	CMPQ	AX, $0xfffffffffffff001
	JCS	ok
	MOVQ	$0, pid+8(FP)
	NEGQ	AX
	MOVQ	AX, errno+16(FP)
	RET
ok:
	MOVQ	AX, pid+8(FP)
	MOVQ	$0, errno+16(FP)
	RET
