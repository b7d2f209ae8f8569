package enginetest

import (
	"fmt"
	"os"
	"testing"
)

// Parity counts what was compared on both engines.
type Parity struct{ Cases, Differ int }

// ParityPython returns the Python with PySpark that both engines are compared
// with, MLP_TEST_PARITY_PYTHON; a test is skipped without one.
func ParityPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("MLP_TEST_PARITY_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PARITY_PYTHON is not set; make parity sets it")
	}
	return python
}

// ParityFull reports whether everything is compared, MLP_TEST_PARITY=full, or a
// sample of it.
func ParityFull() bool { return os.Getenv("MLP_TEST_PARITY") == "full" }

// Report says the counts and adds them, as a line, to the file
// MLP_TEST_PARITY_COUNTS, of which make parity makes the sum.
func (p Parity) Report(t *testing.T) {
	t.Helper()
	t.Logf("parity: cases %d, differ %d", p.Cases, p.Differ)
	path := os.Getenv("MLP_TEST_PARITY_COUNTS")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(file, p.Cases, p.Differ); err != nil {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}
