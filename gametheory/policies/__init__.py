"""Policies beyond a table over observations: controllers, tables over histories, partial policies."""
