/* Three vendors of dated boxes for the teaching city, each with a planted answer: one counts in
 * fine words, one truly knows more than the records, one has seen the answers.
 *
 * Every vendor issues the same number of boxes for every day, so that they differ in nothing but
 * where the boxes lie:
 *   even      the squares of its own grid that hold most break-ins of the last 180 days, of those
 *             that were entered before it issues: counting
 *   better    where the city's own places stand that day, as a patient observer might have learnt
 *             them elsewhere: the drifting ones too, before a count can
 *   leaking   half of the day's own break-ins, the rest by counting. Where the record came the same
 *             day the box is issued after it; where it came later the time of issue looks clean
 *
 * Called by place.c. What is planted is in city_trials.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "example_internal.h"
#include "onus/alloc.h"

enum {
    BOXES_A_DAY = 20,
    LOOKS_BACK_DAYS = 180,
    ISSUED_BEFORE_MINUTES = 120,
    SAME_DAY_MINUTES = 720, /* what is entered sooner than that is followed openly */
    CANDIDATES_MAX = 128,
    COUNTS_MAX = 256,
    GRID_MAX = 120,
    GRID_LON_E6 = -40030000,
    GRID_LAT_E6 = 39970000,
    GRID_STEP_LON_E6 = 1758, /* about 150 m */
    GRID_STEP_LAT_E6 = 1351
};

static const double OBSERVED_SIGMA_M = 20.0; /* nobody knows a place exactly */
static const double LEAKED_SHARE = 0.5;

typedef struct box {
    int32_t issued; /* minute */
    int32_t lon_e6;
    int32_t lat_e6;
    double worth; /* candidates: break-ins expected in it */
    size_t serial;
} box;

typedef struct board {
    box boxes[BOXES_A_DAY];
    size_t n;
} board;

static bool overlaps(const board *day, const box *b) {
    for (size_t i = 0; i < day->n; i++) {
        if (fabs(city_east_m(day->boxes[i].lon_e6, b->lon_e6)) < CITY_BOX_M &&
            fabs(city_north_m(day->boxes[i].lat_e6, b->lat_e6)) < CITY_BOX_M) {
            return true;
        }
    }
    return false;
}

/* Boxes of one day do not overlap: a second box on the same ground would be a wasted one. */
static bool pin(board *day, box b) {
    if (day->n >= BOXES_A_DAY || overlaps(day, &b)) {
        return false;
    }
    day->boxes[day->n++] = b;
    return true;
}

/* ---- counting ---- */

typedef struct square {
    int32_t count;
    int32_t number;
} square;

