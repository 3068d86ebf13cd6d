"""The studio's own settings over a data folder that goes with the test run."""

import os
import tempfile

_DATA = tempfile.TemporaryDirectory(prefix="slipway-tests-")
os.environ["SLIPWAY_DATA"] = _DATA.name
os.environ["SLIPWAY_PROCESS_TARGET"] = "on"

from studio.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
