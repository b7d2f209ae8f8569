package store

import (
	"fmt"
	"strings"
)

const (
	maxName    = 1024
	maxSegment = 255 // what file systems take
	// objects is the first segment under which stores keep objects.
	objects = "objects"
)

// NameError says why a name cannot be used in a store.
type NameError struct {
	Name   string
	Reason string
}

// Error returns the name, quoted and cut short, and the reason.
func (e *NameError) Error() string {
	name := e.Name
	if len(name) > 80 {
		name = name[:80] + "…"
	}
	return fmt.Sprintf("store name %q: %s", name, e.Reason)
}

// CheckName returns a [*NameError] unless a name is one to 1024 bytes of
// segments between slashes, each of one to 255 letters, digits, dots,
// underscores or hyphens of ASCII. The segments "." and ".." and, in the first
// place, "objects" are not allowed.
//
// No name may be a directory of another one; stores that can tell refuse the
// second of the two.
func CheckName(name string) error {
	if reason := wrongName(name); reason != "" {
		return &NameError{Name: name, Reason: reason}
	}
	return nil
}

// CheckPrefix returns a [*NameError] unless some name may begin with prefix.
func CheckPrefix(prefix string) error {
	dir, last := "", prefix
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		dir, last = prefix[:i], prefix[i+1:]
		if reason := wrongName(dir); reason != "" {
			return &NameError{Name: prefix, Reason: reason}
		}
	}
	if i := strings.IndexFunc(last, notInName); i >= 0 || len(prefix) > maxName {
		return &NameError{Name: prefix, Reason: "no name begins like this"}
	}
	return nil
}

func wrongName(name string) string {
	if name == "" {
		return "is empty"
	}
	if len(name) > maxName {
		return fmt.Sprintf("is longer than %d bytes", maxName)
	}
	for i, segment := range strings.Split(name, "/") {
		switch {
		case segment == "":
			return "has an empty segment"
		case segment == "." || segment == "..":
			return fmt.Sprintf("has the segment %q", segment)
		case len(segment) > maxSegment:
			return fmt.Sprintf("has a segment longer than %d bytes", maxSegment)
		case i == 0 && segment == objects:
			return "lies where objects are"
		}
		if j := strings.IndexFunc(segment, notInName); j >= 0 {
			return "has a character other than letters, digits, dots, underscores and hyphens"
		}
	}
	return ""
}

func notInName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		return false
	}
	return true
}
