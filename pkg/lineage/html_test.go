package lineage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/page/pagetest"
)

func TestBrowserShowsLineage(t *testing.T) {
	browser := pagetest.Open(t)
	path := pagetest.File(t, compared(t).WriteHTML)
	for _, v := range pagetest.Views() {
		t.Run(v.Name, func(t *testing.T) {
			tab := browser.Load(t, path, v)
			tab.Screenshot("small-"+v.Name, false)
			if n := tab.Count(".card"); n != 7 {
				t.Errorf("%d sets are shown, want 7", n)
			}
			if n := tab.Count(".members .node"); n != 0 {
				t.Errorf("%d members are shown before a set is opened", n)
			}
			tab.Click(`[data-set="featureset/conn_row"] .open`)
			if n := tab.Count(".members .node"); n != 12 {
				t.Errorf("%d members are shown in an open set, want 12", n)
			}
			tab.Click(`[data-address="feature/conn_row.low_port"]`)
			if got := tab.Text("#details .address"); got != "feature/conn_row.low_port" {
				t.Errorf("details are of %q", got)
			}
			if got := tab.Text("#details"); !strings.Contains(got, "− dport < 1024") || !strings.Contains(got, "+ dport <= 1024") {
				t.Errorf("details do not show both definitions:\n%s", got)
			}
			if up, down := tab.Count(`[data-set="parser/zeek_conn"].related`), tab.Count(`[data-set="model/scan_src"].related`); up != 1 || down != 0 {
				t.Errorf("the parser is related %d times, want 1; a model that does not read it %d times, want 0", up, down)
			}
			tab.Screenshot("small-selected-"+v.Name, false)
			tab.Check()
		})
	}
}

func TestBrowserFindsAndFollows(t *testing.T) {
	browser := pagetest.Open(t)
	path := pagetest.File(t, Of(Input{Head: made(t, paper()), HeadName: "work tree"}).WriteHTML)
	for _, v := range pagetest.Views() {
		t.Run(v.Name, func(t *testing.T) {
			tab := browser.Load(t, path, v)
			tab.Screenshot("paper-"+v.Name, false)
			if n := tab.Count(".card"); n != 31+70+27+70+31 {
				t.Errorf("%d sets are shown, want 229", n)
			}
			tab.Eval(`document.getElementById("find").focus()`, nil)
			tab.Type("dga_3_lr")
			if got := tab.Text("#hits [aria-selected=true] bdi"); got != "model/dga_3_lr" {
				t.Errorf("first found is %q", got)
			}
			tab.Screenshot("paper-search-"+v.Name, false)
			tab.Press("Enter")
			if got := tab.Text("#details .address"); got != "model/dga_3_lr" {
				t.Errorf("details are of %q", got)
			}
			tab.Screenshot("paper-selected-"+v.Name, false)
			tab.Click("#only")
			// Its dataset, feature set, parser, itself and the sites that run it.
			var kinds []string
			tab.Eval(`[...new Set([...document.querySelectorAll(".set")].filter((e) => e.offsetParent).map((e) => e.dataset.kind))].sort()`, &kinds)
			if got := fmt.Sprint(kinds); got != "[dataset env featureset model parser]" && got != "[dataset featureset model parser]" {
				t.Errorf("related kinds are %s", got)
			}
			if n := tab.Count(".set"); n < 4 || n > 20 {
				t.Errorf("%d sets are related", n)
			}
			tab.Screenshot("paper-only-"+v.Name, false)
			tab.Press("Escape")
			if n := tab.Count(".card"); n != 229 {
				t.Errorf("%d sets are shown after Escape, want 229", n)
			}
			tab.Check()
		})
	}
}

// Texts of a project cannot become something else, whatever they are.
func TestBrowserKeepsTextsTexts(t *testing.T) {
	tab := pagetest.Open(t).Load(t, pagetest.File(t, hostile(t).WriteHTML), pagetest.Views()[0])
	tab.Click(`[data-address="featureset/conn_row"]`)
	if got := tab.Text("#details .display"); !strings.HasPrefix(got, "</script><img src=x") {
		t.Errorf("the name is shown as %q", got)
	}
	tab.Click("#open-all")
	tab.Click(`[data-address="feature/conn_row.udp"]`)
	if got := tab.Text("#details pre.after"); got != "+ proto = '</script><script>alert(4)</script>'" {
		t.Errorf("the definition is shown as %q", got)
	}
	var n int
	tab.Eval(`document.querySelectorAll("img, i, b, iframe, script:not([type]):not(:last-of-type)").length`, &n)
	if n != 0 {
		t.Errorf("texts made %d elements", n)
	}
	// The policy holds even for what would get in.
	tab.Check()
	tab.Eval(`(() => { const s = document.createElement("script"); s.textContent = "window.got = 1"; document.body.append(s);
		const e = document.createElement("img"); e.src = "http://127.0.0.1:9/x.png"; document.body.append(e); })()`, nil)
	tab.Eval(`window.got || 0`, &n)
	if n != 0 {
		t.Error("a script that was put in ran")
	}
	if got := strings.Join(tab.Errors(), "\n"); strings.Count(got, "Content Security Policy") < 2 {
		t.Errorf("the policy stopped too little:\n%s", got)
	}
}

// Without its script a page still shows all nodes.
func TestBrowserWithoutScript(t *testing.T) {
	view := pagetest.Views()[2]
	view.NoScript = true
	tab := pagetest.Open(t).Load(t, pagetest.File(t, compared(t).WriteHTML), view)
	tab.Screenshot("small-noscript", false)
	if cards, members := tab.Count(".card"), tab.Count(".members .node"); cards != 7 || members != 38 {
		t.Errorf("%d sets and %d members are shown, want 7 and 38", cards, members)
	}
	tab.Check()
}

func TestBrowserObeysKeys(t *testing.T) {
	tab := pagetest.Open(t).Load(t, pagetest.File(t, compared(t).WriteHTML), pagetest.Views()[0])
	focused := func() string {
		var a string
		tab.Eval(`document.activeElement.dataset.address || document.activeElement.id || document.activeElement.tagName`, &a)
		return a
	}
	tab.Press("/")
	if got := focused(); got != "find" {
		t.Errorf("/ focuses %s", got)
	}
	tab.Type("scan")
	first := tab.Text("#hits [aria-selected=true] bdi")
	tab.Press("ArrowDown")
	if got := tab.Text("#hits [aria-selected=true] bdi"); got == first {
		t.Errorf("ArrowDown stays at %s", got)
	}
	tab.Press("ArrowUp", "Enter")
	if got := focused(); got != first {
		t.Errorf("Enter focuses %s, want %s", got, first)
	}
	tab.Press("ArrowLeft")
	if got := focused(); graphKind(got) != "featureset" && graphKind(got) != "dataset" {
		t.Errorf("ArrowLeft from a model goes to %s", got)
	}
	was := focused()
	tab.Press("ArrowDown")
	if got := focused(); got == was {
		t.Errorf("ArrowDown stays at %s", got)
	}
	was = focused()
	tab.Press("Enter")
	if got := tab.Text("#details .address"); got != was {
		t.Errorf("Enter shows %s, want %s", got, was)
	}
	tab.Press("Escape")
	if n := tab.Count("#details"); n != 0 {
		t.Error("Escape leaves the details")
	}
	tab.Check()
}

func graphKind(address string) string { kind, _, _ := strings.Cut(address, "/"); return kind }
