package testscripts

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
)

// busdMain is the program busd: a service on a message bus. It takes a name and
// answers every call with an empty reply (D-Bus Specification, "Message Format",
// "Authentication Protocol"). With a word more, every answer holds that word.
func busdMain() {
	if len(os.Args) != 4 && len(os.Args) != 5 {
		fail("usage: busd SOCKET NAME READYFILE [WORD]")
	}
	conn, err := net.Dial("unix", os.Args[1])
	check(err)
	c := &busClient{conn: conn, in: bufio.NewReader(conn)}
	check(c.login())
	check(c.call("Hello", nil, ""))
	body := append(busString(os.Args[2]), make([]byte, 4)...)
	body = append(busPad(body[:len(body)-4], 4), 4, 0, 0, 0) // DBUS_NAME_FLAG_DO_NOT_QUEUE
	check(c.call("RequestName", body, "su"))
	check(os.WriteFile(os.Args[3], []byte("ready\n"), 0o644))
	word := ""
	if len(os.Args) == 5 {
		word = os.Args[4]
	}
	for {
		m, err := c.read()
		if err == io.EOF {
			return // the bus has ended
		}
		check(err)
		if m.kind == busCall {
			check(c.reply(m, word))
		}
	}
}

// Kinds of messages, and codes of the fields that are used here.
const (
	busCall, busReturn = 1, 2

	fieldPath, fieldMember, fieldReplySerial, fieldDestination, fieldSender, fieldSignature = 1, 3, 5, 6, 7, 8
)

type busMessage struct {
	kind   byte
	serial uint32
	sender string
}

type busClient struct {
	conn   net.Conn
	in     *bufio.Reader
	serial uint32
}

func (c *busClient) login() error {
	uid := hex.EncodeToString([]byte(strconv.Itoa(os.Getuid())))
	if _, err := fmt.Fprintf(c.conn, "\x00AUTH EXTERNAL %s\r\n", uid); err != nil {
		return err
	}
	line, err := c.in.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "OK ") {
		return fmt.Errorf("the bus answers %q: %v", line, err)
	}
	_, err = io.WriteString(c.conn, "BEGIN\r\n")
	return err
}

// call calls a method of the bus itself, and waits for nothing.
func (c *busClient) call(member string, body []byte, signature string) error {
	fields := busField(nil, fieldPath, "o", busString("/org/freedesktop/DBus"))
	fields = busField(fields, fieldMember, "s", busString(member))
	fields = busField(fields, fieldDestination, "s", busString("org.freedesktop.DBus"))
	return c.send(busCall, fields, body, signature)
}

func (c *busClient) reply(to busMessage, word string) error {
	fields := busField(nil, fieldReplySerial, "u", binary.LittleEndian.AppendUint32(nil, to.serial))
	fields = busField(fields, fieldDestination, "s", busString(to.sender))
	if word == "" {
		return c.send(busReturn, fields, nil, "")
	}
	return c.send(busReturn, fields, busString(word), "s")
}

func (c *busClient) send(kind byte, fields, body []byte, signature string) error {
	if signature != "" {
		fields = busField(fields, fieldSignature, "g", append([]byte{byte(len(signature))}, signature+"\x00"...))
	}
	c.serial++
	b := []byte{'l', kind, 0, 1}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, c.serial)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(fields)))
	b = append(busPad(append(b, fields...), 8), body...)
	_, err := c.conn.Write(b)
	return err
}

// busField adds a field of the header: the array begins at a multiple of 8, so
// offsets in it are aligned as they are in the message.
func busField(b []byte, code byte, signature string, value []byte) []byte {
	b = append(busPad(b, 8), code, 1, signature[0], 0)
	if signature != "g" {
		b = busPad(b, 4)
	}
	return append(b, value...)
}

func busString(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s+"\x00"...)
}

func busPad(b []byte, to int) []byte {
	for len(b)%to != 0 {
		b = append(b, 0)
	}
	return b
}

// read takes one message. Only what a reply needs is looked at.
func (c *busClient) read() (m busMessage, err error) {
	head := make([]byte, 16)
	if _, err := io.ReadFull(c.in, head); err != nil {
		return m, err
	}
	if head[0] != 'l' {
		return m, fmt.Errorf("a message of byte order %q", head[0])
	}
	number := func(at int, of []byte) int { return int(binary.LittleEndian.Uint32(of[at:])) }
	m.kind, m.serial = head[1], uint32(number(8, head))
	length := number(12, head)
	rest := make([]byte, (length+7)/8*8+number(4, head))
	if _, err := io.ReadFull(c.in, rest); err != nil {
		return m, err
	}
	for fields := rest[:length]; len(fields) > 8; {
		code, kind := fields[0], fields[2]
		size := 8 // of the field, with a number as its value
		switch kind {
		case 's', 'o':
			size = 8 + number(4, fields) + 1
			if code == fieldSender {
				m.sender = string(fields[8 : size-1])
			}
		case 'g':
			size = 4 + 1 + int(fields[4]) + 1
		}
		fields = fields[min((size+7)/8*8, len(fields)):]
	}
	return m, nil
}
