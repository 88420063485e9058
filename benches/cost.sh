#!/usr/bin/env bash
# What an engine pays for background sync: bytes of program, crates, build time; and with 0, 100 and 1,000
# registrations memory, time from its start to the first event, and what is done in an idle day.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
row() { printf '%-52s %9s %s\n' "$1" "$2" "$3"; }

echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"

library=(-p background-sync -p background-sync-store)
cargo fetch -q --locked
start=$(date +%s)
CARGO_TARGET_DIR="$scratch/clean" cargo build --release -q --offline "${library[@]}"
row "clean build of background-sync and its store" $(($(date +%s) - start)) "s with $(getconf _NPROCESSORS_ONLN) processors"
# all that is linked but the two themselves, build scripts and macros included
crates=$(cargo tree --offline -q "${library[@]}" -e normal,build --prefix none --format '{p}' | sed 's/ (.*//' | sort -u)
row "crates, its own among them" "$(grep -c . <<<"$crates")" "($(grep -c '^background-sync' <<<"$crates") of its own)"

# stripped programs: the smallest one, and the smallest one with background sync and its store
size() { stat -c %s "$1" 2>/dev/null || stat -f %z "$1"; }
for lto in off fat; do
    CARGO_TARGET_DIR="$scratch/$lto" cargo build -q --release --offline -p background-sync-benches --bin hello --bin engine \
        --config 'profile.release.strip="symbols"' --config "profile.release.lto=\"$lto\""
    without=$(size "$scratch/$lto/release/hello")
    with=$(size "$scratch/$lto/release/engine")
    row "bytes of a stripped program, lto $lto" $((with - without)) "($without without, $with with it)"
done

cargo build -q --release --offline -p background-sync-benches --bin hello --bin engine --bin cost
target=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
"$target/release/cost"
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
