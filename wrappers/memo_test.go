package wrappers

import (
	"os"
	"testing"
	"time"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Every change that could give another wrapper ends freshness; no change doesn't.
func TestFresh(t *testing.T) {
	for name, c := range map[string]struct {
		change func(h *host, o *Options, stamp *string)
		fresh  bool
	}{
		"nothing":                {func(*host, *Options, *string) {}, true},
		"an unrelated program":   {func(h *host, _ *Options, _ *string) { h.file("first/other", binary) }, true},
		"the profiles":           {func(_ *host, _ *Options, stamp *string) { *stamp = "2" }, false},
		"the version":            {func(_ *host, o *Options, _ *string) { o.Version = "2" }, false},
		"the enforcer":           {func(_ *host, o *Options, _ *string) { o.Enforcer = "/opt/husk-enforce" }, false},
		"the renderer":           {func(_ *host, o *Options, _ *string) { o.Renderer = shRenderer{} }, false},
		"an earlier program":     {func(h *host, _ *Options, _ *string) { h.file("first/tool", binary) }, false},
		"the program is gone":    {func(h *host, _ *Options, _ *string) { os.Remove(h.home + "/second/tool") }, false},
		"another interpreter":    {func(h *host, _ *Options, _ *string) { h.file("first/node", binary) }, false},
		"a variable of a tool's": {func(h *host, _ *Options, _ *string) { h.env["VOLTA_HOME"] = h.home + "/v" }, false},
		"an edited wrapper":      {func(_ *host, o *Options, _ *string) { os.WriteFile(o.Directory+"/tool", nil, 0o755) }, false},
		"a removed wrapper":      {func(_ *host, o *Options, _ *string) { os.Remove(o.Directory + "/tool") }, false},
		"a removed manifest":     {func(_ *host, o *Options, _ *string) { os.Remove(o.Directory + "/" + manifestName) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			h.file("second/tool", "#!/usr/bin/env node\n")
			h.file("second/node", binary)
			h.file("first/unrelated", binary)
			h.onPath("first", "second")
			o, stamp := options(tempDir(t)), "1"
			apply := func() {
				finder := h.finder()
				p := newPlan("tool")
				p.Program.Path = "tool"
				if _, err := finder.Complete(p); err != nil {
					t.Fatal(err)
				}
				memo, err := finder.Memo(stamp)
				if err != nil {
					t.Fatal(err)
				}
				o.Memo = memo
				mustApply(t, o, []*plan.Plan{p}...)
			}
			apply()
			time.Sleep(2 * clockTick) // a file that was written just now is always read again
			apply()
			c.change(h, &o, &stamp)
			if files, fresh := Fresh(o, stamp, h.finder()); fresh != c.fresh || fresh && files != 1 {
				t.Errorf("fresh: %v with %d files, want %v", fresh, files, c.fresh)
			}
		})
	}
}

func TestNoMemoWithProblems(t *testing.T) {
	h := newHost(t)
	f := h.finder()
	if _, err := f.Complete(named("no-such-program-at-all")); err == nil {
		t.Fatal("found")
	}
	if memo, err := f.Memo("1"); memo != nil || err != nil {
		t.Errorf("a failed search was remembered: %v, %v", memo, err)
	}
	o := options(tempDir(t))
	write(t, o.Directory+"/npm", "mine", 0o755)
	o.Memo = &Memo{Stamp: "1"}
	for range 2 {
		mustApply(t, o, newPlan("npm"))
	}
	if _, fresh := Fresh(o, "1", h.finder()); fresh {
		t.Error("fresh although a file is in the way")
	}
}
