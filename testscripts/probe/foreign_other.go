//go:build !amd64

package main

import "golang.org/x/sys/unix"

// Only x86-64 has ABIs that a 64-bit program can call without being started in
// them.

func tryI386([]string) (string, error) { return "", unix.ENOSYS }

func tryX32([]string) (string, error) { return "", unix.ENOSYS }
