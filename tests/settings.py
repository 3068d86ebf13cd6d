"""The studio's own settings over a data folder that goes with the test run."""

import os
import tempfile

_DATA = tempfile.TemporaryDirectory(prefix="slipway-tests-")
os.environ["SLIPWAY_DATA"] = _DATA.name
os.environ["SLIPWAY_PROCESS_TARGET"] = "on"

from studio.settings import *  # noqa: E402, F403

# Empty: what is collected is served by running studios; here it would only be listed for every client.
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # In a file: threads of a test share it, as threads of the studio do. It need not outlast a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": f"{_DATA.name}/test.sqlite3"}  # noqa: F405
