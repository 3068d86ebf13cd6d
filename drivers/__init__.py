"""Compute targets behind one protocol (`drivers.base`): process, docker. No Django in here."""
