"""Versions side by side, with what differs told apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Prefetch, prefetch_related_objects

from registry.models import ModelVersion, VersionFile
from workspaces.errors import Invalid

FEWEST, MOST = 2, 10


@dataclass(frozen=True, slots=True)
class Number:
    kind: ClassVar = "number"
    value: float

    def __str__(self) -> str:
        """The shortest text that reads as the same number: 0.93, 1, 1e-05."""
        return repr(float(self.value)).removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Moment:
    kind: ClassVar = "moment"
    time: datetime

    def __str__(self) -> str:
        return self.time.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Size:
    """In bytes."""

    kind: ClassVar = "size"
    size: int

    def __str__(self) -> str:
        return str(self.size)


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file; its size is in bytes."""

    kind: ClassVar = "content"
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.size:,} bytes, sha256 {self.sha256}"


# Each reads as text with `str`.
Cell = str | Number | Moment | Size | Content


@dataclass(frozen=True, slots=True)
class Row:
    """One subject; a cell for each version, None where it says nothing. `same` when all cells read the same."""

    key: str
    cells: list[Cell | None]
    same: bool


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: list[Row]

    @property
    def differing(self) -> int:
        return sum(not row.same for row in self.rows)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sections without a row are left out; those that stand next to each other have the versions in one order."""

    versions: list[ModelVersion]
    sections: list[Section]


def compare(versions: list[ModelVersion]) -> Comparison:
    """2 to 10 versions, each counted once, in the order given. Raises Invalid for fewer or more."""
    versions = list(dict.fromkeys(versions))
    if not FEWEST <= len(versions) <= MOST:
        said = f"{len(versions)} version{'s' * (len(versions) != 1)} cannot be compared."
        raise Invalid(said, advice=f"Choose {FEWEST} to {MOST} different ones.")
    related = ["tags", "properties", "metrics", "parameters", "datasets", "aliases"]
    # Joined: a list of a thousand blobs is more than SQLite takes into one query.
    files = Prefetch("files", VersionFile.objects.select_related("blob"))
    prefetch_related_objects(versions, "model", "created_by", "parent__model", *related, files)
    sections = [_section(title, [told(version) for version in versions]) for title, told in _SECTIONS.items()]
    return Comparison(versions, [section for section in sections if section.rows])


def _section(title: str, told: list[dict[str, Cell]]) -> Section:
    keys = dict.fromkeys(key for each in told for key in each)
    rows = [(key, [each.get(key) for each in told]) for key in keys]
    return Section(title, [Row(key, cells, len({cell and str(cell) for cell in cells}) == 1) for key, cells in rows])


def _said(pairs: dict[str, object]) -> dict[str, Cell]:
    """What is known of them."""
    known = {key: value for key, value in pairs.items() if value not in (None, "")}
    return {key: str(value) if isinstance(value, int) else value for key, value in known.items()}


def _number(value: float | None) -> Number | None:
    return None if value is None else Number(value)


def _about(version: ModelVersion) -> dict[str, Cell]:
    return _said(
        {
            "description": version.description,
            "framework": version.get_framework_display(),
            "framework version": version.framework_version,
            "stage": version.get_stage_display(),
            "aliases": ", ".join(version.alias_names),
            "risk": version.get_risk_display(),
            "size in bytes": Size(version.size_bytes),
            "registered by": version.created_by.username if version.created_by else None,
            "registered": Moment(version.created_time),
        }
    )


def _lineage(version: ModelVersion) -> dict[str, Cell]:
    return _said(
        {
            "experiment": version.experiment_name,
            "run": version.run_id,
            "script": version.script,
            "git repository": version.git_repository,
            "git branch": version.git_branch,
            "git commit": version.git_commit,
            "parent": version.parent.reference if version.parent else None,
            **{f"dataset {scenario}": ", ".join(found) for scenario, found in version.dataset_map.items()},
        }
    )


def _resources(version: ModelVersion) -> dict[str, Cell]:
    return _said({"CPU": _number(version.cpu), "memory in GB": _number(version.memory_gb), "GPU": version.gpu})


def _metrics(version: ModelVersion) -> dict[str, Cell]:
    return {key: Number(value) for key, value in version.metric_map.items()}


def _signature(version: ModelVersion) -> dict[str, Cell]:
    return {
        f"{side} {column.get('name') or place}": f"{column.get('type') or 'unknown type'}{_shape(column.get('shape'))}"
        for side, columns in (("input", "inputs"), ("output", "outputs"))
        for place, column in enumerate(version.signature.get(columns, []))
    }


def _shape(shape: Iterable | None) -> str:
    if shape is None:
        return ""
    return f" [{', '.join('any' if size in (None, -1) else str(size) for size in shape)}]"


def _environment(version: ModelVersion) -> dict[str, Cell]:
    """Library versions by name; requirements as they are written, so that an unpinned one shows."""
    libraries = {f"{name} (read from its files)": text for name, text in version.facts.get("versions", {}).items()}
    required = (_requirement(str(line)) for line in version.facts.get("requirements", []))
    return _said(libraries | dict(required))


def _requirement(line: str) -> tuple[str, str]:
    name = line
    for mark in "=<>!~;[ @":
        name = name.split(mark, 1)[0]
    return f"requirement {name or line}", line


def _files(version: ModelVersion) -> dict[str, Cell]:
    return {file.path: Content(file.blob.size, file.blob_id) for file in version.files.all()}


_SECTIONS: dict[str, Callable[[ModelVersion], dict[str, Cell]]] = {
    "About": _about,
    "Metrics": _metrics,
    "Parameters": lambda version: version.parameter_map,
    "Tags": lambda version: version.tag_map,
    "Properties": lambda version: version.property_map,
    "Signature": _signature,
    "Environment": _environment,
    "Files": _files,
    "Lineage": _lineage,
    "Resources": _resources,
}
