"""Makes data/taxonomy.json, offline, from a snapshot of Wikidata's genre classes and what people add to it.

    python -m catalog.genres.make_taxonomy [SNAPSHOT.json] [BY_HAND.txt] [TAXONOMY.json]

The snapshot is the answer, in SPARQL's JSON form, of the query in data/README.md. The same input gives the
same output, byte for byte: cycles are cut at the link that comes last, links made by hand coming first and
the others by the names of child and parent.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.genres.spelling import key

DATA = Path(__file__).parent / "data"
SNAPSHOT, BY_HAND, TAXONOMY = DATA / "wikidata.json", DATA / "by_hand.txt", DATA / "taxonomy.json"
_KINDS = ("root", "head", "cut")

Link = tuple[str, str]


@dataclass(slots=True)
class Genre:
    """One class as one of the two inputs tells it; aliases and parents are labels."""

    label: str
    qid: str | None = None
    aliases: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ByHand:
    roots: list[Genre] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    genres: list[Genre] = field(default_factory=list)
    cuts: list[Link] = field(default_factory=list)


class BadInput(ValueError):
    """An input cannot be read; the message names the place."""


def made(snapshot: Any, by_hand: str) -> dict[str, Any]:
    """The taxonomy as the file holds it. Raises BadInput."""
    hand, classes = read_by_hand(by_hand), list(read_snapshot(snapshot))
    named = names([*hand.roots, *hand.genres], classes)
    genres: dict[str, dict[str, Any]] = {}
    for each in (*hand.roots, *hand.genres, *classes):
        entry = genres.setdefault(named[key(each.label)], {"label": each.label, "qid": None, "parents": []})
        entry["qid"] = entry["qid"] or each.qid
    for child, parent in kept(links(hand, classes, named)):
        genres[child]["parents"].append(parent)
    for entry in genres.values():
        entry["parents"].sort()
    heads = {named[key(root.label)] for root in hand.roots} | {_known(named, head) for head in hand.heads}
    content = {
        "roots": sorted(named[key(root.label)] for root in hand.roots),
        "heads": sorted(heads),
        "genres": dict(sorted(genres.items())),
        "aliases": {alias: name for alias, name in sorted(named.items()) if alias != name},
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:12], **content}


def names(hand: Iterable[Genre], classes: Iterable[Genre]) -> dict[str, str]:
    """{key of a label or alias: key of its genre}: what stands first has it, labels before aliases.

    A genre made by hand takes over the classes whose labels are among its aliases.
    """
    hand, classes = list(hand), sorted(classes, key=lambda each: key(each.label))
    named: dict[str, str] = {}
    for each in hand:
        named.setdefault(key(each.label), key(each.label))
    for each in hand:
        for alias in each.aliases:
            named.setdefault(key(alias), named[key(each.label)])
    for each in classes:
        named.setdefault(key(each.label), key(each.label))
    for each in classes:
        for alias in each.aliases:
            named.setdefault(key(alias), named[key(each.label)])
    named.pop("", None)
    return named


def links(hand: ByHand, classes: Iterable[Genre], named: Mapping[str, str]) -> Iterator[Link]:
    """(child, parent) in the order in which they count; parents that nothing defines are left out."""
    cuts = {(_known(named, child), _known(named, parent)) for child, parent in hand.cuts}
    roots = {named[key(root.label)] for root in hand.roots}
    for each in (*hand.roots, *hand.genres):
        yield from ((named[key(each.label)], _known(named, parent)) for parent in each.parents)
    for each in sorted(classes, key=lambda each: key(each.label)):
        child = named[key(each.label)]
        parents = sorted({named[key(parent)] for parent in each.parents if key(parent) in named})
        if child not in roots:
            yield from ((child, parent) for parent in parents if (child, parent) not in cuts)


def kept(wanted: Iterable[Link]) -> Iterator[Link]:
    """The links without the ones that would close a circle with those before them."""
    parents: dict[str, set[str]] = {}
    for child, parent in wanted:
        if parent in parents.get(child, ()) or child in _reached(parent, parents):
            continue
        parents.setdefault(child, set()).add(parent)
        yield child, parent


def _reached(start: str, parents: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        fresh = parents.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
    return seen


def read_snapshot(body: Any) -> Iterator[Genre]:
    """The classes of the query's answer; rows without a label say nothing to people and are left out."""
    try:
        rows = body["results"]["bindings"]
        for row in rows:
            label = _value(row, "gl")
            if key(label):
                qid = _value(row, "g").rpartition("/")[2] or None
                yield Genre(label, qid, _listed(_value(row, "aliases")), _listed(_value(row, "parents")))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"The snapshot is not an answer in SPARQL's JSON form: {error!r}") from error


def read_by_hand(text: str) -> ByHand:
    read = ByHand()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        kind, _, rest = line.partition(" ")
        kind, rest = (kind, rest) if kind in _KINDS and rest else ("", line)
        genre = _genre(rest)
        if not key(genre.label) or (kind == "cut" and len(genre.parents) != 1):
            raise BadInput(f"Line {number} of what was made by hand cannot be read: {line!r}")
        match kind:
            case "root":
                read.roots.append(genre)
            case "head":
                read.heads.append(genre.label)
            case "cut":
                read.cuts.append((genre.label, genre.parents[0]))
            case _:
                read.genres.append(genre)
    return read


def _genre(text: str) -> Genre:
    names, _, parents = text.partition("<")
    label, _, aliases = names.partition("=")
    return Genre(label.strip(), None, _listed(aliases, ","), _listed(parents, ","))


def _known(named: Mapping[str, str], label: str) -> str:
    if key(label) not in named:
        raise BadInput(f"What was made by hand names “{label}”, which nothing defines.")
    return named[key(label)]


def _value(row: Any, name: str) -> str:
    return str(row[name]["value"]) if name in row else ""


def _listed(text: str, separator: str = "|") -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def written(taxonomy: Mapping[str, Any]) -> str:
    """The file's text: one genre a line, so that a change of the data can be read as a change of lines."""
    parts = []
    for name, value in taxonomy.items():
        if isinstance(value, dict):
            rows = (f"  {_json(inner)}: {_json(held)}" for inner, held in value.items())
            parts.append(f"{_json(name)}: {{\n" + ",\n".join(rows) + "\n }")
        else:
            parts.append(f"{_json(name)}: {_json(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    paths = [Path(given) for given in arguments] + [SNAPSHOT, BY_HAND, TAXONOMY][len(arguments) :]
    taxonomy = made(json.loads(paths[0].read_text()), paths[1].read_text())
    paths[2].write_text(written(taxonomy))
    print(f"{len(taxonomy['genres'])} genres, {len(taxonomy['aliases'])} other spellings", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
