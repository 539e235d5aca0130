#include "textflag.h"

// func prlimit(resource uintptr, limit *[2]uint64) (result uintptr)
TEXT ·prlimit(SB), NOSPLIT, $0-24
	MOVD	$261, R8	// prlimit64(2)
	MOVD	ZR, R0
	MOVD	resource+0(FP), R1
	MOVD	ZR, R2
	MOVD	limit+8(FP), R3
	SVC
	MOVD	R0, result+16(FP)
	RET
