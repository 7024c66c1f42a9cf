#!/bin/bash
# Unpacks Debian's package of snac2, a small fediverse server in C, into .servers/snac: nothing is installed, /etc/apt is
# not touched. It wants Debian's own libcurl4 (apt-get install libcurl4) and the machine's Debian archive.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
[ -x .servers/snac/usr/bin/snac ] && exit 0
lists=$PWD/.servers/apt
mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
archive=$(grep -rhoE 'https?://[^ ]+/debian( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 | tr -d ' ')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive trixie-backports main" > "$lists/sources.list"
cat > "$lists/apt.conf" <<CONF
Dir::Etc::sourcelist "$lists/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$lists/lists";
Dir::Cache "$lists/cache";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=$lists/apt.conf
apt-get update -q
cd "$lists" && apt-get download -q snac2
dpkg-deb -x snac2_*.deb ../snac
