#include "textflag.h"

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
	JLS	ok
	MOVQ	$-1, pid+8(FP)
	NEGQ	AX
	MOVQ	AX, errno+16(FP)
	RET
ok:
	MOVQ	AX, pid+8(FP)
	MOVQ	$0, errno+16(FP)
	RET
