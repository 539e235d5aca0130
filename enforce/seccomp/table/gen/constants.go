package main

import (
	"fmt"
	"go/constant"
	"path/filepath"
	"sort"
	"strings"
)

// wanted are the beginnings of the constants that conditions may use: values
// that system calls take as arguments. The rest of x/sys (netlink attributes,
// file system magic …) never stands in a register.
var wanted = []string{
	"AF_", "AT_", "CLOCK_", "CLONE_", "FALLOC_FL_", "FD_CLOEXEC", "F_", "GRND_", "IPPROTO_", "KEYCTL_",
	"LINUX_REBOOT_", "LOCK_", "MADV_", "MAP_", "MCL_", "MFD_", "MNT_", "MREMAP_", "MSG_", "MS_", "NETLINK_",
	"O_", "PRIO_", "PROT_", "PR_", "PTRACE_", "RENAME_", "RESOLVE_", "RLIMIT_", "RWF_", "SECCOMP_", "SEEK_",
	"SHUT_", "SIG", "SOCK_", "SOL_", "SO_", "STATX_", "S_I", "TCP_", "TC", "TIOC", "UMOUNT_", "WALL", "WCLONE",
	"WCONTINUED", "WEXITED", "WNOHANG", "WNOTHREAD", "WNOWAIT", "WORDSIZE", "WSTOPPED", "WUNTRACED", "XATTR_",
	"IP_", "IPV6_", "SPLICE_F_", "SYNC_FILE_RANGE_", "FAN_", "IN_", "EPOLL", "TFD_", "EFD_", "SFD_", "P_",
}

// value is a constant on both architectures.
type value struct{ amd64, arm64 int64 }

// readConstants gives the symbolic constants and the errors. A constant that
// only one architecture has is left out: a profile serves both.
func readConstants(dir string) (map[string]value, map[string]int64, error) {
	amd64, errnos, err := constantsFor(dir, "amd64")
	if err != nil {
		return nil, nil, err
	}
	arm64, other, err := constantsFor(dir, "arm64")
	if err != nil {
		return nil, nil, err
	}
	for name, v := range errnos {
		if other[name] != v {
			return nil, nil, fmt.Errorf("%s differs between amd64 and arm64", name)
		}
	}
	both := map[string]value{}
	for name, v := range amd64 {
		if w, ok := arm64[name]; ok {
			both[name] = value{v, w}
		}
	}
	return both, errnos, nil
}

func constantsFor(dir, arch string) (constants, errnos map[string]int64, err error) {
	constants, errnos = map[string]int64{}, map[string]int64{}
	for _, file := range []string{"zerrors_linux.go", "ztypes_linux.go", "zerrors_linux_" + arch + ".go", "ztypes_linux_" + arch + ".go"} {
		values, err := constantsOf(filepath.Join(dir, file))
		if err != nil {
			return nil, nil, err
		}
		for _, v := range values {
			n, exact := constant.Int64Val(constant.ToInt(v.value))
			switch {
			case v.value.Kind() != constant.Int || !exact:
			case v.typ == "syscall.Errno":
				errnos[v.name] = n
			case isWanted(v.name):
				constants[v.name] = n
			}
		}
	}
	return constants, errnos, nil
}

func isWanted(name string) bool {
	if name != strings.ToUpper(name) {
		return false
	}
	for _, prefix := range wanted {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func writeConstants(constants map[string]value) string {
	var b strings.Builder
	b.WriteString("// constants is sorted by name; values for amd64 and arm64.\n")
	b.WriteString("var constants = [...]constant{\n")
	for _, name := range sortedKeys(constants) {
		fmt.Fprintf(&b, "{%q, %#x, %#x},\n", name, constants[name].amd64, constants[name].arm64)
	}
	b.WriteString("}\n")
	return b.String()
}

func writeErrnos(errnos map[string]int64) string {
	var b strings.Builder
	b.WriteString("// errnos is sorted by name; the same on amd64 and arm64.\n")
	b.WriteString("var errnos = [...]errno{\n")
	for _, name := range sortedKeys(errnos) {
		fmt.Fprintf(&b, "{%q, %d},\n", name, errnos[name])
	}
	b.WriteString("}\n")
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
