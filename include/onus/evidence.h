/* What was loaded: typed columns and layers, checked at the edge, and an account of every row. */
#ifndef ONUS_EVIDENCE_H
#define ONUS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/case.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/evidence_affect.h"
#include "onus/evidence_match.h"
#include "onus/status.h"

/* ---- the account: rows = used + excluded, for every input ---- */
typedef struct onus_exclusion {
    char *reason; /* "no coordinates" */
    uint64_t rows;
    bool by_choice; /* the case asked for it (where, period) or nothing is lost (a row that repeats
                       another): does not count towards max_excluded */
} onus_exclusion;

typedef struct onus_input {
    const char *role; /* static: "areas", "people", "predictions", "outcomes",
                       * "second run", "injected" */
    char *file;       /* as written in the case; a connection without its password */
    char sha256[65];  /* of the file's bytes; "" for a database connection */
    uint64_t rows;
    uint64_t used;
    onus_exclusion *excluded;
    size_t n_excluded;
} onus_input;

/** Counts rows under a reason (adds to an equal reason that is there). */
onus_status onus_input_exclude(onus_input *input, const char *reason, bool by_choice,
                               uint64_t rows) ONUS_MUST_USE;
/** true if rows == used + all excluded. */
bool onus_input_adds_up(const onus_input *input);
void onus_input_clear(onus_input *input);

/* ---- tables ---- */
typedef enum onus_column_type {
    ONUS_COLUMN_TEXT,   /* UTF-8, empty allowed */
    ONUS_COLUMN_ID,     /* UTF-8, not empty */
    ONUS_COLUMN_NUMBER, /* finite */
    ONUS_COLUMN_COUNT,  /* finite, >= 0 (people and flags may be fractional estimates) */
    ONUS_COLUMN_LON,    /* degrees, -180..180 */
    ONUS_COLUMN_LAT,    /* degrees, -90..90 */
    ONUS_COLUMN_TIME,   /* unix seconds */
    ONUS_COLUMN_SCORE   /* finite, or NaN: empty, "nan", "-nan" or "na" in any case */
} onus_column_type;

/** What to read: one column of a table. */
typedef struct onus_column_ask {
    const char *name;
    onus_column_type type;
    bool may_be_missing;        /* an empty field keeps the row (NaN, or "" for text) */
    const char *missing_reason; /* else the row is excluded under this reason; static string */
    const onus_time_ref *time;  /* for ONUS_COLUMN_TIME */
} onus_column_ask;

/** One column as read. Numbers: NaN where missing. Texts: offsets into the table's pool. */
typedef struct onus_column {
    onus_column_type type;
    double *numbers;
    uint32_t *texts;    /* index into onus_table.pool_starts: equal texts share an index */
    int32_t *local_day; /* ONUS_COLUMN_TIME: calendar day in the column's zone, days since 1970 */
    uint64_t n_twice;   /* local times that occur twice, or never (clock change) */
    uint64_t n_never;
    uint64_t n_assumed_utc; /* times with neither an offset nor a zone, read as UTC */
} onus_column;

/** The kept rows of a table, column by column; row order is file order. */
typedef struct onus_table {
    size_t n_rows;
    size_t n_columns;
    onus_column *columns;
    int64_t *lines; /* n_rows: line in the file (records counted for sources without lines) */
    char *pool;     /* distinct texts, each terminated */
    size_t *pool_starts;
    size_t n_texts;
} onus_table;

const char *onus_table_text(const onus_table *table, size_t column, size_t row);
void onus_table_clear(onus_table *table);

/**
 * Reads columns of a CSV or TSV file (.gz and .zst too) or of any source GDAL opens.
 *
 * A CSV file is UTF-8 (a byte order mark is skipped), quoted as RFC 4180 has it, with LF, CRLF or
 * CR; blank lines are no rows; with a blank as delimiter, runs of blanks count as one. The
 * delimiter is the case's, else guessed from the ending and the first line. A record past 16 MiB is
 * no record. Other sources count records from 1 instead of lines (spreadsheets: their rows).
 *
 * Rows not selected by `where`, rows with a missing value, and, where the source says
 * `invalid: exclude`, rows with an unreadable value are counted in `input`. Otherwise an unreadable
 * value is a problem (file, line, column, value, expected form); all problems of the file are
 * added.
 *
 * @param[in]  source    from the case
 * @param[in]  data_dir  where relative paths start
 * @param[in]  asks      n_asks columns
 * @param[out] table     caller's storage; empty but clearable on failure
 * @param[out] input     the account, with digest; role is set by the caller
 * @return ONUS_OK; ONUS_ERR_NOINPUT; ONUS_ERR_DATA with problems; ONUS_ERR_NOMEM;
 * ONUS_ERR_INTERRUPTED
 */
onus_status onus_table_read(const onus_source *source, const char *data_dir,
                            const onus_column_ask *asks, size_t n_asks, const onus_context *context,
                            onus_table *table, onus_input *input,
                            onus_problems *problems) ONUS_MUST_USE;

