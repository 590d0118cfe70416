"""AWS's directory: providers, roles and managed policies of accounts, and the arguments that create them."""
