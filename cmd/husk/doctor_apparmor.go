package main

import (
	"fmt"
	"strings"
)

// appArmorProfile is the text of a profile that lets husk make user namespaces
// where AppArmor restricts them (Ubuntu since 23.10). It confines nothing by
// itself: the enforcer does.
//
// AppArmor attaches a profile by the path that was executed. For a wrapper that
// is the wrapper's own path, not that of the enforcer in its first line: the
// decision comes before the kernel looks for an interpreter
// (security_bprm_creds_for_exec in fs/exec.c).
const appArmorProfile = `# Lets husk make user namespaces for its sandboxes. To load it, as root:
#
#   husk doctor --apparmor >/etc/apparmor.d/husk
#   apparmor_parser --replace /etc/apparmor.d/husk
#
# Whatever is put at these paths gets the same right, which is why the second one
# should be no directory that others may write. To name the enforcer alone, let
# husk apply --renderer sh write the wrappers and take the second path out.
abi <abi/4.0>,
include <tunables/global>

profile husk /{%s} flags=(unconfined) {
  userns,

  include if exists <local/husk>
}
`

// printAppArmor prints the profile for where husk is installed.
func (a *app) printAppArmor(s source, bin string) error {
	enforcer, err := a.findEnforcer(s.enforcer)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, appArmorProfile, aare(enforcer)+","+aare(bin)+"/*")
	return err
}

// aare quotes an absolute path for AppArmor's own kind of globbing
// (apparmor.d(5)), without the slash that it begins with.
func aare(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`, `,`, `\,`, ` `, `\ `, `"`, `\"`).Replace(path[1:])
}
