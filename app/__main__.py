"""`python -m app`: serve the product on this machine, as `flask run` does; the same options follow.

Without a database it says how to get one. `make serve` starts everything around it too.
"""

import sys

from flask.cli import main

if __name__ == "__main__":
    sys.argv = ["flask", "--app", "app.factory", "run", *sys.argv[1:]]
    main()
