"""What a day could fill at most, as an exact maximum flow that shares no code with the engine."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence

from curation.engine.allocation import Caps, Item

Node = Hashable


class Flow:
    """Dinic's maximum flow over named nodes."""

    def __init__(self) -> None:
        self.room: defaultdict[Node, dict[Node, int]] = defaultdict(dict)

    def edge(self, start: Node, end: Node, capacity: int) -> None:
        self.room[start][end] = capacity
        self.room[end].setdefault(start, 0)

    def run(self, source: Node, sink: Node) -> int:
        total = 0
        while sink in (level := self._levels(source)):
            ways = {node: iter(list(ends)) for node, ends in self.room.items()}
            while pushed := self._push(source, sink, 10**9, level, ways):
                total += pushed
        return total

    def _levels(self, source: Node) -> dict[Node, int]:
        level, queue = {source: 0}, deque([source])
        while queue:
            node = queue.popleft()
            for end, room in self.room[node].items():
                if room > 0 and end not in level:
                    level[end] = level[node] + 1
                    queue.append(end)
        return level

    def _push(self, node: Node, sink: Node, amount: int, level, ways) -> int:
        if node == sink:
            return amount
        for end in ways[node]:
            room = self.room[node][end]
            if room > 0 and level.get(end, -1) == level[node] + 1:
                pushed = self._push(end, sink, min(amount, room), level, ways)
                if pushed:
                    self.room[node][end] -= pushed
                    self.room[end][node] += pushed
                    ways[node] = iter([end, *ways[node]])
                    return pushed
        return 0


def most(
    items: Sequence[Item],
    lists: Sequence[tuple[int, Caps]],
    admits: Callable[[Item, int], bool],
    *,
    counted: Callable[[Item], str] = lambda item: item.artists[0],
) -> int:
    """The most places that any choice of tracks fills: `lists` are (places, caps), each track goes to one
    list that admits it. Of a track's artists only `counted` counts against the cap, and its album is taken
    to be one of that artist's: exact where that is so, an upper bound where more artists count."""
    flow = Flow()
    for item in items:
        flow.edge("source", ("track", item.track_id), 1)
        for number, (_, caps) in enumerate(lists):
            if admits(item, number):
                artist = (number, "artist", counted(item))
                album = (number, "album", counted(item), item.album)
                flow.edge(("track", item.track_id), album, 1)
                flow.edge(album, artist, caps.album)
                flow.edge(artist, ("list", number), caps.artist)
    for number, (places, _) in enumerate(lists):
        flow.edge(("list", number), "sink", places)
    return flow.run("source", "sink")
