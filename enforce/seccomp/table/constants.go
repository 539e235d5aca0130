package table

import "sort"

type constant struct {
	name         string
	amd64, arm64 int64
}

type errno struct {
	name  string
	value uint16
}

// Constant gives the value of a symbolic constant (AF_UNIX, O_CREAT, SIGKILL …)
// on goarch.
func Constant(goarch, name string) (int64, bool) {
	for _, table := range [][]constant{constants[:], extra[:]} {
		i := sort.Search(len(table), func(i int) bool { return table[i].name >= name })
		if i < len(table) && table[i].name == name {
			if goarch == "amd64" {
				return table[i].amd64, true
			}
			return table[i].arm64, true
		}
	}
	return 0, false
}

// Constants lists the names of all symbolic constants.
func Constants() []string {
	out := make([]string, 0, len(constants)+len(extra))
	for _, c := range constants {
		out = append(out, c.name)
	}
	for _, c := range extra {
		out = append(out, c.name)
	}
	sort.Strings(out)
	return out
}

// Errno gives the number of an error (EPERM, ENOSYS …), the same on every
// architecture that husk compiles for.
func Errno(name string) (uint16, bool) {
	i := sort.Search(len(errnos), func(i int) bool { return errnos[i].name >= name })
	if i == len(errnos) || errnos[i].name != name {
		return 0, false
	}
	return errnos[i].value, true
}

// Errnos lists the names of all errors.
func Errnos() []string {
	out := make([]string, 0, len(errnos))
	for _, e := range errnos {
		out = append(out, e.name)
	}
	return out
}
