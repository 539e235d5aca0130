package enforce

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/husk-sandbox/husk"

// linked lists every package outside of the standard library that husk-enforce
// is made of, and why. It starts on every wrapped command; a line more here is
// time and attack surface on each of them.
var linked = map[string]string{
	module + "/cmd/husk-enforce":                           "main",
	module + "/enforce":                                    "plan to process",
	module + "/enforce/audit":                              "the record of calls that are logged",
	module + "/enforce/cgroup":                             "the session's control group",
	module + "/enforce/identity":                           "subordinate users",
	module + "/enforce/absent":                             "paths that must stay absent",
	module + "/enforce/homes":                              "persistent homes",
	module + "/enforce/kernel":                             "what this kernel offers",
	module + "/enforce/landlock":                           "rights as numbers",
	module + "/enforce/latedrop":                           "the empty root that a program asks for",
	module + "/enforce/namespaces":                         "the mount view",
	module + "/enforce/network":                            "what a filtered network namespace is set up with",
	module + "/enforce/observe/asking":                     "the filter by which a watcher hears of debuggers",
	module + "/enforce/plan":                               "the plan and its decoder",
	module + "/enforce/inherited":                          "the limit on open files before Go raises it",
	module + "/enforce/session":                            "the session directory",
	module + "/enforce/steps":                              "the setup program",
	module + "/enforce/supervise":                          "calls that are decided while the program runs",
	"golang.org/x/sys/unix":                                "system calls",
	"github.com/landlock-lsm/go-landlock/landlock/syscall": "Landlock's system calls and numbers",
	"kernel.org/pub/linux/libs/security/libcap/psx":        "go-landlock's raw calls need it; without cgo it is a few lines",
}

// forbidden says what must never come in, not even from the standard library,
// and why. A package stands for itself and everything below it.
var forbidden = map[string]string{
	"encoding/json":                 "reflection: 0.5 ms per start (plan/json.go); writing is for plan/encode",
	"encoding/gob":                  "reflection",
	"fmt":                           "reflection and 0.1 ms of start; strconv and + do",
	"log":                           "fmt comes with it",
	"flag":                          "the enforcer has no options",
	"regexp":                        "compiles at start; nothing is matched but simple patterns",
	"text/template":                 "policy is data, never a template",
	"html":                          "nothing here speaks HTML",
	"net":                           "a resolver and a poller; the enforcer has no network",
	"os/exec":                       "searches PATH; programs are started by the setup program alone",
	"os/user":                       "reads passwd, maybe by NSS modules",
	"plugin":                        "loads code",
	"runtime/cgo":                   "a libc, its loader and LD_PRELOAD in the enforcer",
	"crypto":                        "self-tests and tables at start; getrandom(2) is called directly",
	"math/rand":                     "no name may be predictable",
	"math/big":                      "comes with crypto",
	"compress":                      "plans are plain",
	"testing":                       "not for programs",
	"go":                            "no Go source is read",
	"path/filepath":                 "path does, on Linux",
	"io/ioutil":                     "os does",
	module + "/hcl":                 "no policy is decided at run time (design 1)",
	module + "/wrappers":            "no wrapper is written or searched at run time",
	module + "/cmd/husk":            "the command line is not for every start",
	module + "/enforce/plan/encode": "writing a plan needs encoding/json",
	module + "/enforce/seccomp":     "filters are compiled when the wrapper is rendered",
	"github.com/hashicorp":          "HCL: 0.7 ms per start just for being linked (measured)",
	"github.com/zclconf":            "HCL's values",
	"github.com/spf13":              "the command line's library",
	"golang.org/x/net":              "seccomp's assembler belongs to the renderer",
}

func TestTheEnforcerImportsNothingElse(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listDeps(t) {
		if p.Standard || p.ImportPath == "unsafe" {
			continue
		}
		seen[p.ImportPath] = true
		if _, ok := linked[p.ImportPath]; !ok {
			t.Errorf("husk-enforce now links %s: take it out, or write down in linked why it must be there", p.ImportPath)
		}
	}
	for name := range linked {
		if !seen[name] {
			t.Errorf("husk-enforce doesn't link %s any more: take it off the list", name)
		}
	}
}

