package namespaces

import (
	"slices"
	"testing"
)

func TestHideProc(t *testing.T) {
	host := fakeHost{"/proc/keys": []byte("x"), "/proc/timer_list": []byte("x"), "/proc/sys": nil}
	tests := []struct {
		name string
		root bool
		want []string
	}{
		{"user", false, []string{"/proc/keys"}},
		{"root", true, []string{"/proc/keys", "/proc/timer_list"}},
	}
	for _, test := range tests {
		var v View
		v.HideProc(host, test.root)
		var got []string
		for _, p := range v.places {
			if p.Kind != HideFile {
				t.Errorf("%s: %s is no hidden file", test.name, p.Path)
			}
			got = append(got, p.Path)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, not %v", test.name, got, test.want)
		}
	}
}
