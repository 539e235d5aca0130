package hcl

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// While expressions are evaluated, an anchor is a token: a string that begins
// and ends with private-use characters and holds a number that is drawn anew
// for every load, so that no text of a profile can be mistaken for one. Tokens
// survive templates and lists; functions that take text apart refuse them
// (functions.go), and they are taken apart again only at the head of a path.
const (
	tokenOpen  = "\uE000"
	tokenNonce = "\uE001"
	tokenClose = "\uE002"

	// privateUse are the characters that tokens are made of.
	privateUse = tokenOpen + tokenNonce + tokenClose
)

const (
	tokenRequired = "required" // not an anchor, but a mark before one
	tokenCreate   = "create"   // likewise
	tokenEnv      = "env:"     // before the variable's name
	tokenXDG      = "xdg:"     // before the short name
)

// anchors makes and reads the tokens of one load.
type anchors struct{ nonce string }

func newAnchors() anchors {
	var b [8]byte
	rand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
	return anchors{hex.EncodeToString(b[:])}
}

// token gives the token for home, cwd, project, required, create, xdg:NAME, env:NAME.
func (a anchors) token(name string) string {
	return tokenOpen + name + tokenNonce + a.nonce + tokenClose
}

// cut takes the token at the head of s off.
func (a anchors) cut(s string) (name, rest string, ok bool) {
	body, found := strings.CutPrefix(s, tokenOpen)
	if !found {
		return "", s, false
	}
	name, rest, ok = strings.Cut(body, tokenNonce+a.nonce+tokenClose)
	if !ok {
		return "", s, false
	}
	return name, rest, true
}

// holdsToken reports whether s has a token, or part of one, anywhere.
func holdsToken(s string) bool { return strings.ContainsAny(s, privateUse) }

var tokenPattern = lazily(tokenOpen + `([^` + tokenNonce + `]*)` + tokenNonce + `[0-9a-f]{16}` + tokenClose)

// readable writes tokens as a profile does: for messages.
func readable(s string) string {
	if !holdsToken(s) {
		return s
	}
	return tokenPattern().ReplaceAllStringFunc(s, func(token string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(token, tokenOpen), tokenNonce)
		switch {
		case name == tokenRequired, name == tokenCreate:
			return ""
		case strings.HasPrefix(name, tokenEnv):
			return `${env("` + name[len(tokenEnv):] + `")}`
		case strings.HasPrefix(name, tokenXDG):
			return "${xdg." + name[len(tokenXDG):] + "}"
		}
		return "${" + name + "}"
	})
}

// anchored gives the path that an anchor's token stands for.
func anchored(name string) (plan.Path, bool) {
	switch {
	case name == plan.AnchorHome, name == plan.AnchorCwd, name == plan.AnchorProject:
		return plan.Path{Anchor: name}, true
	case strings.HasPrefix(name, tokenEnv):
		return plan.Path{Anchor: plan.AnchorEnv, Name: name[len(tokenEnv):]}, true
	case strings.HasPrefix(name, tokenXDG):
		return plan.XDG(name[len(tokenXDG):])
	}
	return plan.Path{}, false
}
