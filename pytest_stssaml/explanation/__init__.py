"""Why AWS accepts or refuses a real response: the rules of STS, asked one after the other, without a mock."""
