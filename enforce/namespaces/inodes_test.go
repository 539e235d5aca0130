package namespaces

import "testing"

func TestBounded(t *testing.T) {
	for data, want := range map[string]string{
		"mode=755,size=256m":              "mode=755,size=256m,nr_inodes=65536",
		"mode=700,size=50%":               "mode=700,size=50%,nr_inodes=262144",
		"mode=700,size=8388608,uid=5":     "mode=700,size=8388608,uid=5,nr_inodes=8192",
		"size=4k":                         "size=4k,nr_inodes=8192",
		"size=1G":                         "size=1G,nr_inodes=262144",
		"size=18446744073709551615":       "size=18446744073709551615,nr_inodes=262144",
		"mode=700":                        "mode=700,nr_inodes=262144",
		"size=99999999999999999999999999": "size=99999999999999999999999999,nr_inodes=262144",
	} {
		if got := bounded(data); got != want {
			t.Errorf("%s: %s, not %s", data, got, want)
		}
	}
}
