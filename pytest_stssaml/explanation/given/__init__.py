"""What an engineer gives to `explain`: a response, a role and a provider, as files and tools have them."""
