package main

import (
	"fmt"
	"go/constant"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// call is one row of the table of calls; -1 stands for "not there".
type call struct{ amd64, arm64 int }

// spelled gives the kernel's name where x/sys spells another: its arm64 file
// drops the prefix from __NR_newfstatat.
var spelled = map[string]string{"fstatat": "newfstatat"}

// notCalls are SYS_ constants that name something else than a call: the bases
// of number ranges.
var notCalls = map[string]bool{"syscall_mask": true, "oabi_syscall_base": true, "syscall": true, "arch_specific_syscall": true}

// placeholder matches numbers that some architecture keeps free.
var placeholder = regexp.MustCompile(`^(un)?(used|reserved)[0-9]+$`)

// readCalls gathers every call name that any architecture has, with the
// numbers on the two that husk compiles for. A name that exists elsewhere only
// must be known too, so that one profile serves all.
func readCalls(dir string) (map[string]call, error) {
	files, err := filepath.Glob(filepath.Join(dir, "zsysnum_linux_*.go"))
	if err != nil {
		return nil, err
	}
	calls := map[string]call{}
	for _, file := range files {
		arch := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "zsysnum_linux_"), ".go")
		values, err := constantsOf(file)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			name, ok := strings.CutPrefix(v.name, "SYS_")
			if !ok || v.value.Kind() != constant.Int {
				continue
			}
			add(calls, strings.ToLower(name), arch, v)
		}
	}
	if len(calls) < 400 {
		return nil, fmt.Errorf("only %d calls in %s", len(calls), dir)
	}
	return calls, nil
}

func add(calls map[string]call, name, arch string, v named) {
	if n, ok := spelled[name]; ok {
		name = n
	}
	if notCalls[name] || placeholder.MatchString(name) {
		return
	}
	c, ok := calls[name]
	if !ok {
		c = call{-1, -1}
	}
	nr, _ := constant.Int64Val(v.value)
	switch arch {
	case "amd64":
		c.amd64 = int(nr)
	case "arm64":
		c.arm64 = int(nr)
	}
	calls[name] = c
}

func writeCalls(calls map[string]call, prototypes map[string]string) string {
	names := make([]string, 0, len(calls))
	for name := range calls {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("// calls is sorted by name. -1 stands for a call that the architecture lacks;\n")
	b.WriteString("// the last column has one letter per argument, see Type.\n")
	b.WriteString("var calls = [...]Call{\n")
	for _, name := range names {
		types := prototypes[name]
		if _, ok := prototypes[name]; !ok {
			types = "?"
		}
		fmt.Fprintf(&b, "{%q, %d, %d, %q},\n", name, calls[name].amd64, calls[name].arm64, types)
	}
	b.WriteString("}\n")
	return b.String()
}
