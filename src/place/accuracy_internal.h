/* What the sources of the accuracy half share: cells, windows, events, and what every method
 * captured in every window.
 *
 * The idea: all that is scored is first added up by window, one row of numbers per window, and only
 * then over windows. Everything later (measures, intervals, curves, questions) works on those rows,
 * so that time is never lost and nothing needs to be computed twice. A method of comparison leaves
 * nothing but its column in these rows: never a cell (THE WALL, baselines/baselines_internal.h). */
#ifndef ONUS_PLACE_ACCURACY_INTERNAL_H
#define ONUS_PLACE_ACCURACY_INTERNAL_H

#include "baselines_internal.h"
#include "frame_internal.h"
#include "onus/civil.h"
#include "onus/stats_calibration.h"
#include "onus/stats_capture.h"
#include "onus/stats_paired.h"
#include "onus/stats_score.h"
#include "place_internal.h"

enum { ACC_N_PIT = 10, ACC_N_NULLS = 2 };

enum { ACC_N_CURVE = 101, ACC_BASELINES_MAX = ONUS_BASELINE_N, ACC_ALPHAS_MAX = 16 };

/** How much is flagged: what the product itself flagged, a share of the area, or so many cells. */
typedef enum acc_kind { ACC_FLAGGED, ACC_BUDGET, ACC_TOP } acc_kind;

typedef struct acc_level {
    acc_kind kind;
    double number; /* share of the area, or cells per window */
} acc_level;

/** Columns of one level, one row per window; the comparisons follow, three each. */
typedef enum acc_column {
    ACC_CAPTURED,  /* outcomes captured by the product, ties as the case asks */
    ACC_WORST,     /* ties against it */
    ACC_BEST,      /* ties for it */
    ACC_AREA_S,    /* flagged, square metres times seconds */
    ACC_FLAGS,     /* flagged cells, or predictions */
    ACC_HITS,      /* of these with an outcome */
    ACC_CHANCE,    /* hits expected by chance */
    ACC_PREDICTED, /* forecast count on flagged ground */
    ACC_WHOLE,     /* captured by whole cells alone; by boxes and polygons: all they captured */
    ACC_MOST_LOW,  /* the most that the same area of whole cells (as many boxes) could have: bounds
                    */
    ACC_MOST_HIGH,
    ACC_N_COLUMNS
} acc_column;

/** Columns that do not depend on a level. */
typedef enum acc_common {
    ACC_OUTCOMES,
    ACC_ALL_S, /* the region's area times the window's length */
    ACC_N_COMMON
} acc_common;

/** One predicted type, or everything together. */
typedef struct acc_slice {
    const char *type;     /* NULL: everything */
    int32_t flag_type;    /* index into flags.types; -1: every flag */
    onus_frame frame;     /* its events; that of everything holds pairs of type and event */
    onus_frame known;     /* the same, each at the time its record came to exist: what methods of
                             comparison see. Equal to frame where records do not say when they did */
    double *rows;         /* n_windows * n_columns */
    onus_flag_runs *runs; /* one per level; forms of flagged cells only */
    double *curve;        /* (1 + n_baselines) * ACC_N_CURVE, outcomes captured at shares of area */
    double *auc;          /* (1 + n_baselines) * n_alphas, weighted by outcomes */
    onus_scores scores[1 + ACC_BASELINES_MAX]; /* of the product, of each comparison */
    onus_corp corp;
    double pit[ACC_N_NULLS][ACC_N_PIT]; /* share of windows by bin, under either null; NaN: none */
    double kde_bandwidth_m;             /* 0: kde is not compared with, or had nothing to go by */
    onus_kde_rule kde_rule;
} acc_slice;

/** Where every record went. */
typedef struct acc_account {
    double n_all;        /* in the period, with a place and a time */
    double n_outside;    /* in no cell of the region */
    double n_no_window;  /* in the region, in no window */
    double n_other_type; /* of a type that is not predicted */
    double n_scored;     /* each once, whatever the number of types it stands for */
    double n_pairs;      /* predicted type and record */
    double n_history;
    double n_history_outside;
} acc_account;

/** What a part of the records is a part by. */
typedef enum acc_part_kind {
    ACC_PART_DISTRICT,
    ACC_PART_SHIFT,
    ACC_PART_VISITED, /* records from ground that a patrol was on */
    ACC_PART_N_KINDS
} acc_part_kind;

typedef struct acc_part {
    acc_part_kind kind;
    const char *name;
    size_t n_cells; /* district: cells whose middle lies in it */
} acc_part;

/** How the grid of a second run differs from that of the first; zero scale: not at all. */
typedef struct acc_change {
    double east; /* shift, in sides */
    double north;
    double turn_rad;
    double scale; /* of the side */
} acc_change;

/** What of the product a second run holds against the methods. */
typedef enum acc_product {
    ACC_PRODUCT_SCORED,   /* scored anew, as in the first run */
    ACC_PRODUCT_KEPT,     /* its rows of the first run */
    ACC_PRODUCT_REGRIDDED /* its flags as cells of the changed grid */
} acc_product;

