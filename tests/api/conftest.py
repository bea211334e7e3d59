"""The fake providers, for every test of an API; and a desk from which all of them are asked."""

from asked import desk, open_desk
from fake.fixture import fake

__all__ = ["desk", "fake", "open_desk"]
