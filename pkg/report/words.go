package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
)

func releaseName(channel string, number int64) string {
	return channel + "#" + strconv.FormatInt(number, 10)
}

// count returns "1 model", "2,500 models".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(int64(n)) + " " + noun + "s"
}

// number writes a whole number with commas.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), ",")
}

// sizeOf writes a size: "548 kB".
func sizeOf(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.3g %s", v, units[i])
}

// share writes a rate with as many digits as tell small ones apart.
func share(v float64) string {
	switch {
	case v == 0 || v == 1:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v < 0.001:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case v > 0.9999: // never rounded up to all
		return strconv.FormatFloat(math.Floor(v*1e6)/1e6, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// plain writes a number that somebody chose.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// rate writes a rate with its bounds.
func rate(r evaluation.Rate) string {
	if r.Trials == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%s (95 %%: %s–%s)", share(r.Rate), share(r.Lower), share(r.Upper))
}

// signed writes a difference of rates.
func signed(v float64) string {
	if v == 0 {
		return "±0"
	}
	if math.Abs(v) < 0.00005 {
		return fmt.Sprintf("%+.0e", v)
	}
	return fmt.Sprintf("%+.4f", v)
}

// short cuts a digest for people: "3f7a9c12".
func short(d digest.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.Short()
}
