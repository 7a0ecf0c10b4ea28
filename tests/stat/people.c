/* Do the intervals over people cover what they say, and do the tests reject as often as they say?
 *
 * People differ in how well a product reads them, in how many items there are of them and in which
 * labels these have; a fifth of the answers are abstentions. Printed: how often the 95 % intervals
 * of an accuracy, of a recall and of a gap between two groups hold the truth, with 20 and with 60
 * people (10 and 30 a group): the rows taken for independent, the plain percentile, the jackknife
 * and what Onus prints. Then how often chance and the Mantel-Haenszel statistic reject where there
 * is nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city.h"
#include "onus/stats_cluster.h"
#include "onus/stats_confusion.h"
#include "onus/stats_interval.h"
#include "onus/stats_labels_groups.h"

enum { Q = 3, PEOPLE_MAX = 60, ITEMS_MAX = 80, REPLICATES = 400 };
enum { ACCURACY, RECALL, GAP, N_TARGETS };
enum { ROWS, PERCENTILE, JACKKNIFE, ONUS, N_WAYS };
enum { CHANCE = N_TARGETS * N_WAYS, MH_NAIVE, MH_PEOPLE, WIDTH };

static const char *const TARGETS[] = {"accuracy", "recall", "gap"};

typedef struct design {
    size_t n_people;
    double level[Q]; /* logit of being right on label l for the middle person */
    double spread;   /* of persons, logits */
    double gap;      /* group 0 less group 1, logits */
    double truth[N_TARGETS];
    uint64_t id;
} design;

static double expit(double x) {
    return 1 / (1 + exp(-x));
}

/* Mean over persons of how often label l is got right, by midpoints of the normal's quantiles. */
static double recall_of(const design *d, int l, double shift) {
    enum { POINTS = 4000 };
    double sum = 0;
    for (int k = 0; k < POINTS; k++) {
        sum += expit(d->level[l] + shift + d->spread * onus_normal_quantile((k + 0.5) / POINTS));
    }
    return sum / POINTS;
}

/* Labels of an item: of those of group 1 half are label 0, of group 0 a third each. */
static int draw_label(onus_rng *rng, size_t group, double lean) {
    const double u = onus_rng_uniform(rng);
    const double first = group == 0 ? 1.0 / 3 : 0.5;
    const double own = first + lean; /* a person's own mix about it */
    return u < own ? 0 : u < own + (1 - own) / 2 ? 1 : 2;
}

static void make(design *d) {
    double mean[2] = {0};
    for (int g = 0; g < 2; g++) {
        for (int l = 0; l < Q; l++) {
            const double first = g == 0 ? 1.0 / 3 : 0.5;
            const double share = l == 0 ? first : (1 - first) / 2;
            const double recall = recall_of(d, l, g == 0 ? d->gap : 0);
            mean[g] += share * recall;
            d->truth[GAP] += (g == 0 ? recall : -recall) / Q;
        }
    }
    d->truth[ACCURACY] = (mean[0] + mean[1]) / 2;
    /* label 1 is a third of group 0's items and a quarter of group 1's */
    d->truth[RECALL] = (recall_of(d, 1, d->gap) / 3 + recall_of(d, 1, 0) / 4) / (1.0 / 3 + 1.0 / 4);
}

typedef struct sample {
    double cells[PEOPLE_MAX * Q * (Q + 1)];
    double groups[PEOPLE_MAX * 4 * Q];
    int32_t group[PEOPLE_MAX];
    double truth[PEOPLE_MAX * ITEMS_MAX * Q];
    int32_t said[PEOPLE_MAX * ITEMS_MAX];
    int32_t person[PEOPLE_MAX * ITEMS_MAX];
    size_t n_items;
} sample;

