package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// sessionKey gives the command's session keyring a key $KEY_NAME with the secret,
// as a log-in gives one to everything that is started in it.
func sessionKey(s *stage) error {
	s.vars["KEY_NAME"] = "husk-escape-" + s.vars["UNIQUE"]
	s.standin = append(s.standin, s.kit.outside, "session", s.vars["KEY_NAME"], s.secret)
	return nil
}

// userKey gives the user's keyring a key with the secret: $KEY_NAME, with the
// number $KEY_NUMBER. Another user's programs can't read it, this user's can.
func userKey(s *stage) error {
	s.vars["KEY_NAME"] = "husk-escape-" + s.vars["UNIQUE"]
	id, err := unix.AddKey("user", s.vars["KEY_NAME"], []byte(s.secret), unix.KEY_SPEC_USER_KEYRING)
	if err != nil {
		return err
	}
	s.onStrike(func() { _, _ = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0) })
	// Possession needs a link from the session keyring; the user may read it too.
	const userAll = 0x3f3f0000
	if err := unix.KeyctlSetperm(id, userAll); err != nil {
		return err
	}
	s.vars["KEY_NUMBER"] = strconv.Itoa(id)
	return nil
}

// keyAdded: the user's keyring has a key of that name.
func keyAdded(s *stage, _ *result) (bool, string) {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", s.vars["UNIQUE"], 0)
	if err != nil {
		return false, ""
	}
	_, _ = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	return true, "a key was left in the user's keyring"
}
