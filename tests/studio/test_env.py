"""Settings come from the environment through one table; what is misspelt or malformed stops the start."""

import pytest
from cryptography.fernet import Fernet

from studio.env import SETTINGS, SettingError, read


def refused(**environ: str) -> str:
    with pytest.raises(SettingError) as refusal:
        read(environ)
    return str(refusal.value)


def test_without_an_environment_everything_has_its_default():
    values = read({})
    assert set(values) == {setting.name for setting in SETTINGS}
    assert (values["SLIPWAY_DEBUG"], values["SLIPWAY_LEASE_S"], values["SLIPWAY_HOSTS"]) == (False, 15.0, [])
    assert read({"SLIPWAY_LEASE_S": "", "PATH": "/bin", "HOME": "/"}) == values


def test_values_are_parsed():
    key = Fernet.generate_key().decode()
    values = read({
        "SLIPWAY_PROCESS_TARGET": "Yes", "SLIPWAY_DEBUG": "OFF", "SLIPWAY_START_TIMEOUT_S": "1.5",
        "SLIPWAY_HOSTS": "a.example, b.example,", "SLIPWAY_SEALING_KEYS": f"{key},{key}",
        "SLIPWAY_URL": "https://studio.example/", "DATABASE_URL": "postgresql://u:p@host:5432/db",
    })  # fmt: skip
    assert values["SLIPWAY_PROCESS_TARGET"] is True and values["SLIPWAY_DEBUG"] is False
    assert values["SLIPWAY_START_TIMEOUT_S"] == 1.5 and values["SLIPWAY_HOSTS"] == ["a.example", "b.example"]
    assert values["SLIPWAY_SEALING_KEYS"] == [key, key] and values["SLIPWAY_URL"] == "https://studio.example"


@pytest.mark.parametrize(("name", "meant"), [
    ("SLIPWAY_DATE", "SLIPWAY_DATA"), ("SLIPWAY_LEASE", "SLIPWAY_LEASE_S"),
    ("SLIPWAY_GATEWAYURL", "SLIPWAY_GATEWAY_URL"), ("SLIPWAY_STARTTIMEOUT_S", "SLIPWAY_START_TIMEOUT_S"),
])  # fmt: skip
def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(name, meant):
    assert refused(**{name: "1"}) == f"{name} is not a setting of the studio. Did you mean {meant}?"


def test_a_name_like_none_is_refused_too():
    assert refused(SLIPWAY_XYZZY="1") == "SLIPWAY_XYZZY is not a setting of the studio."


def test_the_command_lines_own_setting_is_not_the_studios_business():
    read({"SLIPWAY_CONFIG": "/somewhere/config.json"})


@pytest.mark.parametrize(("name", "value", "wanted"), [
    ("SLIPWAY_DEBUG", "perhaps", "on or off"),
    *[("SLIPWAY_LEASE_S", value, "a number above 0") for value in ("soon", "0", "-1", "nan", "inf", "1,5")],
    ("SLIPWAY_START_TIMEOUT_S", "5 min", "a number above 0"),
    *[("SLIPWAY_URL", value, "http://host:port") for value in ("localhost:8000", "ftp://x", "http://", "http://x:99999")],
    ("SLIPWAY_GATEWAY_URL", "studio.example", "http://host:port"),
    *[("SLIPWAY_BASE_IMAGE", value, "{python}") for value in ("x:{version}", "x:{}", "x:{python")],
    ("SLIPWAY_SEALING_KEYS", "too-short", "Fernet keys"),
    *[("DATABASE_URL", value, "postgresql://") for value in ("mysql://h/db", "nonsense", "postgresql://h:x/db")],
    ("REDIS_URL", "http://h", "redis://"),
    *[("S3_BUCKET", value, "3 to 63 letters") for value in ("a", "-models", "my models", "s3://models", "a" * 64)],
    *[("S3_ENDPOINT_URL", value, "without keys") for value in ("s3.example.org", "http://k:s@h", "http://h/?x=1")],
    *[("S3_PREFIX", value, "a path like") for value in ("a b", "a//b", "ä", "a/../b c")],
])  # fmt: skip
def test_a_malformed_value_is_refused_with_what_it_should_be(name, value, wanted):
    said = refused(**{name: value})
    assert said.startswith(f"{name}=") and wanted in said
    assert next(setting.meaning for setting in SETTINGS if setting.name == name) in said


def test_a_malformed_secret_is_not_repeated():
    assert "hush" not in refused(SLIPWAY_SEALING_KEYS="hush")
    assert "hush" not in refused(DATABASE_URL="mysql://u:hush@h/db")
    assert "hush" not in refused(REDIS_URL="http://u:hush@h")
    assert "hush" not in refused(S3_ENDPOINT_URL="http://key:hush@h")
    assert "hush" not in refused(S3_BUCKET="models", S3_ACCESS_KEY_ID="hush")


def test_a_bucket_is_named_with_its_server_and_its_keys():
    values = read({
        "S3_BUCKET": "models", "S3_ENDPOINT_URL": "http://s3.example:9000/", "S3_PREFIX": "/studio/blobs/",
        "S3_ACCESS_KEY_ID": "me", "S3_SECRET_ACCESS_KEY": "secret",
    })  # fmt: skip
    assert (values["S3_ENDPOINT_URL"], values["S3_PREFIX"]) == ("http://s3.example:9000", "studio/blobs/")
    assert read({"S3_BUCKET": "models"})["S3_PREFIX"] == ""


def test_settings_of_s3_that_lack_another_are_refused():
    assert "but S3_BUCKET is not" in refused(S3_ENDPOINT_URL="http://s3.example")
    assert "belong together" in refused(S3_BUCKET="models", S3_SECRET_ACCESS_KEY="hush")
    assert refused(S3_BUKET="models") == "S3_BUKET is not a setting of the studio. Did you mean S3_BUCKET?"
