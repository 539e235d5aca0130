package rules

import "strings"

// Name gives a host name in the one form that rules are compared in: lower
// case, without the trailing dot of an absolute one. ok is false for what no
// host can be called (RFC 1123, 2.1; underscores as services use them): a NUL,
// a label that is too long, letters outside of ASCII, whose form that is asked
// for is another one (RFC 5891), or digits that read as an address.
func Name(s string) (name string, ok bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 {
		return "", false
	}
	s = strings.ToLower(s)
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return "", false
		}
		last = label
	}
	return s, strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
