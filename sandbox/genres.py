"""The genres of the made-up catalogue: how common each is, how it sounds, what it is like."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Genre:
    """Means of the audio features (0..1, loudness in dB, tempo in BPM) and the habits of a genre.

    `tempo` holds (mean, spread). `sub` are second genres, each on a part of the genre's albums.
    """

    name: str
    weight: int
    energy: float
    danceability: float
    valence: float
    acousticness: float
    instrumentalness: float
    speechiness: float
    loudness: float
    tempo: tuple[float, float]
    minutes: float
    explicit: float
    first_year: int
    people: str
    mood: str
    sub: tuple[str, ...]


GENRES = (
    Genre("pop", 14, 0.66, 0.66, 0.55, 0.22, 0.01, 0.07, -6, (116, 18),
          3.4, 0.16, 1960, "solo", "love", ("synth-pop", "power pop", "singer-songwriter")),
    Genre("dance pop", 7, 0.78, 0.74, 0.62, 0.1, 0.02, 0.07, -5, (122, 10),
          3.3, 0.18, 1978, "solo", "party", ("disco", "electropop")),
    Genre("indie pop", 7, 0.55, 0.6, 0.5, 0.36, 0.08, 0.05, -8, (118, 20),
          3.6, 0.08, 1982, "band", "dream", ("dream pop", "bedroom pop", "chillwave")),
    Genre("rock", 12, 0.76, 0.5, 0.5, 0.14, 0.06, 0.05, -6.5, (126, 22),
          4, 0.07, 1960, "band", "road", ("classic rock", "alternative rock", "blues rock", "soft rock")),
    Genre("metal", 5, 0.93, 0.38, 0.3, 0.01, 0.18, 0.09, -4.6, (148, 24),
          4.8, 0.14, 1972, "dark", "doom", ("doom metal", "thrash metal", "symphonic metal")),
    Genre("punk", 3, 0.9, 0.46, 0.58, 0.03, 0.02, 0.08, -4.9, (168, 18),
          2.4, 0.22, 1975, "dark", "riot", ("pop punk", "post-punk")),
    Genre("hip hop", 9, 0.64, 0.76, 0.5, 0.16, 0.02, 0.24, -6.4, (96, 22),
          3.3, 0.58, 1984, "rap", "street", ("trap", "boom bap", "lo-fi beats")),
    Genre("r&b", 6, 0.52, 0.67, 0.5, 0.28, 0.02, 0.1, -7.4, (98, 20),
          3.7, 0.28, 1965, "solo", "love", ("neo soul", "slow jam")),
    Genre("soul", 4, 0.54, 0.62, 0.66, 0.42, 0.02, 0.05, -8.6, (108, 18),
          3.5, 0.02, 1960, "soul", "love", ("funk", "motown sound")),
    Genre("house", 6, 0.8, 0.79, 0.55, 0.05, 0.46, 0.06, -6.6, (124, 4),
          5.4, 0.05, 1986, "dj", "party", ("deep house", "tech house", "disco house")),
    Genre("techno", 4, 0.82, 0.72, 0.3, 0.03, 0.76, 0.06, -8, (132, 6),
          6.2, 0.01, 1988, "dj", "machine", ("minimal techno", "acid")),
    Genre("drum and bass", 3, 0.88, 0.57, 0.38, 0.04, 0.48, 0.08, -5.6, (173, 4),
          5, 0.05, 1993, "dj", "machine", ("liquid", "jungle")),
    Genre("ambient", 6, 0.14, 0.24, 0.16, 0.84, 0.88, 0.04, -21, (82, 20),
          5.2, 0, 1974, "still", "still", ("sleep", "drone", "new age")),
    Genre("classical", 5, 0.16, 0.28, 0.22, 0.94, 0.84, 0.04, -21.5, (98, 26),
          5, 0, 1960, "classical", "classical", ("piano", "baroque", "sleep")),
    Genre("jazz", 6, 0.36, 0.52, 0.5, 0.74, 0.44, 0.05, -13, (114, 28),
          5.1, 0, 1960, "jazz", "night", ("bebop", "vocal jazz", "cool jazz")),
    Genre("folk", 7, 0.32, 0.5, 0.42, 0.78, 0.06, 0.04, -12, (112, 24),
          3.8, 0.02, 1960, "folk", "field", ("singer-songwriter", "acoustic", "chamber folk")),
    Genre("country", 5, 0.62, 0.57, 0.6, 0.32, 0.01, 0.04, -7, (118, 24),
          3.4, 0.03, 1960, "folk", "road", ("americana", "bluegrass", "honky tonk")),
    Genre("latin", 7, 0.72, 0.74, 0.68, 0.22, 0.02, 0.09, -5.8, (104, 20),
          3.5, 0.18, 1962, "latin", "latin", ("reggaeton", "salsa", "bossa nova")),
    Genre("reggae", 3, 0.56, 0.76, 0.72, 0.2, 0.03, 0.11, -7.4, (92, 18),
          3.9, 0.06, 1968, "soul", "sun", ("dub", "roots reggae", "ska")),
)  # fmt: skip
