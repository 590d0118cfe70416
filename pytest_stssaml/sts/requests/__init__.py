"""Requests for a role: who asks, with what, and for which session."""
