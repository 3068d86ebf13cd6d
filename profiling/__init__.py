"""Profiles: what a model needs and what load it takes, measured on real sizes of a target."""
