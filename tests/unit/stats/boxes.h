/* For tests of tracks: tables of boxes, written one by one or at random. */
#ifndef ONUS_TEST_BOXES_H
#define ONUS_TEST_BOXES_H

#include "../random.h"

#include "onus/stats_tracks.h"

enum { MOST_BOXES = 64 };

typedef struct box_table {
    onus_boxes boxes;
    int32_t camera[MOST_BOXES];
    int64_t frame[MOST_BOXES];
    int32_t track[MOST_BOXES];
    double x[MOST_BOXES];
    double y[MOST_BOXES];
    double w[MOST_BOXES];
    double h[MOST_BOXES];
} box_table;

static inline onus_boxes *box_table_view(box_table *t, size_t n, size_t n_tracks) {
    t->boxes = (onus_boxes){.n_boxes = n,
                            .camera = t->camera,
                            .frame = t->frame,
                            .track = t->track,
                            .x = t->x,
                            .y = t->y,
                            .w = t->w,
                            .h = t->h,
                            .n_tracks = n_tracks};
    return &t->boxes;
}

/* Boxes of 10 x 10, at (10 place, 0), so that equal places overlap wholly and others not at all. */
static inline void box_add(box_table *t, int camera, int frame, int track, double place) {
    const size_t n = t->boxes.n_boxes;
    t->camera[n] = camera;
    t->frame[n] = frame;
    t->track[n] = track;
    t->x[n] = 10 * place;
    t->y[n] = 0;
    t->w[n] = 10;
    t->h[n] = 10;
    const size_t n_tracks = (size_t)track + 1;
    (void)box_table_view(t, n + 1, n_tracks > t->boxes.n_tracks ? n_tracks : t->boxes.n_tracks);
}

/* Up to n_tracks boxes at each of n_moments moments, crowded so that many overlap. */
static inline void box_table_draw(box_table *t, uint64_t *seed, int n_moments, int n_tracks) {
    size_t n = 0;
    for (int m = 0; m < n_moments; m++) {
        for (int k = 0; k < n_tracks; k++) {
            if (random_below(seed, 4) == 0) {
                continue;
            }
            t->camera[n] = m / 3;
            t->frame[n] = m;
            t->track[n] = k;
            t->x[n] = (double)random_below(seed, 100) / 8.0;
            t->y[n] = (double)random_below(seed, 100) / 16.0;
            t->w[n] = 10;
            t->h[n] = 8 + (double)random_below(seed, 4);
            n++;
        }
    }
    (void)box_table_view(t, n, (size_t)n_tracks);
}

#endif
