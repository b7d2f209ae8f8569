package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// datasetFile is the datasets/NAME/dataset.textproto that contributions are
// added to.
type datasetFile struct {
	path    string
	dataset *specpb.Dataset // as it was read
	before  []byte          // its text; of a new one its heading
	isNew   bool
}

// datasetFile opens the file of a dataset, which may be new: with a technique
// then.
func (p *project) datasetFile(name, technique string) (*datasetFile, error) {
	f := &datasetFile{path: filepath.Join(p.root, "datasets", name, "dataset.textproto")}
	var err error
	f.before, err = os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.dataset = &specpb.Dataset{Name: name, AttackTechnique: technique}
		f.before, f.isNew = spec.Format(f.dataset, nil), true
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	d, ok := compile.ByName(p.program.Datasets, name)
	if !ok {
		return nil, fmt.Errorf("%s is there, but dataset %s is not", f.path, name)
	}
	f.dataset = d.Spec
	return f, nil
}

// add writes the file with contributions added, at once or not at all; what
// was there stays byte for byte.
func (f *datasetFile) add(test bool, contributions ...*specpb.Contribution) error {
	after := f.before
	for _, c := range contributions {
		var err error
		if after, err = spec.AppendContribution(after, c); err != nil {
			return err
		}
		if test {
			if after, err = spec.AppendTest(after, c.GetName()); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	return replaceFile(f.path, after)
}

// restore makes the file what it was.
func (f *datasetFile) restore() error {
	if f.isNew {
		return errors.Join(os.Remove(f.path), os.Remove(filepath.Dir(f.path)))
	}
	return replaceFile(f.path, f.before)
}

// replaceFile writes a file at once or not at all. One that was there keeps who
// may read it.
func replaceFile(path string, data []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, data, mode); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
