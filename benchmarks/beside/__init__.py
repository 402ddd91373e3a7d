"""The store beside the bare floor and beside a peer, on one server, in one run."""
