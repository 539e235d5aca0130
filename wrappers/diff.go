package wrappers

import (
	"bytes"
	"fmt"
)

// contextLines is how many unchanged lines surround a change in a unified diff.
const contextLines = 3

// UnifiedDiff gives the difference between two texts in the unified format, with
// from and to as the names in its head. Equal texts give nothing.
func UnifiedDiff(from, to string, before, after []byte) []byte {
	if bytes.Equal(before, after) {
		return nil
	}
	edits := editScript(splitLines(before), splitLines(after))
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", from, to)
	for _, h := range hunks(edits) {
		h.write(&out, edits)
	}
	return out.Bytes()
}

// splitLines cuts a text after each line feed.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	return lines
}

// edit is one line of an edit script: kept (' '), removed ('-') or added ('+').
type edit struct {
	op   byte
	line []byte
}

// editScript turns a into b. What both share at the ends is taken off first;
// the rest is a longest common subsequence where that is small enough, and else
// one removal and one addition, so that two huge texts don't take all memory.
func editScript(a, b [][]byte) []edit {
	var head, foot []edit
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	shared := 0
	for shared < len(a) && shared < len(b) && bytes.Equal(a[len(a)-1-shared], b[len(b)-1-shared]) {
		shared++
	}
	for _, line := range a[len(a)-shared:] {
		foot = append(foot, edit{' ', line})
	}
	a, b = a[:len(a)-shared], b[:len(b)-shared]
	const maxCells = 4 << 20
	if len(a) > 0 && len(b) > maxCells/len(a) {
		for _, line := range a {
			head = append(head, edit{'-', line})
		}
		for _, line := range b {
			head = append(head, edit{'+', line})
		}
	} else {
		head = append(head, commonSubsequence(a, b)...)
	}
	return append(head, foot...)
}

// commonSubsequence is the textbook dynamic programme: common[i][j] is the
// length of the longest common subsequence of a[i:] and b[j:].
func commonSubsequence(a, b [][]byte) []edit {
	width := len(b) + 1
	common := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if bytes.Equal(a[i], b[j]) {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	var script []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && bytes.Equal(a[i], b[j]):
			script = append(script, edit{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[(i+1)*width+j] >= common[i*width+j+1]:
			script = append(script, edit{'-', a[i]})
			i++
		default:
			script = append(script, edit{'+', b[j]})
			j++
		}
	}
	return script
}

// hunk is a run of an edit script: edits[from:to], which begins at these lines
// (from 0) of the two texts.
type hunk struct {
	from, to              int
	lineBefore, lineAfter int
}

// hunks groups the changes that are closer than twice the context.
func hunks(edits []edit) []hunk {
	var out []hunk
	before, after := 0, 0
	for i, e := range edits {
		if e.op != ' ' {
			if n := len(out); n > 0 && i <= out[n-1].to+contextLines {
				out[n-1].to = min(i+1+contextLines, len(edits))
			} else {
				lead := min(contextLines, i)
				out = append(out, hunk{i - lead, min(i+1+contextLines, len(edits)), before - lead, after - lead})
			}
		}
		if e.op != '+' {
			before++
		}
		if e.op != '-' {
			after++
		}
	}
	return out
}

func (h hunk) write(out *bytes.Buffer, edits []edit) {
	var before, after int
	for _, e := range edits[h.from:h.to] {
		if e.op != '+' {
			before++
		}
		if e.op != '-' {
			after++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(h.lineBefore, before), span(h.lineAfter, after))
	for _, e := range edits[h.from:h.to] {
		out.WriteByte(e.op)
		out.Write(e.line)
		if !bytes.HasSuffix(e.line, []byte("\n")) {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// span is "line,count" with lines from 1; an empty span names the line before it.
func span(line, count int) string {
	if count > 0 {
		line++
	}
	return fmt.Sprintf("%d,%d", line, count)
}
