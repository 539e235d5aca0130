package wrappers

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestExternalRenderer(t *testing.T) {
	reply := func(files string) string { return `{"version":1,"files":[` + files + `]}` }
	for name, c := range map[string]struct {
		script string
		want   string // in the error; "" means success
	}{
		"accepted":         {"cat >/dev/null; printf '%s' '" + reply(`{"name":"npm","executable":true,"text":"#!/bin/sh\n"}`) + "'", ""},
		"does not read":    {"printf '%s' '" + reply(`{"name":"npm"}`) + "'", ""},
		"status":           {"echo broken >&2; exit 3", "exit status 3: broken"},
		"no JSON":          {"echo hello", "not what it should be"},
		"nothing":          {":", "not what it should be"},
		"another field":    {`echo '{"version":1,"files":[],"mode":1}'`, "unknown field"},
		"another version":  {`echo '{"version":2,"files":[{"name":"a"}]}'`, "version 2"},
		"no files":         {`echo '{"version":1,"files":[]}'`, "names no file"},
		"something behind": {"echo '" + reply(`{"name":"npm"}`) + " {}'", "follows the answer"},
		"absolute":         {"echo '" + reply(`{"name":"/etc/npm"}`) + "'", "not a clean relative"},
		"upwards":          {"echo '" + reply(`{"name":"../npm"}`) + "'", "not a clean relative"},
		"unclean":          {"echo '" + reply(`{"name":"a//b"}`) + "'", "not a clean relative"},
		"empty name":       {"echo '" + reply(`{"name":""}`) + "'", "not a clean relative"},
		"the manifest":     {"echo '" + reply(`{"name":".husk-manifest.json"}`) + "'", "husk's own"},
		"both contents":    {"echo '" + reply(`{"name":"a","text":"x","base64":"eA=="}`) + "'", "both text and base64"},
		"control":          {`printf '{"version":1,"note":"\\u001b[31m","files":[{"name":"a"}]}'`, "one printable line"},
		"too much":         {"head -c 20000000 /dev/zero | tr '\\0' ' '", "more than"},
		"not UTF-8":        {`printf '\377'`, "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			write(t, dir+"/"+externalPrefix+"x", "#!/bin/sh\n"+c.script+"\n", 0o755)
			r, err := Select("x", []string{dir})
			if err != nil {
				t.Fatal(err)
			}
			_, err = render(r, Job{Plan: newPlan("npm"), Enforcer: "/e", Directory: "/d", Version: "1"})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestExternalRendererIsEnded(t *testing.T) {
	dir := tempDir(t)
	program := write(t, dir+"/hang", "#!/bin/sh\nsleep 1000 &\nsleep 1000\n", 0o755)
	r := externalRenderer{name: "hang", program: program, timeout: 50 * time.Millisecond}
	if _, err := r.Render(Job{Plan: newPlan("npm"), Enforcer: "/e", Directory: "/d"}); err == nil || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestSelect(t *testing.T) {
	for _, name := range Names() {
		if r, err := Select(name, nil); err != nil || r.Name() != name {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if r, err := Select("", nil); err != nil || r.Name() != Default {
		t.Errorf("the default is %v, %v", r, err)
	}
	dir := tempDir(t)
	write(t, dir+"/"+externalPrefix+"plain", "", 0o644)
	t.Chdir(dir)
	write(t, dir+"/"+externalPrefix+"here", "#!/bin/sh\n", 0o755)
	for _, c := range []struct{ name, path string }{
		{"none", dir}, {"plain", dir}, {"../x", dir}, {"X", dir}, {"here", "."}, {"here", ""},
	} {
		if _, err := Select(c.name, []string{c.path}); err == nil {
			t.Errorf("%s", fmt.Sprintf("renderer %q was found in %q", c.name, c.path))
		}
	}
}
