package hcl

import (
	"slices"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Command is one wrapper that a profile asks for.
type Command struct {
	// Name is what the user types.
	Name string
	// Exec is the program: a name, or an absolute path.
	Exec string
	// Args stand before the caller's.
	Args []string
	// Digest is the SHA-256 of the program's file, or "".
	Digest string
	Origin plan.Origin
	// at is where it is written.
	at hashi.Range
}

// Commands gives the commands of a profile in the order in which they are
// written: first the list, then command blocks that name others. Commands are
// not inherited: a child of npm doesn't render npm a second time.
func (p *Profiles) Commands(name string) ([]Command, Diagnostics) {
	found, ok := p.find(name, layerUser)
	if !ok {
		summary, detail := p.unknownProfile(name, layerUser)
		return nil, p.collect(hashi.Diagnostics{unplaced(summary, detail)})
	}
	text := found.decode("")
	if text.diags.HasErrors() {
		return nil, p.collect(text.diags)
	}
	return found.commands(), p.collect(text.diags)
}

func (p *profile) commands() []Command { return p.commandsFor("") }

// commandsFor gives them with what exec and args are where command is the one
// of that name.
func (p *profile) commandsFor(command string) []Command {
	own := p.decode(command).own
	var all []Command
	origin := func(r rule) plan.Origin {
		return plan.Origin{Profile: p.qualified(), File: p.file.name, Line: r.at.Start.Line}
	}
	for _, r := range own.lists["commands"] {
		all = append(all, Command{Name: r.text, Exec: r.text, Origin: origin(r), at: r.at})
	}
	for _, e := range own.blocks["command"] {
		c := Command{Name: e.key, Origin: origin(e.label), at: e.label.at}
		c.Exec, _ = e.body.text("exec", e.key)
		c.Digest, _ = e.body.text("digest", "")
		if r, ok := e.body.single("args"); ok {
			c.Args = r.texts
		}
		i := slices.IndexFunc(all, func(other Command) bool { return other.Name == c.Name })
		if i < 0 {
			all = append(all, c)
		} else {
			all[i] = c
		}
	}
	return all
}

// fill makes a plan that of the command; the zero Command leaves it to the
// caller. Lists are replaced, never appended to: plans of a profile share them.
func (c Command) fill(p *plan.Plan) {
	if c.Name == "" {
		return
	}
	p.Command = c.Name
	p.Program = plan.Program{Path: c.Exec, Args: c.Args, Digest: c.Digest}
	p.Written = append(slices.Clip(p.Written), plan.Written{Name: "command", Origin: len(p.Origins)})
	p.Origins = append(slices.Clip(p.Origins), c.Origin)
}
