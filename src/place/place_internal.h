/* What the sources of the place trial share: the trial's own workings between two stages.
 *
 * Everything hangs on one place_trial. Vectors by area belong to it (place_keep) and are freed with
 * it, so that stages borrow freely. Measures are drafted first and handed to the result at the end,
 * because whether a small count may be shown can only be decided once all of them are known. */
#ifndef ONUS_PLACE_INTERNAL_H
#define ONUS_PLACE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/context.h"
#include "onus/drafts.h"
#include "onus/error.h"
#include "onus/geom.h"
#include "onus/kept.h"
#include "onus/model.h"
#include "onus/scalar.h"
#include "onus/stats_number.h"
#include "onus/stats_ratio.h"
#include "onus/status.h"
#include "onus/text.h"

/* Coordinates are compared on these lattices (1e-9 degree is a tenth of a millimetre). */
#define PLACE_LATTICE_DEG 1e-9
#define PLACE_LATTICE_M 1e-6

/* ---- who lives where ---- */
/** One group of one universe, or everyone else in it. All vectors by area, 0 where not known. */
typedef struct place_group {
    const char *universe;
    const char *name;
    size_t universe_index;
    size_t member;               /* index in its universe */
    const double *people;        /* P_gi */
    const double *total;         /* P_i; 0 where this group is not known, so that sums match */
    const double *within;        /* P_gi / P_i; 0 where P_i = 0 */
    const double *people_margin; /* 90 % margins or NULL */
    const double *total_margin;
    size_t n_areas;
    double people_sum; /* P_g */
    double total_sum;
    const char *undefined; /* why nothing can be said about the group, or NULL */
} place_group;

/* ---- where flags fell ---- */
typedef struct place_flags {
    const char *missing; /* why there are none to try, or NULL */
    double *by_area;     /* x_i */
    double total;
    double outside;
    double most;
    size_t n_unflagged;
    size_t n_parted; /* boxes on which areas overlap one another, so that their mass was scaled */
    /* distinct places: many rows repeat one box */
    size_t n_places;
    int32_t *place;    /* n_flags: index of the flag's place */
    double *place_x_m; /* NULL for counted_areas and polygons */
    double *place_y_m;
    onus_sparse on; /* places x areas: share of the flag on the area */
    /* time; n_days = 0 without times */
    int32_t first_day;
    size_t n_days;
    onus_sparse by_day; /* days x areas */
    size_t n_units;
    const char *unit;    /* "week" or "day": what is resampled */
    onus_sparse by_unit; /* units x areas */
} place_flags;

/* ---- what was recorded where ---- */
typedef struct place_outcomes {
    bool given;
    double *by_area;
    double *by_area_citizen; /* without officer-made records, or NULL */
    double *asked_for;       /* those of a predicted type; by_area where flags have none */
    double *captured;        /* of these on flagged ground of a matching type */
    bool in_time;            /* captured within the flag's time, not only on its ground */
    /* by predicted type; n_types 0: flags have none */
    size_t n_types;
    char *const *types;
    double **asked_for_of; /* [type][area] */
    double **captured_of;
    const uint8_t *matched; /* [type][recorded type]; NULL: records have no types */
    int32_t only_type;      /* while flags are laid: the type that is being looked at; -1: all */
    double total;
    double outside;
    double n_asked_for; /* in the areas */
    double n_captured;
} place_outcomes;

/* ---- yardsticks: NULL name stands for people themselves ---- */
typedef struct place_yardstick {
    const char *name;
    const double *values; /* b_i, or NULL */
} place_yardstick;

typedef enum place_definition { PLACE_EXPOSURE, PLACE_ATTRIBUTED } place_definition;
typedef enum place_source { PLACE_FLAGS, PLACE_CENSUS, PLACE_SPACE, PLACE_N_SOURCES } place_source;

/** Exposure of a group (reference NULL), or its ratio to a reference, with three uncertainties. */
typedef struct place_load {
    const place_group *group;
    const place_group *reference;
    const place_yardstick *yardstick;
    place_definition definition;
    onus_ratio_data data; /* what it is made of, area by area */
    double num;           /* E_g or B_g; of a ratio its upper part */
    double den;
    onus_number value;
    onus_ratio by_source[PLACE_N_SOURCES];
    size_t index; /* of its (first) measure */
} place_load;

