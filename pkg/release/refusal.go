package release

import "fmt"

// Reason says in which way a record cannot be trusted. It is stable.
type Reason string

// The reasons.
const (
	// Forged: no trusted key signed it.
	Forged Reason = "forged"
	// Malformed: signed, but not a record that this version reads.
	Malformed Reason = "malformed"
	// WrongNumber: it stands in the log under another number than its own.
	WrongNumber Reason = "wrong-number"
	// WrongChannel: it belongs to another channel.
	WrongChannel Reason = "wrong-channel"
	// WrongRepository: it belongs to another project.
	WrongRepository Reason = "wrong-repository"
	// BrokenChain: it does not follow the record before it, or one is missing.
	BrokenChain Reason = "broken-chain"
	// Rollback: the log ends before a record known to be in it.
	Rollback Reason = "rollback"
	// Fork: the log has another record than the one known to be in it.
	Fork Reason = "fork"
)

// Refusal says why a record is refused, naming the first difference.
type Refusal struct {
	Reason  Reason
	Channel string
	Number  int64
	// Detail is what differs.
	Detail string
}

// Error returns "channel#number: detail (reason)".
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s#%d: %s (%s)", r.Channel, r.Number, r.Detail, r.Reason)
}
