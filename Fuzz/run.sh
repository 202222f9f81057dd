#!/usr/bin/env bash
# Fuzzes everything a stranger can send: Fuzz/run.sh [SECONDS for each target, 60 unless given] [TARGET…]
#
# Seeds are in Fuzz/Corpus/TARGET. What the fuzzer learns stays in the scratch folder; inputs that crash, hang or use too
# much memory go to Fuzz/FailCases/TARGET, which FailCaseTests replays from then on: commit them with the repair.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(
    FuzzBencode FuzzMetainfo FuzzMagnet FuzzPeerWire FuzzDNS FuzzBEP14 FuzzEngine FuzzHTTPFields FuzzTracker
)
# Swift's own crash reporter would end the process before libFuzzer has kept the input.
export SWIFT_BACKTRACE=enable=no
scratch=${FUZZ_SCRATCH:-$here/.build}

build=(swift build --package-path "$here" --scratch-path "$scratch" -c release --sanitize=fuzzer)
for target in "${targets[@]}"; do
    # One by one: without a product's name the main package's program would be built as well.
    "${build[@]}" --product "$target"
done
programs=$("${build[@]}" --show-bin-path)

failed=()
for target in "${targets[@]}"; do
    seeds=$here/Corpus/$target
    found=$here/FailCases/$target
    learned=$scratch/corpus/$target
    mkdir -p "$seeds" "$found" "$learned"
    printf '\n== %s for %s s\n' "$target" "$seconds"
    corpora=("$learned" "$seeds" "$found")
    [ "$target" != FuzzMetainfo ] || corpora+=("$here/../Tests/MetainfoTests/Vectors")
    "$programs/$target" "${corpora[@]}" -artifact_prefix="$found/" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=512 -malloc_limit_mb=256 -max_len=65536 -len_control=50 -print_final_stats=1 \
        2>"$scratch/$target.log" || failed+=("$target")
    grep -E '^(stat::|SUMMARY|==|Fatal|Thread|.*(Fatal error|ERROR:))' "$scratch/$target.log" | tail -20 || true
    rmdir --ignore-fail-on-non-empty "$found" 2>/dev/null || true
done

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFAILED: %s. Inputs: Fuzz/FailCases; logs: %s\n' "${failed[*]}" "$scratch/TARGET.log"
    exit 1
fi
printf '\nnothing found\n'
