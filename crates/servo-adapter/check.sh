#!/usr/bin/env bash
# Everything about the adapter to Servo's types. With `--no-tests` nothing of Servo is built, only checked.
set -euo pipefail
cd "$(dirname "$0")"

cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
if [[ ${1-} != --no-tests ]]; then
    cargo test --locked
fi
