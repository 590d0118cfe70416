"""How other services than STS refuse the credentials of a session."""
