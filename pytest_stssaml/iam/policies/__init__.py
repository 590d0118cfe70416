"""The policy language of IAM: its grammar, its condition operators, and what a policy says to an action."""