static void live(const design *d, onus_rng *rng, sample *s) {
    memset(s, 0, sizeof *s);
    for (size_t p = 0; p < d->n_people; p++) {
        const size_t group = p % 2;
        const double ability = d->spread * onus_rng_normal(rng) + (group == 0 ? d->gap : 0);
        const double lean = 0.3 * (onus_rng_uniform(rng) - 0.5);
        const size_t n = 10 + onus_rng_below(rng, 31); /* 10 to 40 items */
        s->group[p] = (int32_t)group;
        for (size_t i = 0; i < n; i++) {
            const int label = draw_label(rng, group, lean);
            const bool right = onus_rng_uniform(rng) < expit(d->level[label] + ability);
            const uint32_t wrong = onus_rng_below(rng, 5); /* a fifth of the wrong abstain */
            const int said = right ? label : wrong == 0 ? Q : (label + 1 + (int)(wrong % 2)) % Q;
            s->cells[p * Q * (Q + 1) + (size_t)(label * (Q + 1) + said)] += 1;
            s->groups[p * 4 * Q + 2 * (group * Q + (size_t)label)] += right;
            s->groups[p * 4 * Q + 2 * (group * Q + (size_t)label) + 1] += 1;
            s->truth[s->n_items * Q + (size_t)label] = 1;
            s->said[s->n_items] = said == Q ? -1 : said;
            s->person[s->n_items++] = (int32_t)p;
        }
    }
}

static double holds(onus_limits limits, double truth) {
    return limits.low <= truth && truth <= limits.high;
}

static void store(const design *d, int target, onus_limits rows, const onus_cluster_estimate *e,
                  double *slot) {
    slot[target * N_WAYS + ROWS] = holds(rows, d->truth[target]);
    slot[target * N_WAYS + PERCENTILE] = holds(e->percentile, d->truth[target]);
    slot[target * N_WAYS + JACKKNIFE] = holds(e->jackknife, d->truth[target]);
    slot[target * N_WAYS + ONUS] =
        holds(target == GAP ? e->limits : onus_cluster_share_limits(e, 0.95), d->truth[target]);
}

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    const design *d = shared;
    sample *s = scratch;
    const onus_context serial = {.n_threads = 1};
    const onus_confusion_shape shape = {Q};
    const onus_group_shape sides = {Q};
    onus_cluster_estimate e[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * Q];
    onus_cluster_estimate g[ONUS_GROUP_N_VALUES];
    double cells[Q * (Q + 1)];
    double totals[4 * Q] = {0};
    onus_group_cell pairs[2 * Q];
    onus_rng rng;
    onus_rng_init(&rng, 5200 + d->id, ONUS_STREAM_TEST, run, 0);
    live(d, &rng, s);
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.seed = run;
    opts.n_replicates = REPLICATES;
    opts.range = (onus_limits){0, 1};
    const onus_cluster_data data = {
        .sums = s->cells, .n_clusters = d->n_people, .n_sums = Q * (Q + 1)};
    const onus_cluster_data apart = {.sums = s->groups,
                                     .n_clusters = d->n_people,
                                     .n_sums = 4 * Q,
                                     .stratum = s->group,
                                     .n_strata = 2};
    if (onus_cluster_estimates(&data, onus_confusion_values, &shape, onus_confusion_n_values(Q),
                               &opts, &serial, e, NULL) != ONUS_OK) {
        abort();
    }
    opts.range = (onus_limits){NAN, NAN};
    if (onus_cluster_estimates(&apart, onus_group_values, &sides, ONUS_GROUP_N_VALUES, &opts,
                               &serial, g, NULL) != ONUS_OK) {
        abort();
    }
    onus_confusion_total(s->cells, d->n_people, Q, cells);
    const onus_fraction accuracy = onus_confusion_accuracy(cells, Q);
    const onus_fraction recall = onus_confusion_recall(cells, Q, 1);
    store(d, ACCURACY, onus_wilson(accuracy.num, accuracy.den, 0.95), &e[ONUS_CONFUSION_ACCURACY],
          slot);
    store(d, RECALL, onus_wilson(recall.num, recall.den, 0.95),
          &e[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL], slot);
    double variance = 0;
    for (size_t k = 0; k < d->n_people; k++) {
        for (size_t j = 0; j < 4 * Q; j++) {
            totals[j] += s->groups[k * 4 * Q + j];
        }
    }
    for (size_t k = 0; k < 2 * Q; k++) {
        pairs[k] = (onus_group_cell){totals[2 * k], totals[2 * k + 1]};
        const double share = pairs[k].right / pairs[k].all;
        variance += share * (1 - share) / pairs[k].all / Q / Q;
    }
    store(d, GAP, onus_se_interval(g[ONUS_GROUP_GAP].value, sqrt(variance), INFINITY, 0.95),
          &g[ONUS_GROUP_GAP], slot);
    onus_mantel_haenszel mh;
    onus_mantel_haenszel_of(pairs, Q, &mh);
    slot[MH_NAIVE] = mh.chi2_p < 0.05;
    slot[MH_PEOPLE] = onus_se_p(g[ONUS_GROUP_LOG_ODDS].value, g[ONUS_GROUP_LOG_ODDS].se,
                                g[ONUS_GROUP_LOG_ODDS].df, 0) < 0.05;
    /* labels dealt out anew within persons: nothing is left but chance */
    for (size_t from = 0; from < s->n_items;) {
        size_t until = from;
        while (until < s->n_items && s->person[until] == s->person[from]) {
            until++;
        }
        for (size_t k = until - 1; k > from; k--) {
            const size_t other = from + onus_rng_below(&rng, (uint32_t)(k - from + 1));
            const int32_t kept = s->said[k];
            s->said[k] = s->said[other];
            s->said[other] = kept;
        }
        from = until;
    }
    const onus_labelled labelled = {.n_items = s->n_items,
                                    .n_labels = Q,
                                    .said = s->said,
                                    .truth = s->truth,
                                    .person = s->person,
                                    .n_people = d->n_people};
    onus_chance chance;
    if (onus_labels_chance(&labelled, &chance, NULL) != ONUS_OK) {
        abort();
    }
    slot[CHANCE] = chance.p_value < 0.05;
}

