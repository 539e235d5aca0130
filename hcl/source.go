package hcl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"unicode/utf8"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hashijson "github.com/hashicorp/hcl/v2/json"
)

// file is one parsed file. Its body holds what could be understood; where
// there were errors the file is broken and none of its profiles gives a plan.
type file struct {
	name   string // as diagnostics show it
	src    []byte
	body   hashi.Body
	json   bool
	labels map[int]string // quoted labels with templates, by their first byte
	diags  hashi.Diagnostics
	// labelled says that the labels were looked at for names that are known
	// only for one command.
	labelled, labelsUseCommand, labelsUseLocals bool
}

func (f *file) broken() bool { return f.diags.HasErrors() }

// IsProfileFile reports whether a directory's entry is read: *.hcl and
// *.hcl.json that are not hidden.
func IsProfileFile(name string) bool {
	return !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".hcl.json"))
}

// profileFiles lists the profile files of a directory, sorted. An absent
// directory has none; one that cannot be read is an error.
func profileFiles(dir string) ([]string, hashi.Diagnostics) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, hashi.Diagnostics{unplaced("cannot read the profile directory", err.Error())}
	}
	var files []string
	for _, e := range entries {
		if IsProfileFile(e.Name()) && !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) > maxFiles {
		return nil, hashi.Diagnostics{unplaced("too many profile files",
			fmt.Sprintf("%s holds %d files; up to %d are read", dir, len(files), maxFiles))}
	}
	slices.Sort(files)
	return files, nil
}

// unplaced is an error that is about no line of a file.
func unplaced(summary, detail string) *hashi.Diagnostic {
	return &hashi.Diagnostic{Severity: hashi.DiagError, Summary: summary, Detail: detail, Extra: ours{}}
}

// readFiles reads and parses files, several at a time; the result has their
// order.
func readFiles(paths []string) []*file {
	files := make([]*file, len(paths))
	work := make(chan int)
	var total atomic.Int64
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(paths)) {
		readers.Go(func() {
			for i := range work {
				files[i] = readFile(paths[i], &total)
			}
		})
	}
	for i := range paths {
		work <- i
	}
	close(work)
	readers.Wait()
	return files
}

// readFile reads and parses one file; total counts the bytes of all.
func readFile(path string, total *atomic.Int64) *file {
	src, err := readBounded(path)
	if err == nil && total.Add(int64(len(src))) > maxTotalSize {
		err = fmt.Errorf("the files of the directory have more than %d bytes together", maxTotalSize)
	}
	if err != nil {
		f := &file{name: path, body: hashi.EmptyBody()}
		f.diags = hashi.Diagnostics{problem(hashi.Range{Filename: path, Start: hashi.InitialPos, End: hashi.InitialPos},
			"cannot read the file", err.Error())}
		return f
	}
	return parse(src, path)
}

// readBounded reads a regular file of at most maxFileSize bytes. It doesn't
// wait for a writer when the name turns out to be a pipe.
func readBounded(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing can be lost
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	return src, nil
}

// parse parses text whose name decides on its syntax. The file always has a
// body: what follows a syntax error is still looked at.
func parse(src []byte, name string) *file {
	f := &file{name: name, src: src, body: hashi.EmptyBody(), json: strings.HasSuffix(name, ".json")}
	if len(src) > maxFileSize {
		f.src = nil
		f.diags = hashi.Diagnostics{problem(hashi.Range{Filename: name, Start: hashi.InitialPos, End: hashi.InitialPos},
			"file too large", fmt.Sprintf("a profile file may have %d bytes; split it, all files of a directory belong together", maxFileSize))}
		return f
	}
	if at := firstInvalid(src); at >= 0 {
		// The HCL library's scanner takes some such bytes for names.
		line, column := lineColumn(src, at)
		start := hashi.Pos{Line: line, Column: column, Byte: at}
		end := hashi.Pos{Line: line, Column: column + 1, Byte: at + 1}
		f.diags = hashi.Diagnostics{problem(hashi.Range{Filename: name, Start: start, End: end},
			"not UTF-8", fmt.Sprintf("the byte 0x%02x is no text; save the file as UTF-8", src[at]))}
		return f
	}
	if f.json {
		f.parseJSON()
	} else {
		f.parseNative()
	}
	return f
}

// firstInvalid gives the place of the first byte that is not UTF-8, or -1.
func firstInvalid(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
}

func (f *file) parseNative() {
	if f.diags = checkNative(f.src, f.name); f.diags.HasErrors() {
		return
	}
	text, labels := hideLabels(f.src, f.name)
	f.labels = labels
	parsed, diags := hclsyntax.ParseConfig(text, f.name, hashi.InitialPos)
	f.diags = firstPerLine(diags)
	if parsed != nil && parsed.Body != nil {
		f.body = parsed.Body
	}
}

func (f *file) parseJSON() {
	if f.diags = checkJSON(f.src, f.name); f.diags.HasErrors() {
		return
	}
	parsed, diags := hashijson.Parse(f.src, f.name)
	if len(diags) > 1 {
		// What is left after an error inside is no object; that says nothing more.
		diags = slices.DeleteFunc(diags, func(d *hashi.Diagnostic) bool { return d.Summary == "Root value must be object" })
	}
	f.diags = firstPerLine(diags)
	// What is left of broken JSON has the wrong shape, and only leads to errors
	// about that.
	if parsed != nil && parsed.Body != nil && !diags.HasErrors() {
		f.body = parsed.Body
	}
}

// firstPerLine keeps the first syntax error of each line: what the parser
// says after it is usually about its own confusion.
func firstPerLine(diags hashi.Diagnostics) hashi.Diagnostics {
	var kept hashi.Diagnostics
	last := 0
	for _, d := range diags {
		if d.Subject == nil || d.Subject.Start.Line != last {
			kept = append(kept, d)
		}
		if d.Subject != nil {
			last = d.Subject.Start.Line
		}
		if len(kept) > 2*maxDiagnostics {
			break
		}
	}
	return kept
}
