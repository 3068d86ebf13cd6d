"""What can go wrong with profiles when they are asked for. One that fails later ends with a `failure` on its row."""

from workspaces.errors import Invalid, NotFound, Refusal


class ProfileNotFound(NotFound):
    code = "profile-not-found"
    title = "No such profile"


class ProfileNameInvalid(Invalid):
    code = "profile-name-invalid"
    title = "The profile's name breaks the rule"


class ProfileSettingsInvalid(Invalid):
    """Sizes, loads or goals that cannot be followed; `errors` names the fields."""

    code = "profile-settings-invalid"
    title = "The profile cannot be measured like this"


class ProfileExists(Refusal):
    code = "profile-exists"
    title = "A profile with this name already exists"


class ProfileFinished(Refusal):
    code = "profile-finished"
    title = "The profile is not in a state for this"


class ProfileRunning(Refusal):
    code = "profile-running"
    title = "The profile is under way"


class SamplesInvalid(Invalid):
    """Text that no sample requests can be read from; `line` says where, when it is one place."""

    code = "samples-invalid"
    title = "The sample requests cannot be used"

    @classmethod
    def of(cls, said: str, *, advice: str = "") -> "SamplesInvalid":
        return cls(said, advice=advice, errors={"samples": [said]})

    @classmethod
    def at(cls, line: int, said: str, *, advice: str = "") -> "SamplesInvalid":
        said = f"Line {line}: {said}"
        return cls(said, advice=advice, errors={"samples": [said]}, line=line)
