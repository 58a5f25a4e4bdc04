"""Which genre lies under which: pairs that are right and pairs that are wrong, in many spellings."""

from __future__ import annotations

import pytest

from catalog.genres import taxonomy

UNDER = """
alternative rock < rock | indie rock < rock | indie rock < alternative | grunge < rock
classic rock < rock | hard rock < rock
punk rock < punk | punk rock < rock | hardcore punk < punk | post-punk < punk | pop punk < punk
emo < rock
death metal < metal | Heavy Metal < metal | nu metal < metal | djent < metal
melodic death metal < death metal | metalcore < metal
dance pop < pop | dance-pop < dance | synthpop < electronic | K-Pop < pop | j-pop < pop
indie pop < indie | bedroom pop < pop
hyperpop < pop | chanson < pop | schlager < pop | dream pop < indie
house < electronic | deep house < house | slap house < house | techno < dance | drum & bass < electronic
Drum'n'Bass < electronic
dubstep < electronic | psytrance < trance | synthwave < electronic | trip hop < electronic
IDM < electronic | dark ambient < ambient
ambient < electronic | amapiano < house | disco < dance | italo disco < disco | eurodance < dance
trap < hip hop | drill < hip hop | uk drill < hip hop | miami hip hop < hip hop | phonk < hip hop
boom bap < hip hop | rap < hip hop
grime < hip hop | deutschrap < hip hop | rap français < hip hop | lo-fi beats < hip hop
cloud rap < hip-hop
contemporary R&B < r&b | neo soul < soul | neo soul < rnb | motown < soul | slow jam < R'n'B
new jack swing < r&b | g-funk < hip hop
bebop < jazz | smooth jazz < jazz | big band < jazz | vocal jazz < jazz | jazz fusion < jazz
delta blues < blues | blues rock < blues | blues rock < rock | bluegrass < country | bluegrass < folk
americana < country
outlaw country < country | alt-country < country | celtic < folk | sea shanty < folk | indie folk < folk
reggaeton < latin | salsa < latin | bachata < latin | sertanejo < latin | corridos tumbados < latin
bossa nova < latin
trap latino < latin | regional mexican < latin | baile funk < brazilian | tango < latin
Reggaetón < latin
dub < reggae | dancehall < reggae | soca < caribbean | afrobeats < world | bhangra < world
qawwali < world | raï < world
baroque < classical | opera < classical | string quartet < classical | klassische Musik < classical
música clásica < classical
film score < soundtrack | video game music < soundtrack | bande originale < soundtrack
gospel < christian | worship < christian
noise < experimental | kinderlieder < children's | Weihnachtsmusik < christmas
lullaby < children's music | audiobook < spoken word
swedish indie rock < rock | canadian punk < punk | chicago house < house | norwegian black metal < metal
mellow pop < pop
Dance/Electronic < electronic | Hip-Hop/Rap < hip hop | musique électronique < electronic
rock music < rock | latin music < latin
"""
NOT_UNDER = """
trip hop < hip hop | trip-hop < hop | new jack swing < jazz | western swing < jazz | electro swing < jazz
baile funk < funk
brazilian funk < funk | g-funk < funk | reggaeton < reggae | folk metal < folk | death metal < rock
rock < alternative rock
hip hop < trap | pop < k-pop | jazz rap < jazz | country dance < dance | line dance < dance
rock opera < classical
chinese classical < classical | ska punk < reggae | synthwave < pop | ambient dub < reggae
dub techno < reggae
emo rap < rock | psychedelic rock < pop | soundtrack < classical | latin jazz < pop
symphonic metal < classical
grindcore < rock | indie folk < rock | acid jazz < house | soul jazz < blues | hardcore punk < electronic
video game metal < soundtrack
"""


def pairs(table):
    cells = [cell for line in table.strip().splitlines() for cell in line.split("|")]
    return [tuple(part.strip() for part in cell.split(" < ")) for cell in cells]


@pytest.mark.parametrize("track, asked", pairs(UNDER))
def test_a_policy_finds_what_lies_under_its_genre(track, asked):
    assert taxonomy.matches(asked, track)


@pytest.mark.parametrize("track, asked", pairs(NOT_UNDER))
def test_a_policy_does_not_find_what_only_sounds_alike(track, asked):
    assert not taxonomy.matches(asked, track)


def test_there_are_more_pairs_than_eighty():
    assert len(set(pairs(UNDER) + pairs(NOT_UNDER))) == len(pairs(UNDER) + pairs(NOT_UNDER)) > 140


def test_a_genre_is_under_itself_in_every_spelling():
    assert taxonomy.name("Alt-Rock") == taxonomy.name("alternative rock")
    assert taxonomy.matches("RnB", "R&B")
    assert taxonomy.matches("hiphop", "Hip Hop Music")
    assert taxonomy.matches("Nü-Metal", "nu metal")


def test_an_unknown_label_is_its_own_and_finds_itself_alone():
    assert taxonomy.expand(["zzyx core"]) == ["zzyx core"]
    assert taxonomy.matches("ZZYX-Core", "zzyx core")
    assert not taxonomy.is_known("zzyx core")


def test_the_last_words_of_an_unknown_label_say_what_it_is():
    assert taxonomy.expand(["swedish indie rock"]) == [
        "alternative", "alternative rock", "indie", "indie rock", "rock", "swedish indie rock",
    ]  # fmt: skip
    assert taxonomy.is_known("swedish indie rock")


def test_a_last_word_that_is_no_head_says_nothing():
    assert taxonomy.expand(["lindy swing"]) == ["lindy swing"]


def test_labels_without_letters_are_nothing():
    assert taxonomy.expand(["", "  ", "!!!"]) == []
    assert taxonomy.ancestors_or_self("?") == frozenset()
    assert not taxonomy.matches("", "")
    assert not taxonomy.matches("!!!", "???")


def test_a_track_stores_the_names_of_all_its_labels_and_of_all_above_them_once():
    assert taxonomy.expand(["Trip-Hop", "trip hop", "rock music"]) == [
        "downtempo", "electronic", "rock", "trip hop",
    ]  # fmt: skip


def test_what_is_stored_and_what_is_asked_meet_in_names():
    for label in ("r&b", "Drum & Bass", "children's music", "K-Pop", "Noël"):
        assert taxonomy.name(label) in taxonomy.expand([label])


def test_people_read_labels_and_not_names():
    assert taxonomy.label_of("r and b") == "r&b"
    assert taxonomy.label_of("zzyx core") == "zzyx core"


def test_the_vocabulary_has_every_spelling_and_every_name_in_it_is_a_genre():
    labels = taxonomy.all_labels()

    assert labels["rap"] == labels["hip hop"] == "hip hop"
    assert set(labels.values()) == set(taxonomy.loaded().genres)
    assert all(spelling == taxonomy.key(spelling) for spelling in labels)


def test_there_are_at_least_a_thousand_genres_and_nearly_all_lie_under_a_root():
    genres, roots = taxonomy.loaded().genres, set(taxonomy.roots())
    rootless = [name for name in genres if not taxonomy.ancestors_or_self(name) & roots]

    assert len(genres) > 1000
    assert 25 <= len(roots) <= 40
    assert len(rootless) < 20
