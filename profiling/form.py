"""The form that starts a profile: what people choose, as `services.start_profile` takes it."""

import re
from collections.abc import Mapping, Sequence

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from deployments.errors import ConfigInvalid, EntryScriptNeeded, TargetNotFound, TargetUnavailable
from deployments.models import Target
from deployments.script_form import ScriptForm
from profiling import plan as plans
from profiling.errors import ProfileExists, ProfileNameInvalid, ProfileSettingsInvalid, SamplesInvalid
from profiling.models import PROFILE_NAME
from profiling.plan import Plan, read_plan
from profiling.samples import Samples
from workspaces.errors import Refusal

OWN, FILE, PASTE = "own", "file", "paste"
# With the rest of the form this is what one request may bring.
MOST_FILE_BYTES = 15_000_000
# A file up to this size is shown again as text when the form is refused; browsers forget which file was chosen.
_SHOWN_AGAIN_BYTES = 300_000
_BETWEEN = re.compile(r"[\s,;]+")

# Where a refusal is shown: beside the field that can mend it.
_FIELD_OF = {
    ProfileNameInvalid: "name",
    ProfileExists: "name",
    TargetNotFound: "target",
    TargetUnavailable: "target",
    EntryScriptNeeded: "entry_script",
}
_FIELD_OF_KEY = {"goal.p95_ms": "p95_ms", "goal.requests_per_second": "requests_per_second"}
_FIELD_OF_CONFIG = {"entryScript": "entry_script", "environment": "requirements"}


class NumbersField(forms.CharField):
    """Numbers as people list them, `0.5, 1`: a list, None when nothing is given."""

    def __init__(self, *, whole: bool = False, **more: object) -> None:
        super().__init__(required=False, max_length=1000, **more)
        self.kind = int if whole else float

    def clean(self, value: object) -> list[float] | None:
        words = [word for word in _BETWEEN.split(super().clean(value)) if word]
        return [self._number(word) for word in words] or None

    def _number(self, word: str) -> float:
        try:
            return self.kind(word)
        except ValueError:
            said = _("%(word)s is no whole number.") if self.kind is int else _("%(word)s is no number.")
            raise forms.ValidationError(said % {"word": word[:40]}) from None


