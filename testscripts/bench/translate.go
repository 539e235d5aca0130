package main

import (
	"fmt"
	"strings"
)

// sessionMark ends the name that `husk explain --steps` gives to the session
// directory, which doesn't exist until a program starts.
const sessionMark = "-SESSION"

// translate turns the lines of `husk explain --steps` into plain.c's
// arguments, so that both make the same mounts in the same order; session
// stands for the session directory. Steps that are no part of the view are left
// out; one of the view that can't be read is an error, since the comparison
// would flatter husk's rival.
func translate(text, session string) (args []string, mounts int, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		_, rest := word(line) // the step's number
		process, rest := word(rest)
		kind, rest := word(rest)
		if process != "init" {
			continue
		}
		step, err := translateStep(kind, rest)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", line, err)
		}
		if len(step) > 0 && (step[0] == "m" || step[0] == "b") {
			mounts++
		}
		if len(step) > 0 && step[0] == "b" && strings.HasSuffix(step[1], sessionMark) {
			step[1] = session
			step[3] = strings.ReplaceAll(step[3], "f", "")
		}
		args = append(args, step...)
	}
	if mounts == 0 {
		return nil, 0, fmt.Errorf("no mounts among the steps:\n%s", text)
	}
	return args, mounts, nil
}

// word cuts the first word off.
func word(line string) (first, rest string) {
	first, rest, _ = strings.Cut(line, " ")
	return first, strings.TrimLeft(rest, " ")
}

func translateStep(kind, text string) ([]string, error) {
	switch kind {
	case "mkdir":
		return []string{"d", text}, nil
	case "symlink":
		target, content, ok := strings.Cut(text, " -> ")
		return []string{"l", target, content}, known(ok)
	case "file":
		if target, gone := strings.CutSuffix(text, " removed"); gone {
			return []string{"u", target}, nil
		}
		target, size, ok := strings.Cut(text, " (")
		size, sized := strings.CutSuffix(size, " bytes)")
		return []string{"c", target, size}, known(ok && sized)
	case "mount":
		return translateMount(text)
	case "bind":
		return translateBind(text)
	}
	return nil, nil
}

func known(ok bool) error {
	if !ok {
		return fmt.Errorf("plain.c doesn't know such a step")
	}
	return nil
}

// translateMount reads "TYPE at TARGET (OPTIONS)". The first one is the new
// root, which plain.c mounts by itself.
func translateMount(text string) ([]string, error) {
	kind, rest, ok := strings.Cut(text, " at ")
	target, options, _ := strings.Cut(rest, " (")
	if strings.HasPrefix(target, "/") {
		return nil, known(ok)
	}
	return []string{"m", kind, target, strings.TrimSuffix(options, ")")}, known(ok)
}

// translateBind reads "SOURCE at TARGET, writable, with what is mounted below".
func translateBind(text string) ([]string, error) {
	source, rest, ok := strings.Cut(text, " at ")
	target, options, _ := strings.Cut(rest, ", ")
	flags := ""
	for _, option := range []struct{ word, flag string }{{"writable", "w"}, {"mounted below", "r"}} {
		if strings.Contains(options, option.word) {
			flags += option.flag
		}
	}
	if !isDir(source) {
		flags += "f"
	}
	return []string{"b", source, target, flags}, known(ok)
}
