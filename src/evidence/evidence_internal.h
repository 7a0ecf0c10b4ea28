/* What the sources of this room share with one another and with nobody else. */
#ifndef ONUS_EVIDENCE_INTERNAL_H
#define ONUS_EVIDENCE_INTERNAL_H

#include <nettle/sha2.h>
#include <zlib.h>
#include <zstd.h>

#include "onus/civil.h"
#include "onus/evidence.h"
#include "onus/text.h"

enum {
    ONUS_RECORD_MAX = 16 << 20,    /* bytes of one record; longer ones are no table */
    ONUS_TABLE_COLUMNS_MAX = 65536 /* columns of a table */
};

/* ---- bytes.c: a file's bytes, unpacked and digested on the way ---- */
typedef enum onus_packing { ONUS_PACKING_NONE, ONUS_PACKING_GZIP, ONUS_PACKING_ZSTD } onus_packing;

typedef struct onus_bytes {
    const char *name; /* for messages; borrowed */
    int fd;           /* -1: closed */
    uint64_t file_size;
    uint64_t n_raw; /* bytes of the file read (and digested) so far */
    onus_packing packing;
    const char *map; /* plain regular files; NULL: read through onus_bytes_fill */
    size_t map_len;
    unsigned char *raw; /* packed bytes not yet unpacked */
    size_t raw_at;
    size_t raw_len;
    bool raw_ended;
    bool between_members; /* a gzip member or zstd frame has just ended (or none has begun) */
    uint64_t n_members;
    bool zlib_open;
    z_stream zlib;
    ZSTD_DStream *zstd;
    struct sha256_ctx sha;
} onus_bytes;

/** Opens a file. ERR_NOINPUT if that fails. *bytes is closeable afterwards in any case. */
onus_status onus_bytes_open(const char *path, const char *name, onus_bytes *bytes,
                            onus_error *err) ONUS_MUST_USE;
/** Unpacks up to cap bytes; *n_filled 0: the end. Not for mapped files. */
onus_status onus_bytes_fill(onus_bytes *bytes, char *dst, size_t cap, size_t *n_filled,
                            onus_error *err) ONUS_MUST_USE;
/** Digests the next n bytes of a mapped file. */
void onus_bytes_digest_map(onus_bytes *bytes, size_t n);
/** Digests what is left of the file and writes the SHA-256 of all of it. */
onus_status onus_bytes_finish(onus_bytes *bytes, char out[65], onus_error *err) ONUS_MUST_USE;
void onus_bytes_close(onus_bytes *bytes);

/* ---- digest.c ---- */
/** Ends a digest: 64 hex digits plus terminator. */
void onus_sha256_end(struct sha256_ctx *sha, char out[65]);

/* ---- scan.c: records and fields ---- */
typedef struct onus_field {
    size_t start; /* in scan->buf */
    size_t len;
    bool doubled; /* holds "" that stands for one quote */
} onus_field;

typedef enum onus_scan_fault {
    ONUS_SCAN_FINE,
    ONUS_SCAN_AFTER_QUOTE, /* text between a closing quote and the next delimiter */
    ONUS_SCAN_NUL,
    ONUS_SCAN_NOT_UTF8
} onus_scan_fault;

typedef struct onus_scan {
    onus_bytes bytes;
    const char *buf; /* the window: the map, or `own` */
    char *own;
    size_t own_cap;
    size_t chunk;        /* bytes taken in at a time */
    uint64_t buf_offset; /* of buf[0] in the unpacked text */
    size_t at;           /* where the next record starts */
    size_t end;          /* bytes of the window that are there */
    bool ended;          /* nothing comes after `end` */
    char delimiter;
    size_t block; /* cursor over structural characters */
    uint64_t bits;
    size_t dirty_end; /* end of the last block with a NUL or a byte above 127 */
    int64_t line;     /* on which the next record starts */
    /* the record read last */
    int64_t record_line;
    size_t record_start;
    size_t record_end;
    onus_field *fields;
    size_t fields_cap;
    size_t n_fields; /* may exceed fields_cap: the others are counted only */
    onus_scan_fault fault;
    int64_t fault_line;
    int64_t fault_col;
    uint64_t fault_offset; /* in the unpacked text */
    char *scratch;
    size_t scratch_cap;
} onus_scan;

