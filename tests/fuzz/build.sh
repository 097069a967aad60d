#!/usr/bin/env bash
# Builds the fuzz targets with coverage counters, as cargo-fuzz does but for the sanitizer of memory, which needs a nightly
# compiler: all code of this project is safe Rust. Prints the program's path.
set -euo pipefail
cd "$(dirname "$0")/guided"
out=${CARGO_TARGET_DIR:-target}/guided
triple=$(rustc -vV | sed -n 's/^host: //p')
# The flags go to what runs on the target only, hence --target: build scripts and macros have no counters to report to.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-sanitizer-coverage-stack-depth --cfg fuzzing_guided"
CARGO_TARGET_DIR=$out cargo build --release --target "$triple" "$@" >&2
echo "$out/$triple/release/hourbook-fuzz-guided"
