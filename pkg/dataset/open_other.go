//go:build !unix || aix

package dataset

// openFlags are none: what was opened is compared with what was inspected.
const openFlags = 0
