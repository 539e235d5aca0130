package inspect

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// helloOf gives what a real client sends first.
func helloOf(t testing.TB, c *tls.Config) []byte {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		c.InsecureSkipVerify = true
		_ = tls.Client(theirs, c).Handshake()
		_ = theirs.Close()
	}()
	if err := ours.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64<<10)
	n := 0
	for n < recordHeader || n < recordHeader+int(b[3])<<8+int(b[4]) {
		m, err := ours.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	_ = ours.Close()
	return b[:n]
}

// feed gives everything to an inspector in pieces of a size.
func feed(name string, port int, b []byte, piece int) (passed []byte, done bool, err error) {
	i := New(name, port)
	for len(b) > 0 && err == nil {
		n := min(piece, len(b))
		var pass []byte
		pass, done, err = i.Feed(b[:n])
		passed = append(passed, pass...)
		b = b[n:]
	}
	return passed, done, err
}

// each runs a case in pieces of several sizes: where the network cuts must not
// matter.
func each(t *testing.T, name string, port int, b []byte, want error, wantPassed string) {
	t.Helper()
	for _, piece := range []int{len(b), 1, 2, 7, 500} {
		passed, _, err := feed(name, port, b, piece)
		if !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%.60q in pieces of %d: %v, want %v", b, piece, err, want)
		}
		if want == nil && string(passed) != wantPassed {
			t.Errorf("%.60q in pieces of %d: passed %.60q", b, piece, passed)
		}
		if want != nil && bytes.Contains(passed, []byte("evil")) {
			t.Errorf("%.60q in pieces of %d: %q got out", b, piece, passed)
		}
	}
}

func TestTLS(t *testing.T) {
	good := helloOf(t, &tls.Config{ServerName: "good.example"})
	evil := helloOf(t, &tls.Config{ServerName: "evil.example"})
	none := helloOf(t, &tls.Config{ServerName: "192.0.2.1"})
	old := helloOf(t, &tls.Config{ServerName: "good.example", MaxVersion: tls.VersionTLS12})
	change := []byte{recordChangeCipher, 3, 3, 0, 1, 1}
	data := []byte{recordData, 3, 3, 0, 2, 'x', 'y'}
	alert := []byte{recordAlert, 3, 3, 0, 2, 1, 90} // user_canceled, which servers skip
	empty := []byte{recordHandshake, 3, 3, 0, 0}
	sealed := []byte{recordHandshake, 3, 3, 0, 8, clientHello, 0xff, 0xff, 0xff, 1, 2, 3, 4}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

	for _, port := range []int{443, 8443} {
		each(t, "good.example", port, good, nil, string(good))
		each(t, "good.example", port, old, nil, string(old))
		each(t, "good.example", port, join(good, change, data, data), nil, string(join(good, change, data, data)))
		each(t, "good.example", port, join(good, change, good, data), nil, string(join(good, change, good, data)))
		each(t, "good.example", port, evil, OtherServer, "")
		each(t, "good.example", port, none, NoServerName, "")
		each(t, "good.example", port, join(good, evil), OtherServer, "")
		each(t, "good.example", port, join(good, change, evil), OtherServer, "")
		for _, first := range [][]byte{data, alert, change, empty} {
			each(t, "good.example", port, join(first, evil), MalformedHello, "")
		}
		each(t, "good.example", port, join(good, alert), nil, string(join(good, alert)))
		each(t, "good.example", port, join(good, alert, good, data), nil, string(join(good, alert, good, data)))
		each(t, "good.example", port, join(good, alert, evil), OtherServer, "")
		each(t, "good.example", port, join(good, change, alert, evil), OtherServer, "")
		each(t, "good.example", port, join(good, empty, evil), MalformedHello, "")
		each(t, "good.example", port, join(good, []byte{recordHandshake, 2, 0, 0, 1, 1}, evil), MalformedHello, "")
		// Encrypted, the end of a handshake may begin like a ClientHello.
		each(t, "good.example", port, join(old, change, sealed, data), nil, string(join(old, change, sealed, data)))
	}
	each(t, "good.example", 443, []byte{recordHandshake, 3, 1, 0, 0, 1, 2, 3}, MalformedHello, "")
	each(t, "good.example", 443, []byte{recordHandshake, 3, 1, 0xff, 0xff}, MalformedHello, "")
	each(t, "good.example", 443, []byte{0x80, 0x2e, 1, 3, 1}, Unreadable, "")
	// The form of SSL 2.0 has no name.
	each(t, "good.example", 8443, []byte{0x80, 0x2e, 1, 3, 1}, NoServerName, "")
	for _, other := range []string{"\x80", "\x80\x2e\x01", "\x80\x2e\x02\x03\x01", "\x80\x2e\x01\x02\x01", "\x7f\x2e\x01\x03\x01"} {
		each(t, "good.example", 8443, []byte(other), nil, other)
	}
	each(t, "good.example", 443, []byte("\x00\x01\x02"), Unreadable, "")
	// A message that says it is larger than any.
	each(t, "good.example", 443, []byte{recordHandshake, 3, 1, 0, 5, clientHello, 0xff, 0xff, 0xff, 0}, TooLarge, "")
}

