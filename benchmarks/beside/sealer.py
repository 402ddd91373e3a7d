"""A process that does for one database what the service does beside: seals, and signs checkpoints, until stdin ends."""

from __future__ import annotations

import sys
import threading

from benchmarks.beside.ours import MASTER_KEY, now
from eventstore.checkpoints import Proofs
from eventstore.pool import open_pool
from eventstore.store import Store
from pairway.running import keep_sealing, keep_signing, running
from pairway.signing import signer

CHECKPOINT_SECONDS = 1.0  # far more often than it is set where nobody sets it, so that its work is seen


def main() -> None:
    with open_pool(sys.argv[1], name="pairway sealer", largest=3) as pool:
        proofs = Proofs(pool, signer(MASTER_KEY))
        loops = {
            "sealing": keep_sealing(Store(pool).seal),
            "signing": keep_signing(proofs, now, CHECKPOINT_SECONDS),
        }
        with running(threading.Event(), loops):
            sys.stdin.read()


if __name__ == "__main__":
    main()
