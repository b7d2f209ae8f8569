package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// codeRange begins the lines of /proc/self/smaps that are about a mapping of
// code in a file, and of what it reads beside it: linkers put both in one mapping
// or in two.
var codeRange = regexp.MustCompile(`^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ [1-9][0-9]* +/`)

// dropCode tells the system that the pages of code which the process has are not
// needed now. The engine and the runtime have tens of megabytes of it, of which
// one step uses a part. Mappings that are not what their files hold are left.
func dropCode() {
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var from, to uint64
	for line := range strings.Lines(string(maps)) {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case strings.ContainsAny(name, "-"): // a mapping begins
			from, to = 0, 0
			if m := codeRange.FindStringSubmatch(line); m != nil {
				from, _ = strconv.ParseUint(m[1], 16, 64)
				to, _ = strconv.ParseUint(m[2], 16, 64)
			}
		case name == "Anonymous" && strings.TrimSpace(value) == "0 kB" && to > from:
			syscall.Syscall(syscall.SYS_MADVISE, uintptr(from), uintptr(to-from), syscall.MADV_DONTNEED)
		}
	}
}
