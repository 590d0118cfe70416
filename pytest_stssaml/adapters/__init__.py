"""The doors: the only modules that know another program, namely botocore and moto."""