static void run(design *d, uint64_t n_runs) {
    make(d);
    double *slots = calloc(n_runs * WIDTH, sizeof *slots);
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = simulate;
    job.shared = d;
    job.n_replicates = n_runs;
    job.width = WIDTH;
    job.scratch_size = sizeof(sample);
    if (slots == NULL || onus_replicates_run(&job, NULL, slots, NULL) != ONUS_OK) {
        abort();
    }
    uint64_t hits[WIDTH] = {0};
    for (uint64_t r = 0; r < n_runs; r++) {
        for (size_t k = 0; k < WIDTH; k++) {
            hits[k] += slots[r * WIDTH + k] > 0;
        }
    }
    free(slots);
    const double percent = 100 / (double)n_runs;
    for (int t = 0; t < N_TARGETS; t++) {
        const uint64_t *h = hits + t * N_WAYS;
        printf("%6zu  %-8s %6.3f | %5.1f %11.1f %10.1f %6.1f\n", d->n_people, TARGETS[t],
               d->truth[t], (double)h[ROWS] * percent, (double)h[PERCENTILE] * percent,
               (double)h[JACKKNIFE] * percent, (double)h[ONUS] * percent);
        stat_expect(TARGETS[t], h[ONUS], n_runs, 0.92, 0.97);
    }
    printf("%6zu  rejected: chance %.1f", d->n_people, (double)hits[CHANCE] * percent);
    stat_expect("chance", hits[CHANCE], n_runs, 0.035, 0.055);
    if (d->gap == 0) {
        printf(", Mantel-Haenszel by items %.1f, by people %.1f", (double)hits[MH_NAIVE] * percent,
               (double)hits[MH_PEOPLE] * percent);
        stat_expect("Mantel-Haenszel by people", hits[MH_PEOPLE], n_runs, 0.03, 0.07);
    }
    printf("\n");
}

int main(void) {
    printf("Coverage of 95 %% intervals and rejections at 5 %%, per cent\n");
    printf("people  what      truth |  rows  percentile  jackknife   Onus\n");
    static design designs[] = {
        {.n_people = 20, .level = {0.5, 0, -0.5}, .spread = 0.8},
        {.n_people = 60, .level = {0.5, 0, -0.5}, .spread = 0.8},
        {.n_people = 20, .level = {2.5, 2, 1.5}, .spread = 1, .gap = 0.5},
        {.n_people = 60, .level = {2.5, 2, 1.5}, .spread = 1, .gap = 0.5},
    };
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        designs[i].id = i;
        run(&designs[i], stat_runs(1200));
    }
    return stat_end();
}
