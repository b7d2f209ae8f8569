package page

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"html/template"
	"regexp"
	"strings"
	"testing"
)

func write(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The policy names the style and the script that are there, and no others.
func TestPolicyNamesWhatIsThere(t *testing.T) {
	got := write(t, Page{Title: `</title><script>alert(1)</script>`, Style: "p > a { color: red }\n", Script: "if (1 < 2 && '\"') { }\n", Body: "<p>text</p>"})
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(got)[1])
	for _, tag := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(got, -1)
		if len(inside) != 1 {
			t.Fatalf("%d elements %s, want 1", len(inside), tag)
		}
		sum := sha256.Sum256([]byte(inside[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s:\n%s", want, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("the policy lets in too much: %s", policy)
	}
	if write(t, Page{Title: "a"}) != write(t, Page{Title: "a"}) {
		t.Error("equal pages have other bytes")
	}
}

func TestPageWithoutScriptLetsNoneIn(t *testing.T) {
	if got := write(t, Page{Title: "a"}); strings.Contains(got, "script-src") || strings.Contains(got, "<script") {
		t.Errorf("a page without a script has one:\n%s", got)
	}
}

func TestClosingTagsAreRefused(t *testing.T) {
	for _, p := range []Page{{Style: "a { } </STYLE>"}, {Script: "'</script>'"}} {
		if err := p.Write(&strings.Builder{}); err == nil {
			t.Errorf("%+v is written", p)
		}
	}
}

func TestBodyEscapes(t *testing.T) {
	got, err := Body(`<p title="{{.}}">{{.}}</p><script type="application/json">{{.}}</script>`, nil, `"><img src=x></script>`)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); strings.Contains(s, "<img") || strings.Count(s, "</script>") != 1 {
		t.Errorf("the body is %s", s)
	}
	if _, err := Body("{{.Missing}}", template.FuncMap{}, struct{}{}); err == nil {
		t.Error("a field that is not there is no error")
	}
}
