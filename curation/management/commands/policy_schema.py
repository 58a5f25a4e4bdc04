"""Print the policy language as JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from curation.policy import language


class Command(BaseCommand):
    help = "Print the JSON Schema of vibe.policy/1."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(language.json_schema(), indent=2))
