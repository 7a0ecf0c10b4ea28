/* A made-up product that labels emotions, in memory, before it is written; private to src/example.
 * Nothing of it looks at anybody: labels are drawn from a seed. */
#ifndef ONUS_EXAMPLE_READER_INTERNAL_H
#define ONUS_EXAMPLE_READER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "example_folder.h"
#include "onus/exec.h"
#include "onus/text.h"

typedef enum reader_group { READER_ALDISH, READER_BREMMER, READER_N_GROUPS } reader_group;
typedef enum reader_label {
    READER_ANGER,
    READER_FEAR,
    READER_HAPPY,
    READER_NEUTRAL,
    READER_SAD,
    READER_N_LABELS
} reader_label;

enum {
    READER_ALDISH_PEOPLE = 90,
    READER_BREMMER_PEOPLE = 60,
    READER_PEOPLE = READER_ALDISH_PEOPLE + READER_BREMMER_PEOPLE,
    READER_CLIPS_EACH = 20,
    READER_CLIPS = READER_PEOPLE * READER_CLIPS_EACH,
    READER_RATERS = 5,   /* onlookers a clip */
    READER_SCORE_E2 = 90 /* how sure it says it is of whatever it says, in hundredths */
};

/** Of a person's clips, those in which he reported nothing in particular. */
extern const int READER_NEUTRAL_CLIPS[READER_N_GROUPS];
/** Chance that what was reported is what the product says: [group][was it neutral]. */
extern const double READER_RECALL[READER_N_GROUPS][2];
extern const double READER_ABSTAINS; /* of the clips it does not get right */

typedef struct reader_clip {
    int person;
    int number; /* in its name: no hint of whom it shows */
    reader_label felt;
    int said; /* reader_label, -1: abstained */
    int votes[READER_N_LABELS];
} reader_clip;

typedef struct reader {
    uint64_t seed;
    reader_group group[READER_PEOPLE];
    int name[READER_PEOPLE];
    reader_clip clips[READER_CLIPS];
} reader;

/* What random numbers are for: the replicate of a Philox counter. Append only. */
typedef enum reader_topic {
    READER_TOPIC_NAMES,
    READER_TOPIC_PEOPLE,
    READER_TOPIC_CLIPS,
    READER_TOPIC_VOTES
} reader_topic;

extern const char *const READER_LABEL_NAMES[READER_N_LABELS];
extern const char *const READER_GROUP_NAMES[READER_N_GROUPS];

/* ---- reader_labels.c ---- */
void reader_draw(reader *r);
void reader_write_people(const reader *r, onus_text *out);
void reader_write_clips(const reader *r, onus_text *out);
void reader_write_labels(const reader *r, onus_text *out);
void reader_write_felt(const reader *r, onus_text *out);
void reader_write_votes(const reader *r, onus_text *out);

/* ---- reader_words.c ---- */
/** Accuracy that follows from what was planted, of one group. */
double reader_accuracy(reader_group group);
void reader_write_case(const reader *r, onus_text *out);
void reader_write_readme(onus_text *out);
void reader_write_answer(const reader *r, onus_text *out);
void reader_write_answer_json(const reader *r, onus_text *out);

#endif
