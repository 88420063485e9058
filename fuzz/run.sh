#!/usr/bin/env bash
# Runs fuzz targets and prints what they covered: fuzz/run.sh [SECONDS] [TARGET...]
#
# Without anything: all targets, 15 seconds each, as many at once as there are processors. Needs a C++ compiler for libFuzzer; neither a nightly nor cargo-fuzz,
# because the passes that count edges are in every rustc, and without `unsafe` there is little for a sanitizer to find.
set -euo pipefail
cd "$(dirname "$0")"

seconds=15
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
all=(fuzz_targets/*.rs)
all=("${all[@]##*/}")
all=("${all[@]%.rs}")
targets=("${@:-${all[@]}}")
for target in "${targets[@]}"; do
    if [[ ! -f fuzz_targets/$target.rs ]]; then
        echo "no target '$target'; there are: ${all[*]}" >&2
        exit 2
    fi
done

if ! command -v c++ >/dev/null; then
    echo "no C++ compiler for libFuzzer: only the seeds are run, as in 'cargo test'" >&2
    exec cargo test --manifest-path ../Cargo.toml -p background-sync-simulator --test fuzz_seeds
fi

host=$(rustc -vV | sed -n 's/^host: //p')
counts="-Cpasses=sancov-module"
for arg in level=4 inline-8bit-counters pc-table trace-compares; do
    counts+=" -Cllvm-args=-sanitizer-coverage-$arg"
done
# With --target it is not build scripts that are counted. Our own assertions are what a target fails by.
RUSTFLAGS="--cfg fuzzing $counts -Cdebug-assertions" \
    cargo build --release --locked --target "$host" "${targets[@]/#/--bin=}"
programs=$(realpath "${CARGO_TARGET_DIR:-target}/$host/release")

# Fuzzes one target. What libFuzzer said is left in a log, and a file that it failed.
fuzz() {
    local target=$1 corpus=corpus/$1 found=artifacts/$1
    mkdir -p "$corpus" "$found"
    rm -f "$found/failed"
    "$programs/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -len_control=20 -max_len=4096 \
        -artifact_prefix="$found/" "$corpus" "seeds/$target" >"$found/log" 2>&1 || touch "$found/failed"
}

# The line of a target: of libFuzzer's last line, how much was run and what that covered.
report() {
    local target=$1 log=artifacts/$1/log edges last
    edges=$(sed -n 's/^INFO: Loaded .* (\([0-9]*\) inline 8-bit counters).*/\1/p' "$log" | head -n 1)
    last=$(grep -a -E '^#[0-9]+' "$log" | tail -n 1)
    value() { sed -n "s/.* $1: \([0-9]*\).*/\1/p" <<<"$last"; }
    printf '%-10s %10s %10s %10s %10s\n' \
        "$target" "$(sed 's/^#\([0-9]*\).*/\1/' <<<"$last")" "$(value cov)" "${edges:-none}" "$(value ft)"
    [[ -n $edges ]]
}

for target in "${targets[@]}"; do
    while (($(jobs -rp | wc -l) >= $(nproc))); do
        wait -n
    done
    fuzz "$target" &
done
wait

failed=()
printf '%-10s %10s %10s %10s %10s\n' target runs edges 'of all' features
for target in "${targets[@]}"; do
    report "$target" && [[ ! -e artifacts/$target/failed ]] || failed+=("$target")
done
for target in "${failed[@]}"; do
    printf '\n== %s failed\n' "$target" >&2
    grep -a -A 20 -m 1 -E 'panicked|ERROR' "artifacts/$target/log" | cut -c 1-400 >&2 || tail "artifacts/$target/log" >&2
    echo "again: $programs/$target fuzz/artifacts/$target/crash-..." >&2
done
[[ ${#failed[@]} -eq 0 ]]
