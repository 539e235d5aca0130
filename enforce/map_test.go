package enforce

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mapRow is a line of the tables in docs/architecture.md.
type mapRow struct{ folder, what, start string }

func mapRows(t *testing.T) (rows []mapRow) {
	t.Helper()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if folder, ok := strings.CutPrefix(cells[0], "| `"); ok && len(cells) == 3 {
			rows = append(rows, mapRow{strings.TrimSuffix(folder, "`"), cells[1], cells[2]})
		}
	}
	return rows
}

// Every package has its place on the map: a line of its own, or its name in the
// line of a folder above it.
func TestMapNamesEveryPackage(t *testing.T) {
	rows := mapRows(t)
	named := func(folder, word string) bool {
		return slices.ContainsFunc(rows, func(r mapRow) bool {
			return r.folder == folder && (word == "" || strings.Contains(r.what, "`"+word+"`"))
		})
	}
	for _, folder := range packages(t) {
		known := named(folder, "")
		for above := folder; !known && above != "."; {
			name := filepath.Base(above)
			above = filepath.Dir(above)
			known = named(above, name)
		}
		if !known {
			t.Errorf("docs/architecture.md does not name %s", folder)
		}
	}
}

// What the map names is there.
func TestMapLeadsSomewhere(t *testing.T) {
	rows := mapRows(t)
	if len(rows) < 20 {
		t.Fatalf("%d lines of the map were understood", len(rows))
	}
	for _, r := range rows {
		places := []string{"."}
		for i, word := range strings.Split(r.start, "`") {
			if i%2 == 1 {
				places = append(places, word)
			}
		}
		for _, place := range places {
			if _, err := os.Stat(filepath.Join("..", r.folder, place)); err != nil {
				t.Errorf("docs/architecture.md: %v", err)
			}
		}
	}
}

// packages lists the folders of the repository that hold Go code.
func packages(t *testing.T) (folders []string) {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return filepath.SkipDir
		}
		folder, _ := filepath.Rel("..", filepath.Dir(path))
		if strings.HasSuffix(name, ".go") && !seen[folder] {
			seen[folder] = true
			folders = append(folders, folder)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}
