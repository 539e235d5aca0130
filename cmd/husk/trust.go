package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// A project's .husk.hcl may tighten what the user's profiles allow at any time.
// What it asks for beyond that counts only for the very content that the user
// has looked at: husk trust notes the file's digest.

// trustVersion is the version of the file's shape.
const trustVersion = 1

// trusted is the file of trusted digests, in husk's state directory, where no
// sandbox can write.
type trusted struct {
	Version int               `json:"version"`
	Files   map[string]string `json:"files"` // absolute path without links to SHA-256
}

func (a *app) trustCommand() *cobra.Command {
	var revoke bool
	cmd := &cobra.Command{
		Use:   "trust [--revoke] FILE",
		Short: "let a project's .husk.hcl ask for more",
		Long: `Notes the content of a project's .husk.hcl as looked at and wanted. From then on what
the file asks for beyond your own profiles is granted where wrappers are rendered for that
project (husk apply --project), until the file changes.`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return a.trust(args[0], revoke) },
	}
	cmd.Flags().BoolVar(&revoke, "revoke", false, "trust the file no longer")
	return cmd
}

func (a *app) trust(file string, revoke bool) error {
	path, err := a.host.absolute(file)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(path)
	if revoke && os.IsNotExist(err) {
		real, err = path, nil // trust in a file that is gone can be taken back
	}
	if err != nil {
		return err
	}
	if !revoke && filepath.Base(path) != projectFile {
		return fmt.Errorf("only a project's %s is trusted, not %s", projectFile, path)
	}
	store, err := a.trustStore()
	if err != nil {
		return err
	}
	known, err := readTrusted(store)
	if err != nil {
		return err
	}
	if revoke {
		if _, ok := known.Files[real]; !ok {
			return fmt.Errorf("%s was not trusted", real)
		}
		delete(known.Files, real)
		return writeTrusted(store, known)
	}
	content, err := os.ReadFile(real)
	if err != nil {
		return err
	}
	if err := a.checkProject(&project{file: real, text: content}); err != nil {
		return err
	}
	known.Files[real] = contentDigest(content)
	if err := writeTrusted(store, known); err != nil {
		return err
	}
	a.printer().note("%s is trusted as it is now", real)
	return nil
}

// checkProject refuses to trust what can't be read as a project's file.
func (a *app) checkProject(file *project) error {
	p, err := a.newPipeline(source{}, false, "")
	if err != nil {
		return err
	}
	if err := p.load(); err != nil {
		return err
	}
	err = p.loadProject(file)
	p.printWarnings()
	return err
}

func (a *app) trustStore() (string, error) {
	state, err := a.host.xdg("XDG_STATE_HOME", ".local/state")
	return filepath.Join(state, "trust.json"), err
}

// isTrusted says whether exactly this content was trusted.
func (a *app) isTrusted(real string, content []byte) (bool, error) {
	store, err := a.trustStore()
	if err != nil {
		return false, err
	}
	known, err := readTrusted(store)
	if err != nil {
		return false, err
	}
	return known.Files[real] == contentDigest(content), nil
}

func contentDigest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func readTrusted(store string) (trusted, error) {
	known := trusted{Version: trustVersion, Files: map[string]string{}}
	text, err := os.ReadFile(store)
	if errors.Is(err, os.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return trusted{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&known); err != nil {
		return trusted{}, hinted{fmt.Errorf("%s is damaged: %w", store, err), "remove it and trust the files again"}
	}
	if known.Version != trustVersion {
		return trusted{}, fmt.Errorf("%s has version %d, this husk knows %d", store, known.Version, trustVersion)
	}
	if known.Files == nil {
		known.Files = map[string]string{}
	}
	return known, nil
}

func writeTrusted(store string, known trusted) error {
	text, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(store), 0o700); err != nil {
		return err
	}
	return replaceFile(store, append(text, '\n'), 0o600)
}
