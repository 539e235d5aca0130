package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func events(t *testing.T, dir string) []Event {
	t.Helper()
	all, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "husk", "log")
	f, err := Follow(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir, Event{Session: "s", Profile: "p", Command: "c", Pid: 7})
	if err != nil {
		t.Fatal(err)
	}
	l.Write(Event{Kind: Resolve, Verdict: Denied, Reason: "no-rule", Name: "a\"\\\x00\x1b\n\u2028\xffb"})
	l.Write(Event{Kind: Connect, Verdict: Allowed, Name: "b", Address: "192.0.2.1", Port: 443, Protocol: "tcp", Rule: "f:1", Sent: 1, Received: 2, Duration: 3, Error: "e"})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := events(t, dir)
	if len(got) != 2 || got[0].Name != "a\"\\\x00\x1b\n\u2028\ufffdb" || got[0].Session != "s" || got[0].Profile != "p" || got[0].Pid != 7 {
		t.Errorf("%+v", got)
	}
	want := Event{Version: Version, Time: got[1].Time, Session: "s", Profile: "p", Command: "c", Pid: 7, Kind: Connect, Verdict: Allowed, Name: "b",
		Address: "192.0.2.1", Port: 443, Protocol: "tcp", Rule: "f:1", Sent: 1, Received: 2, Duration: 3, Error: "e"}
	if got[1] != want {
		t.Errorf("got %+v\nwant %+v", got[1], want)
	}
	if followed, err := f.Next(); err != nil || !reflect.DeepEqual(followed, got) {
		t.Errorf("followed: %+v, %v", followed, err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, Current): 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
}

// No field is forgotten by the hand-written encoder, and every line is JSON.
func TestLineHasEveryField(t *testing.T) {
	var e Event
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			f.SetString("text")
		} else {
			f.SetInt(int64(i + 1))
		}
	}
	var got Event
	d := json.NewDecoder(strings.NewReader(string(e.line())))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil || got != e {
		t.Errorf("%s: %+v, %v", e.line(), got, err)
	}
}

// Sessions that write at once lose nothing and mix nothing, also when the file
// is full and put aside.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	const sessions, each = 4, 3000
	var all sync.WaitGroup
	for range sessions {
		all.Go(func() {
			l, err := Open(dir, Event{Session: NewSession()})
			if err != nil {
				t.Error(err)
				return
			}
			for range each {
				l.Write(Event{Kind: Resolve, Verdict: Denied, Name: strings.Repeat("n", maxText)})
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var size int64
	for _, name := range []string{Current, Previous} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		size += fi.Size()
	}
	if size > 2*maxFile+sessions*maxLine {
		t.Errorf("%d bytes", size)
	}
	if n := len(events(t, dir)); n < maxFile/1024 {
		t.Errorf("%d events are left", n)
	}
}

func TestSessionIsBounded(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, Event{})
	if err != nil {
		t.Fatal(err)
	}
	for range maxLines + 5 {
		l.Write(Event{Kind: Resolve, Verdict: Denied})
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := events(t, dir)
	if last := got[len(got)-1]; last.Suppressed != 5 {
		t.Errorf("the last of %d: %+v", len(got), last)
	}
}

// A link in the log's place is not followed; a line that was cut off is left
// out.
func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("elsewhere", filepath.Join(dir, Current)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Event{}); err == nil {
		t.Error("a link was followed")
	}
	dir = t.TempDir()
	text := "{\"version\":1,\"kind\":\"connect\"}\nnone\n{\"version\":2}\n{\"version\":1,\"ki"
	if err := os.WriteFile(filepath.Join(dir, Current), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := events(t, dir); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
