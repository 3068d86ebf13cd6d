"""Who may do what, and where."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

WORKSPACE_NAME = RegexValidator(
    r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z",
    "A workspace's name has 1 to 63 small letters, digits and dashes, and starts and ends with a letter or digit.",
)


class Role(models.TextChoices):
    """What a member may do: look; register and deploy; manage members and targets too."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def allows(self, wanted: "Role") -> bool:
        return self.rank >= wanted.rank


class User(AbstractUser):
    """A person or a program that signs in."""


class PicklePolicy(models.TextChoices):
    """Which pickles may be registered, by what they would import when they are read."""

    ALLOW = "allow", "All, marked by their risk"
    REFUSE_UNSAFE = "refuse-unsafe", "All but those marked unsafe"
    KNOWN_ONLY = "known-only", "Only those of known libraries"


class Workspace(models.Model):
    """The tenant: models, services and targets each belong to exactly one."""

    name = models.CharField(max_length=63, unique=True, validators=[WORKSPACE_NAME])
    pickle_policy = models.CharField(max_length=16, choices=PicklePolicy.choices, default=PicklePolicy.ALLOW)
    created_time = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    # Who came in through access.enter and got this very object: known to be a member without another look.
    entered_by: int | None = None

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def has_member(self, user: User) -> bool:
        entered = self.entered_by is not None and self.entered_by == user.pk
        return entered or self.memberships.filter(user_id=user.pk).exists()


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.READER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_role_per_member")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.workspace}"


class Token(models.Model):
    """A personal token: stands for its user in REST, CLI and SDK. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="Its first characters, to tell it by.")
    created_time = models.DateTimeField(auto_now_add=True)
    last_used_time = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_time"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
