/* What was found: measures, claims with verdicts, the board's questions, series, warnings, a map.
 */
#ifndef ONUS_RESULT_H
#define ONUS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/case.h"
#include "onus/error.h"
#include "onus/evidence.h"
#include "onus/status.h"
#include "onus/text.h"

/* ---- the catalogue: one row per measure, in the trial's own table ---- */
typedef struct onus_measure_def {
    const char *id;         /* "burden.ratio" */
    const char *title;      /* "Exposure of one group over another's" */
    const char *unit;       /* "ratio" | "share" | "count" | "flags per resident" | ... */
    const char *definition; /* plain sentences; formula in ASCII */
    const char *interval;   /* how its interval is made, or "none" with the reason */
    const char *scope_keys; /* "universe, group, reference, definition, (benchmark), source" */
    const char *reference;  /* paper, section, equation */
} onus_measure_def;

/* ---- measures ---- */
enum { ONUS_SCOPE_MAX = 10 };

/** A slice: keys sorted; values text or number. Strings are owned by the result. */
typedef struct onus_scope {
    struct {
        const char *key;  /* static string */
        const char *text; /* NULL: a number */
        double number;
    } items[ONUS_SCOPE_MAX];
    size_t n_items;
} onus_scope;

/** Adds or replaces a key (key must be a static string; text is copied when the measure is added).
 */
void onus_scope_set_text(onus_scope *scope, const char *key, const char *text);
void onus_scope_set_number(onus_scope *scope, const char *key, double number);
/** NULL if absent or a number. */
const char *onus_scope_text(const onus_scope *scope, const char *key);

typedef struct onus_interval {
    bool given;
    double level;
    double low;            /* NaN: unbounded below; written as null */
    double high;           /* NaN: unbounded above */
    const char *method;    /* static: "wilson", "spatial-block bootstrap" */
    const char *resampled; /* static: "week", "area block", or NULL for a closed form */
    bool exact;            /* of no width: everything there is was counted, and nothing was drawn */
    bool weak;             /* an interval that must not carry a verdict alone (too few blocks) */
    const char *weak_reason; /* why, as onus_measure.reason; NULL unless weak */
    double n_effective; /* independent trials that the den ones are worth and on which the interval
                           stands: the score test (quantile of t with the measure's df), exact
                           and one-sided where the value is 0 or 1; 0: not such an interval */
    double logit_variance; /* what people add to the variance of the log odds: the score test's
                              standard error at p is then sqrt(p (1 - p) / den + this
                              (p (1 - p))^2); 0: none, or not such an interval */
    int people_each;       /* people that one independent trial takes: 2 for a comparison of two,
                              1 of one with himself; 0: not a rate over people */
} onus_interval;

/** The scale on which value and se live, so that p at any bound agrees with the interval. */
typedef enum onus_scale {
    ONUS_SCALE_NONE,    /* no standard error: no p at a claim's bound */
    ONUS_SCALE_LINEAR,  /* value itself */
    ONUS_SCALE_LOG,     /* ln(value): ratios */
    ONUS_SCALE_FISHER_Z /* atanh(value): correlations */
} onus_scale;

/** Invariant (onus_result_add checks it): numbers are finite; a missing value comes with a reason;
 *  se > 0 unless scale is NONE. */
typedef struct onus_measure {
    const onus_measure_def *def;
    onus_scope scope;
    bool has_value;
    double value;
    bool has_fraction; /* num and den are known and may be shown */
    double num;
    double den;
    onus_interval interval;
    bool has_p;
    double p_value; /* for the measure's own null, not for the bound of a claim */
    onus_scale scale;
    double se;          /* standard error on that scale: interval = value -+ quantile * se */
    double df;          /* of Student's t; 0: normal */
    const char *reason; /* why the value (or its interval) is missing; NULL if nothing is */
    bool withheld;      /* a small count: value, num and den stay unprinted */
} onus_measure;

/* ---- claims ---- */
typedef enum onus_verdict {
    ONUS_VERDICT_SUPPORTED,
    ONUS_VERDICT_CONTRADICTED,
    ONUS_VERDICT_NOT_SHOWN,
    ONUS_VERDICT_NOT_TESTABLE
} onus_verdict;
/** "supported", "contradicted", "not shown", "not testable": static, also good as a question's
 * grade. */
const char *onus_verdict_text(onus_verdict verdict);

typedef struct onus_claim {
    const onus_claim_ref *ref; /* borrowed from the case */
    bool has_value;
    double value;
    bool has_fraction;
    double num;
    double den;
    onus_interval interval; /* the widest of those that decided */
    bool has_p;
    double p_value;
    double p_holm;
    onus_verdict verdict_raw;
    onus_verdict verdict; /* after Holm over the case's family */
    bool has_detectable;
    double detectable; /* smallest difference from the bound this data could show, 80 % power */
    char *sentence;    /* one plain sentence with n of N, for the first screen */
    char *why;         /* what decided; what is missing */
    size_t *measures;  /* indices into result->measures that decided */
    size_t n_measures;
} onus_claim;

