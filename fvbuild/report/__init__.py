"""Draws what the engine says: plans, progress and endings, for people and for programs."""
