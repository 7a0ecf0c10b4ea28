/* Who is truly in a trail.
 *
 * An output track is what an officer would follow as one person. Each of its boxes shows the person
 * whose true box overlaps it most (IoU of at least 0.5), so that a trail is a row of people; boxes
 * in the order of frames fall into visits, one camera at a time. From these: how many people are in
 * a trail, after how many hops from camera to camera, and how often a hop leads to somebody else.
 *
 *     trail   | A A A | A A | B B B B |        visits by camera
 *               1 person      2 people          hop 1 correct, hop 2 wrong
 *
 * No score of tracking sees this: MOTA counts a hop to somebody else as one id switch among
 * thousands of boxes. People are indices here, for counting and resampling; they leave as counts.
 */
#include <math.h>
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

/* Output box -> the person it shows. Overlaps ascend by true box, so the first of equals is the
 * lowest index. */
static void see_people(const onus_overlaps *o, const onus_boxes *truth, double least_iou,
                       double *best, int32_t *shown, size_t n_boxes) {
    for (size_t i = 0; i < n_boxes; i++) {
        shown[i] = NOBODY;
        best[i] = 0.0;
    }
    for (size_t e = 0; e < o->n_overlaps; e++) {
        const uint32_t box = o->output[e];
        if (o->iou[e] >= least_iou && o->iou[e] > best[box]) {
            best[box] = o->iou[e];
            shown[box] = truth->track[o->truth[e]];
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
    see_people(o, truth, 0.0, best, shown, output->n_boxes);
    memset(boxes_of, 0, o->n_people * sizeof *boxes_of);
    *n_nobody = 0;
    for (size_t i = 0; i < output->n_boxes; i++) {
        if (shown[i] == NOBODY) {
            ++*n_nobody;
        } else {
            boxes_of[shown[i]]++;
        }
    }
    status = ONUS_OK;
out:
    onus_free(shown);
    onus_free(best);
    return status;
}

/* ---- where people go in truth ---- */

/* The last frame of every person, and the last in any other camera than that one. */
typedef struct last_seen {
    int64_t frame;
    int64_t elsewhere;
    int32_t camera;
} last_seen;

static void see_last(const onus_boxes *truth, last_seen *last) {
    for (size_t t = 0; t < truth->n_tracks; t++) {
        last[t] = (last_seen){.frame = INT64_MIN, .elsewhere = INT64_MIN, .camera = -1};
    }
    for (size_t i = 0; i < truth->n_boxes; i++) {
        last_seen *l = &last[truth->track[i]];
        const int64_t frame = truth->frame[i];
        if (truth->camera[i] == l->camera) {
            l->frame = frame > l->frame ? frame : l->frame;
        } else if (frame > l->frame) {
            l->elsewhere = l->frame;
            l->frame = frame;
            l->camera = truth->camera[i];
        } else if (frame > l->elsewhere) {
            l->elsewhere = frame;
        }
    }
}

static bool goes_on(const last_seen *last, int32_t camera, int64_t frame) {
    return (last->camera != camera ? last->frame : last->elsewhere) > frame;
}

/* ---- boxes by track and time ---- */

typedef struct trail_box {
    int64_t frame;
    int32_t track;
    int32_t camera;
    int32_t person;
} trail_box;

static int by_time(const void *a, const void *b) {
    const trail_box *x = a;
    const trail_box *y = b;
    if (x->track != y->track) {
        return x->track < y->track ? -1 : 1;
    }
    if (x->frame != y->frame) {
        return x->frame < y->frame ? -1 : 1;
    }
    return x->camera < y->camera ? -1 : x->camera > y->camera;
}

static onus_status boxes_by_time(const onus_boxes *boxes, const int32_t *person, trail_box **out) {
    *out = onus_alloc_n(boxes->n_boxes, sizeof **out);
    if (*out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < boxes->n_boxes; i++) {
        (*out)[i] = (trail_box){.frame = boxes->frame[i],
                                .track = boxes->track[i],
                                .camera = boxes->camera[i],
                                .person = person != NULL ? person[i] : NOBODY};
    }
    qsort(*out, boxes->n_boxes, sizeof **out, by_time);
    return ONUS_OK;
}

static onus_status count_seen_twice(const onus_boxes *truth, uint64_t *n) {
    trail_box *boxes = NULL;
    const onus_status status = boxes_by_time(truth, NULL, &boxes);
    *n = 0;
    for (size_t i = 0; status == ONUS_OK && i < truth->n_boxes; i++) {
        const bool before =
            i > 0 && boxes[i - 1].track == boxes[i].track && boxes[i - 1].frame == boxes[i].frame;
        const bool after = i + 1 < truth->n_boxes && boxes[i + 1].track == boxes[i].track &&
                           boxes[i + 1].frame == boxes[i].frame;
        *n += before || after;
    }
    onus_free(boxes);
    return status;
}

/* ---- one trail ---- */

/* Boxes by person, of the trail and of the visit; reset by the list of who was seen. */
typedef struct tally {
    uint32_t *n_of;
    int32_t *seen;
    size_t n_seen;
} tally;

static void tally_add(tally *t, int32_t person) {
    if (person != NOBODY && t->n_of[person]++ == 0) {
        t->seen[t->n_seen++] = person;
    }
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
    tally of_trail;
    tally of_visit;
    last_seen *last;
    int64_t *visit_end; /* frame */
    int32_t *visit_camera;
} trail_room;

static void read_trail(const trail_box *boxes, size_t n, trail_room *room, onus_trails *out) {
    onus_trail *trail = &out->trail[out->n_trails];
    size_t n_visits = out->visit_start[out->n_trails];
    *trail = (onus_trail){.n_boxes = (uint32_t)n};
    uint32_t most = 0; /* boxes of anybody so far */
    for (size_t i = 0; i < n; i++) {
        const int32_t person = boxes[i].person;
        tally_add(&room->of_trail, person);
        tally_add(&room->of_visit, person);
        if (person != NOBODY) {
            trail->n_shown++;
            most = room->of_trail.n_of[person] > most ? room->of_trail.n_of[person] : most;
        }
        if (i + 1 == n || boxes[i + 1].camera != boxes[i].camera) {
            uint32_t n_of_visit;
            onus_visit *visit = &out->visit[n_visits];
            visit->person = tally_close(&room->of_visit, &n_of_visit);
            visit->n_boxes = (uint32_t)(i + 1);
            visit->n_main = most;
            visit->n_people = (uint32_t)room->of_trail.n_seen;
            room->visit_end[n_visits] = boxes[i].frame;
            room->visit_camera[n_visits++] = boxes[i].camera;
        }
    }
    trail->n_people = (uint32_t)room->of_trail.n_seen;
    trail->main = tally_close(&room->of_trail, &trail->n_main);
    out->n_trails++;
    out->visit_start[out->n_trails] = n_visits;
}

static void follow_hops(const trail_room *room, onus_trails *out) {
    for (size_t t = 0; t < out->n_trails; t++) {
        const size_t end = out->visit_start[t + 1];
        const size_t n_hops = end - out->visit_start[t] - 1;
        out->most_hops = n_hops > out->most_hops ? (uint32_t)n_hops : out->most_hops;
        for (size_t v = out->visit_start[t]; v < end; v++) {
            const int32_t person = out->visit[v].person;
            if (person == NOBODY) {
                continue;
            }
            const bool has_next = v + 1 < end;
            onus_hops *of = &out->hops_of[person];
            if (has_next) {
                of->n_correct += out->visit[v + 1].person == person;
                of->n_wrong += out->visit[v + 1].person != person;
            } else if (goes_on(&room->last[person], room->visit_camera[v], room->visit_end[v])) {
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

static void trail_room_clear(trail_room *room) {
    onus_free(room->of_trail.n_of);
    onus_free(room->of_trail.seen);
    onus_free(room->of_visit.n_of);
    onus_free(room->of_visit.seen);
    onus_free(room->last);
    onus_free(room->visit_end);
    onus_free(room->visit_camera);
}

static onus_status make_room(size_t n_people, size_t n_tracks, size_t n_visits, trail_room *room,
                             onus_trails *out) {
    room->of_trail.n_of = onus_alloc_n(n_people, sizeof(uint32_t));
    room->of_trail.seen = onus_alloc_n(n_people, sizeof(int32_t));
    room->of_visit.n_of = onus_alloc_n(n_people, sizeof(uint32_t));
    room->of_visit.seen = onus_alloc_n(n_people, sizeof(int32_t));
    room->last = onus_alloc_n(n_people, sizeof *room->last);
    room->visit_end = onus_alloc_n(n_visits, sizeof *room->visit_end);
    room->visit_camera = onus_alloc_n(n_visits, sizeof *room->visit_camera);
    out->trail = onus_alloc_n(n_tracks, sizeof *out->trail);
    out->visit_start = onus_alloc_n(n_tracks + 1, sizeof *out->visit_start);
    out->visit = onus_alloc_n(n_visits, sizeof *out->visit);
    out->hops_of = onus_alloc_n(n_people, sizeof *out->hops_of);
    const bool has_all = room->of_trail.n_of != NULL && room->of_trail.seen != NULL &&
                         room->of_visit.n_of != NULL && room->of_visit.seen != NULL &&
                         room->last != NULL && room->visit_end != NULL &&
                         room->visit_camera != NULL && out->trail != NULL &&
                         out->visit_start != NULL && out->visit != NULL && out->hops_of != NULL;
    return has_all ? ONUS_OK : ONUS_ERR_NOMEM;
}

static size_t count_visits(const trail_box *boxes, size_t n) {
    size_t n_visits = 0;
    for (size_t i = 0; i < n; i++) {
        n_visits += i == 0 || boxes[i].track != boxes[i - 1].track ||
                    boxes[i].camera != boxes[i - 1].camera;
    }
    return n_visits;
}

onus_status onus_trails_make(const onus_overlaps *o, const onus_boxes *truth,
                             const onus_boxes *output, onus_trails *out) {
    *out = (onus_trails){.n_people = truth->n_tracks};
    onus_status status;
    trail_room room = {0};
    trail_box *boxes = NULL;
    int32_t *shown = onus_alloc_n(output->n_boxes, sizeof *shown);
    double *best = onus_alloc_n(output->n_boxes, sizeof *best);
    if (shown == NULL || best == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    see_people(o, truth, ONUS_TRACKS_MIN_IOU, best, shown, output->n_boxes);
    ONUS_TRY(boxes_by_time(output, shown, &boxes));
    ONUS_TRY(make_room(truth->n_tracks, output->n_tracks, count_visits(boxes, output->n_boxes),
                       &room, out));
    ONUS_TRY(count_seen_twice(truth, &out->n_seen_twice));
    see_last(truth, room.last);
    for (size_t i = 0, next; i < output->n_boxes; i = next) {
        for (next = i + 1; next < output->n_boxes && boxes[next].track == boxes[i].track; next++) {
        }
        read_trail(boxes + i, next - i, &room, out);
    }
    follow_hops(&room, out);
out:
    trail_room_clear(&room);
    onus_free(boxes);
    onus_free(shown);
    onus_free(best);
    if (status != ONUS_OK) {
        onus_trails_clear(out);
    }
    return status;
}
