#!/bin/sh
# Runs the complete audit (with Lighthouse, median of 3 runs) on the pages listed
# in URLS_FILE, one `profile|name=address` a line, prints the table of results
# and exits 1 when a gate is missed.
#
#   scripts/audit-full.sh URLS_FILE [OUT_DIR]
#
# VIADUC_SHARED names the folder that holds webaudit/ (default ../shared);
# AUDIT_LH_RUNS the number of Lighthouse runs; AUDIT_STATE a file of session
# cookies for pages behind a log-in.
set -eu
if [ $# -lt 1 ] || [ ! -r "$1" ]; then
	echo "usage: $0 URLS_FILE [OUT_DIR]" >&2
	exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
urls=$(realpath "$1")
out=${2:-}
if [ -z "$out" ]; then
	out=$(mktemp -d "${TMPDIR:-/tmp}/viaduc-audit.XXXXXX")
fi
mkdir -p "$out"
out=$(realpath "$out")

shared=${VIADUC_SHARED:-$root/../shared}
if [ ! -r "$shared/webaudit/audit.mjs" ]; then
	echo "No $shared/webaudit: set VIADUC_SHARED to the folder that holds it." >&2
	exit 2
fi
shared=$(cd "$shared" && pwd)

# The tool may be on a read-only disk and must not leave its modules in this
# tree: it runs from a copy, kept from one run to the next and made again when
# a file of the tool changes.
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/viaduc
key=$(cd "$shared/webaudit" && cat ./*.mjs ./*.js ./*.json | sha256sum | cut -c1-16)
tool=$cache/webaudit-$key
if [ ! -e "$tool/.ready" ]; then
	mkdir -p "$cache"
	rm -rf "$tool"
	mkdir "$tool"
	for f in "$shared"/webaudit/*.mjs "$shared"/webaudit/*.js "$shared"/webaudit/*.json "$shared"/webaudit/README.md; do
		cp "$f" "$tool/"
	done
	chmod -R u+w "$tool"
	(cd "$tool" && npm ci --silent --no-audit --no-fund)
	touch "$tool/.ready"
fi

CHROME_PATH=${CHROME_PATH:-/usr/bin/chromium}
export CHROME_PATH
if [ ! -x "$CHROME_PATH" ]; then
	echo "No Chromium at $CHROME_PATH: run scripts/install-test-tools.sh." >&2
	exit 2
fi
set -- --urls "$urls" --lh-runs "${AUDIT_LH_RUNS:-3}" --out "$out" --fail
if [ -n "${AUDIT_STATE:-}" ]; then
	set -- "$@" --state "$(realpath "$AUDIT_STATE")"
fi
status=0
(cd "$tool" && node audit.mjs "$@") || status=$?
if [ "$status" -ne 0 ] && [ -r "$out/results.md" ]; then
	echo "Gates missed:" >&2
	grep -E '^(## |- gates not met|- harness errors)' "$out/results.md" >&2 || true
fi
echo "Full report: $out/results.md"
exit "$status"
