"""Make for films: a film is a YAML manifest, and only what an edit can change is made again."""

__version__ = "0.1.0"
