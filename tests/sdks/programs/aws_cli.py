"""One scenario for the aws command, which is given as the arguments of this program."""

import json
import os
import re
import subprocess
import sys
from typing import Any

COMMAND = sys.argv[1:]


def aws(operation: str, options: dict[str, str], credentials: dict[str, str] | None = None) -> dict[str, Any]:
    """Run the command; what it is refused has the member Error."""
    environment = dict(os.environ)
    names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY"}
    for name, variable in (names | {"SessionToken": "AWS_SESSION_TOKEN"}).items():
        if credentials is not None:
            environment[variable] = credentials[name]
    # Version 2.9, of Debian 12, does not know AWS_ENDPOINT_URL_STS.
    options = {"endpoint-url": environment["AWS_ENDPOINT_URL_STS"], "output": "json"} | options
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    finished = subprocess.run(  # noqa: S603 - the command that the test names
        [*COMMAND, "sts", operation, *arguments], env=environment, check=False, capture_output=True, text=True
    )
    if finished.returncode == 0:
        found: dict[str, Any] = json.loads(finished.stdout)
        return found
    refused = re.search(r"An error occurred \((\w+)\) when calling the AssumeRoleWithSAML operation", finished.stderr)
    return {"Error": refused[1] if refused else finished.stderr}


def run(given: dict[str, str]) -> dict[str, str]:
    """Return what came of a scenario."""
    options = {"role-arn": given["role"], "principal-arn": given["provider"], "saml-assertion": given["assertion"]}
    if "policy" in given:
        options["policy"] = given["policy"]
    login = aws("assume-role-with-saml", options)
    if given["scenario"] == "refused":
        return {"caught": login.get("Error", "nothing")}
    if given["scenario"] == "login":
        return {"arn": login["AssumedRoleUser"]["Arn"], "subject": login["Subject"]}
    credentials = login["Credentials"]
    if given["scenario"] == "chaining":
        options = {"role-arn": given["next"], "role-session-name": "audit"}
        credentials = aws("assume-role", options, credentials)["Credentials"]
    return {"arn": aws("get-caller-identity", {}, credentials)["Arn"]}


print(json.dumps(run(json.load(sys.stdin))))  # noqa: T201 - the answer of this program
