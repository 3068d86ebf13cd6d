"""The key that signs sessions and seals secrets, kept beside the data it protects."""

import os
import secrets
from pathlib import Path


def read_or_make_secret_key(data_dir: Path) -> str:
    """The key in `data_dir`/secret.key (mode 0600), made by whichever process comes first."""
    path = data_dir / "secret.key"
    if not path.exists():
        fresh = data_dir / f"secret.key.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # fails when another process was faster: then its key is the key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
