package pull

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/receipt"
)

// receiptFile is the site's copy of its newest receipt, so that one that
// stands costs no request. It may be removed at any time.
const receiptFile = "receipt.json"

// due reports whether the site has a receipt to write if it runs on as it does.
func (p *pull) due() bool {
	return p.Name == "" || p.running == nil || !receipt.Stands(p.lastReceipt(), p.says(*p.running))
}

func (p *pull) lastReceipt() []byte {
	text, err := os.ReadFile(filepath.Join(p.Dir, receiptFile))
	if err != nil {
		return nil
	}
	return text
}

// says is the receipt of a release that runs.
func (p *pull) says(active Active) receipt.Receipt {
	return receipt.Receipt{FormatVersion: receipt.FormatVersion, Repository: p.Site.GetRepository(),
		Environment: p.Site.GetEnvironment(), Site: p.Name, Channel: p.Site.GetChannel(), Release: active.Ref(), Models: active.Models,
		Activated: active.Pulled, Seen: p.Now().UTC(), MLP: p.Binary}
}

// receipt tells the store what the site runs. A store that takes no receipt is
// worth a note: the release runs all the same.
func (p *pull) receipt(ctx context.Context) {
	if p.Name == "" {
		return
	}
	last := p.lastReceipt()
	active, err := Current(p.Dir)
	if err == nil {
		var now []byte
		if now, err = receipt.Write(ctx, p.Store, p.says(active), last); err == nil && !bytes.Equal(now, last) {
			err = os.WriteFile(filepath.Join(p.Dir, receiptFile), now, 0o644)
		}
	}
	if err != nil && p.Note != nil {
		p.Note("no receipt was left: " + err.Error())
	}
}
