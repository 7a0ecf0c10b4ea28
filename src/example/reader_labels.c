/* The made-up label product's people, clips and labels, with shares that are known exactly.
 *
 * The idea: in most clips people reported nothing in particular (neutral), the Bremmer nearly
 * always. The product is good at neutral and poor at everything else, and poorer for the Bremmer at
 * both. Counted crudely it looks better for them all the same, because they were filmed neutral:
 * Simpson's reversal. And saying "neutral" of everybody would be right more often than the product:
 * the base-rate trick. A fifth of the variance of being right is a person's own, so that clips of
 * one person resemble one another; the chance of a single clip stays the planted one.
 *
 * Called by affect.c. Writes text, opens nothing; nobody's face is behind it. */
#include "reader_internal.h"

#include <math.h>
#include <string.h>

#include "shuffle.h"

const int READER_NEUTRAL_CLIPS[READER_N_GROUPS] = {12, 18};
const double READER_RECALL[READER_N_GROUPS][2] = {{0.40, 0.85}, {0.20, 0.80}};
const double READER_ABSTAINS = 0.1;

/* Normal quantiles of those shares. */
static const double Z_RECALL[READER_N_GROUPS][2] = {{-0.2533471031357997, 1.0364333894937898},
                                                    {-0.8416212335729143, 0.8416212335729143}};
static const double PART = 0.2;             /* of the variance, a person's own */
static const double SAYS_NEUTRAL = 0.6;     /* where it is wrong about anything else */
static const double ONLOOKER_SEES = 0.6;    /* what was felt */
static const double ONLOOKER_NEUTRAL = 0.5; /* else says neutral */

const char *const READER_LABEL_NAMES[READER_N_LABELS] = {"anger", "fear", "happy", "neutral",
                                                         "sad"};
const char *const READER_GROUP_NAMES[READER_N_GROUPS] = {"Aldish", "Bremmer"};

static void reader_rng(onus_rng *rng, const reader *r, reader_topic topic, size_t entity) {
    onus_rng_init(rng, r->seed, ONUS_STREAM_EXAMPLE_READER, (uint64_t)topic, (uint32_t)entity);
}

/* Any label but this one, each alike. */
static reader_label another(onus_rng *rng, reader_label label) {
    const int k = (int)onus_rng_below(rng, READER_N_LABELS - 1);
    return (reader_label)(k < (int)label ? k : k + 1);
}

/* What the product says where it is wrong, or -1. */
static int mistake(onus_rng *rng, reader_label felt) {
    const double abstains = onus_rng_uniform(rng);
    const double says_neutral = onus_rng_uniform(rng);
    const reader_label other = another(rng, felt);
    if (abstains < READER_ABSTAINS) {
        return -1;
    }
    return felt != READER_NEUTRAL && says_neutral < SAYS_NEUTRAL ? READER_NEUTRAL : (int)other;
}

static void say(const reader *r, reader_clip *clip, double person, onus_rng *rng) {
    const double z = Z_RECALL[r->group[clip->person]][clip->felt == READER_NEUTRAL];
    const double draw = onus_rng_normal(rng);
    const int wrong = mistake(rng, clip->felt);
    const bool right = sqrt(PART) * person + sqrt(1.0 - PART) * draw < z;
    clip->said = right ? (int)clip->felt : wrong;
}

static void look_on(reader_clip *clip, onus_rng *rng) {
    for (int k = 0; k < READER_RATERS; k++) {
        const double sees = onus_rng_uniform(rng);
        const double neutral = onus_rng_uniform(rng);
        const reader_label other = another(rng, clip->felt);
        const reader_label vote = sees < ONLOOKER_SEES         ? clip->felt
                                  : neutral < ONLOOKER_NEUTRAL ? READER_NEUTRAL
                                                               : other;
        clip->votes[vote]++;
    }
}

/* The k-th clip of a person: neutral first, then the other labels in turn, begun at another one for
 * each person. */
static reader_label felt_in(int person, reader_group group, int k) {
    static const reader_label others[] = {READER_ANGER, READER_FEAR, READER_HAPPY, READER_SAD};
    const int past = k - READER_NEUTRAL_CLIPS[group];
    return past < 0 ? READER_NEUTRAL : others[(2 * person + past) % 4];
}

