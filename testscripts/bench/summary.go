package main

import "slices"

// summary is a sample's median and quartiles.
type summary struct{ lower, median, upper float64 }

// summarise sorts a copy; the sample must not be empty.
func summarise(sample []float64) summary {
	sorted := slices.Sorted(slices.Values(sample))
	return summary{quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)}
}

// quantile interpolates between the two nearest values (R's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(at)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}
