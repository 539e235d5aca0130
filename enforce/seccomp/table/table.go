package table

//go:generate go run ./gen -kernel /usr/src/linux-headers-6.12-common

import (
	"sort"
	"sync"
)

// Call is one system call: its name, its number on each architecture (-1 where
// it does not exist), and its argument types, one letter each ("?" alone where
// they are not known). See [Type].
type Call struct {
	Name         string
	AMD64, ARM64 int16
	Types        string
}

// Architectures lists the values of goarch that the tables know.
func Architectures() []string { return []string{"amd64", "arm64"} }

// Calls gives every call that any Linux architecture has, sorted by name.
func Calls() []Call { return calls[:] }

// Find gives the call of that name.
func Find(name string) (Call, bool) {
	i := sort.Search(len(calls), func(i int) bool { return calls[i].Name >= name })
	if i == len(calls) || calls[i].Name != name {
		return Call{}, false
	}
	return calls[i], true
}

// Number gives the call's number on goarch; false where it has none.
func (c Call) Number(goarch string) (int, bool) {
	nr := c.AMD64
	if goarch != "amd64" {
		nr = c.ARM64
	}
	return int(nr), nr >= 0 && known(goarch)
}

// Name gives the name of call number nr on goarch; false where there is none.
func Name(goarch string, nr int) (string, bool) {
	byNumber := ByNumber(goarch)
	if nr < 0 || nr >= len(byNumber) || byNumber[nr] == nil {
		return "", false
	}
	return byNumber[nr].Name, true
}

// ByNumber gives the calls of goarch, indexed by number; nil stands for a
// number without a call. The result is shared: do not change it.
func ByNumber(goarch string) []*Call {
	switch goarch {
	case "amd64":
		return amd64ByNumber()
	case "arm64":
		return arm64ByNumber()
	}
	return nil
}

var (
	amd64ByNumber = sync.OnceValue(func() []*Call { return byNumber("amd64") })
	arm64ByNumber = sync.OnceValue(func() []*Call { return byNumber("arm64") })
)

func byNumber(goarch string) []*Call {
	var out []*Call
	for i := range calls {
		nr, ok := calls[i].Number(goarch)
		if !ok {
			continue
		}
		for len(out) <= nr {
			out = append(out, nil)
		}
		out[nr] = &calls[i]
	}
	return out
}

func known(goarch string) bool { return goarch == "amd64" || goarch == "arm64" }
