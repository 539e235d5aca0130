#include "textflag.h"

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
	MOVD	$-1, R4
	MOVD	R4, pid+8(FP)
	NEG	R0, R0
	MOVD	R0, errno+16(FP)
	RET
ok:
	MOVD	R0, pid+8(FP)
	MOVD	ZR, errno+16(FP)
	RET