/**
 * The names of a table's columns, without its rows.
 * @param[out] names  n_names texts in an array; free each and the array with onus_free
 * @return as onus_table_read
 */
onus_status onus_table_names(const onus_source *source, const char *data_dir, char ***names,
                             size_t *n_names, onus_problems *problems) ONUS_MUST_USE;

/* ---- layers ---- */
/** Polygons as read and as projected. Rings are closed (first point repeated), holes included; a
 *  feature is the union of its rings under the even-odd rule, all rings valid after repair. */
typedef struct onus_layer {
    size_t n_areas;
    char **ids; /* NULL entries never occur; without an id column "1", "2", ... */
    size_t n_rings;
    size_t *area_rings;  /* n_areas + 1: first ring of each area */
    size_t *ring_points; /* n_rings + 1: first point of each ring */
    size_t n_points;
    double *source_x; /* as in the file: lon or x */
    double *source_y;
    bool source_is_degrees;
    double *lon_deg; /* WGS 84 */
    double *lat_deg;
    double *x_m; /* local equal-area projection, metres */
    double *y_m;
    char *source_crs;  /* "EPSG:4326" or WKT's name */
    char *projection;  /* PROJ string of x_m, y_m */
    size_t n_repaired; /* polygons that were not valid and were mended */
} onus_layer;

void onus_layer_clear(onus_layer *layer);

/** A converter between a source CRS, WGS 84 and the projection of a layer. Opaque: hides PROJ. */
typedef struct onus_geo onus_geo;
/** crs NULL: degrees (WGS 84). projection: of a layer. ERR_DATA if PROJ knows either not. */
onus_status onus_geo_open(const char *crs, const char *projection, onus_geo **out,
                          onus_error *err) ONUS_MUST_USE;
/** n points from the source CRS to the projection; points that cannot be projected become NaN. */
onus_status onus_geo_project(onus_geo *geo, const double *x, const double *y, size_t n, double *x_m,
                             double *y_m, onus_error *err) ONUS_MUST_USE;
void onus_geo_close(onus_geo *geo);

/* ---- the whole evidence of a case ---- */
/** Residents and yardsticks by area, aligned with the areas layer. NaN: the area has no row. */
typedef struct onus_universe {
    const onus_universe_ref *ref;
    double *total;        /* n_areas */
    double **groups;      /* [group][area] */
    double *total_margin; /* 90 % margins, or NULL */
    double **margins;     /* [group] is NULL where no margin was given */
} onus_universe;

typedef struct onus_benchmark {
    const char *name;
    double *values; /* n_areas */
} onus_benchmark;

typedef struct onus_people {
    onus_universe *universes;
    size_t n_universes;
    onus_benchmark *benchmarks;
    size_t n_benchmarks;
    double *reported_frac; /* n_areas: feedback.reported.column, 0 to 1; or NULL */
    uint8_t *has_row;      /* n_areas */
    size_t n_areas_without_row;
} onus_people;

/** Flags as given: one row per box, or per area. */
typedef struct onus_flags {
    size_t n_flags;  /* rows */
    double *lon_deg; /* centres in WGS 84, or NULL (counted_areas, polygons) */
    double *lat_deg;
    double *source_x; /* centres as written, in the CRS of the file; NULL as above */
    double *source_y;
    double *x_m; /* centres in the layer's projection */
    double *y_m;
    double *counts;        /* how often flagged (1 without a count column) */
    int32_t *area;         /* counted_areas: index into areas; else NULL */
    int32_t *day;          /* local calendar day of `from`, or NULL without times */
    double *from_unix_s;   /* or NULL */
    double *until_unix_s;  /* or NULL */
    double *issued_unix_s; /* NaN: not given for this row; or NULL */
    uint32_t *type;        /* index into types, or NULL */
    char **types;
    size_t n_types;
    onus_layer shapes; /* form polygons: n_areas == n_flags; else zeroed */
} onus_flags;

/** A forecast of rates: in every window a rate for every cell of the grid (form risk). */
typedef struct onus_forecast {
    size_t n_cells; /* as the grid */
    size_t n_windows;
    double *from_unix_s;   /* ascending */
    double *until_unix_s;  /* NaN: the forecast does not say how long a window is */
    int32_t *day;          /* local calendar day of from */
    double *issued_unix_s; /* the latest of the window's rows, NaN: not given; or NULL */
    double *rates;         /* [window * n_cells + cell], >= 0; NaN: the forecast has none */
    int32_t *file_order;   /* n_cells: the cell's first row in the file; INT32_MAX: it has none */
    uint64_t n_missing;    /* rates that are not there */
    uint64_t n_outside;    /* windows outside the period, left out */
} onus_forecast;

/** Records: the n_outcomes of the period first, then the n_history from before it, which only
 *  methods of comparison may look at. Every array holds both. */
