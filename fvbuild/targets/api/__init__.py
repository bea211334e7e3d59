"""Hosted models: a provider is a YAML description, and one engine runs them all."""
