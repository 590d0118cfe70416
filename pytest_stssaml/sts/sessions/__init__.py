"""Sessions of roles, their credentials and their tokens."""
