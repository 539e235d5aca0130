package plan

import "testing"

func TestPathText(t *testing.T) {
	state, ok := XDG("state")
	if !ok {
		t.Fatal("no xdg.state")
	}
	for _, c := range []struct {
		path Path
		want string
	}{
		{Path{Path: "/etc"}, "/etc"},
		{Path{Path: "/"}, "/"},
		{Path{Anchor: AnchorHome}, "${home}"},
		{Path{Anchor: AnchorHome, Path: ".npm"}, "${home}/.npm"},
		{Path{Anchor: AnchorCwd, Path: "a/b"}, "${cwd}/a/b"},
		{Path{Anchor: AnchorProject}, "${project}"},
		{Path{Anchor: AnchorEnv, Name: "SSH_AUTH_SOCK"}, `${env("SSH_AUTH_SOCK")}`},
		{state, "${xdg.state}"},
		{state.Join("husk"), "${xdg.state}/husk"},
		{Path{Anchor: AnchorEnv, Name: "XDG_STATE_HOME"}, `${env("XDG_STATE_HOME")}`}, // without the default it is another path
	} {
		if got := c.path.String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.path, got, c.want)
		}
	}
}

func TestXDG(t *testing.T) {
	for short, want := range map[string]Path{
		"config":  {Anchor: AnchorEnv, Name: "XDG_CONFIG_HOME", Default: ".config"},
		"cache":   {Anchor: AnchorEnv, Name: "XDG_CACHE_HOME", Default: ".cache"},
		"data":    {Anchor: AnchorEnv, Name: "XDG_DATA_HOME", Default: ".local/share"},
		"state":   {Anchor: AnchorEnv, Name: "XDG_STATE_HOME", Default: ".local/state"},
		"runtime": {Anchor: AnchorEnv, Name: "XDG_RUNTIME_DIR"},
	} {
		if got, ok := XDG(short); !ok || got != want {
			t.Errorf("XDG(%q) = %+v, %v; want %+v", short, got, ok, want)
		}
	}
	for _, short := range []string{"", "home", "Config", "XDG_CONFIG_HOME"} {
		if got, ok := XDG(short); ok {
			t.Errorf("XDG(%q) = %+v", short, got)
		}
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		path        Path
		below, want string
	}{
		{Path{Path: "/"}, "etc", "/etc"},
		{Path{Path: "/etc"}, "ssl", "/etc/ssl"},
		{Path{Path: "/etc"}, "", "/etc"},
		{Path{Path: "/"}, "", "/"},
		{Path{Anchor: AnchorHome}, "a/b", "${home}/a/b"},
		{Path{Anchor: AnchorHome, Path: "a"}, "b", "${home}/a/b"},
	} {
		if got := c.path.Join(c.below); got.String() != c.want {
			t.Errorf("%v.Join(%q) = %s, want %s", c.path, c.below, got, c.want)
		}
	}
}
