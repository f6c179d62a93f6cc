"""Scoring: area (Tromp–Taylor), territory, and unconditionally alive chains (Benson 1976).

D. Benson, "Life in the game of Go", Information Sciences 10 (1976): a chain of colour X is
unconditionally alive if it has two vital regions, all of whose bordering X chains are alive too. A
region is a connected set of points without X; it is vital to a chain if each of its empty points is a
liberty of the chain. Where suicide is allowed, the other colour can remove its own stones from a region, so
every point of the region, occupied or not, must touch the chain.

Ownership maps hold one int8 per point of the bordered board: 1 Black, -1 White, 0 neither.
"""

from __future__ import annotations

import numpy as np

from envs.go.board import BLACK, BORDER, CAPTURED_BLACK, CAPTURED_WHITE, EMPTY, SIZE, SUICIDE, WHITE
from tengen.jit import routine


@routine
def area(b, owner, stack):
    """Tromp–Taylor: a point belongs to the stone on it, or else to the only colour reachable through empty points.

    Writes `owner` and returns Black's points minus White's. `stack` [M] is scratch.
    """
    colour = b.colour
    size = b.meta[SIZE]
    stride = size + 1
    total = 0
    for row in range(size):
        for p in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            x = colour[p]
            owner[p] = 1 if x == BLACK else -1 if x == WHITE else 2  # 2: empty, not visited yet
    for row in range(size):
        for start in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if owner[start] != 2:
                if colour[start] != EMPTY:
                    total += owner[start]
                continue
            reached = 0  # bit 1 Black, bit 2 White
            stack[0] = start
            owner[start] = 0
            found, done = 1, 0
            while done < found:  # `stack` keeps all points of the region
                p = stack[done]
                done += 1
                for q in (p - stride, p - 1, p + 1, p + stride):
                    x = colour[q]
                    if x == EMPTY:
                        if owner[q] == 2:
                            owner[q] = 0
                            stack[found] = q
                            found += 1
                    elif x != BORDER:
                        reached |= x
            if reached == BLACK or reached == WHITE:
                mark = 1 if reached == BLACK else -1
                for i in range(found):
                    owner[stack[i]] = mark
                total += mark * found
    return total


@routine
def unconditional(b, owner, work):
    """Benson: marks in `owner` both colours' pass-alive chains and the area they enclose; 0 elsewhere.

    The area consists of regions bordered only by living chains and vital to at least one of them. Returns
    Black's points minus White's. `work` is int16 scratch [14, M].
    """
    size = b.meta[SIZE]
    stride = size + 1
    for p in range(owner.size):
        owner[p] = 0
    total = 0
    for c in (BLACK, WHITE):
        total += _alive(b, c, owner, work, stride, size) * (1 if c == BLACK else -1)
    return total


