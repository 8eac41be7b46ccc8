package audit

import "golang.org/x/mod/sumdb/tlog"

// tree grows a Merkle tree leaf by leaf and holds only its right edge: one hash for each whole subtree, largest first.
// It makes the very hashes that tlog stores, in their order.
type tree struct {
	size int64
	edge []tlog.Hash
	made []tlog.Hash // by the last leaf; used again by the next
}

// grow adds a leaf's record hash and returns the hashes that it completes, its own first; they are good until the next
// call.
func (t *tree) grow(h tlog.Hash) []tlog.Hash {
	t.made = append(t.made[:0], h)
	for n := t.size; n&1 == 1; n >>= 1 { // each whole subtree at the end pairs with one of its size
		last := len(t.edge) - 1
		h = tlog.NodeHash(t.edge[last], h)
		t.edge = t.edge[:last]
		t.made = append(t.made, h)
	}
	t.edge = append(t.edge, h)
	t.size++
	return t.made
}

// root is the hash of the tree as it stands. The tree must have a leaf.
func (t *tree) root() tlog.Hash {
	last := len(t.edge) - 1
	h := t.edge[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.edge[i], h)
	}
	return h
}
