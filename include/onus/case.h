/* What was asked: a case file as a struct. Every string is owned by the case. */
#ifndef ONUS_CASE_H
#define ONUS_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/case_affect.h"
#include "onus/case_common.h"
#include "onus/case_match.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef enum onus_kind { ONUS_KIND_PLACE, ONUS_KIND_MATCH, ONUS_KIND_AFFECT } onus_kind;

/** A time column. column == NULL: absent. */
typedef struct onus_time_ref {
    char *column;
    char *format; /* NULL: ISO 8601 */
    char *zone;   /* NULL: the offset in the text, else UTC with a warning */
    onus_at at;
} onus_time_ref;

/** A point: lon and lat in degrees (WGS 84), or x and y in `crs`. */
typedef struct onus_point_ref {
    char *lon;
    char *lat;
    char *x;
    char *y;
    char *crs;
} onus_point_ref;

typedef struct onus_group_ref {
    char *name;   /* "Latino" */
    char *column; /* "pop_latino" */
    char *margin; /* column of its 90 % margin of error, or NULL */
    onus_at at;
} onus_group_ref;

typedef struct onus_universe_ref {
    char *name;  /* "residents" */
    char *total; /* column */
    char *total_margin;
    onus_group_ref *groups;
    size_t n_groups;
    onus_at at;
} onus_universe_ref;

/** Another yardstick than residents: a column of the people table (daytime people, calls for
 * service). */
typedef struct onus_benchmark_ref {
    char *name;
    char *column;
    onus_at at;
} onus_benchmark_ref;

typedef struct onus_people_ref {
    onus_source source;
    char *id;
    onus_universe_ref *universes;
    size_t n_universes;
    onus_benchmark_ref *benchmarks;
    size_t n_benchmarks;
} onus_people_ref;

typedef struct onus_areas_ref {
    onus_source source;
    char *id;  /* NULL for a region without ids */
    char *crs; /* NULL: the layer's own */
} onus_areas_ref;

typedef struct onus_outcomes_ref {
    onus_source source;
    onus_time_ref time;
    onus_time_ref recorded;
    onus_point_ref point;
    char *cell;
    char *count;
    char *mark;
    char *type;
    onus_mapping *types;
    size_t n_types;
    double reporting_low_frac; /* share of crimes that become records: 0: not given */
    double reporting_high_frac;
    onus_mapping *made_by; /* `source:`; which records police activity itself makes */
    size_t n_made_by;
} onus_outcomes_ref;

typedef enum onus_form {
    ONUS_FORM_NONE,
    ONUS_FORM_BOXES,
    ONUS_FORM_POLYGONS,
    ONUS_FORM_RISK,
    ONUS_FORM_CSEP,
    ONUS_FORM_COUNTED_BOXES,
    ONUS_FORM_COUNTED_AREAS
} onus_form;

typedef enum onus_assign { ONUS_ASSIGN_OVERLAP, ONUS_ASSIGN_CENTRE } onus_assign;

typedef struct onus_rival_ref {
    char *name;
    char *file;
    onus_at at;
} onus_rival_ref;

typedef struct onus_predictions_ref {
    onus_source source;
    onus_form form;
    onus_point_ref point;
    double width_m; /* `size` sets both; 0: not given */
    double height_m;
    onus_time_ref from;
    onus_time_ref until;
    double lasts_s; /* 0: not given */
    onus_time_ref issued;
    char *type;
    char *count;
    char *area; /* counted_areas: id column; risk: not used */
    char *cell;
    char *rate;
    char *wide; /* one column per window; the word names what the columns are: "date" */
    onus_assign assign;
    onus_rival_ref *rivals;
    size_t n_rivals;
} onus_predictions_ref;

typedef struct onus_patrols_ref {
    onus_source source;
    onus_point_ref point;
    onus_time_ref from;
    onus_time_ref until;
    onus_doubles delta; /* shares by which patrols may have changed what was recorded */
} onus_patrols_ref;

/** Indices that somebody printed, with the counts they were made from: columns of one table. */
typedef struct onus_published_ref {
    onus_source source;
    char *captured;  /* outcomes on flagged ground */
    char *outcomes;  /* all outcomes */
    char *area;      /* flagged ground, in any unit, */
    char *of_area;   /* and all ground, in the same */
    char *pai;       /* the index as printed */
    onus_strings by; /* columns: rows that agree in all of them count the same outcomes */
    char *who;       /* whose figure it is, or NULL */
    char *table;     /* which printed table the row stood in, or NULL */
} onus_published_ref;

typedef struct onus_grid_ref {
    onus_source source; /* the cells as a layer, or */
    char *id;
    double cell_m; /* a square grid; 0: not given */
    char *crs;     /* NULL or "auto": a local equal-area projection */
} onus_grid_ref;

