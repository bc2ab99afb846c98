"""Certificates beyond one-shot Nash equilibria, and what a certificate is."""
