"""The query protocol and its signatures: what STS reads from an HTTP request and writes in answer."""
