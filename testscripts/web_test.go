package testscripts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"time"
)

// webdMain is the program webd: plain HTTP on port 80 and TLS (HTTP/1 and
// HTTP/2) on 443, 8443 and 9443, with a certificate that nobody else signed.
func webdMain() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fail("usage: webd ADDRESS READYFILE [DIR]")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"good.example", "other.example"},
		Subject: pkix.Name{CommonName: "good.example"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(err)
	handler := http.NewServeMux()
	handler.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s for %s\n", r.Proto, r.Host)
	})
	if len(os.Args) == 4 {
		handler.Handle("/git/", gitBackend(os.Args[3]))
		handler.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir(os.Args[3]))))
	}
	server := &http.Server{Handler: handler, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"h2", "http/1.1"},
	}}
	plain, err := net.Listen("tcp", net.JoinHostPort(os.Args[1], "80"))
	check(err)
	go func() { check(server.Serve(plain)) }()
	for _, port := range []string{"443", "8443", "9443"} {
		l, err := net.Listen("tcp", net.JoinHostPort(os.Args[1], port))
		check(err)
		go func() { check(server.ServeTLS(l, "", "")) }()
	}
	// Renamed, so that who waits for the file doesn't read a part of it.
	check(os.WriteFile(os.Args[2]+".part", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	check(os.Rename(os.Args[2]+".part", os.Args[2]))
	select {}
}

// gitBackend serves the repositories in a directory (git-http-backend(1)).
func gitBackend(dir string) http.Handler {
	git, err := exec.LookPath("git")
	check(err)
	return &cgi.Handler{Path: git, Args: []string{"http-backend"}, Root: "/git",
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}}
}
