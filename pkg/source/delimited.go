package source

// columns finds the raw columns in the records of one shape.
type columns interface {
	// read puts the values of a record, which is UTF-8, into the next row of a
	// batch, or returns why it is no row.
	read(r *Reader, b *Batch, line []byte) (reason string)
}

// delimitedColumns are the columns of a delimited shape.
type delimitedColumns struct {
	*Delimited
	layout layout
	ends   []int // ends of the columns of a record
}

func (d *Delimited) columns(o *Options, lim limits) (columns, error) {
	return &delimitedColumns{Delimited: d, layout: d.firstLayout(o, lim)}, nil
}

func (d *delimitedColumns) read(_ *Reader, b *Batch, line []byte) (reason string) {
	if d.layout.reason != "" {
		return d.layout.reason
	}
	d.ends = appendEnds(d.ends[:0], line, d.Separator, d.layout.most)
	if reason := d.layout.fits(len(d.ends)); reason != "" {
		return reason
	}
	row := b.N
	for _, p := range d.layout.picks {
		if p.column >= len(d.ends) {
			b.Columns[p.output][row] = nil
			continue
		}
		start := 0
		if p.column > 0 {
			start = d.ends[p.column-1] + 1
		}
		end := d.ends[p.column]
		b.Columns[p.output][row] = d.value(line[start:end:end])
	}
	for _, output := range d.layout.absent {
		b.Columns[output][row] = nil
	}
	return ""
}

// fits returns why a record with n columns is no row.
func (l *layout) fits(n int) (reason string) {
	switch {
	case n < l.least:
		return ReasonTooFew
	case n > l.most:
		return ReasonTooMany
	}
	return ""
}
