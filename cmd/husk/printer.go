package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/hcl"
)

// The voice of husk, kept here and nowhere else:
//
//   - What was asked for goes to standard output; everything else to standard
//     error. Nothing decorates standard output.
//   - A message is one line: "husk: error: …", "husk: warning: …", "husk: note: …".
//     What to do about it follows as "husk: hint: …".
//   - Lower case, no full stop, no exclamation mark, no apology. It names the
//     thing, says what is wrong with it and, where that is known, what to write.
//   - Names and paths that could be taken for something else are quoted, and no
//     control character reaches the terminal.
//   - Colour only on a terminal, never when NO_COLOR is set (no-color.org) or TERM
//     is dumb.
type printer struct {
	out    io.Writer
	colour bool
	width  int // columns
}

// printer gives the printer for standard error.
func (a *app) printer() *printer { return a.printerOn(a.stderr) }

// printerOn gives a printer for a stream, with colour where that is a terminal.
func (a *app) printerOn(w io.Writer) *printer {
	p := &printer{out: w, width: 80}
	f, ok := w.(*os.File)
	if !ok {
		return p
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil { // no terminal
		return p
	}
	if size.Col > 20 {
		p.width = int(size.Col)
	}
	p.colour = a.host.getenv("NO_COLOR") == "" && a.host.getenv("TERM") != "dumb"
	return p
}

// Colours, by meaning (ECMA-48 SGR).
const (
	red    = "31"
	yellow = "33"
	green  = "32"
	bold   = "1"
	faint  = "2"
)

// paint colours text where colour is on.
func (p *printer) paint(colour, text string) string {
	if !p.colour || colour == "" || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// error prints an error and its hint. Joined errors are printed one by one.
func (p *printer) error(err error) {
	for {
		with, ok := err.(failed)
		if !ok {
			break
		}
		err = with.error
	}
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			p.error(e)
		}
		return
	}
	p.line(red, "error", err.Error())
	var h hinted
	if errors.As(err, &h) {
		p.hint(h.hint)
	}
}

func (p *printer) warning(format string, args ...any) {
	p.line(yellow, "warning", fmt.Sprintf(format, args...))
}

func (p *printer) note(format string, args ...any) {
	p.line("", "note", fmt.Sprintf(format, args...))
}

func (p *printer) hint(text string) { p.line(green, "hint", text) }

func (p *printer) line(colour, kind, text string) {
	label := kind + ":"
	if colour != "" {
		label = p.paint(colour, label)
	}
	// A write to standard error that fails has nobody left to tell.
	_, _ = fmt.Fprintf(p.out, "husk: %s %s\n", label, clean(text))
}

// diagnostics prints problems of profiles with the lines they are about.
func (p *printer) diagnostics(d hcl.Diagnostics) {
	if len(d.List) > 0 {
		hcl.WriteDiagnostics(p.out, d, p.colour, p.width)
	}
}

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// clean keeps control characters off the terminal, and a message on few lines.
func clean(text string) string { return escaped(text, isUnwanted) }

func isUnwanted(r rune) bool { return isControl(r) && r != '\n' && r != '\t' }

// isControl counts what reorders a line, too.
func isControl(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// oneLine is clean for what has one line, so that a name with a newline in it makes
// no second one that looks like husk's.
func oneLine(text string) string { return escaped(text, isControl) }

// escaped writes some characters, and what is not UTF-8, in a form that can be seen.
func escaped(text string, these func(rune) bool) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, these) {
		return text
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if these(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// quoted is a name as messages show it.
func quoted(s string) string { return strconv.Quote(s) }

// table prints rows in columns that are as wide as their longest cell. The first
// row is the head.
func (p *printer) table(rows [][]string) error {
	widths := make([]int, 0, 8)
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(cell)))
		}
	}
	for n, row := range rows {
		row = slices.Clone(row)
		for i, cell := range row {
			cell = oneLine(cell)
			if pad := widths[i] - utf8.RuneCountInString(cell); i < len(row)-1 {
				cell += strings.Repeat(" ", pad)
			}
			row[i] = cell
		}
		line := strings.TrimRight(strings.Join(row, "  "), " ")
		if n == 0 {
			line = p.paint(bold, line)
		}
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	return nil
}
