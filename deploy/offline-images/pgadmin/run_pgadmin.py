"""What gunicorn loads: pgAdmin's application, started in server mode."""
import builtins
import sys

builtins.SERVER_MODE = True
sys.path.insert(0, "/pgadmin4")

from pgAdmin4 import app  # noqa: E402,F401
