package pagetest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	to pipe

	mu      sync.Mutex
	next    int
	waiting map[int]chan answer
	tabs    map[string]*Tab
	loaded  map[string]chan struct{}
}

// pipe is the way to the browser, one message at a time.
type pipe struct {
	sync.Mutex
	*os.File
}

// answer is what comes back for a call.
type answer struct {
	result json.RawMessage
	err    error
}

// Open starts a browser for the time of a test. It skips the test where none
// is named.
func Open(t testing.TB) *Browser {
	t.Helper()
	path := os.Getenv(Variable)
	if path == "" {
		t.Skipf("%s names no Chromium; make test installs one", Variable)
	}
	toBrowser, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	theirs, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &Browser{to: pipe{File: ours}, waiting: map[int]chan answer{}, tabs: map[string]*Tab{}, loaded: map[string]chan struct{}{}}
	go b.read(theirs)
	t.Cleanup(func() {
		b.call("", "Browser.close", nil, nil)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(timeout):
			cmd.Process.Kill()
			<-ended
		}
		ours.Close()
	})
	var version struct{ Product string }
	b.must(t, "Browser.getVersion", nil, &version)
	t.Logf("looking with %s", version.Product)
	return b
}

// read hands out answers and events until the browser ends.
func (b *Browser) read(from *os.File) {
	defer from.Close()
	r := bufio.NewReader(from)
	for {
		message, err := r.ReadBytes(0)
		if err != nil {
			b.end(fmt.Errorf("the browser ended: %w", err))
			return
		}
		var m struct {
			ID        int
			SessionID string
			Method    string
			Params    json.RawMessage
			Result    json.RawMessage
			Error     *struct{ Message string }
		}
		if json.Unmarshal(message[:len(message)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		reply, tab, loaded := b.waiting[m.ID], b.tabs[m.SessionID], b.loaded[m.SessionID]
		delete(b.waiting, m.ID)
		if m.Method == "Page.loadEventFired" {
			delete(b.loaded, m.SessionID)
		}
		b.mu.Unlock()
		switch {
		case m.ID != 0 && reply != nil && m.Error != nil:
			reply <- answer{err: errors.New(m.Error.Message)}
		case m.ID != 0 && reply != nil:
			reply <- answer{result: m.Result}
		case m.Method == "Page.loadEventFired" && loaded != nil:
			close(loaded)
		case tab != nil:
			tab.event(m.Method, m.Params)
		}
	}
}

func (b *Browser) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, reply := range b.waiting {
		reply <- answer{err: err}
	}
	b.waiting = map[int]chan answer{}
}

// watch notes a tab's events; the channel is closed when its file is loaded.
func (b *Browser) watch(tab *Tab) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	loaded := make(chan struct{})
	b.tabs[tab.session], b.loaded[tab.session] = tab, loaded
	return loaded
}

// call asks the browser for something and reads what it answers.
func (b *Browser) call(session, method string, params, result any) error {
	b.mu.Lock()
	b.next++
	id, reply := b.next, make(chan answer, 1)
	b.waiting[id] = reply
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if session != "" {
		message["sessionId"] = session
	}
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	b.to.Lock()
	_, err = b.to.Write(append(data, 0))
	b.to.Unlock()
	if err != nil {
		return err
	}
	select {
	case a := <-reply:
		if a.err != nil || result == nil {
			return a.err
		}
		return json.Unmarshal(a.result, result)
	case <-time.After(timeout):
		return fmt.Errorf("no answer after %s", timeout)
	}
}

// must asks the browser itself, not one of its tabs.
func (b *Browser) must(t testing.TB, method string, params, result any) {
	t.Helper()
	if err := b.call("", method, params, result); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}
