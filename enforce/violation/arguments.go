package violation

import (
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// memory is a program's, at the moment of its end.
type memory interface {
	String(address uint64, limit int) (text string, whole, ok bool)
}

// maxPath bounds how much is read of a path, in bytes.
const maxPath = 256

// paths says which arguments of a call are paths.
var paths = pathArguments(map[string][]int{
	"open creat stat lstat access chdir chroot mkdir rmdir unlink readlink chmod chown lchown execve truncate mknod acct swapon swapoff umount2 statfs uselib":  {0},
	"openat openat2 newfstatat statx faccessat faccessat2 mkdirat unlinkat readlinkat fchmodat fchmodat2 fchownat execveat mknodat utimensat inotify_add_watch": {1},
	"rename link symlink pivot_root mount": {0, 1},
	"renameat renameat2 linkat":            {1, 3},
	"symlinkat":                            {0, 2},
})

func pathArguments(of map[string][]int) map[string][]int {
	all := map[string][]int{}
	for names, at := range of {
		for _, name := range words(names) {
			all[name] = at
		}
	}
	return all
}

// rendered writes a call as in C: socket(AF_INET, SOCK_STREAM, 0). What is in
// the program's memory is not looked at, but for paths.
func rendered(call table.Call, goarch string, args [6]uint64, m memory) string {
	var out []string
	for i, value := range args {
		kind, ok := call.Arg(i)
		if !ok {
			break
		}
		if kind == table.Unknown {
			return call.Name + "(…)"
		}
		out = append(out, argument(call.Name, i, kind, goarch, value, m))
	}
	return call.Name + "(" + strings.Join(out, ", ") + ")"
}

func argument(call string, i int, kind table.Type, goarch string, value uint64, m memory) string {
	value = narrowed(kind, value)
	if names, ok := named[call][i]; ok {
		if text, ok := names.name(goarch, value); ok {
			return text
		}
	}
	switch {
	case kind == table.Pointer && value == 0:
		return "NULL"
	case kind == table.Pointer:
		for _, at := range paths[call] {
			if text, whole, ok := "", false, false; at == i {
				if text, whole, ok = m.String(value, maxPath); ok {
					return quoted(text, whole)
				}
			}
		}
		return hex(value)
	case kind == table.Uint16 && value != 0: // a mode
		return "0" + strconv.FormatUint(value, 8)
	case kind.Signed():
		return strconv.FormatInt(int64(value), 10)
	case value < 1<<16:
		return strconv.FormatUint(value, 10)
	}
	return hex(value)
}

// narrowed is what the kernel reads of a register: the type's bits, with the
// sign where it has one.
func narrowed(kind table.Type, value uint64) uint64 {
	unused := 64 - kind.Bits()
	if kind.Signed() {
		return uint64(int64(value<<unused) >> unused)
	}
	return value << unused >> unused
}

// quoted writes a text of the program's in quotes, with all that could be a
// command to a terminal written out.
func quoted(text string, whole bool) string {
	text = strconv.QuoteToGraphic(text)
	if !whole {
		text += "…"
	}
	return text
}
