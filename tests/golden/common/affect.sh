# A small affect case that works: 24 people, 6 clips each, three labels, what people reported, three
# raters a clip. Golden tests write it into the current folder, break one thing, and look at what onus
# says. `replace` is small.sh's.
. "$GOLDEN/common/small.sh"

affect_tables() {
    LC_ALL=C awk 'BEGIN {
        split("calm happy sad", label, " ")
        split("north south", home, " ")
        print "clip,person,said,p_calm,p_happy,p_sad" >"said.csv"
        print "clip,felt" >"felt.csv"
        print "clip,rater,vote" >"votes.csv"
        print "person,home" >"people.csv"
        for (p = 0; p < 24; p++) {
            printf "p%02d,%s\n", p, home[1 + p % 2] >"people.csv"
            for (k = 0; k < 6; k++) {
                clip = sprintf("c%02d%d", p, k)
                felt = 1 + (k + p) % 3
                noise = (p * 7 + k * 5) % 10
                said = noise < 6 ? felt : 1
                text = noise == 9 ? "" : label[said]
                printf "%s,p%02d,%s", clip, p, text >"said.csv"
                for (c = 1; c <= 3; c++) printf ",%s", (c == said ? "0.6" : "0.2") >"said.csv"
                printf "\n" >"said.csv"
                printf "%s,%s\n", clip, label[felt] >"felt.csv"
                for (r = 1; r <= 3; r++) {
                    vote = (p + k + r) % 4 ? felt : 1 + felt % 3
                    printf "%s,r%d,%s\n", clip, r, label[vote] >"votes.csv"
                }
            }
        }
    }'
}

affect_case() {
    affect_tables
    cat >case.yaml <<'END'
onus: 1
title: Does it read what people feel?
kind: affect
labels: {file: said.csv, item: clip, label: said, scores: {calm: p_calm, happy: p_happy, sad: p_sad}}
items: {file: said.csv, id: clip, person: person}
people: {file: people.csv, id: person, groups: {home: home}}
self_report: {file: felt.csv, item: clip, label: felt}
raters: {file: votes.csv, item: clip, rater: rater, label: vote}
domain: {labels: [calm, happy, sad], scale: nominal}
setting: {expression: spontaneous, choice: forced, raters_blind: yes, place: a waiting room}
protocol: {resample: {unit: person, replicates: 400}, seed: 3}
claims:
  - {say: over 90 % accurate, measure: affect.accuracy, scope: {against: self_report}, at_least: 90 %}
  - {say: no worse for the south, measure: affect.accuracy, scope: {against: self_report, group: any}, at_least: 50 %}
END
}
