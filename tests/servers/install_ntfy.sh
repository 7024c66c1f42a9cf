#!/bin/bash
# ntfy, to which alerts are sent, from Debian's package of it.
exec bash "$(dirname "$(readlink -f "$0")")/unpack_debian.sh" ntfy trixie ntfy usr/bin/ntfy
