package spark

import (
	"errors"
	"fmt"

	"github.com/mlpdev/mlp/pkg/source"
)

// shape is one shape of a format as a framer is told it: one field is set.
type shape struct {
	Delimited *source.Delimited `json:"delimited,omitempty"`
	CSV       *source.CSV       `json:"csv,omitempty"`
	JSON      *source.JSON      `json:"json,omitempty"`
	Regex     *regex            `json:"regex,omitempty"`
	KeyValue  *source.KeyValue  `json:"key_value,omitempty"`
}

// regex is [source.Regex] with the texts of its patterns.
type regex struct {
	Patterns      []string
	Null, Comment string
}

// shapesOf writes a format down.
func shapesOf(f source.Format) ([]shape, error) {
	out := make([]shape, len(f))
	for i, s := range f {
		switch s := s.(type) {
		case source.Delimited:
			out[i].Delimited = &s
		case source.CSV:
			out[i].CSV = &s
		case source.JSON:
			out[i].JSON = &s
		case source.KeyValue:
			out[i].KeyValue = &s
		case source.Regex:
			r := regex{Null: s.Null, Comment: s.Comment}
			for _, p := range s.Patterns {
				r.Patterns = append(r.Patterns, p.String())
			}
			out[i].Regex = &r
		default:
			return nil, fmt.Errorf("a shape %T is not known to framers", s)
		}
	}
	return out, nil
}

// formatOf is the way back.
func formatOf(shapes []shape) (source.Format, error) {
	out := make(source.Format, len(shapes))
	for i, s := range shapes {
		switch {
		case s.Delimited != nil:
			out[i] = *s.Delimited
		case s.CSV != nil:
			out[i] = *s.CSV
		case s.JSON != nil:
			out[i] = *s.JSON
		case s.KeyValue != nil:
			out[i] = *s.KeyValue
		case s.Regex != nil:
			r := source.Regex{Null: s.Regex.Null, Comment: s.Regex.Comment}
			for _, text := range s.Regex.Patterns {
				p, err := source.NewPattern(text)
				if err != nil {
					return nil, err
				}
				r.Patterns = append(r.Patterns, p)
			}
			out[i] = r
		default:
			return nil, errors.New("a shape of the format is not known")
		}
	}
	return out, nil
}
