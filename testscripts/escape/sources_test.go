package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// noteSources reads what the kit is built from. The go command reruns a cached
// test when a file that the test read has changed; it sees nothing of what the
// compilers that are run here read.
func noteSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go", ".s", ".hcl", ".mod", ".c", ".h":
			_, err = os.ReadFile(path)
		}
		return err
	})
}
