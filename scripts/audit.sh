#!/usr/bin/env bash
# Serves the real census (or the demo where it is not there) on loopback and judges its pages with the full page audit:
# Lighthouse medians, slow link, paper. Prints the table; exits with 1 when a gate is missed.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${VIADUC_SHARED:-../shared}
work=$(mktemp -d)
port=${AUDIT_PORT:-18480}
host="http://127.0.0.1:$port"
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/viaduc" ./cmd/viaduc
v() { "$work/viaduc" --data "$work/data" "$@"; }
v geo import "$shared/data/geo/communes-2026.csv"
v place import "$shared/data/lieux/lieux-17.csv" | tail -n 1
v place import "$shared/data/lieux/lieux-france.csv" | tail -n 1
v territory set --name "Charente-Maritime" --phone "05 36 49 00 17" --phone-hours "du lundi au vendredi, de 9 h à 17 h" --main-commune 17299 > /dev/null
"$work/viaduc" --data "$work/data" serve --addr "127.0.0.1:$port" &
pid=$!
for _ in $(seq 100); do curl -fsS "$host/readyz" > /dev/null 2>&1 && break; sleep 0.1; done
place=$(curl -fsS "$host/api/v1/lieux?ou=Rochefort&limit=1" | grep -o '"page":"/[^"]*"' | cut -d'"' -f4)
cat > "$work/urls.txt" <<URLS
resident|accueil=$host/
resident|lieux=$host/lieux?ou=Rochefort
resident|lieu=$host$place
resident|aucun=$host/lieux?ou=xyzzyx
resident|simple=$host/simple/lieux?ou=97400
URLS
bash scripts/audit-full.sh "$work/urls.txt" "${AUDIT_DIR:-$work/out}"
# Error pages are judged by make e2e: Lighthouse gives no figure for a status other than 200.
# Translated pages name their menus in their language: judged apart from the French ones.
for lang in en ar; do
  echo "resident|$lang=$host/$lang/lieux?ou=Rochefort" > "$work/$lang.txt"
  bash scripts/audit-full.sh "$work/$lang.txt" "${AUDIT_DIR:-$work/out}/$lang"
done
