from django.apps import AppConfig


class ProfilingConfig(AppConfig):
    name = "profiling"

    def ready(self) -> None:
        from deployments import hooks
        from profiling import offers, reconcile

        hooks.knows_workloads(reconcile.workloads)
        hooks.offers_sizes(offers.offer_for)
