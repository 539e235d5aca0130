// Package reader reads the record that package audit writes. It is apart because
// the enforcer writes records and does not link encoding/json.
package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/husk-sandbox/husk/enforce/audit"
)

// maxLine bounds a line that is read, in bytes; none that was written is
// longer.
const maxLine = 16 << 10

// Read gives the log's events, the oldest first. A line that is none, such as
// one that a full disk cut off, is left out. A log that is not there is empty.
func Read(dir string) ([]audit.Event, error) {
	var all []audit.Event
	for _, name := range []string{audit.Previous, audit.Current} {
		f, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		events, err := decode(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	return all, nil
}

func decode(r io.Reader) ([]audit.Event, error) {
	var events []audit.Event
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4<<10), maxLine)
	for lines.Scan() {
		if e, ok := parse(lines.Bytes()); ok {
			events = append(events, e)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return nil, err
	}
	return events, nil
}

func parse(line []byte) (e audit.Event, ok bool) {
	return e, json.Unmarshal(line, &e) == nil && e.Version == audit.Version
}

// Follower gives events as they are written.
type Follower struct {
	dir  string
	file *os.File
	rest []byte
}

// Follow begins at the end of the log as it is now.
func Follow(dir string) (*Follower, error) {
	f := &Follower{dir: dir}
	if err := f.open(); err != nil || f.file == nil {
		return f, err
	}
	_, err := f.file.Seek(0, io.SeekEnd)
	return f, err
}

func (f *Follower) open() error {
	file, err := os.Open(filepath.Join(f.dir, audit.Current))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f.file = file
	return err
}

// Next gives what was written since the last call, maybe nothing.
func (f *Follower) Next() ([]audit.Event, error) {
	if f.file == nil {
		if err := f.open(); err != nil || f.file == nil {
			return nil, err
		}
	}
	events, err := f.take()
	if err != nil {
		return events, err
	}
	ours, err := f.file.Stat()
	if err != nil {
		return events, err
	}
	if there, err := os.Stat(filepath.Join(f.dir, audit.Current)); err == nil && !os.SameFile(ours, there) {
		// Put aside: what came before that is read now, then the new one.
		late, err := f.take()
		events = append(events, late...)
		if err = errors.Join(err, f.file.Close()); err != nil {
			return events, err
		}
		f.file, f.rest = nil, nil
	}
	return events, nil
}

func (f *Follower) take() ([]audit.Event, error) {
	b, err := io.ReadAll(f.file)
	if err != nil {
		return nil, err
	}
	f.rest = append(f.rest, b...)
	end := bytes.LastIndexByte(f.rest, '\n') + 1
	events, err := decode(bytes.NewReader(f.rest[:end]))
	f.rest = append([]byte(nil), f.rest[end:]...)
	return events, err
}
