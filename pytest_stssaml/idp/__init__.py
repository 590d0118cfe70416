"""An identity provider, outside AWS: it writes and signs responses, and shares words with AWS's side but no logic."""
