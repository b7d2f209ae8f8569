package source

// defaultCap is the number of rows of a batch that asks for none; it is the
// size of a vector in DuckDB.
const defaultCap = 2048

// prepare makes room for the rows of a read.
func (b *Batch) prepare(columns int, text bool) {
	rows := b.Cap
	if rows <= 0 {
		rows = defaultCap
	}
	b.N = 0
	b.Record = sized(b.Record, rows)
	b.Line = sized(b.Line, rows)
	if text {
		b.Text = sized(b.Text, rows)
	} else {
		b.Text = nil
	}
	b.Columns = sized(b.Columns, columns)
	for i := range b.Columns {
		b.Columns[i] = sized(b.Columns[i], rows)
	}
}

// trim gives every slice the length N.
func (b *Batch) trim() {
	b.Record = b.Record[:b.N]
	b.Line = b.Line[:b.N]
	if b.Text != nil {
		b.Text = b.Text[:b.N]
	}
	for i := range b.Columns {
		b.Columns[i] = b.Columns[i][:b.N]
	}
}

// full reports whether a prepared batch takes no more rows.
func (b *Batch) full() bool { return b.N == len(b.Record) }

// sized returns s with length n, and its memory if that is enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return append(s[:cap(s)], make([]T, n-cap(s))...)
	}
	return s[:n]
}
