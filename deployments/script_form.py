"""The fields of a form for an entry script: its files, which of them it is, what it needs installed."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from deployments import recipes
from deployments.errors import EntryScriptNeeded
from deployments.inference_config import checked_requirement
from registry.errors import UploadNotFound
from registry.models import ModelVersion, Upload
from registry.uploads import find_upload
from workspaces.models import User, Workspace


class ScriptForm(forms.Form):
    """What `templates/deployments/_deploy_script.html` shows. `source` holds the script's files; `lost` says why those
    that were uploaded are gone."""

    source_upload = forms.UUIDField(required=False)
    entry_script = forms.CharField(label=_("Entry script"), required=False, max_length=1024)
    requirements = forms.CharField(label=_("Requirements"), required=False, max_length=100_000)

    def __init__(self, *args: object, source: Upload | None = None, lost: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        self.lost = lost

    @property
    def scripts(self) -> list[str]:
        """Python files of the upload, those that look like an entry script first."""
        found = [path for path in self.uploaded if path.endswith(".py")]
        return sorted(found, key=lambda path: ("score" not in path, path.count("/"), path))

    @property
    def uploaded(self) -> list[str]:
        return [file.path for file in self.source.files.all()] if self.source else []

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if cleaned.get("requirements") and not cleaned.get("entry_script"):
            self.add_error("requirements", _("Requirements go with an entry script. Add one, or leave this empty."))
        if self.lost:
            self.add_error("entry_script", self.lost)
        return cleaned

    def clean_requirements(self) -> list[str]:
        text = self.cleaned_data["requirements"]
        lines = [line.split(" #")[0].strip() for line in text.splitlines()]
        return [checked_requirement(line, _refusal) for line in lines if line and not line.startswith("#")]

    @property
    def inference_config(self) -> dict[str, object] | None:
        script = self.cleaned_data.get("entry_script")
        if not script:
            return None
        folder, _slash, rest = script.partition("/")
        config: dict[str, object] = {"entryScript": rest or script}
        if rest:
            config["sourceDirectory"] = folder
        if requirements := self.cleaned_data.get("requirements"):
            conda = {"dependencies": [{"pip": requirements}]}
            config["environment"] = {"python": {"condaDependencies": conda}}
        return config


def _refusal(reason: str) -> forms.ValidationError:
    return forms.ValidationError(f"It {reason}.")


def why_script_needed(version: ModelVersion) -> str:
    """Why this model cannot be served without an entry script; empty when it can."""
    try:
        recipes.check_can_serve([version], None)
    except EntryScriptNeeded as needed:
        return needed.detail
    return ""


def sent_script(sent: Mapping[str, str], workspace: Workspace, by: User) -> dict[str, object]:
    """`source` and `lost` of a form that was sent."""
    source, lost = None, ""
    if upload := sent.get("source_upload"):
        try:
            source = find_upload(workspace=workspace, upload_id=upload, by=by)
        except UploadNotFound as gone:
            lost = f"{gone.detail} {gone.advice}"
    return {"source": source, "lost": lost}
