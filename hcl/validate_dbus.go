package hcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// powerfulNames are services on a bus that do what they are asked outside of
// the sandbox, or give away what it withholds.
var powerfulNames = []struct{ name, why string }{
	{"org.freedesktop.systemd1", "systemd starts programs outside of the sandbox"},
	{"org.freedesktop.portal.Flatpak", "Flatpak's portal starts programs outside of the sandbox"},
	{"org.freedesktop.Flatpak", "Flatpak's helper starts programs outside of the sandbox"},
	{"org.freedesktop.secrets", "the keyring gives the user's passwords to whoever asks"},
	{"org.gnome.keyring", "the keyring gives the user's passwords to whoever asks"},
	{"org.kde.kwalletd5", "the wallet gives the user's passwords to whoever asks"},
	{"org.kde.kwalletd6", "the wallet gives the user's passwords to whoever asks"},
	{"org.freedesktop.impl.portal.PermissionStore", "the store of permissions is what portals rely on"},
	{"ca.desrt.dconf", "settings name commands that the desktop runs"},
	{"org.gnome.Shell", "the desktop's shell starts programs and sees the screen"},
	{"org.kde.plasmashell", "the desktop's shell runs scripts"},
	{"org.kde.klauncher5", "KDE's launcher starts programs outside of the sandbox"},
	{"org.gtk.vfs", "the file service opens files in the user's name"},
	{"org.freedesktop.FileManager1", "the file manager opens what it is shown"},
	{"org.freedesktop.PackageKit", "PackageKit installs programs on the host"},
	{"org.freedesktop.UDisks2", "UDisks mounts file systems on the host"},
	{"org.freedesktop.machine1", "systemd-machined opens shells outside of the sandbox"},
	{"org.freedesktop.PolicyKit1", "PolicyKit decides who may do what on the host"},
	{"org.a11y.Bus", "it gives the address of another bus, which nothing filters"},
}

// dbus warns of names that undo the sandbox, and refuses what cannot be built.
func (v *validator) dbus() {
	s := v.settings
	for _, e := range s.blocks["dbus"] {
		for _, kind := range busKinds {
			if kind == plan.BusSee || kind == plan.BusBroadcast {
				continue // nothing is called
			}
			for _, r := range e.body.lists[kind] {
				if v.own(r) {
					v.busName(r)
				}
			}
		}
		v.busNeeds(e.label)
	}
}

func (v *validator) busName(r rule) {
	name, _, _ := strings.Cut(r.text, "=")
	for _, p := range powerfulNames {
		if BusNameCovers(name, p.name) || BusNameCovers(p.name+".*", name) {
			v.warn(r.at, "this name leads out of the sandbox",
				fmt.Sprintf("%s (%s); leave it out, unless the command is to be trusted with everything", p.why, p.name))
			return
		}
	}
}

// busNeeds refuses a bus where the filter could be gone around.
func (v *validator) busNeeds(bus rule) {
	s := v.settings
	for _, r := range s.lists["namespaces.share"] {
		if r.text == plan.NamespaceMount && (v.own(r) || v.own(bus)) {
			v.report(bus.at, "a filtered bus in the host's tree", "the program would see the bus itself beside the filter; take \"mount\" out of share ("+place(r.at)+")")
		}
	}
	user, at := s.text("identity.user", plan.IdentitySelf)
	if slices.Contains([]string{plan.IdentityDedicated, plan.IdentityUnique}, user) && (v.own(bus) || v.own(at)) {
		v.report(bus.at, "a bus for another user", fmt.Sprintf("a bus answers its own user alone, and the program is another one with identity { user = %q }", user))
	}
}
