package filter

// Node is a place in the graph. Nodes of one builder are equal exactly if they
// do the same.
type Node int

// Test is the kind of a branch: the accumulator against a constant, without
// sign.
type Test uint16

// The tests of classic BPF (linux/bpf_common.h).
const (
	Equal          Test = 0x10
	Greater        Test = 0x20
	GreaterOrEqual Test = 0x30
	AnyBit         Test = 0x40
)

// Instruction codes (linux/bpf_common.h).
const (
	codeLoad   = 0x20 // BPF_LD | BPF_W | BPF_ABS
	codeReturn = 0x06 // BPF_RET | BPF_K
	codeJump   = 0x05 // BPF_JMP | BPF_JA
	codeBranch = 0x05 // BPF_JMP | BPF_K, with a Test
	codeAnd    = 0x54 // BPF_ALU | BPF_AND | BPF_K
	codeXor    = 0xa4 // BPF_ALU | BPF_XOR | BPF_K
)

// Offsets in struct seccomp_data (linux/seccomp.h), in bytes.
const (
	OffsetNumber = 0
	OffsetArch   = 4
	offsetArgs   = 16
)

// OffsetLow and OffsetHigh give the offsets of the two halves of argument n on
// a little-endian machine.
func OffsetLow(n int) uint32  { return uint32(offsetArgs + 8*n) }
func OffsetHigh(n int) uint32 { return OffsetLow(n) + 4 }

// node is an instruction whose successors are nodes: one for a load or an
// operation, two for a branch, none for a return.
type node struct {
	code    uint16
	k       uint32
	yes, no Node
}

const none Node = -1

// Builder makes nodes. The zero value is ready.
type Builder struct {
	nodes []node
	index map[node]Node
}

func (b *Builder) node(n node) Node {
	if id, ok := b.index[n]; ok {
		return id
	}
	if b.index == nil {
		b.index = map[node]Node{}
	}
	id := Node(len(b.nodes))
	b.nodes = append(b.nodes, n)
	b.index[n] = id
	return id
}

// Return ends the filter with that value.
func (b *Builder) Return(value uint32) Node {
	return b.node(node{codeReturn, value, none, none})
}

// returns says whether the filter ends at the node.
func (b *Builder) returns(n Node) bool { return b.nodes[n].code == codeReturn }

// Load puts the 32 bits at offset into the accumulator. Where nothing looks at it
// any more, nothing is loaded, and the same holds for what changes it.
func (b *Builder) Load(offset uint32, next Node) Node {
	if b.returns(next) {
		return next
	}
	return b.node(node{codeLoad, offset, next, none})
}

// And keeps the bits of mask.
func (b *Builder) And(mask uint32, next Node) Node {
	if mask == ^uint32(0) || b.returns(next) {
		return next
	}
	return b.node(node{codeAnd, mask, next, none})
}

// Xor turns the bits of mask round.
func (b *Builder) Xor(mask uint32, next Node) Node {
	if b.returns(next) {
		return next
	}
	return b.node(node{codeXor, mask, next, none})
}

// Branch goes on at yes where the test holds, else at no.
func (b *Builder) Branch(test Test, k uint32, yes, no Node) Node {
	if yes == no {
		return yes
	}
	return b.node(node{codeBranch | uint16(test), k, yes, no})
}

// Segment is the numbers from From up to the next segment's From.
type Segment struct {
	From uint32
	Node Node
}

// Search finds the segment of the accumulator by binary search and goes on at
// its node. The segments are sorted, the first one starts at 0; neighbours with
// the same node count as one.
func (b *Builder) Search(segments []Segment) Node {
	var merged []Segment
	for _, s := range segments {
		if len(merged) == 0 || merged[len(merged)-1].Node != s.Node {
			merged = append(merged, s)
		}
	}
	return b.search(merged)
}

func (b *Builder) search(segments []Segment) Node {
	if len(segments) == 1 {
		return segments[0].Node
	}
	middle := len(segments) / 2
	return b.Branch(GreaterOrEqual, segments[middle].From, b.search(segments[middle:]), b.search(segments[:middle]))
}
