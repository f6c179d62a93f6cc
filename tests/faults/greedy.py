"""Fills the object stores of a cluster until killed: `python -m tests.faults.greedy ADDRESS`."""

from __future__ import annotations

import sys
import time

import numpy as np

from tengen.cluster import Cluster
from tengen.connection import connect

if __name__ == "__main__":
    connect(Cluster(sys.argv[1]))
    import ray

    kept = []
    for _ in range(40):  # ten times the capacity of a node's store: the rest spills to disk
        kept.append(ray.put(np.ones(20_000_000, np.uint8)))
        time.sleep(0.02)
    time.sleep(3600)
