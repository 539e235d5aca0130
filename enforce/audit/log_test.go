package audit_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/audit/reader"
)

func events(t *testing.T, dir string) []audit.Event {
	t.Helper()
	all, err := reader.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "husk", "log")
	f, err := reader.Follow(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := audit.Open(dir, audit.Event{Session: "s", Profile: "p", Command: "c", Pid: 7})
	if err != nil {
		t.Fatal(err)
	}
	l.Write(audit.Event{Kind: audit.Resolve, Verdict: audit.Denied, Reason: "no-rule", Name: "a\"\\\x00\x1b\n\u2028\xffb"})
	l.Write(audit.Event{Kind: audit.Connect, Verdict: audit.Allowed, Name: "b", Address: "192.0.2.1", Port: 443, Protocol: "tcp", Rule: "f:1", Sent: 1, Received: 2, Duration: 3, Error: "e"})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := events(t, dir)
	if len(got) != 2 || got[0].Name != "a\"\\\x00\x1b\n\u2028\ufffdb" || got[0].Session != "s" || got[0].Profile != "p" || got[0].Pid != 7 {
		t.Errorf("%+v", got)
	}
	want := audit.Event{Version: audit.Version, Time: got[1].Time, Session: "s", Profile: "p", Command: "c", Pid: 7, Kind: audit.Connect, Verdict: audit.Allowed, Name: "b",
		Address: "192.0.2.1", Port: 443, Protocol: "tcp", Rule: "f:1", Sent: 1, Received: 2, Duration: 3, Error: "e"}
	if !reflect.DeepEqual(got[1], want) {
		t.Errorf("got %+v\nwant %+v", got[1], want)
	}
	if followed, err := f.Next(); err != nil || !reflect.DeepEqual(followed, got) {
		t.Errorf("followed: %+v, %v", followed, err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, audit.Current): 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
}

// No field is forgotten by the hand-written encoder, and every line is JSON.
func TestLineHasEveryField(t *testing.T) {
	var e audit.Event
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("text")
		case reflect.Pointer:
			f.Set(reflect.ValueOf(new(int))) // 0 is a number, too
		default:
			f.SetInt(int64(i + 1))
		}
	}
	var got audit.Event
	d := json.NewDecoder(strings.NewReader(string(audit.Line(&e))))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("%s: %+v, %v", audit.Line(&e), got, err)
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
			l, err := audit.Open(dir, audit.Event{Session: audit.NewSession()})
			if err != nil {
				t.Error(err)
				return
			}
			for range each {
				l.Write(audit.Event{Kind: audit.Resolve, Verdict: audit.Denied, Name: strings.Repeat("n", audit.MaxText)})
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var size int64
	for _, name := range []string{audit.Current, audit.Previous} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		size += fi.Size()
	}
	if size > 2*audit.MaxFile+sessions*(16<<10) {
		t.Errorf("%d bytes", size)
	}
	if n := len(events(t, dir)); n < audit.MaxFile/1024 {
		t.Errorf("%d events are left", n)
	}
}

func TestSessionIsBounded(t *testing.T) {
	dir := t.TempDir()
	l, err := audit.Open(dir, audit.Event{})
	if err != nil {
		t.Fatal(err)
	}
	for range audit.MaxLines + 5 {
		l.Write(audit.Event{Kind: audit.Resolve, Verdict: audit.Denied})
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
	if err := os.Symlink("elsewhere", filepath.Join(dir, audit.Current)); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Open(dir, audit.Event{}); err == nil {
		t.Error("a link was followed")
	}
	dir = t.TempDir()
	text := "{\"version\":1,\"kind\":\"connect\"}\nnone\n{\"version\":2}\n{\"version\":1,\"ki"
	if err := os.WriteFile(filepath.Join(dir, audit.Current), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := events(t, dir); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
