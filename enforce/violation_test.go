package enforce

import (
	"strings"
	"testing"
	"time"
)

func TestLastViolation(t *testing.T) {
	const (
		head   = `[ 5850.5] audit: type=1326 audit(1795522729.988:14311): auid=4294967295 uid=1000 gid=0 ses=1 pid=30496 comm="nice" exe="/usr/bin/nice" `
		native = head + "sig=31 arch=" + nativeAudit + " syscall=140 compat=0 ip=0x7fa66b75fb67 code=0x80000000\n"
		i386   = head + "sig=31 arch=40000003 syscall=20 compat=1 ip=0x40190e code=0x80000000\n"
		x32    = head + "sig=31 arch=" + nativeAudit + " syscall=1073741863 compat=0 ip=0x40190e code=0x80000000\n"
		logged = head + "sig=0 arch=" + nativeAudit + " syscall=140 compat=0 ip=0x7fa66b75fb67 code=0x7ffc0000\n"
	)
	now := time.Unix(1795522730, 0)
	for name, c := range map[string]struct {
		log   string
		uid   int
		now   time.Time
		want  violation
		found bool
	}{
		"one":            {"noise\n" + native + "noise", 1000, now, violation{call: "140", at: "0x7fa66b75fb67"}, true},
		"32-bit":         {i386, 1000, now, violation{"20", "0x40190e", true}, true},
		"x32":            {x32, 1000, now, violation{"1073741863", "0x40190e", true}, true},
		"beside a log":   {logged + native, 1000, now, violation{call: "140", at: "0x7fa66b75fb67"}, true},
		"only a log":     {logged, 1000, now, violation{}, false},
		"two":            {native + native, 1000, now, violation{}, false},
		"another user's": {native, 1001, now, violation{}, false},
		"an old one":     {native, 1000, now.Add(time.Minute), violation{}, false},
		"none":           {"", 1000, now, violation{}, false},
		"cut off":        {strings.TrimPrefix(native, "[ 5850.5] audit: type=13"), 1000, now, violation{}, false},
	} {
		got, found := lastViolation(c.log, c.uid, c.now)
		if found != c.found || found && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, found, c.want)
		}
	}
}
