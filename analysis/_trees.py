"""Trees out of stated parents: who stands under whom, and the shape of each tree, in linear time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NONE = -1  # in place of a parent: there is none


class Forest(NamedTuple):
    """Nodes by number: the parent of each, its tree, its generation, and how many nodes stand under it, itself included."""

    parent: Ints
    tree: Ints  # numbered from 0, in the order of their roots
    depth: Ints
    under: Ints
    cycles: int  # how many were broken, each at its first node


class Shapes(NamedTuple):
    """One entry a tree. Virality is not a number where a tree has one node."""

    size: Ints
    depth: Ints
    breadth: Ints
    virality: Floats


def forest(parent: Ints) -> Forest:
    """Return the trees of these parents; number the nodes by time, so that a cycle is cut above its earliest node."""
    above = parent.copy()
    tops, depth = _climb(above)
    cut = _cycles(above, tops)
    if len(cut):
        above[cut] = NONE
        tops, depth = _climb(above)
    _, tree = np.unique(tops, return_inverse=True)
    return Forest(above, tree.astype(np.int64), depth, _under(above, depth), len(cut))


def _climb(parent: Ints) -> tuple[Ints, Ints]:
    """Return the root of each node and how far it is, by jumps that double; a node below a cycle ends inside it."""
    top = np.where(parent == NONE, np.arange(len(parent)), parent)
    depth = (parent != NONE).astype(np.int64)
    for _ in range(max(len(parent), 1).bit_length()):  # 2 ** rounds is at least the longest way there can be
        depth = depth + depth[top]
        top = top[top]
    return top, depth


def _cycles(parent: Ints, tops: Ints) -> Ints:
    """Return the first node of each cycle: who climbs for ever ends on a cycle, and covers all of it."""
    on = np.unique(tops[parent[tops] != NONE]) if len(tops) else tops
    first, step = np.arange(len(parent)), np.where(parent == NONE, np.arange(len(parent)), parent)
    for _ in range(len(on).bit_length()):
        first[on] = np.minimum(first[on], first[step[on]])
        step = step[step]
    return np.unique(first[on])


def _under(parent: Ints, depth: Ints) -> Ints:
    under = [1] * len(parent)
    above = parent.tolist()
    for node in np.argsort(-depth, kind="stable").tolist():  # the deepest first, so each is complete when it is added
        if above[node] != NONE:
            under[above[node]] += under[node]
    return np.array(under, dtype=np.int64)


def shapes(trees: Forest) -> Shapes:
    """Return size, depth, greatest breadth and structural virality of each tree.

    Structural virality is the mean distance between two nodes, 2W / (n (n - 1)) with W = sum of s (n - s) over the edges,
    s the nodes under an edge (Wiener, JACS 69, 1947; Goel et al., Management Science 62, 2016).
    """
    count = int(trees.tree.max()) + 1 if len(trees.tree) else 0
    size = np.bincount(trees.tree, minlength=count).astype(np.int64)
    depth, breadth = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(depth, trees.tree, trees.depth)
    levels, wide = np.unique(trees.tree * (len(trees.tree) + 1) + trees.depth, return_counts=True)
    np.maximum.at(breadth, levels // (len(trees.tree) + 1), wide)
    edge = trees.parent != NONE
    ways = np.bincount(trees.tree[edge], trees.under[edge] * (size[trees.tree[edge]] - trees.under[edge]), count)
    pairs = size * (size - 1) / 2
    virality = np.divide(ways, pairs, out=np.full(count, np.nan), where=pairs > 0)
    return Shapes(size, depth, breadth, virality)


def children(trees: Forest) -> Ints:
    """Return how many children each node has."""
    return np.bincount(trees.parent[trees.parent != NONE], minlength=len(trees.parent)).astype(np.int64)
