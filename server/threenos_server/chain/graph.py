"""Paths along a directed graph without cycles. Pure; a graph is {node: its successors}."""

from collections.abc import Iterable, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def reverse(graph: Graph) -> dict[str, list[str]]:
    """The same edges, each turned round."""
    turned: dict[str, list[str]] = {node: [] for node in graph}
    for node, successors in graph.items():
        for successor in successors:
            turned.setdefault(successor, []).append(node)
    return turned


def order(graph: Graph) -> list[str]:
    """Each node after all its predecessors, else as given (Kahn 1962). Nodes on or behind a cycle are left out."""
    waiting = {node: len(before) for node, before in reverse(graph).items()}
    ready = [node for node, n in waiting.items() if n == 0]
    for node in ready:
        for successor in graph.get(node, ()):
            waiting[successor] -= 1
            if waiting[successor] == 0:
                ready.append(successor)
    return ready


def distances(graph: Graph, start: str) -> dict[str, int]:
    """How many edges the shortest path from `start` has, for each node that it reaches (itself 0)."""
    found = {start: 0}
    queue = [start]
    for node in queue:
        for successor in graph.get(node, ()):
            if successor not in found:
                found[successor] = found[node] + 1
                queue.append(successor)
    return found


def on_all_paths(graph: Graph, start: str, end: str) -> tuple[str, ...]:
    """The nodes, both ends excluded, that lie on every path from `start` to `end`, in the order of the way.

    v lies on all of them when paths(start, v) · paths(v, end) = paths(start, end). Empty when there is no path.
    """
    reached = distances(graph, start)
    way = [node for node in order(graph) if node in reached]
    ahead = _paths(way, reverse(graph), start)
    if start == end or not ahead.get(end):
        return ()
    behind = _paths(reversed(way), graph, end)
    return tuple(v for v in way if v not in (start, end) and ahead[v] * behind[v] == ahead[end])


def _paths(way: Iterable[str], before: Graph, start: str) -> dict[str, int]:
    count: dict[str, int] = {}
    for node in way:
        count[node] = 1 if node == start else sum(count.get(b, 0) for b in before.get(node, ()))
    return count


def cycle(graph: Graph) -> list[str] | None:
    """The nodes of one cycle in its order, the first again at the end; None when there is none."""
    sorted_out = set(order(graph))
    rest = {n: [s for s in graph[n] if s not in sorted_out] for n in graph if n not in sorted_out}
    # Behind a cycle hang nodes that lead nowhere; without them every node left has a successor that is left.
    tails = set(order(reverse(rest)))
    rest = {n: [s for s in succ if s not in tails] for n, succ in rest.items() if n not in tails}
    if not rest:
        return None
    step = next(iter(rest))
    path: dict[str, None] = {}
    while step not in path:
        path[step] = None
        step = rest[step][0]
    way = list(path)
    return [*way[way.index(step) :], step]
