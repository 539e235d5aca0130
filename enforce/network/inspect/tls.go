package inspect

import (
	"encoding/binary"

	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// Record types of TLS (RFC 8446, 5.1).
const (
	recordChangeCipher = 20
	recordAlert        = 21
	recordHandshake    = 22
	recordData         = 23
)

// isRecord says whether c is the type of a record. Servers skip some alerts
// before a ClientHello, so whatever begins like a record is read as TLS.
func isRecord(c byte) bool { return c >= recordChangeCipher && c <= recordData }

// oldHello is how many bytes tell a ClientHello in the form of SSL 2.0 (RFC 5246,
// E.2). It has no room for a server name, and OpenSSL's servers still take it.
const oldHello = 4

// isOldHello says whether b is one, as far as it goes: a length with the highest
// bit set, the kind of message, and the version's first half.
func isOldHello(b []byte) bool {
	return b[0] >= 0x80 && (len(b) < 3 || b[2] == clientHello) && (len(b) < oldHello || b[3] == 3)
}

const (
	recordHeader    = 5
	handshakeHeader = 4
	maxRecord       = 1<<14 + 256
	clientHello     = 1
	// maxMessage is more than any server takes for a ClientHello, in bytes.
	maxMessage = 256 << 10
)

// helloState is what is known of a TLS connection.
type helloState struct {
	message []byte // the handshake message so far, in case records split it
	seen    bool   // one ClientHello was read and was right
	early   bool   // it announced data before the handshake's end
}

// record looks at one record. After the first ClientHello a second one may come
// (RFC 8446, 4.1.2), with ChangeCipherSpec, early data and alerts that servers
// skip in between; it must name the same server. Other data ends the part that
// can be read. A piece of a handshake has at least a byte (RFC 8446, 5.1), but
// not every server minds.
func (i *Inspector) record() (int, error) {
	b := i.held
	if len(b) < recordHeader {
		return 0, errMore
	}
	kind, size := b[0], int(binary.BigEndian.Uint16(b[3:]))
	h := &i.hello
	switch {
	case kind == recordHandshake && b[1] == 3 && size > 0 && size <= maxRecord:
	case h.seen && len(h.message) == 0 && b[1] == 3 && (kind == recordChangeCipher || kind == recordAlert || kind == recordData && h.early) && size <= maxRecord:
	case h.seen && len(h.message) == 0 && kind == recordData:
		i.done = true
		return len(b), nil
	default:
		return 0, MalformedHello
	}
	if len(b) < recordHeader+size {
		return 0, errMore
	}
	if kind == recordHandshake {
		if err := i.handshake(b[recordHeader : recordHeader+size]); err != nil {
			return 0, err
		}
	}
	return recordHeader + size, nil
}

// handshake adds a piece of a handshake message. A first piece is passed on
// before the rest has come, which no server can act on.
func (i *Inspector) handshake(piece []byte) error {
	h := &i.hello
	if h.seen && len(h.message) == 0 && piece[0] != clientHello {
		i.done = true // the handshake goes on
		return nil
	}
	h.message = append(h.message, piece...)
	if len(h.message) < handshakeHeader {
		return nil
	}
	if h.message[0] != clientHello {
		return MalformedHello
	}
	size := handshakeHeader + int(binary.BigEndian.Uint32(h.message)&0xffffff)
	switch {
	case h.seen && size > maxMessage:
		i.done = true // encrypted, and one of 256 begins like this
		return nil
	case size > maxHeld:
		return TooLarge
	case len(h.message) < size:
		return nil
	case len(h.message) > size: // another message in the same record
		return MalformedHello
	}
	hello, err := readHello(h.message[handshakeHeader:])
	if err != nil {
		return err
	}
	if err := hello.check(i.name); err != nil {
		if err == OtherServer {
			i.other(hello.name)
		}
		return err
	}
	h.seen, h.early, h.message = true, hello.early, nil
	return nil
}

// Extensions (IANA, TLS ExtensionType values).
const (
	extensionServerName = 0
	extensionEarlyData  = 42
	extensionECH        = 0xfe0d // RFC 9849
	extensionESNI       = 0xffce // its predecessor
)

// hello is what a ClientHello says about the server.
type hello struct {
	name   string
	named  bool
	hidden bool
	early  bool
}

func (h *hello) check(name string) error {
	if h.hidden {
		return HiddenServer
	}
	if !h.named {
		return NoServerName
	}
	if own, ok := rules.Name(h.name); !ok || own != name {
		return OtherServer
	}
	return nil
}

// readHello reads the body of a ClientHello (RFC 8446, 4.1.2), all of it and
// nothing behind it.
func readHello(b []byte) (*hello, error) {
	r := reader{b: b}
	r.skip(2 + 32) // version, random
	r.vector8()    // session
	if suites := r.vector16(); len(suites)%2 != 0 || len(suites) == 0 {
		return nil, MalformedHello
	}
	r.vector8() // compression
	if r.failed {
		return nil, MalformedHello
	}
	h := new(hello)
	if len(r.b) == 0 {
		return h, nil // no extensions
	}
	extensions := reader{b: r.vector16()}
	if r.failed || len(r.b) != 0 {
		return nil, MalformedHello
	}
	seen := map[uint16]bool{}
	for len(extensions.b) > 0 {
		kind, content := extensions.number16(), extensions.vector16()
		if extensions.failed || seen[kind] {
			return nil, MalformedHello
		}
		seen[kind] = true
		if err := h.extension(kind, content); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *hello) extension(kind uint16, content []byte) error {
	switch kind {
	case extensionECH, extensionESNI:
		h.hidden = true
	case extensionEarlyData:
		h.early = true
	case extensionServerName: // RFC 6066, 3: a list, of which there is only one kind
		r := reader{b: content}
		list := reader{b: r.vector16()}
		hostName := list.number8() == 0
		name := list.vector16()
		if r.failed || list.failed || len(r.b) > 0 || len(list.b) > 0 || !hostName || len(name) == 0 {
			return MalformedHello
		}
		h.name, h.named = string(name), true
	}
	return nil
}

// reader takes numbers and vectors off the front of b; once it has failed it
// gives nothing.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) skip(n int) []byte {
	if r.failed || len(r.b) < n {
		r.failed, r.b = true, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) number8() byte {
	if b := r.skip(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) number16() uint16 {
	if b := r.skip(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) vector8() []byte  { return r.skip(int(r.number8())) }
func (r *reader) vector16() []byte { return r.skip(int(r.number16())) }
