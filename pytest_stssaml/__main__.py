"""`python -m pytest_stssaml`: commands, each imported when it is called."""

import sys
from importlib import import_module

#: What each command does, and the module whose `main` runs it.
COMMANDS = {
    "explain": ("say what AWS would answer to a SAML response, and why", ".explanation.command"),
    "serve": ("answer logins over HTTP on this machine, and say why they are refused", ".serving"),
}


def main(arguments: list[str]) -> int:
    """Run a command and return its status."""
    name = arguments[0] if arguments else "--help"
    if name in COMMANDS:
        status: int = import_module(COMMANDS[name][1], __package__).main(arguments[1:])
        return status
    lines = ["usage: python -m pytest_stssaml COMMAND ...", ""]
    lines += [f"  {command:<7}  {text}" for command, (text, _) in COMMANDS.items()]
    asked = name in ("--help", "-h")
    (sys.stdout if asked else sys.stderr).write("\n".join(lines) + "\n")
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