typedef struct onus_question {
    int n;
    const char *ask; /* static */
    const char
        *grade; /* static: "answered", "supported", "contradicted", "not shown", "not testable" */
    char *answer;
    size_t *measures; /* indices into result->measures */
    size_t n_measures;
} onus_question;

/* ---- series: what charts draw ---- */
typedef struct onus_cell {
    enum { ONUS_CELL_NULL, ONUS_CELL_NUMBER, ONUS_CELL_TEXT } type;
    double number;
    char *text; /* owned by the series */
} onus_cell;

typedef struct onus_series {
    char *name;
    const char **columns; /* static strings */
    size_t n_columns;
    onus_array cells; /* onus_cell, row by row */
} onus_series;

typedef struct onus_warning {
    const char *code; /* static: "clustered" */
    char *text;
} onus_warning;

/* ---- the areas: one row each, for the map, tables/areas.csv and areas.gpkg ---- */
typedef enum onus_known { ONUS_KNOWN, ONUS_UNDEFINED, ONUS_WITHHELD } onus_known;

typedef struct onus_area_column {
    char *name;       /* "residents_latino" */
    char *title;      /* "Latino residents" */
    const char *unit; /* static: "people", "flags", "share", "flags per resident" */
    double *values;   /* n_areas; meaningful only where known[i] == ONUS_KNOWN */
    uint8_t *known;   /* onus_known */
} onus_area_column;

typedef struct onus_area_table {
    size_t n_areas;
    const onus_layer *layer; /* ids and WGS 84 rings; borrowed from the evidence */
    onus_area_column *columns;
    size_t n_columns;
} onus_area_table;

typedef struct onus_result {
    const onus_case *c;            /* borrowed */
    const onus_evidence *evidence; /* borrowed */
    onus_array measures;           /* onus_measure */
    onus_claim *claims;
    size_t n_claims;
    onus_array questions; /* onus_question, by n */
    onus_array series;    /* onus_series, by name when written */
    onus_array warnings;  /* onus_warning */
    onus_area_table areas;
    size_t n_suppressed;  /* cells withheld in published tables */
    size_t n_simulations; /* that were run; 0: the case asks for none */
    onus_array texts;     /* char *: strings that measures point to */
} onus_result;

void onus_result_init(onus_result *result, const onus_case *c, const onus_evidence *evidence);
void onus_result_clear(onus_result *result);

/** Appends a copy of *measure (scope texts are copied). *index (may be NULL) is its place.
 *  @return ONUS_ERR_BUG if the measure breaks its invariant; ONUS_ERR_NOMEM */
onus_status onus_result_add(onus_result *result, const onus_measure *measure,
                            size_t *index) ONUS_MUST_USE;
/** Copies text into the result's own storage, for onus_measure.reason and the like. NULL: no
 * memory. */
const char *onus_result_text(onus_result *result, const char *fmt, ...) ONUS_PRINTF(2, 3);
onus_status onus_result_warn(onus_result *result, const char *code, const char *fmt, ...)
    ONUS_PRINTF(3, 4) ONUS_MUST_USE;
/** Starts a series; the pointer is good until the next call. Columns must be static strings. */
onus_series *onus_result_series(onus_result *result, const char *name, const char **columns,
                                size_t n_columns) ONUS_MUST_USE;
onus_status onus_series_number(onus_series *series, double value) ONUS_MUST_USE; /* NaN: null */
onus_status onus_series_text(onus_series *series, const char *text) ONUS_MUST_USE;
onus_status onus_series_null(onus_series *series) ONUS_MUST_USE;
/** Takes answer's ownership even on failure. measures is copied. */
/** How a sentence names a method of comparison: "a moving count of past records" for moving_count;
 *  any other name stands as it is. */
const char *onus_method_words(const char *baseline);

onus_status onus_result_question(onus_result *result, int n, const char *ask, const char *grade,
                                 char *answer, const size_t *measures,
                                 size_t n_measures) ONUS_MUST_USE;

/**
 * Appends a column to result->areas, all values ONUS_UNDEFINED; set areas.n_areas before.
 * @param[in] name, title  copied
 * @param[in] unit         static
 * @return the column, good until the next call; NULL if out of memory
 */
onus_area_column *onus_result_area_column(onus_result *result, const char *name, const char *title,
                                          const char *unit) ONUS_MUST_USE;

/**
 * "After 182 simulated days with patrols to the highest counts, 1 found per incident and visit":
 * the simulation over cells that a scope of feedback.* names.
 * @return false, and nothing is added, where the scope names none; out->failed if out of memory
 */
bool onus_result_simulation_words(const onus_scope *scope, onus_text *out);

/** Borrowed; NULL if index is too large. */
const onus_measure *onus_result_measure(const onus_result *result, size_t index);
size_t onus_result_n_measures(const onus_result *result);

#endif
