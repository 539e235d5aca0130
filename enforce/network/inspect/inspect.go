// Package inspect reads the beginning of what a program sends to a permitted
// name, and makes sure that it is for that name: the server name of TLS, the
// Host of every request of plain HTTP. Servers of many names stand behind one
// address, so the address alone does not tell. Nothing is changed, and nothing
// is kept but what is held back until it is understood.
package inspect

import (
	"bytes"
	"errors"
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
	// started is false until the protocol is known, done true when nothing is to
	// be looked at any more.
	started bool
	done    bool
	hello   helloState
	tail    []byte // the end of what was passed on of a line of another protocol
	body    bodyState
}

// New gives an inspector for a connection to a port of name, which is in the
// form that rules have names in.
func New(name string, port int) *Inspector {
	return &Inspector{name: name, strict: port == portHTTP || port == portHTTPS, next: (*Inspector).begin}
}

// errMore says that what is held is not enough to decide.
var errMore = errors.New("more")

// Feed takes what the program sent next, and gives what may be sent on now.
// done says that the rest of the connection needs no looking at. The error is a
// Refusal. What Feed gives is valid until the next call.
func (i *Inspector) Feed(b []byte) (pass []byte, done bool, err error) {
	i.held = append(i.held, b...)
	at := 0
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
	pass = append(pass, i.held[:at]...)
	i.held = append(i.held[:0], i.held[at:]...)
	return pass, i.done, nil
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
		i.started = true
		i.next = (*Inspector).record
		return 0, nil
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
	case end < 0 && maybeRequestLine(line):
		return 0, errMore
	case end >= 0 && isRequestLine(line[:end]):
		i.started = true
		i.next = (*Inspector).request
		return start, new(request).readLine(string(line[:end]))
	case i.strict:
		return 0, Unreadable
	}
	i.next = (*Inspector).otherLine
	return start, nil
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

// End gives what is still held back and may be sent on when the program sends
// no more: the beginning of a line that is no request.
func (i *Inspector) End() []byte {
	if i.started || i.strict || (len(i.held) > 0 && isRecord(i.held[0])) {
		return nil
	}
	return i.held
}

// maybeRequestLine says whether a line without its end could become one of
// HTTP: a method, and anything but a NUL.
func maybeRequestLine(b []byte) bool {
	for at, c := range b {
		if isBlank(c) {
			return at > 0 && bytes.IndexByte(b, 0) < 0
		}
		if !isToken(c) {
			return false
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
	method := line[:len(line)-len(bytes.TrimLeftFunc(line, func(r rune) bool { return r < 0x80 && isToken(byte(r)) }))]
	return (hasVersion(line) || string(method) == "GET") && bytes.IndexByte(line, 0) < 0
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
