package wrappers

import (
	"fmt"
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// secretCommands finds the programs that print a plan's secrets, as programs of
// commands are found: no wrapper, and nothing that the sandbox may write, since
// they run outside of it.
func (f *Finder) secretCommands(p *plan.Plan) error {
	secrets := slices.Clone(p.Environment.Secrets) // plans of one profile share the list
	for i, secret := range secrets {
		if len(secret.Command) == 0 {
			continue
		}
		found, err := f.find(question{Exec: secret.Command[0], Writable: f.writableBy(p)})
		if err != nil {
			// Not wrapped: it is not the command's own program that is missing.
			return fmt.Errorf("the command of secret %q, %s: %v", secret.Name, secret.Command[0], err)
		}
		secrets[i].Command = append([]string{found.Program.Path}, secret.Command[1:]...)
	}
	p.Environment.Secrets = secrets
	return nil
}
