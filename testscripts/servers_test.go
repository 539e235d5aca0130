package testscripts

import (
	"net"
	"net/http"
	"os"
	"strconv"
)

// httpdMain is the program httpd.
func httpdMain() {
	if len(os.Args) != 3 {
		fail("usage: httpd DIR PORTFILE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	port := listener.Addr().(*net.TCPAddr).Port
	check(os.WriteFile(os.Args[2], []byte(strconv.Itoa(port)), 0o644))
	check(http.Serve(listener, http.FileServer(http.Dir(os.Args[1]))))
}

// unixdMain is the program unixd: it accepts connections and closes them.
func unixdMain() {
	if len(os.Args) != 3 {
		fail("usage: unixd PATH READYFILE")
	}
	listener, err := net.Listen("unix", os.Args[1])
	check(err)
	check(os.WriteFile(os.Args[2], []byte("ready\n"), 0o644))
	for {
		conn, err := listener.Accept()
		check(err)
		check(conn.Close())
	}
}
