#!/bin/sh
# Makes the bundled encoder again:  bundled-encoder/make.sh CORPUS SENTENCES WORDNET [RUNS]
# CORPUS is a directory of .txt files with the held-out chesterton-thursday.txt; SENTENCES the train.txt of SemEval-2010 task 8 as PTR's
# JSON lines, its labels unread; WORDNET the directory of WordNet 3.0 that holds data.noun (Debian: wordnet-base, /usr/share/wordnet);
# RUNS (default: bundled-encoder/runs) keeps checkpoints, so that the same command goes on after an interruption.
# First a small encoder reads books and sentences, then one of twice its width goes on from it and reads WordNet too, twice: some fifty,
# forty and twenty-five minutes on two cores. Asks for GNU's shuf.
set -eu
home=$(cd "$(dirname "$0")" && pwd)
squall=$home/../squall
corpus=$(cd "$1" && pwd)
sentences=$2
wordnet=$3
runs=${4:-$home/runs}
out=$home/src/main/resources/dev/squall/bundled/encoder
mkdir -p "$runs/texts" "$runs/corpus" "$out"

# Learns the tokenizer $1 of $2 tokens from the texts and from the words of the sentences, $3 times.
tokenizer() {
    [ ! -f "$runs/$1/tokenizer.json" ] || return 0
    for _ in $(seq "$3"); do
        sed 's/^{"token": \["//; s/"\], "h": .*//; s/", "/ /g' "$sentences"
    done >"$runs/texts/sentences.txt"
    "$squall" train-tokenizer --corpus "$runs/texts" --vocab "$2" --special encoder --require "$home/labels.txt" -o "$runs/$1"
}

four=$sentences,$sentences,$sentences,$sentences
cp "$corpus"/*.txt "$runs/texts/"
rm "$runs/texts/chesterton-thursday.txt"
tokenizer start-tokenizer 8192 4
"$squall" train --config "$home/start.json" --corpus "$corpus" --tokenizer "$runs/start-tokenizer" --sentences "$four" -o "$runs/start"

awk -f "$home/wordnet.awk" "$wordnet/data.noun" "$wordnet/data.noun" "$wordnet/data.verb" "$wordnet/data.adj" "$wordnet/data.adv" |
    shuf --random-source="$wordnet/data.noun" >"$runs/texts/wordnet.txt"
cp "$corpus"/*.txt "$runs/texts/wordnet.txt" "$runs/corpus/"
tokenizer tokenizer 12288 24
from=start
for run in encoder finish; do
    "$squall" train --config "$home/$run.json" --corpus "$runs/corpus" --tokenizer "$runs/tokenizer" --sentences "$four,$four" \
        --start "$runs/$from/model" -o "$runs/$run"
    from=$run
done

for file in config.json model.safetensors tokenizer.json tokenizer_config.json; do
    cp "$runs/finish/model/$file" "$out/"
done
for run in start encoder finish; do
    awk -F, 'NR == 1 || $5 != "" || $1 % 50 == 0' "$runs/$run/curve.csv" >"$home/$run-curve.csv"
    cp "$runs/$run/curve.png" "$home/$run-curve.png"
done
cd "$out" && sha256sum config.json model.safetensors tokenizer.json tokenizer_config.json >files.sha256