typedef enum onus_convention { ONUS_CONVENTION_ONUS, ONUS_CONVENTION_MARKUP_2021 } onus_convention;
typedef enum onus_unit {
    ONUS_UNIT_WEEK,
    ONUS_UNIT_DAY,
    ONUS_UNIT_AREA,
    ONUS_UNIT_PERSON
} onus_unit;
typedef enum onus_ties { ONUS_TIES_EXPECTED, ONUS_TIES_LOWEST_ID, ONUS_TIES_FILE_ORDER } onus_ties;

typedef struct onus_protocol {
    double window_s;
    onus_doubles budget_frac;
    onus_doubles top_cells; /* whole numbers */
    bool conventions[2];    /* indexed by onus_convention */
    onus_strings baselines;
    double history_s;
    onus_unit unit;
    uint32_t n_replicates;
    double level;
    onus_ties ties;
    double top_frac;
    uint64_t seed;
    uint32_t suppress_below;
    double max_excluded_frac;
    onus_doubles sensitivity_box_m;
    bool sensitivity_shift;
    bool sensitivity_rotate;
    double kde_bandwidth_m; /* 0: by the rule */
    int kde_rule;           /* 0 past, 1 scott */
    bool kde_edge;
    int self_exciting_form; /* 0 grid, 1 kernel */
    onus_mapping *shifts;   /* values "06:00-18:00", checked */
    size_t n_shifts;
    uint32_t csep_simulations;
    double csep_cluster_size; /* mean events of a cluster under the clustered null; 0: learnt */
    /* match and affect */
    onus_doubles thresholds;
    onus_strings pairs;
    onus_doubles fmr_at;
    char *retest;
} onus_protocol;

/** What a simulation of acting on predictions is run with (methods: docs/feedback.md). */
typedef enum onus_feedback_model {
    ONUS_FEEDBACK_GRID,
    ONUS_FEEDBACK_URN,
    ONUS_FEEDBACK_LUM_ISAAC,
    ONUS_FEEDBACK_N_MODELS
} onus_feedback_model;
typedef enum onus_feedback_rule {
    ONUS_FEEDBACK_TOP,
    ONUS_FEEDBACK_PROPORTIONAL,
    ONUS_FEEDBACK_N_RULES
} onus_feedback_rule;
typedef enum onus_feedback_score {
    ONUS_FEEDBACK_COUNTS,
    ONUS_FEEDBACK_KDE,
    ONUS_FEEDBACK_NEAR_REPEAT,
    ONUS_FEEDBACK_SELF_EXCITING,
    ONUS_FEEDBACK_N_SCORES
} onus_feedback_score;
typedef enum onus_feedback_truth { ONUS_FEEDBACK_OBSERVED, ONUS_FEEDBACK_FLAT } onus_feedback_truth;
typedef enum onus_increments {
    ONUS_INCREMENTS_POISSON,
    ONUS_INCREMENTS_DETERMINISTIC
} onus_increments;

/** The urn's own numbers. Invariant: n areas >= 2 agree between the lists that are given. */
typedef struct onus_urn_ref {
    bool given;
    onus_at at;
    onus_strings names;    /* of the areas; n = 0: "area 1", "area 2", ... */
    onus_doubles rates;    /* incidents a draw, area by area */
    onus_doubles start;    /* balls at the start; n = 0: one each */
    onus_doubles matrix;   /* n x n row by row: balls added (columns) when an area (row) is drawn;
                              n = 0: its own rate to the area that is drawn */
    onus_doubles reported; /* incidents that residents report a draw, from every area, whichever is
                              drawn; n = 0: none */
    onus_increments increments;
    double decay_frac; /* share of the balls lost with each draw */
    uint32_t n_draws;
} onus_urn_ref;

/** A second run of the same product, on records into which incidents were injected. */
typedef struct onus_injection_ref {
    bool given;
    onus_at at;
    char *predictions;  /* file of the second run; all else about it as `predictions` says */
    onus_source source; /* what was injected: one row per incident, or counted */
    onus_time_ref time;
    onus_point_ref point;
    char *cell;  /* instead of a position */
    char *count; /* NULL: one each */
} onus_injection_ref;

typedef struct onus_feedback_ref {
    onus_at at;
    bool models[ONUS_FEEDBACK_N_MODELS]; /* indexed by onus_feedback_model */
    bool rules[ONUS_FEEDBACK_N_RULES];
    bool scores[ONUS_FEEDBACK_N_SCORES];
    uint32_t n_patrols; /* a day */
    uint32_t n_days;    /* 0: as long as the period */
    uint32_t n_runs;
    double window_s;
    onus_doubles discovery;
    double reported_frac;  /* recorded without any patrol, everywhere alike; or */
    char *reported_column; /* column of the people table with the share by area */
    onus_feedback_truth truth;
    onus_doubles horizon_days; /* ascending; n = 0: 30, 90, 180, 365 and the last day */
    bool repair;               /* run everything a second time, repaired */
    double bound_frac;         /* a run more concentrated than its open loop by more: run away */
    onus_urn_ref urn;
    onus_injection_ref injection;
} onus_feedback_ref;

