// Package inspect reads the beginning of what a program sends to a permitted
// name, and makes sure that it is for that name: the server name of TLS, the
// Host of every request of plain HTTP. Servers of many names stand behind one
// address, so the address alone does not tell. Nothing is changed, and nothing
// is kept but what is held back until it is understood.
package inspect

import (
	"bytes"
	"errors"
	"slices"
)

// Refusal says why a connection may not go on. Its texts are a closed set, for
// the audit log.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	OtherServer    Refusal = "tls-other-name"    // TLS for another server name
	NoServerName   Refusal = "tls-no-name"       // TLS without a server name
	HiddenServer   Refusal = "tls-hidden-name"   // an encrypted ClientHello
	MalformedHello Refusal = "tls-malformed"     // no ClientHello that can be read
	OtherHost      Refusal = "http-other-host"   // a request for another host
	NoHost         Refusal = "http-no-host"      // a request without a host
	MalformedHTTP  Refusal = "http-malformed"    // a request that can be read in two ways
	Unreadable     Refusal = "protocol-unknown"  // neither, on a port that is for one of them
	TooLarge       Refusal = "beginning-too-big" // more than a beginning has
)

// maxHeld bounds what is held back, in bytes: no ClientHello or head of a
// request is longer.
const maxHeld = 64 << 10

// Ports on which nothing but TLS and HTTP is permitted.
const (
	portHTTP  = 80
	portHTTPS = 443
)

// Inspector follows what one program sends on one connection.
type Inspector struct {
	name   string
	strict bool
	held   []byte
	next   func(*Inspector) (n int, err error)
	done   bool   // nothing is to be looked at any more
	asked  string // see Asked
	// open is how much of what is held is no request however its line goes on, and
	// given how much of it was passed on for that.
	open, given int
	hello       helloState
	tail        []byte // the end of what was passed on of a line of another protocol
	body        bodyState
}

// New gives an inspector for a connection to a port of name, which is in the
// form that rules have names in.
func New(name string, port int) *Inspector {
	return &Inspector{name: name, strict: port == portHTTP || port == portHTTPS, next: (*Inspector).begin}
}

// Asked gives the name that TLS or HTTP asked for, where that was another one. The
// program may have written anything there, up to 255 bytes.
func (i *Inspector) Asked() string { return i.asked }

// maxName is how long a host's name may be (RFC 1035, 2.3.4), in bytes.
const maxName = 255

func (i *Inspector) other(name string) { i.asked = name[:min(len(name), maxName)] }

// errMore says that what is held is not enough to decide.
var errMore = errors.New("more")

// Feed takes what the program sent next, and gives what may be sent on now.
// done says that the rest of the connection needs no looking at. The error is a
// Refusal. What Feed gives is valid until the next call.
func (i *Inspector) Feed(b []byte) (pass []byte, done bool, err error) {
	i.held = append(i.held, b...)
	at := 0
	i.open = 0
	for !i.done && at < len(i.held) {
		n, err := i.step(i.held[at:])
		if err == errMore {
			break
		}
		if err != nil {
			return nil, false, err
		}
		at += n
	}
	if i.done {
		at = len(i.held)
	}
	if len(i.held)-at > maxHeld {
		return nil, false, TooLarge
	}
	out := max(at, i.open, i.given)
	pass = append(pass, i.held[i.given:out]...)
	i.held = append(i.held[:0], i.held[at:]...)
	i.given = out - at
	return pass, i.done, nil
}

// End is for when the program sends no more. A line that could be a request has to
// have its end: some servers take what there is for all of it.
func (i *Inspector) End() error {
	if i.given > 0 && i.given < len(i.held) {
		return MalformedHTTP
	}
	return nil
}

// step looks at what is held from b on, and gives how much of it is done with.
func (i *Inspector) step(b []byte) (int, error) {
	held := i.held
	i.held = b
	n, err := i.next(i)
	i.held = held
	return n, err
}

// begin tells the protocol by the first bytes.
func (i *Inspector) begin() (int, error) {
	b := i.held
	switch {
	case isRecord(b[0]) && len(b) == 1:
		return 0, errMore
	case isRecord(b[0]) && b[1] == 3:
		i.next = (*Inspector).record
		return 0, nil
	case !i.strict && isOldHello(b) && len(b) < oldHello:
		i.open = len(b) // no server can act on that
		return 0, errMore
	case !i.strict && isOldHello(b):
		return 0, NoServerName
	}
	return i.firstLine()
}

