"""Fake providers on loopback: every protocol that fvbuild speaks, and every way it goes wrong."""

from .client import FakeProviders

__all__ = ["FakeProviders"]