class ProfileForm(ScriptForm):
    field_order = ("name", "target", "samples", "samples_file", "samples_text", "cpu", "memory_gb", "concurrency",
                   "p95_ms", "requests_per_second", "share", "budget_minutes", "try_onnx")  # fmt: skip

    name = forms.CharField(label=_("Name"), required=False, max_length=100, validators=[PROFILE_NAME])
    target = forms.ChoiceField(label=_("Target"), required=False)
    samples = forms.ChoiceField(
        label=_("Sample requests"), choices=[(each, each) for each in (OWN, FILE, PASTE)], required=False, initial=OWN
    )
    samples_file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    samples_text = forms.CharField(label=_("Requests"), required=False, strip=False)
    cpu = NumbersField(label=_("CPU"))
    memory_gb = NumbersField(label=_("Memory in GB"))
    concurrency = NumbersField(label=_("Requests at a time"), whole=True)
    p95_ms = forms.FloatField(label=_("Milliseconds"), required=False)
    requests_per_second = forms.FloatField(label=_("Requests a second"), required=False)
    share = forms.FloatField(label=_("Share of the target"), required=False)
    budget_minutes = forms.FloatField(label=_("Minutes at most"), required=False)
    try_onnx = forms.BooleanField(label=_("Try it as ONNX too"), required=False, initial=True)

    def __init__(
        self,
        *args: object,
        targets: Sequence[Target],
        model_bytes: int,
        convertible: bool,
        own: Samples | None,
        **kwargs: object,
    ) -> None:
        """`own`: the version's sample, or requests made from its signature; None when it has neither."""
        super().__init__(*args, **kwargs)
        self.targets = targets
        self.model_bytes = model_bytes
        self.convertible = convertible
        self.own = own
        self.plan: Plan | None = None
        self.sample_text: str | None = None
        self.fields["target"].choices = [(target.name, target.name) for target in targets]

    @property
    def most_file_bytes(self) -> int:
        return MOST_FILE_BYTES

    def as_sent(self) -> "ProfileForm":
        """What it holds when it is shown for the first time, as if it had been sent."""
        sent = {key: self.get_initial_for_field(field, key) for key, field in self.fields.items()}
        about = {"targets": self.targets, "model_bytes": self.model_bytes, "convertible": self.convertible}
        return ProfileForm(sent, own=self.own, **about)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if self.chosen_target:
            self._read_plan()
        return cleaned

    def _read_plan(self) -> None:
        scripted = bool(self.cleaned_data.get("entry_script"))
        try:
            self.plan = read_plan(
                self.wanted, self.chosen_target, self.model_bytes, convertible=self.convertible and not scripted
            )
        except ProfileSettingsInvalid as refusal:
            self.refuse(refusal)

    def clean_share(self) -> float | None:
        percent = self.cleaned_data["share"]
        if percent is not None and not 5 <= percent <= 100:
            raise forms.ValidationError(_("Give 5 to 100 percent."))
        return None if percent is None else percent / 100

    @property
    def chosen_target(self) -> Target | None:
        return next((target for target in self.targets if target.name == self.cleaned_data.get("target")), None)

    @property
    def wanted(self) -> dict[str, object]:
        """Sizes, loads, goal and limits; None for each that is the studio's to choose."""
        chosen = self.cleaned_data
        goal = {key: value for key in ("p95_ms", "requests_per_second") if (value := chosen.get(key)) is not None}
        names = ("cpu", "memory_gb", "concurrency", "share", "budget_minutes")
        return {name: chosen.get(name) for name in names} | {
            "goal": goal or None,
            "try_onnx": bool(chosen.get("try_onnx")) if self.convertible else None,
        }

    def read_texts(self) -> bool:
        """Puts the text of the sample requests that were given in `sample_text` (None: the version's own)."""
        how = self.cleaned_data.get("samples") or OWN
        if how == PASTE:
            self.sample_text = self.cleaned_data.get("samples_text") or ""
        elif how == FILE:
            self._read_file(self.cleaned_data.get("samples_file"))
        elif self.own is None:
            self.add_error("samples", _("The model has no sample and no signature to make one from: give some."))
        return not self.errors

    def _read_file(self, file: UploadedFile | None) -> None:
        if file is None:
            self.add_error("samples_file", _("Choose a file, or take other requests."))
        elif file.size > MOST_FILE_BYTES:
            said = _("%(name)s has %(size)d MB; 15 MB is the most. A few hundred different requests are enough.")
            self.add_error("samples_file", said % {"name": file.name, "size": file.size / 1e6})
        else:
            content = file.read()
            try:
                self.sample_text = content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = content.count(b"\n", 0, error.start) + 1
                said = _("%(name)s is not UTF-8: line %(line)d has a byte that is none. Save it as UTF-8 text.")
                self.add_error("samples_file", said % {"name": file.name, "line": line})

    def refuse(self, error: Refusal) -> None:
        """Show what was raised, beside the field that can mend it."""
        said = " ".join(filter(None, [error.detail, error.advice]))
        self.add_error(self._field_of(error), said)

    def _field_of(self, error: Refusal) -> str | None:
        key = next(iter(error.extras.get("errors", {})), "")
        if isinstance(error, SamplesInvalid) or key == "samples":
            return {FILE: "samples_file", PASTE: "samples_text"}.get(self.cleaned_data.get("samples"), "samples")
        if isinstance(error, ConfigInvalid):
            return _FIELD_OF_CONFIG.get(key.split(".")[0], "entry_script")
        where = _FIELD_OF.get(type(error)) or _FIELD_OF_KEY.get(key, key)
        return where if where in self.fields else None

    def shown_again(self) -> "ProfileForm":
        """The refused form, with the text of a file in the box for pasting: browsers forget which file it was."""
        text = self.sample_text
        if self.cleaned_data.get("samples") != FILE or text is None or len(text) > _SHOWN_AGAIN_BYTES:
            return self
        self.data = self.data.copy()
        self.data["samples"], self.data["samples_text"] = PASTE, text
        if "samples_file" in self.errors:
            self.errors["samples_text"] = self.errors.pop("samples_file")
        return self


def defaults(name: str, targets: Sequence[Target], asked: Mapping[str, str], own: Samples | None) -> dict[str, object]:
    """What the form starts with, so that Enter starts the profile; `asked` is the address's query."""
    usable = [target.name for target in targets if target.available]
    return {
        "name": name,
        "target": asked["target"] if asked.get("target") in usable else next(iter(usable), ""),
        "samples": OWN if own else FILE,
        "share": f"{plans.DEFAULT_SHARE * 100:g}",
        "budget_minutes": f"{plans.DEFAULT_BUDGET_MIN:g}",
        "concurrency": ", ".join(map(str, plans.CONCURRENCY)),
    }
