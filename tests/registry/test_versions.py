"""Versions: numbered by the registry, made of an upload, kept while a service uses them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from registry import services, stores
from registry.errors import BlobMissing, NameInvalid, TagInvalid, UploadEmpty, VersionInUse, VersionNotFound
from registry.models import Model, ModelVersion, Upload
from registry.services import Reference
from registry.uploads import start_upload
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


def numbers(name="digits") -> list[int]:
    return sorted(ModelVersion.objects.filter(model__name=name).values_list("version", flat=True))


def test_versions_of_a_name_count_from_one(place, contributor):
    assert [objects.version(place, contributor).version for _ in range(3)] == [1, 2, 3]
    assert objects.version(place, contributor, "iris").reference == "iris:1"


def test_the_same_name_counts_apart_in_another_workspace(place, contributor, stranger):
    objects.version(place, contributor)
    assert objects.version(objects.workspace("elsewhere"), stranger).reference == "digits:1"


def test_a_number_is_never_given_twice_not_even_after_all_versions_are_deleted(place, contributor):
    for _ in range(2):
        services.delete_version(version=objects.version(place, contributor), by=contributor)
    assert objects.version(place, contributor).version == 3


@pytest.mark.django_db(transaction=True)
def test_eight_registrations_at_once_get_eight_numbers(place, contributor):
    waiting = [objects.upload(place, contributor, {"model.pkl": bytes([n])}) for n in range(8)]

    def register(upload):
        try:
            return services.register_model(workspace=place, name="digits", upload=upload, by=contributor).version
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(register, waiting))
    assert sorted(given) == list(range(1, 9)) == numbers()


@pytest.mark.django_db(transaction=True)
def test_one_upload_registered_twice_at_once_makes_one_version(place, contributor):
    upload = objects.upload(place, contributor, {"model.pkl": b"weights"})

    def register(name):
        try:
            return services.register_model(workspace=place, name=name, upload=upload, by=contributor).reference
        except UploadEmpty:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        made = [reference for reference in threads.map(register, ["a", "b", "a", "b"]) if reference]
    assert len(made) == 1 == ModelVersion.objects.count()


def test_a_version_holds_what_was_uploaded_and_said(place, contributor):
    version = objects.version(
        place, contributor, files={"net/a.bin": b"12345", "net/b.txt": b"678"}, framework="Custom",
        framework_version="1.2", description="Two files", tags={"area": "mnist"}, properties={"run": "7"},
    )  # fmt: skip
    assert version.tag_map == {"area": "mnist"} and version.property_map == {"run": "7"}
    assert (version.description, version.size_bytes, version.created_by) == ("Two files", 8, contributor)
    assert {file.path: file.blob.size for file in version.files.all()} == {"net/a.bin": 5, "net/b.txt": 3}
    assert not Upload.objects.exists()


@pytest.mark.parametrize("name", ["a", "0", "Digits_v2.1-final", "x" * 255])
def test_names_are_letters_digits_dots_dashes_and_underscores(place, contributor, name):
    assert objects.version(place, contributor, name).name == name


@pytest.mark.parametrize("name", ["", "-a", ".a", "_a", "a b", "a/b", "a:1", "ä", "x" * 256, "a\n", "a\x00", "../a"])
def test_other_names_are_refused_with_the_rule(place, contributor, name):
    with pytest.raises(NameInvalid, match="1 to 255 letters") as refusal:
        objects.version(place, contributor, name)
    assert len(refusal.value.detail) < 250 and not Model.objects.exists()


@pytest.mark.parametrize("wrong", [
    {"tags": {"": "x"}}, {"properties": {"a\x00": "x"}}, {"framework": "Sklearn"}, {"name": "a b"},
])  # fmt: skip
def test_a_registration_that_is_refused_leaves_its_upload_and_nothing_else(place, contributor, wrong):
    upload = objects.upload(place, contributor, {"model.pkl": b"weights"})
    with pytest.raises((TagInvalid, Invalid)):
        services.register_model(**{"workspace": place, "name": "digits", "upload": upload, "by": contributor, **wrong})
    assert Upload.objects.get().files.count() == 1
    assert not ModelVersion.objects.exists()


def test_an_upload_without_files_makes_no_version_and_uses_up_no_number(place, contributor):
    with pytest.raises(UploadEmpty):
        empty = start_upload(workspace=place, by=contributor)
        services.register_model(workspace=place, name="digits", upload=empty, by=contributor)
    assert objects.version(place, contributor).version == 1


def test_a_file_the_store_has_lost_is_noticed_before_a_version_is_made_of_it(place, contributor):
    upload = objects.upload(place, contributor, {"model.bin": b"weights"})
    stores.current().path_of(upload.files.get().blob_id).unlink()
    with pytest.raises(BlobMissing):
        services.register_model(workspace=place, name="digits", upload=upload, by=contributor)
    assert not ModelVersion.objects.exists()


def test_the_framework_is_guessed_unless_it_is_said(place, contributor):
    guessed = objects.version(place, contributor, files={"net.onnx": b""}, framework="")
    said = objects.version(place, contributor, files={"net.onnx": b""}, framework="Custom")
    assert (guessed.framework, said.framework) == ("Onnx", "Custom")


def test_tags_change_and_properties_do_not(place, contributor):
    version = objects.version(place, contributor, tags={"a": "1", "b": "2"}, properties={"run": "7"})
    services.update_version(version=version, by=contributor, tags={"b": "3", "c": "4"})
    assert version.tag_map == {"b": "3", "c": "4"} and version.property_map == {"run": "7"}
    services.update_version(version=version, by=contributor, description="new")
    assert version.tag_map == {"b": "3", "c": "4"} and version.description == "new"


def test_tags_that_are_refused_leave_the_old_ones(place, contributor):
    version = objects.version(place, contributor, tags={"a": "1"})
    with pytest.raises(TagInvalid):
        services.update_version(version=version, by=contributor, tags={"a": "2", "": "x"})
    assert version.tag_map == {"a": "1"}


def test_tags_of_500_characters_of_any_script_are_kept_and_found(place, contributor):
    key, value = "𝒌" * 500, "".join(chr(0x4E00 + n * 7) for n in range(500))
    version = objects.version(place, contributor, tags={key: value}, properties={key: value})
    found = version.tags.filter(key=key, value_head=value[:100], value=value)
    assert found.count() == 1


def test_a_version_is_found_by_its_members_only(place, contributor, stranger):
    version = objects.version(place, contributor)
    assert services.find_version(user=contributor, workspace=place, name="digits", version=1) == version
    for who, name, number in ((stranger, "digits", 1), (contributor, "digits", 2), (contributor, "Digits", 1)):
        with pytest.raises(VersionNotFound):
            services.find_version(user=who, workspace=place, name=name, version=number)


def test_a_name_alone_means_its_newest_version(place, contributor):
    objects.version(place, contributor)
    newest = objects.version(place, contributor)
    assert services.find_version(user=contributor, workspace=place, name="digits") == newest


@pytest.mark.parametrize(("reference", "parsed"), [
    ("digits:3", Reference("digits", 3)), ("digits", Reference("digits")),
    ("digits@champion", Reference("digits", alias="champion")),
    ("digits@v.1_a-b", Reference("digits", alias="v.1_a-b")),
])  # fmt: skip
def test_references_are_read_and_written(reference, parsed):
    assert services.parse_reference(reference) == parsed and str(parsed) == reference


@pytest.mark.parametrize("wrong", [
    "digits:", "digits:0", "digits:x", "digits:-1", "digits:²", "digits:" + "9" * 30, ":1", "digits@", "@champion",
    "digits:1@champion",
])  # fmt: skip
def test_wrong_references_are_refused(wrong):
    with pytest.raises(Invalid, match="is not name:version or name@alias"):
        services.parse_reference(wrong)


def test_a_version_in_use_is_not_deleted_and_its_services_are_named(place, contributor):
    version = objects.version(place, contributor)
    for name in ("reader", "another"):
        objects.deployment(place, contributor, name, models=[version.reference])
    with pytest.raises(VersionInUse, match="services another, reader") as refusal:
        services.delete_version(version=version, by=contributor)
    assert refusal.value.extras == {"services": ["another", "reader"]}
    assert services.users_of(version) == ["another", "reader"]
    assert ModelVersion.objects.filter(pk=version.pk).exists() and version.files.exists()


def test_a_version_is_free_once_its_service_is_gone(place, contributor):
    version = objects.version(place, contributor)
    objects.deployment(place, contributor, models=[version.reference]).revision.service.delete()
    services.delete_version(version=version, by=contributor)
    assert numbers() == []