/** Opens a table file. `chunk` 0: the default. delimiter 0: guessed from the name and first line.
 */
onus_status onus_scan_open(const char *path, const char *name, char delimiter, size_t chunk,
                           onus_scan *scan, onus_error *err) ONUS_MUST_USE;
/** The next record that is not blank; *got false: there is none. Faults of one record are in
 *  scan->fault; what ends the reading (a record without end, a truncated file) is an error. */
onus_status onus_scan_next(onus_scan *scan, bool *got, onus_error *err) ONUS_MUST_USE;
/** Text of a field of the record read last, good until the next record. NULL: no memory. */
const char *onus_scan_text(onus_scan *scan, size_t field, size_t *len);
void onus_scan_close(onus_scan *scan);

/* ---- rows.c: cells to typed columns, whatever they come from ---- */
typedef enum onus_cell_kind {
    ONUS_CELL_MISSING,
    ONUS_CELL_TEXTUAL,
    ONUS_CELL_NUMERIC,
    ONUS_CELL_INSTANT /* ISO text that the source itself made of a date: the case's format is not
                         for it */
} onus_cell_kind;

typedef struct onus_cell_in {
    onus_cell_kind kind;
    const char *text;
    size_t len;
    double number;
} onus_cell_in;

typedef struct onus_rows {
    const onus_source *source;
    const onus_column_ask *asks;
    size_t n_asks;
    onus_table *table;
    onus_input *input;
    onus_problems *problems;
    size_t *places;      /* n_asks + n_where: column of the file */
    onus_cell_in *cells; /* n_asks + n_where: the row being read, filled by the source */
    onus_zone **zones;   /* n_asks */
    double *parsed;      /* n_asks */
    int32_t *parsed_day;
    size_t rows_cap;
    size_t pool_len;
    size_t pool_cap;
    size_t starts_cap;
    uint32_t *slots; /* open addressing over the pool: index + 1, 0 empty */
    size_t n_slots;
    size_t ask_lon; /* the pair that is checked for a swap; n_asks: none */
    size_t ask_lat;
    uint64_t n_pairs;
    uint64_t n_swapped;  /* pairs that are a place only when swapped */
    onus_error *swapped; /* the first ONUS_PROBLEMS_FULL of these pairs, as problems */
    size_t n_swapped_full;
    onus_array where_seen; /* char *: some values of the first `where` column, for a suggestion */
    uint64_t n_not_selected;
    uint64_t n_problem_rows;
} onus_rows;

onus_status onus_rows_begin(onus_rows *rows, const onus_source *source, const onus_column_ask *asks,
                            size_t n_asks, onus_table *table, onus_input *input,
                            onus_problems *problems) ONUS_MUST_USE;
/** Finds the wanted columns among the names of the file; what is missing becomes a problem at
 * `line`.
 *  @return ERR_DATA if some are missing */
onus_status onus_rows_columns(onus_rows *rows, const char *const *names, size_t n_names,
                              int64_t line) ONUS_MUST_USE;
/** Takes the row in rows->cells. */
onus_status onus_rows_take(onus_rows *rows, int64_t line) ONUS_MUST_USE;
/** Counts a record whose fields could not be told apart; the problem is added unless the case
 *  excludes such rows. */
onus_status onus_rows_refuse(onus_rows *rows, const char *kind, int64_t line, int64_t col,
                             const char *fmt, ...) ONUS_PRINTF(5, 6) ONUS_MUST_USE;
/** Settles the problems of the rows. ERR_DATA if there were any. */
onus_status onus_rows_end(onus_rows *rows) ONUS_MUST_USE;
void onus_rows_clear(onus_rows *rows);

