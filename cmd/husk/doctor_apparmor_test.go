package main

import "testing"

func TestAppArmorQuoting(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/bin/husk-enforce": "usr/bin/husk-enforce",
		"/home/a b/{x,y}*?[z]":  `home/a\ b/\{x\,y\}\*\?\[z\]`,
		`/a"\b`:                 `a\"\\b`,
	} {
		if got := aare(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