/** One key of a scope: `name: text`, and the number it spells if it spells one. */
typedef struct onus_scope_item {
    char *key;
    char *text;
    bool is_number;
    double number;
} onus_scope_item;

typedef struct onus_claim_ref {
    char *say;
    char *measure;
    onus_scope_item *scope;
    size_t n_scope;
    bool has_at_least;
    double at_least;
    bool has_at_most;
    double at_most;
    onus_at at;
} onus_claim_ref;

/** A value of the case that was checked but has no field of its own yet. */
typedef struct onus_extra {
    char *path; /* "comparisons.probe.id", list items by number: "feedback.discovery[2]" */
    char *text; /* as written; a default does not show here */
    onus_at at;
} onus_extra;

typedef struct onus_case {
    char *path;      /* as given on the command line */
    char *data_dir;  /* where relative paths start */
    char sha256[65]; /* of the case file's bytes */
    char *title;
    onus_kind kind;
    /* place */
    onus_areas_ref region;
    onus_areas_ref areas;
    onus_areas_ref districts;
    onus_people_ref people;
    onus_outcomes_ref outcomes;
    onus_predictions_ref predictions;
    onus_patrols_ref patrols;
    onus_published_ref published;
    onus_grid_ref grid;
    bool has_period;
    char *period_from; /* ISO date or time, as written and checked; local to the case's zone */
    char *period_until;
    onus_protocol protocol;
    bool has_feedback;
    onus_feedback_ref feedback;
    onus_match_ref match;
    onus_affect_ref affect;
    onus_claim_ref *claims;
    size_t n_claims;
    /* match and affect: in the order of the file */
    onus_extra *extra;
    size_t n_extra;
} onus_case;

/**
 * Reads and checks a case file.
 *
 * @param[in]  path      the case file
 * @param[in]  data_dir  where relative paths start; NULL: the folder of the case file
 * @param[out] out       caller's storage, need not be initialised; empty but clearable on failure
 * @param[out] problems  every problem of the file; caller's storage, zeroed
 * @return ONUS_OK; ONUS_ERR_NOINPUT if it cannot be opened; ONUS_ERR_DATA if problems were found
 */
onus_status onus_case_read(const char *path, const char *data_dir, onus_case *out,
                           onus_problems *problems) ONUS_MUST_USE;
/** As onus_case_read from memory; `path` only names it in messages. */
onus_status onus_case_parse(const char *text, size_t len, const char *path, const char *data_dir,
                            onus_case *out, onus_problems *problems) ONUS_MUST_USE;
void onus_case_clear(onus_case *c);

#define ONUS_MINUTES_A_DAY 1440
/**
 * Which shift holds each minute of the local day: its index, or -1. Half-open, "22:00-06:00" runs
 * over midnight, "00:00-24:00" is the whole day.
 *
 * @param[out] bad  if false is returned: the shift that cannot be read or that holds a minute which
 *                  an earlier one holds (*why says which of both; static)
 */
bool onus_case_shifts(const onus_mapping *shifts, size_t n_shifts,
                      int32_t of_minute[ONUS_MINUTES_A_DAY], size_t *bad, const char **why);

/**
 * Checks that every claim names a measure of the catalogue; separate from reading, because the
 * catalogue belongs to the trials. Adds "unknown measure 'burden.ration'; did you mean ...". A
 * known family of which the catalogue holds nothing (place, feedback, match, affect: trials of
 * another version) passes; such a claim is not testable.
 */
void onus_case_check_claims(const onus_case *c, const char *const *ids, size_t n_ids,
                            onus_problems *problems);

/** Text of a value that has no field of its own; NULL if it was not given. */
const char *onus_case_extra(const onus_case *c, const char *path);

/** How a value is read and stored; private to src/casefile. */
typedef struct onus_case_rule onus_case_rule;

/** The schema of case files, one row per key: the reader, `onus explain`, the JSON Schema and the
 *  docs are made from it. */
typedef struct onus_case_key {
    const char *path;   /* "protocol.resample.replicates"; list items as "claims[].say" */
    const char *kinds;  /* "place", "match", "affect", or "place match affect"; one path may have a
                           row for each kind */
    const char *type;   /* "whole number", "share", "length", "one of boxes, polygons, ..." */
    const char *dfault; /* text of the default, or NULL: required or none */
    bool required;      /* wherever its block is given */
    const char *doc;    /* one or two sentences */
    const onus_case_rule *rule;
} onus_case_key;
const onus_case_key *onus_case_keys(size_t *n_keys);
/** The JSON Schema (draft 2020-12) of case files, as text; free with onus_free. NULL: no memory. */
char *onus_case_json_schema(void) ONUS_MUST_USE;

#endif
