"""`manage.py verify`: read stored content again, and say what is no longer what was registered."""

import sys
import time
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet, Sum

from registry import stores
from registry.models import Blob, VersionFile
from registry.services.verifying import hit_by_damage, verify_blob
from workspaces.errors import Refusal
from workspaces.models import Workspace

_AT_ONCE = 500
_TELL_S = 5.0


class Command(BaseCommand):
    help = (
        "Read stored files again and compare them with what was registered. Ends with exit code 1 when something is "
        "damaged, and says which versions are hit. Uploading the same file again mends it."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--all", action="store_true", help="everything in the store")
        parser.add_argument("--workspace", metavar="W", help="only versions of this workspace")
        parser.add_argument("--model", metavar="NAME[:V]", help="only versions of this model, or only this version")

    def handle(self, *, workspace: str | None, model: str | None, verbosity: int, **options) -> None:
        if bool(options["all"]) == bool(workspace or model):
            raise CommandError("Say what to verify: --all, or --workspace W, --model NAME[:V] or both.")
        try:
            stores.current().check()
            wanted = Blob.objects.all() if options["all"] else _of_versions(workspace, model)
            damaged = self._verify(wanted, _Progress(wanted, self.stderr.write if verbosity else None))
        except Refusal as exc:
            raise CommandError(f"{exc.detail} {exc.advice}".strip()) from exc
        if damaged:
            self.stdout.write(f"{damaged} damaged. Upload the same files again, or restore the store from a backup.")
            sys.exit(1)
        self.stdout.write("Everything is as it was registered.")

    def _verify(self, wanted: QuerySet[Blob], progress: "_Progress") -> int:
        damaged = 0
        for blob in _each(wanted):
            outcome = verify_blob(blob, progress.read)
            progress.done()
            if outcome != "ok":
                damaged += 1
                self.stdout.write(f"{outcome}: {blob.pk} ({blob.size} bytes)")
                for use in hit_by_damage(blob) or ["nothing refers to it"]:
                    self.stdout.write(f"    {use}")
        progress.tell()
        return damaged


def _of_versions(workspace: str | None, model: str | None) -> QuerySet[Blob]:
    files = VersionFile.objects.all()
    if workspace:
        if not Workspace.objects.filter(name=workspace).exists():
            raise CommandError(f"There is no workspace {workspace!r}.")
        files = files.filter(version__workspace__name=workspace)
    if model:
        name, number = _named(model)
        files = files.filter(version__model__name=name, **({"version__version": number} if number else {}))
        if not files.exists():
            raise CommandError(f"There is no model version {model!r}{f' in {workspace!r}' if workspace else ''}.")
    return Blob.objects.filter(pk__in=files.values("blob_id"))


def _named(model: str) -> tuple[str, int | None]:
    name, _, number = model.partition(":")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise CommandError(f"{model!r} is not NAME or NAME:VERSION.")
    return name, int(number) if number else None


def _each(wanted: QuerySet[Blob]) -> Iterator[Blob]:
    """All of them, with no query open while one is read, which may take an hour."""
    last = ""
    while some := list(wanted.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        for blob in some:
            if fresh := Blob.objects.filter(pk=blob.pk).first():
                yield fresh
        last = some[-1].pk


class _Progress:
    """Says now and then how far it is."""

    def __init__(self, wanted: QuerySet[Blob], write) -> None:
        self._count, self._bytes = wanted.count(), wanted.aggregate(total=Sum("size"))["total"] or 0
        self._files_done = self._bytes_read = 0
        self._write, self._told = write, time.monotonic()

    def read(self, size: int) -> None:
        self._bytes_read += size
        if time.monotonic() - self._told > _TELL_S:
            self.tell()

    def done(self) -> None:
        self._files_done += 1

    def tell(self) -> None:
        self._told = time.monotonic()
        if self._write:
            read, all_of_it = f"{self._bytes_read / 1e9:.2f}", f"{self._bytes / 1e9:.2f} GB"
            self._write(f"{self._files_done} of {self._count} contents read, {read} of {all_of_it}")
