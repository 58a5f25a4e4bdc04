"""Find albums and tracks by words of their names: any words, in any order, each perhaps only begun.

The column `words` holds them without case, accents and punctuation (catalog.names), and so does the question.
"""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery, SearchVectorExact, SearchVectorField
from django.db.models import Func, Q

from catalog import names

MOST_WORDS = 10
# As the indexes hold them.
VECTOR = Func(
    "words", template="to_tsvector('simple', %(expressions)s)", output_field=SearchVectorField()
)  # fmt: skip


def having(term: str) -> Q | None:
    """Rows that have every word of the term; None where there is no word in it."""
    words = names.words(term).split()[:MOST_WORDS]
    if not words:
        return None
    query = " & ".join(f"'{word}':*" for word in words)
    return Q(SearchVectorExact(VECTOR, SearchQuery(query, search_type="raw", config="simple")))