/* cells.c and pool.c, for rows.c */
typedef enum onus_cell_state { ONUS_CELL_GOOD, ONUS_CELL_ABSENT, ONUS_CELL_BAD } onus_cell_state;
/** Checks cell i and reads it into rows->parsed. */
onus_cell_state onus_cell_parse(onus_rows *rows, size_t i);
/** What is wrong with a bad cell: place, column, value, expected form. */
void onus_cell_problem(const onus_rows *rows, size_t i, int64_t line, onus_error *err);
/** "not a number", "longitude out of range", ... */
const char *onus_cell_kind_of_problem(onus_column_type type);
/** Index of a text in the table's pool, added if new. */
onus_status onus_rows_intern(onus_rows *rows, const char *text, size_t len,
                             uint32_t *index) ONUS_MUST_USE;
/** Index of a text that is there, or UINT32_MAX. */
uint32_t onus_rows_find(const onus_rows *rows, const char *text, size_t len);

/** Text of the user's for a message: control characters replaced, cut at 60 bytes. Returns buf. */
enum { ONUS_QUOTED_MAX = 96 };
const char *onus_quoted(const char *text, size_t len, char buf[ONUS_QUOTED_MAX]);
/** The name that `word` may have been meant for, as "; did you mean 'x'?", or "". Returns buf. */
const char *onus_did_you_mean(const char *word, const char *const *names, size_t n_names, char *buf,
                              size_t size);

/* ---- gdal.c: every other source ---- */
/** true for a connection to a database. */
bool onus_is_database(const char *file);
/** A source's name for messages and reports: as written, but without the password of a connection.
 *  NULL: no memory. */
char *onus_source_name(const char *file) ONUS_MUST_USE;
/** Where a source is: its path, or the connection as written. NULL: no memory. */
char *onus_source_path(const char *data_dir, const char *file) ONUS_MUST_USE;
/** true if the name's ending (or "PG:") says that GDAL opens it. */
bool onus_gdal_wants(const char *file);
onus_status onus_gdal_table(const onus_source *source, const char *path,
                            const onus_context *context, onus_rows *rows,
                            onus_error *err) ONUS_MUST_USE;

/* ---- geo.c ---- */
/** true for NULL and the usual names of WGS 84 in degrees. */
bool onus_crs_is_wgs84(const char *crs);
/** What a CRS is: in degrees or not, and its name ("EPSG:4326", or as written). ERR_DATA if
 * unknown. */
onus_status onus_crs_describe(const char *crs, bool *is_degrees, char **name,
                              onus_error *err) ONUS_MUST_USE;
/** As onus_geo_project, to WGS 84 degrees. */
onus_status onus_geo_degrees(onus_geo *geo, const double *x, const double *y, size_t n,
                             double *lon_deg, double *lat_deg, onus_error *err) ONUS_MUST_USE;
/** PROJ string of an equal-area projection centred there. NULL: no memory. */
char *onus_geo_local_projection(double lon_deg, double lat_deg) ONUS_MUST_USE;

/* ---- layer.c ---- */
typedef struct onus_layer_opts {
    const char *id;         /* column, or NULL */
    const char *crs;        /* NULL: the layer's own */
    const char *projection; /* NULL: a local one, centred on the layer */
    const int64_t *records; /* the features to keep, ascending, counted from 1; NULL: by `where` */
    size_t n_records;
} onus_layer_opts;

/** Reads polygons. `input` as in onus_table_read; warnings (onus_load_warning) may be NULL. */
onus_status onus_layer_read(const onus_source *source, const char *data_dir,
                            const onus_layer_opts *opts, const onus_context *context,
                            onus_layer *layer, onus_input *input, onus_array *warnings,
                            onus_problems *problems) ONUS_MUST_USE;

/** Places of the ids in ascending order, equal ones in their own order. NULL: no memory. */
size_t *onus_ids_order(char *const *ids, size_t n) ONUS_MUST_USE;
/** Place of an id, or n. O(log n). */
size_t onus_ids_find(char *const *ids, const size_t *order, size_t n, const char *id);

/* ---- names.c: ids that become indices ---- */
typedef enum onus_names_order {
    ONUS_NAMES_BYTES, /* as texts: ids */
    ONUS_NAMES_READ   /* numbers by value; else "v2" before "v10" */
} onus_names_order;
typedef struct onus_names {
    const char **items; /* borrowed from the tables */
    size_t n;
    size_t cap;
    int (*order)(const void *, const void *); /* NULL before onus_names_settle */
} onus_names;
onus_status onus_names_add(onus_names *names, const char *name) ONUS_MUST_USE;
/** Adds what a column of texts holds; empty texts are no names. */
onus_status onus_names_add_column(onus_names *names, const onus_table *table,
                                  size_t column) ONUS_MUST_USE;
