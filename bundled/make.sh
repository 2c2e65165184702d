#!/bin/sh
# Makes the bundled model again:  bundled/make.sh CORPUS [RUNS]
# CORPUS is a directory of .txt files with the held-out chesterton-thursday.txt; RUNS (default: bundled/runs) keeps checkpoints, so that
# the same command goes on after an interruption. Some hours on two cores.
set -eu
home=$(cd "$(dirname "$0")" && pwd)
squall=$home/../squall
corpus=$1
runs=${2:-$home/runs}
out=$home/src/main/resources/dev/squall/bundled
mkdir -p "$runs" "$out/draft"

[ -f "$runs/tokenizer/tokenizer.json" ] ||
    "$squall" train-tokenizer --corpus "$corpus" --exclude chesterton-thursday.txt --vocab 16384 -o "$runs/tokenizer"
"$squall" train --config "$home/target.json" --corpus "$corpus" --tokenizer "$runs/tokenizer" -o "$runs/target"
rm -f "$runs/target.gguf"
"$squall" convert -m "$runs/target/model" --type q8_0 -o "$runs/target.gguf"
"$squall" rank -m "$runs/target.gguf" --corpus "$corpus" --held-out chesterton-thursday.txt --sizes 8192,4096,2048,1024 \
    -o "$runs/ranking/ranking.json"
"$squall" train --config "$home/draft.json" --corpus "$corpus" --tokenizer "$runs/tokenizer" --target "$runs/target.gguf" \
    -o "$runs/draft"

cp "$runs/target.gguf" "$out/"
cp "$runs/draft/model/config.json" "$runs/draft/model/model.safetensors" "$runs/ranking/ranking.json" "$out/draft/"
for run in target draft; do
    cp "$runs/$run/curve.csv" "$home/$run-curve.csv"
    cp "$runs/$run/curve.png" "$home/$run-curve.png"
done
cp "$runs/ranking/ranking.json.png" "$home/ranking.png"
cd "$out" && sha256sum target.gguf draft/config.json draft/model.safetensors draft/ranking.json >files.sha256