func TestTheEnforcerAvoids(t *testing.T) {
	for _, p := range listDeps(t) {
		for name, why := range forbidden {
			if belowPackage(p.ImportPath, name) {
				t.Errorf("husk-enforce links %s: %s", p.ImportPath, why)
			}
		}
	}
}

func TestTheTwoListsAgree(t *testing.T) {
	for name := range linked {
		for bad := range forbidden {
			if belowPackage(name, bad) && !belowPackage(name, module+"/cmd/husk-enforce") {
				t.Errorf("%s is allowed, and forbidden by %s", name, bad)
			}
		}
	}
}

// belowPackage says whether a package is dir or lies below it.
func belowPackage(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }

type listed struct {
	ImportPath string
	Standard   bool
}

// listDeps asks the go command, with cgo off as releases are built.
func listDeps(t *testing.T) []listed {
	t.Helper()
	root := sourceTree(t)
	if _, err := exec.LookPath("go"); err != nil {
		cannotRun(t, "no go command: "+err.Error())
	}
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard", "./cmd/husk-enforce")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOPROXY=off")
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil && strings.Contains(problems.String(), "module lookup disabled") {
		cannotRun(t, "this user has not got the modules: "+problems.String())
	}
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problems.String())
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < len(linked) {
		t.Fatalf("go list names %d packages only", len(all))
	}
	return all
}

// sourceTree gives the module's root. A test binary that was carried elsewhere
// has none.
func sourceTree(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil || !strings.HasPrefix(string(mod), "module "+module+"\n") {
		cannotRun(t, "this test reads the source tree, and this is not it: "+root)
	}
	return root
}

// folders are the import rules of the design's table: what a folder's own
// packages (tests too) may import of the module, beside what lies below
// themselves.
var folders = []struct {
	dir string
	may []string // exactly these packages, or, with /... , all below as well
	why string
}{
	{"hcl", []string{"enforce/plan"}, "the language decides, it doesn't enforce"},
	{"wrappers", []string{"enforce/plan", "enforce/plan/encode"}, "a renderer writes plans, and no language"},
	{"enforce", nil, "the enforcer knows no language and no wrappers"},
	{"cmd/husk-enforce", []string{"enforce"}, "the enforcer's main is a few lines"},
	{"cmd/husk", []string{"hcl/...", "wrappers/...", "enforce/..."}, "the command line may use everything below it"},
}

func TestFoldersImportOnlyWhatTheDesignSays(t *testing.T) {
	root := sourceTree(t)
	for _, f := range folders {
		files := goFiles(t, filepath.Join(root, f.dir))
		if len(files) == 0 {
			t.Errorf("%s holds no Go files", f.dir)
		}
		for _, file := range files {
			for _, imported := range imports(t, file) {
				inside, ours := strings.CutPrefix(imported, module+"/")
				if ours && !belowPackage(inside, f.dir) && !slices.ContainsFunc(f.may, func(m string) bool { return permits(m, inside) }) {
					t.Errorf("%s imports %s: %s", file, inside, f.why)
				}
			}
		}
	}
}

// The plan is read by everybody, so it knows nobody; its encoder knows the
// plan alone.
func TestThePlanImportsNothingOfTheModule(t *testing.T) {
	root := sourceTree(t)
	for _, file := range goFiles(t, filepath.Join(root, "enforce", "plan")) {
		for _, imported := range imports(t, file) {
			if inside, ours := strings.CutPrefix(imported, module+"/"); ours && !belowPackage(inside, "enforce/plan") {
				t.Errorf("%s imports %s", file, inside)
			}
		}
	}
}

func permits(rule, pkg string) bool {
	if dir, ok := strings.CutSuffix(rule, "/..."); ok {
		return belowPackage(pkg, dir)
	}
	return pkg == rule
}

// Unsafe code stands where its reviewers look for it.
func TestUnsafeOnlyInItsFiles(t *testing.T) {
	root := sourceTree(t)
	for _, file := range goFiles(t, root) {
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".go"), "_test")
		if slices.Contains(imports(t, file), "unsafe") && !strings.HasSuffix(name, "_unsafe") {
			t.Errorf("%s imports unsafe; only *_unsafe.go may", file)
		}
	}
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".")):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !e.IsDir():
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// imports reads the head of a file only, so a half-written body is no matter.
func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return all
}