void reader_draw(reader *r) {
    int numbers[READER_CLIPS];
    onus_rng rng;
    reader_rng(&rng, r, READER_TOPIC_NAMES, 0);
    example_shuffle(&rng, r->name, READER_PEOPLE);
    example_shuffle(&rng, numbers, READER_CLIPS);
    for (int i = 0; i < READER_PEOPLE; i++) {
        onus_rng votes;
        r->group[i] = i < READER_ALDISH_PEOPLE ? READER_ALDISH : READER_BREMMER;
        reader_rng(&rng, r, READER_TOPIC_PEOPLE, (size_t)i);
        const double person = onus_rng_normal(&rng);
        reader_rng(&rng, r, READER_TOPIC_CLIPS, (size_t)i);
        reader_rng(&votes, r, READER_TOPIC_VOTES, (size_t)i);
        for (int k = 0; k < READER_CLIPS_EACH; k++) {
            const int at = i * READER_CLIPS_EACH + k;
            reader_clip *clip = &r->clips[at];
            *clip = (reader_clip){
                .person = i, .number = numbers[at], .felt = felt_in(i, r->group[i], k)};
            say(r, clip, person, &rng);
            look_on(clip, &votes);
        }
    }
}

/* The clips in the order of their numbers: rows must not tell who is who by their order. */
static void in_order(const reader *r, int at[READER_CLIPS]) {
    for (int i = 0; i < READER_CLIPS; i++) {
        at[r->clips[i].number - 1] = i;
    }
}

void reader_write_people(const reader *r, onus_text *out) {
    int at[READER_PEOPLE];
    for (int i = 0; i < READER_PEOPLE; i++) {
        at[r->name[i] - 1] = i;
    }
    onus_text_add(out, "person,group\n");
    for (int k = 0; k < READER_PEOPLE; k++) {
        onus_text_addf(out, "p%03d,%s\n", k + 1, READER_GROUP_NAMES[r->group[at[k]]]);
    }
}

void reader_write_clips(const reader *r, onus_text *out) {
    int at[READER_CLIPS];
    in_order(r, at);
    onus_text_add(out, "clip,person\n");
    for (int k = 0; k < READER_CLIPS; k++) {
        onus_text_addf(out, "c%04d,p%03d\n", k + 1, r->name[r->clips[at[k]].person]);
    }
}

void reader_write_labels(const reader *r, onus_text *out) {
    int at[READER_CLIPS];
    in_order(r, at);
    onus_text_add(out, "clip,label,p_anger,p_fear,p_happy,p_neutral,p_sad\n");
    for (int k = 0; k < READER_CLIPS; k++) {
        const int said = r->clips[at[k]].said;
        onus_text_addf(out, "c%04d,%s", k + 1, said < 0 ? "" : READER_LABEL_NAMES[said]);
        for (int l = 0; l < READER_N_LABELS; l++) {
            if (said < 0) {
                onus_text_add(out, ",");
            } else if (l == said) {
                onus_text_addf(out, ",0.%02d", READER_SCORE_E2);
            } else { /* the rest in equal parts */
                onus_text_addf(out, ",0.%04d",
                               (100 - READER_SCORE_E2) * 100 / (READER_N_LABELS - 1));
            }
        }
        onus_text_add(out, "\n");
    }
}

void reader_write_felt(const reader *r, onus_text *out) {
    int at[READER_CLIPS];
    in_order(r, at);
    onus_text_add(out, "clip,felt\n");
    for (int k = 0; k < READER_CLIPS; k++) {
        onus_text_addf(out, "c%04d,%s\n", k + 1, READER_LABEL_NAMES[r->clips[at[k]].felt]);
    }
}

void reader_write_votes(const reader *r, onus_text *out) {
    int at[READER_CLIPS];
    in_order(r, at);
    onus_text_add(out, "clip,anger,fear,happy,neutral,sad\n");
    for (int k = 0; k < READER_CLIPS; k++) {
        onus_text_addf(out, "c%04d", k + 1);
        for (int l = 0; l < READER_N_LABELS; l++) {
            onus_text_addf(out, ",%d", r->clips[at[k]].votes[l]);
        }
        onus_text_add(out, "\n");
    }
}
