package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// StatementType is the type of the signed statements, in-toto Statement v1
	// (https://in-toto.io/Statement/v1).
	StatementType = "https://in-toto.io/Statement/v1"
	// PredicateType identifies [Record] as their predicate.
	PredicateType = "https://mlp.dev/release/v1"
)

// statement is what is signed. Its subjects are the record's artifacts, so
// that tools that know in-toto but not mlp see what the signature covers.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Record    `json:"predicate"`
}

type subject struct {
	Name   string         `json:"name"`
	Digest subjectDigests `json:"digest"`
}

type subjectDigests struct {
	SHA256 string `json:"sha256"`
}

// Encode returns the bytes of a record: a statement in JSON. Equal records
// have equal bytes; an error names what is wrong with the record.
func Encode(r Record) ([]byte, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	return encode(r)
}

// Decode reads the bytes of a record. They must be exactly those that
// [Encode] gives: unknown, repeated and missing fields, other spellings and
// text behind the record are errors, so nobody can read something else into
// them.
func Decode(data []byte) (Record, error) {
	var s statement
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Record{}, fmt.Errorf("record: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Record{}, errors.New("record: text follows it")
	}
	if s.Type != StatementType || s.PredicateType != PredicateType {
		return Record{}, fmt.Errorf("record: a statement of type %.80q, predicate %.80q", s.Type, s.PredicateType)
	}
	if err := s.Predicate.validate(); err != nil {
		return Record{}, err
	}
	canonical, err := encode(s.Predicate)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(canonical, data) {
		return Record{}, fmt.Errorf("record: not in canonical form from byte %d on", firstDifference(canonical, data))
	}
	return s.Predicate, nil
}

func encode(r Record) ([]byte, error) {
	r = filled(r)
	s := statement{Type: StatementType, PredicateType: PredicateType, Subject: []subject{}, Predicate: r}
	for _, a := range r.Artifacts {
		s.Subject = append(s.Subject, subject{Name: a.Name, Digest: subjectDigests{a.Digest.Hex()}})
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// filled returns a record without nil lists and maps: in JSON, none is [] or
// {}, never null.
func filled(r Record) Record {
	r.Contract.Keys = orEmpty(r.Contract.Keys)
	r.Contract.Epochs = orEmpty(r.Contract.Epochs)
	r.Metrics = orEmpty(r.Metrics)
	r.KnownAnswers = append([]KnownAnswer{}, r.KnownAnswers...)
	r.Artifacts = append([]Artifact{}, r.Artifacts...)
	r.Approvals = append([]Approval{}, r.Approvals...)
	r.Models = append([]Model{}, r.Models...)
	for i, m := range r.Models {
		r.Models[i].Features = append([]Input{}, m.Features...)
		r.Models[i].Metrics = orEmpty(m.Metrics)
	}
	return r
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
