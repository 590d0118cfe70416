"""What a backend remembers about each call."""
