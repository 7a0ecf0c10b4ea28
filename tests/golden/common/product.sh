# A small test of a matching product, made anew in each case that sources this file: 24 people of two
# groups, each seen at three cameras, all compared with all. The product takes people of group B for
# one another more often, and three sightings of it could not be used.
product_case() {
    LC_ALL=C awk 'BEGIN {
        seed = 20181218
        print "probe,reference,probe_person,reference_person,probe_camera,reference_camera,probe_group,reference_group,score"
        for (a = 0; a < 72; a++) {
            for (b = a + 1; b < 72; b++) {
                p = int(a / 3); q = int(b / 3)
                sum = 0
                for (k = 0; k < 6; k++) {
                    seed = (seed * 48271) % 2147483647
                    sum += seed / 2147483647
                }
                score = (p == q ? 0.72 : p % 2 == 1 && q % 2 == 1 ? 0.42 : 0.30) + 0.12 * (sum - 3)
                missing = a == 10 || b == 10 || a == 33 || b == 33 || a == 57 || b == 57
                printf "s%d,s%d,p%d,p%d,c%d,c%d,%s,%s,%s\n", a, b, p, q, a % 3, b % 3, (p % 2 ? "B" : "A"), (q % 2 ? "B" : "A"), (missing ? "" : sprintf("%.4f", score))
            }
        }
    }' >comparisons.csv
    cat >case.yaml <<'YAML'
onus: 1
title: A small acceptance test of a matching product
kind: match
comparisons:
  file: comparisons.csv
  score: score
  higher_is: same
  probe: {id: probe, person: probe_person, camera: probe_camera, groups: {group: probe_group}}
  reference: {id: reference, person: reference_person, camera: reference_camera, groups: {group: reference_group}}
threshold: {value: 0.5, from: vendor}
deployment: {searches_per_day: 2000, people_on_list: 500, prevalence: 1e-4, hops: 4, people: 10000, sightings_each: 10}
protocol: {thresholds: [0.45, 0.55], pairs: [all, cross_camera, same_camera], fmr_at: [1 %], resample: {unit: person, replicates: 200}, seed: 7}
claims:
  - {say: fewer than 1 false match in 100, measure: match.fmr, scope: {pairs: cross_camera}, at_most: 1 %}
  - {say: the same for everyone, measure: match.fmr, scope: {pairs: cross_camera, group: any}, at_most: 1 %}
YAML
}
