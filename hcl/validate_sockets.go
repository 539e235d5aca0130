package hcl

import (
	"fmt"
	"path"
	"strings"
)

// powerfulSockets are services that do whatever they are asked outside of the
// sandbox: who may talk to one can leave it. By the socket's name, with what
// it is.
var powerfulSockets = map[string]string{
	"docker.sock":         "Docker's service starts containers with any part of the host in them",
	"podman.sock":         "Podman's service starts containers with any part of the host in them",
	"containerd.sock":     "containerd starts containers with any part of the host in them",
	"crio.sock":           "CRI-O starts containers with any part of the host in them",
	"system_bus_socket":   "the system bus reaches every service of the system",
	"bus":                 "the session bus starts programs outside of the sandbox (systemd, portals, desktop services)",
	"private":             "systemd starts programs outside of the sandbox",
	"libvirt-sock":        "libvirt starts machines with any part of the host in them",
	"incus.socket":        "Incus starts containers with any part of the host in them",
	"unix.socket":         "LXD starts containers with any part of the host in them",
	"snapd.socket":        "snapd installs and starts programs on the host",
	"docker-desktop.sock": "Docker's service starts containers with any part of the host in them",
}

// powerfulVariables name such sockets.
var powerfulVariables = map[string]string{
	"DOCKER_HOST":              powerfulSockets["docker.sock"],
	"DBUS_SESSION_BUS_ADDRESS": powerfulSockets["bus"],
}

// sockets warns of those that undo the sandbox.
func (v *validator) sockets() {
	for _, e := range v.settings.blocks["socket"] {
		if !v.own(e.label) {
			continue
		}
		p := *e.label.path
		why, known := powerfulSockets[path.Base(p.Path)]
		if !known {
			why, known = powerfulVariables[p.Name]
		}
		// A socket called "bus" or "private" is only theirs in these places.
		if name := path.Base(p.Path); known && (name == "bus" || name == "private" || name == "unix.socket") {
			known = strings.HasPrefix(p.Path, "/run/") || strings.HasPrefix(p.Path, "/var/") || p.Name == "XDG_RUNTIME_DIR"
		}
		if known {
			v.warn(e.label.at, "this socket leads out of the sandbox",
				fmt.Sprintf("%s; leave it out, unless the command is to be trusted with everything", why))
		}
	}
}
