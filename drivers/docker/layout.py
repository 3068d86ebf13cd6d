"""Where things lie inside images, and the labels that say whose they are."""

from pathlib import PurePosixPath

APP_ROOT = PurePosixPath("/var/azureml-app")
ENVIRONMENT = PurePosixPath("/opt/slipway/environment")
RUNTIME = PurePosixPath("/opt/slipway/runtime")
PYTHON = ENVIRONMENT / "bin" / "python"
PORT = 5001

USER = "65532:65532"
"""Neither root nor anyone else of the image; the number that distroless images call nonroot."""

OWNER = "slipway.owner"
WORKLOAD = "slipway.workload"
DIGEST = "slipway.digest"
FINGERPRINT = "slipway.environment"
MAGIC = "slipway.python-magic"
BASE_BYTES = "slipway.base-bytes"

ENVIRONMENT_REPOSITORY = "slipway-env"
PACKAGE_REPOSITORY = "slipway-package"
