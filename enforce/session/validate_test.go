package session

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestValidateTrusts(t *testing.T) {
	dir := trusted(t)
	real := mkdir(t, 0o755, dir, "real", "tmp")
	shared := mkdir(t, 0o777|os.ModeSticky, dir, "shared")
	inShared := mkdir(t, 0o700, shared, "mine")
	absolute := symlink(t, real, dir, "absolute")
	symlink(t, "real", dir, "relative")
	symlink(t, "absolute", dir, "chain")
	symlink(t, "../shared/mine", dir, "real", "up")
	for name, c := range map[string]struct{ dir, want string }{
		"a directory of the caller's":      {real, real},
		"with a slash at the end":          {real + "/", real},
		"with slashes and dots":            {dir + "//real/./tmp", real},
		"with dots out and in again":       {dir + "/shared/../real/tmp", real},
		"a sticky one for everybody":       {shared, shared},
		"the caller's in a sticky one":     {inShared, inShared},
		"the caller's link":                {absolute, real},
		"the caller's relative link":       {dir + "/relative/tmp", real},
		"a chain of the caller's":          {dir + "/chain", real},
		"a link with dots":                 {dir + "/real/up", inShared},
		"root's directory":                 {"/usr", "/usr"},
		"the root itself, which is root's": {"/", "/"},
	} {
		got, err := Validate(c.dir, euid)
		if err != nil || got != c.want {
			t.Errorf("%s: Validate(%q) = %q, %v; want %q", name, c.dir, got, err, c.want)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	dir := trusted(t)
	file := write(t, "", dir, "file")
	for _, mode := range []os.FileMode{0o770, 0o707, 0o777, 0o722, 0o777 | os.ModeSetgid} {
		mkdir(t, mode, dir, "open"+strconv.FormatUint(uint64(mode), 8))
	}
	mkdir(t, 0o700, dir, "open777", "below")
	symlink(t, "open777/below", dir, "throughOpen")
	symlink(t, "loop", dir, "loop")
	symlink(t, "nothing", dir, "dangling")
	symlink(t, "file", dir, "toFile")
	const open = "may be written by others and is not sticky"
	for name, c := range map[string]struct {
		dir   string
		words []string
	}{
		"nothing":                   {"", []string{"not an absolute path"}},
		"a relative path":           {"tmp", []string{`"tmp"`, "not an absolute path"}},
		"a path with a NUL":         {dir + "\x00/x", []string{"invalid argument"}},
		"what is missing":           {dir + "/none", []string{dir + "/none", "no such file"}},
		"missing below missing":     {dir + "/none/at/all", []string{dir + "/none:", "no such file"}},
		"a file":                    {file, []string{file + " is not a directory"}},
		"something below a file":    {file + "/x", []string{file + " is not a directory"}},
		"a link to a file":          {dir + "/toFile", []string{file + " is not a directory"}},
		"a device":                  {"/dev/null", []string{"/dev/null is not a directory"}},
		"a dangling link":           {dir + "/dangling", []string{dir + "/dangling", "no such file"}},
		"a link to itself":          {dir + "/loop", []string{dir + "/loop", "too many"}},
		"writable by the group":     {dir + "/open770", []string{dir + "/open770 " + open}},
		"writable by others":        {dir + "/open707", []string{dir + "/open707 " + open}},
		"writable by all":           {dir + "/open777", []string{dir + "/open777 " + open}},
		"writable but not readable": {dir + "/open722", []string{dir + "/open722 " + open}},
		"set-gid instead of sticky": {dir + "/open" + strconv.FormatUint(uint64(0o777|os.ModeSetgid), 8), []string{open}},
		"a parent that is writable": {dir + "/open777/below", []string{dir + "/open777 " + open}},
		"a link into such a parent": {dir + "/throughOpen", []string{dir + "/open777 " + open}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Validate(c.dir, euid)
			wantRefusal(t, err, c.words...)
			if got != "" {
				t.Errorf("a refused directory still has a name: %q", got)
			}
		})
	}
}

func TestValidateCountsLinks(t *testing.T) {
	dir := trusted(t)
	mkdir(t, 0o700, dir, "0")
	for i := range maxLinks + 1 {
		symlink(t, strconv.Itoa(i), dir, strconv.Itoa(i+1))
	}
	// The kernel's own bound is the same, so both ends are tried.
	if _, err := Validate(filepath.Join(dir, strconv.Itoa(maxLinks)), euid); err != nil {
		t.Errorf("%d links: %v", maxLinks, err)
	}
	_, err := Validate(filepath.Join(dir, strconv.Itoa(maxLinks+1)), euid)
	wantRefusal(t, err, "too many")
}

// A link must belong to whoever owns what it points to. An ordinary user's link
// to one of root's directories breaks that without any help from others.
func TestValidateRefusesLinksToOthers(t *testing.T) {
	dir := trusted(t)
	target := "/usr"
	if euid == 0 {
		target = mkdir(t, 0o755, dir, "theirs")
		giveAway(t, target)
	}
	link := symlink(t, target, dir, "link")
	_, err := Validate(link, euid)
	wantRefusal(t, err, link+" is a link of user "+strconv.Itoa(euid), "something that belongs to user")
	_, err = Validate(link+"/lib", euid)
	wantRefusal(t, err, link+" is a link of user")

	own := symlink(t, mkdir(t, 0o700, dir, "own"), dir, "ownLink")
	if _, err := Validate(own, euid); err != nil {
		t.Errorf("the same with a directory of one's own: %v", err)
	}
}

// The caller is somebody else here: what root or the user made is a stranger's.
func TestValidateRefusesStrangers(t *testing.T) {
	dir := trusted(t)
	below := mkdir(t, 0o700, dir, "below")
	if euid != 0 {
		// Everything on the way is root's or the user's; for another user the
		// first directory of this user's is the end.
		_, err := Validate(below, stranger)
		wantRefusal(t, err, "belongs to user "+strconv.Itoa(euid))
		return
	}
	link := symlink(t, below, dir, "link")
	if _, err := Validate(link, 0); err != nil {
		t.Fatalf("before it was given away: %v", err)
	}
	giveAway(t, link)
	_, err := Validate(link, 0)
	wantRefusal(t, err, link+" is a link that belongs to user "+strconv.Itoa(stranger))

	// Both link and target are the stranger's: consistent, and still not root's.
	giveAway(t, below)
	_, err = Validate(link, 0)
	wantRefusal(t, err, link+" is a link that belongs to user")
	_, err = Validate(below, 0)
	wantRefusal(t, err, below+" belongs to user "+strconv.Itoa(stranger))

	inner := mkdir(t, 0o700, below, "inner")
	_, err = Validate(inner, 0)
	wantRefusal(t, err, below+" belongs to user")

	// For the stranger it is right: root's above, the stranger's own below.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Validate(below, stranger); err != nil || got != below {
		t.Errorf("for its owner: %q, %v", got, err)
	}
	_, err = Validate(below, stranger+1)
	wantRefusal(t, err, below+" belongs to user")
}

// A link in root's sticky /tmp that a stranger planted is the oldest of these
// attacks; a chain must not wash it clean.
func TestValidateRefusesAPlantedLinkInAChain(t *testing.T) {
	if euid != 0 {
		// An ordinary user can't plant as somebody else: the user's own link
		// stands for the stranger's, and the stranger asks.
		dir := trusted(t)
		planted := symlink(t, "/usr", dir, "planted")
		_, err := Validate(planted, stranger)
		wantRefusal(t, err, "belongs to user "+strconv.Itoa(euid))
		return
	}
	dir := trusted(t)
	shared := mkdir(t, 0o777|os.ModeSticky, dir, "shared")
	goal := mkdir(t, 0o700, dir, "goal")
	planted := symlink(t, goal, shared, "planted")
	giveAway(t, planted)
	first := symlink(t, planted, dir, "first")
	_, err := Validate(first, 0)
	wantRefusal(t, err, planted, "belongs to user "+strconv.Itoa(stranger))
	if !strings.HasPrefix(err.Error(), planted) {
		t.Errorf("the error does not begin with the link that is to blame: %v", err)
	}
}
