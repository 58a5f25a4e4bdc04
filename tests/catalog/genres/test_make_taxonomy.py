"""How the taxonomy is made: the same file from the same input, circles cut, hands before Wikidata."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from catalog.genres import make_taxonomy


def snapshot(*lines):
    """Rows from `label = alias, alias < parent, parent`, the shape of the query's answer."""
    rows = []
    for line in lines:
        genre = make_taxonomy._genre(line)
        said = {"gl": genre.label, "aliases": "|".join(genre.aliases), "parents": "|".join(genre.parents)}
        rows.append({name: {"type": "literal", "value": value} for name, value in said.items()})
    return {"head": {"vars": ["g", "gl", "aliases", "parents"]}, "results": {"bindings": rows}}


def parents(made):
    return {name: entry["parents"] for name, entry in made["genres"].items()}


def test_the_committed_file_is_what_the_committed_inputs_make():
    made = make_taxonomy.made(
        json.loads(make_taxonomy.SNAPSHOT.read_text()), make_taxonomy.BY_HAND.read_text()
    )

    assert make_taxonomy.written(made) == make_taxonomy.TAXONOMY.read_text()


def test_the_script_runs_offline_on_its_input(tmp_path):
    (tmp_path / "wikidata.json").write_text(json.dumps(snapshot("indie rock < rock")))
    (tmp_path / "by_hand.txt").write_text("root rock\n")
    paths = [str(tmp_path / name) for name in ("wikidata.json", "by_hand.txt", "out.json")]

    subprocess.run([sys.executable, "-m", "catalog.genres.make_taxonomy", *paths], check=True)

    assert parents(json.loads((tmp_path / "out.json").read_text())) == {"rock": [], "indie rock": ["rock"]}


def test_circles_are_cut_at_the_same_link_whatever_the_order_of_the_rows():
    lines = ["a < c", "b < a", "c < b", "d < d", "e < a, d"]
    results = set()
    for seed in range(20):
        shuffled = lines[:]
        random.Random(seed).shuffle(shuffled)
        results.add(make_taxonomy.written(make_taxonomy.made(snapshot(*shuffled), "")))

    assert len(results) == 1
    assert parents(json.loads(results.pop())) == {"a": ["c"], "b": ["a"], "c": [], "d": [], "e": ["a", "d"]}


def test_a_link_made_by_hand_stands_where_one_of_the_two_must_go():
    assert parents(make_taxonomy.made(snapshot("a < b", "b"), "b < a")) == {"a": [], "b": ["a"]}


def test_a_root_takes_over_its_classes_and_forgets_what_they_were_under():
    made = make_taxonomy.made(
        snapshot("heavy metal = trad metal < rock", "rock", "doom metal < heavy metal"),
        "root metal = heavy metal\nroot rock",
    )

    assert parents(made) == {"metal": [], "rock": [], "doom metal": ["metal"]}
    assert made["aliases"] == {"heavy metal": "metal", "trad metal": "metal"}


def test_what_stands_after_a_roots_sign_stays():
    made = make_taxonomy.made(snapshot("reggae < world"), "root caribbean\nroot reggae < caribbean")

    assert parents(made)["reggae"] == ["caribbean"]


def test_a_link_can_be_cut_by_hand():
    made = make_taxonomy.made(
        snapshot("trip hop < downtempo, hip hop", "downtempo", "hip hop"), "cut trip hop < hip hop"
    )

    assert parents(made)["trip hop"] == ["downtempo"]


def test_a_label_comes_before_an_alias_of_another():
    made = make_taxonomy.made(snapshot("a = b", "b"), "")

    assert (parents(made), made["aliases"]) == ({"a": [], "b": []}, {})


def test_superclasses_that_are_no_genres_here_are_left_out():
    assert parents(make_taxonomy.made(snapshot("rock < popular music of the world"), "")) == {"rock": []}


@pytest.mark.parametrize(
    "hand, said",
    [("a < nowhere", "nowhere"), ("cut a", "Line 1"), ("head nobody", "nobody"), ("= x", "Line 1")],
)
def test_a_mistake_made_by_hand_is_named(hand, said):
    with pytest.raises(make_taxonomy.BadInput, match=said):
        make_taxonomy.made(snapshot("a"), hand)


@pytest.mark.parametrize("body", [None, [], {}, {"results": {"bindings": [7]}}, {"results": {"bindings": 7}}])
def test_an_input_of_another_shape_is_refused(body):
    with pytest.raises(make_taxonomy.BadInput, match="SPARQL"):
        make_taxonomy.made(body, "")
