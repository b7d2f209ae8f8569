package spark

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
)

// FrameCommand is the argument with which an executor runs the framer.
const FrameCommand = "spark-frame"

// frameOptions are those of a view of chunks.
type frameOptions struct {
	Format  []shape  `json:"format"`
	Columns []string `json:"columns"`
	Text    bool     `json:"text"`
}

// chunkOptions are those of one chunk.
type chunkOptions struct {
	Header      string        `json:"header"`
	FirstRecord int64         `json:"first_record"`
	FirstLine   int64         `json:"first_line"`
	Size        int64         `json:"size"`
	Digest      digest.Digest `json:"digest"`
}

// frameRequest is the line before a chunk's bytes.
type frameRequest struct {
	frameOptions
	chunkOptions
}

// counts are [source.Counts] as they travel.
type counts struct {
	Lines     int64            `json:"lines"`
	Records   int64            `json:"records"`
	Rows      int64            `json:"rows"`
	Rejects   map[string]int64 `json:"rejects"`
	Headers   int64            `json:"headers"`
	Comments  int64            `json:"comments"`
	Blanks    int64            `json:"blanks"`
	Continued int64            `json:"continued"`
	Replaced  int64            `json:"replaced"`
	Bytes     int64            `json:"bytes"`
}

// maxRequest is the longest line before a chunk's bytes.
const maxRequest = 16 << 20

// frameRows is how many rows a batch has, so that all of it stays small.
const frameRows = 8192

// Frame is the framer: what an executor runs for each chunk. It reads a line
// with the request as JSON and the chunk's bytes, writes the rows as a stream of
// Arrow, and behind its end the counts as JSON. It fails where the bytes are not
// those that the request names; what it wrote counts only where it did not fail.
func Frame(in io.Reader, out io.Writer) error {
	buffered := bufio.NewReaderSize(in, 1<<20)
	line, err := readLine(buffered)
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	var request frameRequest
	if err := json.Unmarshal(line, &request); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	format, err := formatOf(request.Format)
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	hash := sha256.New()
	var size writtenBytes
	reader := source.NewReader(io.TeeReader(buffered, io.MultiWriter(hash, &size)), source.Options{Format: format, Optional: request.Columns,
		Text: request.Text, Header: request.Header, FirstRecord: request.FirstRecord, FirstLine: request.FirstLine})
	to := bufio.NewWriterSize(out, 1<<20)
	if err := writeRows(reader, request.frameOptions, to); err != nil {
		return err
	}
	switch got := digest.Digest(hash.Sum(nil)); {
	case int64(size) != request.Size:
		return fmt.Errorf("the chunk has %d bytes, %d when it was added", size, request.Size)
	case got != request.Digest:
		return fmt.Errorf("the chunk's bytes have digest %s, not %s", got, request.Digest)
	}
	text, err := json.Marshal(counts(reader.Counts()))
	if err != nil {
		return err
	}
	if _, err := to.Write(text); err != nil {
		return err
	}
	return to.Flush()
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxRequest:
			return nil, fmt.Errorf("it has more than %d bytes", maxRequest)
		}
	}
}

type writtenBytes int64

// Write counts.
func (w *writtenBytes) Write(p []byte) (int, error) {
	*w += writtenBytes(len(p))
	return len(p), nil
}

// writeRows writes all rows of a reader as a stream of Arrow.
func writeRows(reader *source.Reader, o frameOptions, out io.Writer) error {
	fields := []arrow.Field{{Name: "_rec", Type: arrow.PrimitiveTypes.Int64}}
	if o.Text {
		fields = append(fields, arrow.Field{Name: "_raw", Type: arrow.BinaryTypes.String, Nullable: true})
	}
	for i := range o.Columns {
		fields = append(fields, arrow.Field{Name: "_c" + strconv.Itoa(i), Type: arrow.BinaryTypes.String, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	stream := ipc.NewWriter(out, ipc.WithSchema(schema))
	batch := source.Batch{Cap: frameRows}
	for {
		err := reader.Read(&batch)
		if err == io.EOF {
			return stream.Close()
		}
		if err != nil {
			return errors.Join(err, stream.Close())
		}
		fill(builder, &batch)
		rows := builder.NewRecordBatch()
		err = stream.Write(rows)
		rows.Release()
		if err != nil {
			return errors.Join(fmt.Errorf("write rows: %w", err), stream.Close())
		}
	}
}

func fill(builder *array.RecordBuilder, batch *source.Batch) {
	builder.Field(0).(*array.Int64Builder).AppendValues(batch.Record, nil)
	columns := batch.Columns
	if batch.Text != nil {
		columns = append([][][]byte{batch.Text}, columns...)
	}
	for i, values := range columns {
		column := builder.Field(i + 1).(*array.StringBuilder)
		for _, v := range values {
			if v == nil {
				column.AppendNull()
			} else {
				column.BinaryBuilder.Append(v)
			}
		}
	}
}

// countsOf is what framers counted, by view.
func countsOf(all map[string][]counts) map[string][]source.Counts {
	out := map[string][]source.Counts{}
	for view, list := range all {
		for _, c := range list {
			out[view] = append(out[view], source.Counts(c))
		}
	}
	return out
}
