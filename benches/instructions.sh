#!/usr/bin/env bash
# Instructions that each operation takes, counted by callgrind and compared with instructions.txt; fails when one
# takes over a tenth more. How busy the machine is does not count.
#
#   benches/instructions.sh             compares
#   benches/instructions.sh --update    writes what is counted now to instructions.txt
set -euo pipefail
cd "$(dirname "$0")/.."
baseline=benches/instructions.txt
allowed=10 # per cent
sizes=(1000 100000)
operations=2000
seeds=20
steps=300

if ! command -v valgrind >/dev/null || ! command -v callgrind_annotate >/dev/null; then
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        echo "this needs valgrind with callgrind_annotate; install it, for example with: apt-get install valgrind" >&2
        exit 2
    fi
    apt-get update -qq && apt-get install -y -qq valgrind
fi

target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
cargo build --release -q -p background-sync-benches --bin instructions
cargo build --release -q -p background-sync-simulator --example simulate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Runs a program under callgrind; what it says goes to $scratch/said, the counts to $scratch/counts.
count() {
    if ! valgrind --tool=callgrind --callgrind-out-file="$scratch/counts" "$@" >"$scratch/said" 2>"$scratch/errors"; then
        cat "$scratch/errors" "$scratch/said" >&2
        exit 2
    fi
}

# What each counted function took with everything it called, by the number of its runs.
functions() {
    callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$scratch/counts" |
        awk -v said="$scratch/said" -v size="$1" '
            BEGIN { while ((getline line < said) > 0) { split(line, part, " "); times[part[1]] = part[2] } }
            match($0, /counted_[a-z_]+/) {
                name = substr($0, RSTART, RLENGTH); total = $1; gsub(",", "", total); total += 0
                if (name in times && total > most[name] + 0) most[name] = total
            }
            END { for (name in times) printf "%s_at_%d %.0f\n", substr(name, 9), size, most[name] / times[name] }
        '
}

for size in "${sizes[@]}"; do
    count "$target/release/instructions" "$size" $operations
    functions "$size"
done | sort >"$scratch/now"
count "$target/release/examples/simulate" 0 $seeds $steps
# the whole program, by the number of steps
awk -v steps=$((seeds * steps)) '
    /^(summary|totals):/ { total = $2 }
    END { printf "step_of_a_random_world %.0f\n", total / steps }
' "$scratch/counts" >>"$scratch/now"

if ! awk '$2 <= 0 { exit 1 }' "$scratch/now"; then
    echo "callgrind did not count every function:" >&2
    cat "$scratch/now" >&2
    exit 2
fi
if [ "${1:-}" = --update ]; then
    cp "$scratch/now" "$baseline"
fi
echo "instructions each; load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
awk -v allowed=$allowed '
    BEGIN { printf "%-32s %12s %12s %9s\n", "", "before", "now", "change" }
    FNR == NR { before[$1] = $2; next }
    !($1 in before) { printf "%-32s %12s %12d\n", $1, "-", $2; bad = 1; next }
    {
        change = ($2 / before[$1] - 1) * 100
        over = change > allowed
        printf "%-32s %12d %12d %+8.1f%%%s\n", $1, before[$1], $2, change, over ? "  too much" : ""
        bad = bad || over
        delete before[$1]
    }
    END {
        for (name in before) { printf "%-32s %12d %12s\n", name, before[name], "-"; bad = 1 }
        exit bad
    }
' "$baseline" "$scratch/now" || { echo "over $allowed % more than in $baseline, or not the same operations" >&2; exit 1; }
