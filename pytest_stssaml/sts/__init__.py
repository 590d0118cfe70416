"""AWS's side: pure, knows no botocore, no pytest and no clock."""
