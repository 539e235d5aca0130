package wrappers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// husk's own files in a wrapper directory begin with ownPrefix; PATH look-ups
// of a person's never hit them.
const (
	ownPrefix    = ".husk-"
	manifestName = ownPrefix + "manifest.json"
	lockName     = ownPrefix + "lock"
	tempPrefix   = ownPrefix + "tmp-"
)

const manifestVersion = 1

// manifest is what husk wrote into a wrapper directory. What it doesn't list, or
// lists with another digest, is somebody else's.
type manifest struct {
	Version int              `json:"version"`
	Files   map[string]entry `json:"files"`
	Memo    *Memo            `json:"memo,omitempty"`

	// saved is when the manifest itself was written.
	saved time.Time
}

// entry is one file.
type entry struct {
	SHA256 string `json:"sha256"`
	// Pending is the digest of what was being written when the manifest was
	// saved: after a crash the file has either content, and both are husk's.
	Pending string      `json:"pending,omitempty"`
	Stat    fingerprint `json:"stat"`
}

// fingerprint tells an untouched file without reading it. The change time can't
// be set by a program, so an edit that keeps size and modification time shows.
type fingerprint struct {
	Size   int64  `json:"size"`
	Inode  uint64 `json:"inode"`
	Mode   uint32 `json:"mode"`
	Mtime  int64  `json:"mtime"` // ns
	Change int64  `json:"ctime"` // ns
}

func fingerprintOf(fi fs.FileInfo) fingerprint {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return fingerprint{}
	}
	return fingerprint{Size: st.Size, Inode: st.Ino, Mode: st.Mode, Mtime: st.Mtim.Nano(), Change: st.Ctim.Nano()}
}

// clockTick is above the granularity of a file's times (a jiffy, 10 ms at most).
const clockTick = 20 * time.Millisecond

// untouched says whether fi is the file that the entry was made for. A file that
// changed less than a tick before the manifest was saved could have been changed
// once more within that tick, with the same time: its content is looked at (as git
// does with its index).
func (m *manifest) untouched(e entry, fi fs.FileInfo) bool {
	changed := time.Unix(0, e.Stat.Change)
	return e.Pending == "" && e.Stat == fingerprintOf(fi) && changed.Add(clockTick).Before(m.saved)
}

func emptyManifest() *manifest {
	return &manifest{Version: manifestVersion, Files: map[string]entry{}}
}

// readManifestFile reads the manifest of that path.
func readManifestFile(path string) (*manifest, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := emptyManifest()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, fmt.Errorf("%s: damaged: %w", path, err)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("%s: has version %d, this husk knows %d", path, m.Version, manifestVersion)
	}
	for name := range m.Files {
		if checkFileName(name) != nil {
			return nil, fmt.Errorf("%s: damaged: it lists %q", path, name)
		}
	}
	m.saved = fi.ModTime()
	return m, nil
}

// read gives the directory's manifest, an empty one where there is none.
func (d *directory) readManifest() (*manifest, error) {
	m, err := readManifestFile(filepath.Join(d.path, manifestName))
	if os.IsNotExist(err) {
		return emptyManifest(), nil
	}
	return m, err
}

// saveManifest replaces the directory's manifest.
func (d *directory) saveManifest(m *manifest) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	temp := tempPrefix + "manifest"
	if err := d.writeTemp(temp, modeData, append(data, '\n')); err != nil {
		return err
	}
	if err := d.sync(); err != nil {
		return err
	}
	return d.rename(temp, manifestName, true)
}

// digest is the SHA-256 of the content in lower-case hexadecimal.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
