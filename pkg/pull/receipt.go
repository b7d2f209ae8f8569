package pull

import (
	"context"

	"github.com/mlpdev/mlp/pkg/receipt"
)

// receipt tells the store what the site runs. A store that takes no receipt is
// worth a note: the release runs all the same.
func (p *pull) receipt(ctx context.Context) {
	if p.Name == "" {
		return
	}
	active, err := Current(p.Dir)
	if err == nil {
		err = receipt.Write(ctx, p.Store, receipt.Receipt{FormatVersion: receipt.FormatVersion, Repository: p.Site.GetRepository(),
			Environment: p.Site.GetEnvironment(), Site: p.Name, Channel: p.Site.GetChannel(), Release: active.Ref(), Models: active.Models,
			Activated: active.Pulled, Seen: p.Now().UTC(), MLP: p.Binary})
	}
	if err != nil && p.Note != nil {
		p.Note("no receipt was left: " + err.Error())
	}
}
