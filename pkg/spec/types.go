package spec

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/mlpdev/mlp/pkg/diag"
)

// Resolver finds the messages that a google.protobuf.Any may hold.
type Resolver interface {
	// FindMessageByURL returns the message of "PREFIX/full.Name", or of
	// "full.Name".
	FindMessageByURL(url string) (protoreflect.MessageType, error)
	// Messages returns the full names it knows, sorted.
	Messages() []string
}

// Types are the messages of the trainers' params.proto files. It is a
// [Resolver]; the zero value knows no message.
type Types struct {
	messages map[string]protoreflect.MessageType
}

// FindMessageByURL implements [Resolver].
func (t *Types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	_, full := cutURL(url)
	if t == nil || t.messages[full] == nil {
		return nil, protoregistry.NotFound
	}
	return t.messages[full], nil
}

// Messages implements [Resolver].
func (t *Types) Messages() []string {
	if t == nil {
		return nil
	}
	names := make([]string, 0, len(t.messages))
	for n := range t.messages {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func findMessage(types Resolver, url string) (protoreflect.MessageType, error) {
	if types == nil {
		return nil, protoregistry.NotFound
	}
	return types.FindMessageByURL(url)
}

// cutURL splits a type URL behind its last slash.
func cutURL(url string) (prefix, full string) {
	i := strings.LastIndexByte(url, '/') + 1
	return url[:i], url[i:]
}

// nearestType returns the full name nearest to one that is not known: by the
// whole of it, or by its last part alone.
func nearestType(full string, known []string) (string, bool) {
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	byLast := make(map[string]string, len(known))
	var lasts []string
	for _, k := range known {
		if _, ok := byLast[last(k)]; !ok {
			byLast[last(k)] = k
			lasts = append(lasts, last(k))
		}
	}
	if near, ok := diag.Nearest(last(full), lasts); ok {
		return byLast[near], true
	}
	return diag.Nearest(full, known)
}
