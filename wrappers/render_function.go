package wrappers

import (
	"fmt"
	"path/filepath"
	"regexp"
)

// functionRenderer makes shell functions, for people who cannot put a directory
// first on PATH. A start-up file sources husk-functions.sh or husk-functions.fish
// of the wrapper directory. Scripts, editors and `env` don't see functions: the
// other renderers protect more.
type functionRenderer struct{}

func (functionRenderer) Name() string { return "function" }

const functionsDir = "functions"

func (r functionRenderer) Render(j Job) (Rendering, error) {
	name := j.Plan.Command
	planned, err := planFile(j, r.Name(), plansDir+"/"+name+".plan")
	if err != nil {
		return Rendering{}, err
	}
	plan := filepath.Join(j.Directory, planned.Name)
	comment := header(j, r.Name())
	return Rendering{Files: []File{
		{Name: functionsDir + "/" + name + ".sh", Mode: modeData, Content: []byte(comment + functionPOSIX(name, j.Enforcer, plan))},
		{Name: functionsDir + "/" + name + ".fish", Mode: modeData, Content: []byte(comment + functionFish(name, j.Enforcer, plan))},
		{Name: "husk-functions.sh", Mode: modeData, Content: []byte(loaderPOSIX(j.Directory))},
		{Name: "husk-functions.fish", Mode: modeData, Content: []byte(loaderFish(j.Directory))},
		planned,
	}}, nil
}

// A function's name in POSIX (XBD 3.216). Shells differ in what else they take,
// and a name that a shell refuses would end the whole start-up file.
var posixName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// functionPOSIX is for sh, dash, bash, ksh and zsh. An alias of the same name
// would be expanded inside the definition, so it goes first. Other names than
// POSIX ones (g++, docker-compose) become aliases, which take them everywhere.
func functionPOSIX(name, enforcer, plan string) string {
	if !posixName.MatchString(name) {
		return fmt.Sprintf("alias %s=%s\n", QuotePOSIX(name), QuotePOSIX(QuotePOSIX(enforcer)+" "+QuotePOSIX(plan)))
	}
	return fmt.Sprintf("unalias %[1]s 2>/dev/null || :\n%[1]s() {\n\t%[2]s %[3]s \"$@\"\n}\n", name, QuotePOSIX(enforcer), QuotePOSIX(plan))
}

func functionFish(name, enforcer, plan string) string {
	return fmt.Sprintf("function %s\n\t%s %s $argv\nend\n", QuoteFish(name), QuoteFish(enforcer), QuoteFish(plan))
}

func loaderPOSIX(dir string) string {
	return fmt.Sprintf(`# husk: defines every wrapped command as a shell function.
for husk_file in %s/*.sh; do
	if [ -r "$husk_file" ]; then
		. "$husk_file"
	fi
done
unset husk_file
`, QuotePOSIX(filepath.Join(dir, functionsDir)))
}

func loaderFish(dir string) string {
	return fmt.Sprintf(`# husk: defines every wrapped command as a shell function.
for husk_file in %s/*.fish
	source $husk_file
end
set -e husk_file
`, QuoteFish(filepath.Join(dir, functionsDir)))
}
