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
	NixStore,              // Nix
	"/gnu/store",          // Guix
	"/run/current-system", // NixOS: a link into the store
}

// NixStore is where Nix keeps everything that it builds.
const NixStore = "/nix/store"

// etcFiles are the files of /etc that programs need, and why. Nothing in them
// is secret to a local user; what isn't listed is not there. They are copied
// when the program starts: a mount each costs four times as much (measured),
// and what is mounted would not follow a file that is replaced either.
var etcFiles = []string{
	"hosts", "nsswitch.conf", "resolv.conf", // name resolution
	"services",           // name resolution
	"gitconfig", "npmrc", // the tools' system configuration
	"ld.so.cache",                                         // the dynamic loader
	"localtime",                                           // time and language
	"os-release",                                          // which system is this
	"ssl/openssl.cnf", "ssl/cert.pem", "pki/tls/cert.pem", // TLS
}

// etcTrees are the directories. TLS keys lie beside the certificates in most
// layouts, so those are named one by one.
var etcTrees = []string{
	"alternatives",                               // links to the chosen version of a program
	"ssl/certs", "pki/tls/certs", "pki/ca-trust", // trust anchors
	"crypto-policies", "gnutls", // which TLS versions
	"static", // NixOS: where the links of /etc lead
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
	// Read gives a file's content.
	Read(path string) ([]byte, error)
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
	for _, name := range etcFiles {
		v.addEtcFile(host, "/etc/"+name)
	}
	for _, name := range etcTrees {
		if path := "/etc/" + name; host.Lstat(path)&unix.S_IFMT == unix.S_IFDIR {
			v.Add(Place{Path: path, Kind: Show, Source: path, Origin: none,
				Options: steps.BindOptions{NoExec: true}})
		}
	}
	v.Add(Place{Path: "/etc/passwd", Kind: Content, Content: passwd, Origin: none})
	v.Add(Place{Path: "/etc/group", Kind: Content, Content: group, Origin: none})
}

// maxEtcFile bounds a copied file, in bytes; ld.so.cache is the largest one.
const maxEtcFile = 4 << 20

// addEtcFile copies a file. A link into the system directories stays a link;
// what another link leads to (resolv.conf in /run) is copied in its place.
func (v *View) addEtcFile(host Lookup, path string) {
	if v.has(path) {
		return
	}
	mode := host.Lstat(path) & unix.S_IFMT
	if mode == unix.S_IFLNK {
		if target, ok := host.Resolve(path); ok && inSystemTree(target) {
			v.Add(Place{Path: path, Kind: Link, Source: target, Origin: none})
			return
		}
		mode = unix.S_IFREG
	}
	if mode != unix.S_IFREG {
		return
	}
	// A file that can't be read here could not be read inside either.
	if content, err := host.Read(path); err == nil && len(content) <= maxEtcFile {
		v.Add(Place{Path: path, Kind: Content, Content: content, Origin: none})
	}
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
	v.Add(Place{Path: "/dev/shm", Kind: Tmpfs, Part: true, Data: "mode=1777,size=" + sizeRoot,
		Flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, Origin: none})
}

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

// hostSecrets are hidden in the host view although they lie outside of home:
// other people's files, what is mounted or running, and where credentials are
// kept.
var hostSecrets = []string{
	"/root", "/home", "/run", "/var/run", "/tmp", "/var/tmp", "/srv", "/mnt", "/media", "/lost+found", "/sys",
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd", // passwords
	"/etc/sudoers", "/etc/sudoers.d", "/etc/doas.conf", // who may become whom
	"/etc/ssh", "/etc/ssl/private", "/etc/pki/tls/private", "/etc/letsencrypt", "/etc/krb5.keytab", // host keys
	"/etc/wireguard", "/etc/openvpn", "/etc/ipsec.secrets", "/etc/ipsec.d", "/etc/ppp", "/etc/wpa_supplicant", // networks
	"/etc/NetworkManager/system-connections", "/var/lib/NetworkManager", "/var/lib/iwd", "/var/lib/bluetooth",
	"/etc/kubernetes", "/etc/rancher", "/etc/docker", "/var/lib/kubelet", "/var/lib/rancher", // clusters and containers
	"/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/var/lib/libvirt", "/var/lib/lxd", "/var/lib/incus",
	"/etc/husk", "/etc/nixos", "/etc/credstore", "/etc/credstore.encrypted", "/var/lib/systemd/credential.secret",
	"/var/lib/sss", "/var/lib/samba", "/var/lib/postgresql", "/var/lib/mysql", "/var/lib/redis", // services
	"/var/spool", "/var/mail", "/var/backups", "/var/log", "/boot", "/efi",
}

// HostSecrets lists what the host view hides, beside home.
func HostSecrets() []string { return hostSecrets }

// AddHostSecrets hides what the host view must not show, unless it is granted.
func (v *View) AddHostSecrets(host Lookup) {
	for _, path := range hostSecrets {
		switch host.Lstat(path) & unix.S_IFMT {
		case unix.S_IFDIR:
			v.Add(Place{Path: path, Kind: HideDir, Yields: true, Origin: none})
		case unix.S_IFREG:
			v.Add(Place{Path: path, Kind: HideFile, Yields: true, Origin: none})
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
