/* The boxes of one moment, matched one to one for the greatest total gain.
 *
 * Nearly always every box meets one other box and the assignment is read off; where boxes compete,
 * the sparse assignment decides. One room serves all moments. Called by CLEAR and HOTA, which
 * differ only in what a match gains.
 */
#include "stats_tracks_moments.h"

#include "onus/alloc.h"

void moment_room_clear(moment_room *room) {
    onus_assigner_clear(&room->assigner);
    onus_free(room->start);
    onus_free(room->col);
    onus_free(room->gain);
    onus_free(room->overlap);
    onus_free(room->col_of);
    onus_free(room->matched);
    *room = (moment_room){0};
}

static size_t largest(const size_t *start, size_t n) {
    size_t most = 0;
    for (size_t m = 0; m < n; m++) {
        const size_t here = start[m + 1] - start[m];
        most = here > most ? here : most;
    }
    return most;
}

onus_status moment_room_make(const onus_overlaps *o, moment_room *out) {
    onus_status status;
    *out = (moment_room){0};
    const size_t n_rows = largest(o->truth_start, o->n_moments);
    const size_t n_cols = largest(o->output_start, o->n_moments);
    const size_t n_edges = largest(o->start, o->n_moments);
    ONUS_TRY(onus_assigner_make(n_rows, n_cols, &out->assigner));
    out->start = onus_alloc_n(n_rows + 1, sizeof *out->start);
    out->col = onus_alloc_n(n_edges, sizeof *out->col);
    out->gain = onus_alloc_n(n_edges, sizeof *out->gain);
    out->overlap = onus_alloc_n(n_edges, sizeof *out->overlap);
    out->col_of = onus_alloc_n(n_rows, sizeof *out->col_of);
    out->matched = onus_alloc_n(n_rows, sizeof *out->matched);
    if (out->start == NULL || out->col == NULL || out->gain == NULL || out->overlap == NULL ||
        out->col_of == NULL || out->matched == NULL) {
        status = ONUS_ERR_NOMEM;
    }
out:
    if (status != ONUS_OK) {
        moment_room_clear(out);
    }
    return status;
}

void moment_match(const onus_overlaps *o, size_t m, overlap_gain_fn gain, const void *shared,
                  moment_room *room) {
    const size_t n_rows = o->truth_start[m + 1] - o->truth_start[m];
    size_t n = 0;
    size_t row = 0;
    room->start[0] = 0;
    /* overlaps of a moment ascend by true box */
    for (size_t e = o->start[m]; e < o->start[m + 1]; e++) {
        const double gained = gain(shared, e);
        if (!(gained > 0.0)) {
            continue;
        }
        for (; row < o->truth[e] - o->truth_start[m]; row++) {
            room->start[row + 1] = n;
        }
        room->col[n] = (uint32_t)(o->output[e] - o->output_start[m]);
        room->gain[n] = gained;
        room->overlap[n++] = e;
    }
    for (; row < n_rows; row++) {
        room->start[row + 1] = n;
    }
    room->n_matched = 0;
    if (n == 0) {
        return;
    }
    const onus_gains gains = {.n_rows = n_rows,
                              .n_cols = o->output_start[m + 1] - o->output_start[m],
                              .start = room->start,
                              .col = room->col,
                              .gain = room->gain};
    onus_assign(&room->assigner, &gains, room->col_of);
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t i = room->start[r]; i < room->start[r + 1]; i++) {
            if (room->col[i] == room->col_of[r]) {
                room->matched[room->n_matched++] = room->overlap[i];
            }
        }
    }
}
