package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/page/pagetest"
)

func TestBrowserShowsReport(t *testing.T) {
	browser, path := pagetest.Open(t), pagetest.File(t, example().WriteHTML)
	for _, v := range pagetest.Views() {
		t.Run(v.Name, func(t *testing.T) {
			tab := browser.Load(t, path, v)
			tab.Screenshot("report-"+v.Name, true)
			if got := tab.Text("h1"); got != "stable#42" {
				t.Errorf("the title is %q", got)
			}
			if n := tab.Count(".model"); n != 3 {
				t.Errorf("%d models are shown, want 3", n)
			}
			if n := tab.Count("svg.plot"); n != 4 {
				t.Errorf("%d curves are drawn, want 4: two models have one", n)
			}
			if got := tab.Text("#model-dns_tunnel_gbt"); !strings.Contains(got, "14 newly caught") && !strings.Contains(got, "14\nnewly caught") {
				t.Errorf("the decisions are not shown:\n%s", got)
			}
			before := tab.Text("#model-dns_dga_cnn .readout output")
			tab.Eval(`document.querySelector("#model-dns_dga_cnn .readout input").focus()`, nil)
			tab.Press("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft")
			if after := tab.Text("#model-dns_dga_cnn .readout output"); after == before || !strings.Contains(after, "threshold") {
				t.Errorf("the slider goes from %q to %q", before, after)
			}
			if n := tab.Count("details[open]"); n != 2 {
				t.Errorf("%d details are open at first, want the gates of 2 models", n)
			}
			tab.Click("#open-all")
			if closed := tab.Count("details:not([open])"); closed != 0 {
				t.Errorf("%d details stay closed", closed)
			}
			tab.Screenshot("report-open-"+v.Name, true)
			var cut []string
			tab.Eval(`[...document.querySelectorAll("table")].filter((e) => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 0.5).map((e) => e.innerText.slice(0, 40))`, &cut)
			if len(cut) > 0 {
				t.Errorf("tables are wider than what they stand in: %q", cut)
			}
			tab.Check()
		})
	}
}

// On paper, and without the script, everything is there.
func TestBrowserShowsReportWithoutScript(t *testing.T) {
	browser, path := pagetest.Open(t), pagetest.File(t, example().WriteHTML)
	view := pagetest.Views()[0]
	view.NoScript = true
	tab := browser.Load(t, path, view)
	tab.Screenshot("report-noscript", true)
	if models, plots, buttons := tab.Count(".model"), tab.Count("svg.plot"), tab.Count("button, .readout"); models != 3 || plots != 4 || buttons != 0 {
		t.Errorf("%d models, %d curves and %d controls are shown, want 3, 4 and 0", models, plots, buttons)
	}
	tab.Check()

	view.Print = true
	tab = browser.Load(t, path, view)
	tab.Screenshot("report-print", true)
	if n := tab.Count(".lineage tbody tr"); n != 14 {
		t.Errorf("%d rows of lineage are printed, want 14", n)
	}
	tab.Check()
}

// The ids of headings, drawings and tables say what they are.
func TestBrowserFindsNamesOfAll(t *testing.T) {
	tab := pagetest.Open(t).Load(t, pagetest.File(t, example().WriteHTML), pagetest.Views()[0])
	var unnamed []string
	tab.Eval(`[...document.querySelectorAll("svg.plot, input, button, [role=region], nav, article")].filter((e) => !(e.getAttribute("aria-label") ||
		e.getAttribute("aria-labelledby") && document.getElementById(e.getAttribute("aria-labelledby")) || e.labels && e.labels.length || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80))`, &unnamed)
	for _, e := range unnamed {
		t.Errorf("without a name: %s", e)
	}
	var heads []string
	tab.Eval(`[...document.querySelectorAll("table")].filter((e) => !e.querySelector("thead th[scope=col]") || !e.querySelector("tbody th[scope=row]")).map((e) => e.outerHTML.slice(0, 80))`, &heads)
	for _, e := range heads {
		t.Errorf("a table without headers: %s", e)
	}
	// Text stands out of what is behind it: 4.5 to 1 or more (WCAG 2.1, AA).
	for _, v := range pagetest.Views()[:2] {
		tab := pagetest.Open(t).Load(t, pagetest.File(t, example().WriteHTML), v)
		tab.Click("#open-all")
		for _, low := range tab.LowContrast(4.5) {
			t.Errorf("%s: %s", v.Name, low)
		}
	}
}

func TestManyModelsAreFiltered(t *testing.T) {
	r := example()
	for i := range 67 {
		r.Models = append(r.Models, model(fmt.Sprintf("many_%d", i), uint64(i), New))
	}
	tab := pagetest.Open(t).Load(t, pagetest.File(t, r.WriteHTML), pagetest.Views()[2])
	tab.Eval(`document.getElementById("filter").focus()`, nil)
	tab.Type("dns_tunnel")
	if n := tab.Count(".model"); n != 1 {
		t.Errorf("%d models are shown, want 1", n)
	}
	tab.Screenshot("report-filtered", true)
	tab.Check()
}
