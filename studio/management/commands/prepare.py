"""`manage.py prepare`: everything a studio needs before its processes start. Safe to run again."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from filelock import FileLock

import studio
from deployments.targets import refresh_targets
from registry import stores
from workspaces.errors import Refusal
from workspaces.models import User
from workspaces.setup import DEFAULT_WORKSPACE, create_first_account
from workspaces.tokens import create_token, user_of


class Command(BaseCommand):
    help = "Migrate the database, collect static files, make the first account and write config.json."

    def handle(self, *args, **options) -> None:
        try:
            stores.current().check()
        except Refusal as exc:
            raise CommandError(f"{exc.detail} {exc.advice}") from exc
        self._migrate()
        self._collect_static()
        first = create_first_account()
        if first:
            _write_private(settings.DATA_DIR / "first-password", first.password)
        self._write_config(first.token if first else None)
        refresh_targets()
        self.stdout.write(json.dumps(self._account()))

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        """Once per version of the static files: compressing them takes seconds."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        stamp = settings.STATIC_ROOT / ".stamp"
        # Several studios may run from one checkout; names carry hashes, so old files stay for those still open.
        with FileLock(settings.STATIC_ROOT / ".lock"):
            state = _newest_change(settings.STATICFILES_DIRS[0])
            if not stamp.exists() or stamp.read_text() != state:
                call_command("collectstatic", interactive=False, verbosity=0)
                stamp.write_text(state)

    def _write_config(self, token: str | None) -> None:
        path = settings.DATA_DIR / "config.json"
        known = _read_config(path)
        if token is None:
            token = known.get("token", "")
            if user_of(token) is None:
                owner = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
                token = create_token(user=owner, name="command line on this machine")[1] if owner else ""
        workspace = known.get("workspace", DEFAULT_WORKSPACE)
        config = {"url": settings.STUDIO_URL, "workspace": workspace, "token": token}
        _write_private(path, json.dumps(config, indent=2) + "\n")

    def _account(self) -> dict[str, str | None]:
        user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        kept = settings.DATA_DIR / "first-password"
        password = kept.read_text() if kept.exists() else None
        if user is None or password is None or not user.check_password(password):
            password = None
        return {"username": user.username if user else None, "password": password}


def _read_config(path: Path) -> dict[str, str]:
    """What stood there before; nothing when it is gone or was damaged, for then it is written anew."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _newest_change(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    return f"{studio.__version__} {len(files)} {newest}"


def _write_private(path: Path, text: str) -> None:
    """Readable by this account only, and never half written."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    os.replace(aside, path)
