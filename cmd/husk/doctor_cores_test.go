package main

import (
	"strings"
	"testing"
)

func TestCrashHandler(t *testing.T) {
	t.Parallel()
	const unlimited = ^uint64(0)
	for _, c := range []struct {
		pattern string
		hard    uint64
		want    string
	}{
		{"core", 0, ""},
		{"/var/cores/%e.|x", 0, ""},
		{"|/usr/share/apport/apport -p%p", unlimited, ""},
		{"|/usr/share/apport/apport -p%p", 1, ""},
		{"|/usr/share/apport/apport -p%p", 0, "starts /usr/share/apport/apport, outside"},
		{"| /usr/bin/taker", 0, "starts /usr/bin/taker, outside"},
		{"@/run/coredump.socket", unlimited, "the service at /run/coredump.socket,"},
		{"@@/run/coredump.socket", 0, "the service at /run/coredump.socket,"},
	} {
		text, hint := crashHandler(c.pattern, c.hard)
		if (c.want == "") != (text == "") || !strings.Contains(text, c.want) || (hint == "") != (text == "") {
			t.Errorf("%q with %d: %q, %q", c.pattern, c.hard, text, hint)
		}
	}
}
