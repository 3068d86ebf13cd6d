"""The registry's rows."""

from registry.models.files import Blob, IncomingFile, Upload, UploadFile, VersionFile
from registry.models.labels import HEAD, Alias, DatasetReference, Metric, Parameter, Property, Tag
from registry.models.records import Activity, SavedView
from registry.models.versions import MODEL_NAME, Framework, Model, ModelVersion, Risk, Stage

__all__ = [
    "HEAD",
    "MODEL_NAME",
    "Activity",
    "Alias",
    "Blob",
    "DatasetReference",
    "Framework",
    "IncomingFile",
    "Metric",
    "Model",
    "ModelVersion",
    "Parameter",
    "Property",
    "Risk",
    "SavedView",
    "Stage",
    "Tag",
    "Upload",
    "UploadFile",
    "VersionFile",
]
