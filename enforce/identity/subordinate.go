// Package identity finds and holds the user and group that a program of its
// own identity runs as: a pair of subordinate ids (subuid(5), subgid(5)) of
// whoever starts it, one per profile ("dedicated") or one per run ("unique").
// It knows no profile and no sandbox.
package identity

import (
	"errors"
	"strconv"
	"strings"
)

// Pair is a user and a group.
type Pair struct{ UID, GID int }

// Range is a run of ids that somebody may use.
type Range struct{ First, Count int }

// last is the highest id: the one above it, -1, means "no change" to the calls
// that take ids (setresuid(2)).
const last = 1<<32 - 2

// contains says whether id lies in one of the ranges.
func contains(ranges []Range, id int) bool {
	for _, r := range ranges {
		if id >= r.First && id-r.First < r.Count {
			return true
		}
	}
	return false
}

// count gives how many ids the ranges hold.
func count(ranges []Range) int {
	n := 0
	for _, r := range ranges {
		n += r.Count
	}
	return n
}

// nth gives the i-th id of the ranges.
func nth(ranges []Range, i int) int {
	for _, r := range ranges {
		if i < r.Count {
			return r.First + i
		}
		i -= r.Count
	}
	return -1
}

// Ranges reads what the text of /etc/subuid or /etc/subgid gives to a user, who
// stands there by name or by number: "user:first:count" (subuid(5)). A line of
// somebody else is no matter, whatever it looks like.
func Ranges(text, name string, uid int) ([]Range, error) {
	var ranges []Range
	for _, line := range strings.Split(text, "\n") {
		who, rest, ok := strings.Cut(line, ":")
		if !ok || who == "" || (who != name && who != strconv.Itoa(uid)) {
			continue
		}
		first, number, ok := strings.Cut(rest, ":")
		from, errFirst := strconv.Atoi(first)
		n, errCount := strconv.Atoi(number)
		if !ok || errFirst != nil || errCount != nil || from <= 0 || n < 0 || n > last || from > last-n {
			return nil, errors.New("the line " + strconv.Quote(line) + " is not of the form user:first:count")
		}
		if n > 0 {
			ranges = append(ranges, Range{from, n})
		}
	}
	return ranges, nil
}

// Name finds the login name of a uid in the text of /etc/passwd; "" where it
// isn't there, as for users that come from a directory service.
func Name(passwd string, uid int) string {
	number := strconv.Itoa(uid)
	for _, line := range strings.Split(passwd, "\n") {
		fields := strings.SplitN(line, ":", 4)
		if len(fields) == 4 && fields[2] == number {
			return fields[0]
		}
	}
	return ""
}

// Own is the range of a root user to whom /etc/subuid gives none. It lies among
// the ids from 1879048192 to 2147352575, which systemd's list of uid ranges
// calls unused.
var Own = Range{1879048192, 65536}

// Overlaps says whether a range of anybody in the text of a subuid(5) file
// shares ids with r.
func Overlaps(text string, r Range) bool {
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Split(line, ":")
		if len(fields) != 3 {
			continue
		}
		first, errFirst := strconv.Atoi(fields[1])
		n, errCount := strconv.Atoi(fields[2])
		if errFirst == nil && errCount == nil && first < r.First+r.Count && r.First < first+n {
			return true
		}
	}
	return false
}
