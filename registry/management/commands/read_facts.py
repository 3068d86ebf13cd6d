"""`manage.py read_facts`: read registered files again, for what this studio can tell of them."""

import sys
from collections.abc import Iterator

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from registry.models import ModelVersion
from registry.services.rereading import read_again
from workspaces.errors import Refusal

_AT_ONCE = 200


class Command(BaseCommand):
    help = (
        "Read facts, risk and signature again from the files of versions that an older studio registered. Signatures "
        "and samples that are there stay. Ends with exit code 1 when files cannot be read."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--all", action="store_true", help="all versions, not only those of an older studio")

    def handle(self, **options) -> None:
        found = ModelVersion.objects.select_related("model", "workspace")
        if not options["all"]:
            found = found.exclude(facts__has_key="risk_reasons")
        read = changed = failed = 0
        for version in _each(found):
            try:
                changed += read_again(version)
                read += 1
            except Refusal as exc:
                failed += 1
                self.stderr.write(f"{version.workspace.name}/{version.reference}: {exc.detail}")
        self.stdout.write(f"{read} versions read, {changed} of them changed.")
        if failed:
            sys.exit(1)


def _each(found: QuerySet[ModelVersion]) -> Iterator[ModelVersion]:
    """In the order of registration, with no query open while files are read."""
    last = 0
    while some := list(found.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield from some
        last = some[-1].pk