typedef struct onus_outcomes {
    size_t n_outcomes;
    size_t n_history;
    int32_t last_day; /* the last local day of any record, in the period or not; with times only */
    int32_t *cell;    /* index into the grid, where outcomes name cells; then no coordinates */
    double *source_x; /* as written */
    double *source_y;
    double *x_m;
    double *y_m;
    double *counts;
    double *unix_s;          /* or NULL */
    int32_t *day;            /* or NULL */
    uint8_t *by_officer;     /* 1 where `source.officer` names the record's type, or NULL */
    double *recorded_unix_s; /* NaN: not given for this row; or NULL */
    uint32_t *type;          /* index into types, or NULL */
    char **types;            /* as recorded */
    size_t n_types;
    /* records of the period without a place, which are in none of the arrays above */
    size_t n_missing;
    uint32_t *missing_type; /* or NULL */
    int32_t *missing_day;   /* or NULL */
} onus_outcomes;

/** Form csep: rates over cells and marks, of the product and its rivals, and the events in them. */
typedef struct onus_csep_grid {
    size_t n_cells;
    size_t n_marks;
    double *west; /* bounds by cell, [west, east) x [south, north), as written */
    double *east;
    double *south;
    double *north;
    double *mark_low; /* bounds by mark, [low, high), ascending */
    double *mark_high;
    size_t n_forecasts; /* the product's first, then the rivals' in the order of the case */
    double **rates;     /* [forecast][cell * n_marks + mark], finite, as given */
    double *counts;     /* events of the period by cell and mark */
    size_t n_rows;      /* of the outcomes' file that lie in the period */
    uint64_t n_events;  /* what they stand for: that have a place (and a mark) */
    uint64_t n_outside_cells;
    uint64_t n_outside_marks;
    /* events before the period, in file order; none without times and a period */
    size_t n_before;
    int32_t *before_cell; /* -1: in no bin */
    double *before_unix_s;
    double *before_count;
    double from_unix_s; /* the period; -INFINITY, INFINITY or both 0 where it has no bounds */
    double until_unix_s;
} onus_csep_grid;

/** Visits of patrols. */
typedef struct onus_patrols {
    size_t n_visits;
    double *x_m;
    double *y_m;
    double *from_unix_s;
    double *until_unix_s; /* NaN: not given for this visit; NULL: for none */
} onus_patrols;

/** A second run of the product and what was injected into its records. */
typedef struct onus_injection {
    onus_flags flags; /* of the second run: as flags or as forecast, like the first */
    onus_forecast forecast;
    size_t n_incidents; /* rows */
    int32_t *cell;      /* index into the grid, where the table names cells; then no coordinates */
    double *x_m;
    double *y_m;
    double *unix_s;
    double *counts;
} onus_injection;

/** Printed indices and the counts beside them. Every array by row; numbers are finite, >= 0. */
typedef struct onus_published {
    size_t n_rows;
    double *captured;
    double *outcomes;
    double *area;
    double *of_area;
    double *pai;
    double *digit_unit; /* what one step of the printed index's last digit is worth: 0.01 */
    uint32_t *set;      /* index into sets: rows that should count the same outcomes; or NULL */
    char **sets;        /* "burg, 2MO", ascending */
    size_t n_sets;
    uint32_t *table; /* index into tables, or NULL */
    char **tables;
    size_t n_tables;
    size_t n_names; /* distinct; 0: the case does not say whose they are */
} onus_published;

typedef struct onus_evidence {
    onus_array inputs; /* onus_input, in the order of the case */
    onus_layer areas;
    onus_layer region;    /* n_areas == 0: not given */
    onus_layer grid;      /* cells as a layer; n_areas == 0: not given */
    onus_layer districts; /* n_areas == 0: not given */
    onus_people people;
    onus_flags flags;
    onus_forecast forecast;
    onus_csep_grid csep;
    onus_outcomes outcomes;
    onus_patrols patrols;
    onus_published published;
    onus_injection injection;
    onus_match_evidence match;
    onus_affect_evidence affect;
    char *projection;    /* of everything in metres; NULL: nothing has a place */
    onus_array warnings; /* onus_load_warning */
} onus_evidence;

typedef struct onus_load_warning {
    const char *code; /* static */
    char *text;
} onus_load_warning;

/**
 * Loads all that a case names. All problems of all inputs are collected before it gives up.
 * @param[out] out  caller's storage; empty but clearable on failure
 * @return as onus_table_read; ONUS_ERR_DATA also if more than max_excluded of an input's rows
 *         could not be used
 */
onus_status onus_evidence_load(const onus_case *c, const onus_context *context, onus_evidence *out,
                               onus_problems *problems) ONUS_MUST_USE;
void onus_evidence_clear(onus_evidence *evidence);

/* ---- digests ---- */
/** SHA-256 of a file as 64 hex digits plus terminator. */
onus_status onus_sha256_file(const char *path, char out[65], onus_error *err) ONUS_MUST_USE;
void onus_sha256_bytes(const void *bytes, size_t len, char out[65]);

#endif