/** A set of areas with the part of each that belongs to it. */
typedef struct place_set {
    const char *name;       /* "most", or NULL for a decile */
    int decile;             /* 1..10, or 0 */
    const char *by;         /* "population" or NULL */
    const char *convention; /* "onus", ... */
    size_t universe_index;  /* SIZE_MAX: for every universe */
    double *part;           /* w_i in [0, 1] */
} place_set;

/** A measure before it is known whether it may be shown. */
typedef struct place_draft {
    onus_measure measure;
    const place_group *group; /* whose people num counts, or NULL: num counts no people */
    const double *part;       /* num = sum part_i P_gi */
    bool exact;               /* reproduces a published figure: never withheld */
    bool weighted;            /* part is no share of an area but a weight (exposure) */
} place_draft;

typedef struct place_trial {
    const onus_case *c;
    const onus_evidence *evidence;
    const onus_context *context;
    onus_result *result;
    onus_error *err;
    size_t n; /* areas */
    onus_polygons metres;
    double *area_m2;
    double *centre_x;
    double *centre_y;
    int32_t *by_id;   /* areas in order of their ids */
    int32_t *id_rank; /* place of each area in that order */
    onus_sparse queen;
    onus_space *space;
    place_group *groups; /* universe by universe */
    place_group *rests;  /* everyone but group k */
    size_t n_groups;
    size_t n_group_excess; /* areas where a group outnumbers the total */
    place_flags flags;
    place_outcomes outcomes;
    struct accuracy *accuracy;       /* accuracy_internal.h */
    struct place_feedback *feedback; /* feedback/feedback_trial.h; NULL: not asked for */
    place_yardstick *yardsticks;     /* [0]: people themselves */
    size_t n_yardsticks;
    onus_array sets;  /* place_set */
    onus_array loads; /* place_load: the exposures, then the ratios */
    size_t n_exposures;
    double *decile; /* n: 1..10 under convention onus */
    double moran_flags;
    onus_array drafts;         /* place_draft */
    uint8_t **hide_people;     /* [group][area]: onus_withheld */
    uint8_t **hide_total;      /* [universe][area] */
    size_t n_published_small;  /* figures of a published convention on fewer than suppress_below
                                  people */
    size_t n_published_pinned; /* withheld area counts that those figures would give back */
    onus_array kept;           /* void * */
} place_trial;

/* trial.c and draft.c */
/** A number as a sentence names it: whole ones with commas, others with one decimal. Its text lives
 *  as long as the struct: place_count(n).text until the end of the call it is an argument of. */
typedef struct place_count_text {
    char text[ONUS_DOUBLE_TEXT_MAX];
} place_count_text;
place_count_text place_count(double value);
double *place_doubles(place_trial *t,
                      size_t n) ONUS_MUST_USE; /* zeroed; the trial's; NULL: no memory */
void *place_keep(place_trial *t, void *ptr) ONUS_MUST_USE; /* takes ownership, NULL stays NULL */
const onus_measure_def *place_measure(const char *id);
onus_measure place_draft_of(const char *id);
void place_scope_group(onus_measure *m, const place_group *group);
void place_scope_convention(const place_trial *t, onus_measure *m, const char *convention);
void place_set_ratio_interval(const place_trial *t, onus_measure *m, const onus_ratio *ratio,
                              place_source source);
onus_status place_add(place_trial *t, const onus_measure *m, size_t *index) ONUS_MUST_USE;
onus_status place_add_people(place_trial *t, const onus_measure *m, const place_group *group,
                             const double *part, size_t *index) ONUS_MUST_USE;
const onus_measure *place_drafted(const place_trial *t, size_t index);
bool place_asked(const place_trial *t, onus_convention convention);
const char *place_source_text(place_source source);
const char *place_definition_text(place_definition definition);

