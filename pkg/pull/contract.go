package pull

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
)

// checkContract compares what the record says with what this binary computes
// from the release's specs, and names the first difference.
func checkContract(rec release.Record, chain Chain, specs fs.FS) error {
	keys, epochs, err := chain.Contract(specs)
	if err != nil {
		return found("contract: %w", err)
	}
	var why string
	for _, function := range slices.Sorted(maps.Keys(rec.Contract.Epochs)) {
		want := rec.Contract.Epochs[function]
		if got, ok := epochs[function]; !ok {
			why = fmt.Sprintf("function %s has epoch %d, here it is unknown", function, want)
		} else if got != want {
			why = fmt.Sprintf("function %s has epoch %d, here %d", function, want, got)
		}
		if why != "" {
			break
		}
	}
	for _, r := range reads(rec) {
		want := rec.Contract.Keys[r.address]
		got, ok := keys[r.address]
		if ok && got == want {
			continue
		}
		return found("contract: %s (%s…); this mlp computes %s from the same spec%s",
			r.what, want.Short(), orNothing(got, ok), because(why))
	}
	if why != "" {
		return found("contract: %s", why)
	}
	return nil
}

// read is an address of the contract and what to say about it.
type read struct{ address, what string }

// reads returns what the models read, in order, then the rest of the contract.
func reads(rec release.Record) []read {
	var list []read
	seen := map[string]bool{}
	for _, m := range rec.Models {
		for _, f := range m.Features {
			address := m.FeatureAddress(f.Name)
			list = append(list, read{address, fmt.Sprintf("model %s reads %s", m.Name, address)})
			seen[address] = true
		}
	}
	for _, address := range slices.Sorted(maps.Keys(rec.Contract.Keys)) {
		if !seen[address] {
			list = append(list, read{address, "the release has " + address})
		}
	}
	return list
}

func orNothing(d digest.Digest, ok bool) string {
	if !ok {
		return "no such key"
	}
	return d.Short() + "…"
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}
