package wrappers

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// interpreter gives the program that starts the file: the one of a script's first
// line (through env, the one that env would find), or an ELF file's loader. It is
// nil where there is none or it is visible anyway.
func (f *Finder) interpreter(file string, q question) (*reached, error) {
	head, err := readHead(file)
	if os.IsPermission(err) {
		return nil, nil // may be executed, not read: no script
	}
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		line, _, _ := bytes.Cut(head[2:], []byte("\n"))
		return f.scriptInterpreter(string(line), q)
	case bytes.HasPrefix(head, []byte(elf.ELFMAG)) && (q.Whole || !isSystem(file)):
		return f.loader(file)
	}
	return nil, nil
}

// scriptInterpreter resolves a script's first line, without "#!".
func (f *Finder) scriptInterpreter(line string, q question) (*reached, error) {
	program, argument, _ := strings.Cut(strings.Trim(line, " \t\r"), " ")
	if program == "" {
		return nil, errors.New("the first line names no interpreter")
	}
	if filepath.Base(program) == "env" {
		name := envName(strings.TrimSpace(argument))
		if name == "" {
			return nil, fmt.Errorf("the first line's env names no program: %q", line)
		}
		program = name
	}
	if !strings.Contains(program, "/") {
		_, r, err := f.locate(question{Exec: program, Writable: q.Writable})
		if err != nil {
			return nil, fmt.Errorf("it is a script for %s: %w", program, err)
		}
		return &r, nil
	}
	if !filepath.IsAbs(program) {
		return nil, fmt.Errorf("it is a script for %q, which is a relative path", program)
	}
	r, err := f.follow(filepath.Clean(program))
	if err != nil {
		return nil, fmt.Errorf("it is a script for %s: %w", program, err)
	}
	return &r, nil
}

// envName gives the program that env(1) starts when it is called with that one
// argument (the kernel doesn't split it; -S does).
func envName(argument string) string {
	words := []string{argument}
	for _, split := range []string{"-S", "-vS", "--split-string"} {
		if rest, ok := strings.CutPrefix(argument, split); ok {
			words = strings.Fields(strings.TrimPrefix(rest, "="))
		}
	}
	for _, word := range words {
		if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			return strings.Trim(word, `"'`)
		}
	}
	return ""
}

// loader gives the dynamic loader that an ELF file names, where it is not in a
// system directory or these are not visible.
func (f *Finder) loader(file string) (*reached, error) {
	bin, err := elf.Open(file)
	if err != nil {
		return nil, nil // the kernel refuses it with its own error
	}
	defer bin.Close()
	for _, p := range bin.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		name, err := io.ReadAll(p.Open())
		if err != nil {
			return nil, err
		}
		path := string(bytes.TrimRight(name, "\x00"))
		if !filepath.IsAbs(path) {
			return nil, nil
		}
		r, err := f.follow(filepath.Clean(path))
		if err != nil {
			return nil, fmt.Errorf("its loader: %w", err)
		}
		return &r, nil
	}
	return nil, nil
}
