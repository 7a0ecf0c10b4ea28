/* The teaching city in memory, before it is written; private to src/example. */
#ifndef ONUS_EXAMPLE_INTERNAL_H
#define ONUS_EXAMPLE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/exec.h"
#include "onus/status.h"
#include "onus/text.h"

/** Groups of the census; the last is everyone else and is not published. */
typedef enum city_group {
    CITY_ALDISH,
    CITY_BREMMER,
    CITY_CORVAN,
    CITY_OTHER,
    CITY_N_GROUPS
} city_group;

enum {
    CITY_COLUMNS = 20,
    CITY_ROWS = 16,
    CITY_AREAS_MAX = CITY_COLUMNS * CITY_ROWS + 1,
    RING_POINTS_MAX = 16,
    CITY_WEEKS = 52,
    CITY_DAYS = CITY_WEEKS * 7,
    CITY_HISTORY_DAYS = 26 * 7, /* break-ins are known from so long before */
    CITY_MINUTES_A_DAY = 1440,
    CITY_FIXED_SPOTS = 25,
    CITY_BOX_M = 150
};

/** Closed implicitly; whole microdegrees, so that what is written is what was meant. */
typedef struct city_ring {
    int32_t lon_e6[RING_POINTS_MAX];
    int32_t lat_e6[RING_POINTS_MAX];
    size_t n;
} city_ring;

typedef struct city_area {
    char id[8]; /* leading zeros: text, not a number */
    const char *street;
    int number;
    city_ring rings[2]; /* the second is a hole in the first, or a part of its own */
    size_t n_rings;
    bool second_is_hole;
    double at_column; /* centre, in cells */
    double at_row;
    int64_t people[CITY_N_GROUPS];    /* who truly lives there */
    int64_t published[CITY_N_GROUPS]; /* what the census sample says */
    int64_t margin[CITY_N_GROUPS];    /* its 90 % margins of error */
    int64_t total_margin;
    int64_t households;
    int64_t poor_households;
    int64_t daytime;
    double flag_rate;  /* expected flags a week */
    double crime_rate; /* relative */
    int64_t n_boxes;   /* as drawn; counted when the boxes are written */
} city_area;

typedef struct city {
    uint64_t seed;
    city_area areas[CITY_AREAS_MAX];
    size_t n_areas;
    size_t n_boxes;
    size_t n_boxes_outside;
    size_t n_incidents;
    size_t n_breakins;
    struct {
        size_t n;
        size_t n_late;      /* issued after their day had begun */
        size_t n_backdated; /* issued in time on paper, on a record that did not exist then */
    } vendors[3];           /* by city_vendor */
} city;

/** The ratio that is planted: exposure of Bremmer residents over that of Aldish residents. */
extern const double CITY_PLANTED_RATIO;

/* What random numbers are for: the replicate of a Philox counter. Append only. */
typedef enum city_topic {
    CITY_TOPIC_CORNERS,
    CITY_TOPIC_EDGES,
    CITY_TOPIC_FIELDS,
    CITY_TOPIC_PEOPLE,
    CITY_TOPIC_CENSUS,
    CITY_TOPIC_WEEKS,
    CITY_TOPIC_BOXES,
    CITY_TOPIC_OUTSIDE,
    CITY_TOPIC_INCIDENTS,
    CITY_TOPIC_SPOTS,
    CITY_TOPIC_AT_SPOTS,
    CITY_TOPIC_BACKGROUND,
    CITY_TOPIC_REPEATS,
    CITY_TOPIC_ENTERED,
    CITY_TOPIC_VENDORS
} city_topic;

void city_rng(onus_rng *rng, const city *c, city_topic topic, size_t entity);

/* ---- city_map.c ---- */
void city_draw_map(city *c);
/** Is a point strictly inside the area (not on an edge)? */
bool city_holds(const city_area *area, int32_t lon_e6, int32_t lat_e6);
/** A point strictly inside, uniform over the area. */
void city_point_in(const city_area *area, onus_rng *rng, int32_t *lon_e6, int32_t *lat_e6);
/** A point near the city that lies in no area. */
void city_point_outside(const city *c, onus_rng *rng, int32_t *lon_e6, int32_t *lat_e6);

