/* What happened in the teaching city in a year: the vendor's boxes and the recorded incidents.
 *
 * The idea: boxes on an area and week are a Poisson count around the area's rate times a factor of
 * mean 1 that lasts the week, so weeks vary more than chance alone and the expected number is
 * exactly what was planted; each box's centre is uniform in its area, and a few lie in the sea.
 * Incidents have types that the public reports and types that officers make, and those follow the
 * boxes. Some records lack a position, as records do.
 *
 * Called by place.c. Rows are in order of time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "example_internal.h"
#include "onus/civil.h"

enum {
    SHIFT_MINUTES = 720,
    OUTSIDE = 30,
    INCIDENTS = 4200 /* expected */
};

typedef struct event {
    int32_t minute; /* since the first midnight */
    int32_t later;  /* minutes until it was entered */
    int32_t lon_e6;
    int32_t lat_e6;
    int32_t serial; /* order in which it was drawn: breaks ties */
    int32_t type;
    bool has_place;
} event;

static const char *const CRIMES[] = {"burglary", "vehicle theft"};
static const char *const TYPES[] = {"BURGLARY_HOME", "BURGLARY_SHOP", "VEHICLE_THEFT",
                                    "ROBBERY",       "DRUGS",         "DISORDER"};
static const double TYPE_SHARES[] = {0.30, 0.12, 0.22, 0.10, 0.14, 0.12};
enum { N_TYPES = 6, FIRST_OFFICER_TYPE = 4 };

void city_put_degrees(onus_text *out, int32_t e6) {
    const int32_t size = e6 < 0 ? -e6 : e6;
    onus_text_addf(out, "%s%d.%06d", e6 < 0 ? "-" : "", size / 1000000, size % 1000000);
}

void city_put_minute(onus_text *out, int32_t minute) {
    int32_t year;
    int month;
    int day;
    const int64_t first = onus_civil_days(2025, 1, 6); /* a Monday */
    const int32_t before = CITY_HISTORY_DAYS + 7;      /* shifted by so much, nothing is negative */
    const int32_t shifted = minute + before * CITY_MINUTES_A_DAY;
    onus_civil_from_days(first - before + shifted / CITY_MINUTES_A_DAY, &year, &month, &day);
    const int32_t of_day = shifted % CITY_MINUTES_A_DAY;
    onus_text_addf(out, "%04d-%02d-%02dT%02d:%02d", year, month, day, of_day / 60, of_day % 60);
}