// firstLine decides by the first line whether this is HTTP. Servers skip empty
// lines before it (RFC 9112, 2.2), and some any blanks.
func (i *Inspector) firstLine() (int, error) {
	b := i.held
	start := 0
	for start < len(b) && (isBlank(b[start]) || b[start] == '\n') {
		start++
	}
	line := b[start:]
	end := bytes.IndexAny(line, "\r\n")
	switch {
	case end < 0 && maybeRequestLine(line) && (i.strict || i.waits(start, line)):
		return 0, errMore
	case end >= 0 && isRequestLine(line[:end]):
		i.next = (*Inspector).request
		return start, new(request).readLine(string(line[:end]))
	case i.strict:
		return 0, Unreadable
	}
	i.next = (*Inspector).otherLine
	return start, nil
}

// maxOpen is how long a line may get that does not begin with a method of HTTP's
// before it is another protocol's, in bytes.
const maxOpen = 4 << 10

// waits says whether a line's end is to be waited for, and opens as much of the line
// as need not be.
func (i *Inspector) waits(start int, line []byte) bool {
	n := noRequest(line)
	i.open = start + n
	return n < len(line) || n <= maxOpen
}

// otherLine passes the rest of a first line on that is of another protocol, and
// makes sure that it does not become one of HTTP after all: a server may take
// what the network cut apart, or any blank, for part of a request line. A NUL
// is in none.
func (i *Inspector) otherLine() (int, error) {
	b := i.held
	end := bytes.IndexAny(b, "\x00\n")
	i.tail = append(i.tail, b...)
	if end >= 0 {
		i.tail = i.tail[:len(i.tail)-len(b)+end]
		i.done = true
	}
	if hasVersion(i.tail) {
		return 0, MalformedHTTP
	}
	i.tail = i.tail[max(0, len(i.tail)-len(version)+1):]
	return len(b), nil
}

// maybeRequestLine says whether a line without its end could become one of
// HTTP: a method, and anything but a NUL (see isRequestLine for GET).
func maybeRequestLine(b []byte) bool {
	for at, c := range b {
		if !isToken(c) {
			return (at > 0 && isBlank(c) || string(b[:at]) == "GET") && bytes.IndexByte(b, 0) < 0
		}
	}
	return true
}

// version is what a request line ends with, before the number.
const version = "HTTP/"

// isRequestLine says whether a line is one that a server could take for HTTP: it
// has a version, or is a GET without one (HTTP/0.9), behind which some servers
// read fields all the same.
func isRequestLine(line []byte) bool {
	return (hasVersion(line) || string(firstWord(line)) == "GET") && bytes.IndexByte(line, 0) < 0
}

// methods are those of HTTP (RFC 9110, 9; RFC 5789).
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// noRequest gives how much of the beginning of a line no server takes for a
// request, whatever comes next: what is another protocol's must not wait for a line's
// end, which that may not have. It is all of it, or the last letter of a method or
// of the version is missing.
func noRequest(line []byte) int {
	if word := firstWord(line); slices.Contains(methods, string(word)) {
		return len(word) - 1
	}
	for at := range len(line) - len(version) + 1 {
		if bytes.EqualFold(line[at:at+len(version)], []byte(version)) {
			return at + len(version) - 1
		}
	}
	return len(line)
}

// firstWord is what could be a line's method.
func firstWord(line []byte) []byte {
	return line[:len(line)-len(bytes.TrimLeftFunc(line, func(r rune) bool { return r < 0x80 && isToken(byte(r)) }))]
}

func hasVersion(line []byte) bool { return bytes.Contains(bytes.ToUpper(line), []byte(version)) }

// isBlank says whether a server could take c for a blank: RFC 9112, 3, has the
// first five, Python's split the others.
func isBlank(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r' && c != '\n' || c >= 0x1c && c <= 0x1f || c == 0x85 || c == 0xa0
}

// isToken says whether c is a character of methods and field names (RFC 9110,
// 5.6.2).
func isToken(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}
