package evaluation

import "math"

// betaQuantile returns x with I_x(a, b) = p, by bisection of the regularised
// incomplete beta function, to 1e-12.
func betaQuantile(p, a, b float64) float64 {
	low, high := 0.0, 1.0
	for high-low > 1e-12 {
		mid := (low + high) / 2
		if betaRegularized(mid, a, b) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// betaRegularized is I_x(a, b), by the continued fraction of Abramowitz and
// Stegun 26.5.8, evaluated with Lentz's method.
func betaRegularized(x, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab - la - lb + a*math.Log(x) + b*math.Log1p(-x))
	// The fraction converges fast below the mean; above, use the symmetry.
	if x > (a+1)/(a+b+2) {
		return 1 - front*betaFraction(1-x, b, a)/b
	}
	return front * betaFraction(x, a, b) / a
}

func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	c, d := 1.0, 1/nonZero(1-(a+b)*x/(a+1), tiny)
	f := d
	for m := 1; m <= 10_000; m++ {
		k := float64(m)
		for _, n := range [2]float64{
			k * (b - k) * x / ((a + 2*k - 1) * (a + 2*k)),
			-(a + k) * (a + b + k) * x / ((a + 2*k) * (a + 2*k + 1)),
		} {
			d = 1 / nonZero(1+n*d, tiny)
			c = nonZero(1+n/c, tiny)
			f *= c * d
		}
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return f
}

func nonZero(v, tiny float64) float64 {
	if math.Abs(v) < tiny {
		return tiny
	}
	return v
}
