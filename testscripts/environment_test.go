package testscripts

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// passed are variables of the machine that scripts keep: how to reach the
// network from here. A trailing * stands for anything.
var passed = []string{
	"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE",
	"GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"npm_config_*", "NPM_CONFIG_*",
}

// scripts counts the scripts of this run, for what must not be named twice on
// the machine.
var scripts atomic.Int32

// setup gives a script its home, its PATH and the variables the package
// comment names.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); isPassed(name) {
			env.Setenv(name, value)
		}
	}
	// The scripts' own servers are here, and no proxy's business.
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		env.Setenv(name, strings.TrimPrefix(env.Getenv(name)+",127.0.0.1,localhost", ","))
	}
	env.Setenv("HOME", home)
	env.Setenv("BIN", filepath.Join(home, ".local/share/husk/bin"))
	env.Setenv("PROBE_DIR", tools.probe())
	env.Setenv("HUSK_BIN", tools.bin())
	env.Setenv("DEMO_DIR", tools.demo())
	env.Setenv("UNIQUE", strconv.Itoa(os.Getpid()<<8+int(scripts.Add(1))))
	env.Setenv("PATH", strings.Join([]string{tools.bin(), tools.probe(), env.Getenv("PATH")}, ":"))
	for name, value := range map[string]string{
		"LANG": "C.UTF-8", "TERM": "xterm", "SHELL": "/bin/sh", "NO_COLOR": "1",
	} {
		env.Setenv(name, value)
	}
	if err := setRegistry(env); err != nil {
		return err
	}
	user, err := ordinaryUser()
	if err != nil {
		return err
	}
	env.Setenv("MEMORY_GROUP", memoryGroup())
	env.Setenv("TEST_UID", strconv.Itoa(user.uid))
	env.Setenv("TEST_GID", strconv.Itoa(user.gid))
	env.Setenv("CALLER_UID", strconv.Itoa(os.Getuid()))
	env.Setenv("CALLER_GID", strconv.Itoa(os.Getgid()))
	return nil
}

// setRegistry tells the library's npm which registry this machine uses, where
// that is not the public one.
func setRegistry(env *testscript.Env) error {
	registry := env.Getenv("npm_config_registry")
	if registry == "" {
		return nil
	}
	u, err := url.Parse(registry)
	if err != nil {
		return err
	}
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	env.Setenv("HUSK_VAR_registry", u.Hostname())
	env.Setenv("HUSK_VAR_registry_port", port)
	return nil
}

func isPassed(name string) bool {
	for _, pattern := range passed {
		if head, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(name, head) || pattern == name {
			return true
		}
	}
	return false
}
