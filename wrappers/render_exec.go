package wrappers

import (
	"fmt"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan/encode"
)

// execRenderer makes one self-contained file per command: a first line that
// names the enforcer, a comment, the plan. The kernel starts the enforcer with
// the file's path as its first argument; no shell starts.
type execRenderer struct{}

func (execRenderer) Name() string { return "exec" }

func (r execRenderer) Render(j Job) (Rendering, error) {
	if why := notAnInterpreter(j.Enforcer); why != "" {
		out, err := shRenderer{}.Render(j)
		out.Note = fmt.Sprintf("the enforcer's path cannot stand in a first line (%s), so the wrappers are shell scripts (renderer sh): %s", why, comment(j.Enforcer))
		return out, err
	}
	content, err := execFile(j, r.Name())
	if err != nil {
		return Rendering{}, err
	}
	return Rendering{Files: []File{{Name: j.Plan.Command, Mode: modeExecutable, Content: content}}}, nil
}

// execFile is the self-contained wrapper.
func execFile(j Job, renderer string) ([]byte, error) {
	text, err := encode.Plan(j.Plan)
	if err != nil {
		return nil, err
	}
	head := "#!" + j.Enforcer + "\n" + header(j, renderer)
	return append([]byte(head), text...), nil
}

// maxFirstLine is BINPRM_BUF_SIZE (include/uapi/linux/binfmts.h): the kernel
// reads that much of a file to recognise it, and since 5.4 refuses a first line
// whose end isn't in there rather than running a path cut short.
const maxFirstLine = 256

// notAnInterpreter says why the kernel would not take the path from a first
// line; it is empty where it would. The kernel splits at blanks and knows no
// quotes (fs/binfmt_script.c).
func notAnInterpreter(path string) string {
	switch {
	case len("#!")+len(path)+len("\n") > maxFirstLine:
		return fmt.Sprintf("longer than %d bytes", maxFirstLine-len("#!\n"))
	case strings.ContainsAny(path, " \t"):
		return "it holds a blank"
	case strings.ContainsAny(path, "\n\x00"):
		return "it holds a line break"
	}
	return ""
}
