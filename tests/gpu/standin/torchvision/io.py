"""Imported by name; nothing of it is used."""
