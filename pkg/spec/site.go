package spec

import (
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// ReadSite reads and checks the file of a site, which diagnostics call path.
// The site is never nil; with errors it must not be used.
func ReadSite(path string, src []byte) (*specpb.Site, diag.List) {
	s := new(specpb.Site)
	doc, list := Read(path, src, s, nil)
	c := &checker{doc: doc, list: &list, partial: list.HasErrors()}
	c.values(s)
	checkSite(c, s)
	return s, list.Sorted()
}
