#include "textflag.h"

// func prlimit(resource uintptr, limit *[2]uint64) (result uintptr)
TEXT ·prlimit(SB), NOSPLIT, $0-24
	MOVQ	$302, AX	// prlimit64(2)
	XORL	DI, DI
	MOVQ	resource+0(FP), SI
	XORL	DX, DX
	MOVQ	limit+8(FP), R10
	SYSCALL
	MOVQ	AX, result+16(FP)
	RET
