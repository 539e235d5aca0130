package namespaces

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// systemTrees are shown read-only in the minimal view: what programs are made
// of. On systems that merged /usr most are links into it, and stay links.
var systemTrees = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
	"/nix/store",          // Nix
	"/gnu/store",          // Guix
	"/run/current-system", // NixOS: a link into the store
}

// etcEntries is what programs need of /etc, and why. Nothing in it is secret
// to a local user; what isn't listed is not there. TLS keys lie beside the
// certificates in most layouts, so those directories are named one by one.
var etcEntries = []string{
	"alternatives",                                   // links to the chosen version of a program
	"bash_completion.d",                              // husk shell
	"bash.bashrc", "profile", "profile.d", "inputrc", // husk shell
	"ca-certificates", "ca-certificates.conf", // trust anchors
	"crypto-policies",                             // Fedora's choice of TLS versions
	"debian_version", "os-release", "lsb-release", // which system is this
	"fonts",                                           // fontconfig
	"gai.conf", "host.conf", "hosts", "nsswitch.conf", // name resolution
	"resolv.conf", "protocols", "services", "networks", // name resolution
	"gitconfig",                                              // git's system configuration
	"gnutls", "ssl/certs", "ssl/openssl.cnf", "ssl/cert.pem", // TLS
	"pki/tls/certs", "pki/tls/cert.pem", "pki/tls/openssl.cnf", "pki/ca-trust",
	"java", "java-11-openjdk", "java-17-openjdk", "java-21-openjdk", // Debian keeps the JDK's configuration here
	"ld.so.cache", "ld.so.conf", "ld.so.conf.d", // the dynamic loader
	"locale.alias", "locale.conf", "localtime", "timezone", // language and time
	"magic", "mime.types", "mailcap", // file types
	"manpath.config", "papersize",
	"npmrc", "perl", "python3", "python3.11", "python3.12", "python3.13", // language runtimes
	"shells", "terminfo", "vim", "wgetrc",
	"static", // NixOS: where the other links lead
}

// devices are the harmless ones: no disk, no memory, no input, no kvm.
var devices = []string{"null", "zero", "full", "random", "urandom", "tty"}

// Lookup tells the view what stands on the host.
type Lookup interface {
	// Lstat gives the mode of path itself, 0 where there is nothing.
	Lstat(path string) uint32
	// Resolve gives path with every link resolved; ok is false where it leads nowhere.
	Resolve(path string) (target string, ok bool)
	// Readlink gives what a link says.
	Readlink(path string) string
}

// AddSystem adds the read-only system directories.
func (v *View) AddSystem(host Lookup) {
	for _, path := range systemTrees {
		switch host.Lstat(path) & unix.S_IFMT {
		case unix.S_IFLNK:
			v.Add(Place{Path: path, Kind: Link, Source: host.Readlink(path), Origin: none})
		case unix.S_IFDIR:
			v.Add(Place{Path: path, Kind: Show, Source: path, Origin: none,
				Options: steps.BindOptions{Recursive: true}})
		}
	}
}

// AddEtc adds the reduced /etc. passwd and group hold the user alone.
func (v *View) AddEtc(host Lookup, passwd, group []byte) {
	for _, name := range etcEntries {
		v.addEtcEntry(host, "/etc/"+name)
	}
	v.Add(Place{Path: "/etc/passwd", Kind: Content, Content: passwd, Origin: none})
	v.Add(Place{Path: "/etc/group", Kind: Content, Content: group, Origin: none})
}

// addEtcEntry shows a file or directory. A link into the system directories
// stays a link; what another link leads to (resolv.conf in /run) is shown in
// the link's place.
func (v *View) addEtcEntry(host Lookup, path string) {
	source := path
	mode := host.Lstat(path) & unix.S_IFMT
	if mode == unix.S_IFLNK {
		target, ok := host.Resolve(path)
		if !ok {
			return
		}
		if inSystemTree(target) {
			v.Add(Place{Path: path, Kind: Link, Source: target, Origin: none})
			return
		}
		source, mode = target, host.Lstat(target)&unix.S_IFMT
	}
	if mode != unix.S_IFREG && mode != unix.S_IFDIR {
		return
	}
	v.Add(Place{Path: path, Kind: Show, Source: source, File: mode == unix.S_IFREG, Origin: none,
		Options: steps.BindOptions{NoExec: true}})
}

func inSystemTree(path string) bool {
	for _, tree := range systemTrees {
		if Within(path, tree) {
			return true
		}
	}
	return false
}

// SystemTrees lists the system directories, for Landlock's rules.
func SystemTrees() []string { return systemTrees }

// AddDev adds a minimal /dev. console is the terminal behind the standard
// streams or empty: under that name ttyname(3) finds it.
func (v *View) AddDev(host Lookup, console string) {
	for _, name := range devices {
		v.addDevice("/dev/"+name, "/dev/"+name)
	}
	if console != "" {
		v.addDevice(console, "/dev/console")
	}
	for _, l := range [][2]string{
		{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"},
		{"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
	} {
		v.Add(Place{Path: "/dev/" + l[0], Kind: Link, Source: l[1], Origin: none})
	}
	v.Add(Place{Path: "/dev/pts", Kind: Pts, Origin: none})
	v.AddTmpfs("/dev/shm", "mode=1777,size="+sizeShm, true, none)
}

// sizeShm bounds POSIX shared memory; glibc's default users need far less.
const sizeShm = "256m"

func (v *View) addDevice(source, target string) {
	v.Add(Place{Path: target, Kind: Show, Source: source, File: true, Origin: none,
		Options: steps.BindOptions{Writable: true, Devices: true, NoExec: true}})
}

// AddTmpfs adds an empty, writable file system.
func (v *View) AddTmpfs(path, data string, noExec bool, origin int) {
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV)
	if noExec {
		flags |= unix.MS_NOEXEC
	}
	v.Add(Place{Path: path, Kind: Tmpfs, Data: data, Flags: flags, Origin: origin})
}

// hostSecrets are hidden in the host view although they lie outside of home.
var hostSecrets = []string{"/root", "/home", "/run", "/var/run", "/tmp", "/var/tmp", "/srv", "/mnt", "/media",
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/ssl/private", "/etc/ssh", "/etc/sudoers", "/etc/sudoers.d",
	"/var/lib/docker", "/var/lib/containers", "/var/spool", "/var/mail", "/var/backups", "/sys"}

// AddHostSecrets hides what the host view must not show.
func (v *View) AddHostSecrets(host Lookup) {
	for _, path := range hostSecrets {
		switch host.Lstat(path) & unix.S_IFMT {
		case unix.S_IFDIR:
			v.Add(Place{Path: path, Kind: HideDir, Origin: none})
		case unix.S_IFREG:
			v.Add(Place{Path: path, Kind: HideFile, Origin: none})
		}
	}
}

// Name makes s fit for a field of passwd(5).
func Name(s string) string {
	if s == "" || strings.ContainsAny(s, ":\n\x00/") {
		return "user"
	}
	return s
}
