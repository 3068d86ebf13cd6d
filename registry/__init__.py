"""Models, versions, tags and files. Knows nothing of deployments."""
