"""The form that attaches a cluster, or changes how one is reached."""

from django import forms
from django.utils.translation import gettext_lazy as _

from deployments.clusters import Asked
from deployments.errors import ClusterUnusable, ConfigInvalid, TargetExists, TargetNameInvalid
from deployments.models import Target
from workspaces.errors import Refusal

_WAYS = [
    ("auto", _("Choose by itself: pods where they answer, else the API server")),
    ("pods", _("Straight at the pods: the fastest, where this server reaches them")),
    ("proxy", _("Through the API server: works wherever it does, slower")),
    ("nodeport", _("A port on each node: open to the nodes' network")),
]
_FIELD_OF = {TargetNameInvalid: "name", TargetExists: "name", ConfigInvalid: "kubeconfig"}
_MOST_KUBECONFIG = 512 * 1024


class ClusterForm(forms.Form):
    """With `target` it changes that one: secrets left empty stay as they are."""

    name = forms.CharField(label=_("Name"), max_length=63)
    kubeconfig_file = forms.FileField(label=_("Kubeconfig"), required=False)
    kubeconfig = forms.CharField(label=_("Kubeconfig"), required=False, strip=False, max_length=_MOST_KUBECONFIG)
    context = forms.CharField(label=_("Context"), required=False, max_length=253)
    namespace = forms.CharField(label=_("Namespace"), required=False, max_length=63)
    registry = forms.CharField(label=_("Image registry"), max_length=200)
    registry_username = forms.CharField(label=_("Username"), required=False, max_length=200)
    registry_password = forms.CharField(label=_("Password"), required=False, strip=False, max_length=4096)
    access = forms.ChoiceField(label=_("How requests reach replicas"), choices=_WAYS, required=False)

    def __init__(self, *args: object, target: Target | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.target = target
        self.fields["name"].required = target is None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        upload = cleaned.get("kubeconfig_file")
        if upload:
            if upload.size > _MOST_KUBECONFIG:
                self.add_error("kubeconfig", _("The file is too large to be a kubeconfig."))
            else:
                cleaned["kubeconfig"] = upload.read().decode("utf-8", "replace")
        if not self.target and not cleaned.get("kubeconfig") and "kubeconfig" not in self.errors:
            self.add_error("kubeconfig", _("Choose the file, or paste its text."))
        return cleaned

    @property
    def asked(self) -> Asked:
        said = self.cleaned_data
        known = self.target.connection["registry_username"] if self.target else None
        # The username is filled in as it was: alone, it asks for nothing new.
        given = bool(said["registry_password"]) or said["registry_username"] != known
        return Asked(
            kubeconfig=said["kubeconfig"] or None,
            context=said["context"] or None,
            namespace=said["namespace"] or None,
            registry=said["registry"],
            registry_username=said["registry_username"] if given else None,
            registry_password=said["registry_password"] if given else None,
            access=said["access"] or None,
        )

    def refuse(self, error: Refusal) -> None:
        """Show what a verb raised, beside the field that can mend it."""
        named = next(iter(error.extras.get("errors", {})), "")
        where = named if named in self.fields else _FIELD_OF.get(type(error))
        if isinstance(error, ClusterUnusable):
            where = None
        self.add_error(where, " ".join(filter(None, [error.detail, error.advice])))


def initial_of(target: Target) -> dict[str, str]:
    """What may be shown of it; never its secrets."""
    known = target.connection
    return {
        "name": target.name,
        "namespace": known["namespace"],
        "registry": known["registry"],
        "registry_username": known["registry_username"],
        "access": known["access"],
    }
