package tests

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// hashTree gives the hash that Nix knows a tree by: SHA-256 over its archive in
// the NAR format (Nix manual, "Nix Archive"), as `nix hash path` prints it.
func hashTree(root string) (string, error) {
	sum := sha256.New()
	w := archive{sum}
	w.text("nix-archive-1")
	if err := w.node(root); err != nil {
		return "", err
	}
	return "sha256-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}

// archive writes a NAR to a hash, whose Write never fails.
type archive struct{ io.Writer }

// text is a length in 8 bytes, little-endian, the bytes, and zeros up to a
// multiple of 8.
func (w archive) text(words ...string) {
	for _, s := range words {
		w.size(int64(len(s)))
		_, _ = io.WriteString(w, s)
		w.pad(int64(len(s)))
	}
}

func (w archive) size(n int64) { _ = binary.Write(w, binary.LittleEndian, uint64(n)) }

func (w archive) pad(n int64) { _, _ = w.Write(make([]byte, (8-n%8)%8)) }

func (w archive) node(path string) error {
	fi, err := os.Lstat(path)
	if err != nil {
		return err
	}
	w.text("(", "type")
	switch {
	case fi.Mode().IsRegular():
		err = w.file(path, fi)
	case fi.IsDir():
		err = w.directory(path)
	case fi.Mode()&os.ModeSymlink != 0:
		var target string
		target, err = os.Readlink(path)
		w.text("symlink", "target", target)
	default:
		err = fmt.Errorf("%s: no NAR holds a %s", path, fi.Mode())
	}
	w.text(")")
	return err
}

func (w archive) file(path string, fi os.FileInfo) error {
	w.text("regular")
	if fi.Mode()&0o100 != 0 {
		w.text("executable", "")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w.text("contents")
	w.size(fi.Size())
	n, err := io.Copy(w, f)
	if err == nil && n != fi.Size() {
		err = fmt.Errorf("%s changed while it was read", path)
	}
	w.pad(n)
	return err
}

// directory lists the entries sorted by name, as os.ReadDir gives them.
func (w archive) directory(path string) error {
	w.text("directory")
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		w.text("entry", "(", "name", e.Name(), "node")
		if err := w.node(filepath.Join(path, e.Name())); err != nil {
			return err
		}
		w.text(")")
	}
	return nil
}
