package enforce

import (
	"bytes"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

func TestHandover(t *testing.T) {
	h := &handover{
		pid: 42, reaper: true, report: 5, signals: [2]int{6, 7}, mask: 1<<63 | 5, tty: -1, group: 41, give: true, std: "/dev/pts/1",
		base: "/tmp", session: "/tmp/a \"b\"\n", sessionIn: 8, sessionFD: 9, network: 10, published: []int{11, 12}, audit: "01ab", callsEnd: 17,
		homeFD: -1, cgroupIn: -1, cgroupFD: -1, bus: busProxy{pid: 78, process: 13, alive: 14}, busDir: "/tmp/b", busIn: 15, busFD: -1, finisher: finisher{pid: 77, lock: -1, answer: -1},
		observer: observer{pid: 79, socket: 16, lost: "a \"reason\""},
		steps:    []steps.Step{steps.NewStep(steps.Bind, 3, "/a;b", "/a;b", " at ", "\x00\xff"), steps.NewStep(steps.Exec, plan.NoOrigin, "", "")},
		plan:     []byte("#!/x\n\n{}\n"),
	}
	h.steps[0].Process = "init"
	text := h.encode()
	got, err := decodeHandover(text)
	if err != nil {
		t.Fatal(err)
	}
	if again := got.encode(); !bytes.Equal(again, text) {
		t.Errorf("got\n%s\nwant\n%s", again, text)
	}
	if s := got.steps[0]; s.String() != h.steps[0].String() || s.Origin != 3 || s.Object != "/a;b" {
		t.Errorf("%+v", s)
	}
	if n := len(got.descriptors()); n != 13 {
		t.Errorf("%d descriptors", n)
	}
}

// Half a handover, or another version's, is none.
func TestHandoverIsWhole(t *testing.T) {
	text := (&handover{plan: []byte("{}")}).encode()
	head := bytes.Index(text, []byte("\n\n"))
	for n := range head {
		if _, err := decodeHandover(text[:n]); err == nil {
			t.Fatalf("%q is taken for one", text[:n])
		}
	}
	for _, change := range [][2]string{{"husk handover ", "husk handover 9"}, {"pid ", "pit "}, {"reaper false", "reaper maybe"}, {"\n\n", "\nmore 1\n\n"}} {
		if _, err := decodeHandover([]byte(strings.Replace(string(text), change[0], change[1], 1))); err == nil {
			t.Errorf("%q for %q is taken", change[1], change[0])
		}
	}
}
