"""The fake providers, for films that hosted models would make."""

from fake.fixture import fake

__all__ = ["fake"]
