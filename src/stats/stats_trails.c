/* Who is truly in a trail.
 *
 * An output track is what an officer would follow as one person. Each of its boxes shows the person
 * whose true box overlaps it most (IoU of at least 0.5), and with it a passage of that person
 * before one camera. The trail is the row of these sightings, by their first frames:
 *
 *     trail     A in 1 -> A in 2 -> B in 7       3 sightings, 2 people, after 2 hops
 *                   correct    wrong
 *
 * Passages are cut by the truth and not by the output, so that a track which flickers between two
 * people in two cameras makes one sighting of each and not one a frame. No score of tracking sees
 * any of this: MOTA counts a hop to somebody else as one id switch among thousands of boxes. People
 * are indices here, for counting and resampling; they leave as counts.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_tracks.h"

static const int32_t NOBODY = -1;

void onus_trails_clear(onus_trails *trails) {
    onus_free(trails->trail);
    onus_free(trails->visit_start);
    onus_free(trails->visit);
    onus_free(trails->hops_of);
    *trails = (onus_trails){0};
}

/* Output box -> the true box that it shows. Overlaps ascend by true box, so the first of equals is
 * the lowest index. */
static void see_boxes(const onus_overlaps *o, double least_iou, double *best, int32_t *shown,
                      size_t n_boxes) {
    for (size_t i = 0; i < n_boxes; i++) {
        shown[i] = NOBODY;
        best[i] = 0.0;
    }
    for (size_t e = 0; e < o->n_overlaps; e++) {
        const uint32_t box = o->output[e];
        if (o->iou[e] >= least_iou && o->iou[e] > best[box]) {
            best[box] = o->iou[e];
            shown[box] = (int32_t)o->truth[e];
        }
    }
}

onus_status onus_boxes_by_person(const onus_overlaps *o, const onus_boxes *truth,
                                 const onus_boxes *output, uint32_t *boxes_of, uint64_t *n_nobody) {
    onus_status status = ONUS_ERR_NOMEM;
    int32_t *shown = onus_alloc_n(output->n_boxes, sizeof *shown);
    double *best = onus_alloc_n(output->n_boxes, sizeof *best);
    if (shown == NULL || best == NULL) {
        goto out;
    }
    see_boxes(o, 0.0, best, shown, output->n_boxes);
    memset(boxes_of, 0, o->n_people * sizeof *boxes_of);
    *n_nobody = 0;
    for (size_t i = 0; i < output->n_boxes; i++) {
        if (shown[i] == NOBODY) {
            ++*n_nobody;
        } else {
            boxes_of[truth->track[shown[i]]]++;
        }
    }
    status = ONUS_OK;
out:
    onus_free(shown);
    onus_free(best);
    return status;
}

/* ---- boxes by identity and time ---- */

typedef struct timed_box {
    int64_t frame;
    int32_t track;
    int32_t camera;
    uint32_t box;
} timed_box;

static int by_time(const void *a, const void *b) {
    const timed_box *x = a;
    const timed_box *y = b;
    if (x->track != y->track) {
        return x->track < y->track ? -1 : 1;
    }
    if (x->frame != y->frame) {
        return x->frame < y->frame ? -1 : 1;
    }
    return x->camera < y->camera ? -1 : x->camera > y->camera;
}

static onus_status boxes_by_time(const onus_boxes *boxes, timed_box **out) {
    *out = onus_alloc_n(boxes->n_boxes, sizeof **out);
    if (*out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < boxes->n_boxes; i++) {
        (*out)[i] = (timed_box){.frame = boxes->frame[i],
                                .track = boxes->track[i],
                                .camera = boxes->camera[i],
                                .box = (uint32_t)i};
    }
    qsort(*out, boxes->n_boxes, sizeof **out, by_time);
    return ONUS_OK;
}

/* ---- passages, by the truth ---- */

typedef struct passage {
    int32_t person;
    bool goes_on; /* the person is seen again, in another camera */
} passage;

typedef struct passages {
    passage *of;
    uint32_t *of_box; /* true box -> passage */
    uint32_t *slot;   /* passage -> sighting of the trail at hand, + 1; 0: not in it */
    size_t n;
} passages;

