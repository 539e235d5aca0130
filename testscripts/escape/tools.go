package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// tool is one way of running the attempts.
type tool struct {
	name string
	// command gives what is run for the program's words; it may prepare the
	// stage for that.
	command func(s *stage, p policy, argv []string) ([]string, error)
}

var (
	nothing    = tool{"nothing", bare}
	bubblewrap = tool{"bubblewrap", bwrapCommand}
	firejail   = tool{"firejail", firejailCommand}
	husk       = tool{"husk", huskCommand}
)

// missing says why a tool can't be run here, "" where it can.
func (t tool) missing() string {
	program := map[string]string{"bubblewrap": "bwrap", "firejail": "firejail"}[t.name]
	if program == "" {
		return ""
	}
	if _, err := exec.LookPath(program); err != nil {
		return program + " is not installed"
	}
	return ""
}

func bare(_ *stage, _ policy, argv []string) ([]string, error) { return argv, nil }

// bwrapCommand is the recipe of bubblewrap's README and its demos: the system
// read-only, its own /proc, /dev and /tmp, every namespace, and the grants.
func bwrapCommand(s *stage, p policy, argv []string) ([]string, error) {
	words := []string{"bwrap", "--ro-bind", "/usr", "/usr"}
	for _, dir := range []string{"lib", "lib64", "bin", "sbin"} {
		info, err := os.Lstat("/" + dir)
		switch {
		case err != nil:
		case info.Mode()&os.ModeSymlink != 0: // a merged /usr
			words = append(words, "--symlink", "usr/"+dir, "/"+dir)
		default:
			words = append(words, "--ro-bind", "/"+dir, "/"+dir)
		}
	}
	for _, name := range []string{"resolv.conf", "passwd", "group"} {
		words = append(words, "--ro-bind-try", "/etc/"+name, "/etc/"+name)
	}
	words = append(words, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", s.kit.programs, s.kit.programs)
	for _, path := range s.expand(p.read...) {
		words = append(words, "--ro-bind-try", path, path)
	}
	for _, path := range s.expand(p.write...) {
		words = append(words, "--bind-try", path, path)
	}
	words = append(words, "--chdir", s.vars["PROJECT"], "--unshare-all", "--die-with-parent")
	if p.network {
		words = append(words, "--share-net")
	}
	return append(append(words, "--"), argv...), nil
}

// firejailCommand has the options that its manual page gives for a hardened
// sandbox without a profile of the program's, and the grants as a whitelist.
func firejailCommand(s *stage, p policy, argv []string) ([]string, error) {
	words := []string{"firejail", "--quiet", "--noprofile", "--private", "--private-dev", "--ipc-namespace",
		"--seccomp", "--caps.drop=all", "--nonewprivs", "--nogroups", "--nodbus", "--machine-id",
		"--whitelist=" + s.kit.programs, "--read-only=" + s.kit.programs}
	if os.Getuid() != 0 {
		words = append(words, "--noroot")
	}
	for _, path := range s.expand(p.read...) {
		words = append(words, "--whitelist="+path, "--read-only="+path)
	}
	for _, path := range s.expand(p.write...) {
		words = append(words, "--whitelist="+path)
	}
	if !p.network {
		words = append(words, "--net=none")
	}
	return append(append(words, "--"), argv...), nil
}

// huskCommand runs a wrapper. It is rendered once per policy and program: home,
// project and the rest are found when it starts. Where the attempt is about
// husk's own places, the stage has its own ones.
func huskCommand(s *stage, p policy, argv []string) ([]string, error) {
	key := p.husk + argv[0]
	wrapper, ok := s.kit.wrappers[key]
	if ok && !p.ownPlaces {
		return append([]string{wrapper}, argv[1:]...), nil
	}
	place, bin := filepath.Join(s.kit.dir, "wrappers-"+random()), s.kit.bin
	profiles, wrappers := place+"/profiles", place+"/bin"
	if p.ownPlaces {
		profiles, wrappers = s.path("$HOME/.config/husk/profiles"), s.path("$HOME/.local/share/husk/bin")
	}
	if own := s.vars["BIN"]; own != "" {
		bin = own
	}
	text := fmt.Sprintf("profile \"escape\" {%s\n  command \"try\" { exec = %q }\n}\n", p.husk, argv[0])
	if err := s.write(profiles+"/escape.hcl", text); err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, "husk"), "apply", "--profiles", profiles, "--bin", wrappers)
	cmd.Env, cmd.Dir = s.environment(), s.vars["PROJECT"]
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("husk apply: %w\n%s", err, out)
	}
	s.kit.wrappers[key] = wrappers + "/try"
	return append([]string{wrappers + "/try"}, argv[1:]...), nil
}

// environment is the caller's.
func (s *stage) environment() []string {
	env := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + s.vars["HOME"], "TMPDIR=" + s.vars["TMP"],
		"USER=" + os.Getenv("USER"), "LANG=C.UTF-8", "TERM=xterm", "SHELL=/bin/sh",
	}
	if bin := s.vars["BIN"]; bin != "" {
		env = append(env, "BIN="+bin)
	}
	return append(env, s.env...)
}
