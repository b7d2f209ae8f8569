package pyenv

import (
	"io"
	"strings"
	"sync"
)

// tailSize is how much of the end of a stream is kept.
const tailSize = 4 << 10

// A tail passes a stream on and remembers its end.
type tail struct {
	next io.Writer
	mu   sync.Mutex
	kept []byte
}

// Write keeps the end of p and passes p on. A failing receiver is not an error:
// it must not stop a training.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.kept = append(t.kept, p[max(len(p)-tailSize, 0):]...)
	t.kept = append(t.kept[:0], t.kept[max(len(t.kept)-tailSize, 0):]...)
	t.mu.Unlock()
	if t.next != nil {
		_, _ = t.next.Write(p)
	}
	return len(p), nil
}

// String returns the last lines, whole ones where some were cut off.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(t.kept)
	if len(t.kept) == tailSize {
		if _, rest, ok := strings.Cut(text, "\n"); ok {
			text = rest
		}
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
}
