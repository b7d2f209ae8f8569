package spec

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

const (
	trainersDir   = "trainers"
	paramsFile    = "params.proto"
	paramsPackage = "mlp.trainers."
	maxReport     = 300 // bytes of what the compiler says

	// MaxParamsSize is the most bytes of a params.proto: the compiler takes
	// time and memory by the square of what is nested.
	MaxParamsSize = 64 << 10
)

// trainerTypes compiles the params.proto files of both trees. A trainer of the
// project stands in for a given one of the same name.
func (l *loader) trainerTypes(given fs.FS) {
	types := &Types{messages: map[string]protoreflect.MessageType{}}
	l.ws.Types = types
	sources := map[string]*Document{}
	if given != nil {
		l.paramsOf(given, ".", sources)
	}
	if l.projectDir(".", trainersDir) {
		l.paramsOf(l.fsys, trainersDir, sources)
	}
	for _, name := range sortedKeys(sources) {
		l.compile(sources[name], name, types)
	}
}

// paramsOf reads the params.proto files of the directories below dir.
func (l *loader) paramsOf(fsys fs.FS, dir string, sources map[string]*Document) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		l.unreadable(trainersDir, err)
		return
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		file := path.Join(dir, e.Name(), paramsFile)
		if _, err := fs.Lstat(fsys, file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		shown := path.Join(trainersDir, e.Name(), paramsFile)
		src, ok := l.readFile(fsys, file, shown)
		if ok && len(src) > MaxParamsSize {
			l.list.Errorf(diag.Span{File: shown}, "too-large", "file has %d bytes, more than %d", len(src), MaxParamsSize)
		} else if ok {
			sources[e.Name()] = &Document{Path: shown, Source: src, lines: lineStarts(src)}
		}
	}
}

// rangeProto is what a params.proto may import of mlp: the option (mlp.v1.range).
const rangeProto = "mlp/v1/trainer.proto"

// compile adds the messages of one params.proto to types. It may import what
// comes with protobuf, and rangeProto.
func (l *loader) compile(d *Document, trainer string, types *Types) {
	before := len(l.list)
	report := func(err reporter.ErrorWithPos) error {
		if len(l.list)-before >= MaxMistakes {
			return errors.New("too many errors")
		}
		at := d.File()
		if from, to := err.Start(), err.End(); from.Filename == d.Path && to.Offset <= len(d.Source) && from.Line > 0 {
			at = d.span(extent{int32(from.Offset), int32(max(from.Offset, to.Offset))})
		}
		l.list.Errorf(at, "bad-params", "%s", shorten(err.Unwrap().Error(), maxReport))
		return nil
	}
	compiler := protocompile.Compiler{
		MaxParallelism: 1,
		Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
			switch path {
			case d.Path:
				return protocompile.SearchResult{Source: bytes.NewReader(d.Source)}, nil
			case rangeProto:
				return protocompile.SearchResult{Desc: specpb.File_mlp_v1_trainer_proto}, nil
			}
			return protocompile.SearchResult{}, fs.ErrNotExist
		})),
		Reporter:       reporter.NewReporter(report, nil),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), d.Path)
	if err != nil {
		var placed reporter.ErrorWithPos
		switch {
		case len(l.list) > before:
		case errors.As(err, &placed):
			_ = report(placed)
		default:
			l.list.Errorf(d.File(), "bad-params", "%s", shorten(err.Error(), maxReport))
		}
		return
	}
	file := files[0]
	if want := paramsPackage + trainer; string(file.Package()) != want {
		l.list.Errorf(d.File(), "wrong-package", "package is %q, want %q", file.Package(), want)
		return
	}
	for i := range file.Messages().Len() {
		md := file.Messages().Get(i)
		l.checkRanges(d, md)
		types.messages[string(md.FullName())] = dynamicpb.NewMessageType(md)
	}
}
