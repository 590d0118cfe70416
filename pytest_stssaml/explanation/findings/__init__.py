"""What is found out about a response: what each rule says, what it contains, and what the likely cause is."""
