#!/bin/bash
# snac2, a small fediverse server in C, from Debian's package of it. It wants Debian's own libcurl4 (apt-get install libcurl4).
exec bash "$(dirname "$(readlink -f "$0")")/unpack_debian.sh" snac2 trixie-backports snac usr/bin/snac
