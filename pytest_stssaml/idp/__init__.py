"""An identity provider outside AWS, which writes and signs responses; it shares names with AWS's side but no logic."""
