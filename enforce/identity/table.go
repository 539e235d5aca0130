package identity

import (
	"errors"
	"strconv"
	"strings"
)

// entry is one line of the table of dedicated identities.
type entry struct {
	pair    Pair
	profile string
}

// parseTable reads "uid gid profile" lines. A line that is none is an error: a
// pair that is given to a profile must never be given to another one.
func parseTable(text string) ([]entry, error) {
	var table []entry
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		e, ok := parseEntry(line)
		if !ok {
			return nil, errors.New("line " + strconv.Itoa(i+1) + " is not of the form \"uid gid profile\"")
		}
		for _, other := range table {
			if other.profile == e.profile || other.pair.UID == e.pair.UID || other.pair.GID == e.pair.GID {
				return nil, errors.New("line " + strconv.Itoa(i+1) + " repeats what " + other.profile + " has")
			}
		}
		table = append(table, e)
	}
	return table, nil
}

func parseEntry(line string) (entry, bool) {
	fields := strings.Split(line, " ")
	if len(fields) != 3 || fields[2] == "" {
		return entry{}, false
	}
	uid, errUID := strconv.Atoi(fields[0])
	gid, errGID := strconv.Atoi(fields[1])
	return entry{Pair{uid, gid}, fields[2]}, errUID == nil && errGID == nil && uid > 0 && gid > 0
}

func formatTable(table []entry) string {
	var b strings.Builder
	for _, e := range table {
		b.WriteString(strconv.Itoa(e.pair.UID) + " " + strconv.Itoa(e.pair.GID) + " " + e.profile + "\n")
	}
	return b.String()
}

// find gives a profile's pair.
func find(table []entry, profile string) (Pair, bool) {
	for _, e := range table {
		if e.profile == profile {
			return e.pair, true
		}
	}
	return Pair{}, false
}

// taken says whether a dedicated identity has one of the two ids.
func taken(table []entry, p Pair) bool {
	for _, e := range table {
		if e.pair.UID == p.UID || e.pair.GID == p.GID {
			return true
		}
	}
	return false
}
