"""Check a policy document: one line per mistake, or its digest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.strict_input import json_text
from curation.policy import language


class Command(BaseCommand):
    help = "Validate a vibe.policy/1 document. Prints JSON; exit code 0 valid, 1 not, 2 usage."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        errors, digest = _examine(_read(options["file"]))
        answer = {"valid": not errors, "digest": digest, "errors": errors}
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))
        if errors:
            sys.exit(1)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} can not be read: {error}", returncode=2) from error


def _examine(text: str) -> tuple[list[dict[str, str]], str | None]:
    """(mistakes, digest if there are none); an example file holds its policy under "policy"."""
    try:
        document = json_text.read(text)
        if isinstance(document, dict) and "schema" not in document and "policy" in document:
            document = document["policy"]
        return [], language.digest(language.parse(document))
    except (json_text.Refused, language.PolicyError) as error:
        return error.errors, None
