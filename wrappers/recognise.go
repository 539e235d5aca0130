package wrappers

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
)

// headSize is how much of a file is looked at: a first line of the greatest
// length that the kernel takes, the next ones, and then some.
const headSize = 1024 // bytes

// IsWrapper says whether the file is a husk wrapper, by its content: through
// symbolic links, under any name and in any directory. A file whose first line
// names husk-enforce is one, whatever follows; so is one with husk's comment in
// its first lines; so is one that the manifest beside it lists (an external
// renderer's, which may look like anything). It fails where the file cannot be
// read; a program that may be executed but not read is no wrapper, because an
// interpreter could not read it either.
func IsWrapper(path string) (bool, error) {
	head, err := readHead(path)
	if os.IsPermission(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if hasWrapperHead(head) {
		return true, nil
	}
	return listedBeside(path)
}

func hasWrapperHead(head []byte) bool {
	for i, line := range bytes.SplitN(head, []byte("\n"), 5) {
		if i == 0 {
			if interpreter, ok := bytes.CutPrefix(line, []byte("#!")); ok {
				word, _, _ := bytes.Cut(bytes.TrimLeft(interpreter, " \t"), []byte(" "))
				if filepath.Base(string(word)) == enforcerName {
					return true
				}
			}
		}
		if bytes.HasPrefix(line, []byte(marker)) && i < 4 {
			return true
		}
	}
	return false
}

// listedBeside says whether the directory of the file, or of what it is a link
// to, has a manifest that lists it.
func listedBeside(path string) (bool, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false, err
	}
	m, err := readManifestFile(filepath.Join(filepath.Dir(real), manifestName))
	if os.IsNotExist(err) || os.IsPermission(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, listed := m.Files[filepath.Base(real)]
	return listed, nil
}

// readHead gives the first bytes of a file.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// isExecutableFile says whether path is, through links, a regular file with an
// execute bit. Whether the caller may use that bit is the kernel's to say.
func isExecutableFile(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.Mode().IsRegular() && fi.Mode().Perm()&0o111 != 0
}
