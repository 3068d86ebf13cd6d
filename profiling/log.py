"""A profile's log: what was built, started, measured."""

from profiling.models import Profile, ProfileLine


def whole_log(profile: Profile) -> str:
    """A line each, with its time."""
    lines = ProfileLine.objects.filter(profile=profile).order_by("seq").iterator(chunk_size=2000)
    return "".join(f"{line.at.isoformat(timespec='milliseconds')} {line.text}\n" for line in lines)


def last_lines(profile: Profile, count: int) -> list[ProfileLine]:
    """Oldest first."""
    return list(ProfileLine.objects.filter(profile=profile).order_by("-seq")[:count])[::-1]
