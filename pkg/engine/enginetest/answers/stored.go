package answers

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Answer is a question with what Spark answers.
type Answer struct {
	Question
	// Error is the condition under which Spark fails, for some row at least.
	Error string `json:"error"`
	// Refused says that Spark does not know what the question means.
	Refused bool `json:"refused"`
	// Values has a value for each row, group or table, as Spark prints it.
	Values []Value `json:"a"`
}

// Value is one printed value.
type Value struct {
	Text   string
	Null   bool
	Failed bool // Spark fails
}

// UnmarshalJSON reads a text, null for NULL, or false for an error.
func (v *Value) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
		*v = Value{Null: true}
		return nil
	case "false":
		*v = Value{Failed: true}
		return nil
	}
	return json.Unmarshal(data, &v.Text)
}

// Read reads what the script answers.py has written about the table.
func Read(r io.Reader) ([]Answer, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	var out []Answer
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<24)
	var about struct {
		Digest string `json:"digest"`
	}
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &about) != nil || about.Digest != sparkView().Digest {
		return nil, errors.New("the answers are about another table: run make answers")
	}
	for lines.Scan() {
		var a Answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("answer %d: %w", len(out)+1, err)
		}
		out = append(out, a)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	return out, nil
}
