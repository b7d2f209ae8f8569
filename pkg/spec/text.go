package spec

import (
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/diag"
)

// Text is a string value of a file with the way back to its places, through
// escapes, adjacent parts and lines. The zero Text is an empty one without a
// place.
type Text struct {
	Value string

	doc     *Document
	literal extent    // of the quoted parts, the first quote to the last
	at      diag.Span // where there is no literal
}

// Span returns the place in the file of Value[start:end]; offsets count bytes
// and are held within the value. A place that begins or ends within a
// character or an escape is widened to all of it.
func (t Text) Span(start, end int) diag.Span {
	if t.doc == nil || t.literal == (extent{}) {
		return t.at
	}
	start = min(max(start, 0), len(t.Value))
	end = min(max(end, start), len(t.Value))
	from, after := t.locate(start)
	to := from
	if end > start {
		_, to = t.locate(end - 1)
	} else if start == len(t.Value) {
		from, to = after, after
	}
	return t.doc.span(extent{int32(from), int32(to)})
}

// locate returns the stretch of the source that gives the byte of Value at an
// offset. At the end of Value, it is what stands after the last character.
func (t Text) locate(offset int) (from, to int) {
	s := scanner{src: t.doc.text[:t.literal.end], pos: int(t.literal.start)}
	from, to = s.pos+1, s.pos+1
	seen := 0
	for s.pos < len(s.src) {
		quote := s.src[s.pos]
		s.pos++
		for s.pos < len(s.src) && s.src[s.pos] != quote {
			begin := s.pos
			out, bad := s.piece(nil, quote)
			if bad != nil {
				return from, to
			}
			if offset < seen+len(out) {
				if s.src[begin] == '\\' {
					return begin, s.pos
				}
				return wholeRune(s.src, begin+offset-seen)
			}
			seen += len(out)
			from, to = s.pos, s.pos
		}
		s.pos++
		s.space()
	}
	return from, to
}

// wholeRune returns the bounds of the character that the byte at i is part of.
func wholeRune(src string, i int) (from, to int) {
	for from = i; from > 0 && !utf8.RuneStart(src[from]); from-- {
	}
	_, size := utf8.DecodeRuneInString(src[from:])
	return from, from + size
}
