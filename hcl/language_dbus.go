package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

var dbusLanguage = &block{
	name: "dbus", label: "bus", labelOf: oneWordOf(plan.BusSession, plan.BusSystem),
	doc: "A message bus, `session` or `system`, through a filter: nothing is reached but what is named. " +
		"Names are written out, or end in `.*` for those below as well. Needs `xdg-dbus-proxy`; [network.md](network.md) says more.",
	attributes: []attribute{
		{name: plan.BusSee, shape: list, of: aBusName, fallback: "[]", doc: "names that may be seen, and not called"},
		{name: plan.BusTalk, shape: list, of: aBusName, fallback: "[]", doc: "names that may be called, in everything they offer"},
		{name: plan.BusOwn, shape: list, of: aBusName, fallback: "[]", doc: "names that the program may take"},
		{name: plan.BusCall, shape: list, of: aBusRule, fallback: "[]",
			doc: "`NAME=[METHOD][@PATH]`: what may be called of a name; the method is `*`, an interface (which may end in `.*`) or a method with it, the path may end in `/*`"},
		{name: plan.BusBroadcast, shape: list, of: aBusRule, fallback: "[]", doc: "in the same form: signals of a name that are passed on"},
	},
	example: `
profile "notifier" {
  dbus "session" {
    see       = ["org.kde.StatusNotifierWatcher"]
    talk      = ["org.freedesktop.Notifications"]
    own       = ["org.mpris.MediaPlayer2.player"]
    call      = ["org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.Read@/org/freedesktop/portal/desktop"]
    broadcast = ["org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.*@/org/freedesktop/portal/*"]
  }
}
`,
}