/* ---- city_people.c ---- */
void city_settle(city *c);
int64_t city_total(const int64_t people[CITY_N_GROUPS]);
/** Flags on an area in the year: expected, from its rate, or as they were drawn. */
typedef enum city_truth { CITY_EXPECTED, CITY_DRAWN } city_truth;
double city_flags(const city_area *area, city_truth truth);
/** Flags a year that an average member of the group lives with (exposure), or its flags per head,
 *  shared out among residents (attributed), from who truly lives there. */
double city_exposure(const city *c, city_group group, city_truth truth);
double city_attributed(const city *c, city_group group, city_truth truth);

/* ---- city_breakins.c ---- */
typedef enum city_spot_kind { CITY_SPOT_FIXED, CITY_SPOT_LIVE, CITY_SPOT_N_KINDS } city_spot_kind;
/** Standard deviation of break-ins around the middle of a spot. */
extern const double CITY_SPOT_SIGMA_M[CITY_SPOT_N_KINDS];

/** A place where more is broken into than elsewhere. Days since the first midnight. */
typedef struct city_spot {
    city_spot_kind kind;
    double from_day;
    double until_day;
    double rate_day; /* break-ins expected a day */
    int32_t lon_e6;  /* where its middle is on the first of its days */
    int32_t lat_e6;
    double east_m_day; /* and how it moves */
    double north_m_day;
} city_spot;

typedef struct city_breakin {
    int32_t minute; /* since the first midnight; negative before it */
    int32_t later;  /* minutes until it was entered */
    int32_t lon_e6;
    int32_t lat_e6;
    int32_t serial; /* order in which it was drawn: breaks ties */
    bool has_place;
} city_breakin;

typedef struct city_crime {
    onus_array spots;    /* city_spot */
    onus_array breakins; /* city_breakin, in order of time */
} city_crime;

/** To be cleared, after a failure too. */
onus_status city_break_in(const city *c, city_crime *crime) ONUS_MUST_USE;
void city_crime_clear(city_crime *crime);
/** The middle of a spot at a moment. */
void city_spot_at(const city_spot *spot, double day, int32_t *lon_e6, int32_t *lat_e6);
void city_move(int32_t *lon_e6, int32_t *lat_e6, double east_m, double north_m);
double city_east_m(int32_t lon_e6, int32_t than_e6);
double city_north_m(int32_t lat_e6, int32_t than_e6);

/* ---- city_vendors.c ---- */
typedef enum city_vendor {
    CITY_VENDOR_EVEN,
    CITY_VENDOR_BETTER,
    CITY_VENDOR_LEAKING,
    CITY_N_VENDORS
} city_vendor;

/** Counts the boxes in c->vendors. */
onus_status city_write_vendor(city *c, const city_crime *crime, city_vendor vendor,
                              onus_text *out) ONUS_MUST_USE;

/* ---- city_trials.c ---- */
/** "even": in the names of a vendor's files. */
extern const char *const CITY_VENDOR_NAMES[CITY_N_VENDORS];
void city_write_trial(const city *c, city_vendor vendor, onus_text *out);
/** Their part of README.md's list of files, of ANSWER.md, of answer.json. */
void city_write_trials_readme(const city *c, onus_text *out);
void city_write_trials_answer(const city *c, onus_text *out);
void city_write_trials_json(const city *c, onus_text *out);

/* ---- city_feedback.c ---- */
void city_write_feedback(const city *c, onus_text *out);
void city_write_feedback_answer(onus_text *out);
void city_write_feedback_json(onus_text *out);

/* ---- the tables: city_write.c, city_events.c, city_words.c ---- */
void city_put_degrees(onus_text *out, int32_t e6);
/** "2025-01-06T08:00" of a minute since the first midnight, a Monday; it may be negative. */
void city_put_minute(onus_text *out, int32_t minute);
onus_status city_write_areas(const city *c, onus_text *out) ONUS_MUST_USE;
onus_status city_write_people(const city *c, onus_text *out) ONUS_MUST_USE;
onus_status city_write_boxes(city *c, onus_text *out) ONUS_MUST_USE;
onus_status city_write_incidents(city *c, onus_text *out) ONUS_MUST_USE;
onus_status city_write_breakins(const city_crime *crime, onus_text *out) ONUS_MUST_USE;
void city_write_case(const city *c, onus_text *out);
void city_write_readme(const city *c, onus_text *out);
void city_write_answer(const city *c, onus_text *out);
void city_write_answer_json(const city *c, onus_text *out);

#endif
