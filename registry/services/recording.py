"""What is found out of a version after it was registered."""

from registry.errors import SignatureInvalid
from registry.models import ModelVersion
from registry.reading import signature


def record_signature(*, version: ModelVersion, told: object, source: str) -> bool:
    """Keep what a loaded model told, unless somebody said it first; whether it is kept."""
    try:
        found = signature.checked(told, source=source) if isinstance(told, dict) else {}
    except SignatureInvalid:  # more columns than are kept, or no signature at all
        return False
    if not found or not (found["inputs"] or found["outputs"]):
        return False
    return bool(ModelVersion.objects.filter(pk=version.pk, signature={}).update(signature=found))


def record_sample_input(*, version: ModelVersion, sample_input: object) -> bool:
    """The same for a sample of its input."""
    empty = ModelVersion.objects.filter(pk=version.pk, sample_input__isnull=True)
    return bool(empty.update(sample_input=sample_input))
