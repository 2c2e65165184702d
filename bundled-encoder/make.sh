#!/bin/sh
# Makes the bundled encoder again:  bundled-encoder/make.sh CORPUS SENTENCES [RUNS]
# CORPUS is a directory of .txt files with the held-out chesterton-thursday.txt; SENTENCES the train.txt of SemEval-2010 task 8 as PTR's
# JSON lines, read twelve times an epoch, its labels unread; RUNS (default: bundled-encoder/runs) keeps checkpoints, so that the same
# command goes on after an interruption. Less than an hour on two cores.
set -eu
home=$(cd "$(dirname "$0")" && pwd)
squall=$home/../squall
corpus=$1
sentences=$2
runs=${3:-$home/runs}
out=$home/src/main/resources/dev/squall/bundled/encoder
mkdir -p "$runs/texts" "$out"

if [ ! -f "$runs/tokenizer/tokenizer.json" ]; then
    cp "$corpus"/*.txt "$runs/texts/"
    rm "$runs/texts/chesterton-thursday.txt"
    sed 's/^{"token": \["//; s/"\], "h": .*//; s/", "/ /g' "$sentences" >"$runs/sentences.txt" # the words of each line
    for copy in 1 2 3 4 5 6 7 8 9 10 11 12; do
        cat "$runs/sentences.txt" "$runs/sentences.txt"
    done >"$runs/texts/sentences.txt"
    "$squall" train-tokenizer --corpus "$runs/texts" --vocab 8192 --special encoder --require "$home/labels.txt" -o "$runs/tokenizer"
fi
four=$sentences,$sentences,$sentences,$sentences
"$squall" train --config "$home/encoder.json" --corpus "$corpus" --tokenizer "$runs/tokenizer" \
    --sentences "$four,$four,$four" -o "$runs/encoder"

for file in config.json model.safetensors tokenizer.json tokenizer_config.json; do
    cp "$runs/encoder/model/$file" "$out/"
done
awk -F, 'NR == 1 || $5 != "" || $1 % 50 == 0' "$runs/encoder/curve.csv" >"$home/curve.csv"
cp "$runs/encoder/curve.png" "$home/curve.png"
cd "$out" && sha256sum config.json model.safetensors tokenizer.json tokenizer_config.json >files.sha256
