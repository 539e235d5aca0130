package inspect

import (
	"bytes"
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// bodyState says how much of a request's body is still to come.
type bodyState struct {
	left    uint64
	chunked bool
}

// request looks at one head, up to the empty line, and passes it on when it is
// for the name. Every request of a connection is looked at, so where each one
// ends must be beyond doubt: what servers read differently (RFC 9112, 11.2) is
// refused.
func (i *Inspector) request() (int, error) {
	b := i.held
	end := headEnd(b)
	if end < 0 {
		return 0, errMore
	}
	r, err := readRequest(b[:end])
	if err != nil {
		return 0, err
	}
	if err := r.check(i.name); err != nil {
		if err == OtherHost {
			i.other(cmp.Or(r.host, r.target))
		}
		return 0, err
	}
	i.body = bodyState{left: r.length, chunked: r.chunked}
	i.next = (*Inspector).content
	if r.chunked {
		i.next = (*Inspector).chunk
	}
	return end, nil
}

// headEnd gives the length of a head with its empty line, -1 where it has not
// all come.
func headEnd(b []byte) int {
	for at := 0; ; {
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			return -1
		}
		if line := bytes.TrimSuffix(b[at:at+end], []byte("\r")); len(line) == 0 {
			return at + end + 1
		}
		at += end + 1
	}
}

// content passes a body of known length on.
func (i *Inspector) content() (int, error) {
	n := uint64(len(i.held))
	if n <= i.body.left {
		i.body.left -= n
		return int(n), nil
	}
	n = i.body.left
	i.body.left = 0
	i.next = (*Inspector).request
	return int(n), nil
}

// maxChunkLine bounds the line before a chunk, and a trailer's.
const maxChunkLine = 4 << 10

// chunk reads the line before a chunk (RFC 9112, 7.1).
func (i *Inspector) chunk() (int, error) {
	line, n, err := i.line()
	if err != nil {
		return 0, err
	}
	digits, _, _ := bytes.Cut(line, []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 62)
	if err != nil || digits[0] == '+' || digits[0] == '-' {
		return 0, MalformedHTTP
	}
	i.body.left = size
	i.next = (*Inspector).chunkContent
	if size == 0 {
		i.next = (*Inspector).trailer
	}
	return n, nil
}

func (i *Inspector) chunkContent() (int, error) {
	if n := uint64(len(i.held)); n <= i.body.left {
		i.body.left -= n
		return int(n), nil
	}
	n := int(i.body.left)
	if len(i.held) < n+2 {
		// The content may go on, its end line waits until it is there.
		if n == 0 {
			return 0, errMore
		}
		i.body.left = 0
		return n, nil
	}
	if i.held[n] != '\r' || i.held[n+1] != '\n' {
		return 0, MalformedHTTP
	}
	i.next = (*Inspector).chunk
	return n + 2, nil
}

// trailer passes the lines behind the last chunk on.
func (i *Inspector) trailer() (int, error) {
	line, n, err := i.line()
	if err != nil {
		return 0, err
	}
	if len(line) == 0 {
		i.next = (*Inspector).request
	}
	return n, nil
}

// line takes a line that ends in CR LF.
func (i *Inspector) line() (line []byte, n int, err error) {
	end := bytes.IndexByte(i.held, '\n')
	switch {
	case end < 0 && len(i.held) > maxChunkLine:
		return nil, 0, MalformedHTTP
	case end < 0:
		return nil, 0, errMore
	case end == 0 || i.held[end-1] != '\r' || bytes.IndexByte(i.held[:end-1], '\r') >= 0:
		return nil, 0, MalformedHTTP
	}
	return i.held[:end-1], end + 1, nil
}

// request is what a head says.
type request struct {
	method, target string
	host           string
	hosts          int
	length         uint64
	lengths        int
	chunked        bool
	old            bool // HTTP/1.0
}

func readRequest(head []byte) (*request, error) {
	lines := strings.Split(strings.TrimSuffix(string(head), "\n"), "\n")
	r := new(request)
	for n, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if strings.ContainsAny(line, "\r\x00") {
			return nil, MalformedHTTP
		}
		var err error
		switch {
		case n == 0:
			err = r.readLine(line)
		case n == len(lines)-1: // the empty one
		default:
			err = r.readField(line)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.chunked && (r.lengths > 0 || r.old) {
		return nil, MalformedHTTP
	}
	return r, nil
}

func (r *request) readLine(line string) error {
	parts := strings.Split(line, " ")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return MalformedHTTP
	}
	for _, c := range []byte(parts[0]) {
		if !isToken(c) {
			return MalformedHTTP
		}
	}
	r.method, r.target, r.old = parts[0], parts[1], parts[2] == "HTTP/1.0"
	if !r.old && parts[2] != "HTTP/1.1" {
		return MalformedHTTP // HTTP/2 without TLS, too: its hosts are compressed
	}
	return nil
}

func (r *request) readField(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" {
		return MalformedHTTP
	}
	for _, c := range []byte(name) {
		if !isToken(c) { // a space before the colon, or a line that continues another
			return MalformedHTTP
		}
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "host":
		r.host = value
		r.hosts++
	case "content-length":
		var err error
		if r.length, err = strconv.ParseUint(value, 10, 62); err != nil || r.lengths > 0 || value[0] == '+' {
			return MalformedHTTP
		}
		r.lengths++
	case "transfer-encoding":
		if r.chunked || !strings.EqualFold(value, "chunked") {
			return MalformedHTTP
		}
		r.chunked = true
	}
	return nil
}

// check compares the request's host with the name. A target that is a whole URL
// overrides the Host field (RFC 9112, 3.2.2); CONNECT asks for another host
// altogether.
func (r *request) check(name string) error {
	switch {
	case r.method == "CONNECT":
		return OtherHost
	case r.hosts == 0:
		return NoHost
	case r.hosts > 1:
		return MalformedHTTP
	case !isHost(r.host, name):
		return OtherHost
	case r.target[0] == '/' || r.target == "*":
		return nil
	}
	u, err := url.Parse(r.target)
	if err != nil || u.User != nil {
		return MalformedHTTP
	}
	if !isHost(u.Host, name) {
		return OtherHost
	}
	return nil
}

// isHost says whether "host" or "host:port" is name.
func isHost(host, name string) bool {
	if h, port, err := net.SplitHostPort(host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	own, ok := rules.Name(host)
	return ok && own == name
}
