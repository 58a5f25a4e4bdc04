"""Artists' genres: who is asked for them and in which order, what answers mean, which genre is under which.

Spotify says nothing any more about the genres of albums; genres belong to artists, and free sources know
them. The walk, for whoever keeps the rows:

1. `sources.configured(now=...)` gives the providers in the configured order, each with its own pace and
   breaker; `sources.missing()` says in a sentence each what keeps the others from being asked.
2. One provider after the other, serially, in the enrich stage and never in a request: take at most
   `provider.artists_per_call` artists of which this source has no answer that is still believed, and call
   `provider.lookup({Spotify artist id: MBID or ""})`. The MBID is one that an earlier source found; with
   it ListenBrainz need not ask MusicBrainz. Artists without tracks need no asking.
3. Every artist asked for comes back as `Found`, `NoGenre` or `Absent`: one source row per (artist, source)
   with genres, votes, qid, mbid, country, the outcome and when, believed for `provider.KEPT`: found 180 days,
   no genre 90, absent 30. A later source is asked about whom the earlier ones have no genres of.
   `GenresError` is no answer: nothing is stored, the source rests for its `seconds` (the breaker holds that
   for all processes), `permanent` means that a person must do something, and the next source has its turn.
4. What operators say wins: `imports.rows(lines)` (source "import") and their tags before any source.
5. The artist's genres are the labels of the first source in order that has any, as it writes them; a track
   stores `taxonomy.expand(...)` over all its artists' genres and tags and its album's: an array of names
   with a GIN index. A policy's genre is `taxonomy.name(label)`, found with `&&`. An empty array is unknown,
   and the policy's `missing` decides. Rows expanded under another `taxonomy.loaded().version` are expanded
   again.

Files: `provider` the interface · `sources` the settings made providers · `vendor` one request · `wikidata`,
`musicbrainz` (links only), `listenbrainz`, `spotify` · `imports` files · `taxonomy` which lies under which,
`spelling` when two labels are one, `make_taxonomy` how data/taxonomy.json is made · `ask` who is asked
about whom · `artist_rows` what an artist's row says, `on_tracks` what tracks keep of it.
"""
