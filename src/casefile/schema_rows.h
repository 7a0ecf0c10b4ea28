/* The words in which the rows of schema_*.inc are written; included by schema.c alone. */
#ifndef ONUS_CASEFILE_SCHEMA_ROWS_H
#define ONUS_CASEFILE_SCHEMA_ROWS_H

#include "schema.h"

#define ALL "place match affect"
#define PLACE "place"
#define MATCH "match"
#define AFFECT "affect"

/* (path, kinds, type in words, default, doc, rule): required and optional keys */
#define NEEDED(path_, kinds_, type_, doc_, ...)                                                    \
    {                                                                                              \
        .path = (path_), .kinds = (kinds_), .type = (type_), .required = true, .doc = (doc_),      \
        .rule = &(const onus_case_rule) {                                                          \
            .what = ONUS_WHAT_##__VA_ARGS__                                                        \
        }                                                                                          \
    }
#define MAY(path_, kinds_, type_, dfault_, doc_, ...)                                              \
    {                                                                                              \
        .path = (path_), .kinds = (kinds_), .type = (type_), .dfault = (dfault_), .doc = (doc_),   \
        .rule = &(const onus_case_rule) {                                                          \
            .what = ONUS_WHAT_##__VA_ARGS__                                                        \
        }                                                                                          \
    }

/* where a value goes */
#define INTO(type, member)                                                                         \
    .is_stored = true, .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)
/* a list: struct {items, n} */
#define LIST_INTO(type, member)                                                                    \
    .is_list = true, .is_stored = true, .offset = offsetof(type, member.items),                    \
    .count = offsetof(type, member.n), .size = sizeof(*((type *)NULL)->member.items)
/* elements of their own struct: pointer and count are two members */
#define MANY_INTO(type, member, n_member)                                                          \
    .is_stored = true, .offset = offsetof(type, member), .count = offsetof(type, n_member),        \
    .size = sizeof(*((type *)NULL)->member)
#define PLACE_INTO(type, member) .at = offsetof(type, member)
#define HAS(type, member) .has = offsetof(type, member)
/* ranges */
#define ABOVE(low_) .has_low = true, .low_open = true, .low = (low_)
#define BELOW(high_) .has_high = true, .high_open = true, .high = (high_)
#define FROM(low_) .has_low = true, .low = (low_)
#define UP_TO(high_) .has_high = true, .high = (high_)
#define ANY .is_stored = false

/* what every table and layer takes */
#define TABLE_DOC_FILE                                                                             \
    "The table: CSV or TSV (also .gz, .zst), or any vector or table source that GDAL opens; "      \
    "relative to the case file or to --data."
#define TABLE_DOC_LAYER "Layer or sheet to read, where a source holds several; default: the first."
#define TABLE_DOC_WHERE                                                                            \
    "Only rows whose column holds the value (or one of the values); the others are counted in "    \
    "the "                                                                                         \
    "account as left out by choice."
#define TABLE_DOC_DELIMITER                                                                        \
    "What separates the columns: ',' ';' tab or space; default: from the file's ending and first " \
    "line."
#define TABLE_DOC_HEADER "Column names, for a file without a header row."
#define TABLE_DOC_INVALID                                                                          \
    "What a value that cannot be read does: stop the trial, or exclude its row, which is then "    \
    "counted (an extension of the case format)."

#define STORED_TABLE(prefix, kinds, type, member)                                                  \
    MAY(prefix ".layer", kinds, "layer name", NULL, TABLE_DOC_LAYER, TEXT,                         \
        INTO(type, member.layer)),                                                                 \
        MAY(prefix ".where", kinds, "block: column: value or [values]", NULL, TABLE_DOC_WHERE,     \
            MAP_LIST, MANY_INTO(type, member.where, member.n_where)),                              \
        MAY(prefix ".delimiter", kinds, "one of ',', ';', tab, space", NULL, TABLE_DOC_DELIMITER,  \
            DELIMITER, INTO(type, member.delimiter)),                                              \
        MAY(prefix ".header", kinds, "list of column names", NULL, TABLE_DOC_HEADER, TEXT,         \
            LIST_INTO(type, member.header)),                                                       \
        MAY(prefix ".invalid", kinds, "one of stop, exclude", "stop", TABLE_DOC_INVALID, CHOICE,   \
            .choices = "stop, exclude", INTO(type, member.invalid))

#define TABLE(prefix, kinds)                                                                       \
    NEEDED(prefix ".file", kinds, "file", TABLE_DOC_FILE, TEXT, ANY),                              \
        MAY(prefix ".layer", kinds, "layer name", NULL, TABLE_DOC_LAYER, TEXT, ANY),               \
        MAY(prefix ".where", kinds, "block: column: value or [values]", NULL, TABLE_DOC_WHERE,     \
            MAP_LIST, ANY),                                                                        \
        MAY(prefix ".delimiter", kinds, "one of ',', ';', tab, space", NULL, TABLE_DOC_DELIMITER,  \
            DELIMITER, ANY),                                                                       \
        MAY(prefix ".header", kinds, "list of column names", NULL, TABLE_DOC_HEADER, TEXT,         \
            .is_list = true, ANY),                                                                 \
        MAY(prefix ".invalid", kinds, "one of stop, exclude", "stop", TABLE_DOC_INVALID, CHOICE,   \
            .choices = "stop, exclude", ANY)

/* a time column */
#define STORED_TIME(path_, type, member, doc_)                                                     \
    MAY(path_, PLACE, "block", NULL, doc_, BLOCK, PLACE_INTO(type, member.at)),                    \
        NEEDED(path_ ".column", PLACE, "column name", "The column that holds the time.", TEXT,     \
               INTO(type, member.column)),                                                         \
        MAY(path_ ".format", PLACE, "time format", NULL,                                           \
            "How the time is written, in strptime letters (%d/%m/%Y %H:%M); ISO 8601 needs none.", \
            FORMAT, INTO(type, member.format)),                                                    \
        MAY(path_ ".zone", PLACE, "time zone", NULL,                                               \
            "IANA zone of local times, for example America/New_York; default: the offset in the "  \
            "text, else UTC with a warning. Local times that occur twice or never are counted.",   \
            ZONE, INTO(type, member.zone))

/* a point */
#define STORED_POINT(prefix, type, member)                                                         \
    MAY(prefix ".lon", PLACE, "column name", NULL, "Longitude in degrees (WGS 84).", TEXT,         \
        INTO(type, member.lon)),                                                                   \
        MAY(prefix ".lat", PLACE, "column name", NULL, "Latitude in degrees (WGS 84).", TEXT,      \
            INTO(type, member.lat)),                                                               \
        MAY(prefix ".x", PLACE, "column name", NULL, "Easting in `crs`.", TEXT,                    \
            INTO(type, member.x)),                                                                 \
        MAY(prefix ".y", PLACE, "column name", NULL, "Northing in `crs`.", TEXT,                   \
            INTO(type, member.y)),                                                                 \
        MAY(prefix ".crs", PLACE, "coordinate system", NULL,                                       \
            "Coordinate system of x and y, for example EPSG:2263.", TEXT, INTO(type, member.crs))

#endif
