"""The console's intake form: album links as text or as a file, a label, and how urgent they are."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.intake import submissions

PRIORITIES = [(0, "Normal"), (10, "Before the others"), (-10, "When nothing else waits")]


class IntakeForm(forms.Form):
    """Whether the links are any good is the domain's to say; the form only finds out which text is meant."""

    text = forms.CharField(
        label="Album links",
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 12, "placeholder": "https://open.spotify.com/album/…", "spellcheck": "false"}
        ),
        help_text="One a line: links, uris or ids; lines that begin with # are comments. At most 10,000.",
    )
    file = forms.FileField(
        label="or a text or CSV file",
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,.csv,text/plain"}),
        help_text="At most 2 MB.",
    )
    label = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text="How people will find this batch again.",
    )
    priority = forms.TypedChoiceField(
        coerce=int,
        choices=PRIORITIES,
        initial=0,
        required=False,
        empty_value="0",
        widget=UnfoldAdminSelectWidget(),
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload is None:
            return ""
        try:
            return submissions.decoded(upload.read(submissions.MAX_BYTES + 1))
        except submissions.RefusedSubmission as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pasted, filed = cleaned.get("text", ""), cleaned.get("file", "")
        if pasted.strip() and filed.strip():
            raise forms.ValidationError("Paste links or choose a file, not both.")
        cleaned["text"] = pasted if pasted.strip() else filed
        return cleaned
