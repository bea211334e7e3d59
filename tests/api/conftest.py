"""The fake providers, for every test of an API."""

from fake.fixture import fake

__all__ = ["fake"]
