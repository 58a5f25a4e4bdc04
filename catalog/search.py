"""Find albums and tracks by words of their names: any words, in any order, each perhaps only begun."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVectorExact, SearchVectorField
from django.db.models import Func, Q

MOST_WORDS = 10
_WORD = re.compile(r"[^\W_]+")
# PostgreSQL's parser takes "AC/DC" for a path, "will.i.am" for a host and "-5" for a number: none is found by
# its parts. With gaps in place of these signs it finds the words alone.
_VECTOR = "to_tsvector('simple', translate(%(expressions)s, './@<>&_-+', '         '))"


def words_of(*columns: str) -> Func:
    """The words of these columns together, as the indexes hold them."""
    return Func(*columns, arg_joiner=" || ' ' || ", template=_VECTOR, output_field=SearchVectorField())


def having(term: str, *columns: str) -> Q | None:
    """Rows whose columns together have every word of the term; None where there is no word in it."""
    words = _WORD.findall(term)[:MOST_WORDS]
    if not words:
        return None
    query = " & ".join(f"'{word}':*" for word in words)
    return Q(SearchVectorExact(words_of(*columns), SearchQuery(query, search_type="raw", config="simple")))
