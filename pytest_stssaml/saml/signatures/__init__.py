"""Which signatures are verified, and their verification."""