static void passages_clear(passages *p) {
    onus_free(p->of);
    onus_free(p->of_box);
    onus_free(p->slot);
}

static onus_status find_passages(const onus_boxes *truth, passages *out, uint64_t *n_seen_twice) {
    timed_box *boxes = NULL;
    onus_status status;
    const size_t n = truth->n_boxes;
    ONUS_TRY(boxes_by_time(truth, &boxes));
    out->of = onus_alloc_n(n, sizeof *out->of);
    out->of_box = onus_alloc_n(n, sizeof *out->of_box);
    out->slot = onus_alloc_n(n, sizeof *out->slot);
    if (out->of == NULL || out->of_box == NULL || out->slot == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    *n_seen_twice = 0;
    for (size_t i = 0; i < n; i++) {
        const bool same = i > 0 && boxes[i].track == boxes[i - 1].track;
        const bool next = i + 1 < n && boxes[i].track == boxes[i + 1].track;
        *n_seen_twice += (same && boxes[i].frame == boxes[i - 1].frame) ||
                         (next && boxes[i].frame == boxes[i + 1].frame);
        if (!same || boxes[i].camera != boxes[i - 1].camera) {
            if (same) {
                out->of[out->n - 1].goes_on = true;
            }
            out->of[out->n++].person = boxes[i].track;
        }
        out->of_box[boxes[i].box] = (uint32_t)(out->n - 1);
    }
out:
    onus_free(boxes);
    return status;
}

/* ---- one trail ---- */

/* Boxes by person; emptied by the list of who was seen. */
typedef struct tally {
    uint32_t *n_of;
    int32_t *seen;
    size_t n_seen;
} tally;

static uint32_t tally_add(tally *t, int32_t person, uint32_t n) {
    if (t->n_of[person] == 0) {
        t->seen[t->n_seen++] = person;
    }
    t->n_of[person] += n;
    return t->n_of[person];
}

/* Whom most boxes show, the lowest index among equals; then empties the tally. */
static int32_t tally_close(tally *t, uint32_t *most) {
    int32_t person = NOBODY;
    *most = 0;
    for (size_t i = 0; i < t->n_seen; i++) {
        const uint32_t n = t->n_of[t->seen[i]];
        if (n > *most || (n == *most && t->seen[i] < person)) {
            *most = n;
            person = t->seen[i];
        }
        t->n_of[t->seen[i]] = 0;
    }
    t->n_seen = 0;
    return person;
}

typedef struct trail_room {
    const int32_t *shown; /* output box -> true box */
    passages truth;
    tally people;
    uint32_t *passage_of; /* sighting -> passage */
} trail_room;

static void read_trail(const timed_box *boxes, size_t n, trail_room *room, onus_trails *out) {
    onus_trail *trail = &out->trail[out->n_trails];
    const size_t first = out->visit_start[out->n_trails];
    size_t end = first;
    *trail = (onus_trail){.n_boxes = (uint32_t)n};
    for (size_t i = 0; i < n; i++) {
        const int32_t shown = room->shown[boxes[i].box];
        if (shown == NOBODY) {
            continue;
        }
        const uint32_t passage_at = room->truth.of_box[shown];
        uint32_t *slot = &room->truth.slot[passage_at];
        if (*slot == 0) {
            out->visit[end] = (onus_visit){.person = room->truth.of[passage_at].person};
            room->passage_of[end++] = passage_at;
            *slot = (uint32_t)(end - first);
        }
        out->visit[first + *slot - 1].n_boxes++;
        trail->n_shown++;
    }
    uint32_t n_boxes = 0;
    uint32_t most = 0;
    for (size_t v = first; v < end; v++) {
        onus_visit *visit = &out->visit[v];
        const uint32_t of_person = tally_add(&room->people, visit->person, visit->n_boxes);
        most = of_person > most ? of_person : most;
        n_boxes += visit->n_boxes;
        visit->n_boxes = n_boxes;
        visit->n_main = most;
        visit->n_people = (uint32_t)room->people.n_seen;
        room->truth.slot[room->passage_of[v]] = 0;
    }
    trail->n_people = (uint32_t)room->people.n_seen;
    trail->main = tally_close(&room->people, &trail->n_main);
    out->n_trails++;
    out->visit_start[out->n_trails] = end;
    const size_t n_hops = end > first ? end - first - 1 : 0;
    out->most_hops = n_hops > out->most_hops ? (uint32_t)n_hops : out->most_hops;
}

static void follow_hops(const trail_room *room, onus_trails *out) {
    for (size_t t = 0; t < out->n_trails; t++) {
        const size_t end = out->visit_start[t + 1];
        for (size_t v = out->visit_start[t]; v < end; v++) {
            const int32_t person = out->visit[v].person;
            onus_hops *of = &out->hops_of[person];
            if (v + 1 < end) {
                of->n_correct += out->visit[v + 1].person == person;
                of->n_wrong += out->visit[v + 1].person != person;
            } else if (room->truth.of[room->passage_of[v]].goes_on) {
                of->n_lost++;
            } else {
                continue;
            }
            of->n_hops++;
        }
    }
    for (size_t p = 0; p < out->n_people; p++) {
        out->hops.n_hops += out->hops_of[p].n_hops;
        out->hops.n_correct += out->hops_of[p].n_correct;
        out->hops.n_wrong += out->hops_of[p].n_wrong;
        out->hops.n_lost += out->hops_of[p].n_lost;
    }
}

static onus_status make_room(size_t n_people, size_t n_tracks, size_t n_boxes, trail_room *room,
                             onus_trails *out) {
    room->people.n_of = onus_alloc_n(n_people, sizeof *room->people.n_of);
    room->people.seen = onus_alloc_n(n_people, sizeof *room->people.seen);
    room->passage_of = onus_alloc_n(n_boxes, sizeof *room->passage_of);
    out->trail = onus_alloc_n(n_tracks, sizeof *out->trail);
    out->visit_start = onus_alloc_n(n_tracks + 1, sizeof *out->visit_start);
    out->visit = onus_alloc_n(n_boxes, sizeof *out->visit);
    out->hops_of = onus_alloc_n(n_people, sizeof *out->hops_of);
    const bool has_all = room->people.n_of != NULL && room->people.seen != NULL &&
                         room->passage_of != NULL && out->trail != NULL &&
                         out->visit_start != NULL && out->visit != NULL && out->hops_of != NULL;
    return has_all ? ONUS_OK : ONUS_ERR_NOMEM;
}

onus_status onus_trails_make(const onus_overlaps *o, const onus_boxes *truth,
                             const onus_boxes *output, onus_trails *out) {
    *out = (onus_trails){.n_people = truth->n_tracks};
    onus_status status;
    trail_room room = {0};
    timed_box *boxes = NULL;
    int32_t *shown = onus_alloc_n(output->n_boxes, sizeof *shown);
    double *best = onus_alloc_n(output->n_boxes, sizeof *best);
    if (shown == NULL || best == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    see_boxes(o, ONUS_TRACKS_MIN_IOU, best, shown, output->n_boxes);
    room.shown = shown;
    ONUS_TRY(boxes_by_time(output, &boxes));
    ONUS_TRY(find_passages(truth, &room.truth, &out->n_seen_twice));
    ONUS_TRY(make_room(truth->n_tracks, output->n_tracks, output->n_boxes, &room, out));
    for (size_t i = 0, next; i < output->n_boxes; i = next) {
        next = i + 1;
        while (next < output->n_boxes && boxes[next].track == boxes[i].track) {
            next++;
        }
        read_trail(boxes + i, next - i, &room, out);
    }
    follow_hops(&room, out);
out:
    passages_clear(&room.truth);
    onus_free(room.people.n_of);
    onus_free(room.people.seen);
    onus_free(room.passage_of);
    onus_free(boxes);
    onus_free(shown);
    onus_free(best);
    if (status != ONUS_OK) {
        onus_trails_clear(out);
    }
    return status;
}
