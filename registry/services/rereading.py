"""Reading a registered version's files again, for what a newer studio can tell of them."""

from registry import blobs
from registry.models import ModelVersion
from registry.reading import FactFile, read_facts


def read_again(version: ModelVersion) -> bool:
    """Facts and risk are replaced; signature and sample are kept where there are any. Whether anything changed.

    Raises BlobMissing, StoreUnavailable."""
    rows = version.files.values_list("path", "blob_id")
    facts = read_facts([FactFile(path, lambda sha=sha: blobs.open_blob(sha)) for path, sha in rows])
    before = (version.facts, version.risk, version.signature, version.sample_input)
    version.facts, version.risk = facts.kept(), facts.risk
    version.signature = version.signature or facts.signature
    if version.sample_input is None:
        version.sample_input = facts.sample_input
    version.save(update_fields=["facts", "risk", "signature", "sample_input"])
    return before != (version.facts, version.risk, version.signature, version.sample_input)