/** Sorts; each name is there once afterwards. ERR_LIMIT past 2^31 - 1 names. */
onus_status onus_names_settle(onus_names *names, onus_names_order order) ONUS_MUST_USE;
/** Place of a name after settling, -1: not there. O(log n). */
int32_t onus_names_find(const onus_names *names, const char *name);
/** Places of a column's texts, row by row, -1: not there. *of_row is the caller's, also on
 * failure. */
onus_status onus_names_index(const onus_names *names, const onus_table *table, size_t column,
                             int32_t **of_row) ONUS_MUST_USE;
/** Copies in their order; *copies and the first *n of them are the caller's, also on failure. */
onus_status onus_names_copy(const onus_names *names, char ***copies, size_t *n) ONUS_MUST_USE;
void onus_names_clear(onus_names *names);

/* ---- load.c ---- */
/** What the loaders of the parts share. */
typedef struct onus_loading {
    const onus_case *c;
    const onus_context *context;
    onus_evidence *out;
    onus_problems *problems;
    size_t *id_order;   /* of the areas' ids; NULL without areas */
    size_t *cell_order; /* of the grid's ids; NULL without a grid layer */
    char *projection;   /* of the areas, else of the first layer, else local to the first points */
} onus_loading;

onus_status onus_load_people(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_flags(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_forecast(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_csep(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_outcomes(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_patrols(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_published(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_injection(onus_loading *loading) ONUS_MUST_USE;
onus_status onus_load_affect(onus_loading *loading) ONUS_MUST_USE;
/** true if what went wrong is in the data: the other inputs are still worth reading. */
bool onus_goes_on(onus_status status);
/** All tables of a match case (match_load.c). */
onus_status onus_load_match(onus_loading *loading) ONUS_MUST_USE;
/** field.c: figures of use in the field. */
onus_status onus_load_field(onus_loading *loading) ONUS_MUST_USE;
void onus_field_clear(onus_field_figures *field);
/** published.c: what one step of the last digit of a printed number is worth ("82.02": 0.01). */
double onus_digit_unit_of(const char *text);
/** The case's predictions, as flags or as a forecast by their form; role: static, for the account.
 *  Nothing where the form has none. */
onus_status onus_read_flags(onus_loading *loading, const char *role,
                            onus_flags *flags) ONUS_MUST_USE;
onus_status onus_read_forecast(onus_loading *loading, const char *role,
                               onus_forecast *forecast) ONUS_MUST_USE;
void onus_people_clear(onus_people *people);
void onus_flags_clear(onus_flags *flags);
void onus_outcomes_clear(onus_outcomes *outcomes);
void onus_csep_clear(onus_csep_grid *grid);
void onus_forecast_clear(onus_forecast *forecast);
void onus_patrols_clear(onus_patrols *patrols);
void onus_injection_clear(onus_injection *injection);
void onus_published_clear(onus_published *published);
void onus_affect_clear(onus_affect_evidence *affect);
void onus_match_evidence_clear(onus_match_evidence *match);
/** outcomes.c: the cell of each row by the id in column 0; rows in no cell are let go or a problem
 *  (ERR_DATA). *cell_of is given away, also on failure. */
onus_status onus_take_cells(onus_loading *loading, onus_table *table, onus_invalid invalid,
                            onus_input *input, int32_t **cell_of) ONUS_MUST_USE;
/** A cell that the grid has not: a problem (ERR_DATA), or nothing where such rows may go. */
onus_status onus_report_no_cell(onus_loading *loading, const onus_input *input,
                                onus_invalid invalid, const char *id, int64_t line) ONUS_MUST_USE;
/** An id that no area has: a problem (ERR_DATA), or nothing where the case lets such rows go. */
onus_status onus_report_stranger(onus_loading *loading, const onus_input *input,
                                 onus_invalid invalid, const char *id, int64_t line) ONUS_MUST_USE;

/** Points of a table, converted: arrays of n each, the caller's. */
typedef struct onus_points_in {
    double *source_x;
    double *source_y;
    double *lon_deg;
    double *lat_deg;
    double *x_m;
    double *y_m;
} onus_points_in;
void onus_points_in_clear(onus_points_in *points);

/** Asks for the columns of a point; *n grows by 2. */
void onus_ask_point(const onus_point_ref *ref, onus_column_ask *asks, size_t *n);
/** Converts columns k and k + 1 of the table; a swap against the areas is a problem (ERR_DATA).
 * Rows that cannot be converted are let go. The table gives its two columns away. */
onus_status onus_take_points(onus_loading *loading, const onus_point_ref *ref, onus_table *table,
                             size_t k, onus_input *input, onus_points_in *points) ONUS_MUST_USE;
/** The case's period as instants in a zone (NULL: UTC); -INFINITY and INFINITY without one. */
onus_status onus_period_bounds(onus_loading *loading, const char *zone, double *from,
                               double *until) ONUS_MUST_USE;
/** As onus_take_period, but keeps the rows from before the period, in file order behind the
 * others. */
onus_status onus_take_history(onus_loading *loading, const onus_time_ref *ref, onus_table *table,
                              size_t k, onus_input *input) ONUS_MUST_USE;
/** Once every row that is no good is gone: how many of the rest are history. The account says so.
 */
onus_status onus_count_history(onus_loading *loading, const onus_time_ref *ref,
                               const onus_table *table, size_t k, onus_input *input,
                               size_t *n_history) ONUS_MUST_USE;
/** Lets rows go that were counted as used. */
onus_status onus_let_go(onus_table *table, const uint8_t *keep, onus_input *input,
                        const char *reason, bool by_choice) ONUS_MUST_USE;
/** Drops the rows outside the case's period, by the times of column k; counts them as chosen. */
onus_status onus_take_period(onus_loading *loading, const onus_time_ref *ref, onus_table *table,
                             size_t k, onus_input *input) ONUS_MUST_USE;
/** Warnings about the times of column k: clock changes, no zone. */
onus_status onus_warn_times(onus_loading *loading, const onus_input *input,
                            const onus_time_ref *ref, const onus_column *column) ONUS_MUST_USE;
/** Numbers the distinct texts of column k in the order of their first row: type[i] indexes types.
 *  Caller's to free, also on failure. */
onus_status onus_take_types(const onus_table *table, size_t k, uint32_t **type, char ***types,
                            size_t *n_types) ONUS_MUST_USE;
/** Keeps the rows that keep[i] names, in every column. */
void onus_table_keep(onus_table *table, const uint8_t *keep);
/** Checks the account, adds the input to the evidence (which then owns it) and applies
 * max_excluded. If status is not ONUS_OK the input is only cleared. */
onus_status onus_settle_input(onus_loading *loading, onus_input *input,
                              onus_status status) ONUS_MUST_USE;

/* ---- npy.c, scores.c: scores without anything else ---- */
/** true if the name says that it is a NumPy array. */
bool onus_is_npy(const char *file);
/**
 * Maps a file of float64, little endian, one-dimensional (or a single row or column), version 1 or
 * 2. Numbers are finite or NaN.
 * @param[out] values     points into *map
 * @param[out] map        to be released with munmap(*map, *map_len); NULL on failure
 * @param[out] input      rows, used and digest
 * @return ONUS_OK; ONUS_ERR_NOINPUT; ONUS_ERR_DATA with a problem that says what was expected
 */
onus_status onus_npy_map(const char *path, const char *name, const double **values, size_t *n,
                         void **map, size_t *map_len, onus_input *input,
                         onus_problems *problems) ONUS_MUST_USE;
onus_status onus_load_scores(onus_loading *loading) ONUS_MUST_USE;
void onus_bare_scores_clear(onus_bare_scores *scores);

/* ---- warnings ---- */
onus_status onus_warn(onus_array *warnings, const char *code, const char *fmt, ...)
    ONUS_PRINTF(3, 4) ONUS_MUST_USE;

#endif
