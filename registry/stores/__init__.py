"""Where content is kept: a folder, or a bucket of S3 when the settings name one."""

from functools import lru_cache

from django.conf import settings

from registry.stores.base import Store
from registry.stores.folder import FolderStore

__all__ = ["Store", "current"]


def current() -> Store:
    if not settings.S3_BUCKET:
        return FolderStore(settings.DATA_DIR / "blobs")
    return _s3(
        settings.S3_BUCKET,
        settings.S3_ENDPOINT_URL,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        settings.S3_PREFIX,
    )


@lru_cache(maxsize=4)
def _s3(*named: str) -> Store:
    # boto3 takes tens of megabytes: only studios that keep content in S3 pay for it.
    from registry.stores.s3 import S3Store

    return S3Store(*named)
