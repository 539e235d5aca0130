package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTranslate(t *testing.T) {
	text := `   0  init     map        /proc/self/setgroups "deny"
   1  init     mount      tmpfs at /proc (mode=755,size=4m)
   2  init     symlink    bin -> usr/bin
   3  init     mkdir      dev
   4  init     bind       /dev/null at dev/null, writable
   5  init     bind       /usr at usr, read-only, with what is mounted below
   6  init     bind       /tmp/husk-0-x-SESSION at tmp/husk-0-x-SESSION, writable
   7  init     file       etc/passwd (40 bytes)
   8  init     mount      proc at proc (hidepid=ptraceable)
   9  init     file       .husk-empty removed
  10  program  exec       /bin/true
`
	want := strings.Fields(`l bin usr/bin d dev b /dev/null dev/null wf b /usr usr r b /place/session tmp/husk-0-x-SESSION w c etc/passwd 40 m proc proc hidepid=ptraceable u .husk-empty`)
	got, mounts, err := translate(text, "/place/session")
	if err != nil || mounts != 4 || !slices.Equal(got, want) {
		t.Errorf("got %q, %d, %v, want %q", got, mounts, err, want)
	}
}

func TestTranslateRefuses(t *testing.T) {
	for _, text := range []string{
		"", "0 init mkdir dev\n", "0 init bind nowhere\n", "0 init file nothing\n", "0 init mount tmpfs\n",
	} {
		if got, _, err := translate(text, "/place/session"); err == nil {
			t.Errorf("%q was taken for %q", text, got)
		}
	}
}
