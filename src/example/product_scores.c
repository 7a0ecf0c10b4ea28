/* The made-up product's people, sightings and scores, with rates that are known exactly.
 *
 * The idea: a comparison's score is a standard normal variable plus a shift, pushed through a curve
 * that never turns back. What two people have in common with others (likeness) and how steadily a
 * person is seen (steadiness) take a tenth of the variance each, so that comparisons of one person
 * resemble one another, as they do in life; the chance of a single comparison stays exactly the
 * planted one, because the sum is normal again with variance 1. Scores have four decimals, and the
 * threshold lies half a step below one of them, so that rounding moves nobody across it.
 *
 * Planted: false matches ten times as frequent within one group; misses rare where both pictures
 * are of one camera and frequent where they are not; entries that stand on the list twice.
 *
 * Called by match.c. Writes text, opens nothing; no such people exist. */
#include <math.h>
#include <string.h>

#include "product_internal.h"
#include "shuffle.h"

const double PRODUCT_FMR[PRODUCT_N_GROUPS] = {0.002, 0.02};
const double PRODUCT_FMR_ACROSS = 0.001;
const double PRODUCT_FNMR_SAME_CAMERA = 0.01;
const double PRODUCT_FNMR_CROSS_CAMERA = 0.25;

/* Normal quantiles of 1 minus those shares. */
static const double Z_FMR[PRODUCT_N_GROUPS] = {2.878161739095483, 2.053748910631823};
static const double Z_FMR_ACROSS = 3.090232306167813;
static const double Z_SAME_CAMERA = 2.3263478740408408;
static const double Z_CROSS_CAMERA = 0.6744897501960817;
static const double PART = 0.1;            /* of the variance, for each person of a pair */
static const double SLOPE = 0.9;           /* of the curve from the normal scale to the score's */
static const double MISSED_ON_LIST = 0.35; /* a shift that makes a list's pictures a little worse */

const char *const PRODUCT_CAMERA_NAMES[PRODUCT_CAMERAS] = {"harbour", "market", "station", "bridge",
                                                           "school"};
const char *const PRODUCT_GROUP_NAMES[PRODUCT_N_GROUPS] = {"Aldish", "Bremmer"};

void product_rng(onus_rng *rng, const product *p, product_topic topic, size_t entity) {
    onus_rng_init(rng, p->seed, ONUS_STREAM_EXAMPLE_PRODUCT, (uint64_t)topic, (uint32_t)entity);
}

/* Which sightings give no score: scattered evenly over the group. */
static void fail_some(product *p, product_group group, int n_failed) {
    const int first = group == PRODUCT_ALDISH ? 0 : PRODUCT_ALDISH_PEOPLE * PRODUCT_SIGHTINGS_EACH;
    const int n = (group == PRODUCT_ALDISH ? PRODUCT_ALDISH_PEOPLE : PRODUCT_BREMMER_PEOPLE) *
                  PRODUCT_SIGHTINGS_EACH;
    for (int k = 0; k < n_failed; k++) {
        p->sightings[first + (2 * k + 1) * n / (2 * n_failed)].failed = true;
    }
}

static void draw_sightings(product *p) {
    int numbers[PRODUCT_SIGHTINGS];
    onus_rng rng;
    product_rng(&rng, p, PRODUCT_TOPIC_SIGHTINGS, 0);
    example_shuffle(&rng, numbers, PRODUCT_SIGHTINGS);
    for (int i = 0; i < PRODUCT_PEOPLE; i++) {
        int cameras[PRODUCT_CAMERAS];
        example_shuffle(&rng, cameras, PRODUCT_CAMERAS);
        for (int k = 0; k < PRODUCT_SIGHTINGS_EACH; k++) {
            const int at = i * PRODUCT_SIGHTINGS_EACH + k;
            p->sightings[at] = (product_sighting){
                .person = i, .camera = cameras[k < 2 ? 0 : k - 1] - 1, .number = numbers[at]};
        }
    }
    fail_some(p, PRODUCT_ALDISH, PRODUCT_FAILED_ALDISH);
    fail_some(p, PRODUCT_BREMMER, PRODUCT_FAILED_BREMMER);
}

void product_draw(product *p) {
    onus_rng rng;
    product_rng(&rng, p, PRODUCT_TOPIC_PEOPLE, 0);
    for (int i = 0; i < PRODUCT_PEOPLE; i++) {
        p->group[i] = i < PRODUCT_ALDISH_PEOPLE ? PRODUCT_ALDISH : PRODUCT_BREMMER;
        p->likeness[i] = onus_rng_normal(&rng);
        p->steadiness[i] = onus_rng_normal(&rng);
    }
    product_rng(&rng, p, PRODUCT_TOPIC_NAMES, 0);
    example_shuffle(&rng, p->name, PRODUCT_PEOPLE);
    draw_sightings(p);
    for (int e = 0; e < PRODUCT_ENTRIES; e++) {
        /* every other person of either group is on the list; some of them twice */
        p->entry_of[e] = e < PRODUCT_ON_LIST ? e : (e - PRODUCT_ON_LIST) * 4;
        p->entry_person[e] = 2 * p->entry_of[e];
    }
}

