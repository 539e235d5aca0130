package enforce

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// keyringTries bounds how often a start waits for a keyring: 20 seconds in all.
const keyringTries = 62

// keyringFreed says whether to start again because err is that the user has too
// many keyrings, and waits a while before it does. A user may have 200 keys by
// default (keyrings(7), kernel.keys.maxkeys), each sandbox has one, and those of
// sandboxes that have just ended are taken back by and by: hundreds of short
// commands at once are more than that at times. Nothing was started.
func (s *start) keyringFreed(err error) bool {
	var f *Failure
	if !errors.As(err, &f) || f.step == nil || f.step.Step.Kind != steps.Key || f.step.Errno != unix.EDQUOT {
		return false
	}
	if s.keyringWaits >= keyringTries {
		return false
	}
	s.keyringWaits++
	time.Sleep(time.Duration(s.keyringWaits) * 10 * time.Millisecond)
	return true
}
