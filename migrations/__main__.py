"""``python -m migrations upgrade|current|check|revision URL [message]``: the same as ``./banjie migrate``."""

import sys

import migrations
from engine.errors import BanjieError


def main(arguments: list[str]) -> int:
    """Run one action on one database."""
    action, url, *message = [*arguments, "", ""][:3] if len(arguments) > 1 else ["", ""]
    try:
        if action == "upgrade":
            print("\n".join(migrations.upgrade(url)))
        elif action == "current":
            print(migrations.current(url))
        elif action == "check":
            differences = migrations.check(url)
            print("\n".join(differences))
            return 1 if differences else 0
        elif action == "revision" and message and message[0]:
            print(migrations.revision(message[0], url))
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except BanjieError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
