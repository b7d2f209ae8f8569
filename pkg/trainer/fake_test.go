package trainer_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/trainer"
)

// TestMain lets the test binary stand in for a trainer.
func TestMain(m *testing.M) {
	if mode, ok := os.LookupEnv("FAKE_TRAINER"); ok {
		os.Exit(fakeTrainer(mode))
	}
	os.Exit(m.Run())
}

// fakeTrainer speaks the protocol well or, as mode says, badly.
func fakeTrainer(mode string) int {
	switch mode {
	case "silent":
		time.Sleep(time.Hour)
	case "crash at start":
		fmt.Fprintln(os.Stderr, "ModuleNotFoundError: No module named 'numpy'")
		return 1
	case "old protocol":
		fmt.Println(`{"event":"ready","protocol":0}`)
	default:
		fmt.Println(`{"event":"ready","protocol":1}`)
	}
	if mode == "deaf" {
		time.Sleep(time.Hour)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return map[bool]int{true: 3}[mode == "bad exit"]
		}
		var r trainer.Request
		if err := json.Unmarshal(line, &r); err != nil {
			return 2
		}
		if status, end := fakeAnswer(mode, r); end {
			return status
		}
	}
}

func fakeAnswer(mode string, r trainer.Request) (status int, end bool) {
	fmt.Printf(`{"event":"progress","id":%q,"stage":"fit","done":1,"total":2}`+"\n", r.ID)
	switch mode {
	case "crash":
		fmt.Fprintln(os.Stderr, "Traceback:\n  MemoryError")
		return 1, true
	case "garbage":
		fmt.Println("Epoch 1/10 [=====>")
	case "binary":
		fmt.Println("\xff\x00{")
	case "hang":
		time.Sleep(time.Hour)
	case "family":
		child := exec.Command(os.Args[0])
		child.Env = []string{"FAKE_TRAINER=silent"}
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 2, true
		}
		if err := os.WriteFile(filepath.Join(r.Out, "child"), fmt.Append(nil, child.Process.Pid), 0o666); err != nil {
			return 2, true
		}
		time.Sleep(time.Hour)
	case "flood":
		fmt.Println(strings.Repeat("x", 17<<20))
	case "other id":
		fmt.Println(`{"id":"other","model":"m","predictions":"p"}`)
	case "other event":
		fmt.Println(`{"event":"ready","protocol":1}`)
	case "outside":
		fmt.Printf(`{"id":%q,"model":"/etc/passwd","predictions":"/etc/passwd"}`+"\n", r.ID)
	case "closes output":
		os.Stdout.Close()
		time.Sleep(time.Hour)
	case "refuse":
		if r.Seed == 0 {
			fmt.Printf(`{"id":%q,"error":{"kind":"params","message":"c is not a number"}}`+"\n", r.ID)
			return 0, false
		}
		fallthrough
	default:
		fmt.Printf(`{"id":%q,"model":%q,"predictions":%q,"info":{"n_iter":%d,"warnings":["w"]}}`+"\n",
			r.ID, r.Out+"/model.onnx", r.Out+"/predictions.parquet", r.Seed)
	}
	return 0, false
}
