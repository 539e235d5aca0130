package plan

import (
	"reflect"
	"strings"
	"testing"
)

// least is a plan with nothing but what check asks for.
const least = `{"version":1,"profile":"p","command":"c","program":{"path":"/bin/true"}}`

// with gives the least plan with more fields.
func with(fields string) string { return least[:len(least)-1] + "," + fields + "}" }

// from gives the least plan with that source.
func from(text string) string { return with(`"provenance":{"source":` + text + "}") }

func TestDecodeTheLeast(t *testing.T) {
	p, err := Decode([]byte(least))
	if err != nil {
		t.Fatal(err)
	}
	want := &Plan{Version: 1, Profile: "p", Command: "c", Program: Program{Path: "/bin/true"}}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v, want %+v", p, want)
	}
}

func TestDecodeAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"white space":             " \t\r\n" + strings.NewReplacer(":", " :\n", ",", "\t,\r").Replace(least) + "\n \n",
		"a wrapper's head":        "#!/usr/bin/husk-enforce\n# a\n#\n" + least,
		"empty lists and objects": with(`"limits":[ ],"degrade":[],"home":{ },"environment":{"set":[]}`),
		"escapes":                 from(`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`),
		"largest numbers":         with(`"limits":[{"name":"x","value":18446744073709551615,"origin":-1}],"supervise":{"burst":9223372036854775807}`),
		"a pointer":               with(`"environment":{"set":[{"name":"A","path":{"anchor":"home"}}]}`),
		"an empty provenance":     with(`"provenance":{}`),
		"an empty late_drop":      with(`"late_drop":{}`),
	} {
		if _, err := Decode([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodedText(t *testing.T) {
	p, err := Decode([]byte(with(`"provenance":{"source":"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00é😀"},"degrade":["","a"]`)))
	if err != nil {
		t.Fatal(err)
	}
	if want := "\"\\/\b\f\n\r\té😀é😀"; p.Source != want {
		t.Errorf("source %q, want %q", p.Source, want)
	}
	if want := []string{"", "a"}; !reflect.DeepEqual(p.Degrade, want) {
		t.Errorf("degrade %q, want %q", p.Degrade, want)
	}
}

func TestDecodeRefusesWhatIsNotAPlan(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an array":                     {"[" + least + "]", "expected '{'"},
		"a string":                     {`"x"`, "expected '{'"},
		"null":                         {"null", "expected '{'"},
		"a head without a plan":        {"#!/usr/bin/husk-enforce\n", "expected '{'"},
		"a head without an end":        {"#!/usr/bin/husk-enforce", "expected '{'"},
		"a comment behind":             {least + "\n# more", "text after the plan"},
		"a NUL behind":                 {least + "\x00", "text after the plan"},
		"a NUL and more behind":        {least + "\n\x00" + least, "text after the plan"},
		"a byte order mark":            {"\ufeff" + least, "expected '{'"},
		"a comma too many":             {least[:len(least)-1] + ",}", `expected '"'`},
		"a comma in front":             {`{,"version":1}`, `expected '"'`},
		"no comma":                     {`{"version":1 "profile":"p"}`, "expected '}'"},
		"no colon":                     {`{"version" 1}`, "expected ':'"},
		"a name without quotes":        {`{version:1}`, `expected '"'`},
		"single quotes":                {`{'version':1}`, `expected '"'`},
		"a list that ends in a comma":  {with(`"degrade":["a",]`), `expected '"'`},
		"a list of a comma":            {with(`"degrade":[,]`), `expected '"'`},
		"a list without an end":        {with(`"degrade":["a"`), "expected ']'"},
		"a list for an object":         {with(`"home":[]`), "expected '{'"},
		"an object for a list":         {with(`"degrade":{}`), "expected '['"},
		"null for a list":              {with(`"degrade":null`), "expected '['"},
		"null for an object":           {with(`"late_drop":null`), "expected '{'"},
		"a number for a string":        {from(`1`), `expected '"'`},
		"a string for a truth value":   {with(`"tmp":{"strict":"true"}`), "expected true or false"},
		"a truth value of capitals":    {with(`"tmp":{"strict":True}`), "expected true or false"},
		"a cut truth value":            {with(`"tmp":{"strict":tru`), "expected true or false"},
		"a truth value with more":      {with(`"tmp":{"strict":truex}`), "expected '}'"},
		"a number of nothing":          {with(`"home":{"origin":}`), "expected a whole number"},
		"a minus alone":                {with(`"home":{"origin":-}`), "expected a whole number"},
		"a plus":                       {with(`"home":{"origin":+1}`), "expected a whole number"},
		"a leading zero":               {with(`"home":{"origin":01}`), "expected a whole number"},
		"a leading zero behind minus":  {with(`"home":{"origin":-01}`), "expected a whole number"},
		"an exponent":                  {with(`"home":{"origin":1e2}`), "expected '}'"},
		"a hexadecimal number":         {with(`"home":{"origin":0x1}`), "expected '}'"},
		"a number too large":           {with(`"home":{"origin":9223372036854775808}`), "number out of range"},
		"a size too large":             {with(`"tmp":{"size":18446744073709551616}`), "number out of range"},
		"a NUL in a string":            {from(`"a\u0000b"`), "NUL"},
		"a NUL in the program's path":  {strings.Replace(least, "/bin/true", `/bin/true\u0000x`, 1), "NUL"},
		"a raw NUL in a string":        {from("\"a\x00b\""), "control character"},
		"a raw newline in a string":    {from("\"a\nb\""), "control character"},
		"a newline behind an escape":   {from("\"\\t\n\""), "control character"},
		"a string without an end":      {from(`"a`), "expected '}'|has no end"},
		"an escape without an end":     {from(`"\`), "has no end|unknown escape"},
		"an unknown escape":            {from(`"\x41"`), "unknown escape"},
		"a capital escape":             {from(`"\N"`), "unknown escape"},
		"a short escape":               {from(`"\u12"`), "unknown escape|no end"},
		"an escape that is no number":  {from(`"\u12g4"`), "unknown escape"},
		"an escape with a sign":        {from(`"\u+123"`), "unknown escape"},
		"an escape with an underscore": {from(`"\u1_23"`), "unknown escape"},
		"half a pair":                  {from(`"\ud83d"`), "half a surrogate pair"},
		"the other half":               {from(`"\ude00"`), "half a surrogate pair"},
		"half a pair and more":         {from(`"\ud83dx"`), "half a surrogate pair"},
		"two first halves":             {from(`"\ud83d\ud83d"`), "half a surrogate pair"},
		"bytes that are no text":       {from("\"\xc3\""), "not UTF-8"},
		"such bytes behind an escape":  {from("\"\\n\xed\xa0\x80\""), "not UTF-8"},
		"an overlong form":             {from("\"\xc0\xaf\""), "not UTF-8"},
		"such bytes in a name":         {with("\"sour\xff\":1"), "not UTF-8"},
		"base64 without its end":       {with(`"syscalls":{"program":"AAAA="}`), "not base64"},
		"base64 for URLs":              {with(`"syscalls":{"program":"_-__"}`), "not base64"},
		"a name in capitals":           {with(`"Source":"x"`), `unknown field "Source"`},
		"a name with an escape twice":  {from(`"a","\u0073ource":"b"`), "the same field twice"},
		"a field twice, deep":          {with(`"tmp":{"strict":true,"strict":false}`), "the same field twice"},
		"no version":                   {`{"profile":"p","command":"c","program":{"path":"/x"}}`, "version 0 is not 1"},
		"version 0":                    {strings.Replace(least, `"version":1`, `"version":0`, 1), "version 0 is not 1"},
		"no profile":                   {`{"version":1,"command":"c","program":{"path":"/x"}}`, "names no profile"},
		"a profile that is a path":     {strings.Replace(least, `"profile":"p"`, `"profile":"../p"`, 1), "no file name"},
		"a profile that is a dot":      {strings.Replace(least, `"profile":"p"`, `"profile":"."`, 1), "no file name"},
		"a profile that is two dots":   {strings.Replace(least, `"profile":"p"`, `"profile":".."`, 1), "no file name"},
		"no command":                   {`{"version":1,"profile":"p","program":{"path":"/x"}}`, "names no command"},
		"no program":                   {`{"version":1,"profile":"p","command":"c"}`, "not an absolute path"},
		"a place without a way":        {with(`"provenance":{"places":[[0,1]]}`), "a place has no way"},
		"a place before all ways":      {with(`"provenance":{"ways":[{}],"places":[[-1,1]]}`), "a place has no way"},
		"a place of one number":        {with(`"provenance":{"ways":[{}],"places":[[0]]}`), "expected ','"},
		"a place of three numbers":     {with(`"provenance":{"ways":[{}],"places":[[0,1,2]]}`), "expected ']'"},
		"an empty program":             {strings.Replace(least, "/bin/true", "", 1), "not an absolute path"},
		"a program of the directory":   {strings.Replace(least, "/bin/true", "./true", 1), "not an absolute path"},
	} {
		p, err := Decode([]byte(c.text))
		if err == nil {
			t.Errorf("%s: accepted as %+v", name, p)
			continue
		}
		found := false
		for _, want := range strings.Split(c.want, "|") {
			found = found || strings.Contains(err.Error(), want)
		}
		if !found {
			t.Errorf("%s: error %q, want %q in it", name, err, c.want)
		}
	}
}

// Every error inside the text names its line in the file, head included.
func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"#!/x\n# two\n{\n\"version\": 1,\n\"profil\": 2}", `plan line 5: unknown field "profil"`},
		{"{\"version\":\n\n\"1\"}", "plan line 3: expected a whole number"},
		{"{}x", "plan line 1: text after the plan"},
	} {
		if _, err := Decode([]byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
}

// Every proper beginning of a plan is refused: a file cut short by a full disk
// must not start with fewer rules.
func TestEveryCutIsRefused(t *testing.T) {
	text := "#!/x\n" + with(`"degrade":["\u00e9"],"tmp":{"strict":true,"size":12},"verify":[{"sha256":"a"}]`)
	for i := range text {
		if p, err := Decode([]byte(text[:i])); err == nil {
			t.Fatalf("accepted %q as %+v", text[:i], p)
		}
	}
	if _, err := Decode([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestMaxSize(t *testing.T) {
	space := strings.Repeat(" ", MaxSize-len(least))
	if _, err := Decode([]byte(least + space)); err != nil {
		t.Errorf("a plan of MaxSize: %v", err)
	}
	if _, err := Decode([]byte(least + space + " ")); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("one byte more: %v", err)
	}
}

func TestOriginBounds(t *testing.T) {
	p := &Plan{Origins: []Origin{{File: "a", Line: 1}, {File: "b", Line: 2}}}
	for i, want := range map[int]string{NoOrigin: "", 0: "a", 1: "b", 2: "", -7: "", 1 << 40: ""} {
		if o, ok := p.Origin(i); o.File != want || ok != (want != "") {
			t.Errorf("Origin(%d) = %+v, %v", i, o, ok)
		}
	}
}

func TestProvenance(t *testing.T) {
	p, err := Decode([]byte(with(`"degrade":["seccomp"],"provenance":{"source":"x.hcl","places":[[1,7],[0,9]],
		"ways":[{"profile":"p","file":"x.hcl"},{"profile":"q","file":"y.hcl","through":["p","q"]}],
		"written":[{"name":"filesystem.view","origin":1},{"name":"degrade","word":"seccomp","origin":0}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Origin{{Profile: "q", File: "y.hcl", Line: 7, Through: []string{"p", "q"}}, {Profile: "p", File: "x.hcl", Line: 9}}
	if p.Source != "x.hcl" || !reflect.DeepEqual(p.Origins, want) {
		t.Errorf("%+v", p)
	}
	for _, c := range []struct {
		name, word string
		want       int
	}{{"filesystem.view", "", 1}, {"degrade", "seccomp", 0}, {"degrade", "landlock", NoOrigin}, {"tmp.mode", "", NoOrigin}} {
		if got := p.OriginOf(c.name, c.word); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.name, c.word, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		least, "#!/x\n" + least + "\n", "", "{", "{}", "[]", least + "\x00", "{\"\":", `{"version":`, `{"degrade":[`,
		from(`"\ud83d\ude00\u00e9\\"`), with(`"limits":[{"name":"files","value":18446744073709551615}]`),
		with(`"syscalls":{"program":"AAECAw=="}`), with(`"late_drop":{"chroot":true}`), from(`"\u0000"`),
		with(`"provenance":{"ways":[{"through":["p"]}],"places":[[0,1]],"written":[{"name":"a","word":"b","origin":0}]}`),
		with(`"network":{"connect":[{"ports":[1,65535]}]}`), from("\"\xff\""), with(`"home":{"origin":-0}`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Decode(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("an error of more than a line: %q", err)
			}
			return
		}
		if p.Version != Version || p.Profile == "" || p.Command == "" || !strings.HasPrefix(p.Program.Path, "/") {
			t.Errorf("accepted %+v", p)
		}
		// What comes behind the object can't be anything but white space.
		if _, err := Decode(append(text, 'x')); err == nil {
			t.Error("accepted with text behind it")
		}
	})
}
