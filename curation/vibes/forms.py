"""The forms of the vibe page: the sentence with its few choices, and one album link."""

from __future__ import annotations

from django import forms

from catalog.intake import links, submissions
from curation.vibes import parser

LENGTHS = [
    ("", "As the sentence says"),
    ("10", "10 songs"),
    ("20", "20 songs"),
    ("30", "30 songs"),
    ("50", "50 songs"),
]
ERAS = [
    ("", "Any time"),
    ("new", "The last three years"),
    *((f"{year}s", f"{year}s") for year in range(2020, 1950, -10)),
]
ENERGIES = [
    ("", "As the sentence says"),
    ("low energy", "Low"),
    ("medium energy", "Medium"),
    ("high energy", "High"),
]
# Words that the result page offers to add to the sentence.
MORE = [
    "more energy",
    "calmer",
    "happier",
    "sadder",
    "acoustic",
    "danceable",
    "no vocals",
    "hidden gems",
    "nothing explicit",
]


class VibeForm(forms.Form):
    """`wishes()` is what the choices beside the box say, in words the interpreter knows."""

    vibe = forms.CharField(
        label="How should it feel?",
        max_length=parser.MAX_TEXT,
        error_messages={
            "required": "Write a few words first: a mood, a genre, a decade, an occasion.",
            "max_length": "That is %(show_value)d characters; 300 is the most.",
        },
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "true"}),
    )
    more = forms.CharField(required=False, max_length=40)
    count = forms.TypedChoiceField(
        label="Length", choices=LENGTHS, required=False, coerce=int, empty_value=None
    )
    era = forms.ChoiceField(label="Era", choices=ERAS, required=False)
    energy = forms.ChoiceField(label="Energy", choices=ENERGIES, required=False)
    no_explicit = forms.BooleanField(label="Leave out explicit songs", required=False)

    def sentence(self) -> str:
        said, more = self.cleaned_data["vibe"], self.cleaned_data["more"]
        return f"{said[: parser.MAX_TEXT - len(more) - 2]}, {more}" if more else str(said)

    def wishes(self) -> str:
        return ", ".join(word for word in (self.cleaned_data["era"], self.cleaned_data["energy"]) if word)

    def described_by(self) -> str:
        return "vibe-hint vibe-error" if self.errors.get("vibe") else "vibe-hint"


class AlbumForm(forms.Form):
    """One link to an album on Spotify, or what was shared around it."""

    url = forms.CharField(
        label="Album link",
        max_length=links.LONGEST,
        error_messages={"required": "Paste the album's link first."},
    )

    def clean_url(self) -> str:
        try:
            return submissions.one(self.cleaned_data["url"])
        except submissions.RefusedSubmission as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
