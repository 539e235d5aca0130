package enforce

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// What husk reserves (wrappers, profiles, its own files) is never writable
// inside, whatever is granted: the start is refused, or the last mount over it
// is read-only.
func TestReservedIsNeverWritable(t *testing.T) {
	const conf = "home/u/.config/husk/profiles"
	for name, c := range map[string]struct {
		prepare func(f *plan.Filesystem, w *world)
		inside  string // where the reserved directory appears
	}{
		"below a write grant": {func(f *plan.Filesystem, w *world) { f.Write = rules(w.at("home/u/.config")) }, conf},
		"granted itself":      {func(f *plan.Filesystem, w *world) { f.Write = rules(w.at(conf)) }, conf},
		"a grant below it":    {func(f *plan.Filesystem, w *world) { f.Write = rules(w.at(conf + "/sub")) }, conf + "/sub"},
		"a grant below, beside one that is read": {func(f *plan.Filesystem, w *world) {
			f.Read, f.Write = rules(w.at("home/u/.config")), rules(w.at(conf+"/sub"))
		}, conf + "/sub"},
		"in the user's home": {func(f *plan.Filesystem, w *world) { w.plan.Home.Mode = plan.HomeHost }, conf},
		"bound elsewhere": {func(f *plan.Filesystem, w *world) {
			f.Bind = []plan.Bind{{From: w.at(conf), To: home("x"), Mode: plan.ModeWrite}}
		}, "home/u/x"},
		"a parent bound elsewhere": {func(f *plan.Filesystem, w *world) {
			f.Bind = []plan.Bind{{From: w.at("home/u/.config"), To: home("x"), Mode: plan.ModeWrite}}
		}, "home/u/x/husk/profiles"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir(conf + "/sub")
			w.plan.Filesystem.Reserved = rules(w.at(conf))
			c.prepare(&w.plan.Filesystem, w)
			text, err := w.tryLayout()
			if err != nil {
				refused(t, err, conf)
				return
			}
			if path := w.root + "/" + c.inside; lastMountIsWritable(text, path) {
				t.Errorf("%s is writable:\n%s", path, w.text(strings.Join(text, "\n")))
			}
		})
	}
}

// The same tree without a reserved path: what is granted can be written.
func TestUnreservedIsWritable(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/.config/husk/profiles")
	w.plan.Filesystem.Write = rules(w.at("home/u/.config"))
	text, err := w.tryLayout()
	if err != nil {
		t.Fatal(err)
	}
	if !lastMountIsWritable(text, w.root+"/home/u/.config/husk/profiles") {
		t.Error("it is not writable")
	}
}

func (w *world) tryLayout() ([]string, error) {
	files, err := w.resolve()
	if err != nil {
		return nil, err
	}
	at, _ := resolve(w.Home)
	l, err := newLayout(&setting{plan: w.plan, caller: w.Caller, home: at, files: files, anchors: w.anchors()})
	if err != nil {
		return nil, err
	}
	list := steps.New()
	if err := l.view.Build(list, false); err != nil {
		return nil, err
	}
	var text []string
	for _, s := range list.Steps {
		if s.Kind == steps.Bind {
			text = append(text, s.Text())
		}
	}
	return text, nil
}

// lastMountIsWritable looks at the last bind at path or above. A directory that
// is bound onto itself keeps the read-only flag of the mount that it lies in.
func lastMountIsWritable(binds []string, path string) bool {
	writable := false
	for _, b := range binds {
		source, rest, _ := strings.Cut(b, " at ")
		target, mode, _ := strings.Cut(rest, ", ")
		if !namespaces.Within(path, "/"+strings.TrimPrefix(target, "/")) {
			continue
		}
		now := strings.HasPrefix(mode, "writable")
		if source == target { // relative: what is there already
			now = now && writable
		}
		writable = now
	}
	return writable
}
