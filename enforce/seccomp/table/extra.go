package table

// extra holds constants that x/sys lacks and conditions want, sorted by name,
// from the kernel's include/uapi: linux/personality.h, linux/ioprio.h,
// asm-generic/ioctls.h and linux/futex.h.
var extra = [...]constant{
	{"ADDR_COMPAT_LAYOUT", 0x200000, 0x200000},
	{"ADDR_LIMIT_3GB", 0x8000000, 0x8000000},
	{"ADDR_NO_RANDOMIZE", 0x40000, 0x40000},
	{"FIOASYNC", 0x5452, 0x5452},
	{"FIOCLEX", 0x5451, 0x5451},
	{"FIONBIO", 0x5421, 0x5421},
	{"FIONCLEX", 0x5450, 0x5450},
	{"FIONREAD", 0x541b, 0x541b},
	{"FUTEX_PRIVATE_FLAG", 0x80, 0x80},
	{"FUTEX_WAIT", 0, 0},
	{"FUTEX_WAKE", 1, 1},
	{"IOPRIO_WHO_PGRP", 2, 2},
	{"IOPRIO_WHO_PROCESS", 1, 1},
	{"IOPRIO_WHO_USER", 3, 3},
	{"PERSONALITY_QUERY", 0xffffffff, 0xffffffff},
	{"PER_LINUX", 0, 0},
	{"READ_IMPLIES_EXEC", 0x400000, 0x400000},
}
