"""AWS's sign-in pages: a response is posted, a role is chosen, and the console says who is signed in."""
