package namespaces

import (
	"strconv"
	"strings"
)

// How many files a file system in memory may hold. An empty file takes no page
// of its size, but about 1 KiB of the kernel's memory, which tmpfs(5) bounds
// by nr_inodes alone: by default half as many as the machine has pages.
const (
	fewestInodes = 1 << 13 // what husk itself makes in the root is among them
	mostInodes   = 1 << 18
	pageSize     = 4 << 10
)

// bounded adds to the mount options of a tmpfs how many files it may hold: one
// for each page that its size has room for, within bounds.
func bounded(data string) string {
	inodes := mostInodes
	for option := range strings.SplitSeq(data, ",") {
		if size, ok := strings.CutPrefix(option, "size="); ok {
			inodes = inodesFor(size)
		}
	}
	return data + ",nr_inodes=" + strconv.Itoa(inodes)
}

// units are the suffixes of a size in tmpfs(5) that aren't a share of memory.
var units = map[byte]uint64{'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30}

func inodesFor(size string) int {
	number, unit := size, uint64(1)
	if n := len(size); n > 0 {
		if u, ok := units[size[n-1]|0x20]; ok {
			number, unit = size[:n-1], u
		}
	}
	bytes, err := strconv.ParseUint(number, 10, 64)
	if err != nil || bytes > mostInodes*pageSize/unit {
		return mostInodes // a share of memory, or more than that
	}
	return max(fewestInodes, int(bytes*unit/pageSize))
}
