package main

import "testing"

func TestSummarise(t *testing.T) {
	tests := []struct {
		sample []float64
		want   summary
	}{
		{[]float64{7}, summary{7, 7, 7}},
		{[]float64{3, 1, 2}, summary{1.5, 2, 2.5}},
		{[]float64{4, 1, 3, 2}, summary{1.75, 2.5, 3.25}},
		{[]float64{1, 1, 1, 100}, summary{1, 1, 25.75}},
	}
	for _, test := range tests {
		if got := summarise(test.sample); got != test.want {
			t.Errorf("%v: got %v, want %v", test.sample, got, test.want)
		}
	}
}

func TestMissingSideIsSaid(t *testing.T) {
	there := recipe{name: "there", argv: []string{"/bin/true"}}
	gone := recipe{name: "gone", missing: "gone is not installed"}
	for _, c := range []comparison{pair(there, gone, ""), pair(gone, there, "")} {
		if c.missing != gone.missing {
			t.Errorf("%s: missing is %q", c.name(), c.missing)
		}
	}
	if c := pair(there, there, ""); c.missing != "" {
		t.Errorf("%s: missing is %q", c.name(), c.missing)
	}
}

func TestFailureIsNoTime(t *testing.T) {
	broken := recipe{name: "broken", argv: []string{"/bin/false"}}
	if r, err := pair(broken, broken, "").measure(0, 1); err == nil {
		t.Errorf("a program that failed was counted: %v", r)
	}
}
