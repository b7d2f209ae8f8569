package alert

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
)

// maxLine is the most bytes of a line of alerts: 20 records of 1 MiB, escaped.
const maxLine = 128 << 20

// VersionError says that alerts are of another version.
type VersionError struct{ Version int }

// Error gives both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("alert of format version %d, want %d", e.Version, Version)
}

// Hint says what to do.
func (e *VersionError) Hint() string {
	if e.Version < Version {
		return "older alerts carry no header lines: score the log again with this mlp"
	}
	return "use the mlp that wrote it, or a newer one"
}

// Read reads alerts, JSON lines as mlp score writes them; blank lines are
// skipped. Their content is not checked: see [Alert.Check].
func Read(r io.Reader) ([]Alert, error) {
	var out []Alert
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		a, err := decode(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, a)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return out, nil
}

func decode(line []byte) (Alert, error) {
	var version struct {
		Version int `json:"format_version"`
	}
	// What the library says may quote what stands there.
	if err := json.Unmarshal(line, &version); err != nil {
		return Alert{}, errors.New("this is not a line of JSON")
	}
	if version.Version != Version {
		return Alert{}, &VersionError{Version: version.Version}
	}
	var a Alert
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(&a); err != nil {
		return Alert{}, errors.New("this is not an alert")
	}
	return a, nil
}

// UnknownError says that no alert, or more than one, has an id that begins as
// asked for.
type UnknownError struct {
	Prefix string
	// Like are the ids that do, or that there are: a few of them.
	Like []string
	// Found is the number of those that do.
	Found int
}

// Error says how many there are.
func (e *UnknownError) Error() string {
	if e.Found == 0 {
		return fmt.Sprintf("no alert has an id that begins with %q", e.Prefix)
	}
	return fmt.Sprintf("%d alerts have an id that begins with %q", e.Found, e.Prefix)
}

// Hint lists some of them.
func (e *UnknownError) Hint() string {
	if len(e.Like) == 0 {
		return "there are no alerts in what was read"
	}
	return "there is " + strings.Join(e.Like, ", ")
}

// Find returns the alert whose id is given, or begins with what is given; a
// line that was written twice counts once.
func Find(alerts []Alert, id string) (Alert, error) {
	const most = 3
	prefix := strings.ToLower(strings.TrimPrefix(id, "sha256:"))
	seen := map[digest.Digest]bool{}
	var found, others []Alert
	for _, a := range alerts {
		switch {
		case seen[a.ID]:
		case prefix != "" && strings.HasPrefix(a.ID.Hex(), prefix):
			found = append(found, a)
		default:
			others = append(others, a)
		}
		seen[a.ID] = true
	}
	if len(found) == 1 {
		return found[0], nil
	}
	miss := &UnknownError{Prefix: id, Found: len(found)}
	if len(found) == 0 {
		found = others
	}
	for _, a := range found[:min(len(found), most)] {
		miss.Like = append(miss.Like, a.ID.Hex()[:12])
	}
	return Alert{}, miss
}
