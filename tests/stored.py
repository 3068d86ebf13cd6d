"""Stores as the studio is set up with them: a folder, and a bucket of a real S3 server."""

from dataclasses import dataclass

import boto3
import pytest

from registry import stores
from tests.journeys.servers import s3

KEYS = {"S3_ACCESS_KEY_ID": "tester", "S3_SECRET_ACCESS_KEY": "a-secret-of-the-tests", "S3_REGION": "us-east-1"}


@dataclass
class Bucket:
    """What is really in the bucket, asked of S3 without the studio's code."""

    name: str
    endpoint: str

    @property
    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tester",
            aws_secret_access_key="other",
        )

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def unfinished(self) -> list[dict]:
        return self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    with s3(tmp_path_factory.mktemp("s3") / "log") as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3_server, settings, data_dir, request):
    """The studio keeps its content in it, below `studio/`."""
    found = Bucket(f"models-{abs(hash(request.node.nodeid))}", s3_server)
    found.client.create_bucket(Bucket=found.name)
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL, settings.S3_PREFIX = found.name, s3_server, "studio/"
    for name, value in KEYS.items():
        setattr(settings, name, value)
    return found


@pytest.fixture(params=["folder", "s3"])
def store(request, data_dir):
    """Each store in its turn."""
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return stores.current()


def spoil(store, sha256: str, content: bytes) -> None:
    """Other bytes where the content is, as a failing disk leaves them."""
    if hasattr(store, "path_of"):
        path = store.path_of(sha256)
        path.unlink()
        path.write_bytes(content)
    else:
        store._patient.put_object(Bucket=store._bucket, Key=store._key(sha256), Body=content)
