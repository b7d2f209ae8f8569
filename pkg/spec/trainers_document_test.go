package spec

import (
	"flag"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/trainers"
)

var update = flag.Bool("update", false, "write generated documents anew")

const trainersDocument = "../../docs/trainers.md"

const trainersHead = `# Trainers

<!-- Written by go generate . from trainers/*/params.proto: change those. -->

A model names its trainer, and sets what is to differ from the defaults:

` + "```textproto" + `
trainer { [type.googleapis.com/mlp.trainers.sklearn.RandomForest] { n_estimators: 200 } }
` + "```" + `

The trainers of a directory run in one Python environment, which mlp makes when the first model that names one of them is
trained: ` + "`mlp doctor`" + ` says which are there. ` + "`MLP_PYTHON_SKLEARN` and `MLP_PYTHON_TENSORFLOW`" + ` name interpreters
that have the packages already. A number out of its range is an error where it stands in the spec.
`

// TestTrainersDocument compares docs/trainers.md with the params.proto files.
func TestTrainersDocument(t *testing.T) {
	ws, list := Load(fstest.MapFS{}, trainers.Files)
	if len(ws.Types.Messages()) == 0 {
		t.Fatalf("no messages: %v", list)
	}
	out := &strings.Builder{}
	out.WriteString(trainersHead)
	described := map[protoreflect.FullName]bool{}
	for _, name := range ws.Types.Messages() {
		mt, err := ws.Types.FindMessageByURL("/" + name)
		if err != nil {
			t.Fatal(err)
		}
		file := mt.Descriptor().ParentFile()
		if !described[file.Package()] {
			described[file.Package()] = true
			// What stands before the syntax is about the whole file.
			fmt.Fprintf(out, "\n## %s\n\n%s\n", path.Base(path.Dir(file.Path())), leading(file.SourceLocations().ByPath(protoreflect.SourcePath{12})))
		}
		describeTrainer(out, mt.Descriptor())
	}
	if *update {
		if err := os.WriteFile(trainersDocument, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(trainersDocument)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out.String(), string(text)); diff != "" {
		t.Errorf("%s is not what the params.proto files say; run go generate . (-want +got):\n%s", trainersDocument, diff)
	}
}

func describeTrainer(out *strings.Builder, md protoreflect.MessageDescriptor) {
	locations := md.ParentFile().SourceLocations()
	fmt.Fprintf(out, "\n### %s.%s\n\n%s\n\n| parameter | is | default | what it does |\n|---|---|---|---|\n",
		strings.TrimPrefix(string(md.ParentFile().Package()), paramsPackage), md.Name(), leading(locations.ByDescriptor(md)))
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		is, value := "a number", fd.Default().String()
		if fd.Kind() == protoreflect.Int32Kind {
			is = "a whole number"
		}
		if r := rangeOf(fd); r != nil {
			is += " " + describeRange(r)
		}
		says := leading(locations.ByDescriptor(fd))
		if values := fd.Enum(); values != nil {
			is, value = "one of", "`"+string(fd.DefaultEnumValue().Name())+"`"
			for i := range values.Values().Len() {
				v := values.Values().Get(i)
				is += fmt.Sprintf(" `%s`", v.Name())
				says += fmt.Sprintf(" `%s`: %s", v.Name(), leading(locations.ByDescriptor(v)))
			}
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", fd.Name(), is, value, regexp.MustCompile(`\s+`).ReplaceAllString(says, " "))
	}
}

// leading returns the comment before something, without what it begins lines
// with.
func leading(at protoreflect.SourceLocation) string {
	var lines []string
	for line := range strings.Lines(at.LeadingComments) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
