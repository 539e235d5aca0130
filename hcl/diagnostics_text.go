package hcl

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	hashi "github.com/hashicorp/hcl/v2"
)

// Colours of the text form (ECMA-48 SGR).
const (
	colourError   = "\x1b[1;31m"
	colourWarning = "\x1b[1;33m"
	colourHint    = "\x1b[32m"
	colourPlace   = "\x1b[36m"
	colourDim     = "\x1b[2m"
	colourOff     = "\x1b[0m"
)

// minWidth is the narrowest terminal that text is wrapped for.
const minWidth = 40

// WriteDiagnostics writes diagnostics for a person: what is wrong, the line it
// is about, what to write instead. The width is that of the terminal in
// columns; 0 means that lines are not wrapped. Errors are those of w.
//
//	husk: error: unknown block "filesytem" in profile
//	  --> /home/ann/.config/husk/profiles/npm.hcl:12:3
//	   |
//	12 |   filesytem {
//	   |   ^^^^^^^^^
//	   = here may stand …; did you mean "filesystem"?
func WriteDiagnostics(w io.Writer, d Diagnostics, colour bool, width int) error {
	t := &textWriter{out: bufio.NewWriter(w), colour: colour, width: width}
	for _, p := range d.List {
		t.diagnostic(p, d.Sources)
	}
	if d.LeftOut > 0 {
		fmt.Fprintf(t.out, "husk: note: %d more are not shown\n", d.LeftOut)
	}
	return t.out.Flush()
}

// textWriter writes to a buffered writer, which keeps the first error.
type textWriter struct {
	out    *bufio.Writer
	colour bool
	width  int
}

func (t *textWriter) in(colour, s string) string {
	if !t.colour {
		return s
	}
	return colour + s + colourOff
}

func (t *textWriter) diagnostic(p *hashi.Diagnostic, sources map[string][]byte) {
	severity := t.in(colourError, "error")
	if p.Severity == hashi.DiagWarning {
		severity = t.in(colourWarning, "warning")
	}
	fmt.Fprintf(t.out, "husk: %s: %s\n", severity, printable(p.Summary))
	if p.Subject == nil { // no line to show: two lines as of any other message
		if p.Detail != "" {
			fmt.Fprintf(t.out, "husk: %s: %s\n", t.in(colourHint, "hint"), printable(p.Detail))
		}
		return
	}
	gutter := strings.Repeat(" ", len(fmt.Sprint(p.Subject.Start.Line)))
	fmt.Fprintf(t.out, "%s%s %s\n", gutter, t.in(colourDim, "-->"),
		t.in(colourPlace, fmt.Sprintf("%s:%d:%d", printable(p.Subject.Filename), p.Subject.Start.Line, p.Subject.Start.Column)))
	t.snippet(*p.Subject, sources[p.Subject.Filename], gutter)
	if p.Detail != "" {
		lead := gutter + " = "
		for i, line := range wrap(printable(p.Detail), t.width-len(lead)) {
			if i > 0 {
				lead = strings.Repeat(" ", len(gutter)+3)
			}
			fmt.Fprintf(t.out, "%s%s\n", lead, line)
		}
	}
	fmt.Fprintln(t.out)
}

// snippet shows the line that a range begins in, with a mark under the range.
func (t *textWriter) snippet(at hashi.Range, src []byte, gutter string) {
	line, ok := lineOf(src, at)
	if !ok {
		return
	}
	from := min(at.Start.Column-1, utf8.RuneCount(line))
	length := utf8.RuneCount(line) - from
	if at.End.Line == at.Start.Line {
		length = at.End.Column - at.Start.Column
	}
	shown, mark := t.window([]rune(string(line)), from, max(length, 1))
	bar := t.in(colourDim, "|")
	fmt.Fprintf(t.out, "%s %s\n", gutter, bar)
	fmt.Fprintf(t.out, "%d %s %s\n", at.Start.Line, bar, printable(shown))
	fmt.Fprintf(t.out, "%s %s %s\n", gutter, bar, t.in(colourError, mark))
}

// window cuts a long line to the terminal and gives the mark below it, in
// which tabs of the line are kept so that both line up.
func (t *textWriter) window(line []rune, from, length int) (shown, mark string) {
	room := 200
	if t.width >= minWidth {
		room = t.width - 8
	}
	first := 0
	if from+length > room {
		first = max(0, from-room/4)
	}
	last := min(len(line), first+room)
	pad := make([]rune, 0, from)
	for _, r := range line[first:min(from, last)] {
		if r != '\t' {
			r = ' '
		}
		pad = append(pad, r)
	}
	length = max(1, min(length, last-from))
	return strings.TrimRight(string(line[first:last]), " \t\r"), string(pad) + strings.Repeat("^", length)
}

// lineOf gives the line of the source that a range begins in.
func lineOf(src []byte, at hashi.Range) ([]byte, bool) {
	if at.Start.Byte < 0 || at.Start.Byte > len(src) || len(src) == 0 {
		return nil, false
	}
	from := bytes.LastIndexByte(src[:at.Start.Byte], '\n') + 1
	line := src[from:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return line, true
}

// printable replaces what would move the cursor or colour the terminal: a
// profile's text is shown, never obeyed.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError:
			return '?'
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // bidirectional controls
			return '?'
		}
		return r
	}, s)
}

// wrap breaks text into lines of at most width runes where it can.
func wrap(s string, width int) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		if width < minWidth-4 {
			lines = append(lines, paragraph)
			continue
		}
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines = append(lines, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}
