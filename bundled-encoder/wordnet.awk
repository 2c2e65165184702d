# Lines of text from the files data.noun, data.verb, data.adj and data.adv of WordNet, one for each meaning:
#     words: its field, a kind of, part of; what it means.
# Called with data.noun twice: names are needed first. Names (Paris) and genera (genus Canis) are left out.
function words(w) { gsub(/_/, " ", w); sub(/\([a-z]+\)$/, "", w); return w }
function hex(d) { return index("0123456789abcdef", d) - 1 }
BEGIN {
    split("thing act animal artifact attribute body cognition communication event feeling food group location motive object " \
        "person phenomenon plant possession process quantity relation shape state substance time", field, " ")
}
FNR == 1 { file++ }
/^ / { next }
file == 1 { name[$1] = words($5); next }
$5 ~ /^[A-Z0-9]/ || $5 ~ /^genus_/ { next }
{
    count = 16 * hex(substr($4, 1, 1)) + hex(substr($4, 2, 1))
    line = words($5)
    for (i = 1; i < count; i++) line = line ", " words($(5 + 2 * i))
    whole = ""
    if ($3 == "n") {
        line = line ": " field[$2 - 2]
        for (i = 5 + 2 * count + 1; $i != "|" && i < NF; i += 4) {
            if ($i == "@") line = line ", " name[$(i + 1)]
            if ($i ~ /^#[pms]$/) whole = whole ", part of " name[$(i + 1)]
        }
    } else line = line ":"
    line = line whole (($3 == "n") ? ";" : "")
    gloss = $0
    sub(/^[^|]*\| */, "", gloss)
    sub(/ *$/, "", gloss)
    print line " " gloss "."
}
