package enforce

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// A start waits as long as keyrings come and go, and not much longer than a
// moment where others keep all of them.
func TestKeyringWait(t *testing.T) {
	wait := func(seen func(n int) string) (all time.Duration) {
		var w keyringWait
		for n := range 10000 {
			pause, ok := w.more(seen(n))
			if !ok {
				return all
			}
			all += pause
		}
		t.Fatal("waits for ever")
		return 0
	}
	for name, c := range map[string]struct {
		seen        func(n int) string
		least, most time.Duration
	}{
		"the same ones":   {func(int) string { return "0a 0b " }, keyringStill, keyringStill + time.Second},
		"others each try": {strconv.Itoa, keyringPatience, keyringPatience + time.Second},
		"nobody tells":    {func(int) string { return "" }, keyringPatience, keyringPatience + time.Second},
		"still in the end": {func(n int) string { return strconv.Itoa(min(n, 30)) },
			keyringStill + 4*time.Second, keyringPatience - time.Second},
	} {
		if got := wait(c.seen); got < c.least || got > c.most {
			t.Errorf("%s: %v, not %v to %v", name, got, c.least, c.most)
		}
	}
}

const someKeys = `0f4f076b I--Q---     5 perm 3f030000  1001  1001 keyring   _ses: 1
0fddbb3b I--Q---     4 perm 1f3f0000  1001 65534 keyring   _uid.1001: empty
1036b8eb I--Q---     9 perm 3f030000  1001  1001 keyring   _ses: empty
3f01abcd I--Q---     1   2d 3f010000  1001  1001 user      _ses: 5
`

func TestSessionKeyrings(t *testing.T) {
	if got := sessionKeyrings(someKeys); got != "0f4f076b 1036b8eb " {
		t.Errorf("%q", got)
	}
	// How often one is used says nothing about its end.
	if sessionKeyrings(someKeys) != sessionKeyrings(strings.Replace(someKeys, "     9 ", "    10 ", 1)) {
		t.Error("another number of uses is another keyring")
	}
	if got := sessionKeyrings(""); got != "" {
		t.Errorf("%q", got)
	}
}

func TestKeyHint(t *testing.T) {
	const users = "    0:    13 12/12 5/1000000 74/25000000\n 1001:   207 207/207 200/200 1052/20000\n 1002:     9 9/9 9/200 19999/20000\n"
	for uid, want := range map[int]string{
		1001: "you have 200/200 keys: end some, or let root raise the bound: sysctl -w kernel.keys.maxkeys=2000,",
		1002: "you have 19999/20000 bytes of keys: end some, or let root raise the bound: sysctl -w kernel.keys.maxbytes=200000,",
		0:    "you have 5/1000000 keys: end some, or let root raise the bound: sysctl -w kernel.keys.root_maxkeys=10000000,",
		1003: "each running sandbox has a keyring: end some, or let root raise the bound: sysctl -w kernel.keys.maxkeys=",
	} {
		if got := keyHint(users, uid); !strings.Contains(got, want) {
			t.Errorf("%d: %s", uid, got)
		}
	}
}
