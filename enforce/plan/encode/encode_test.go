package encode

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// fill gives every field of v a value of its own, so that a field which one of
// the two sides forgets is seen.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 1, 2, 0xff, byte(*n)})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d \"\\\n\t\x01<é\u2028😀", *n))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(1<<63 + uint64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(v.Kind())
	}
}

func full() *plan.Plan {
	p, n := new(plan.Plan), 0
	fill(reflect.ValueOf(p).Elem(), &n)
	p.Version = plan.Version
	p.Program.Path = "/usr/bin/true"
	return p
}

func TestEveryFieldSurvivesTheRoundTrip(t *testing.T) {
	want := full()
	text, err := Plan(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	again, err := Plan(got)
	if err != nil || string(again) != string(text) {
		t.Errorf("the second writing differs (error %v)", err)
	}
}

// Where a rule comes from stands behind the policy, in one line: two plans that
// differ in nothing else have the same bytes before it.
func TestProvenanceStandsApart(t *testing.T) {
	a, b := full(), full()
	b.Source = "elsewhere.hcl.json"
	b.Origins = append([]plan.Origin{{Profile: "x", File: "y", Line: 1}}, b.Origins...)
	b.Written = nil
	var policies, provenances [2]string
	for i, p := range []*plan.Plan{a, b} {
		text, err := Plan(p)
		if err != nil {
			t.Fatal(err)
		}
		var found bool
		policies[i], provenances[i], found = strings.Cut(string(text), "\n \"provenance\": ")
		if !found || strings.Count(provenances[i], "\n") != 2 {
			t.Fatalf("the provenance is not the last line but one:\n%s", text)
		}
	}
	if policies[0] != policies[1] {
		t.Error("the policies differ")
	}
	if provenances[0] == provenances[1] {
		t.Error("the provenances don't differ")
	}
}

func TestDecodeRefuses(t *testing.T) {
	b, err := Plan(full())
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	if _, err := plan.Decode([]byte("#!/enforcer\n# words\n" + good)); err != nil {
		t.Fatalf("the plan itself with a header: %v", err)
	}
	swap := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("no %q in the plan", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"other version":     {swap(`"version": 1`, `"version": 2`), "plan version 2 is not 1"},
		"unknown field":     {swap(`"home": {`, `"hom": {`), `unknown field "hom"`},
		"unknown inside":    {swap(`"slash_tmp"`, `"slashtmp"`), `unknown field "slashtmp"`},
		"field twice":       {swap(`"version": 1`, `"version": 1, "version": 1`), "the same field twice"},
		"wrong type":        {swap(`"version": 1`, `"version": "1"`), "expected a whole number"},
		"fraction":          {swap(`"version": 1`, `"version": 1.0`), "expected '}'"},
		"text behind":       {good + "x", "text after the plan"},
		"two plans":         {good + good, "text after the plan"},
		"cut off":           {good[:len(good)/2], ""},
		"empty":             {"", "expected '{'"},
		"relative program":  {swap(`/usr/bin/true`, `true`), "not an absolute path"},
		"raw control":       {swap(`"profile": "`, "\"profile\": \"\x02"), "control character"},
		"not UTF-8":         {swap(`"profile": "`, "\"profile\": \"\xff"), "not UTF-8"},
		"not base64":        {swap(`"program": "A`, `"program": "*A`), "not base64"},
		"negative unsigned": {swap(`"size": 9`, `"size": -9`), "number out of range"},
	} {
		_, err := plan.Decode([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q in it", name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	b, err := Plan(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("#!/x\n{}"))
	f.Add([]byte(`{"version":1,"provenance":{"ways":[{"through":["\ud83d\ude00"]}],"places":[[0,1]]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := plan.Decode(text)
		if err != nil {
			return
		}
		// What is accepted can be written and reads back as the same.
		out, err := Plan(p)
		if err != nil {
			t.Fatalf("accepted but not writable: %v", err)
		}
		q, err := plan.Decode(out)
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("round trip differs: %v", err)
		}
	})
}