// A ClientHello in several records is one.
func TestTLSFragments(t *testing.T) {
	for name, want := range map[string]error{"good.example": nil, "evil.example": OtherServer} {
		message := helloOf(t, &tls.Config{ServerName: name})[recordHeader:]
		var b []byte
		for len(message) > 0 {
			n := min(50, len(message))
			b = append(b, recordHandshake, 3, 1, 0, byte(n))
			b = append(b, message[:n]...)
			message = message[n:]
		}
		i := New("good.example", 443)
		if _, _, err := i.Feed(b); !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHello(t *testing.T) {
	b := helloOf(t, &tls.Config{ServerName: "good.example"})[recordHeader+handshakeHeader:]
	h, err := readHello(b)
	if err != nil || h.name != "good.example" {
		t.Fatalf("%+v, %v", h, err)
	}
	// Every part that is cut off is noticed.
	for n := range b {
		if n > 0 {
			if h, err := readHello(b[:n]); err == nil && h.named {
				t.Errorf("cut after %d: %+v", n, h)
			}
		}
	}
	if _, err := readHello(append(bytes.Clone(b), 0)); err == nil {
		t.Error("a byte behind the end is not noticed")
	}
	list := []byte{0, 15, 0, 0, 12}
	list = append(list, "good.example"...)
	for _, c := range []struct {
		kind    uint16
		content []byte
		hidden  bool
		bad     bool
	}{
		{extensionServerName, list, false, false}, {extensionServerName, nil, false, true}, {extensionServerName, []byte{0, 3, 0, 0, 0}, false, true},
		{extensionServerName, append(bytes.Clone(list), 0), false, true}, {extensionECH, nil, true, false}, {extensionESNI, nil, true, false},
	} {
		h := new(hello)
		if err := h.extension(c.kind, c.content); (err != nil) != c.bad || h.hidden != c.hidden {
			t.Errorf("extension %d %x: %+v, %v", c.kind, c.content, h, err)
		}
	}
	if err := (&hello{name: "good.example", named: true, hidden: true}).check("good.example"); err != HiddenServer {
		t.Errorf("an encrypted hello: %v", err)
	}
}

func TestHTTP(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n"
	const post = "POST /x HTTP/1.1\r\nHost: good.example\r\nContent-Length: 5\r\n\r\nhello"
	const chunked = "POST /x HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"
	for _, good := range []string{
		get, post, chunked, get + get, post + get, chunked + get, chunked + post + chunked, "\r\n" + get,
		"GET / HTTP/1.1\r\nHost: GOOD.example:80\r\n\r\n", "GET / HTTP/1.0\r\nHost: good.example.\r\n\r\n",
		"GET http://good.example/x HTTP/1.1\r\nHost: good.example\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: good.example\r\n\r\n",
		"get / HTTP/1.1\r\nHOST:good.example\r\n\r\n", "GET / HTTP/1.1\nHost: good.example\n\n",
	} {
		passed := strings.TrimPrefix(good, "\r\n") // the empty line is not sent on
		if strings.HasPrefix(good, "\r\n") {
			passed = good
		}
		each(t, "good.example", 80, []byte(good), nil, passed)
		each(t, "good.example", 8080, []byte(good), nil, passed)
	}
	const evil = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
	for bad, want := range map[string]Refusal{
		evil: OtherHost, get + evil: OtherHost, post + evil: OtherHost, chunked + evil: OtherHost, "\r\n\r\n" + evil: OtherHost,
		"GET / HTTP/1.1\r\n\r\n": OtherHost,
		"GET http://evil.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n":                                                   OtherHost,
		"GET evil.example HTTP/1.1\r\nHost: good.example\r\n\r\n":                                                           OtherHost,
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: good.example\r\n\r\n":                                                   OtherHost,
		"GET / HTTP/1.1\r\nHost: good.example\r\nHost: evil.example\r\n\r\n":                                                MalformedHTTP,
		"GET / HTTP/1.1\r\nHost: good.example\r\n Host: evil.example\r\n\r\n":                                               MalformedHTTP,
		"GET / HTTP/1.1\r\nHost : evil.example\r\nHost: good.example\r\n\r\n":                                               MalformedHTTP,
		"GET / HTTP/1.1\rHost: evil.example\r\nHost: good.example\r\n\r\n":                                                  MalformedHTTP,
		"GET\t/ HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                                                     MalformedHTTP,
		"GET / HTTP/1.1 \r\nHost: good.example\r\n\r\n":                                                                     MalformedHTTP,
		"GET / HTTP/2.0\r\nHost: good.example\r\n\r\n":                                                                      MalformedHTTP,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                                                                                  MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx" + evil:                   MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: +1\r\n\r\nx" + evil:                                       MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 1, 1\r\n\r\nx" + evil:                                     MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil: MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + evil:                          MalformedHTTP,
		"POST / HTTP/1.0\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil:                       MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n" + evil:                MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n" + evil:                 MalformedHTTP,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n" + evil:                    MalformedHTTP,
	} {
		if strings.HasPrefix(bad, "GET / HTTP/1.1\r\n\r\n") {
			want = NoHost
		}
		for _, port := range []int{80, 8080} {
			each(t, "good.example", port, []byte(bad), want, "")
		}
	}
}

// What lenient servers take for a request is none that passes for another
// protocol's line, however the network cuts it: Python's http.server splits at
// any blank, and reads fields behind a GET without a version.
func TestLinesOfLenientServers(t *testing.T) {
	rest := "\r\nHost: evil.example\r\n\r\n"
	for _, line := range []string{
		"GET /\rHTTP/1.1", "\x0bGET\x0b/ HTTP/1.1", " \tGET\t/\tHTTP/1.1", "GET /\x0cHTTP/1.1",
		"G\xc9T / HTTP/1.1", "(GET / http/1.1", "GET /", "GET\"/", "GET\x1c/", "\x1cGET /", "GET\r/",
	} {
		each(t, "good.example", 8080, []byte(line+rest), MalformedHTTP, "")
	}
	each(t, "good.example", 8080, []byte("\xa0GET / HTTP/1.1"+rest), OtherHost, "")
	for _, line := range []string{"get key", "GETEX key", "( 2 ( edit-pipeline ) ) ", "\x01\x02 x\n", "STAT\rLIST\r\nHTTP/1.1\n"} {
		each(t, "good.example", 11211, []byte(line+"\r\n"), nil, line+"\r\n")
	}
	// A line that is no request's is not held back.
	if pass, done, err := New("good.example", 3690).Feed([]byte("( 2 ( edit-pipeline ) ) ")); len(pass) == 0 || done || err != nil {
		t.Errorf("%q, %v, %v", pass, done, err)
	}
}

// A request that asks for another protocol may have content, which ends where its
// length says (RFC 9110, 7.8: it belongs to the request). What follows is a request
// for the name, as when the server did not switch, or nothing.
func TestUpgradeWithContent(t *testing.T) {
	for _, body := range []string{
		"Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "\r\n",
		"Content-Length: 24\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", // what looks like a switch is content
	} {
		ask := "POST / HTTP/1.1\r\nHost: good.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" + body
		next := "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n"
		each(t, "good.example", 80, []byte(ask), nil, ask)
		each(t, "good.example", 80, []byte(ask+next), nil, ask+next)
		for after, why := range map[string]error{
			"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                     MalformedHTTP,
			"\x82\x85\x01\x02\x03\x04\x05\x06\x07\x08\x09\r\n\r\n": MalformedHTTP, // a frame of a WebSocket
			"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n":         OtherHost,
		} {
			if pass, _, err := feed("good.example", 80, []byte(ask+after), 1); err != why || string(pass) != ask {
				t.Errorf("%q after %q: %q, %v", after, ask, pass, err)
			}
		}
	}
}

// Other protocols pass on ports that are not for HTTP and TLS.
func TestOtherProtocols(t *testing.T) {
	for _, b := range []string{
		"SSH-2.0-OpenSSH_9.9\r\n\x00\x00", "\x00\x00\x00\x08\x04\xd2\x16/", "0032git-upload-pack /x\x00host=good.example\x00",
		"*1\r\n$4\r\nPING\r\n", "EHLO me\r\n", "AMQP\x00\x00\x09\x01",
	} {
		each(t, "good.example", 2222, []byte(b), nil, b)
		each(t, "good.example", 443, []byte(b), Unreadable, "")
		each(t, "good.example", 80, []byte(b), Unreadable, "")
	}
}

// Another protocol's beginning does not wait for a line's end, which it may not
// have; a request's does, and no server gets to take the end of what is sent for it.
func TestLinesWithoutEnd(t *testing.T) {
	for line, want := range map[string]string{
		"ping": "ping", "hello world": "hello world", "\r\n": "\r\n", "x HTTP": "x HTTP", "GETEX key": "GETEX key",
		"GET": "GE", "GET /": "GE", "\nPOST http://evil.example/": "\nPOS", "get http://evil.example/ http/1.1": "get http://evil.example/ http",
	} {
		for piece := range len(line) {
			passed, done, err := feed("good.example", 8080, []byte(line), piece+1)
			if string(passed) != want || done || err != nil {
				t.Errorf("%q in pieces of %d: %q, %v, %v", line, piece+1, passed, done, err)
			}
		}
		i := New("good.example", 8080)
		if _, _, err := i.Feed([]byte(line)); err != nil {
			t.Error(err)
		}
		if err := i.End(); (err != nil) != (want != line) {
			t.Errorf("%q and no more: %v", line, err)
		}
		each(t, "good.example", 80, []byte(line), nil, "")
	}
	// However long it gets.
	long := strings.Repeat("x", 3*maxHeld)
	each(t, "good.example", 8080, []byte(long), nil, long)
	each(t, "good.example", 8080, []byte(long+" HTTP/1.1\r\nHost: evil.example\r\n\r\n"), MalformedHTTP, "")
}

func TestTooMuchIsRefused(t *testing.T) {
	head := "GET / HTTP/1.1\r\nHost: good.example\r\nX: " + strings.Repeat("x", maxHeld)
	if _, _, err := feed("good.example", 80, []byte(head), 4096); err != TooLarge {
		t.Errorf("a head without an end: %v", err)
	}
	if _, _, err := feed("good.example", 8080, []byte("GET "+strings.Repeat("x", maxHeld+1)), 4096); err != TooLarge {
		t.Errorf("a line without an end: %v", err)
	}
}

// FuzzInspector looks for what gets past an inspector: whatever is passed of a
// connection that was not let go must name no other host, and pieces must not
// matter.
func FuzzInspector(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: good.example\r\n\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), uint8(3), true)
	f.Add([]byte("POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), uint8(1), false)
	f.Add(helloOf(f, &tls.Config{ServerName: "good.example"}), uint8(40), true)
	f.Add([]byte{recordHandshake, 3, 1, 0, 5, clientHello, 0, 0, 1, 0}, uint8(2), false)
	f.Add([]byte("HTTP/0\n"), uint8(3), false) // cut in two, it was let go
	f.Fuzz(func(t *testing.T, b []byte, piece uint8, web bool) {
		port := 2222
		if web {
			port = 443
		}
		whole, doneWhole, errWhole := feed("good.example", port, b, max(1, len(b)))
		parts, doneParts, errParts := feed("good.example", port, b, max(1, int(piece)))
		if !bytes.HasPrefix(b, parts) || !bytes.HasPrefix(b, whole) {
			t.Fatalf("bytes were changed: %q, %q of %q", whole, parts, b)
		}
		// The beginning of a request's line is passed on where that came alone.
		same := bytes.Equal(whole, parts) || !doneWhole && bytes.HasPrefix(parts, whole)
		if errWhole == nil && (errParts != nil || doneWhole != doneParts || !same) {
			t.Fatalf("whole: %d bytes, %v; in pieces of %d: %d bytes, %v, %v", len(whole), doneWhole, piece, len(parts), doneParts, errParts)
		}
		if errWhole != nil && errParts == nil {
			t.Fatalf("whole: %v; in pieces of %d: nothing", errWhole, piece)
		}
	})
}

// FuzzHello looks for a ClientHello that is read past its end.
func FuzzHello(f *testing.F) {
	f.Add(helloOf(f, &tls.Config{ServerName: "good.example"})[recordHeader+handshakeHeader:])
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readHello(b)
		if err == nil && h.named && !bytes.Contains(b, []byte(h.name)) {
			t.Fatalf("the name %q is not in it", h.name)
		}
	})
}
