"""Spotify's `fields` parameter: `name,items(total,items(item(id)))` keeps only what is named."""

import re
from typing import Any

Tree = dict[str, Any]


def parse(text: str) -> Tree:
    """The wanted fields as nested dicts; {} under a name means all of it. `a.b` and `a(b)` mean the same."""
    tree: Tree = {}
    _read(re.findall(r"[(),.]|[^(),.\s]+", text)[::-1], tree)
    return tree


def keep(node: Any, tree: Tree) -> Any:
    """The parts of a body that the tree names."""
    if not tree:
        return node
    if isinstance(node, list):
        return [keep(item, tree) for item in node]
    if isinstance(node, dict):
        return {name: keep(node[name], below) for name, below in tree.items() if name in node}
    return node


def _read(tokens: list[str], tree: Tree) -> None:
    """Reads names up to the closing bracket; `tokens` is a stack, first one on top."""
    here = tree
    while tokens and (token := tokens.pop()) != ")":
        if token == ",":
            here = tree
        elif token == "(":
            _read(tokens, here)
        elif token != ".":
            here = here.setdefault(token, {})