/* one stage each, in the order of trial.c */
onus_status place_town(place_trial *t) ONUS_MUST_USE;          /* town.c */
onus_status place_flags_fall(place_trial *t) ONUS_MUST_USE;    /* flags.c */
onus_status place_flags_in_time(place_trial *t) ONUS_MUST_USE; /* flags_time.c */
onus_status place_outcomes_fall(place_trial *t) ONUS_MUST_USE; /* outcomes.c */
onus_status place_accuracy(place_trial *t) ONUS_MUST_USE;      /* accuracy.c */
void place_accuracy_clear(place_trial *t);
onus_status place_published(place_trial *t) ONUS_MUST_USE;    /* published.c */
onus_status place_feedback_try(place_trial *t) ONUS_MUST_USE; /* feedback/feedback.c */
onus_status burden_counts(place_trial *t) ONUS_MUST_USE;      /* burden_counts.c */
onus_status burden_exposure(place_trial *t) ONUS_MUST_USE;    /* burden_exposure.c */
onus_status burden_sets(place_trial *t) ONUS_MUST_USE;        /* burden_sets.c */
onus_status burden_ranks(place_trial *t) ONUS_MUST_USE;       /* burden_ranks.c */
onus_status burden_inequality(place_trial *t) ONUS_MUST_USE;  /* burden_inequality.c */
onus_status burden_bounds(place_trial *t) ONUS_MUST_USE;      /* burden_bounds.c */
onus_status burden_outcomes(place_trial *t) ONUS_MUST_USE;    /* burden_outcomes.c */
onus_status burden_reporting(place_trial *t) ONUS_MUST_USE;   /* burden_reporting.c */
/** burden_reporting.c: outcomes over the share of them that is reported (feedback.reported.column),
 *  by area; NULL: no such column, or a rate is missing where something was recorded (warned). */
onus_status burden_as_committed(place_trial *t, const double **by_area) ONUS_MUST_USE;
onus_status burden_runs(place_trial *t) ONUS_MUST_USE;       /* burden_runs.c */
onus_status place_area_table(place_trial *t) ONUS_MUST_USE;  /* area_table.c */
onus_status place_suppress(place_trial *t) ONUS_MUST_USE;    /* suppression.c */
onus_status place_hand_over(place_trial *t) ONUS_MUST_USE;   /* draft.c */
onus_status place_warnings(place_trial *t) ONUS_MUST_USE;    /* warnings.c */
onus_status place_conventions(place_trial *t) ONUS_MUST_USE; /* conventions.c */
onus_status place_series(place_trial *t) ONUS_MUST_USE;      /* series.c */
onus_status place_questions(place_trial *t) ONUS_MUST_USE;   /* questions.c */

/* suppression.c: what is withheld, said where it is read */
onus_status place_withhold(place_trial *t, place_draft *draft, bool small) ONUS_MUST_USE;

/* suppression_column.c: protects the small counts of one column (a group, or everyone of its
 * universe) against all printed sums over it; hidden and drafts are added to, never taken from */
onus_status place_protect_column(place_trial *t, const place_group *g, bool total,
                                 uint8_t *hidden) ONUS_MUST_USE;

/* burden_uncertainty.c: value and the three sources of every load, whose data are filled */
onus_status burden_uncertainty(place_trial *t, place_load *loads, size_t n_loads) ONUS_MUST_USE;
/** Sampling error of sum(num) / sum(den) over a set, from census margins (ACS rule). NaN: none. */
double burden_share_se(const place_group *group, const double *part, double share, double den,
                       bool of_group);
/** Index of the source with the widest interval at the case's level; PLACE_N_SOURCES if none. */
place_source burden_widest(const place_trial *t, const place_load *load);

/* accuracy_questions.c: 1 to 5 and 11, answered or with what is missing */
onus_status acc_question(place_trial *t, int n) ONUS_MUST_USE;

/** accuracy_questions.c: question 9 from the run without officer-made records; adds its sentences
 *  and the measures they rest on. false: there is no such run, nothing is added. */
bool acc_tell_citizen(place_trial *t, onus_text *text, onus_array *measures,
                      onus_status *status) ONUS_MUST_USE;

/* feedback/answers.c: question 10; and what of question 9 asks for differing reporting, where the
 * case says how it differs (*told). measures: size_t, appended to; grade is static */
onus_status place_feedback_answer(place_trial *t, onus_text *text, onus_array *measures,
                                  const char **grade) ONUS_MUST_USE;
onus_status place_feedback_reporting(place_trial *t, onus_text *text, onus_array *measures,
                                     bool *told) ONUS_MUST_USE;
/** accuracy_events.c: does a recorded type stand for a predicted one? outcomes.types, else the same
 *  name. */
bool place_stands_for(const onus_outcomes_ref *ref, const char *predicted, const char *recorded);

/* questions.c: the words of question n */
const char *place_ask(int n);

/* flags.c: the area that holds each point, in the coordinates as written where both are degrees */
onus_status place_locate(place_trial *t, const double *source_x, const double *source_y,
                         const double *x_m, const double *y_m, size_t n, bool in_degrees,
                         int32_t *area) ONUS_MUST_USE;

/* outcomes.c: even-odd rule over all rings of one polygon of a layer, in metres */
bool place_polygon_holds(const onus_layer *shapes, size_t polygon, double x, double y);

#endif