typedef struct accuracy {
    const struct accuracy *base; /* the first run, of a second one; else NULL */
    struct accuracy *citizen;    /* of the first run: the run on the public's records, or NULL */
    acc_product product;
    bool citizen_only; /* only records that the public made */
    acc_change change;
    const double *event_x_m; /* by record; turned in a second run. NULL: outcomes by cell */
    const double *event_y_m;
    const char *missing; /* why nothing can be scored, or NULL */
    bool by_cells;       /* the product ranks cells (form risk) */
    onus_frame_cells cells;
    onus_polygons cell_polygons;
    onus_polygons region; /* what cells were laid over; the cells where they are a layer */
    bool region_is_hull;
    onus_frame_window *windows;
    size_t n_windows;
    size_t n_units;
    const char *unit; /* "week", "day" or "window" */
    double window_s;
    int32_t *tie_order; /* by cell */
    onus_tie_rule tie_rule;
    acc_level *levels;
    size_t n_levels;
    onus_baseline_kind baselines[ACC_BASELINES_MAX];
    size_t n_baselines;
    const char *no_baseline[ACC_BASELINES_MAX]; /* why one could not be fitted, or NULL */
    double alphas[ACC_ALPHAS_MAX];
    size_t n_alphas;
    size_t n_columns;
    acc_slice *slices; /* [0] everything, then type by type */
    size_t n_slices;
    const char *leak; /* why no interval of the product may carry a verdict, or NULL */
    acc_account account;
    size_t n_typed_twice; /* records that stand for more than one predicted type */
    int32_t *event_cell;  /* by record: cell or -1 */
    int32_t *event_window;
    uint8_t *flag_hit; /* by flag: it came true; NULL for forecasts of rates */
    uint8_t *matched;  /* [type][recorded type] */
    acc_part *parts;   /* kind by kind */
    size_t n_parts;
    int32_t *part_of[ACC_PART_N_KINDS]; /* by record: index into parts, or -1; NULL: not given */
} accuracy;

size_t acc_at(const accuracy *a, size_t level, acc_column column);
size_t acc_at_common(const accuracy *a, acc_common column);
/** variant: ONUS_TIE_ASKED, worst or best. */
size_t acc_at_baseline(const accuracy *a, size_t level, size_t baseline, onus_tie_variant variant);
/** Mean score of the window by cell, of the product (method 0) or comparison method - 1. */
size_t acc_at_score(const accuracy *a, size_t method, onus_score score);
/** Share of the area at point k of a capture curve: denser where little is flagged, as products do.
 */
double acc_curve_share(size_t k);
/** Sum of a column over all windows. */
double acc_total(const accuracy *a, const acc_slice *slice, size_t column);

/* one stage each, in the order of accuracy.c */
onus_status acc_cells(place_trial *t, accuracy *a) ONUS_MUST_USE;   /* accuracy_cells.c */
onus_status acc_windows(place_trial *t, accuracy *a) ONUS_MUST_USE; /* accuracy_windows.c */
onus_status acc_events(place_trial *t, accuracy *a) ONUS_MUST_USE;  /* accuracy_events.c */
/** accuracy_events.c: event_cell of every record; event_x_m and event_y_m are set. */
onus_status acc_event_cells(place_trial *t, accuracy *a) ONUS_MUST_USE;
onus_status acc_checks(place_trial *t, accuracy *a) ONUS_MUST_USE;     /* accuracy_checks.c */
onus_status acc_boxes(place_trial *t, accuracy *a) ONUS_MUST_USE;      /* accuracy_boxes.c */
onus_status acc_parts_name(place_trial *t, accuracy *a) ONUS_MUST_USE; /* accuracy_parts.c */
onus_status acc_parts(place_trial *t, accuracy *a) ONUS_MUST_USE;      /* accuracy_parts.c */
onus_status acc_parts_measures(place_trial *t,
                               const accuracy *a) ONUS_MUST_USE; /* accuracy_parts_measures.c */
onus_status acc_bounds(place_trial *t, const accuracy *a) ONUS_MUST_USE; /* accuracy_bounds.c */
onus_status acc_run(place_trial *t, accuracy *a) ONUS_MUST_USE;          /* accuracy_run.c */
onus_status acc_measures(place_trial *t, accuracy *a) ONUS_MUST_USE;     /* accuracy_measures.c */
onus_status acc_sensitivity(place_trial *t,
                            const accuracy *a) ONUS_MUST_USE; /* accuracy_sensitivity.c */
/** accuracy_boxes.c: hits and captured outcomes if boxes had another size, or any predicted type of
 *  outcome counted. */
onus_status acc_hits_if(place_trial *t, const accuracy *a, double width_m, double height_m,
                        bool any_type, double *hits, double *captured) ONUS_MUST_USE;
onus_status acc_patrols(place_trial *t, const accuracy *a) ONUS_MUST_USE; /* accuracy_patrols.c */
onus_status acc_regrid(place_trial *t, accuracy *a) ONUS_MUST_USE;        /* accuracy_regrid.c */
onus_status acc_citizen(place_trial *t, accuracy *base) ONUS_MUST_USE;    /* accuracy_citizen.c */
/** accuracy_measures.c: hits, captures and comparisons of one level of a slice. */
onus_status acc_headlines(place_trial *t, const accuracy *a, const acc_slice *slice,
                          size_t level) ONUS_MUST_USE;
onus_status acc_premise(place_trial *t, const accuracy *a) ONUS_MUST_USE; /* accuracy_premise.c */
onus_status acc_csep(place_trial *t) ONUS_MUST_USE;                       /* accuracy_csep.c */
onus_status acc_totals(place_trial *t, accuracy *a) ONUS_MUST_USE;        /* accuracy_totals.c */
onus_status acc_series(place_trial *t, const accuracy *a) ONUS_MUST_USE;  /* accuracy_series.c */

/** The scope of a level (none for what the product flagged) and of a slice. */
void acc_scope(const accuracy *a, onus_measure *m, const acc_slice *slice, size_t level);

#endif
