package testscripts

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsdMain is the program dnsd: a name server on port 53 of an address, which
// answers as badly as the first label of a name says.
func dnsdMain() {
	if len(os.Args) != 4 {
		fail("usage: dnsd ADDRESS GOOD READYFILE")
	}
	d := &dnsd{good: net.ParseIP(os.Args[2]).To4(), asked: map[string]int{}}
	at := net.JoinHostPort(os.Args[1], "53")
	datagrams, err := net.ListenPacket("udp", at)
	check(err)
	streams, err := net.Listen("tcp", at)
	check(err)
	go d.serveTCP(streams)
	check(os.WriteFile(os.Args[3], []byte("ready\n"), 0o644))
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := datagrams.ReadFrom(buffer)
		check(err)
		if reply := d.reply(buffer[:n], false); reply != nil {
			_, err := datagrams.WriteTo(reply, from)
			check(err)
		}
	}
}

// dnsd answers good to what is honest.
type dnsd struct {
	good net.IP

	mu    sync.Mutex
	asked map[string]int // questions for an A record
}

func (d *dnsd) serveTCP(l net.Listener) {
	for {
		conn, err := l.Accept()
		check(err)
		go func() {
			defer conn.Close()
			var length [2]byte
			for {
				if _, err := io.ReadFull(conn, length[:]); err != nil {
					return
				}
				question := make([]byte, binary.BigEndian.Uint16(length[:]))
				if _, err := io.ReadFull(conn, question); err != nil {
					return
				}
				reply := d.reply(question, true)
				if _, err := conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(reply)))); err != nil {
					return
				}
				if _, err := conn.Write(reply); err != nil {
					return
				}
			}
		}()
	}
}

// reply gives a message, nil for none.
func (d *dnsd) reply(message []byte, tcp bool) []byte {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	kind, _, _ := strings.Cut(strings.ToLower(q.Name.String()), ".")
	b := builder{header: dnsmessage.Header{ID: header.ID, Response: true, RecursionAvailable: true}, question: q}
	if q.Type != dnsmessage.TypeA {
		return b.message() // no such record
	}
	switch kind {
	case "good":
		b.add(d.good)
	case "private":
		b.add(net.IPv4(10, 1, 2, 3))
	case "metadata":
		b.add(net.IPv4(169, 254, 169, 254))
	case "mixed": // a public address behind a loopback one
		b.add(net.IPv4(127, 0, 0, 1), d.good)
	case "turns": // good for whoever asks first, and this machine afterwards
		if d.count(kind) == 1 {
			b.add(d.good)
		} else {
			b.add(net.IPv4(127, 0, 0, 1))
		}
	case "truncated": // has to be asked for by TCP
		if b.header.Truncated = !tcp; tcp {
			b.add(d.good)
		}
	case "oversized":
		for range 4000 { // nearly what a message can hold
			b.add(net.IPv4(127, 0, 0, 1))
		}
	case "garbage":
		return append(message[:2:2], bytes.Repeat([]byte{0xff}, 500)...)
	case "cut":
		b.add(d.good)
		reply := b.message()
		return reply[:len(reply)-3]
	case "never":
		return nil
	default:
		b.header.RCode = dnsmessage.RCodeNameError
	}
	return b.message()
}

func (d *dnsd) count(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked[name]++
	return d.asked[name]
}

// builder is an answer.
type builder struct {
	header   dnsmessage.Header
	question dnsmessage.Question
	answers  []dnsmessage.Resource
}

func (b *builder) add(addresses ...net.IP) {
	for _, ip := range addresses {
		b.answers = append(b.answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: b.question.Name, Class: dnsmessage.ClassINET, TTL: 0},
			Body:   &dnsmessage.AResource{A: [4]byte(ip.To4())},
		})
	}
}

func (b *builder) message() []byte {
	m := dnsmessage.Message{Header: b.header, Questions: []dnsmessage.Question{b.question}, Answers: b.answers}
	packed, err := m.Pack()
	check(err)
	return packed
}