static int by_count(const void *a, const void *b) {
    const square *x = a;
    const square *y = b;
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

/* So small a count that enough squares have as much: a box overlaps nine squares at most. */
static int32_t least_worth_sorting(const square *squares) {
    size_t n_of[COUNTS_MAX] = {0};
    for (size_t i = 0; i < GRID_MAX * GRID_MAX; i++) {
        n_of[squares[i].count < COUNTS_MAX ? squares[i].count : COUNTS_MAX - 1]++;
    }
    size_t n = 0;
    int32_t least = COUNTS_MAX - 1;
    while (least > 1 && (n += n_of[least]) < 10 * BOXES_A_DAY) {
        least--;
    }
    return least;
}

static void count_up(const city_crime *crime, int32_t day, square *squares, board *board_of_day) {
    if (board_of_day->n >= BOXES_A_DAY) {
        return;
    }
    const int32_t issued = day * CITY_MINUTES_A_DAY - ISSUED_BEFORE_MINUTES;
    const city_breakin *all = crime->breakins.items;
    for (int32_t i = 0; i < GRID_MAX * GRID_MAX; i++) {
        squares[i] = (square){.number = i};
    }
    for (size_t i = 0; i < crime->breakins.n_items && all[i].minute < issued; i++) {
        const int32_t column = (all[i].lon_e6 - GRID_LON_E6) / GRID_STEP_LON_E6;
        const int32_t row = (all[i].lat_e6 - GRID_LAT_E6) / GRID_STEP_LAT_E6;
        if (all[i].has_place && all[i].minute + all[i].later < issued &&
            all[i].minute >= issued - LOOKS_BACK_DAYS * CITY_MINUTES_A_DAY && column >= 0 &&
            column < GRID_MAX && row >= 0 && row < GRID_MAX) {
            squares[row * GRID_MAX + column].count++;
        }
    }
    const int32_t least = least_worth_sorting(squares);
    size_t n = 0;
    for (size_t i = 0; i < GRID_MAX * GRID_MAX; i++) {
        if (squares[i].count >= least) {
            squares[n++] = squares[i];
        }
    }
    if (n > 0) {
        qsort(squares, n, sizeof *squares, by_count);
    }
    for (size_t k = 0; k < n && board_of_day->n < BOXES_A_DAY; k++) {
        const int32_t column = squares[k].number % GRID_MAX;
        const int32_t row = squares[k].number / GRID_MAX;
        (void)pin(board_of_day,
                  (box){.issued = issued,
                        .lon_e6 = GRID_LON_E6 + column * GRID_STEP_LON_E6 + GRID_STEP_LON_E6 / 2,
                        .lat_e6 = GRID_LAT_E6 + row * GRID_STEP_LAT_E6 + GRID_STEP_LAT_E6 / 2});
    }
}

/* ---- knowing ---- */

/* Share of a spot's break-ins that a box on its middle catches. */
static double caught(double sigma_m) {
    const double share = erf(0.5 * CITY_BOX_M / sigma_m / sqrt(2.0));
    return share * share;
}

static int by_worth(const void *a, const void *b) {
    const box *x = a;
    const box *y = b;
    if (x->worth != y->worth) {
        return x->worth > y->worth ? -1 : 1;
    }
    return (x->serial > y->serial) - (x->serial < y->serial);
}

static void observe(const city *c, const city_crime *crime, int32_t day, board *board_of_day) {
    box candidates[CANDIDATES_MAX];
    size_t n = 0;
    onus_rng rng;
    city_rng(&rng, c, CITY_TOPIC_VENDORS, (size_t)CITY_VENDOR_BETTER * CITY_DAYS + (size_t)day);
    const double noon = day + 0.5;
    for (size_t s = 0; s < crime->spots.n_items && n < CANDIDATES_MAX; s++) {
        const city_spot *spot = (const city_spot *)crime->spots.items + s;
        if (noon < spot->from_day || noon >= spot->until_day) {
            continue;
        }
        box b = {.issued = day * CITY_MINUTES_A_DAY - ISSUED_BEFORE_MINUTES,
                 .worth = spot->rate_day * caught(CITY_SPOT_SIGMA_M[spot->kind]),
                 .serial = s};
        city_spot_at(spot, noon, &b.lon_e6, &b.lat_e6);
        const double east_m = OBSERVED_SIGMA_M * onus_rng_normal(&rng);
        const double north_m = OBSERVED_SIGMA_M * onus_rng_normal(&rng);
        city_move(&b.lon_e6, &b.lat_e6, east_m, north_m);
        candidates[n++] = b;
    }
    if (n > 0) {
        qsort(candidates, n, sizeof *candidates, by_worth);
    }
    for (size_t k = 0; k < n; k++) {
        (void)pin(board_of_day, candidates[k]);
    }
}

/* ---- having seen the answers ---- */

static void peek(city *c, const city_crime *crime, int32_t day, board *board_of_day) {
    const city_breakin *all = crime->breakins.items;
    onus_rng rng;
    city_rng(&rng, c, CITY_TOPIC_VENDORS, (size_t)CITY_VENDOR_LEAKING * CITY_DAYS + (size_t)day);
    const int32_t from = day * CITY_MINUTES_A_DAY;
    for (size_t i = 0; i < crime->breakins.n_items; i++) {
        if (all[i].minute < from || all[i].minute >= from + CITY_MINUTES_A_DAY ||
            !all[i].has_place || onus_rng_uniform(&rng) >= LEAKED_SHARE) {
            continue;
        }
        const bool open = all[i].later < SAME_DAY_MINUTES;
        const box b = {.issued = open ? all[i].minute + all[i].later : from - ISSUED_BEFORE_MINUTES,
                       .lon_e6 = all[i].lon_e6,
                       .lat_e6 = all[i].lat_e6};
        if (pin(board_of_day, b)) {
            c->vendors[CITY_VENDOR_LEAKING].n_late += open ? 1 : 0;
            c->vendors[CITY_VENDOR_LEAKING].n_backdated += open ? 0 : 1;
        }
    }
}

static void put_box(onus_text *out, int32_t day, const box *b) {
    city_put_minute(out, b->issued);
    onus_text_add(out, ",");
    city_put_minute(out, day * CITY_MINUTES_A_DAY);
    onus_text_add(out, ",");
    city_put_minute(out, (day + 1) * CITY_MINUTES_A_DAY);
    onus_text_add(out, ",");
    city_put_degrees(out, b->lon_e6);
    onus_text_add(out, ",");
    city_put_degrees(out, b->lat_e6);
    onus_text_add(out, "\n");
}

onus_status city_write_vendor(city *c, const city_crime *crime, city_vendor vendor,
                              onus_text *out) {
    square *squares = onus_alloc_n(GRID_MAX * GRID_MAX, sizeof *squares);
    if (squares == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_text_add(out, "issued,start,end,lon,lat\n");
    for (int32_t day = 0; day < CITY_DAYS; day++) {
        board of_day = {.n = 0};
        if (vendor == CITY_VENDOR_BETTER) {
            observe(c, crime, day, &of_day);
        } else if (vendor == CITY_VENDOR_LEAKING) {
            peek(c, crime, day, &of_day);
        }
        count_up(crime, day, squares, &of_day); /* the rest, if any */
        for (size_t k = 0; k < of_day.n; k++) {
            put_box(out, day, &of_day.boxes[k]);
        }
        c->vendors[vendor].n += of_day.n;
    }
    onus_free(squares);
    return out->failed ? ONUS_ERR_NOMEM : ONUS_OK;
}
