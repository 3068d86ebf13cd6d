"""`manage.py read_facts` brings versions of an older studio up to what this one can tell."""

import io
import pickle

import pytest
from django.core.management import call_command
from sklearn.preprocessing import StandardScaler

from registry import stores
from registry.models import ModelVersion
from tests import objects
from tests.registry.payloads import Payload

pytestmark = pytest.mark.django_db


def read_facts(*arguments) -> str:
    out = io.StringIO()
    call_command("read_facts", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def as_an_older_studio_left_it(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(facts={"why": "old"}, risk="unknown", signature={})


def test_old_versions_are_read_again_and_new_ones_left_alone(place, contributor):
    old = objects.version(place, contributor, files={"model.pkl": pickle.dumps(Payload("x"))})
    new = objects.version(place, contributor, files={"model.pkl": pickle.dumps(StandardScaler())})
    as_an_older_studio_left_it(old)
    ModelVersion.objects.filter(pk=new.pk).update(risk="unknown")
    assert "1 versions read, 1 of them changed" in read_facts()
    assert [version.risk for version in ModelVersion.objects.order_by("pk")] == ["unsafe", "unknown"]
    assert "2 versions read, 1 of them changed" in read_facts("--all")
    new.refresh_from_db()
    assert new.risk == "known"


def test_what_was_said_of_a_version_stays(place, contributor):
    said = {"inputs": [{"name": "mine", "type": "", "shape": None}], "outputs": [], "source": "me"}
    version = objects.version(place, contributor, signature=said, sample_input=[1])
    read_facts("--all")
    version.refresh_from_db()
    assert (version.signature, version.sample_input) == (said, [1])


def test_a_version_whose_file_is_gone_does_not_stop_the_others(place, contributor):
    gone = objects.version(place, contributor, files={"model.pkl": b"gone"})
    left = objects.version(place, contributor, files={"model.pkl": pickle.dumps(StandardScaler())})
    as_an_older_studio_left_it(gone)
    as_an_older_studio_left_it(left)
    stores.current().delete(gone.files.get().blob_id)
    with pytest.raises(SystemExit):
        read_facts()
    left.refresh_from_db()
    assert left.risk == "known"
