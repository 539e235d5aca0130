package identity

import (
	"slices"
	"testing"
)

func TestRanges(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Range
		bad  bool
	}{
		"nothing":             {text: ""},
		"by name":             {text: "ann:100000:65536\n", want: []Range{{100000, 65536}}},
		"by number":           {text: "1001:5:3\n", want: []Range{{5, 3}}},
		"both, in order":      {text: "1001:5:3\nann:100:1\n", want: []Range{{5, 3}, {100, 1}}},
		"somebody else's":     {text: "bob:100000:65536\n10010:7:7\nannn:1:1\n"},
		"a bad line of bob's": {text: "bob:x\nann:9:1", want: []Range{{9, 1}}},
		"an empty range":      {text: "ann:9:0"},
		"no count":            {text: "ann:9", bad: true},
		"root in the range":   {text: "ann:0:5", bad: true},
		"negative":            {text: "ann:-5:10", bad: true},
		"past the last id":    {text: "ann:4294967290:10", bad: true},
		"a fourth field":      {text: "ann:1:2:3", bad: true},
		"words":               {text: "ann:one:two", bad: true},
		"an empty name":       {text: ":100:100"},
	} {
		got, err := Ranges(c.text, "ann", 1001)
		if (err != nil) != c.bad || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v, error %v", name, got, err, c.want, c.bad)
		}
	}
	if got, err := Ranges(":5:5\n", "", 1001); got != nil || err != nil {
		t.Errorf("a user without a name gets %v, %v", got, err)
	}
}

func TestNthWalksOverRanges(t *testing.T) {
	ranges := []Range{{10, 2}, {20, 1}}
	for i, want := range []int{10, 11, 20, -1} {
		if got := nth(ranges, i); got != want {
			t.Errorf("nth %d is %d, want %d", i, got, want)
		}
		if want > 0 && !contains(ranges, want) {
			t.Errorf("%d is not contained", want)
		}
	}
	if contains(ranges, 12) || contains(ranges, 9) || contains(ranges, 21) {
		t.Error("an id beside the ranges is contained")
	}
}

func TestName(t *testing.T) {
	const passwd = "root:x:0:0:root:/root:/bin/sh\nann:x:1001:7::/home/ann:/bin/sh\nbroken\n"
	if got := Name(passwd, 1001); got != "ann" {
		t.Errorf("1001 is %q", got)
	}
	if got := Name(passwd, 7); got != "" {
		t.Errorf("group 7 was taken for user %q", got)
	}
}

func TestOverlaps(t *testing.T) {
	r := Range{100, 10}
	for line, want := range map[string]bool{
		"bob:90:10": false, "bob:90:11": true, "bob:105:1": true, "bob:109:5": true, "bob:110:5": false, "bob:1:1000": true, "bob:x:1": false,
	} {
		if Overlaps("ann:1:2\n"+line+"\n", r) != want {
			t.Errorf("%s: want %v", line, want)
		}
	}
}

// Everybody keeps their files but the caller, whose files are the program's,
// and the program's user, who has none on the disk.
func TestSwap(t *testing.T) {
	for name, c := range map[string]struct {
		all             []Range
		outside, inside int
		want            []Line
	}{
		"root in the whole": {[]Range{{0, 1000}}, 0, 500, []Line{{0, 500, 1}, {1, 1, 499}, {501, 501, 499}}},
		"the other order":   {[]Range{{0, 1000}}, 500, 10, []Line{{500, 10, 1}, {0, 0, 10}, {11, 11, 489}, {501, 501, 499}}},
		"a container's":     {[]Range{{0, 3}, {100, 5}}, 0, 104, []Line{{0, 104, 1}, {1, 1, 2}, {100, 100, 4}}},
	} {
		if got := swap(c.all, c.outside, c.inside); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