static int by_time(const void *a, const void *b) {
    const event *x = a;
    const event *y = b;
    const int order = (x->minute > y->minute) - (x->minute < y->minute);
    return order != 0 ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

static onus_status add_event(onus_array *events, event e) {
    e.serial = (int32_t)events->n_items;
    return onus_array_push(events, &e);
}

/* Mean 1, variance 1/2: the mean of two exponentials. */
static double week_factor(onus_rng *rng) {
    return -0.5 * (log1p(-onus_rng_uniform(rng)) + log1p(-onus_rng_uniform(rng)));
}

static onus_status draw_boxes(city *c, onus_array *events) {
    onus_rng rng;
    onus_rng weeks;
    for (size_t i = 0; i < c->n_areas; i++) {
        city_rng(&weeks, c, CITY_TOPIC_WEEKS, i);
        city_rng(&rng, c, CITY_TOPIC_BOXES, i);
        for (int32_t week = 0; week < CITY_WEEKS; week++) {
            const double factor = week_factor(&weeks);
            const int64_t n = onus_rng_poisson(&rng, c->areas[i].flag_rate * factor);
            c->areas[i].n_boxes += n;
            for (int64_t k = 0; k < n; k++) {
                event e = {.has_place = true};
                e.minute = week * 7 * CITY_MINUTES_A_DAY +
                           (int32_t)onus_rng_below(&rng, 7) * CITY_MINUTES_A_DAY + 480 +
                           (int32_t)onus_rng_below(&rng, 2) * SHIFT_MINUTES;
                e.type = (int32_t)onus_rng_below(&rng, 2);
                city_point_in(&c->areas[i], &rng, &e.lon_e6, &e.lat_e6);
                if (add_event(events, e) != ONUS_OK) {
                    return ONUS_ERR_NOMEM;
                }
            }
        }
    }
    city_rng(&rng, c, CITY_TOPIC_OUTSIDE, 0);
    for (int k = 0; k < OUTSIDE; k++) {
        event e = {.has_place = true};
        e.minute = (int32_t)onus_rng_below(&rng, CITY_DAYS) * CITY_MINUTES_A_DAY + 480;
        e.type = (int32_t)onus_rng_below(&rng, 2);
        city_point_outside(c, &rng, &e.lon_e6, &e.lat_e6);
        if (add_event(events, e) != ONUS_OK) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

static void sort_events(onus_array *events) {
    if (events->n_items > 0) {
        qsort(events->items, events->n_items, sizeof(event), by_time);
    }
}

onus_status city_write_boxes(city *c, onus_text *out) {
    onus_array events = ONUS_ARRAY_OF(event);
    onus_status status = ONUS_OK;
    ONUS_TRY(draw_boxes(c, &events));
    sort_events(&events);
    onus_text_add(out, "issued,start,end,lon,lat,crime\n");
    const event *all = events.items;
    for (size_t i = 0; i < events.n_items; i++) {
        city_put_minute(out, all[i].minute - 120);
        onus_text_add(out, ",");
        city_put_minute(out, all[i].minute);
        onus_text_add(out, ",");
        city_put_minute(out, all[i].minute + SHIFT_MINUTES);
        onus_text_add(out, ",");
        city_put_degrees(out, all[i].lon_e6);
        onus_text_add(out, ",");
        city_put_degrees(out, all[i].lat_e6);
        onus_text_addf(out, ",%s\n", CRIMES[all[i].type]);
    }
    c->n_boxes = events.n_items;
    c->n_boxes_outside = OUTSIDE;
out:
    onus_array_clear(&events);
    return status;
}

static int32_t draw_type(onus_rng *rng, double officer_factor) {
    double sums[N_TYPES];
    double all = 0.0;
    for (int t = 0; t < N_TYPES; t++) {
        all += TYPE_SHARES[t] * (t >= FIRST_OFFICER_TYPE ? officer_factor : 1.0);
        sums[t] = all;
    }
    const double at = all * onus_rng_uniform(rng);
    int32_t type = 0;
    while (type + 1 < N_TYPES && at >= sums[type]) {
        type++;
    }
    return type;
}

static onus_status draw_incidents(const city *c, onus_array *events) {
    double weights = 0.0;
    for (size_t i = 0; i < c->n_areas; i++) {
        weights += c->areas[i].crime_rate * (double)(city_total(c->areas[i].people) + 60);
    }
    double flags = 0.0;
    for (size_t i = 0; i < c->n_areas; i++) {
        flags += c->areas[i].flag_rate / (double)c->n_areas;
    }
    for (size_t i = 0; i < c->n_areas; i++) {
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_INCIDENTS, i);
        /* officers make records where the product sends them */
        const double officer_factor = c->areas[i].flag_rate / flags;
        const double expected = (double)INCIDENTS * c->areas[i].crime_rate *
                                (double)(city_total(c->areas[i].people) + 60) / weights *
                                (0.74 + 0.26 * officer_factor);
        const int64_t n = onus_rng_poisson(&rng, expected);
        for (int64_t k = 0; k < n; k++) {
            event e = {.has_place = onus_rng_below(&rng, 100) != 0};
            e.minute = (int32_t)onus_rng_below(&rng, CITY_DAYS * CITY_MINUTES_A_DAY);
            e.type = draw_type(&rng, officer_factor);
            e.later = e.type >= FIRST_OFFICER_TYPE
                          ? (int32_t)onus_rng_below(&rng, 240)
                          : 30 + (int32_t)onus_rng_below(&rng, 3 * CITY_MINUTES_A_DAY);
            city_point_in(&c->areas[i], &rng, &e.lon_e6, &e.lat_e6);
            if (add_event(events, e) != ONUS_OK) {
                return ONUS_ERR_NOMEM;
            }
        }
    }
    return ONUS_OK;
}

onus_status city_write_incidents(city *c, onus_text *out) {
    onus_array events = ONUS_ARRAY_OF(event);
    onus_status status = ONUS_OK;
    ONUS_TRY(draw_incidents(c, &events));
    sort_events(&events);
    onus_text_add(out, "incident,when,entered,lon,lat,type\n");
    const event *all = events.items;
    for (size_t i = 0; i < events.n_items; i++) {
        onus_text_addf(out, "M%05zu,", i + 1);
        city_put_minute(out, all[i].minute);
        onus_text_add(out, ",");
        city_put_minute(out, all[i].minute + all[i].later);
        onus_text_add(out, ",");
        if (all[i].has_place) {
            city_put_degrees(out, all[i].lon_e6);
            onus_text_add(out, ",");
            city_put_degrees(out, all[i].lat_e6);
        } else {
            onus_text_add(out, ",");
        }
        onus_text_addf(out, ",%s\n", TYPES[all[i].type]);
    }
    c->n_incidents = events.n_items;
out:
    onus_array_clear(&events);
    return status;
}
