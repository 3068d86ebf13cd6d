"""Content in a bucket of S3, or of a server that speaks like it."""

import io
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import boto3
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from registry.errors import BlobMissing
from registry.stores.s3_errors import is_missing, refusal_of
from registry.stores.s3_reading import ObjectReader

_MB = 1024 * 1024
# Parts are read from the file as they are sent; boto3 makes them larger where S3's 10,000 would not do.
_TRANSFER = TransferConfig(
    multipart_threshold=16 * _MB, multipart_chunksize=16 * _MB, max_concurrency=4, preferred_transfer_client="classic"
)
_BUFFER = 256 * 1024


class S3Store:
    """See `Store`. A file's key is `{prefix}{first two characters}/{digest}`, as in the folder.

    An object is there once it is whole: S3 shows neither half an object nor a multipart upload that goes on."""

    def __init__(self, bucket: str, endpoint: str, region: str, key_id: str, secret: str, prefix: str) -> None:
        self._bucket, self._prefix = bucket, prefix
        self._where = f"bucket {bucket!r} at {endpoint}" if endpoint else f"bucket {bucket!r}"
        self._named = {"endpoint_url": endpoint or None, "region_name": region or None}
        self._named |= {"aws_access_key_id": key_id or None, "aws_secret_access_key": secret or None}
        self._session: boto3.session.Session | None = None
        self._clients: dict[str, BaseClient] = {}
        self._making = threading.Lock()

    def check(self) -> None:
        probe = f"{self._prefix}arriving/check"
        with self._said():
            self._quick.put_object(Bucket=self._bucket, Key=probe, Body=b"")
            self._quick.delete_object(Bucket=self._bucket, Key=probe)

    def put(self, path: Path, sha256: str) -> None:
        with self._said():
            self._patient.upload_file(str(path), self._bucket, self._key(sha256), Config=_TRANSFER)

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        reader = ObjectReader(lambda position: self._get(sha256, position), start)
        return io.BufferedReader(reader, _BUFFER)

    def _get(self, sha256: str, position: int):
        """S3's answer from byte `position`. Raises BlobMissing."""
        ranged = {"Range": f"bytes={position}-"} if position else {}
        with self._said(sha256):
            return self._patient.get_object(Bucket=self._bucket, Key=self._key(sha256), **ranged)

    def size_of(self, sha256: str) -> int | None:
        try:
            with self._said(sha256):
                return self._quick.head_object(Bucket=self._bucket, Key=self._key(sha256))["ContentLength"]
        except BlobMissing:
            return None

    def missing(self, sha256s: Iterable[str]) -> set[str]:
        wanted = list(set(sha256s))
        with ThreadPoolExecutor(max_workers=8) as threads:
            return {sha for sha, size in zip(wanted, threads.map(self.size_of, wanted), strict=True) if size is None}

    def delete(self, sha256: str) -> None:
        with self._said():
            self._quick.delete_object(Bucket=self._bucket, Key=self._key(sha256))

    def names(self, shard: str) -> Iterator[tuple[str, int]]:
        under = f"{self._prefix}{shard}/"
        with self._said():
            for page in self._patient.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=under):
                for found in page.get("Contents", []):
                    name = found["Key"].removeprefix(under)
                    if len(name) == 64:
                        yield name, found["Size"]

    def drop_leftovers(self, older_than: timedelta) -> int:
        dropped, old = 0, datetime.now(UTC) - older_than
        with self._said():
            pages = self._patient.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for begun in page.get("Uploads", []):
                    if begun["Initiated"] < old:
                        self._abort(begun)
                        dropped += 1
        return dropped

    def _abort(self, begun: dict) -> None:
        self._patient.abort_multipart_upload(Bucket=self._bucket, Key=begun["Key"], UploadId=begun["UploadId"])

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256}"

    @property
    def _patient(self) -> BaseClient:
        """For bytes."""
        return self._client("patient", connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 4})

    @property
    def _quick(self) -> BaseClient:
        """For questions asked while a lock is held: in less time than others wait for it (20 s on SQLite)."""
        return self._client("quick", connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})

    def _client(self, name: str, *, retries: dict, **timeouts: int) -> BaseClient:
        with self._making:  # sessions are not for several threads, clients are
            if name not in self._clients:
                style = {"addressing_style": "path"} if self._named["endpoint_url"] else {}
                config = Config(s3=style, retries=retries | {"mode": "standard"}, tcp_keepalive=True, **timeouts)
                self._clients[name] = self._made(config)
            return self._clients[name]

    def _made(self, config: Config) -> BaseClient:
        # One session: each reads the description of S3 anew, which takes 12 MB.
        self._session = self._session or boto3.session.Session()
        region = self._named["region_name"] or self._session.region_name or "us-east-1"
        return self._session.client("s3", config=config, **self._named | {"region_name": region})

    @contextmanager
    def _said(self, sha256: str = "") -> Iterator[None]:
        """What S3 and the way to it come up with, as the store's own errors."""
        try:
            yield
        except S3UploadFailedError as exc:
            raise refusal_of(exc.__context__ or exc, self._where) from exc
        except ClientError as exc:
            if sha256 and is_missing(exc):
                raise BlobMissing.of(sha256) from None
            raise refusal_of(exc, self._where) from exc
        except BotoCoreError as exc:
            raise refusal_of(exc, self._where) from exc
