"""The form that deploys a model version: what people choose, as configurations that `services.deploy` reads."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext_lazy as _

from deployments import recipes
from deployments.errors import (
    ConfigInvalid,
    EntryScriptNeeded,
    ServiceBusy,
    ServiceExists,
    ServiceNameInvalid,
    TargetNotFound,
    TargetUnavailable,
)
from deployments.hooks import Offer
from deployments.models import Service, Target
from deployments.script_form import ScriptForm
from registry.models import ModelVersion
from workspaces.errors import Refusal

NEW, EXISTING = "new", "existing"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    title: str
    cpu: float
    memory_gb: float
    evidence: str = ""


SIZES = [
    Size("small", _("Small"), 0.5, 1),
    Size("medium", _("Medium"), 1, 2),
    Size("large", _("Large"), 2, 4),
]
RECOMMENDED, CUSTOM = "recommended", "custom"
_NUMBERS = ("cpu", "memory_gb")

# Where a refusal is shown: beside the field that can mend it.
_FIELD_OF = {
    ServiceNameInvalid: "name",
    ServiceExists: "name",
    ServiceBusy: "name",
    TargetNotFound: "target",
    TargetUnavailable: "target",
    EntryScriptNeeded: "entry_script",
}
_FIELD_OF_KEY = {"entryScript": "entry_script", "environment": "requirements", "environmentVariables": "variables",
                 "convertToOnnx": "convert_to_onnx"}  # fmt: skip


class DeployForm(ScriptForm):
    field_order = ("mode", "name", "existing", "target", "size", "cpu", "memory_gb")

    mode = forms.ChoiceField(choices=[(NEW, NEW), (EXISTING, EXISTING)], required=False, initial=NEW)
    name = forms.CharField(label=_("Name"), required=False, max_length=32)
    existing = forms.ChoiceField(label=_("Service"), required=False)
    target = forms.ChoiceField(label=_("Target"), required=False)
    size = forms.ChoiceField(label=_("Size"), initial="medium")
    cpu = forms.FloatField(label=_("CPU"), min_value=0.1, max_value=256, initial=1, required=False)
    memory_gb = forms.FloatField(label=_("Memory in GB"), min_value=0.125, max_value=4096, initial=2, required=False)
    variables = forms.CharField(label=_("Environment variables"), required=False, max_length=100_000)
    auth_enabled = forms.BooleanField(label=_("Callers need a key"), required=False, initial=True)
    convert_to_onnx = forms.BooleanField(label=_("Serve as ONNX where that is faster"), required=False)
    description = forms.CharField(label=_("Description"), required=False, max_length=20_000)

    def __init__(
        self,
        *args: object,
        services: list[Service],
        targets: list[Target],
        offer: Offer | None = None,
        **kwargs: object,
    ) -> None:
        """`offer` is a size that somebody has measured: one more to choose from, and the first."""
        super().__init__(*args, **kwargs)
        self.services = services
        self.targets = targets
        self.offer = offer
        self.fields["existing"].choices = [(service.name, service.name) for service in services]
        self.fields["target"].choices = [(target.name, target.name) for target in targets]
        self.fields["size"].choices = [(size.name, size.title) for size in self.sizes] + [(CUSTOM, _("Custom"))]

    @property
    def sizes(self) -> list[Size]:
        if self.offer is None:
            return SIZES
        offer = self.offer
        return [Size(RECOMMENDED, _("Recommended"), offer.cpu, offer.memory_gb, offer.evidence), *SIZES]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if cleaned.get("mode") == EXISTING and not cleaned.get("existing"):
            self.add_error("existing", _("Choose the service to replace."))
        if cleaned.get("size") == CUSTOM:
            for name in _NUMBERS:
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Custom sizes need a number here."))
        self._check_room(cleaned)
        return cleaned

    def _check_room(self, cleaned: dict[str, object]) -> None:
        target = next((target for target in self.targets if target.name == cleaned.get("target")), None)
        if target and target.cpu and self.cores > target.cpu:
            where = "cpu" if cleaned.get("size") == CUSTOM else "size"
            self.add_error(where, _("%(target)s has %(cpu)g CPU in all.") % {"target": target.name, "cpu": target.cpu})

    def clean_variables(self) -> dict[str, str]:
        variables = {}
        for number, line in enumerate(self.cleaned_data["variables"].splitlines(), 1):
            if not line.strip():
                continue
            name, equals, value = line.partition("=")
            if not equals or not _VARIABLE.match(name.strip()):
                raise forms.ValidationError(_("Line %(n)s: write NAME=value.") % {"n": number})
            variables[name.strip()] = value.strip()
        return variables

    @property
    def service_name(self) -> str:
        chosen = self.cleaned_data
        return chosen.get("existing", "") if self.replaces else chosen.get("name", "")

    @property
    def replaces(self) -> bool:
        return self.cleaned_data.get("mode") == EXISTING

    @property
    def _size(self) -> Size | None:
        return next((size for size in self.sizes if size.name == self.cleaned_data.get("size")), None)

    @property
    def cores(self) -> float:
        return self._size.cpu if self._size else self.cleaned_data.get("cpu") or 0

    @property
    def gigabytes(self) -> float:
        return self._size.memory_gb if self._size else self.cleaned_data.get("memory_gb") or 0

    @property
    def deployment_config(self) -> dict[str, object]:
        chosen = self.cleaned_data
        config: dict[str, object] = {"containerResourceRequirements": {"cpu": self.cores, "memoryInGB": self.gigabytes}}
        if not chosen.get("auth_enabled"):
            config["authEnabled"] = False
        if chosen.get("variables"):
            config["environmentVariables"] = chosen["variables"]
        if chosen.get("convert_to_onnx"):
            config["convertToOnnx"] = True
        return config

    def refuse(self, error: Refusal) -> None:
        """Show what `services.deploy` raised, beside the field that can mend it."""
        where = _FIELD_OF.get(type(error))
        if isinstance(error, ConfigInvalid):
            key = next(iter(error.extras.get("errors", {})), "")
            where = _FIELD_OF_KEY.get(key.split(".")[0], "size" if key.startswith("containerResource") else None)
        if where == "name" and self.replaces:
            where = "existing"
        self.add_error(where, " ".join(filter(None, [error.detail, error.advice])))


@dataclass(slots=True)
class Defaults:
    """What the form starts with, so that one click deploys."""

    name: str
    mode: str = NEW
    existing: str = ""
    target: str = ""
    values: dict[str, object] = field(default_factory=dict)

    def as_initial(self) -> dict[str, object]:
        return {"mode": self.mode, "name": self.name, "existing": self.existing, "target": self.target, **self.values}


def defaults(
    version: ModelVersion,
    services: list[Service],
    targets: list[Target],
    asked: Mapping[str, str],
    offer: Offer | None = None,
) -> Defaults:
    """A new service named after the model; or the one that `asked` names, or that serves this model already.

    `asked` is the address's query: `service`, and of a size that somebody chose `cpu`, `memory_gb`, `target`,
    `convert_to_onnx`. What means nothing in it is left out."""
    taken = {service.name for service in services}
    usable = [target.name for target in targets if target.available]
    name = service_name_for(version.name)
    serving = Service.objects.filter(
        pk__in=[service.pk for service in services], revisions__versions__model=version.model, revisions__traffic__gt=0
    ).order_by("name")
    wanted = asked.get("service", "")
    existing = wanted if wanted in taken else next((s.name for s in serving if s.name == name), "")
    return Defaults(
        name=_free(name, taken),
        mode=EXISTING if existing else NEW,
        existing=existing,
        target=asked["target"] if asked.get("target") in usable else next(iter(usable), ""),
        values=_asked_size(version, asked, offer) or _offered(offer) or _needs(version),
    )


def _asked_size(version: ModelVersion, asked: Mapping[str, str], offer: Offer | None) -> dict[str, object]:
    values = {name: number for name in _NUMBERS if (number := _number(name, asked.get(name, "")))}
    converts = asked.get("convert_to_onnx") == "on" and recipes.convertible(version)
    if values:
        same = offer and all(math.isclose(values.get(name, 0), getattr(offer, name), rel_tol=1e-4) for name in _NUMBERS)
        values["size"] = RECOMMENDED if same else CUSTOM
    return values | ({"convert_to_onnx": True} if converts else {})


def _number(name: str, text: str) -> float | None:
    try:
        return DeployForm.base_fields[name].clean(text)
    except forms.ValidationError:
        return None


def _offered(offer: Offer | None) -> dict[str, object]:
    return {"size": RECOMMENDED, "convert_to_onnx": offer.convert_to_onnx} if offer else {}


def _needs(version: ModelVersion) -> dict[str, object]:
    """What the version says it needs, as a size of its own; the usual size when it says nothing."""
    needs = {name: value for name, value in ((name, getattr(version, name)) for name in _NUMBERS) if value}
    return {"size": CUSTOM, **needs} if needs else {}


def service_name_for(model: str) -> str:
    """`model` bent to the rule of service names: small letters, digits, dashes, 3 to 32 of them."""
    name = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")
    if not name or not name[0].isalpha():
        name = f"model-{name}".strip("-")
    name = name[:32].rstrip("-")
    return name if len(name) >= 3 else f"{name}-service"


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    numbered = (f"{name[: 31 - len(str(n))].rstrip('-')}-{n}" for n in range(2, len(taken) + 3))
    return next(candidate for candidate in numbered if candidate not in taken)
