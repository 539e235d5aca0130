package hcl

import (
	"sync"

	hashi "github.com/hashicorp/hcl/v2"
)

// shape is how an attribute's value is built and, with that, how it merges.
type shape int

const (
	single   shape = iota // one value; the child's overrides
	list                  // several; they add up without duplicates
	mapping               // name = value; merged by name, the child's overrides
	grouped               // name = [values]; they add up
	sequence              // several whose order and number matter; one value
)

// merging says what inheritance does with a shape, for the reference.
var merging = map[shape]string{
	single:   "the child's value overrides",
	list:     "lists add up",
	mapping:  "merged by name, the child's value overrides",
	grouped:  "the lists of each name add up",
	sequence: "the child's list overrides",
}

// attribute is one attribute of the language.
type attribute struct {
	name  string
	shape shape
	of    element
	// own is true for what a child doesn't inherit.
	own bool
	// required makes its absence an error.
	required bool
	// fallback is the default, as a person would write it.
	fallback string
	doc      string
}

// block is one kind of block of the language.
type block struct {
	name string
	// label says what the label is; "" where there is none.
	label string
	// labelOf decodes the label.
	labelOf element
	// key tells blocks of this kind apart; nil: the label does.
	key        func(*entry) string
	own        bool
	doc        string
	attributes []attribute
	blocks     []*block
	// example is a profile that shows the block; tests decode it.
	example string

	once   sync.Once
	schema *hashi.BodySchema
}

// hclSchema gives the block's contents to the HCL library; every block may
// also hold dynamic blocks.
func (b *block) hclSchema() *hashi.BodySchema {
	b.once.Do(func() {
		b.schema = &hashi.BodySchema{}
		for _, a := range b.attributes {
			b.schema.Attributes = append(b.schema.Attributes, hashi.AttributeSchema{Name: a.name})
		}
		for _, inner := range b.blocks {
			b.schema.Blocks = append(b.schema.Blocks, inner.header())
		}
		if len(b.blocks) > 0 {
			b.schema.Blocks = append(b.schema.Blocks, hashi.BlockHeaderSchema{Type: "dynamic", LabelNames: []string{"block"}})
		}
	})
	return b.schema
}

func (b *block) header() hashi.BlockHeaderSchema {
	h := hashi.BlockHeaderSchema{Type: b.name}
	if b.label != "" {
		h.LabelNames = []string{b.label}
	}
	return h
}

// attribute finds an attribute of the block.
func (b *block) attribute(name string) (attribute, bool) {
	for _, a := range b.attributes {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// block finds a block inside the block.
func (b *block) block(name string) *block {
	for _, inner := range b.blocks {
		if inner.name == name {
			return inner
		}
	}
	return nil
}

// profileLanguage is what a profile may hold.
var profileLanguage = &block{
	name:  "profile",
	label: "name",
	doc:   "What one or several commands may do. Its name is written out: letters, digits, `.`, `_`, `+` and `-`.",
	attributes: []attribute{
		{name: "description", of: anyText, own: true, doc: "one line that says what the profile is for"},
		{name: "inherits", shape: list, of: profileReference, own: true, fallback: "[]",
			doc: "parents, from left to right; `library/NAME` and `system/NAME` name a hidden one"},
		{name: "commands", shape: list, of: commandName, own: true, fallback: "[]",
			doc: "wrappers to render; a command block gives details"},
		{name: "descriptors", shape: list, of: aDescriptor, fallback: "[]",
			doc: "numbers of open files above 2 that the program inherits from the caller, where they are open; what they lead to is not checked"},
		{name: "degrade", shape: list, of: oneWordOf(degradable...), fallback: "[]",
			doc: "what may be missing on a weaker kernel; what is not named is required"},
	},
	blocks: []*block{
		commandLanguage, filesystemLanguage, homeLanguage, tmpLanguage, environmentLanguage, networkLanguage,
		socketLanguage, dbusLanguage, namespacesLanguage, syscallsLanguage, limitsLanguage, identityLanguage, terminalLanguage,
		lateDropLanguage, superviseLanguage, verifyLanguage, removeLanguage,
	},
	example: `
profile "hello" {
  description = "reads the project, nothing else"
  inherits    = ["base"]
  commands    = ["hello"]
  degrade     = ["landlock-scope"]
  descriptors = [3]

  filesystem {
    read = ["${project}"]
  }
}
`,
}
