"""The events that CloudTrail logs of calls to STS."""
