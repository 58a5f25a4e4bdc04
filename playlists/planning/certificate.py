"""What the policies can rest together: a maximum flow from classes of tracks to policies (pure).

Tracks that the same policies admit are interchangeable, so a million of them are a few hundred classes. Over
R days each track can be used once; a policy with n playlists wants n x K x R uses in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from curation.engine import maxflow

Class = frozenset[int]


def filled(classes: Mapping[Class, int], wanted: Mapping[int, int]) -> dict[int, int]:
    """{policy: the uses it gets} where all together get as many as there can be."""
    order = sorted(wanted)
    bits = {policy: 1 << number for number, policy in enumerate(order)}
    masks: Counter[int] = Counter()
    for one, count in classes.items():
        masks[sum(bits.get(policy, 0) for policy in one)] += count
    return dict(zip(order, maxflow.max_flow(masks, [wanted[policy] for policy in order]), strict=True))
