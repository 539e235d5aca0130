#include "textflag.h"

// The handler of every signal that the wrapper passes on: it writes the
// signal's number, one byte, to a pipe and returns. It needs nothing of Go's, so
// that it may run on any thread at any moment. The kernel calls it with the
// number in DI and the restorer as return address (sigaction(2)).
TEXT ·signalHandler(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	SUBQ	$24, SP
	MOVQ	DI, 0(SP)
	MOVL	·signalPipe(SB), DI
	MOVQ	SP, SI
	MOVL	$1, DX
	MOVL	$1, AX	// write(2)
	SYSCALL
	ADDQ	$24, SP
	RET

// x86-64 has no restorer of its own: rt_sigreturn(2).
TEXT ·signalRestorer(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL	$15, AX
	SYSCALL
	INT	$3

// func signalCode() (handler, restorer uintptr)
TEXT ·signalCode(SB), NOSPLIT, $0-16
	LEAQ	·signalHandler(SB), AX
	MOVQ	AX, handler+0(FP)
	LEAQ	·signalRestorer(SB), AX
	MOVQ	AX, restorer+8(FP)
	RET