@routine
def _alive(b, c, owner, work, stride, size):
    colour, chain = b.colour, b.chain
    region, stack = work[0], work[1]  # region number of each point without c; 0 for none
    empties = work[2]  # by region: number of points that must touch a chain for the region to be vital to it
    healthy = work[3]  # by region: 1 while all bordering chains may be alive
    eyes = work[4]  # by head: number of vital healthy regions
    alive = work[5]  # by head: 1 while it may be alive
    suicide = b.meta[SUICIDE] != 0
    regions, chances = 0, 0
    for p in range(region.size):
        region[p] = 0
        alive[p] = 0
    for row in range(size):
        for start in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if colour[start] == c:
                alive[chain[start]] = 1
                continue
            if region[start] != 0:
                continue
            regions += 1
            empties[regions] = 0
            healthy[regions] = 1
            stack[0] = start
            region[start] = regions
            found, done = 1, 0
            chance = 1
            while done < found:
                p = stack[done]
                done += 1
                touches = False
                for q in (p - stride, p - 1, p + 1, p + stride):
                    if colour[q] == c:
                        touches = True
                    elif colour[q] != BORDER and region[q] == 0:
                        region[q] = regions
                        stack[found] = q
                        found += 1
                if colour[p] == EMPTY or suicide:
                    empties[regions] += 1
                    if not touches:
                        chance = 0
            chances += chance
    if chances < 2:  # too few candidate regions: the usual case before the endgame
        return 0
    # Pairs (chain, region) where the region is vital to the chain: all the points that must touch the
    # chain do.
    pairs = 0
    pair_head, pair_region = work[6:10].reshape(-1), work[10:14].reshape(-1)  # an empty point touches 4 chains at most
    for head in range(alive.size):
        if alive[head] == 0:
            continue
        pairs = _vital(b, head, stride, suicide, region, empties, stack, eyes, pair_head, pair_region, pairs)
    changed = True
    while changed:
        changed = False
        for head in range(alive.size):
            eyes[head] = 0
        for i in range(pairs):
            if healthy[pair_region[i]] == 1:
                eyes[pair_head[i]] += 1
        for head in range(alive.size):
            if alive[head] == 1 and eyes[head] < 2:
                alive[head] = 0
                changed = True
                p = head
                while True:  # regions touching it are no longer enclosed by living chains
                    for q in (p - stride, p - 1, p + 1, p + stride):
                        if colour[q] != c and colour[q] != BORDER:
                            healthy[region[q]] = 0
                    p = b.link[p]
                    if p == head:
                        break
    mine = 1 if c == BLACK else -1
    for r in range(1, regions + 1):
        eyes[r] = 0  # from here on by region: 1 if enclosed and vital to a living chain
    for i in range(pairs):
        if alive[pair_head[i]] == 1 and healthy[pair_region[i]] == 1:
            eyes[pair_region[i]] = 1
    count = 0
    for row in range(size):
        for p in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if (colour[p] == c and alive[chain[p]] == 1) or (colour[p] != c and eyes[region[p]] == 1):
                owner[p] = mine
                count += 1
    return count


@routine
def _vital(b, head, stride, suicide, region, empties, stack, touched, pair_head, pair_region, pairs):
    """Append the regions vital to one chain. `touched` [M] counts the chain's distinct liberties by region."""
    colour = b.colour
    # Count a liberty that touches the chain twice only once: `stack` keeps the liberties met so far.
    met = 0
    p = head
    while True:
        for q in (p - stride, p - 1, p + 1, p + stride):
            if region[q] > 0 and (colour[q] == EMPTY or suicide):
                stack[met] = q
                met += 1
                region[q] = -region[q]  # mark as met
        p = b.link[p]
        if p == head:
            break
    for i in range(met):
        touched[-region[stack[i]]] = 0
    for i in range(met):
        touched[-region[stack[i]]] += 1
    for i in range(met):
        q = stack[i]
        region[q] = -region[q]
        r = region[q]
        if touched[r] == empties[r]:
            pair_head[pairs] = head
            pair_region[pairs] = r
            pairs += 1
            touched[r] = -1  # append once only
    return pairs


@routine
def territory(b, dead, owner, stack):
    """Black's points minus White's by Japanese counting: empty points surrounded by one colour, and prisoners.

    `dead` [M] bool marks stones removed by agreement. Seki is not recognised: empty points that touch only
    one colour count for it.
    """
    colour = b.colour
    size = b.meta[SIZE]
    stride = size + 1
    prisoners = np.int64(b.meta[CAPTURED_WHITE]) - b.meta[CAPTURED_BLACK]  # White's captured stones minus Black's
    total = prisoners
    for row in range(size):
        for p in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            owner[p] = 2
            if colour[p] != EMPTY and dead[p]:
                total += 1 if colour[p] == WHITE else -1
    for row in range(size):
        for start in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if owner[start] != 2 or (colour[start] != EMPTY and not dead[start]):
                continue
            reached = 0
            stack[0] = start
            owner[start] = 0
            found, done = 1, 0
            while done < found:
                p = stack[done]
                done += 1
                for q in (p - stride, p - 1, p + 1, p + stride):
                    x = colour[q]
                    if x == BORDER:
                        continue
                    if x == EMPTY or dead[q]:
                        if owner[q] == 2:
                            owner[q] = 0
                            stack[found] = q
                            found += 1
                    else:
                        reached |= x
            if reached == BLACK or reached == WHITE:
                mark = 1 if reached == BLACK else -1
                for i in range(found):
                    owner[stack[i]] = mark
                total += mark * found
    for row in range(size):
        for p in range((row + 1) * stride + 1, (row + 1) * stride + 1 + size):
            if owner[p] == 2:
                owner[p] = 0
    return total
