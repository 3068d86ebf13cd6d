"""`manage.py stop_workloads`: end what this studio runs; it comes back with the studio."""

from django.core.management.base import BaseCommand

from deployments.removal import stop_everything


class Command(BaseCommand):
    help = "End every workload of this studio. Their rows stay: the worker starts them again with the studio."

    def handle(self, *args, **options) -> None:
        stop_everything()
