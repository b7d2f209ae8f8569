// Package pagetest looks at HTML files as people do: in headless Chromium,
// driven over a pipe by the Chrome DevTools Protocol
// (https://chromedevtools.github.io/devtools-protocol/).
package pagetest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Variable names the browser's executable. Without it tests are skipped.
const Variable = "MLP_TEST_CHROMIUM"

// View says how a file is looked at.
type View struct {
	Name          string
	Width, Height int
	Dark          bool
	Touch         bool
	NoScript      bool
	Print         bool
}

// Views are those that every page must stand.
func Views() []View {
	return []View{
		{Name: "desktop", Width: 1440, Height: 900},
		{Name: "desktop-dark", Width: 1440, Height: 900, Dark: true},
		{Name: "phone", Width: 390, Height: 844, Touch: true},
		{Name: "phone-dark", Width: 390, Height: 844, Dark: true, Touch: true},
	}
}

// File writes a page into a file that a tab can load, and returns its path.
func File(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "index.html"))
	if err == nil {
		err = errors.Join(write(f), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// Tab is one loaded file.
type Tab struct {
	t       testing.TB
	browser *Browser
	session string
	url     string
	still   bool // no script runs: nothing comes later

	mu       sync.Mutex
	errors   []string
	requests []string
}

// timeout is how long the browser may take to answer.
const timeout = 30 * time.Second

// Load opens a file. The test ends where that is not possible.
func (b *Browser) Load(t testing.TB, path string, v View) *Tab {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	tab := &Tab{t: t, browser: b, still: v.NoScript, url: (&url.URL{Scheme: "file", Path: path}).String()}
	var target struct{ TargetID string }
	b.must(t, "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.must(t, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	tab.session = attached.SessionID
	loaded := b.watch(tab)
	t.Cleanup(func() { b.call("", "Target.closeTarget", map[string]any{"targetId": target.TargetID}, nil) })
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		tab.call(domain+".enable", nil, nil)
	}
	tab.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": v.Touch}, nil)
	tab.call("Emulation.setTouchEmulationEnabled", map[string]any{"enabled": v.Touch}, nil)
	tab.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": v.NoScript}, nil)
	scheme := map[bool]string{true: "dark", false: "light"}[v.Dark]
	media := map[bool]string{true: "print", false: ""}[v.Print]
	tab.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	var navigated struct{ ErrorText string }
	tab.call("Page.navigate", map[string]any{"url": tab.url}, &navigated)
	if navigated.ErrorText != "" {
		t.Fatalf("load %s: %s", tab.url, navigated.ErrorText)
	}
	select {
	case <-loaded:
	case <-time.After(timeout):
		t.Fatalf("%s is not loaded after %s", tab.url, timeout)
	}
	tab.settle()
	return tab
}

func (t *Tab) call(method string, params, result any) {
	t.t.Helper()
	if err := t.browser.call(t.session, method, params, result); err != nil {
		t.t.Fatalf("%s: %v", method, err)
	}
}

// Eval runs JavaScript in the page and reads what it gives into result, unless
// that is nil. What it throws ends the test.
func (t *Tab) Eval(expression string, result any) {
	t.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	t.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true}, &answer)
	if answer.ExceptionDetails != nil {
		t.t.Fatalf("%s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		t.t.Fatalf("%s gives %s: %v", expression, answer.Result.Value, err)
	}
}

// Text returns the text of the first element that a selector finds, as it is
// shown; it ends the test where there is none.
func (t *Tab) Text(selector string) string {
	t.t.Helper()
	var text string
	t.Eval(fmt.Sprintf("document.querySelector(%q).innerText", selector), &text)
	return text
}

// Count returns how many elements a selector finds that are shown.
func (t *Tab) Count(selector string) int {
	t.t.Helper()
	var n int
	t.Eval(fmt.Sprintf("[...document.querySelectorAll(%q)].filter((e) => e.getClientRects().length > 0).length", selector), &n)
	return n
}

// Click presses the middle of an element, with the mouse.
func (t *Tab) Click(selector string) {
	t.t.Helper()
	var at struct{ X, Y float64 }
	t.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({ block: "center", behavior: "instant" });
		const r = e.getBoundingClientRect(); return { X: r.x + r.width / 2, Y: r.y + r.height / 2 }; })()`, selector), &at)
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		t.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
	t.settle()
}

// Type enters text where the focus is.
func (t *Tab) Type(text string) {
	t.t.Helper()
	t.call("Input.insertText", map[string]any{"text": text}, nil)
	t.settle()
}

// Press presses keys by their names: "Enter", "ArrowDown", "/".
func (t *Tab) Press(keys ...string) {
	t.t.Helper()
	codes := map[string]int{"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, "/": 191}
	for _, k := range keys {
		text := ""
		if len(k) == 1 {
			text = k
		} else if k == "Enter" {
			text = "\r"
		}
		t.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": k, "windowsVirtualKeyCode": codes[k], "text": text}, nil)
		t.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": k, "windowsVirtualKeyCode": codes[k]}, nil)
	}
	t.settle()
}

// settle waits until the page has drawn what an event led to.
func (t *Tab) settle() {
	t.t.Helper()
	if t.still {
		return
	}
	t.Eval("new Promise((r) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => r(0))), 60))", nil)
}

// Screenshot keeps what is to be seen as NAME.png in the directory that
// MLP_TEST_SHOTS names, if it names one: the window or, whole, all of the page.
func (t *Tab) Screenshot(name string, whole bool) {
	t.t.Helper()
	dir := os.Getenv("MLP_TEST_SHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	t.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644)
	}
	if err != nil {
		t.t.Fatal(err)
	}
}

// Errors returns what the page logged as errors and warnings so far.
func (t *Tab) Errors() []string {
	t.settle()
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.errors)
}

// Check fails the test where the page logged an error, asked for anything
// beside its own file, or is wider than the window.
func (t *Tab) Check() {
	t.t.Helper()
	t.settle()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.errors {
		t.t.Errorf("the page logged: %s", e)
	}
	for _, r := range t.requests {
		address, _, _ := strings.Cut(r, "#")
		if address != t.url && !strings.HasPrefix(r, "data:") {
			t.t.Errorf("the page asked for %s", r)
		}
	}
	var wide struct{ Page, Window int }
	t.Eval("({ Page: document.documentElement.scrollWidth, Window: document.documentElement.clientWidth })", &wide)
	if wide.Page > wide.Window {
		t.t.Errorf("the page is %d pixels wide, the window %d", wide.Page, wide.Window)
	}
}

// event notes what matters of what the browser tells.
func (t *Tab) event(method string, params json.RawMessage) {
	var e struct {
		Type             string
		Args             []struct{ Value, Description any }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Entry   struct{ Level, Text, URL string }
		Request struct{ URL string }
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch method {
	case "Runtime.exceptionThrown":
		t.errors = append(t.errors, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case "Runtime.consoleAPICalled":
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			t.errors = append(t.errors, fmt.Sprint(e.Type, " ", e.Args))
		}
	case "Log.entryAdded":
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			t.errors = append(t.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case "Network.requestWillBeSent":
		t.requests = append(t.requests, e.Request.URL)
	}
}

// LowContrast names the texts that stand out of what is behind them by less
// than a ratio, as WCAG 2.1 measures it.
func (t *Tab) LowContrast(ratio float64) []string {
	t.t.Helper()
	var out []string
	t.Eval(fmt.Sprintf(lowContrast, ratio), &out)
	return out
}

// lowContrast looks at each text on its own background. Elements without one
// show their parent's.
const lowContrast = `(() => {
	const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), alpha: m.length > 3 ? m[3] : 1 }; };
	const light = (rgb) => { const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.alpha > 0.99) return c.rgb; } return [255, 255, 255]; };
	const out = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walker.nextNode(); n; n = walker.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || !e.getClientRects().length || e.closest("script, style")) continue;
		const style = getComputedStyle(e), svg = e instanceof SVGElement;
		const a = light(parse(svg ? style.fill : style.color).rgb), b = light(behind(svg ? e.closest("svg").parentElement : e));
		const got = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (got < %g) out.add(e.tagName + "." + (e.getAttribute("class") || "") + " " + got.toFixed(2) + ": " + n.data.trim().slice(0, 40));
	}
	return [...out];
})()`
