// Sockets holds the attempts that are written in Go: unix sockets of the host,
// descriptors that are passed through them, and the network around a filter.
// It speaks as programs/c/main.c does: "started" first, and an exit status
// that is its own word on how it went.
package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Exit statuses, as in programs/c/attempt.h.
const (
	open    = 0
	refused = 1
	usage   = 2
	notHere = 3
)

// errNotHere is for what this machine lacks.
var errNotHere = errors.New("not here")

// attempt is one try with the number of arguments that it needs.
type attempt struct {
	args int
	run  func(args []string) error
}

var attempts = map[string]attempt{
	"stream":             {1, tryStream},
	"stream-link":        {1, tryStreamLink},
	"datagram-sendto":    {2, trySendto},
	"datagram-sendmsg":   {2, trySendmsg},
	"datagram-sendmmsg":  {2, trySendmmsg},
	"datagram-connect":   {2, tryDatagramConnect},
	"pair-sendto":        {2, tryPairSendto},
	"pair-sendmsg":       {2, tryPairSendmsg},
	"raw-sendto":         {2, tryRawSendto},
	"seqpacket":          {1, trySeqpacket},
	"race-address":       {1, tryRaceAddress},
	"race-link":          {1, tryRaceLink},
	"receive-descriptor": {2, tryReceiveDescriptor},
	"send-descriptor":    {2, trySendDescriptor},
	"leaked-socket":      {1, tryLeakedSocket},
	"tcp":                {1, tryTCP},
	"mptcp":              {1, tryMPTCP},
	"fast-open":          {1, tryFastOpen},
	"udp":                {2, tryUDP},
	"interface":          {1, tryInterface},
}

func main() {
	if len(os.Args) < 2 {
		os.Exit(usage)
	}
	a, ok := attempts[os.Args[1]]
	if !ok || len(os.Args)-2 < a.args {
		fmt.Fprintln(os.Stderr, "no such attempt, or arguments are missing")
		os.Exit(usage)
	}
	fmt.Fprintln(os.Stderr, "started")
	os.Exit(word(a.run(os.Args[2:])))
}

// word says how it went and gives the exit status for it.
func word(err error) int {
	var errno unix.Errno
	switch {
	case err == nil:
		return open
	case errors.Is(err, errNotHere):
		fmt.Fprintln(os.Stderr, err)
		return notHere
	case errors.As(err, &errno):
		fmt.Fprintf(os.Stderr, "refused: %v: %s\n", err, unix.ErrnoName(errno))
	default:
		fmt.Fprintln(os.Stderr, "refused:", err)
	}
	return refused
}
