"""HTTP on this machine, which both sides use: a server, and web pages as strings."""
