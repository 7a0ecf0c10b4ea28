/* A made-up camera-matching product in memory, before it is written; private to src/example. */
#ifndef ONUS_EXAMPLE_PRODUCT_INTERNAL_H
#define ONUS_EXAMPLE_PRODUCT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "example_folder.h"
#include "onus/exec.h"
#include "onus/text.h"

typedef enum product_group { PRODUCT_ALDISH, PRODUCT_BREMMER, PRODUCT_N_GROUPS } product_group;

enum {
    PRODUCT_ALDISH_PEOPLE = 60,
    PRODUCT_BREMMER_PEOPLE = 40,
    PRODUCT_PEOPLE = PRODUCT_ALDISH_PEOPLE + PRODUCT_BREMMER_PEOPLE,
    PRODUCT_SIGHTINGS_EACH = 4, /* the first two on one camera, the others on two further ones */
    PRODUCT_SIGHTINGS = PRODUCT_PEOPLE * PRODUCT_SIGHTINGS_EACH,
    PRODUCT_CAMERAS = 5,
    /* of each group's sightings, this many give no score */
    PRODUCT_FAILED_ALDISH = 3,
    PRODUCT_FAILED_BREMMER = 14,
    /* searches: the first people are on the list, some entries stand there twice */
    PRODUCT_ON_LIST = 50,
    PRODUCT_COPIES = 12,
    PRODUCT_ENTRIES = PRODUCT_ON_LIST + PRODUCT_COPIES,
    PRODUCT_MATED = 50,
    PRODUCT_UNMATED = 40,
    PRODUCT_SEARCHES = PRODUCT_MATED + PRODUCT_UNMATED,
    /* trails */
    PRODUCT_WALKERS = 40,
    PRODUCT_MIXED = 10, /* even: two people at a time change trails */
    PRODUCT_WALK_CAMERAS = 4,
    PRODUCT_FRAMES = 12, /* of one person on one camera */
    PRODUCT_MISSED_EVERY = 37
};

/* Shares that are planted, each exactly the chance of one comparison. */
extern const double PRODUCT_FMR[PRODUCT_N_GROUPS]; /* both of one group */
extern const double PRODUCT_FMR_ACROSS;
extern const double PRODUCT_FNMR_SAME_CAMERA;
extern const double PRODUCT_FNMR_CROSS_CAMERA;
/** The threshold, in ten thousandths of a score. */
enum { PRODUCT_THRESHOLD_E4 = 6200 };

typedef struct product_sighting {
    int person;
    int camera;
    int number; /* in its name: no hint of who it is */
    bool failed;
} product_sighting;

typedef struct product {
    uint64_t seed;
    product_group group[PRODUCT_PEOPLE];
    double likeness[PRODUCT_PEOPLE]; /* how much a person resembles others, standard normal */
    double steadiness[PRODUCT_PEOPLE];
    int name[PRODUCT_PEOPLE]; /* number in a person's name */
    product_sighting sightings[PRODUCT_SIGHTINGS];
    int entry_person[PRODUCT_ENTRIES];
    int entry_of[PRODUCT_ENTRIES]; /* the entry whose copy this one is, or itself */
    size_t n_boxes;                /* counted when they are written */
    size_t n_boxes_said;
} product;

/* What random numbers are for: the replicate of a Philox counter. Append only. */
typedef enum product_topic {
    PRODUCT_TOPIC_PEOPLE,
    PRODUCT_TOPIC_NAMES,
    PRODUCT_TOPIC_SIGHTINGS,
    PRODUCT_TOPIC_SCORES,
    PRODUCT_TOPIC_SEARCHES,
    PRODUCT_TOPIC_WALKS,
    PRODUCT_TOPIC_BOXES
} product_topic;

void product_rng(onus_rng *rng, const product *p, product_topic topic, size_t entity);

/* ---- product_scores.c ---- */
void product_draw(product *p);
extern const char *const PRODUCT_CAMERA_NAMES[PRODUCT_CAMERAS];
extern const char *const PRODUCT_GROUP_NAMES[PRODUCT_N_GROUPS];
void product_write_sightings(const product *p, onus_text *out);
void product_write_comparisons(const product *p, onus_text *out);
void product_write_gallery(const product *p, onus_text *out);
void product_write_candidates(const product *p, onus_text *out);

/* ---- product_trails.c ---- */
void product_write_truth(product *p, onus_text *out);
void product_write_output(product *p, onus_text *out);

/* ---- product_words.c ---- */
void product_write_case(const product *p, onus_text *out);
void product_write_readme(const product *p, onus_text *out);
void product_write_answer(const product *p, onus_text *out);
void product_write_answer_json(const product *p, onus_text *out);

#endif
