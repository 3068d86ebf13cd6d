from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def _restore_text_index(using: str, **told) -> None:
    from registry.finding import text_index

    if connections[using].vendor == "sqlite":
        text_index.build(connections[using])


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        # A migration that changes a table on SQLite makes the table anew and loses the index's triggers.
        post_migrate.connect(_restore_text_index, sender=self)