/* Ten thousandths of a score, 0 to 9999. */
static int score_e4(double beyond_threshold) {
    const double at = ((double)PRODUCT_THRESHOLD_E4 - 0.5) / 1e4;
    const double curve = SLOPE * beyond_threshold + log(at / (1.0 - at));
    const int e4 = (int)floor(1e4 / (1.0 + exp(-curve)) + 0.5);
    return e4 > 9999 ? 9999 : e4;
}

/* Of two people: how far beyond the threshold, from one draw. */
static double apart(const product *p, int a, int b, double draw) {
    const double z = p->group[a] == p->group[b] ? Z_FMR[p->group[a]] : Z_FMR_ACROSS;
    return sqrt(PART) * (p->likeness[a] + p->likeness[b]) + sqrt(1.0 - 2.0 * PART) * draw - z;
}

/* Of one person with himself. */
static double with_himself(const product *p, int a, double z, double draw) {
    return sqrt(2.0 * PART) * p->steadiness[a] + sqrt(1.0 - 2.0 * PART) * draw + z;
}

static void put_score(onus_text *out, double beyond_threshold) {
    onus_text_addf(out, "0.%04d", score_e4(beyond_threshold));
}

void product_write_sightings(const product *p, onus_text *out) {
    onus_text_add(out, "sighting,person,camera,group\n");
    /* in the order of their numbers: a reader learns nothing from the order of rows */
    int at[PRODUCT_SIGHTINGS];
    for (int s = 0; s < PRODUCT_SIGHTINGS; s++) {
        at[p->sightings[s].number - 1] = s;
    }
    for (int k = 0; k < PRODUCT_SIGHTINGS; k++) {
        const product_sighting *s = &p->sightings[at[k]];
        onus_text_addf(out, "s%03d,p%03d,%s,%s\n", s->number, p->name[s->person],
                       PRODUCT_CAMERA_NAMES[s->camera], PRODUCT_GROUP_NAMES[p->group[s->person]]);
    }
}

void product_write_comparisons(const product *p, onus_text *out) {
    onus_text_add(out, "probe,reference,score\n");
    for (int i = 0; i < PRODUCT_SIGHTINGS; i++) {
        const product_sighting *a = &p->sightings[i];
        onus_rng rng;
        product_rng(&rng, p, PRODUCT_TOPIC_SCORES, (size_t)i);
        for (int j = i + 1; j < PRODUCT_SIGHTINGS; j++) {
            const product_sighting *b = &p->sightings[j];
            const double draw = onus_rng_normal(&rng);
            onus_text_addf(out, "s%03d,s%03d,", a->number, b->number);
            if (!a->failed && !b->failed) {
                const double z = a->camera == b->camera ? Z_SAME_CAMERA : Z_CROSS_CAMERA;
                put_score(out, a->person == b->person ? with_himself(p, a->person, z, draw)
                                                      : apart(p, a->person, b->person, draw));
            }
            onus_text_add(out, "\n");
        }
    }
}

void product_write_gallery(const product *p, onus_text *out) {
    onus_text_add(out, "entry,person,group\n");
    for (int e = 0; e < PRODUCT_ENTRIES; e++) {
        const int person = p->entry_person[e];
        onus_text_addf(out, "e%03d,p%03d,%s\n", e + 1, p->name[person],
                       PRODUCT_GROUP_NAMES[p->group[person]]);
    }
}

void product_write_candidates(const product *p, onus_text *out) {
    onus_text_add(out, "probe,entry,score\n");
    for (int k = 0; k < PRODUCT_SEARCHES; k++) {
        /* people of even number are on the list, the others are not */
        const int person = k < PRODUCT_MATED ? 2 * k : 2 * (k - PRODUCT_MATED) + 1;
        const product_sighting *probe = &p->sightings[person * PRODUCT_SIGHTINGS_EACH + 3];
        double scores[PRODUCT_ENTRIES];
        onus_rng rng;
        product_rng(&rng, p, PRODUCT_TOPIC_SEARCHES, (size_t)k);
        for (int e = 0; e < PRODUCT_ENTRIES; e++) {
            const double draw = onus_rng_normal(&rng);
            const int other = p->entry_person[e];
            scores[e] = other == person
                            ? with_himself(p, person, Z_CROSS_CAMERA - MISSED_ON_LIST, draw)
                            : apart(p, person, other, draw);
        }
        for (int e = 0; e < PRODUCT_ENTRIES; e++) {
            onus_text_addf(out, "s%03d,e%03d,", probe->number, e + 1);
            if (!probe->failed) {
                put_score(out, scores[p->entry_of[e]]); /* a copy scores as what it is a copy of */
            }
            onus_text_add(out, "\n");
        }
    }
}
