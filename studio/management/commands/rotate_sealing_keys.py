"""`manage.py rotate_sealing_keys`: after a new key was put before the old one in SLIPWAY_SEALING_KEYS."""

from django.core.management.base import BaseCommand, CommandError

from deployments.sealing import seal_anew


class Command(BaseCommand):
    help = "Encrypt every sealed secret with the first of SLIPWAY_SEALING_KEYS, so that the others can be removed."

    def handle(self, *args: object, **options: object) -> None:
        done, lost = seal_anew()
        self.stdout.write(f"{done} secrets are sealed with the newest key.")
        if lost:
            raise CommandError(
                f"{lost} secrets could not be opened with any key and stay as they are: keep the key that made them, "
                "or make new service keys and update the targets."
            )
