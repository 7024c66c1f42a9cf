#!/bin/bash
# unpack_debian.sh PACKAGE SUITE FOLDER PROGRAM: unpacks a package of Debian into .servers/FOLDER unless it has the program:
# nothing is installed, /etc/apt is not touched. It wants the machine's Debian archive.
set -eu
package=$1 suite=$2 folder=$3 program=$4
cd "$(dirname "$(readlink -f "$0")")/../.."
[ -x ".servers/$folder/$program" ] && exit 0
lists=$PWD/.servers/apt-$folder
mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
archive=$(grep -rhoE 'https?://[^ ]+/debian( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 | tr -d ' ')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" > "$lists/sources.list"
cat > "$lists/apt.conf" <<CONF
Dir::Etc::sourcelist "$lists/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$lists/lists";
Dir::Cache "$lists/cache";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=$lists/apt.conf
apt-get update -q
cd "$lists" && apt-get download -q "$package"
dpkg-deb -x "$package"_*.deb "../$folder"
