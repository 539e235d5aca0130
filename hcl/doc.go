// Package hcl is husk's language: it loads profiles, evaluates and decodes
// them, resolves what they inherit, validates the result and turns it into a
// plan.
//
// The way of a profile through this package, one concept per file:
//
//	source.go      bytes of a file, bounded and parsed (HCL or its JSON form)
//	module.go      the files of one directory: variables, locals, profiles
//	layers.go      user, system and library, and which profile hides which
//	language*.go   the language itself, as tables: blocks, attributes, kinds
//	decode.go      one profile's text to values, each with its range
//	unknown.go     names that aren't in the language: what was meant
//	commands.go    the wrappers that a profile asks for
//	merge.go       what a profile takes over from its parents
//	build*.go      values to a plan
//	validate*.go   what a person would notice when reading the profile
//	project.go     a project's own file over the user's profiles
//	diff*.go       what one plan permits and another doesn't
//	format*.go     the canonical layout
//	diagnostics*.go, reword.go  errors and warnings, and how they are shown
//
// # Inheritance
//
// Parents are folded from left to right, then the profile's own text is
// applied. Lists add up without duplicates and keep their order; maps and
// labelled blocks are merged by key; of single values the last one holds. One
// exception keeps diamonds sane: a value that the right parent merely took
// over from an ancestor doesn't displace the value by which the left parent
// overrode that very ancestor. "x = null" takes back what was inherited and
// so restores the default. A remove block takes single entries out of what was
// inherited; the profile's own entries are added afterwards. Not inherited
// are description, commands and command blocks: a child of npm renders no
// second npm.
//
// A parent's name is looked up from the layer of the profile that writes it
// outwards (user, system, library), so that a profile of the library means its
// neighbour in the library whatever the user calls his own.
//
// # Safety
//
// Nothing in a profile can read a file, the environment or the clock while it
// is evaluated. The heads of paths (home, cwd, project, xdg.*, env) are opaque
// until the program starts. Input is bounded in size, nesting and work (see
// bounds.go and budget.go). A profile with any error yields no plan.
package hcl
