"""Outside AWS: an identity provider that writes and signs responses. It shares words with AWS's side, and no logic."""
