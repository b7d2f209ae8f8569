package s3_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

func TestScratch(t *testing.T) {
	server := s3test.Start(t)
	url := "s3a://" + s3test.Bucket + "/a b/run-1"
	c, err := s3.OpenScratch(url, s3.Options{Endpoint: server.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) (string, error) {
		r, err := c.Get(t.Context(), url)
		if err != nil {
			return "", err
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		return string(text), err
	}
	for _, put := range [][2]string{{url + "/x=1/f", "one"}, {url + "/g", ""}, {url + "/g", "two"}, {url + "0/other", "stays"}} {
		if err := c.Put(t.Context(), put[0], []byte(put[1])); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"/x=1/f": "one", "/g": "two"} {
		if got, err := get(url + name); got != want || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if err := c.RemoveAll(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if _, err := get(url + "/g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was removed gives error %v", err)
	}
	if got, err := get(url + "0/other"); got != "stays" || err != nil {
		t.Errorf("the neighbour is %q, %v", got, err)
	}
	for _, wrong := range []string{"s3a://other/x", "file:///x", "s3a://" + s3test.Bucket + "/"} {
		if err := c.Put(t.Context(), wrong, nil); err == nil {
			t.Errorf("%s is written", wrong)
		}
	}
	if _, err := s3.OpenScratch("hdfs://x/y", s3.Options{}); err == nil {
		t.Error("hdfs is opened")
	}
}
