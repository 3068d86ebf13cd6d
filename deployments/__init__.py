"""Compute targets, services, revisions, deployments and their logs; the pipeline and its reconciler."""
