package enforce

import (
	"errors"
	"strings"
)

// busAddress is where a message bus listens (D-Bus Specification, "Server
// Addresses"): a unix socket, with a pathname or abstract.
type busAddress struct {
	path     string // "" for an abstract one
	abstract string
}

// parseBusAddress reads an address list and gives its first entry. Only unix
// sockets are taken: other transports start programs (unixexec, autolaunch) or
// have no owner (tcp). runtime is the caller's runtime directory, "" for none.
func parseBusAddress(list, runtime string) (a busAddress, err error) {
	first, _, _ := strings.Cut(list, ";")
	transport, rest, ok := strings.Cut(first, ":")
	if !ok || transport != "unix" {
		return a, errors.New("its address is " + first + ", which is no unix socket")
	}
	for _, pair := range strings.Split(rest, ",") {
		key, value, _ := strings.Cut(pair, "=")
		value, err := unescapeBus(value)
		if err != nil {
			return a, err
		}
		switch key {
		case "path":
			a.path = value
		case "abstract":
			a.abstract = value
		case "runtime":
			if value == "yes" && runtime != "" {
				a.path = runtime + "/bus"
			}
		}
	}
	if (a.path == "") == (a.abstract == "") || a.path != "" && a.path[0] != '/' {
		return a, errors.New("its address is " + first + ", which names no unix socket by an absolute path or an abstract name")
	}
	return a, nil
}

// String gives the address as the bus's clients take it.
func (a busAddress) String() string {
	if a.path == "" {
		return "unix:abstract=" + escapeBus(a.abstract)
	}
	return "unix:path=" + escapeBus(a.path)
}

const hexDigits = "0123456789abcdef"

// plainInBus says which bytes stand for themselves in an address.
func plainInBus(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-_/.\\*", c) >= 0
}

func escapeBus(s string) string {
	var b []byte
	for i := range len(s) {
		if c := s[i]; plainInBus(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}

func unescapeBus(s string) (string, error) {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("its address ends in a part of an escape")
		}
		high, low := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
		if high < 0 || low < 0 {
			return "", errors.New("its address has an escape that is none")
		}
		b = append(b, byte(high<<4|low))
		i += 2
	}
	if strings.IndexByte(string(b), 0) >= 0 {
		return "", errors.New("its address has a NUL byte")
	}
	return string(b), nil
}
