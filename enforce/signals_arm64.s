#include "textflag.h"

// The handler of every signal that the wrapper passes on: it writes the
// signal's number, one byte, to a pipe and returns. It needs nothing of Go's, so
// that it may run on any thread at any moment. The kernel calls it with the
// number in R0 and the restorer in the link register (sigaction(2)).
TEXT ·signalHandler(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	SUB	$16, RSP
	MOVD	R0, 0(RSP)
	MOVW	·signalPipe(SB), R0
	MOVD	RSP, R1
	MOVD	$1, R2
	MOVD	$64, R8	// write(2)
	SVC
	ADD	$16, RSP
	RET

// rt_sigreturn(2).
TEXT ·signalRestorer(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD	$139, R8
	SVC
	BRK

// func signalCode() (handler, restorer uintptr)
TEXT ·signalCode(SB), NOSPLIT, $0-16
	MOVD	$·signalHandler(SB), R0
	MOVD	R0, handler+0(FP)
	MOVD	$·signalRestorer(SB), R0
	MOVD	R0, restorer+8(FP)
	RET
