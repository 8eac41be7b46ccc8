#!/bin/sh
# Installs what the tests need beside Go, node and npm, on Debian 12 and later:
# Chromium (page audit, scenarios), PostgreSQL 15 (tests start their own server
# with initdb), a C compiler (the race detector), poppler (reading printed PDF),
# raptor (reading the catalogue),
# Noto fonts (Arabic), axe-core, and a stand-in of ProConnect and FranceConnect.
# With the word "bench" it installs what make bench measures Viaduc against
# instead: PostgreSQL 15 with PostGIS, and the sqlite3 command.
# Says nothing and touches nothing when everything is there.
set -eu
cd "$(dirname "$0")/.."

missing=
need() { # need PACKAGE TEST...: adds PACKAGE when TEST fails
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
has_font() {
	for dir in /usr/share/fonts /usr/local/share/fonts; do
		[ -d "$dir" ] && find "$dir" -name 'NotoSansArabic*' | grep -q . && return 0
	done
	return 1
}
need_for_tests() {
	need chromium test -x "${CHROME_PATH:-/usr/bin/chromium}"
	need gcc command -v gcc
	need libc6-dev test -e /usr/include/stdlib.h
	need poppler-utils command -v pdftotext
	need raptor2-utils command -v rapper
	need fonts-noto-core has_font
}
need postgresql-15 test -x /usr/lib/postgresql/15/bin/initdb
if [ "${1:-}" = bench ]; then
	need postgresql-15-postgis-3 test -e /usr/share/postgresql/15/extension/postgis.control
	need sqlite3 command -v sqlite3
else
	need_for_tests
fi

if [ -n "$missing" ]; then
	if [ "$(id -u)" -eq 0 ]; then
		root=env
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		root='sudo -n env'
	else
		echo "Missing:$missing" >&2
		echo "Not root and no sudo without a password. Run as root:" >&2
		echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
		exit 1
	fi
	case $missing in
	*postgresql-15*)
		# Each test run makes a server of its own, so keep the package from
		# starting one on port 5432. An existing choice of the machine stays.
		if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
			$root mkdir -p /etc/postgresql-common
			echo 'create_main_cluster = false' | $root tee /etc/postgresql-common/createcluster.conf >/dev/null
		fi
		;;
	esac
	echo "Installing:$missing"
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	# shellcheck disable=SC2086 # both lists are split on purpose
	if ! { $root apt-get update -q &&
		$root DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
			-o Dpkg::Options::=--force-confold $missing; } >"$log" 2>&1; then
		cat "$log" >&2
		exit 1
	fi
fi

[ "${1:-}" = bench ] && exit 0

# The exact versions are part of the verdict: a newer axe has more rules, a newer provider other ones.
for package in axe-core ical.js oidc-provider; do
	want=$(sed -n "s/.*\"$package\": \"\([0-9.]*\)\".*/\1/p" e2e/package.json)
	have=$(sed -n 's/^ *"version": "\([0-9.]*\)".*/\1/p' "e2e/node_modules/$package/package.json" 2>/dev/null || true)
	[ "$want" = "$have" ] || modules=missing
done
if [ "${modules:-}" ] || [ ! -s e2e/node_modules/axe-core/axe.min.js ]; then
	if ! command -v npm >/dev/null; then
		echo "npm is missing: install node 20 or later with npm, then run this again." >&2
		exit 1
	fi
	(cd e2e && npm ci --silent --no-audit --no-fund)
fi
