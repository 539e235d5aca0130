package wrappers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/husk-sandbox/husk/enforce/plan/encode"
)

// ExternalVersion is the version of what an external renderer reads and writes.
const ExternalVersion = 1

// ExternalRequest is the JSON document on an external renderer's standard input.
type ExternalRequest struct {
	Version   int    `json:"version"`   // ExternalVersion
	Husk      string `json:"husk"`      // husk's version
	Enforcer  string `json:"enforcer"`  // absolute path of husk-enforce
	Directory string `json:"directory"` // absolute path that the files are for
	// Header is the comment that a wrapper should begin with (after a first
	// line), so that husk and people recognise it.
	Header string          `json:"header"`
	Plan   json.RawMessage `json:"plan"`
}

// ExternalReply is the JSON document on its standard output: nothing else may
// stand there, and no other field in it.
type ExternalReply struct {
	Version int            `json:"version"` // ExternalVersion
	Files   []ExternalFile `json:"files"`
	Note    string         `json:"note,omitempty"`
}

// ExternalFile is one file of the reply. Name is relative and clean. Text or
// Base64 is its content; bytes that are not UTF-8 need the latter.
type ExternalFile struct {
	Name       string `json:"name"`
	Executable bool   `json:"executable,omitempty"`
	Text       string `json:"text,omitempty"`
	Base64     []byte `json:"base64,omitempty"`
}

const (
	externalTimeout   = 10 * time.Second
	externalMaxOutput = 16 << 20 // bytes
	externalMaxFiles  = 100
	externalPrefix    = "husk-render-"
)

// externalRenderer runs husk-render-NAME once per command.
type externalRenderer struct {
	name, program string
	timeout       time.Duration
}

var rendererName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// findExternal looks for husk-render-NAME. Relative entries of PATH don't count:
// a file in the working directory must not be able to write wrappers.
func findExternal(name string, path []string) (Renderer, error) {
	if !rendererName.MatchString(name) {
		return nil, fmt.Errorf("%q is not a renderer's name", name)
	}
	for _, dir := range path {
		if !filepath.IsAbs(dir) {
			continue
		}
		program := filepath.Join(dir, externalPrefix+name)
		if isExecutableFile(program) {
			return externalRenderer{name: name, program: program, timeout: externalTimeout}, nil
		}
	}
	return nil, fmt.Errorf("there is no renderer %q: not one of %s, and no %s on PATH",
		name, strings.Join(Names(), ", "), externalPrefix+name)
}

func (r externalRenderer) Name() string { return r.name }

func (r externalRenderer) Render(j Job) (Rendering, error) {
	text, err := encode.Plan(j.Plan)
	if err != nil {
		return Rendering{}, err
	}
	request, err := json.Marshal(ExternalRequest{
		Version: ExternalVersion, Husk: j.Version, Enforcer: j.Enforcer, Directory: j.Directory,
		Header: header(j, r.name), Plan: text,
	})
	if err != nil {
		return Rendering{}, err
	}
	answer, err := r.run(request)
	if err != nil {
		return Rendering{}, fmt.Errorf("%s: %w", r.program, err)
	}
	out, err := decodeReply(answer)
	if err != nil {
		return Rendering{}, fmt.Errorf("%s: %w", r.program, err)
	}
	return out, nil
}

// run starts the program with the request and gives what it printed. Where its
// time is up, it and what it started (its process group) are killed.
func (r externalRenderer) run(request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(request)
	var stderr tail
	stdout := limited{max: externalMaxOutput}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("gave no answer within %s", r.timeout)
	case stdout.full:
		return nil, fmt.Errorf("printed more than %d bytes", externalMaxOutput)
	case err != nil && len(stderr.last) > 0:
		return nil, fmt.Errorf("%w: %s", err, comment(strings.TrimSpace(string(stderr.last))))
	case err != nil:
		return nil, err
	}
	return stdout.data, nil
}

// decodeReply reads the answer strictly.
func decodeReply(answer []byte) (Rendering, error) {
	if !utf8.Valid(answer) {
		return Rendering{}, errors.New("the answer is not UTF-8")
	}
	var reply ExternalReply
	dec := json.NewDecoder(bytes.NewReader(answer))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&reply); err != nil {
		return Rendering{}, fmt.Errorf("the answer is not what it should be: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Rendering{}, errors.New("something follows the answer")
	}
	switch {
	case reply.Version != ExternalVersion:
		return Rendering{}, fmt.Errorf("the answer has version %d, this husk knows %d", reply.Version, ExternalVersion)
	case len(reply.Files) == 0:
		return Rendering{}, errors.New("the answer names no file")
	case len(reply.Files) > externalMaxFiles:
		return Rendering{}, fmt.Errorf("the answer names more than %d files", externalMaxFiles)
	case !printable(reply.Note):
		return Rendering{}, errors.New("the answer's note is not one printable line")
	}
	out := Rendering{Note: reply.Note}
	for _, f := range reply.Files {
		content := f.Base64
		mode := fs.FileMode(modeData)
		switch {
		case f.Text != "" && f.Base64 != nil:
			return Rendering{}, fmt.Errorf("%q has both text and base64", f.Name)
		case f.Base64 == nil:
			content = []byte(f.Text)
		}
		if f.Executable {
			mode = modeExecutable
		}
		out.Files = append(out.Files, File{Name: f.Name, Mode: mode, Content: content})
	}
	return out, nil
}
