package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// entry gives the call's name where the kernel's function has another one.
var entry = map[string]string{
	"newstat": "stat", "newlstat": "lstat", "newfstat": "fstat", "newuname": "uname",
	"umount": "umount2", "sendfile64": "sendfile", "fadvise64_64": "fadvise64",
	"sched_setscheduler": "sched_setscheduler", "sysctl": "_sysctl", "llseek": "_llseek",
}

// notInHeader are prototypes that include/linux/syscalls.h of 6.12 lacks: the
// architectures' own calls (arch/x86/kernel, arch/x86/include/asm), and what
// came later (the kernel's SYSCALL_DEFINE lines).
var notInHeader = map[string]string{
	"arch_prctl":        "iL", // arch/x86/kernel/process_64.c
	"ioperm":            "LLi",
	"iopl":              "u",
	"modify_ldt":        "ipL",
	"mmap":              "LLLLLL",
	"rt_sigreturn":      "",
	"map_shadow_stack":  "LLu",
	"file_getattr":      "ippLu",
	"file_setattr":      "ippLu",
	"setxattrat":        "ipuppL",
	"getxattrat":        "ipuppL",
	"listxattrat":       "ipupL",
	"removexattrat":     "ipup",
	"open_tree_attr":    "ipupL",
	"listns":            "ppLu",
	"rseq_slice_yield":  "",
	"uretprobe":         "",
	"uprobe":            "",
	"memfd_secret":      "u",
	"fstatfs64":         "uLp",
	"sync_file_range2":  "iuSS",
	"vhangup":           "",
	"fork":              "",
	"vfork":             "",
	"sigreturn":         "",
	"set_thread_area":   "p",
	"get_thread_area":   "p",
	"epoll_ctl_old":     "iiip",
	"epoll_wait_old":    "ipii",
	"riscv_hwprobe":     "pLLpu",
	"set_tls":           "L",
	"cacheflush":        "LLL",
	"sched_setattr":     "ipu",
	"mq_getsetattr":     "ipp",
	"uselib":            "p",
	"ustat":             "up",
	"semtimedop_time64": "ipup",
}

// corrected are arguments whose prototype is wider than what the kernel looks
// at. kernel/fork.c takes lower_32_bits(clone_flags): a rule must not be dodged
// by bits above them.
var corrected = map[string]string{
	"clone": "uLpLp",
}

var prototype = regexp.MustCompile(`(?s)asmlinkage\s+long\s+sys_(\w+)\(([^;]*)\);`)

// readPrototypes gives the argument types of every call in the header, one
// letter each.
func readPrototypes(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, m := range prototype.FindAllStringSubmatch(string(text), -1) {
		name := m[1]
		if n, ok := entry[name]; ok {
			name = n
		}
		types, err := letters(m[2])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m[1], err)
		}
		if _, seen := out[name]; !seen {
			out[name] = types
		}
	}
	if len(out) < 300 {
		return nil, fmt.Errorf("%s: only %d prototypes", file, len(out))
	}
	for _, extra := range []map[string]string{notInHeader, corrected} {
		for name, types := range extra {
			out[name] = types
		}
	}
	return out, nil
}

// scalars maps a C type to its letter, see table.Type.
var scalars = map[string]string{
	"int": "i", "pid_t": "i", "clockid_t": "i", "timer_t": "i", "mqd_t": "i", "key_t": "i", "key_serial_t": "i",
	"__s32": "i", "rwf_t": "i", "const clockid_t": "i", "enum landlock_rule_type": "i",
	"unsigned int": "u", "unsigned": "u", "uid_t": "u", "gid_t": "u", "qid_t": "u", "__u32": "u", "u32": "u",
	"uint32_t": "u", "enum landlock_rule_type const": "u",
	"old_uid_t": "h", "old_gid_t": "h", "umode_t": "h",
	"long": "S", "off_t": "S", "loff_t": "S", "ssize_t": "S", "__s64": "S", "s64": "S",
	"unsigned long": "L", "size_t": "L", "old_sigset_t": "L", "aio_context_t": "L", "u64": "L", "__u64": "L",
	"uint64_t": "L", "unsigned char": "b",
}

var (
	blanks    = regexp.MustCompile(`\s+`)
	argName   = regexp.MustCompile(`^(.*\S)\s+(\w+)$`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	qualifier = regexp.MustCompile(`\b(const|__user|volatile)\b`)
)

func letters(args string) (string, error) {
	args = blanks.ReplaceAllString(comment.ReplaceAllString(args, ""), " ")
	if strings.TrimSpace(args) == "void" {
		return "", nil
	}
	out := ""
	for _, arg := range strings.Split(args, ",") {
		l, err := letter(strings.TrimSpace(arg))
		if err != nil {
			return "", err
		}
		out += l
	}
	return out, nil
}

func letter(arg string) (string, error) {
	if strings.ContainsAny(arg, "*[") || strings.Contains(arg, "sighandler_t") || strings.Contains(arg, "cap_user_") {
		return "p", nil
	}
	arg = strings.TrimSpace(blanks.ReplaceAllString(qualifier.ReplaceAllString(arg, " "), " "))
	if l, ok := scalars[arg]; ok {
		return l, nil
	}
	if m := argName.FindStringSubmatch(arg); m != nil {
		if l, ok := scalars[m[1]]; ok {
			return l, nil
		}
	}
	return "", fmt.Errorf("argument %q has a type that the generator does not know", arg)
}
