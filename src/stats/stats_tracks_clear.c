/* CLEAR MOT: found, missed, false, and how often a person's track changes.
 *
 * Moments are one run, camera after camera. Within a moment a match of the moment before is kept
 * where its boxes still overlap enough (a gain of 1,000), then the sum of overlaps is greatest. An
 * id switch is a match to another track than the person's last one, however long ago. A moment
 * without true or without output boxes changes nothing of what was tracked before. All as TrackEval
 * counts. High MOTA says little about who is who: a person taken for somebody else costs one switch
 * and not one box after it. That is why trails stand beside it (stats_trails.c).
 */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_tracks_moments.h"

static const double EPS = 2.220446049250313e-16; /* numpy's, as TrackEval has it */
static const double KEPT = 1000.0;
static const double MOSTLY = 0.8;
static const double PARTLY = 0.2;

typedef struct clear_state {
    const onus_overlaps *o;
    const uint32_t *pair_truth;
    uint32_t *last_track;   /* person -> track + 1 of the last match */
    uint32_t *before_track; /* person -> track + 1 in the moment before */
    uint32_t *n_matched;
    uint32_t *n_found; /* times found after not having been tracked the moment before */
    uint32_t *tracked; /* people tracked in the moment before */
    size_t n_tracked;
} clear_state;

static double clear_gain(const void *shared, size_t e) {
    const clear_state *s = shared;
    const double iou = s->o->iou[e];
    if (iou < ONUS_TRACKS_MIN_IOU - EPS) {
        return 0.0;
    }
    const uint32_t pair = s->o->pair[e];
    const bool kept = s->before_track[s->o->pair_truth[pair]] == s->o->pair_output[pair] + 1;
    return (kept ? KEPT : 0.0) + iou;
}

static void take_matches(clear_state *s, const moment_room *room, onus_clear *out, onus_sum *sum,
                         uint32_t *switches_of) {
    /* who was found anew, before the moment before is forgotten */
    for (size_t i = 0; i < room->n_matched; i++) {
        const uint32_t pair = s->o->pair[room->matched[i]];
        const uint32_t person = s->o->pair_truth[pair];
        const uint32_t track = s->o->pair_output[pair] + 1;
        if (s->last_track[person] != 0 && s->last_track[person] != track) {
            out->id_switches++;
            if (switches_of != NULL) {
                switches_of[person]++;
            }
        }
        s->last_track[person] = track;
        s->n_matched[person]++;
        s->n_found[person] += s->before_track[person] == 0;
        onus_sum_add(sum, s->o->iou[room->matched[i]]);
    }
    for (size_t i = 0; i < s->n_tracked; i++) {
        s->before_track[s->tracked[i]] = 0;
    }
    for (size_t i = 0; i < room->n_matched; i++) {
        const uint32_t pair = s->o->pair[room->matched[i]];
        s->tracked[i] = s->o->pair_truth[pair];
        s->before_track[s->tracked[i]] = s->o->pair_output[pair] + 1;
    }
    s->n_tracked = room->n_matched;
}

static void count_people(const clear_state *s, onus_clear *out) {
    uint64_t n_people = 0;
    uint64_t n_partly = 0;
    for (size_t t = 0; t < s->o->n_people; t++) {
        if (s->o->truth_boxes[t] == 0) {
            continue;
        }
        const double ratio = (double)s->n_matched[t] / s->o->truth_boxes[t];
        n_people++;
        out->mostly_tracked += ratio > MOSTLY;
        n_partly += ratio >= PARTLY;
        out->fragments += s->n_found[t] > 0 ? s->n_found[t] - 1 : 0;
    }
    out->partly_tracked = n_partly - out->mostly_tracked;
    out->mostly_lost = n_people - n_partly;
}

onus_status onus_clear_measure(const onus_overlaps *o, onus_clear *out, uint32_t *tp_of,
                               uint32_t *switches_of) {
    onus_status status;
    moment_room room = {0};
    clear_state s = {.o = o,
                     .last_track = onus_alloc_n(o->n_people, sizeof(uint32_t)),
                     .before_track = onus_alloc_n(o->n_people, sizeof(uint32_t)),
                     .n_matched = onus_alloc_n(o->n_people, sizeof(uint32_t)),
                     .n_found = onus_alloc_n(o->n_people, sizeof(uint32_t)),
                     .tracked = onus_alloc_n(o->n_people, sizeof(uint32_t))};
    if (s.last_track == NULL || s.before_track == NULL || s.n_matched == NULL ||
        s.n_found == NULL || s.tracked == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(moment_room_make(o, &room));
    if (switches_of != NULL) {
        memset(switches_of, 0, o->n_people * sizeof *switches_of);
    }
    *out = (onus_clear){0};
    onus_sum sum = {0};
    for (size_t m = 0; m < o->n_moments; m++) {
        const size_t n_true = o->truth_start[m + 1] - o->truth_start[m];
        const size_t n_output = o->output_start[m + 1] - o->output_start[m];
        room.n_matched = 0;
        if (n_true > 0 && n_output > 0) {
            moment_match(o, m, clear_gain, &s, &room);
            take_matches(&s, &room, out, &sum, switches_of);
        }
        out->tp += room.n_matched;
        out->fn += n_true - room.n_matched;
        out->fp += n_output - room.n_matched;
    }
    count_people(&s, out);
    out->iou_sum = onus_sum_get(&sum);
    const double n_true = (double)(out->tp + out->fn);
    out->mota = n_true == 0.0
                    ? onus_number_none("the truth has no boxes")
                    : onus_number_of(
                          ((double)out->tp - (double)out->fp - (double)out->id_switches) / n_true);
    out->motp = out->tp == 0 ? onus_number_none("no box was matched")
                             : onus_number_of(out->iou_sum / (double)out->tp);
    if (tp_of != NULL) {
        memcpy(tp_of, s.n_matched, o->n_people * sizeof *tp_of);
    }
out:
    moment_room_clear(&room);
    onus_free(s.last_track);
    onus_free(s.before_track);
    onus_free(s.n_matched);
    onus_free(s.n_found);
    onus_free(s.tracked);
    return status;
}
